"""Instances to try things on: drawn from an explicit ``rng``, or from the literature."""

from __future__ import annotations

import numpy as np

from ibnotes.problems.instances import Classification, Completion, Regression
from ibnotes.problems.validation import check_count, check_rng, check_scale, check_shape


def make_separable(rng: np.random.Generator, n: int, d: int, margin: float = 0.5) -> Classification:
    """Gaussian points labelled by a random unit vector and pushed ``margin`` away from its hyperplane.

    Returns:
        n points in R^d whose l2 max margin is at least ``margin``.

    Raises:
        ValueError: where ``margin`` is not positive and finite, a count not positive, or ``rng`` no generator.

    Example:
        >>> problem = ib.make_separable(np.random.default_rng(0), n=20, d=5, margin=0.5)
        >>> ib.max_margin(problem.X, problem.y).margin >= 0.5
        True
    """
    check_rng(rng)
    check_count("n", n)
    check_count("d", d)
    check_scale("margin", margin)
    X = rng.standard_normal((n, d))
    w = rng.standard_normal(d)
    w /= np.linalg.norm(w)
    y = np.where(X @ w >= 0, 1.0, -1.0)
    return Classification(X + margin * y[:, None] * w, y)


def make_underdetermined(rng: np.random.Generator, n: int, d: int) -> Regression:
    """Gaussian X (n, d) with d > n and Gaussian y: almost surely of full row rank, hence solvable.

    Raises:
        ValueError: where d <= n, a count is not positive, or ``rng`` is no generator.

    Example:
        >>> problem = ib.make_underdetermined(np.random.default_rng(0), n=2, d=5)
        >>> problem.X.shape, problem.y.shape
        ((2, 5), (2,))
    """
    check_rng(rng)
    check_count("n", n)
    check_count("d", d)
    if d <= n:
        raise ValueError(f"d must exceed n for an underdetermined problem, found n={n}, d={d}")
    return Regression(rng.standard_normal((n, d)), rng.standard_normal(n))


def make_completion(rng: np.random.Generator, shape: tuple[int, int], rank: int, observed: int) -> Completion:
    """A product of Gaussian factors, its entries of mean square 1, ``observed`` of them at random places.

    Raises:
        ValueError: where ``rank`` or ``observed`` does not fit ``shape``, or ``rng`` is no generator.

    Example:
        >>> problem = ib.make_completion(np.random.default_rng(0), (4, 5), rank=1, observed=12)
        >>> ib.singular_values(problem.M).round(3), int(problem.mask.sum())
        (array([4.472, 0.   , 0.   , 0.   ]), 12)
    """
    check_rng(rng)
    m, n = check_shape(shape)
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

    Example:
        >>> problem = ib.six_entries()
        >>> round(float(ib.nuclear_norm(ib.min_nuclear_norm(problem.M, problem.mask).W)), 4)
        8.0
    """
    M = np.full((4, 4), np.nan)
    M[[0, 0, 1, 2, 3, 2], [2, 3, 2, 0, 0, 1]] = [1, 2, 2, 1, 2, 2]
    return Completion(M, np.isfinite(M))
