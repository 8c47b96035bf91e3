"""Whether a hyperplane through the origin separates the data: a question about the problem, not about its solution."""

import numpy as np
from scipy.optimize import linprog

from ibnotes.problems.errors import NotConverged, NotSeparable
from ibnotes.problems.validation import Array

FEASIBLE = 1e-9  # rows and w of size 1: a smallest margin above it separates, a combination below it is zero


def separator(Z: Array) -> Array:
    """Some w (d,) with ``<z_i, w> > 0`` for every row of Z (n, d).

    It maximizes the smallest margin of the rows, normalized, over ``||w||_inf <= 1``; the multipliers of that linear
    program are Gordan's certificate where the maximum is zero.

    Raises:
        NotSeparable: with the certificate.
        NotConverged: where the data can neither be separated nor certified to be inseparable.
    """
    n, d = Z.shape
    length = np.linalg.norm(Z, axis=1)
    if not length.all():
        zero = np.flatnonzero(length == 0)[0]
        raise NotSeparable(f"row {zero} of X is zero: no w separates it", np.eye(n)[zero])
    rows = Z / length[:, None]
    # over (w, t): maximize t subject to t - <row_i, w> <= 0
    program = linprog(
        -np.eye(d + 1)[d],
        A_ub=np.column_stack([-rows, np.ones(n)]),
        b_ub=np.zeros(n),
        bounds=[(-1, 1)] * d + [(None, None)],
        method="highs",
        options={"primal_feasibility_tolerance": 1e-10, "dual_feasibility_tolerance": 1e-10},
    )
    if program.status != 0:
        raise NotConverged(f"HiGHS, asked whether the data are separable: {program.message}")
    w = program.x[:d]
    if (rows @ w).min() > FEASIBLE:
        return w
    certificate = np.maximum(-program.ineqlin.marginals, 0) / length
    certificate /= certificate.sum()
    if np.abs(certificate @ Z).max() > FEASIBLE * np.abs(Z).max():
        raise NotConverged("could neither separate the data nor certify that it is inseparable")
    raise NotSeparable(
        "no hyperplane through the origin separates the data: "
        "the certificate holds a convex combination of the y_i x_i that is zero",
        certificate,
    )
