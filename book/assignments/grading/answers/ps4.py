"""Deep linear networks."""

import numpy as np
import torch
from scipy.integrate import solve_ivp
from scipy.optimize import brentq, minimize

import ibnotes as ib
from grading.problem import Example, Function, Value, Wrong


def decays(student):
    """Descent over all factors of W, which are W G_1, G_1^-1 G_2, ..., G_(L-1)^-1 with invertible G_j."""
    rng = ib.student_rng(student, "ps4 decay")
    for m, n, L in [(2, 2, 2), (3, 3, 3), (3, 2, 4), (2, 2, 6)]:
        W = rng.standard_normal((m, n)) + 2 * np.eye(m, n)
        yield (W, L), least_decay(torch.tensor(W), L)


def least_decay(W, L):
    k = W.shape[1]

    def decay(entries):
        G = torch.tensor(entries, requires_grad=True)
        inner = G.reshape(L - 1, k, k)
        pairs = zip([W, *torch.linalg.inv(inner)], [*inner, torch.eye(k, dtype=W.dtype)], strict=True)
        value = sum(torch.sum((left @ right) ** 2) for left, right in pairs)
        (slope,) = torch.autograd.grad(value, G)
        return value.item(), slope.numpy()

    return minimize(decay, np.tile(np.eye(k).ravel(), L - 1), jac=True, method="BFGS").fun


def growth(student, scale=1e-3, depth=4):
    """The flow of the factors' logarithms, one for each eigenvalue, until the first is at half its height."""
    rng = ib.student_rng(student, "ps4 next")
    mu, kappa = rng.uniform([2.6, 1.3, 0.8], [3.0, 2.0, 1.1]), rng.uniform(1.12, 1.28)
    velocity = lambda t, a: np.exp((depth - 2) * a) * (mu - np.exp(depth * a)) - kappa * scale**2
    half = lambda t, a: depth * a[0] - np.log(mu[0] / 2)
    half.terminal = True
    start, accuracy = np.full(3, np.log(scale)), {"rtol": 1e-11, "atol": 1e-12}
    run = solve_ivp(velocity, (0, 1e7), start, "LSODA", events=half, **accuracy)
    return np.exp(depth * (run.y_events[0][0] - start))[1:]


def from_zero(student):
    """The flow of u and v, integrated."""
    rng = ib.student_rng(student, "ps4 zero hidden")
    for n, d, alpha in [(2, 4, 1.0), (3, 6, 0.3), (2, 5, 0.1)]:
        problem = ib.make_underdetermined(rng, n, d)
        yield (problem.X, problem.y, alpha), end_from_zero(problem.X, problem.y, alpha)


def end_from_zero(X, y, alpha):
    def velocity(t, state):
        u, v = np.split(state, 2)
        g = X.T @ (X @ (u * v) - y)
        return -np.concatenate([g * v, g * u])

    start = np.concatenate([np.full(X.shape[1], alpha), np.zeros(X.shape[1])])
    u, v = np.split(solve_ivp(velocity, (0, 1e5), start, "LSODA", rtol=1e-10, atol=1e-12).y[:, -1], 2)
    return u * v


def ends_at_the_worst(student, example):
    x = ib.student_rng(student, "ps4 scales").uniform([2.5, 1.8, 1.0], [3.0, 2.2, 1.3])
    alpha = np.asarray(example, dtype=float)
    if alpha.shape != (3,) or not (alpha.min() >= 1e-50 and alpha.max() <= 1e-3):
        raise Wrong("three scales between 1e-50 and 1e-3 are due")
    # u_j = alpha_j exp(2 x_j z) and v_j = alpha_j exp(-2 x_j z), with z the integral of the residual
    log = 2 * np.log(alpha)
    w = lambda z: np.exp(log + 4 * x * z) - np.exp(log - 4 * x * z)
    end = w(brentq(lambda z: x @ w(z) - 1, 0, np.min((1 - log) / (4 * x)), xtol=1e-14))
    if np.abs(end - [0, 0, 1 / x[2]]).max() > 0.01:
        raise Wrong(f"the flow ends at ({end[0]:.3f}, {end[1]:.3f}, {end[2]:.3f})")


PROBLEMS = {
    "decay": Function(decays, tolerance=1e-5),
    "next": Value(growth, tolerance=1e-3, without=("deep_linear_flow", "integrate")),
    "zero": Function(from_zero),
    "scales": Example(ends_at_the_worst),
}
