"""What the live figures compute in the browser is what the package computes.

An explorable's cases are a generator of (JavaScript function, its arguments, the package's answer), in CASES under
the name of its page.
"""

import numpy as np
import pytest
import torch
from browser import open_page

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


def levers_cases(rng):
    """Every optimizer, its weights at log-spaced steps: where the figure starts, and on other points."""
    start = np.array([[0.7, 0.6], [-0.7, -0.3], [2.5, 0.7], [-2.6, 1.7], [2.6, -1.5], [-1.2, -1.1]])
    labels = np.array([1.0, -1, 1, -1, 1, -1])
    yield from optimizer_cases(start, labels, 2000, epsilons=(1e-8, 1e-2))
    yield from optimizer_cases(start, labels, 100, epsilons=(1e-200,))
    for _ in range(4):
        X, y = labelled(rng)
        yield from optimizer_cases(X / 3, y, 1000, epsilons=(1e-2,))
        yield from optimizer_cases(X / 3, y, 100, epsilons=(1e-200, 1e-8))


def optimizer_cases(X, y, steps, epsilons):
    """In a thousand steps without a noticeable epsilon Adam amplifies roundings to 1e-5: no long runs of that."""
    root = {"schedule": lambda k: k**-0.5}
    steepest = lambda p: lambda params: ib.SteepestDescent(params, lr=0.2, norm=p)
    adam = lambda eps: lambda params: torch.optim.Adam(params, lr=0.2, betas=(0.9, 0.95), eps=eps)
    decaying = [(f"steepestDescent(0.2, {js})", steepest(p)) for js, p in ((1, 1), (2, 2), ("Infinity", np.inf))]
    decaying += [(f"adam({{ lr: 0.2, betas: [0.9, 0.95], eps: {eps} }})", adam(eps)) for eps in epsilons]
    optimizers = [("gradientDescent(0.1)", ib.GradientDescent(0.1), {}), *((*pair, root) for pair in decaying)]
    for js, optimizer, options in optimizers:
        schedule = "(k) => 1 / Math.sqrt(k)" if options else "() => 1"
        run = f"(X, y) => ibnotes.descend(X, y, ibnotes.{js}, {steps}, {{ records: 60, schedule: {schedule} }})"
        path = ib.descend((X, y), optimizer, steps, loss="exponential", records=60, **options)
        yield f"{run}.w", (X, y), path.w
    yield f"{run}.steps", (X, y), path.steps


def full_picture_cases(rng):
    """One X below, at and beyond the peak; averages and limits."""
    n, noise = 20, 0.25
    for d in (2, 10, 18, 19, 20, 21, 22, 40, 120):
        X, w_star = rng.standard_normal((n, d)), rng.standard_normal(d)
        yield "ibnotes.singularValues", (X,), np.linalg.svd(X, compute_uv=False)
        if abs(d - n) > 1:  # elsewhere it is infinite
            yield "ibnotes.expectedRisk", (n, d, 1.5, noise), ib.expected_risk(n, d, 1.5, noise)
        yield "ibnotes.optimalPenalty", (d / n, 1.5, noise), ib.optimal_penalty(d / n, 1.5, noise)
        for penalty in (0, 1e-3, 0.3, 20):
            yield "ibnotes.linearRisk", (X, w_star, noise, penalty), ib.linear_risk(X, w_star, noise, penalty)
        for penalty in (1e-6, 0.3, 20):
            yield "ibnotes.ridgeRisk", (d / n, 1.5, noise, penalty), ib.ridge_risk(d / n, 1.5, noise, penalty)


def homogeneous_cases(rng):
    """Two neurons and their mirror images, before and after they let go: the closed form against the integrator."""
    let_go = []
    for c, s in rng.uniform(0.3, 1.2, (16, 2)):
        start = np.array([10 ** rng.uniform(-3, -0.5), 0.5])
        pair = ib.TwoLayer([[c, s], [-c, s]], [1, 1], width=2, power=2, outer=[1, 1])
        path = ib.homogeneous_flow(pair, [*start, -start[0], start[1]], [1, 3, 10, 100, 1000]).w
        depths = -ib.log_exponential_loss(pair, path)
        residuals = [[own.angle, own.margin] for own in (ib.margin_residuals(pair, theta) for theta in path)]
        yield "ibnotes.twoNeuronFlow", ([c, s], start, depths), path[:, :2]
        angle_and_margin = "(({ angle, margin }) => [angle, margin])(ibnotes.pairResiduals(x, w))"
        yield f"(x, ws) => ws.map((w) => {angle_and_margin})", ([c, s], path[:, :2]), residuals
        released = path[:, 0] * c > path[:, 1] * s
        yield (
            "(x, w0, ells) => ells.map((ell) => +(ell > ibnotes.releaseDepth(x, w0)))",
            ([c, s], start, depths),
            released,
        )
        let_go.extend(released)
    assert {True, False} <= set(let_go)


CASES = {
    "max_margin": max_margin_cases,
    "levers": levers_cases,
    "full_picture": full_picture_cases,
    "homogeneous": homogeneous_cases,
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
