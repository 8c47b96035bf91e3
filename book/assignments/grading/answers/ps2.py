"""Gradient descent finds the max margin."""

import numpy as np
from scipy.integrate import solve_ivp
from scipy.special import expit
from sklearn.svm import SVC

import ibnotes as ib
from grading.problem import Example, Function, Wrong


def gradients(student):
    rng = ib.student_rng(student, "ps2 gradient")
    for n, d, size in [(5, 2, 1.0), (9, 4, 1.0), (20, 3, 1e4)]:
        problem, w = ib.make_separable(rng, n, d), size * rng.standard_normal(d)
        margins = problem.y * (problem.X @ w)
        yield (w, problem.X, problem.y), -(problem.y * expit(-margins)) @ problem.X / n


def limits(student):
    """Runs in each geometry that have come near enough to their ends to be told apart, and the ends."""
    rng = ib.student_rng(student, "ps2 limit")
    for norm in rng.permutation([1, 2, np.inf]):
        while True:
            problem = ib.make_separable(rng, n=8, d=6)
            steepest = lambda params, norm=norm: ib.SteepestDescent(params, lr=0.1, norm=norm)
            run = ib.descend(problem, steepest, steps=2000, schedule=lambda k: k**-0.5)
            ends = {p: ib.direction(ib.max_margin(problem.X, problem.y, p).w) for p in (1, 2, np.inf)}
            gaps = {p: ib.direction_gap(run.w[-1], end) for p, end in ends.items()}
            if 2 * gaps.pop(norm) < min(gaps.values()):
                break
        yield (run.w, problem.X, problem.y), ends[norm]


def residuals(student):
    """Instances with as many support vectors as dimensions, all with positive multipliers, and uneven weights."""
    rng = ib.student_rng(student, "ps2 residual")
    for d in (2, 3, 4):
        while True:
            problem = ib.make_separable(rng, n=d + 5, d=d)
            svm = ib.max_margin(problem.X, problem.y)
            if len(svm.support) == d and svm.dual[svm.support].min() > 1e-2:
                break
        weights = np.exp(rng.uniform(-1.5, 1.5, d + 5))
        yield (problem.X, problem.y, weights), end_of_residual(problem.Z, weights, svm)


def end_of_residual(Z, weights, svm):
    """The flow of w - w_svm s in s = log t, integrated until nothing moves any more."""
    ahead = Z @ svm.w - 1
    ahead[svm.support] = 0

    def pulls(s, rest):  # exp(s) / (1 + exp(margin))
        return weights * np.exp(-np.logaddexp(-s, ahead * s + Z @ rest)) / len(Z)

    velocity = lambda s, rest: pulls(s, rest) @ Z - svm.w
    return solve_ivp(velocity, (0, 1e5), np.zeros(Z.shape[1]), "LSODA", rtol=1e-10, atol=1e-12).y[:, -1]


def intercept_matters(student, example):
    X, y = (np.asarray(part, dtype=float) for part in example)
    if not (X.ndim == 2 and X.shape[1] == 2 and len(X) <= 4):
        raise Wrong(f"at most four points in the plane are due, found an array of shape {X.shape}")
    through_origin = ib.max_margin(X, y).w
    best = SVC(kernel="linear", C=1e10).fit(X, y).coef_[0]
    degrees = np.degrees(ib.angle(through_origin, best))
    if degrees < 60:
        raise Wrong(f"the two directions are {degrees:.0f} degrees apart")


RUNS = ("logistic_asymptotics", "logistic_flow", "descend", "integrate")

PROBLEMS = {
    "gradient": Function(gradients, tolerance=1e-9),
    "limit": Function(limits),
    "residual": Function(residuals, without=RUNS),
    "intercept": Example(intercept_matters),
}
