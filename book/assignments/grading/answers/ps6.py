"""What changes the bias."""

import numpy as np
import torch
from scipy.optimize import linprog, nnls

import ibnotes as ib
from grading.problem import Example, Function, Value, Wrong

STEPS = 2000


def clocks(student):
    """How far torch moves on a gradient of constant length one."""
    rng = ib.student_rng(student, "ps6 clock")
    for power in (0.0, 0.15, 0.3):
        lr, momentum, dampening = (float(rng.uniform(low, high)) for low, high in [(0.01, 1), (0.5, 0.8), (0.3, 0.6)])
        weight = torch.zeros((), dtype=torch.float64)
        weight.grad = -torch.ones_like(weight)
        optimizer = torch.optim.SGD([weight], lr=lr, momentum=momentum, dampening=dampening)
        for k in range(1, STEPS + 1):
            optimizer.param_groups[0]["lr"] = lr * k**-power
            optimizer.step()
        yield (lr, momentum, dampening, power, STEPS), weight.item()


def watched(student):
    """Instances on which P decides, and its root."""
    rng = ib.student_rng(student, "ps6 watched")
    for d in (3, 4, 5):
        while True:
            problem, gradients, A = ib.make_separable(rng, d + 5, d), rng.standard_normal((d + 2, d)), lower(rng, d)
            end, *others = [B @ least_distance(problem.Z @ B) for B in (A, np.eye(d), A @ A.T, A.T)]
            gaps = [ib.direction_gap(end, other) for other in others]
            if min(gaps) > 0.1 and np.linalg.cond(gradients) < 30:
                break
        yield (gradients, -gradients @ A @ A.T, problem.X, problem.y), ib.direction(end)


def lower(rng, d):
    return 0.3 * (np.tril(rng.standard_normal((d, d)), -1) + np.diag(rng.uniform(0.3, 1.5, d)))


def least_distance(Z):
    """The shortest u with ``Zu >= 1``, by non-negative least squares (Lawson & Hanson 1974, chapter 23)."""
    E = np.vstack([Z.T, np.ones(len(Z))])
    f = np.append(np.zeros(Z.shape[1]), 1.0)
    residual = E @ nnls(E, f)[0] - f
    return -residual[:-1] / residual[-1]


def draw_turned(rng):
    """As in the notebook."""
    while True:
        problem = ib.make_separable(rng, n=6, d=3)
        by_gradient, by_sign = (ib.direction(ib.max_margin(problem.X, problem.y, p).w) for p in (2, np.inf))
        if ib.direction_gap(by_gradient, by_sign) > 0.2:
            return problem, ib.direction(by_sign - by_gradient)


def turned_over(student, Q):
    """Whether *every* classifier of largest l-infinity margin has the rotated point on its negative side."""
    problem, point = draw_turned(ib.student_rng(student, "ps6 turned"))
    Q = np.asarray(Q, dtype=float)
    if Q.shape != (3, 3) or np.abs(Q @ Q.T - np.eye(3)).max() > 1e-8:
        raise Wrong("Q is not orthogonal")
    margins = np.hstack([-problem.Z @ Q.T, np.ones((6, 1))])
    program = {"A_ub": margins, "b_ub": np.zeros(6)}
    largest = -linprog([0, 0, 0, -1], **program, bounds=[(-1, 1)] * 3 + [(0, None)]).fun
    kept = [(-1, 1)] * 3 + [((1 - 1e-9) * largest, None)]
    highest = -linprog([*(-Q @ point), 0], **program, bounds=kept).fun
    if highest > -1e-6:
        raise Wrong(f"the point is not on the negative side: <Qx, w> is {highest:.3g} for the w of l-infinity norm 1")


def draw_regression(rng):
    """As in the notebook."""
    U, V = (np.linalg.qr(rng.standard_normal((size, 6)))[0] for size in (20, 6))
    return U * np.geomspace(3, 0.3, 6) @ V.T, ib.direction(rng.standard_normal(6))


def stopping(student, noise=0.1):
    """Both estimators are matrices times y; the penalties are searched on a fine grid."""
    X, truth = draw_regression(ib.student_rng(student, "ps6 stopping"))
    error = lambda B: np.sum((B @ X @ truth - truth) ** 2) + noise * np.sum(B**2)
    B, errors = np.zeros((6, 20)), []
    for _ in range(2000):
        errors.append(error(B))
        B = B + X.T @ (np.eye(20) - X @ B) / 9
    ridge = [error(np.linalg.solve(X.T @ X + penalty * np.eye(6), X.T)) for penalty in np.geomspace(1e-2, 1e2, 2000)]
    return [np.argmin(errors), min(errors), min(ridge)]


PROBLEMS = {
    "clock": Function(clocks, tolerance=0.03),
    "watched": Function(watched, tolerance=1e-5),
    "turned": Example(turned_over),
    "stopping": Value(stopping),
}
