"""Problem instances: validated on construction, generated from an explicit ``rng``."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

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


def _array(name: str, value: ArrayLike) -> np.ndarray:
    try:
        return np.array(value)
    except ValueError as error:
        raise ValueError(f"{name} must be a rectangular array: {error}") from None


def _real(name: str, value: ArrayLike) -> Array:
    array = _array(name, value)
    if array.dtype.kind not in "buif":
        raise ValueError(f"{name} must hold real numbers, found dtype {array.dtype}")
    return array.astype(np.float64)


def as_floats(name: str, value: ArrayLike, ndim: int) -> Array:
    """Return ``value`` as a finite, non-empty float64 array of ``ndim`` dimensions.

    Raises:
        ValueError: naming the argument and what was found instead.
    """
    array = _real(name, value)
    if array.ndim != ndim:
        raise ValueError(f"{name} must be {ndim}-dimensional, found shape {array.shape}")
    if array.size == 0:
        raise ValueError(f"{name} is empty, found shape {array.shape}")
    if not np.isfinite(array).all():
        where = tuple(int(i) for i in np.argwhere(~np.isfinite(array))[0])
        raise ValueError(f"{name} must be finite, found {array[where]} at index {where}")
    return array


def check_count(name: str, value: int, least: int = 1, most: float = np.inf) -> None:
    """Raise ValueError, naming the argument, unless ``value`` is an integer from ``least`` to ``most``."""
    if isinstance(value, bool) or not isinstance(value, int | np.integer) or not least <= value <= most:
        kind = "a positive integer" if least == 1 else f"an integer of at least {least}"
        wanted = kind if most == np.inf else f"an integer from {least} to {most}"
        raise ValueError(f"{name} must be {wanted}, found {value!r}")


def check_scale(name: str, value: float) -> None:
    """Raise ValueError, naming the argument, unless ``value`` is positive and finite."""
    if isinstance(value, bool) or not isinstance(value, int | float | np.number) or not 0 < value < np.inf:
        raise ValueError(f"{name} must be positive and finite, found {value!r}")


def power_of_scale(scale: float, depth: int, least: int) -> float:
    """``scale^depth``.

    Raises:
        ValueError: where ``scale`` is not positive, ``depth`` not an integer of at least ``least``, or the power not
            a normal floating-point number.
    """
    check_scale("scale", scale)
    check_count("depth", depth, least=least)
    with np.errstate(over="ignore", under="ignore"):
        power = float(np.float64(scale) ** depth)
    if not np.finfo(np.float64).tiny <= power < np.inf:
        raise ValueError(f"scale {scale!r} to the power of depth {depth} is out of range, found {power!r}")
    return power


def _near(a: Array, b: Array) -> bool:
    return np.allclose(a, b, rtol=1e-12, atol=1e-12 * np.abs(a).max())


def as_factors(factors: Sequence[ArrayLike]) -> list[Array]:
    """Return ``factors`` as float64 matrices A_1, ..., A_L whose product A_1 A_2 ... A_L exists.

    Raises:
        ValueError: naming what does not fit.
    """
    factors = [as_floats("factors", factor, 2) for factor in factors]
    shapes = [factor.shape for factor in factors]
    if not shapes or any(a[1] != b[0] for a, b in pairwise(shapes)):
        raise ValueError(f"factors must be matrices that can be multiplied, found shapes {shapes}")
    return factors


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


@dataclass(frozen=True)
class Completion:
    """Matrix completion: find W with ``W[mask] = M[mask]``.

    M is (m, n) and may be NaN where it is not observed; mask is a boolean (m, n) array.

    Raises:
        ValueError: naming the argument that does not fit and what was found.
    """

    M: Array
    mask: NDArray[np.bool_]

    def __post_init__(self):
        M, mask = _real("M", self.M), _array("mask", self.mask)
        if mask.dtype != bool:
            raise ValueError(f"mask must be boolean, found dtype {mask.dtype}")
        if mask.shape != M.shape:
            raise ValueError(f"mask must have the shape of M, found {mask.shape} for {M.shape}")
        if not mask.any():
            raise ValueError(f"mask observes nothing, found no True entry in shape {mask.shape}")
        as_floats("M", np.where(mask, M, 0), 2)  # only what is observed has to be finite
        object.__setattr__(self, "M", M)
        object.__setattr__(self, "mask", mask)

    @property
    def shape(self) -> tuple[int, int]:
        return self.M.shape

    @property
    def symmetric(self) -> bool:
        """Whether W and W' fit equally well, up to rounding."""
        square = self.shape[0] == self.shape[1]
        return square and np.array_equal(self.mask, self.mask.T) and _near(self.observed, self.observed.T)

    @property
    def observed(self) -> Array:
        """M where it is observed and zero elsewhere, (m, n)."""
        return np.where(self.mask, self.M, 0.0)

    def gradient(self, W: Array) -> Array:
        """Gradient of ``||P(W - M)||_F^2 / 2`` in W, which is ``P(W - M)``: (..., m, n)."""
        return np.where(self.mask, W - self.M, 0.0)

    def mean_squared_error(self, W: Array) -> Array:
        """Over the observed entries, (...,)."""
        return np.sum(self.gradient(W) ** 2, axis=(-2, -1)) / self.mask.sum()


