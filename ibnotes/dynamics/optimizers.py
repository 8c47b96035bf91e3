"""Optimizers that torch lacks: steepest descent in a norm."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from inspect import unwrap

import numpy as np
import torch
from torch import Tensor

from ibnotes.problems.validation import check_scale


def largest_entry(gradient: Tensor) -> Tensor:
    """The sign of the entry of largest size, at its place; the first one where several tie."""
    sign = torch.zeros_like(gradient)
    place = gradient.abs().argmax()
    sign.view(-1)[place] = gradient.view(-1)[place].sign()
    return sign


def unit_vector(gradient: Tensor) -> Tensor:
    """``G / ||G||_F``, zero for zero. The largest entry goes first: squares of small gradients underflow."""
    size = gradient.abs().max()
    if size == 0:
        return gradient
    scaled = gradient / size
    return scaled / torch.linalg.vector_norm(scaled)


def polar_factor(gradient: Tensor) -> Tensor:
    """``U V'`` of the reduced singular value decomposition ``G = U S V'``, zero singular values left out."""
    U, sigma, Vh = torch.linalg.svd(gradient, full_matrices=False)
    kept = sigma > max(gradient.shape) * torch.finfo(gradient.dtype).eps * sigma[0]
    return U[:, kept] @ Vh[kept]


Norm = float | str
STEEPEST: dict[Norm, Callable[[Tensor], Tensor]] = {
    1: largest_entry,
    2: unit_vector,
    np.inf: torch.sign,
    "spectral": polar_factor,
}


class SteepestDescent(torch.optim.Optimizer):
    """Steepest descent with steps measured in a norm of the weights.

    A step is ``-lr * v``, where v maximizes ``<G, v>`` over the unit ball of the norm: coordinate descent on the
    largest gradient entry (norm 1), normalized gradient descent (2), sign descent (inf), or the polar factor of a
    matrix ("spectral", Muon with exact orthogonalization). Without ``normalized`` the step is longer by the
    gradient's dual norm ``<G, v>``, which makes norm 2 plain gradient descent.

    Args:
        params: tensors; each takes a step of its own.
        lr: step size, positive.
        norm: 1, 2, ``numpy.inf`` or "spectral" (matrices only), the norm of the weights.
        normalized: whether every step has length ``lr``.
        momentum: in [0, 1); G is ``sum_j momentum^j g_{k-j}``, as in ``torch.optim.SGD``.

    Raises:
        ValueError: on bad input.

    Source: Boyd & Vandenberghe 2004, section 9.4.

    Example:
        >>> X, y = [[2, 0], [0, -1]], [1, -1]
        >>> sign = lambda params: ib.SteepestDescent(params, lr=0.1, norm=np.inf)
        >>> run = ib.descend((X, y), sign, steps=1000, schedule=lambda k: k**-0.5)
        >>> ib.margin(X, y, run.w[-1], np.inf).round(3), round(ib.max_margin(X, y, np.inf).margin, 3)
        (np.float64(1.0), 1.0)
    """

    add_param_group = unwrap(torch.optim.Optimizer.add_param_group)  # torch's wrapper imports its compiler: a second

    def __init__(
        self,
        params: Iterable[Tensor],
        lr: float,
        norm: Norm = 2,
        normalized: bool = True,
        momentum: float = 0.0,
    ):
        check_scale("lr", lr)
        if isinstance(norm, bool) or not isinstance(norm, int | float | str) or norm not in STEEPEST:
            raise ValueError(f"norm must be 1, 2, numpy.inf or 'spectral', found {norm!r}")
        if not 0 <= momentum < 1:
            raise ValueError(f"momentum must be at least 0 and below 1, found {momentum!r}")
        super().__init__(params, {"lr": lr, "norm": norm, "normalized": normalized, "momentum": momentum})
        for group in self.param_groups:
            for parameter in group["params"]:
                if group["norm"] == "spectral" and parameter.ndim != 2:
                    raise ValueError(f"params must be matrices for norm 'spectral', found {tuple(parameter.shape)}")

    @torch.no_grad()
    def step(self, closure: Callable[[], Tensor] | None = None) -> Tensor | None:
        """One step from the gradients in ``.grad``; ``closure`` recomputes them and returns the loss."""
        loss = None
        if closure is not None:
            with torch.enable_grad():
                loss = closure()
        for group in self.param_groups:
            for parameter in group["params"]:
                if parameter.grad is not None:
                    self._step(parameter, group)
        return loss

    def _step(self, parameter: Tensor, group: dict) -> None:
        gradient = parameter.grad
        if group["momentum"]:
            state = self.state[parameter]
            if not state:
                state["momentum"] = torch.zeros_like(gradient)
            gradient = state["momentum"].mul_(group["momentum"]).add_(gradient)
        direction = STEEPEST[group["norm"]](gradient)
        length = 1.0 if group["normalized"] else torch.sum(gradient * direction)
        parameter.add_(direction, alpha=-float(group["lr"] * length))
