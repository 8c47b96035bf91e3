"""Homogeneous networks."""

import numpy as np
from scipy.optimize import linprog, nnls

import ibnotes as ib
from grading.problem import Example, Function, Value, Wrong


def chains(student):
    """Far out on the flow's path, which is known: on the clock of log q every theta_i^2 / k_i grows at speed 2."""
    rng, clock = ib.student_rng(student, "ps5 chain"), 1e6
    for size in (2, 3, 4):
        powers, start = rng.integers(1, 5, size), rng.uniform(0.5, 3, size)
        theta = np.sqrt(start**2 + 2 * powers * clock)
        end = np.sqrt(powers / powers.sum())
        r = np.linalg.norm(theta)
        yield (powers, start), [end, r**2 * (theta / r - end)]


def rates(student):
    """Instances on which the rates decide, and both layers' rates."""
    rng = ib.student_rng(student, "ps5 rates")
    for d in (4, 5, 6):
        while True:
            problem, (eta, zeta) = ib.make_separable(rng, d, d), np.exp(rng.uniform(-2, 2, (2, d)))
            w = cheapest(problem.Z, (eta * zeta) ** -0.5)
            others = (cheapest(problem.Z, cost) for cost in (1 / (eta * zeta), 2 / (eta + zeta), 1 / eta, np.ones(d)))
            if all(np.linalg.norm(w - other) > 0.1 for other in others):
                break
        yield (problem.X, problem.y, eta, zeta), w


def cheapest(Z, cost):
    """The least ``sum_j cost_j |w_j|`` with margins of at least 1, a linear program."""
    signed = np.hstack([Z, -Z])
    halves = linprog(np.tile(cost, 2), A_ub=-signed, b_ub=-np.ones(len(Z)), method="highs-ds").x
    return halves[: len(cost)] - halves[len(cost) :]


def draw_linear(rng):
    """As in the notebook."""
    while True:
        problem = ib.make_separable(rng, n=10, d=4)
        svm = ib.max_margin(problem.X, problem.y)
        dual, margins = svm.dual[svm.support], np.sort(problem.y * (problem.X @ svm.w))
        if len(dual) == 4 and dual.min() > 0.1 * dual.max() and margins[4] > 1.1:
            return problem


def gaps(student):
    """From the multipliers of the network's own margin problem, at a KKT point that balanced factors give."""
    problem = draw_linear(ib.student_rng(student, "ps5 gaps"))
    network = ib.TwoLayer(problem.X, problem.y, width=1, power=1, rectified=False)
    svm = ib.max_margin(problem.X, problem.y)
    size = np.sqrt(np.linalg.norm(svm.w))
    multipliers = ib.margin_point(network, np.append(svm.w / size, size)).multipliers[svm.support]
    return np.log(multipliers.max() / multipliers)


def draw_diagonal(rng):
    """As in the notebook."""
    while True:
        X, weak = rng.standard_normal((5, 4)), rng.integers(4)
        X[:, weak] = rng.uniform(0.1, 0.5, 5)
        try:
            best = ib.max_margin(X, np.ones(5), norm=1)
        except ib.NotSeparable:
            continue
        if 3 * np.abs(best.w).sum() < 1 / X[:, weak].min():
            return X, np.ones(5)


def is_stationary(student, theta):
    X, y = draw_diagonal(ib.student_rng(student, "ps5 stationary"))
    u, v = np.asarray(theta, dtype=float).reshape(2, 4)
    q = X @ (u**2 - v**2)
    if not q.min() > 1 - 1e-8:
        raise Wrong(f"not feasible: the smallest margin is {q.min():.6f}")
    gradients = 2 * np.hstack([X * u, -X * v])[q < 1 + 1e-6]
    theta = np.concatenate([u, v])
    residual = (nnls(gradients.T, theta)[1] if len(gradients) else np.linalg.norm(theta)) / np.linalg.norm(theta)
    if residual > 1e-6:
        raise Wrong(f"no multipliers of active points make it stationary: the relative residual is {residual:.2g}")
    share = 1 / (theta @ theta) / ib.max_margin(X, y, norm=1).margin
    if share > 0.5:
        raise Wrong(f"the normalized margin is {share:.2f} of the largest")


PROBLEMS = {
    "chain": Function(chains, tolerance=1e-4),
    "rates": Function(rates),
    "gaps": Value(gaps),
    "stationary": Example(is_stationary),
}
