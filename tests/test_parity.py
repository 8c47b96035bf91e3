"""What the live figures compute in the browser is what the package computes.

An explorable's cases are a generator of (JavaScript function, its arguments, the package's answer), in CASES under
the name of its page.
"""

from functools import partial

import numpy as np
import pytest
from browser import open_page
from scipy.integrate import quad, solve_ivp
from scipy.optimize import brentq

import ibnotes as ib

pytestmark = pytest.mark.book

PARITY = 1e-6  # relative where the answer is larger than one


def labelled(rng, separable=True):
    """Two to eight points of the plane, labelled by a line through the origin or at random."""
    X = rng.uniform(-6, 6, (rng.integers(2, 9), 2))
    y = np.sign(X @ rng.standard_normal(2)) if separable else rng.choice([-1.0, 1.0], len(X))
    return X, y


def max_margin_cases(rng):
    times = [-2, -0.5, 0, 1, 3, 10, 100, 1000]
    for _ in range(15):
        X, y = labelled(rng)
        for norm in (1, 2, np.inf):
            svm = ib.max_margin(X, y, norm)
            yield "(X, y, p) => ibnotes.maxMargin(X, y, p).w", (X, y, norm), svm.w
            yield "(X, y, p) => ibnotes.maxMargin(X, y, p).margin", (X, y, norm), svm.margin
            yield "(X, y, p) => ibnotes.maxMargin(X, y, p).support", (X, y, norm), svm.support
        svm = ib.max_margin(X, y)
        yield "(X, y) => ibnotes.maxMargin(X, y).dual", (X, y), svm.dual
        yield "ibnotes.logisticFlow", (X, y, times), ib.logistic_flow(X, y, times).w
        if len(svm.support) == 2:
            yield "ibnotes.logisticResidual", (X, y), ib.logistic_asymptotics(X, y).residual
    yield from separability_cases(rng)


def separability_cases(rng):
    """The sum of the certificate, zero where there is none, and the combination of points that it says is zero."""
    combination = """(X, y) => {
        try { ibnotes.maxMargin(X, y); return [0, 0, 0]; }
        catch ({ certificate: c }) {
            const Z = ibnotes.signed(X, y);
            return [...[0, 1].map((j) => ibnotes.dot(c, Z.map((z) => z[j]))), ibnotes.norm(c, 1)];
        }
    }"""
    verdicts = set()
    for _ in range(15):
        X, y = labelled(rng, separable=False)
        verdicts.add(separable := is_separable(X, y))
        yield combination, (X, y), [0, 0, 0 if separable else 1]
    assert verdicts == {True, False}


def is_separable(X, y):
    try:
        ib.max_margin(X, y)
    except ib.NotSeparable:
        return False
    return True


def infinitely_many_solutions_cases(rng):
    """Smallest solutions, where they end when several tie, and where the package's own descent goes."""
    for _ in range(10):
        X, y, w0 = rng.uniform(-3, 3, (1, 2)), rng.uniform(-3, 3, 1), rng.uniform(-3, 3, 2)
        for norm, dual in ((1, np.inf), (2, 2), (np.inf, 1)):
            least = ib.min_norm_interpolant(X, y, norm).w
            yield "(X, y, p) => ibnotes.minNormInterpolant(X, y, p).w", (X, y, norm), least
            steepest = partial(
                ib.SteepestDescent, lr=0.5 / np.linalg.norm(X[0], dual) ** 2, norm=norm, normalized=False
            )
            end = ib.descend((X, y), steepest, 60, loss="squared", w0=w0).w[-1]
            nearest = "(X, y, w0, p) => ibnotes.nearestInterpolant(X, y, w0, p)"
            yield f"(...given) => ({nearest})(...given).ends", (X, y, w0, norm), [end]
            yield f"(...given) => ({nearest})(...given).distance", (X, y, w0, norm), np.linalg.norm(end - w0, norm)
        P, Q = rng.uniform(-3, 3, (2, 2))
        fits = "(P, Q, w) => { const { X, y } = ibnotes.lineThrough(P, Q); return ibnotes.dot(X[0], w) - y[0]; }"
        yield fits, (P, Q, (P + Q) / 2), 0
    yield "(X, y, p) => ibnotes.minNormInterpolant(X, y, p).ends", ([[2, -2]], [3], 1), [[1.5, 0], [0, -1.5]]
    yield "(X, y, p) => ibnotes.minNormInterpolant(X, y, p).ends", ([[0, -2]], [3], np.inf), [[1.5, -1.5], [-1.5, -1.5]]


def deep_linear_cases(rng):
    """The selected solutions by program and by flow, points on the way of the flow, and the potential."""
    selected = "(...given) => ibnotes.minPotentialInterpolant(...given).w"
    constant = """(X, y, scale, depth) => {
        const { w, tops } = ibnotes.minPotentialInterpolant(X, y, scale, depth);
        const relative = (v) => ibnotes.potential(v, scale, depth) / ibnotes.potential(w, scale, depth);
        return ibnotes.levelSet(tops, scale, depth).map(relative);
    }"""
    for depth in (2, 3, 4, 5):
        for scale in (10, 1, 0.3, 0.03):
            X, y = rng.uniform(-3, 3, (1, 2)), rng.uniform(-3, 3, 1)
            yield selected, (X, y, scale, depth), ib.min_potential_interpolant(X, y, scale, depth).w
            yield selected, (X, y, scale, depth), ib.diagonal_flow(X, y, scale, depth)
            yield constant, (X, y, scale, depth), np.ones(50)
            w = rng.uniform(-3, 3, 2)
            yield "ibnotes.potential", (w, scale, depth), sum(potential(abs(w), scale, depth))
        on_the_way = on_the_way_of_the_flow(X, y, 0.3, depth)
        yield selected, (X, X @ on_the_way, 0.3, depth), on_the_way
    yield from stages_cases()


