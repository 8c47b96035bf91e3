"""Matrices of rank five, a fifth of whose entries are observed, but at least 20 a row: CPU seconds at three sizes."""

import numpy as np

import ibnotes
from tests.bench import baselines
from tests.bench.growth import cpu_seconds, exponent, row

SIZES = 50, 100, 200
FITTED = 1e-6  # mean squared error on the observed entries
PACED = 200  # steps of descent from which its pace is taken
# depth, scale of the start, relative distance kept from the flow, and sizes: descent on two of 200 x 200 takes minutes
DEEP = (2, 1e-3, 1e-3, (50, 70, 100)), (3, 1e-2, 1e-4, SIZES)


def deep_linear():
    """The flow from a small start against descent at the largest step with which it ends as near to the flow."""
    for depth, scale, near, sizes in DEEP:
        took, best = [], 1.0
        for n in sizes:
            seconds, best = yield from completion(n, depth, scale, near, best)
            took.append(seconds)
        yield grown(sizes, *zip(*took, strict=True))


def completion(n, depth, scale, near, guess):
    """Rows, then the seconds and the best step over the curvature, which is sought from a ``guess`` on."""
    problem = observed(n)
    data = problem.M, problem.mask.astype(float)
    start = ibnotes.balanced_factors((n, n), depth, scale, np.random.default_rng(1))
    flow = baselines.reference_flow(*data, start, FITTED)
    off = lambda W: np.linalg.norm(W - flow) / np.linalg.norm(flow)
    curved = 1 / (depth * np.linalg.norm(problem.M, 2) ** (2 - 2 / depth))  # one over the curvature at the solution
    descent = lambda step, most=np.inf: baselines.numpy_descent(*data, start, step, FITTED, most)
    ours = lambda: ibnotes.deep_linear_flow(problem, start, [0, 1e6], mse=FITTED)
    step, (W, steps) = largest_step(descent, lambda answer: off(answer[0]) <= near, guess * curved)
    pace = cpu_seconds(lambda: descent(step, PACED)) / PACED  # each step costs the same, so not all are timed again
    seconds = cpu_seconds(ours), pace * steps
    told = f"numpy descent at its best step, {step / curved:.2g} over the curvature, {steps} of them"
    yield row(f"completion {n} x {n}, depth {depth}: CPU seconds, {told}", *seconds)
    yield "... relative distance from the flow's matrix", f"{off(ours().w[-1]):.1e}", f"{off(W):.1e}", ""
    return seconds, step / curved


def largest_step(run, passes, step):
    """The largest step of an unbroken series that passes, by factors of the root of two from ``step``; its answer."""
    with np.errstate(all="ignore"):
        answer = run(step)
        while not passes(answer):
            step /= np.sqrt(2)
            answer = run(step)
        while passes(larger := run(step * np.sqrt(2))):
            step, answer = step * np.sqrt(2), larger
    return step, answer


def nuclear():
    """The least nuclear norm, certified, against SCS as cvxpy hands it back, with the relative duality gaps."""
    took = []
    for n in SIZES:
        problem = observed(n)
        ours = lambda problem=problem: ibnotes.min_nuclear_norm(problem.M, problem.mask)
        scs = lambda problem=problem: baselines.nuclear_by_scs(problem.M, problem.mask)
        took.append((cpu_seconds(ours), cpu_seconds(scs)))
        yield row(f"least nuclear norm, {n} x {n}: CPU seconds, SCS by cvxpy", *took[-1])
        yield "... relative duality gap", f"{ours().gap:.1e}", f"{scs():.1e}", ""
    yield grown(SIZES, *zip(*took, strict=True))


def observed(n):
    return ibnotes.make_completion(np.random.default_rng(0), (n, n), rank=5, observed=n * max(n // 5, 20))


def grown(sizes, *took):
    return "... grows like n^", *(f"{exponent(sizes, seconds):.2f}" for seconds in took), ""
