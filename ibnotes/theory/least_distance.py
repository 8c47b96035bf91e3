"""The max margin as a point nearest to the origin, by working sets: few rows are solved, those then violated join.

With ``E`` the matrix of columns ``(a_i, h)`` and e the last unit vector, the residual ``r = e - E u`` of
``min |E u - e|, u >= 0``, gives ``w = -r[:d] / r[d]``, the shortest with ``<a_i, w> >= h``, and its multipliers
``u / r[d]``. The answer is as good as floats make it in one pass, and not yet certified.

Source: Lawson & Hanson 1974, ch. 23 (the least-distance problem, non-negative least squares).
"""

import numpy as np
from scipy.optimize import nnls

from ibnotes.problems.errors import NotConverged
from ibnotes.problems.validation import Array

SPARE = 50  # rows taken at a time, beyond two for each column
ROUNDS_MAX, SHIFTS_MAX = 200, 60
VIOLATED, AT_ORIGIN = 1e-10, 1e-8  # relative to the margin: what is violated; which intercept is none
LEAST_REST = 1e-14  # |r|, squared: below it the residual is rounding
PRICE = 10.0  # of the intercept, as the size of its column: a larger one needs fewer shifts and costs digits


def shortest(A: Array, F: Array, height: float | None = None) -> tuple[Array, Array, Array]:
    """The w (d,) of least length with ``Aw + Fc >= 1``, its c (k,), and the multipliers (n,).

    Args:
        A: (n, d), entries of order one.
        F: (n, k), the column of an intercept, k = 1, or nothing, k = 0.
        height: the margin, roughly.

    Raises:
        NotConverged: where no w is found, as on inseparable rows.
    """
    n, d = A.shape
    w, c = _least_squares(A, F)
    margins, size = A @ w + F @ c, np.linalg.norm(w)
    height = height or max(margins.min(), 1e-3 * np.abs(margins).mean()) / (size or 1.0)
    some = 2 * d + SPARE
    classes = (np.flatnonzero(F[:, 0] > 0), np.flatnonzero(F[:, 0] < 0)) if F.size else (np.arange(n),)
    few = np.concatenate([rows[_smallest(margins[rows], some)] for rows in classes])
    for _ in range(ROUNDS_MAX):
        w, c, dual = _of_few(A[few], F[few], height)
        height, margins = 1 / np.linalg.norm(w), A @ w + F @ c
        violated = margins < 1 - VIOLATED
        violated[few] = False
        if not violated.any():
            multipliers = np.zeros(n)
            multipliers[few] = dual
            return w, c, multipliers
        joining = np.flatnonzero(violated)
        few = np.concatenate([few[(margins[few] < 1.5) | (dual > 0)], joining[_smallest(margins[joining], some)]])
    raise NotConverged("the working set did not settle")


def _least_squares(A: Array, F: Array) -> tuple[Array, Array]:
    """The w and c whose margins come nearest to one."""
    B = np.hstack([A, F]) if F.size else A
    pull, wide = B.sum(axis=0), len(B) < B.shape[1]
    if not pull.any():
        raise NotConverged("the rows cancel")
    gram = B @ B.T if wide else B.T @ B
    found = np.linalg.solve(gram + 1e-12 * np.trace(gram) * np.eye(len(gram)), np.ones(len(B)) if wide else pull)
    both = found @ B if wide else found
    return both[: A.shape[1]], both[A.shape[1] :]


def _middle(X: Array, y: Array) -> Array:
    """Half way between the means of the classes."""
    return (X[y > 0].mean(axis=0) + X[y < 0].mean(axis=0)) / 2


def _smallest(values: Array, count: int) -> np.ndarray:
    return np.argpartition(values, count)[:count] if count < len(values) else np.arange(len(values))


def _of_few(A: Array, F: Array, height: float) -> tuple[Array, Array, Array]:
    """The same by non-negative least squares.

    An intercept is charged for, as one more weight; in data shifted until it is zero the charge makes no difference.
    """
    shift = _middle(A * F, F[:, 0]) if F.size else np.zeros(A.shape[1])
    for _ in range(SHIFTS_MAX):
        shifted = A - F * shift if F.size else A
        E = np.vstack([shifted.T, PRICE * F.T, np.full((1, len(A)), height)])
        try:
            u, _ = nnls(E, np.eye(len(E))[-1], maxiter=30 * len(A))
        except RuntimeError as error:
            raise NotConverged(f"non-negative least squares: {error}") from error
        rest = 1 - height * u.sum()
        if not rest > LEAST_REST:
            raise NotConverged("the rows are as good as inseparable")
        dual = u / (rest * height)
        w, c = shifted.T @ dual, PRICE**2 * (F.T @ dual)
        if not w.any():
            raise NotConverged("the classes meet")
        if (np.abs(c) <= AT_ORIGIN).all():
            return w, c - F.shape[1] * (shift @ w), dual
        shift = shift - c * w / (w @ w)
    raise NotConverged("the intercept did not settle")
