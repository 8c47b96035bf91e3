"""Any optimizer that honours torch's protocol, a step at a time."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import torch
from torch import Tensor

from ibnotes.problems.validation import Array

MakeOptimizer = Callable[[list[Tensor]], torch.optim.Optimizer]
Schedule = Callable[[int], float]


@dataclass(frozen=True)
class Options:
    """How an optimizer is fed and looked at, the arguments of ``descend``."""

    schedule: Schedule | None = None
    batch_size: int | None = None
    rng: np.random.Generator | None = None
    averaged: bool = True


class Target(Protocol):
    """A loss of parameters, on some batch of the data."""

    def next_batch(self) -> None:
        """What a step sees from now on."""
        ...

    def set_gradients(self) -> None:
        """In ``.grad`` of each parameter, whatever an optimizer has done to it or to ``.data``."""
        ...

    def loss(self) -> Tensor:
        """At the parameters as they are."""
        ...


class Stepper:
    """Steps of an optimizer on parameters.

    Gradients are there before each step, and an optimizer that takes a closure can have them and the loss anew, at
    other parameters too. Nothing of the parameters is kept here: an optimizer may replace their ``.data``.
    """

    def __init__(self, make: MakeOptimizer, parameters: list[Tensor], target: Target, options: Options):
        self.parameters, self.target, self.schedule, self.steps = parameters, target, options.schedule, 0
        self.optimizer = _checked(make(list(parameters)), parameters, options.schedule)
        self.rates = [(group, group["lr"]) for group in self.optimizer.param_groups if options.schedule]
        self.arguments = [self._closure] if takes_closure(self.optimizer) else []
        self.switches = [getattr(self.optimizer, mode, None) for mode in ("eval", "train")]
        self.averaged = options.averaged and None not in self.switches
        if self.switches[1] is not None:
            self.optimizer.train()

    def _closure(self) -> Tensor:
        self.target.set_gradients()
        return self.target.loss()

    def step(self) -> None:
        self.steps += 1
        for group, rate in self.rates:
            group["lr"] = rate * self.schedule(self.steps)
        self.target.next_batch()
        self.target.set_gradients()
        self.optimizer.step(*self.arguments)

    def values(self) -> list[Array]:
        """Copies of the parameters; of their averages, which ``eval()`` puts in their place for so long."""
        current = self._copies()
        if not self.averaged:
            return [value.numpy() for value in current]
        self.optimizer.eval()
        averages = self._copies()
        self.optimizer.train()
        for parameter, value in zip(self.parameters, current, strict=True):
            parameter.data.copy_(value)  # the way there and back rounds: a look must not change the run
        return [average.numpy() for average in averages]

    def _copies(self) -> list[Tensor]:
        return [parameter.detach().clone() for parameter in self.parameters]

    def check_moved(self) -> None:
        """Raise ValueError where a step of length one along the gradient would change some weight."""
        self.target.set_gradients()
        pulled = [(p.detach(), p.grad) for p in self.parameters if p.grad is not None]
        if any(bool((p - gradient != p).any()) for p, gradient in pulled):
            largest = max(float(gradient.abs().max()) for _, gradient in pulled)
            raise ValueError(
                f"optimizer: {_name(self.optimizer)} has not moved the weights in {self.steps} steps, though their "
                f"gradient has an entry of size {largest:.3g}: is its learning rate zero, does it step a copy, or "
                "does it stop at a tolerance?"
            )


def _name(optimizer: object) -> str:
    return type(optimizer).__name__


def _checked(optimizer: object, parameters: list[Tensor], schedule: Schedule | None) -> torch.optim.Optimizer:
    """Raise ValueError, before any step, where ``optimizer`` cannot step these parameters."""
    groups = getattr(optimizer, "param_groups", None)
    if not callable(getattr(optimizer, "step", None)) or groups is None:
        raise ValueError(
            f"optimizer must be a GradientDescent, found a function that makes {optimizer!r}, no torch.optim.Optimizer"
        )
    if isinstance(optimizer, torch.optim.SparseAdam):
        raise ValueError("optimizer: SparseAdam takes sparse gradients, and these are dense; take torch.optim.Adam")
    handed = {id(parameter) for parameter in parameters}
    held = [parameter for group in groups for parameter in group["params"]]
    if not held or any(id(parameter) not in handed for parameter in held):
        raise ValueError(
            f"optimizer must hold the tensors that it is handed, found {_name(optimizer)} of others; write "
            "lambda params: torch.optim.SGD(params, lr=0.1)"
        )
    if schedule is not None and any("lr" not in group for group in groups):
        raise ValueError(
            f"schedule multiplies the learning rate 'lr', and {_name(optimizer)} has none, only "
            f"{sorted(set(groups[0]) - {'params'})}; schedule inside the optimizer"
        )
    return optimizer


def takes_closure(optimizer: torch.optim.Optimizer) -> bool:
    """Whether ``step`` is to have one: it must, or may and is not torch's own, which would only call it once."""
    parameters = inspect.signature(optimizer.step).parameters.values()
    required = any(p.default is p.empty and p.kind is not p.VAR_KEYWORD for p in parameters)
    own = optimizer.step.__module__.startswith(("torch.optim.", "ibnotes."))
    return required or (any(p.name == "closure" for p in parameters) and not own)
