"""Problem instances, validated on construction."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ibnotes.problems.containers import to_array
from ibnotes.problems.equality import by_value
from ibnotes.problems.scaling import equilibrate
from ibnotes.problems.validation import Array, as_floats, read_real

FAR = 8  # an offset above so many spreads is taken off: by Sterbenz's lemma exactly


def _near(a: Array, b: Array) -> bool:
    return np.allclose(a, b, rtol=1e-12, atol=1e-12 * np.abs(a).max())


def _with_targets(name: str, rows: ArrayLike, ndim: int, y: ArrayLike, row: str) -> tuple[Array, Array]:
    rows, y = as_floats(name, rows, ndim), as_floats("y", y, 1)
    if len(rows) != len(y):
        raise ValueError(f"y must have one entry per {row}, found {len(y)} for {len(rows)} {row.split()[0]}s")
    return rows, y


def check_in_range(X: Array, y: Array, unit: float = 1.0) -> None:
    """Raise ValueError where ``Xw = y`` has no solution, whatever the units of rows and columns; y is in a ``unit``."""
    A, rows, _ = equilibrate(X)
    b = y / rows
    least, rest = np.zeros(A.shape[1]), b
    for _ in range(3):  # again on what is left: a small target beside a large one needs its own digits
        least = least + np.linalg.lstsq(A, rest, rcond=None)[0]
        rest = b - A @ least
    terms = np.abs(A) @ np.abs(least) + np.abs(b)
    if (np.abs(rest) > 1e-9 * terms).any():
        worst = int(np.argmax(np.abs(rest) / np.where(terms > 0, terms, 1)))
        left = abs(rest[worst]) * rows[worst] * unit
        raise ValueError(f"y is not in the range of X: least squares leaves {left:.3g} of y[{worst}]")


@by_value
@dataclass(frozen=True)
class Classification:
    """Binary classification through the origin: rows of X (n, d), labels y (n,) in {-1, +1}.

    Raises:
        ValueError: naming the argument that does not fit and what was found.

    Example:
        >>> ib.Classification([[2, 1], [1, 3]], [1, -1]).Z
        array([[ 2.,  1.],
               [-1., -3.]])
    """

    X: Array
    y: Array

    def __post_init__(self):
        X, y = _with_targets("X", self.X, 2, self.y, "row of X")
        if not np.isin(y, (-1.0, 1.0)).all():
            found = ", ".join(f"{label:.15g}" for label in np.unique(y)[:5])
            raise ValueError(f"y must hold the labels -1 and +1, found {{{found}}}")
        object.__setattr__(self, "X", X)
        object.__setattr__(self, "y", y)

    @property
    def Z(self) -> Array:
        """The signed points z_i = y_i x_i, shape (n, d)."""
        return self.y[:, None] * self.X


def intercept_column(problem: Classification, intercept: bool) -> Array:
    """The signed column (n, 1) of a free intercept, or none (n, 0).

    Raises:
        ValueError: where ``intercept`` is no boolean, or all labels agree and the intercept alone separates.
    """
    if not isinstance(intercept, bool | np.bool_):
        raise ValueError(f"intercept must be True or False, found {intercept!r}")
    if not intercept:
        return np.empty((len(problem.y), 0))
    if len(np.unique(problem.y)) < 2:
        raise ValueError(f"y must hold both labels where there is an intercept, found {problem.y[0]:g} only")
    return problem.y[:, None]


def far_offset(X: Array) -> Array:
    """What all rows have in common (d,), where it dwarfs their spread; zero elsewhere. Nothing is rounded without it.

    An intercept can take it up, and floats lose digits to it.
    """
    low, high = X.min(axis=0), X.max(axis=0)
    spread, middle = high - low, low / 2 + high / 2
    unit = np.exp2(np.ceil(np.log2(np.where(spread > 0, spread, 1))))
    common = np.where(spread > 0, np.round(middle / unit) * unit, middle)
    return np.where(np.abs(middle) > FAR * spread, common, 0)


@by_value
@dataclass(frozen=True)
class Regression:
    """Linear regression Xw = y: rows of X (n, d), real targets y (n,).

    Raises:
        ValueError: naming the argument that does not fit and what was found.

    Example:
        >>> problem = ib.Regression([[1, 2]], [5])  # one equation, two unknowns
        >>> ib.min_norm_interpolant(problem.X, problem.y).w.round(6)
        array([1., 2.])
    """

    X: Array
    y: Array

    def __post_init__(self):
        X, y = _with_targets("X", self.X, 2, self.y, "row of X")
        object.__setattr__(self, "X", X)
        object.__setattr__(self, "y", y)


@by_value
@dataclass(frozen=True)
class Completion:
    """Matrix completion: find W with ``W[mask] = M[mask]``.

    M is (m, n) and may be NaN where it is not observed; mask is a boolean (m, n) array.

    Raises:
        ValueError: naming the argument that does not fit and what was found.

    Example:
        >>> ib.Completion([[2, 1], [1, np.nan]], [[True, True], [True, False]]).observed
        array([[2., 1.],
               [1., 0.]])
    """

    M: Array
    mask: NDArray[np.bool_]

    def __post_init__(self):
        M, mask = read_real("M", self.M), to_array("mask", self.mask)
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


@by_value
@dataclass(frozen=True)
class Sensing:
    """Matrix sensing: find W with ``<A_i, W> = y_i``. A is (k, m, n), y is (k,).

    Raises:
        ValueError: naming the argument that does not fit and what was found.

    Example:
        >>> trace = ib.Sensing([np.eye(2)], [5])  # of a 2 x 2 matrix, the trace is known
        >>> trace.mean_squared_error(2 * np.eye(2))
        np.float64(1.0)
    """

    A: Array
    y: Array

    def __post_init__(self):
        A, y = _with_targets("A", self.A, 3, self.y, "measurement A_i")
        object.__setattr__(self, "A", A)
        object.__setattr__(self, "y", y)

    @property
    def shape(self) -> tuple[int, int]:
        return self.A.shape[1:]

    @property
    def symmetric(self) -> bool:
        """Whether W and W' fit equally well, up to rounding."""
        if self.shape[0] != self.shape[1]:
            return False
        W = np.random.default_rng(0).standard_normal((3, *self.shape))  # quadratics that agree there are the same
        squares = [np.sum((self._misfit(V) + self.y) ** 2, axis=-1) for V in (W, W.mT)]
        pull = self.gradient(np.zeros(self.shape))
        return _near(*squares) and _near(pull, pull.T)

    def _misfit(self, W: Array) -> Array:
        return np.tensordot(W, self.A, axes=([-2, -1], [1, 2])) - self.y

    def gradient(self, W: Array) -> Array:
        """Gradient of ``sum_i (<A_i, W> - y_i)^2 / 2`` in W, (..., m, n)."""
        return np.tensordot(self._misfit(W), self.A, axes=1)

    def mean_squared_error(self, W: Array) -> Array:
        """Over the measurements, (...,)."""
        return np.mean(self._misfit(W) ** 2, axis=-1)
