"""The bench: separable points on which the max margins in the candidate norms are far apart, with certificates.

Two instances of vectors and two of matrices, found by search: the entries of each point differ much in size, so that
each norm has another favourite, and steepest descent in a norm that is none of the candidates (l_p with p = 1.2, 1.6,
2.6, 4, 8; Schatten 1.5, 3, 4, 8; largest row or column) has a share of at most 0.97 of each max margin.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import numpy as np

from ibnotes.problems.norms import matrix_norm
from ibnotes.problems.validation import Array
from ibnotes.theory.max_margin import max_margin
from ibnotes.theory.multiclass_margin import ACCEPTED, least_spectral_norm

VECTORS = (
    [
        [5, 14, 3, 6, -2, -1, 0, -1, 0, 4, 2, 6, 3, 2, 11, 1],
        [-1, 16, 2, 5, 2, 3, 0, 3, 1, 1, 5, 3, 4, -4, 0, 1],
    ],
    [
        [11, 1, 9, 1, 1, 2, 2, 3, 1, 1, 2, 4, 2, 2, 2, 0],
        [9, 2, 8, 3, 1, 9, 3, 3, 3, 3, 2, 3, 1, 4, 1, 0],
        [16, 1, 3, 4, 1, 11, 4, 4, 5, 4, 1, 7, 3, 3, 2, 1],
        [9, 1, 7, 3, 1, 12, 3, 2, 5, 3, 1, 4, 1, 2, 1, 1],
    ],
)
MATRICES = (
    [
        [
            [0, -2, -13, 1, -4, -5],
            [2, 0, 3, -1, 2, -1],
            [-2, 2, 3, -2, 2, 0],
            [1, -2, 4, -3, -4, 4],
            [-5, -1, 4, -1, -1, -3],
        ],
        [
            [0, -3, -16, 1, -5, -6],
            [1, 0, 3, 0, 2, -1],
            [-2, 3, 3, -3, 3, -1],
            [1, -2, 2, -5, -4, 6],
            [-8, -1, 5, -1, 0, -4],
        ],
    ],
    [
        [[1, -1, 4, 0, -3, 1], [-1, 2, -2, 3, 1, -1], [-1, 1, -8, 1, 0, -3], [0, 0, 1, 0, 3, 0], [0, -1, 0, 1, 1, 1]],
        [[0, 0, 3, 0, -5, 0], [-3, 11, -1, 1, 1, -1], [-3, 1, -7, 1, -3, -3], [0, 6, 0, 0, 2, 2], [0, 0, 0, 1, 1, 2]],
        [[1, 0, 5, 0, -3, 0], [-2, 2, 1, 4, 2, -1], [-3, 1, -16, 0, -1, -2], [-1, 13, 1, 0, -1, 1], [0, 0, 0, 1, 0, 1]],
    ],
)
Norm = Callable[[Array], Array]
VECTOR_NORMS: dict[str, Norm] = {
    "l1": lambda w: np.abs(w).sum(axis=-1),
    "l2": lambda w: np.linalg.norm(w, axis=-1),
    "linf": lambda w: np.abs(w).max(axis=-1),
}
MATRIX_NORMS: dict[str, Norm] = {
    name: lambda W, name=name: matrix_norm(W, name) for name in ("frobenius", "spectral", "max")
}


@dataclass(frozen=True)
class Instance:
    """Points with their labels folded in, and what is known of them.

    Attributes:
        Z: (n, size), the longest of length one.
        shape: of the weights.
        norms: the candidates.
        best: the max margin in each of them.
    """

    Z: Array
    shape: tuple[int, ...]
    norms: dict[str, Norm]
    best: dict[str, float]

    def shares(self, w: Array) -> Array:
        """``min_i <z_i, w> / ||w||`` over the max margin, in each norm; NaN where w is zero."""
        smallest = (self.Z @ w.ravel()).min()
        with np.errstate(invalid="ignore", divide="ignore"):
            return np.array([smallest / norm(w) / self.best[name] for name, norm in self.norms.items()])


@cache
def vectors() -> tuple[Instance, ...]:
    """The instances of vectors."""
    return tuple(_vector(np.array(points, dtype=float)) for points in VECTORS)


@cache
def matrices() -> tuple[Instance, ...]:
    """The instances of matrices."""
    return tuple(_matrix(np.array(points, dtype=float)) for points in MATRICES)


def _vector(points: Array) -> Instance:
    Z, y = points / np.linalg.norm(points, axis=1).max(), np.ones(len(points))
    best = {name: max_margin(Z, y, p).margin for name, p in zip(VECTOR_NORMS, (1, 2, np.inf), strict=True)}
    return Instance(Z, Z.shape[1:], VECTOR_NORMS, best)


def _matrix(A: Array) -> Instance:
    A = A / np.linalg.norm(A, axis=(1, 2)).max()
    Z, y = A.reshape(len(A), -1), np.ones(len(A))
    frobenius, largest = max_margin(Z, y, 2), max_margin(Z, y, np.inf)
    W, _, gap = least_spectral_norm(A, frobenius.w.reshape(A.shape[1:]))
    if not abs(gap) <= ACCEPTED:
        raise AssertionError(f"the bench's own oracle fails its certificate: {gap:.1e}")
    margins = (frobenius.margin, 1 / float(matrix_norm(W, "spectral")), largest.margin)
    return Instance(Z, A.shape[1:], MATRIX_NORMS, dict(zip(MATRIX_NORMS, margins, strict=True)))
