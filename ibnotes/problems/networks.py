"""Networks of one's own: a ``torch.nn.Module`` as a function of one vector of parameters, and of its margins."""

from __future__ import annotations

import copy

import torch
from numpy.typing import ArrayLike
from torch import Tensor, nn

from ibnotes.problems.containers import to_array
from ibnotes.problems.homogeneity import measured_degree
from ibnotes.problems.instances import Classification
from ibnotes.problems.validation import Array, as_floats


class FlatModule:
    """``(theta, *inputs) -> module(*inputs)`` with the module's trainable parameters read from the vector theta.

    It holds a copy of the module, on the CPU and in float64; parameters that need no gradient stay as they are. It is
    a function that autograd, ``torch.func.grad`` and ``torch.func.vmap`` (over theta as well) take.

    Attributes:
        start: (size,) the module's own parameters, one after the other.

    Raises:
        ValueError: where ``module`` is none, has nothing to train, or has not seen its data yet (a lazy layer).
    """

    def __init__(self, module: nn.Module):
        if not isinstance(module, nn.Module):
            raise ValueError(f"module must be a torch.nn.Module, found {module!r}")
        trained = {name: p for name, p in module.named_parameters() if p.requires_grad}
        lazy = [name for name, p in module.named_parameters() if nn.parameter.is_lazy(p)]
        if lazy:
            raise ValueError(f"module has lazy parameters, such as {lazy[0]}: call it once on its data")
        if not trained or not all(p.is_floating_point() for p in trained.values()):
            raise ValueError("module must have real parameters to train (requires_grad), found none, or complex ones")
        self.module = copy.deepcopy(module).to("cpu", torch.float64)
        self.shapes = {name: p.shape for name, p in trained.items()}
        self.start = self.flatten({name: p.detach().to("cpu", torch.float64) for name, p in trained.items()}).numpy()

    @property
    def size(self) -> int:
        return len(self.start)

    def flatten(self, parameters: dict[str, Tensor]) -> Tensor:
        """The vector (size,) of named parameters."""
        return torch.cat([parameters[name].reshape(-1) for name in self.shapes])

    def unflatten(self, theta: Tensor) -> dict[str, Tensor]:
        """Views of theta (size,), by name."""
        pieces = theta.split([shape.numel() for shape in self.shapes.values()])
        return {name: piece.view(shape) for (name, shape), piece in zip(self.shapes.items(), pieces, strict=True)}

    def __call__(self, theta: Tensor, *inputs: Tensor) -> Tensor:
        return torch.func.functional_call(self.module, self.unflatten(theta), inputs)


class ModuleNetwork:
    """A ``torch.nn.Module`` on its data, as flows and oracles see it: margins ``y_i f(x_i; theta)``, gradients too.

    The module must be homogeneous in its trainable parameters, of a degree that is found by trying: a network of L
    layers and ReLU without biases has degree L. It is copied, to the CPU and to float64.

    Args:
        module: maps (n, ...) to (n,) or (n, 1).
        X: (n, ...) points.
        y: (n,) labels -1 or +1.

    Attributes:
        degree: of homogeneity.
        size: the number of trainable parameters.
        start: (size,) the module's own parameters.

    Raises:
        ValueError: on bad input, and where the module is not homogeneous, as with a bias beyond the first layer.

    Example:
        >>> import torch
        >>> module = torch.nn.Sequential(
        ...     torch.nn.Linear(2, 8, bias=False), torch.nn.ReLU(), torch.nn.Linear(8, 1, bias=False)
        ... )
        >>> network = ib.ModuleNetwork(module, [[2, 1], [1, -1]], [1, -1])
        >>> network.degree, network.size
        (2.0, 24)
    """

    def __init__(self, module: nn.Module, X: ArrayLike, y: ArrayLike):
        X = to_array("X", X)
        X = as_floats("X", X, max(X.ndim, 1))
        self.signs = torch.from_numpy(Classification(X.reshape(len(X), -1), y).y)
        self.flat, self.X = FlatModule(module), torch.from_numpy(X)
        outputs = self._run(torch.from_numpy(self.flat.start))
        if outputs.shape not in {(len(X),), (len(X), 1)}:
            raise ValueError(f"module must return one number per point, found shape {tuple(outputs.shape)}")
        self.degree = measured_degree(self)

    @property
    def size(self) -> int:
        return self.flat.size

    @property
    def start(self) -> Array:
        return self.flat.start

    def _run(self, theta: Tensor) -> Tensor:
        try:
            outputs = self.flat(theta, self.X)
        except RuntimeError as error:
            raise ValueError(f"module does not run on X in float64: {error}") from error
        if outputs.dtype != torch.float64:
            raise ValueError(f"module must compute in the dtype of its input, float64, found {outputs.dtype}")
        return outputs

    def _margins(self, theta: Tensor) -> Tensor:
        return self.signs * self._run(theta).reshape(len(self.signs))

    def margins(self, theta: Array) -> Array:
        """(n,)."""
        with torch.no_grad():
            return self._margins(torch.from_numpy(theta)).numpy()

    def jacobian(self, theta: Array) -> Array:
        """(n, size); at a kink what autograd says there."""
        theta = torch.from_numpy(theta).requires_grad_()
        q = self._margins(theta)
        return torch.autograd.grad(q, theta, torch.eye(len(q), dtype=q.dtype), is_grads_batched=True)[0].numpy()

    def pull(self, theta: Array, c: Array) -> Array:
        """``sum_i c_i grad q_i``, (size,), in one backward pass."""
        theta = torch.from_numpy(theta).requires_grad_()
        return torch.autograd.grad(self._margins(theta), theta, torch.from_numpy(c))[0].numpy()
