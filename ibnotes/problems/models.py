"""Networks that are linear in their input and not in their parameters, in torch.

Each starts at a given point and exposes its end-to-end map; training loops stay with the reader.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce

import torch
from numpy.typing import ArrayLike
from torch import Tensor, nn

from ibnotes.problems.validation import as_factors, as_floats, check_count, check_scale


def _parameter(name: str, value: ArrayLike, ndim: int) -> nn.Parameter:
    return nn.Parameter(torch.tensor(as_floats(name, value, ndim)))


class DiagonalNetwork(nn.Module):
    """``x -> <x, u^D - v^D>`` with powers taken entrywise, all of u and v (d,) started at ``scale``.

    Raises:
        ValueError: where ``depth`` or ``features`` is not a positive integer, or ``scale`` not positive.

    Source: Woodworth et al. 2020, section 4.

    Example:
        >>> network = ib.DiagonalNetwork(features=2, depth=2, scale=0.1)
        >>> network.end_to_end().tolist()  # the zero map, whatever the scale
        [0.0, 0.0]
    """

    def __init__(self, features: int, depth: int, scale: float):
        super().__init__()
        check_count("features", features)
        check_count("depth", depth)
        check_scale("scale", scale)
        self.depth = depth
        self.u = _parameter("scale", [scale] * features, 1)
        self.v = _parameter("scale", [scale] * features, 1)

    def end_to_end(self) -> Tensor:
        """The weights (d,) of the linear map."""
        return self.u**self.depth - self.v**self.depth

    def forward(self, X: Tensor) -> Tensor:
        return X @ self.end_to_end()


class Factorization(nn.Module):
    """``W = U V'`` with U (m, r) and V (n, r).

    Raises:
        ValueError: where U and V have different numbers of columns.

    Example:
        >>> ib.Factorization(U=[[1], [2]], V=[[3], [4]]).end_to_end().tolist()
        [[3.0, 4.0], [6.0, 8.0]]
    """

    def __init__(self, U: ArrayLike, V: ArrayLike):
        super().__init__()
        self.U, self.V = _parameter("U", U, 2), _parameter("V", V, 2)
        if self.U.shape[1] != self.V.shape[1]:
            raise ValueError(f"V must have as many columns as U, found {self.V.shape[1]} and {self.U.shape[1]}")

    def end_to_end(self) -> Tensor:
        """W, (m, n)."""
        return self.U @ self.V.T

    def forward(self) -> Tensor:
        return self.end_to_end()


class DeepLinear(nn.Module):
    """``W = A_1 A_2 ... A_L``, started at the given factors.

    Raises:
        ValueError: where there is no factor, or neighbours cannot be multiplied.

    Example:
        >>> ib.DeepLinear([2 * np.eye(2)] * 3).end_to_end().tolist()
        [[8.0, 0.0], [0.0, 8.0]]
    """

    def __init__(self, factors: Sequence[ArrayLike]):
        super().__init__()
        self.factors = nn.ParameterList([_parameter("factors", factor, 2) for factor in as_factors(factors)])

    def end_to_end(self) -> Tensor:
        """W, (m, n)."""
        return reduce(torch.matmul, self.factors)

    def forward(self) -> Tensor:
        return self.end_to_end()
