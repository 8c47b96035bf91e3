"""Matrix factorization and the nuclear norm."""

import numpy as np
import torch
from scipy.integrate import solve_ivp

import ibnotes as ib
from grading.problem import Example, Function, Value, Wrong


def gradients(student):
    """By automatic differentiation; neither M nor the mask is symmetric."""
    rng = ib.student_rng(student, "ps3 gradient")
    for n, r in [(3, 2), (5, 3), (4, 4)]:
        M, mask = rng.standard_normal((n, n)), rng.random((n, n)) < 0.6
        mask[0, 1], mask[1, 0], mask[1, 2], mask[2, 1] = True, False, True, True
        U = torch.tensor(rng.standard_normal((n, r)), requires_grad=True)
        misfit = (U @ U.T - torch.tensor(M))[torch.tensor(mask)]
        (gradient,) = torch.autograd.grad(torch.sum(misfit**2) / 2, U)
        yield (U.detach().numpy(), M, mask), gradient.numpy()


def products(student):
    """Oja's flow of U, integrated: a start that does not commute, a narrow one, a singular M, and backwards."""
    rng = ib.student_rng(student, "ps3 product")
    for n, r, rank, t in [(3, 3, 3, 1.0), (4, 1, 4, 1.5), (4, 2, 2, 1.0), (3, 2, 3, -0.3)]:
        Q, mu = np.linalg.qr(rng.standard_normal((n, n)))[0], rng.choice([-1, 1], size=n) * rng.uniform(0.5, 2, size=n)
        M = (Q[:, :rank] * mu[:rank]) @ Q[:, :rank].T
        M, U0 = (M + M.T) / 2, rng.standard_normal((n, r))
        U0 *= 0.5 / np.linalg.norm(U0, 2)  # below 1, so that it does not blow up either way
        yield (M, U0, t), integrated(M, U0, t)


def integrated(M, U0, t):
    def velocity(t, u):
        U = u.reshape(U0.shape)
        return (M @ U - U @ (U.T @ M @ U)).ravel()

    U = solve_ivp(velocity, (0, t), U0.ravel(), "DOP853", rtol=1e-13, atol=1e-15).y[:, -1].reshape(U0.shape)
    return U @ U.T


def end(student):
    """The flow of log u itself, until nothing moves any more."""
    p, q, r = ib.student_rng(student, "ps3 end").uniform([0.8, 1.4, 2.4], [1.2, 1.8, 3.2])
    M = np.full((4, 4), np.nan)
    M[[0, 0, 1], [2, 3, 2]] = M[[2, 3, 2], [0, 0, 1]] = [p, q, r]

    def velocity(t, log_u):
        u = np.exp(log_u)
        return -np.nan_to_num(np.outer(u, u) - M) @ u

    u = np.exp(solve_ivp(velocity, (0, 1e4), np.log(np.full(4, 0.01)), "LSODA", rtol=1e-11, atol=1e-13).y[:, -1])
    return np.outer(u, u)


def ends_apart(student, example):
    found = np.asarray(example, dtype=float)
    if found.shape != (2, 3) or not np.abs(found).max() <= 1e6:
        raise Wrong("two rows of three numbers are due, none larger than a million")
    products = found[:, :1] * found[:, 1:]
    if np.ptp(products, axis=0).max() > 1e-9 or np.abs(products).max() > 1 + 1e-9:
        raise Wrong("the two starts are to have the same product, its entries between -1 and 1")
    problem = ib.Completion([[1.0, np.nan]], [[True, False]])
    ends = [ib.deep_linear_flow(problem, [row[None, :1], row[None, 1:]], [0, 1e6]).w[-1, 0] for row in found]
    if max(abs(first - 1) for first, _ in ends) > 1e-6:
        raise Wrong("from one of the starts the flow does not fit")
    if abs(ends[0][1] - ends[1][1]) < 5:
        raise Wrong(f"the flow ends with W_12 at {ends[0][1]:.3f} and {ends[1][1]:.3f}")


PROBLEMS = {
    "gradient": Function(gradients, tolerance=1e-9),
    "product": Function(products, tolerance=1e-9, without=("deep_linear_flow", "integrate")),
    "end": Value(end, without=("deep_linear_flow", "descend", "integrate")),
    "starts": Example(ends_apart),
}
