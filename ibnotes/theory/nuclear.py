"""Minimum nuclear norm completion, certified by its duality gap.

The dual of ``min ||W||_* s.t. W = M on the mask`` is ``max <Y, M>`` over the Y that vanish off the
mask and have spectral norm at most one. Any such Y bounds the minimum from below, so a pair (W, Y)
whose values agree proves itself, wherever it came from (Fazel 2002; Candes & Recht 2009).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain, islice

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.sparse import bmat
from scipy.sparse.csgraph import connected_components
from tqdm import tqdm

from ibnotes.problems.equality import by_value
from ibnotes.problems.errors import NotConverged
from ibnotes.problems.instances import Completion
from ibnotes.problems.validation import Array, check_scale
from ibnotes.theory.nuclear_interior import central_path
from ibnotes.theory.nuclear_newton import proximal_points

FEW, MANY = 3000, 8000  # observed entries, up to which the interior-point method takes seconds, and can be asked
POINTS, STEPS = 20, 60  # proximal points before it is asked, and steps of a method that has no other to follow


@by_value
@dataclass(frozen=True)
class NuclearMinimizer:
    """Solution of ``min ||W||_* s.t. W = M on the mask``.

    Attributes:
        W: (m, n), equal to M where M is observed.
        dual: (m, n), zero off the mask, spectral norm at most 1, ``<dual, M> = ||W||_*`` up to the gap.
        gap: relative duality gap, ``(||W||_* - <dual, M>) / ||W||_*``: W is at most so much above the minimum.
        problem: what was asked.

    Example:
        >>> least = ib.min_nuclear_norm([[2, 1], [1, np.nan]], [[True, True], [True, False]])
        >>> least.gap < 1e-7, round(float(np.sum(least.dual * [[2, 1], [1, 0]])), 3)  # the norm of W
        (True, 2.5)
    """

    W: Array
    dual: Array
    gap: float
    problem: Completion | None = None

    @property
    def undetermined(self) -> NDArray[np.bool_]:
        """(m, n), True where the data say nothing, as no chain of observed entries, each in a row or a column of the
        one before, links the row to the column. So it is in a row or column that nothing observes.

        The signs of all rows and columns of one such piece can be turned together, which changes neither the norm nor
        what is observed: where W has an entry there, -1 times it does as well. W has zeros there, their mean, which has
        no larger norm.

        Example:
            >>> observed = np.array([[True, True], [True, False], [False, False]])
            >>> ib.min_nuclear_norm([[2, 1], [1, 0], [0, 0]], observed).undetermined[:, 0]
            array([False, False,  True])
        """
        rows, columns = _pieces(self.problem.mask)
        return rows[:, None] != columns

    def __repr__(self) -> str:
        unknown = np.count_nonzero(self.undetermined) if self.problem else "unknown"
        return f"NuclearMinimizer(W={self.W!r}, gap={self.gap:.2g}, undetermined={unknown} of {self.W.size} entries)"


def min_nuclear_norm(M: ArrayLike, mask: ArrayLike, *, gap: float = 1e-7) -> NuclearMinimizer:
    """The completion of smallest nuclear norm (sum of singular values).

    By an interior-point method whose linear systems have a row per observed entry: 100 x 100 with 2000 observed
    entries takes a second. With more than 3000 by a proximal point method first, which is fast where they are many and
    crawls near the threshold of recovery; with more than 8000 by that alone.

    Args:
        M: (m, n); may be NaN where it is not observed.
        mask: (m, n) boolean, True where M is observed.
        gap: largest relative duality gap accepted.

    Returns:
        NuclearMinimizer. Entries that the data leave undetermined, such as those of a row that nothing
        observes, are 0 and marked in its ``undetermined``.

    Raises:
        ValueError: on bad input.
        NotConverged: where the relative duality gap stays above ``gap``; with the best pair that was found.

    Source: Recht, Fazel & Parrilo 2010, section 2, for the dual.

    Example:
        >>> ib.min_nuclear_norm([[2, 1], [1, np.nan]], [[True, True], [True, False]]).W.round(3)
        array([[2. , 1. ],
               [1. , 0.5]])
    """
    problem = Completion(M, mask)
    check_scale("gap", gap)
    W, dual = np.zeros((2, *problem.shape))
    rows, columns = _pieces(problem.mask)
    for label in np.unique(rows[problem.mask.any(axis=1)]):
        piece = np.ix_(rows == label, columns == label)
        W[piece], dual[piece] = _best_pair(problem.observed[piece], problem.mask[piece], gap)
    value = np.linalg.norm(W, "nuc")
    found = float((value - np.sum(dual * problem.observed)) / value) if value else 0.0
    best = NuclearMinimizer(W, dual, found, problem)
    if found < gap:
        return best
    raise NotConverged(
        f"the solvers stopped at a relative duality gap of {found:.1e} above {gap:g}: see the error's best", best
    )


def _pieces(mask: NDArray[np.bool_]) -> tuple[NDArray, NDArray]:
    """A label for each row and each column, the same where a chain of observed entries links them."""
    labels = connected_components(bmat([[None, mask], [mask.T, None]]), directed=False)[1]
    return labels[: len(mask)], labels[len(mask) :]


def _best_pair(M: Array, mask: NDArray[np.bool_], gap: float) -> tuple[Array, Array]:
    """W, equal to M on the mask, and a dual of spectral norm at most 1: of small enough a gap, or the best."""
    if M.shape[0] > M.shape[1]:
        W, dual = _best_pair(M.T, mask.T, gap)
        return W.T, dual.T
    unit = np.linalg.norm(M, 2)
    if unit == 0:
        return M, M
    A, best = M / unit, (np.inf, M, M)
    for W, dual in _candidates(A, mask):
        W, dual = np.where(mask, A, W), dual / max(1.0, np.linalg.norm(dual, 2))
        value = np.linalg.norm(W, "nuc")
        best = min(best, ((value - np.sum(dual * A)) / value, W, dual), key=lambda pair: pair[0])
        if best[0] < gap:
            break
    return np.where(mask, M, best[1] * unit), best[2]


def _candidates(A: Array, mask: NDArray[np.bool_]) -> Iterator[tuple[Array, Array]]:
    count = np.count_nonzero(mask)
    points = 0 if count <= FEW else POINTS if count <= MANY else STEPS
    steps = STEPS if count <= MANY else 0
    pairs = chain(islice(proximal_points(A, mask), points), islice(central_path(A, mask), steps))
    return iter(tqdm(pairs, delay=10, desc="min_nuclear_norm", unit=" steps"))