@dataclass(frozen=True)
class Sensing:
    """Matrix sensing: find W with ``<A_i, W> = y_i``. A is (k, m, n), y is (k,).

    Raises:
        ValueError: naming the argument that does not fit and what was found.
    """

    A: Array
    y: Array

    def __post_init__(self):
        A, y = as_floats("A", self.A, 3), as_floats("y", self.y, 1)
        if len(A) != len(y):
            raise ValueError(f"y must have one entry per measurement A_i, found {len(y)} for {len(A)}")
        object.__setattr__(self, "A", A)
        object.__setattr__(self, "y", y)

    @property
    def shape(self) -> tuple[int, int]:
        return self.A.shape[1:]

    @property
    def symmetric(self) -> bool:
        """Whether W and W' fit equally well, up to rounding."""
        return self.shape[0] == self.shape[1] and _near(self.A, self.A.mT)

    def _misfit(self, W: Array) -> Array:
        return np.tensordot(W, self.A, axes=([-2, -1], [1, 2])) - self.y

    def gradient(self, W: Array) -> Array:
        """Gradient of ``sum_i (<A_i, W> - y_i)^2 / 2`` in W, (..., m, n)."""
        return np.tensordot(self._misfit(W), self.A, axes=1)

    def mean_squared_error(self, W: Array) -> Array:
        """Over the measurements, (...,)."""
        return np.mean(self._misfit(W) ** 2, axis=-1)


def make_separable(rng: np.random.Generator, n: int, d: int, margin: float = 0.5) -> Classification:
    """Gaussian points labelled by a random unit vector and pushed ``margin`` away from its hyperplane.

    Returns:
        n points in R^d whose l2 max margin is at least ``margin``.

    Raises:
        ValueError: where ``margin`` is not positive and finite.
    """
    check_scale("margin", margin)
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


def make_completion(rng: np.random.Generator, shape: tuple[int, int], rank: int, observed: int) -> Completion:
    """A product of Gaussian factors, its entries of mean square 1, ``observed`` of them at random places.

    Raises:
        ValueError: where ``rank`` or ``observed`` does not fit ``shape``.
    """
    m, n = shape
    check_count("rank", rank, most=min(m, n))
    check_count("observed", observed, most=m * n)
    M = rng.standard_normal((m, rank)) @ rng.standard_normal((rank, n))
    M *= np.sqrt(M.size) / np.linalg.norm(M)
    mask = np.zeros(M.size, dtype=bool)
    mask[rng.choice(M.size, observed, replace=False)] = True
    return Completion(M, mask.reshape(M.shape))