def stages_cases():
    """Singular values of deep linear networks with a diagonal target, and their growth under a constant pull."""
    targets, times = np.array([3.0, 2.0, 1.0]), np.array([0, 0.5, 1, 2, 4, 8])
    flow = "(targets, ...given) => targets.map((target) => ibnotes.singularValueFlow(target, ...given))"
    problem = ib.Completion(np.diag(targets), np.ones((3, 3), dtype=bool))
    for depth in (1, 2, 3, 4):
        for scale in (0.3, 0.03):
            start = ib.balanced_factors((3, 3), depth, scale)
            W = ib.deep_linear_flow(problem, start, times).w
            yield flow, (targets, scale, depth, times), np.diagonal(W, axis1=1, axis2=2).T
    for depth in (1, 2, 3, 4):
        growth = solve_ivp(lambda t, a, L: 2 * a ** (L - 1), (0, 1), [0.3], args=(depth,), rtol=1e-11, atol=1e-13)
        yield "ibnotes.earlyGrowth", (2, 0.3, depth, 1), growth.y[0, -1] ** depth
        yield "(s, ...given) => ibnotes.earlyGrowth(s, ...given, ibnotes.arrival(s, ...given))", (2, 0.3, depth), 2


def on_the_way_of_the_flow(X, y, scale, depth):
    """The weights of a diagonal network that has not arrived yet."""

    def velocity(t, parameters):
        u, v = parameters.reshape(2, -1)
        pull = depth * X.T @ (y - X @ (u**depth - v**depth))
        return np.concatenate([u ** (depth - 1) * pull, -(v ** (depth - 1)) * pull])

    u, v = solve_ivp(velocity, (0, 1), np.full(4, scale), rtol=1e-11, atol=1e-13).y[:, -1].reshape(2, -1)
    return u**depth - v**depth


@np.vectorize
def potential(w, scale, depth):
    """q(w) = wz - (integral of h from 0 to z) at w = h(z), h as in the theorem of the chapter."""
    kappa = depth * (depth - 2) * scale ** (depth - 2)
    if depth == 2:
        h = lambda z: 2 * scale**2 * np.sinh(4 * z)
    else:
        half = lambda z: (1 - kappa * z) ** (-depth / (depth - 2))
        h = lambda z: scale**depth * (half(z) - half(-z))
    z = brentq(lambda z: h(z) - w, 0, (1 - 1e-12) / kappa if kappa else 10, xtol=1e-15, rtol=1e-15)
    return w * z - quad(h, 0, z, epsabs=0, epsrel=1e-11, limit=500)[0]


def matrix_factorization_cases(rng):
    """The flow from balanced starts, the largest of them last, and singular values down to zero."""
    times = [0, 0.5, 1, 2, 4, 8]
    for scale in (1e-6, 1e-3, 0.1, 1):
        problem = ib.make_completion(rng, (4, 4), rank=2, observed=12)
        for start in (ib.balanced_factors((4, 4), 2, scale), ib.balanced_factors((4, 4), 2, scale, rng)):
            W = ib.deep_linear_flow(problem, start, times).w
            yield "ibnotes.factorizationFlow", (problem.M, problem.mask, np.array(start), times), W
        yield "ibnotes.singularValues", (problem.M,), ib.singular_values(problem.M)
        yield "ibnotes.singularValues", (W[-1],), ib.singular_values(W[-1])


CASES = {
    "deep_linear": deep_linear_cases,
    "infinitely_many_solutions": infinitely_many_solutions_cases,
    "matrix_factorization": matrix_factorization_cases,
    "max_margin": max_margin_cases,
}


def deviations(browser, page, cases):
    """Relative distance of each answer of the page from the package's."""
    context = browser.new_context()
    page, _, _ = open_page(context, page, typeset=False)
    plain = lambda value: value.tolist() if isinstance(value, np.ndarray) else value
    calls = [[code, [plain(argument) for argument in arguments]] for code, arguments, _ in cases]
    answers = page.evaluate("(calls) => calls.map(([code, given]) => eval(code)(...given))", calls)
    context.close()
    expected = [np.asarray(answer, dtype=float) for _, _, answer in cases]
    assert [np.shape(answer) for answer in answers] == [answer.shape for answer in expected]
    return np.array([abs(a - e).max() / max(1, abs(e).max()) for a, e in zip(answers, expected, strict=True)])


@pytest.mark.parametrize("page", CASES)
def test_the_page_computes_what_the_package_does(browser, page):
    cases = list(CASES[page](np.random.default_rng(0)))
    assert deviations(browser, page, cases).max() < PARITY


@pytest.mark.parametrize("page", CASES)
def test_a_point_moved_by_a_thousandth_is_noticed(browser, page):
    cases = list(CASES[page](np.random.default_rng(0)))
    moved = [(code, (np.multiply(first, 1.001), *rest), answer) for code, (first, *rest), answer in cases]
    assert (deviations(browser, page, moved) > PARITY).mean() > 0.5
