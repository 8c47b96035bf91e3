"""Convex programs, solved by somebody else's code through cvxpy."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING

from ibnotes.problems.errors import NotConverged

if TYPE_CHECKING:
    import cvxpy as cp


def solve_program(program: cp.Problem, solver: str) -> None:
    """Solve in place, or raise NotConverged unless the solver reports an optimal solution."""
    import cvxpy as cp

    options = {"primal_feasibility_tolerance": 1e-10, "dual_feasibility_tolerance": 1e-10} if solver == cp.HIGHS else {}
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)  # of an inaccurate solution, which is refused below
            program.solve(solver=solver, **options)
    except cp.SolverError as error:
        raise NotConverged(f"{solver}: {error}") from error
    if program.status != cp.OPTIMAL:
        raise NotConverged(f"{solver} stopped with status {program.status!r}")
