"""Problem instances: validated on construction, generated from an explicit ``rng``."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ibnotes.problems.scaling import equilibrate
from ibnotes.problems.validation import Array, as_floats, check_count, check_scale, read_array, read_real


def _near(a: Array, b: Array) -> bool:
    return np.allclose(a, b, rtol=1e-12, atol=1e-12 * np.abs(a).max())


def _with_targets(name: str, rows: ArrayLike, ndim: int, y: ArrayLike, row: str) -> tuple[Array, Array]:
    rows, y = as_floats(name, rows, ndim), as_floats("y", y, 1)
    if len(rows) != len(y):
        raise ValueError(f"y must have one entry per {row}, found {len(y)} for {len(rows)} {row.split()[0]}s")
    return rows, y


def check_in_range(X: Array, y: Array) -> None:
    """Raise ValueError where ``Xw = y`` has no solution, whatever the units of rows and columns."""
    A, rows, _ = equilibrate(X)
    b = y / rows
    least = np.linalg.lstsq(A, b, rcond=None)[0]
    misfit, terms = np.abs(A @ least - b), np.abs(A) @ np.abs(least) + np.abs(b)
    if (misfit > 1e-9 * np.maximum(terms, np.abs(b).max())).any():
        worst = int(misfit.argmax())
        raise ValueError(
            f"y is not in the range of X: least squares leaves {misfit[worst] * rows[worst]:.3g} of y[{worst}]"
        )


@dataclass(frozen=True)
class Classification:
    """Binary classification through the origin: rows of X (n, d), labels y (n,) in {-1, +1}.

    Raises:
        ValueError: naming the argument that does not fit and what was found.
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


@dataclass(frozen=True)
class Regression:
    """Linear regression Xw = y: rows of X (n, d), real targets y (n,).

    Raises:
        ValueError: naming the argument that does not fit and what was found.
    """

    X: Array
    y: Array

    def __post_init__(self):
        X, y = _with_targets("X", self.X, 2, self.y, "row of X")
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
        M, mask = read_real("M", self.M), read_array("mask", self.mask)
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
        A, y = _with_targets("A", self.A, 3, self.y, "measurement A_i")
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


def six_entries() -> Completion:
    """Six entries of a symmetric 4x4 matrix: of least nuclear norm 8, but completed greedily by one of norm 10.

    The greedy one is ``uu'`` with u = (1, 2, 1, 2): its entries (1, 3), (1, 4), (2, 3) are observed, and their mirrors.

    Source: Li, Luo & Lyu 2021.
    """
    M = np.full((4, 4), np.nan)
    M[[0, 0, 1, 2, 3, 2], [2, 3, 2, 0, 0, 1]] = [1, 2, 2, 1, 2, 2]
    return Completion(M, np.isfinite(M))
