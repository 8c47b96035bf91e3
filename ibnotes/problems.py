"""Problem instances: validated on construction, generated from an explicit ``rng``."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[np.float64]


class NotSeparable(ValueError):
    """No homogeneous hyperplane separates the data.

    Attributes:
        certificate: shape (n,), non-negative, sums to one, and
            ``sum_i certificate[i] y_i x_i = 0``: by Gordan's alternative, no w has
            ``y_i <x_i, w> > 0`` for all i (Gordan 1873).
    """

    def __init__(self, message: str, certificate: Array):
        super().__init__(message)
        self.certificate = certificate


def as_floats(name: str, value: ArrayLike, ndim: int) -> Array:
    """Return ``value`` as a finite, non-empty float64 array of ``ndim`` dimensions.

    Raises:
        ValueError: naming the argument and what was found instead.
    """
    try:
        array = np.asarray(value)
    except ValueError as error:
        raise ValueError(f"{name} must be a rectangular array of numbers: {error}") from None
    if array.dtype.kind not in "buif":
        raise ValueError(f"{name} must hold real numbers, found dtype {array.dtype}")
    if array.ndim != ndim:
        raise ValueError(f"{name} must be {ndim}-dimensional, found shape {array.shape}")
    if array.size == 0:
        raise ValueError(f"{name} is empty, found shape {array.shape}")
    array = array.astype(np.float64)
    if not np.isfinite(array).all():
        where = tuple(int(i) for i in np.argwhere(~np.isfinite(array))[0])
        raise ValueError(f"{name} must be finite, found {array[where]} at index {where}")
    return array


def _rows_and_targets(X: ArrayLike, y: ArrayLike) -> tuple[Array, Array]:
    X, y = as_floats("X", X, 2), as_floats("y", y, 1)
    if len(X) != len(y):
        raise ValueError(f"y must have one entry per row of X, found {len(y)} for {len(X)} rows")
    return X, y


@dataclass(frozen=True)
class Classification:
    """Binary classification through the origin: rows of X (n, d), labels y (n,) in {-1, +1}.

    Raises:
        ValueError: naming the argument that does not fit and what was found.
    """

    X: Array
    y: Array

    def __post_init__(self):
        X, y = _rows_and_targets(self.X, self.y)
        if not np.isin(y, (-1.0, 1.0)).all():
            found = ", ".join(f"{label:.15g}" for label in np.unique(y)[:5])
            raise ValueError(f"y must hold the labels -1 and +1, found {{{found}}}")
        object.__setattr__(self, "X", X)
        object.__setattr__(self, "y", y)

    @property
    def Z(self) -> Array:
        """The signed points z_i = y_i x_i, shape (n, d)."""
        return self.y[:, None] * self.X


@dataclass(frozen=True)
class Regression:
    """Linear regression Xw = y: rows of X (n, d), real targets y (n,).

    Raises:
        ValueError: naming the argument that does not fit and what was found.
    """

    X: Array
    y: Array

    def __post_init__(self):
        X, y = _rows_and_targets(self.X, self.y)
        object.__setattr__(self, "X", X)
        object.__setattr__(self, "y", y)


def make_separable(rng: np.random.Generator, n: int, d: int, margin: float = 0.5) -> Classification:
    """Gaussian points labelled by a random unit vector and pushed ``margin`` away from its hyperplane.

    Returns:
        n points in R^d whose l2 max margin is at least ``margin``.

    Raises:
        ValueError: where ``margin`` is not positive and finite.
    """
    if not 0 < margin < np.inf:
        raise ValueError(f"margin must be positive and finite, found {margin!r}")
    X = rng.standard_normal((n, d))
    w = rng.standard_normal(d)
    w /= np.linalg.norm(w)
    y = np.where(X @ w >= 0, 1.0, -1.0)
    return Classification(X + margin * y[:, None] * w, y)


def make_underdetermined(rng: np.random.Generator, n: int, d: int) -> Regression:
    """Gaussian X (n, d) with d > n and Gaussian y: almost surely of full row rank, hence solvable.

    Raises:
        ValueError: where d <= n.
    """
    if d <= n:
        raise ValueError(f"d must exceed n for an underdetermined problem, found n={n}, d={d}")
    return Regression(rng.standard_normal((n, d)), rng.standard_normal(n))
