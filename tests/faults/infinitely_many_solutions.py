"""Faults planted in the chapter on underdetermined regression and in what it uses."""

from dataclasses import replace
from fractions import Fraction

import numpy as np

from .plant import Cell, Lie, Source

NEAREST = "distance to the minimum-norm interpolant, from zero"


def along_the_kernel(honest, X, y, norm=2):
    """The answer of one norm, moved by 1e-9 where no data look: too little for ``certify`` to mind."""
    answer = honest(X, y, norm)
    return replace(answer, w=answer.w + 1e-9 * np.linalg.svd(X)[2][-1])


def repeated(problem):
    """The same problem with its first point in the place of the second."""
    return replace(problem, X=problem.X[[0, 0, *range(2, len(problem.X))]])


def only(which, wrong):
    """A lie about one norm's interpolant."""
    return lambda honest, X, y, norm=2: wrong(honest(X, y, norm)) if norm == which else honest(X, y, norm)


FAULTS = [
    Lie(
        "the interpolants are moved along the kernel by a billionth", NEAREST, "min_norm_interpolant", along_the_kernel
    ),
    Lie(
        "the ℓ1 interpolant is moved along the kernel",
        "ℓ1 and ℓ∞ oracles: 1",
        "min_norm_interpolant",
        along_the_kernel,
    ),
    Lie(
        "the ℓ2 oracle's multipliers are a percent too large",
        "ℓ2 oracle: ‖w",
        "min_norm_interpolant",
        only(2, lambda a: replace(a, dual=1.01 * a.dual)),
    ),
    Lie(
        "the ℓ1 oracle's multipliers are a percent too small",
        "dual norm of Xᵀλ",
        "min_norm_interpolant",
        only(1, lambda a: replace(a, dual=0.99 * a.dual)),
    ),
    Lie(
        "the ℓ∞ oracle's multipliers have the other sign",
        "ℓ1 and ℓ∞ oracles: 1",
        "min_norm_interpolant",
        only(np.inf, lambda a: replace(a, dual=-a.dual)),
    ),
    Lie(
        "multipliers of a problem with other targets",
        "ℓ2 oracle: ‖w",
        "min_norm_interpolant",
        lambda honest, X, y, norm=2: replace(honest(X, y, norm), dual=honest(X, np.roll(y, 1), norm).dual),
    ),
    Lie(
        "the ℓ1 and ℓ2 oracles are exchanged",
        NEAREST,
        "min_norm_interpolant",
        lambda honest, X, y, norm=2: honest(X, y, {1: 2, 2: 1}.get(norm, norm)),
    ),
    Lie(
        "the ℓ2 oracle answers a ridge problem",
        NEAREST,
        "min_norm_interpolant",
        only(2, lambda a: replace(a, w=(1 - 1e-9) * a.w)),
    ),
    Lie(
        "the potential's minimizer is that of depth three",
        "distance to the minimizer of its potential",
        "min_potential_interpolant",
        lambda honest, X, y, scale, depth: honest(X, y, 1e-3, depth + 1),
    ),
    Lie(
        "the potential's minimizer belongs to a start ten times as large",
        "distance to the minimizer of its potential",
        "min_potential_interpolant",
        lambda honest, X, y, scale, depth: honest(X, y, 10 * scale, depth),
    ),
    Source(
        "the squared loss's step is half",
        "error along a singular vector",
        "_squared_step",
        "_fold(X.T, eta)",
        "_fold(X.T, eta / 2)",
    ),
    Source(
        "the squared loss's targets are scaled",
        NEAREST,
        "_squared_step",
        "np.subtract(y, R",
        "np.subtract(1.000001 * y, R",
    ),
    Cell(
        "gradient steps shrink the weights a little",
        "preconditioned descent",
        "preconditioned -= eta * C2",
        "preconditioned *= 1 - 1e-9; preconditioned -= eta * C2",
    ),
    Cell(
        "the preconditioner enters squared", "preconditioned descent", "(X * C2) @ X.T, y))", "(X * C2**2) @ X.T, y))"
    ),
    Cell(
        "the preconditioned run takes the root of C²",
        "preconditioned descent",
        "preconditioned -= eta * C2",
        "preconditioned -= eta * np.sqrt(C2)",
    ),
    Cell(
        "the limit of the step size is 1/σ²",
        "step limit against",
        "limit = 2 / sigma[0] ** 2",
        "limit = 1 / sigma[0] ** 2",
    ),
    Cell(
        "the limit of the step size is 2.012/σ²", NEAREST, "limit = 2 / sigma[0] ** 2", "limit = 2.012 / sigma[0] ** 2"
    ),
    Cell(
        "the rate is 1 − ησ",
        "contraction per step",
        "np.outer(fractions * limit, sigma**2)",
        "np.outer(fractions * limit, sigma)",
    ),
    Cell(
        "the rate leaves out the largest singular value",
        "contraction per step",
        "sigma**2)).max(axis=1)",
        "sigma**2)).min(axis=1)",
    ),
    Cell(
        "the nearest fit forgets half of the start's kernel part",
        "interpolant nearest to w₀",
        "oracle.w + kernel @",
        "oracle.w + 0.5 * kernel @",
    ),
    Cell(
        "the nearest fit has the kernel part with the other sign",
        "interpolant nearest to w₀",
        "oracle.w + kernel @",
        "oracle.w - kernel @",
    ),
    Cell(
        "the flow on u² − v² ends at u² + v²", "minimizer of its potential", "return u**2 - v**2", "return u**2 + v**2"
    ),
    Cell("v moves as u does", "depth-two network", "2 * v * g", "-2 * v * g"),
    Cell(
        "the flow is of depth three",
        "minimizer of its potential",
        "[-2 * u * g, 2 * v * g]",
        "[-3 * u * u * g, 3 * v * v * g]",
    ),
    Cell("the flow stops at a tenth of the time", "minimizer of its potential", "t_end=400.0", "t_end=4.0"),
    Cell("the flow starts at a millionth", "minimizer of its potential", "diagonal_flow(1e-12)", "diagonal_flow(1e-6)"),
    Cell("the second weight starts at the square", "from u = v = (α, α³)", "[1e-4, 1e-12]", "[1e-4, 1e-8]"),
    Cell(
        "a dimension is lost: four parameters a unit are counted as three",
        "tanh network",
        "(4 * hidden - 6)",
        "(3 * hidden - 6)",
    ),
    Cell("the network's hidden layer is linear", "tanh network", "torch.tanh(inputs @", "(inputs @"),
    Cell("directions are counted at the width of the steps", "tanh network", "spread > 0.05", "spread > 2"),
    Cell("no return to zero loss", "f = abx on one point", "for _ in range(4):", "for _ in range(0):"),
    Cell("δ + 1/δ without δ", "nuclear norm reached", "delta + 1 / delta", "1 / delta"),
    Cell(
        "the completion knows three entries and guesses a fourth",
        "nuclear norm reached",
        "[[0.0, 1.0], [1.0, 1.0]])",
        "[[1.0, 1.0], [1.0, 1.0]])",
    ),
    Cell(
        "the growth is of order t^(1/4)",
        "W₁₁ / (6t)",
        "h[-1] / (6 * times[-1]) ** (1 / 3)",
        "h[-1] / (6 * times[-1]) ** (1 / 4)",
    ),
    Cell("the growth's constant is 5", "δ = 0: W₁₁", "h[-1] / (6 * times[-1])", "h[-1] / (5 * times[-1])"),
    Cell(
        "the least nuclear norm is taken among semidefinite fits",
        "least nuclear norm of all",
        "W = cp.Variable((2, 2), **kind)",
        "W = cp.Variable((2, 2), PSD=True)",
    ),
    Cell(
        "the loss at the flat's points has the residual's sum",
        "loss at 1000 points",
        "+ rng.standard_normal((1000, kernel.shape[1])) @ kernel.T",
        "+ 1e-9 * rng.standard_normal((1000, 40))",
    ),
    Cell("the target of the contradiction is 1.01 off", "targets 1 apart", "y[0] + 1)", "y[0] + 1.01)"),
    Cell(
        "descent's errors shrink by 1 − ησ",
        "error along a singular vector",
        "1 - 0.5 * limit * sigma**2",
        "1 - 0.5 * limit * sigma",
    ),
    Cell(
        "the flat's directions are those of the rows", "loss at 1000 points", "right[len(sigma) :].T", "right[1:31].T"
    ),
    Lie(
        "two points are the same, with other targets",
        "loss at 1000 points",
        "make_underdetermined",
        lambda honest, *args, **kwargs: repeated(honest(*args, **kwargs)),
    ),
    Lie(
        "what is proved to be the least ℓ1 norm is a percent too large",
        "excess over the least ℓ1 norm",
        "certify",
        lambda honest, answer: replace(proof := honest(answer), lower=proof.lower * Fraction(101, 100)),
    ),
    Lie(
        "what is proved to be the least nuclear norm is a thousandth too large",
        "least nuclear norm of all completions",
        "certify",
        lambda honest, answer: replace(proof := honest(answer), lower=proof.lower * Fraction(1001, 1000)),
    ),
    Cell(
        "the entropy's program starts from twice the weights",
        "distance to the program's minimizer",
        "np.log(positive), X4, y4)",
        "np.log(2 * positive), X4, y4)",
    ),
    Cell(
        "the mirror of the ℓp norm has the power p",
        "area under the loss, doubled",
        "np.abs(w / size) ** (p - 1)",
        "np.abs(w / size) ** p",
    ),
    Cell(
        "the area counts twice the loss",
        "how much nearer 20 solutions",
        "residual @ residual / 2)",
        "residual @ residual)",
    ),
    Cell(
        "divergences are taken the other way round",
        "how much nearer 20 solutions",
        "(kl(points, positive) - kl(points, w))",
        "(kl(positive, points) - kl(w, points))",
    ),
    Cell(
        "the bound on the loss is half as large",
        "2tL(w(t)) over the divergence",
        "return t * (w - 1) ** 2 /",
        "return 2 * t * (w - 1) ** 2 /",
    ),
    Cell(
        "flows stop at t = 1",
        "positive weights: loss",
        "X, y, t_end=1000.0):",
        "X, y, t_end=1.0):",
    ),
    Cell(
        "nearest to zero, not to the start",
        "½‖w‖²: distance of the end",
        "program(potential, edge_start, edge, edge_y)",
        "program(potential, 0 * edge_start, edge, edge_y)",
    ),
    Cell(
        "mirror descent forgets a millionth of its mirror image a step",
        "exponentiated gradient, η = 0.02, 0.035",
        "s = s + eta * pull(s, X.T @ (X @ path[-1] - y))",
        "s = (1 - 1e-6) * s + eta * pull(s, X.T @ (X @ path[-1] - y))",
    ),
    Cell(
        "the divergences of each point from the one before",
        "(2ΣηL − divergences",
        "kl(path[:-1], path[1:]).sum()",
        "kl(path[1:], path[:-1]).sum()",
    ),
    Cell(
        "the condition on the steps asks for twice as much",
        "condition on the steps",
        "curved = eta * np.sum",
        "curved = 2 * eta * np.sum",
    ),
    Cell(
        "the bound on the steps' loss is half as large",
        "2ΣηL(w_K) over the divergence",
        "return eta * count * (w - 1) ** 2",
        "return 2 * eta * count * (w - 1) ** 2",
    ),
    Cell(
        "the matrices' potential forgets the start",
        "three commuting matrices",
        ") @ U0 @ U0.T @ expm(",
        ") @ expm(",
    ),
    Cell(
        "the second order goes along the first gradient twice",
        "first along ∇G₁",
        "(second @ first @ U0, first @ second @ U0)",
        "(second @ first @ U0, first @ first @ U0)",
    ),
    Cell(
        "depth three breaks ties as depth four",
        "edge of solutions: w minus",
        "w ** (-1 / 3)",
        "w ** (-1 / 2)",
    ),
    Cell(
        "the second weight starts at the square of the first",
        "multiplied from 1e-10 and 1e10",
        "np.full(2, power * np.log(10)), a,",
        "np.array([power, 2 * power]) * np.log(10), a,",
    ),
    Cell(
        "straight ahead is taken for Euclidean",
        "one equation: steepest descent",
        "(1 - a[0] @ here) / (a[0] @ v)",
        "(1 - a[0] @ here) / (a[0] @ a[0])",
    ),
    Cell(
        "the potential of ab is ‖w‖^(3/2) times two thirds at the start",
        "w = ab from",
        "(z := 1.5 * w0",
        "(z := w0",
    ),
    Cell(
        "one equation a step, with its mirror image forgotten a little",
        "one equation a step",
        "s = s + eta * pull(s, x * (x @ to_w(s) - target))",
        "s = (1 - 1e-7) * s + eta * pull(s, x * (x @ to_w(s) - target))",
    ),
]
