"""Infinitely many solutions."""

import cvxpy as cp
import numpy as np
from scipy.integrate import solve_ivp
from scipy.linalg import null_space
from scipy.optimize import brentq

import ibnotes as ib
from grading.problem import Example, Function, Value, Wrong


def extremes(student):
    """Random fits; in the last instance a row comes twice."""
    rng = ib.student_rng(student, "ps1 extremes")
    for n, d, twice in [(2, 4, 0), (4, 7, 0), (3, 5, 1)]:
        problem, x = ib.make_underdetermined(rng, n, d), rng.standard_normal(d)
        R = rng.uniform(1.2, 3) * np.linalg.norm(ib.min_norm_interpolant(problem.X, problem.y).w)
        w = cp.Variable(d)
        ball = [problem.X @ w == problem.y, cp.norm(w) <= R]
        ends = [cp.Problem(goal(x @ w), ball).solve(cp.CLARABEL) for goal in (cp.Minimize, cp.Maximize)]
        rows = np.arange(n + twice) % n
        yield (problem.X[rows], problem.y[rows], x, R), ends


def slow_instance(student):
    """As in the notebook."""
    rng = ib.student_rng(student, "ps1 steps")
    left = np.linalg.qr(rng.standard_normal((3, 3)))[0]
    right = np.linalg.qr(rng.standard_normal((6, 3)))[0]
    A = left @ np.diag([1.0, 1e-2, 1e-5]) @ right.T
    start = rng.standard_normal(6)
    b = A @ start + left @ rng.uniform(0.2, 1.0, size=3)
    return A, b, start, rng.uniform(0.6, 1.4)


def steps(student):
    """Bisection on the run itself, fast-forwarded by squaring its step."""
    A, b, start, eta = slow_instance(student)
    r, step = A @ start - b, np.eye(3) - eta * A @ A.T

    def left_over(log_k):
        now = np.linalg.matrix_power(step, round(np.exp(log_k))) @ r
        return np.log(1e6 * (now @ now) / (r @ r))

    return np.exp(brentq(left_over, 0, np.log(1e12), rtol=1e-8))


def multiplicative(student):
    """Instances with a positive fit, and the end of the flow of log w; in the last one, two rows nearly agree."""
    rng = ib.student_rng(student, "ps1 multiplicative")
    for n, d, apart in [(2, 4, 1.0), (3, 6, 1.0), (2, 5, 1e-3)]:
        X = rng.standard_normal((n, d))
        X[-1] = X[0] + apart * X[-1]
        w0, fit = rng.uniform(0.5, 2, size=(2, d))
        y = X @ fit
        yield (X, y, w0), end_of_multiplicative_flow(X, y, w0)


def end_of_multiplicative_flow(X, y, w0):
    velocity = lambda t, log_w: -X.T @ (X @ np.exp(log_w) - y)
    jacobian = lambda t, log_w: -(X.T @ X) * np.exp(log_w)
    fitted = lambda t, log_w: np.abs(X @ np.exp(log_w) - y).max() - 1e-11
    fitted.terminal = True
    accuracy = {"rtol": 1e-10, "atol": 1e-12}
    flow = solve_ivp(velocity, (0, 1e12), np.log(w0), "LSODA", jac=jacobian, events=fitted, **accuracy)
    return np.exp(flow.y[:, -1])


def ends_at_fit(student, D):
    rng = ib.student_rng(student, "ps1 geometry")
    X, y = rng.standard_normal((3, 6)), rng.choice([-1.0, 1.0], size=3) * rng.uniform(1, 2, size=3)
    anything = rng.standard_normal(6)
    fit = anything + np.linalg.pinv(X) @ (y - X @ anything)
    D = np.asarray(D, dtype=float)
    if D.shape != (6, 6) or not np.allclose(D, D.T, rtol=1e-9, atol=1e-9 * np.abs(D).max()):
        raise Wrong("a symmetric 6 x 6 matrix is due")
    low, high = np.linalg.eigvalsh(D)[[0, -1]]
    if low <= 0 or high > 1e6 * low:
        raise Wrong(f"the eigenvalues go from {low:.3g} to {high:.3g}")
    pull = np.linalg.solve(D, fit)
    kept = np.linalg.norm(null_space(X).T @ pull) / np.linalg.norm(pull)  # zero where the fit is D X' times something
    if not kept < 1e-6:
        raise Wrong("with this matrix the descent ends at another fit")


PROBLEMS = {
    "extremes": Function(extremes, without=("cvxpy", "minimize", "optimize")),
    "steps": Value(steps, tolerance=1e-3),
    "multiplicative": Function(multiplicative, without=("integrate",)),
    "geometry": Example(ends_at_fit),
}
