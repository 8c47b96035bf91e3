"""Runs of modules of torch: outputs and their derivatives by autograd, the loss's slope in the outputs by hand.

Runs that differ in start and step size alone are one run: the parameters of each are a row of a (B, size) tensor, the
module is called once a step for all rows, and an optimizer that treats each number by itself treats all rows at once.
Other runs take their steps in turn.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial

import numpy as np
import torch
from torch import Tensor, nn

from ibnotes.dynamics.gradients import Objective
from ibnotes.dynamics.recording import Run, RunsInTurn
from ibnotes.dynamics.rows import as_pieces, for_rows, one_for_all
from ibnotes.dynamics.stepper import MakeOptimizer, Options, Stepper
from ibnotes.problems.networks import FlatModule
from ibnotes.problems.validation import Array

NAMES = ("SGD", "Adam", "AdamW", "Adamax", "NAdam", "RAdam", "RMSprop", "Rprop", "Adagrad", "Adadelta", "ASGD")
ENTRYWISE = {getattr(torch.optim, name) for name in NAMES}


class RowDescent:
    """Gradient descent on the rows of a tensor, each with its step size: ``lr`` is (B, 1)."""

    def __init__(self, params: Sequence[Tensor], lr: Tensor):
        self.param_groups = [{"params": list(params), "lr": lr}]

    def step(self) -> None:
        (rows,) = self.param_groups[0]["params"]
        with torch.no_grad():
            rows.addcmul_(self.param_groups[0]["lr"], rows.grad, value=-1)


class ModuleTarget:
    """The loss of the parameters of a module."""

    def __init__(self, module: nn.Module, objective: Objective, options: Options):
        self.call, self.objective, self.dimensions = module, objective, len(objective.shape)
        self.parameters = [p for p in module.parameters() if p.requires_grad]
        self.batches, self.batch = objective.batches(options.batch_size, options.rng), None

    def next_batch(self) -> None:
        batch = next(self.batches)
        if batch is not self.batch:
            self.batch, self.inputs = batch, as_inputs(batch)

    def _of(self, function: Callable[..., Array], outputs: Tensor) -> Array:
        """``function`` of the batch and the outputs, (n, 1) being taken as (n,)."""
        f = outputs.detach().numpy()
        return self.objective.weight * function(*self.batch, f.reshape(f.shape[: self.dimensions]))

    def set_gradients(self) -> None:
        with torch.enable_grad():
            outputs = self.call(*self.inputs)
            slope = torch.from_numpy(self._of(self.objective.gradient, outputs))
            pull = torch.dot(outputs.flatten(), slope.flatten())  # autograd.grad with a slope imports half of sympy
        self.assign(torch.autograd.grad(pull, self.parameters, allow_unused=True))

    def assign(self, gradients: Sequence[Tensor | None]) -> None:
        for parameter, gradient in zip(self.parameters, gradients, strict=True):
            parameter.grad = gradient

    def loss(self) -> Tensor:
        with torch.no_grad():
            return torch.tensor(np.sum(self._of(self.objective.value, self.call(*self.inputs))))


class RowsTarget(ModuleTarget):
    """The sum of the losses of the rows of a tensor, which leaves each its own gradient.

    Autograd sees the parameters, which share the memory of ``rows``: an optimizer may write there, and not replace it.
    """

    def __init__(self, module: nn.Module, starts: Array, objective: Objective, options: Options):
        flat = FlatModule(module)
        super().__init__(flat.module, objective, options)
        self.rows = torch.tensor(starts)
        pieces = {name: piece.requires_grad_() for name, piece in as_pieces(flat, self.rows).items()}
        self.call = partial(for_rows(flat, as_inputs(objective.data)), pieces)
        self.parameters, self.dimensions = list(pieces.values()), self.dimensions + 1

    def assign(self, gradients: Sequence[Tensor | None]) -> None:
        pairs = zip(gradients, self.parameters, strict=True)
        gradients = [torch.zeros_like(piece) if gradient is None else gradient for gradient, piece in pairs]
        self.rows.grad = torch.cat([gradient.reshape(len(self.rows), -1) for gradient in gradients], dim=1)


class ModuleRun:
    """One module, copied, each of its parameters a tensor of its own."""

    batched = False

    def __init__(self, module: nn.Module, make: MakeOptimizer, objective: Objective, options: Options):
        check_outputs(FlatModule(module), objective)  # of a copy: a look may change what a module keeps
        target = ModuleTarget(FlatModule(module).module, objective, options)
        self.stepper = Stepper(make, target.parameters, target, options)
        self.step, self.check_moved = self.stepper.step, self.stepper.check_moved

    def weights(self) -> Array:
        return np.concatenate([value.ravel() for value in self.stepper.values()])


class RowsRun:
    """Several starts of one function of its parameters, a row each."""

    batched = True

    def __init__(self, module: nn.Module, starts: Array, make: MakeOptimizer, objective: Objective, options: Options):
        target = RowsTarget(module, starts, objective, options)
        self.stepper = Stepper(make, [target.rows], target, options)
        self.step, self.check_moved = self.stepper.step, self.stepper.check_moved

    def weights(self) -> Array:
        return self.stepper.values()[0]


def as_inputs(rows: Sequence[np.ndarray]) -> list[Tensor]:
    """What a module is called with: points, or nothing where the loss is of a matrix."""
    return [torch.from_numpy(points) for points in rows[:1]]


def descend_modules(modules: Sequence[nn.Module], step_sizes: Array, objective: Objective, options: Options) -> Run:
    """Gradient descent, module and step size in pairs."""
    makes = [lambda params, rate=rate: torch.optim.SGD(params, lr=rate) for rate in step_sizes.tolist()]
    rates = torch.tensor(step_sizes)[:, None]
    return _runs(modules, makes, lambda params: RowDescent(params, rates), objective, options)


def train_modules(modules: Sequence[nn.Module], make: MakeOptimizer, objective: Objective, options: Options) -> Run:
    """An optimizer for each module, one for all where it treats each number by itself."""
    together = make if _is_entrywise(make, FlatModule(modules[0]).module) else None
    return _runs(modules, [make] * len(modules), together, objective, options)


def _is_entrywise(make: MakeOptimizer, module: nn.Module) -> bool:
    """Whether the optimizer treats each number by itself, and all parameters alike."""
    parameters = [p for p in module.parameters() if p.requires_grad]
    optimizer = make(list(parameters))
    if type(optimizer) not in ENTRYWISE or optimizer._optimizer_step_pre_hooks:  # which clip gradients, say
        return False
    return [len(group["params"]) for group in optimizer.param_groups] == [len(parameters)]


def _runs(
    modules: Sequence[nn.Module],
    makes: Sequence[MakeOptimizer],
    together: MakeOptimizer | None,
    objective: Objective,
    options: Options,
) -> Run:
    flats = [FlatModule(module) for module in modules]
    sizes = sorted({flat.size for flat in flats})
    if len(sizes) > 1:
        raise ValueError(f"module: all must have as many parameters, found {sizes}; take a call for each size")
    for flat in flats:
        check_outputs(flat, objective)
    if together is not None and one_for_all(flats, as_inputs(objective.data)):
        return RowsRun(modules[0], np.stack([flat.start for flat in flats]), together, objective, options)
    copies = [replace(options, rng=copy.deepcopy(options.rng)) for _ in modules]  # all see the same batches
    return RunsInTurn(
        [ModuleRun(*pair, objective, copied) for *pair, copied in zip(modules, makes, copies, strict=True)]
    )


def check_outputs(flat: FlatModule, objective: Objective) -> None:
    """Raise ValueError, naming what is wrong, where the module's outputs are not what the loss takes."""
    inputs, wanted = as_inputs(objective.data), objective.shape
    called = "on X in float64" if inputs else "without arguments"
    try:
        outputs = flat(torch.from_numpy(flat.start).requires_grad_(), *inputs)
    except (RuntimeError, TypeError, NotImplementedError) as error:
        raise ValueError(f"module does not run {called}: {error}") from error
    if not isinstance(outputs, Tensor) or outputs.dtype != torch.float64:
        found = getattr(outputs, "dtype", type(outputs).__name__)
        raise ValueError(f"module must return a tensor and compute in the dtype of its input, float64, found {found}")
    if outputs.shape not in {wanted, (*wanted, 1) if len(wanted) == 1 else wanted}:
        raise ValueError(f"module must return shape {wanted} {called}, found {tuple(outputs.shape)}")
    if not outputs.isfinite().all():
        raise ValueError("module must return finite numbers at its start, found inf or NaN")
    if not outputs.requires_grad:
        raise ValueError("module: its outputs do not depend on its parameters; is something detached?")
