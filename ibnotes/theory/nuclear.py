"""Minimum nuclear norm completion, certified by its duality gap.

The dual of ``min ||W||_* s.t. W = M on the mask`` is ``max <Y, M>`` over the Y that vanish off the
mask and have spectral norm at most one. Any such Y bounds the minimum from below, so a pair (W, Y)
whose values agree proves itself, wherever it came from (Fazel 2002; Candes & Recht 2009).
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass, field

import cvxpy as cp
import numpy as np
from numpy.typing import ArrayLike
from tqdm import tqdm

from ibnotes.problems.errors import NotConverged
from ibnotes.problems.instances import Completion
from ibnotes.problems.validation import Array, check_scale

TOLERANCES = (1e-5, 1e-7, 1e-8, 1e-9, 1e-10)  # of SCS, each solve starting from the last
ITERATIONS, PATIENCE = 5_000, 20_000  # of SCS a solve: where an interior-point method can follow, and where none can
NAME = "min_nuclear_norm"
SMALL = 100  # rows and columns together that an interior-point method takes in seconds


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
    problem: Completion | None = field(default=None, repr=False)


def min_nuclear_norm(M: ArrayLike, mask: ArrayLike, *, gap: float = 1e-7) -> NuclearMinimizer:
    """The completion of smallest nuclear norm (sum of singular values).

    Solved as a semidefinite program by SCS, a first-order method: 100 x 100 with 2000 observed entries
    takes seconds to a minute, where an interior-point method would factorize matrices of order 10 000. Small matrices
    on which it crawls, near the threshold of recovery, are left to such a method, Clarabel.

    Args:
        M: (m, n); may be NaN where it is not observed.
        mask: (m, n) boolean, True where M is observed.
        gap: largest relative duality gap accepted. 1e-4 takes a third of the time of 1e-7.

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
    unit = np.linalg.norm(problem.observed, 2)
    if unit == 0:
        return NuclearMinimizer(np.zeros(problem.shape), np.zeros(problem.shape), 0.0, problem)
    A = problem.observed / unit
    W = cp.Variable(problem.shape)
    fits = W[problem.mask] == A[problem.mask]
    program = cp.Problem(cp.Minimize(cp.normNuc(W)), [fits])
    best = None
    small = sum(problem.shape) <= SMALL
    attempts = [(cp.SCS, tolerance) for tolerance in TOLERANCES]
    for solver, tolerance in tqdm([*attempts[:2], (cp.CLARABEL, 1e-10)] if small else attempts, delay=30, desc=NAME):
        _solve(program, solver, tolerance, ITERATIONS if small else PATIENCE)
        if W.value is None:
            continue
        answer = np.where(problem.mask, A, W.value)
        dual = np.zeros(problem.shape)
        dual[problem.mask] = -fits.dual_value  # cvxpy's multiplier of an equality has the other sign
        dual /= max(1.0, np.linalg.norm(dual, 2))
        value = np.linalg.norm(answer, "nuc")
        found = float((value - np.sum(dual * A)) / value)
        if best is None or found < best.gap:
            best = NuclearMinimizer(np.where(problem.mask, problem.M, answer * unit), dual, found, problem)
        if found < gap:
            return best
    reached = f"a relative duality gap of {best.gap:.1e} above {gap:g}: see the error's best" if best else "no answer"
    raise NotConverged(f"the solvers stopped at {reached}", best)


def _solve(program: cp.Problem, solver: str, tolerance: float, iterations: int) -> None:
    """In place; what comes out is judged by its gap, whatever the solver thinks of it."""
    options = {"eps_abs": tolerance, "eps_rel": tolerance, "max_iters": iterations, "warm_start": True}
    if solver == cp.CLARABEL:
        options = {"tol_gap_abs": tolerance, "tol_gap_rel": tolerance, "tol_feas": tolerance}
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)  # of an inaccurate solution
            program.solve(solver=solver, **options)
    except cp.SolverError as error:
        raise NotConverged(f"{solver}: {error}") from error
