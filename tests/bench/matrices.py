"""Matrices of rank five, a fifth of whose entries are observed, but at least 20 a row: CPU seconds at three sizes."""

import numpy as np

import ibnotes
from tests.bench import baselines
from tests.bench.growth import cpu_seconds, exponent, row

SIZES = 50, 100, 200
FITTED = 1e-6  # mean squared error on the observed entries
DEEP = (2, 1e-3, 1e-3), (3, 1e-2, 1e-4)  # depth, scale of the start, and the relative distance kept from the flow


def deep_linear():
    """The flow from a small start against descent at the largest step with which it ends as near to the flow."""
    for depth, scale, near in DEEP:
        took = []
        for n in SIZES:
            took.append((yield from completion(n, depth, scale, near)))
        yield grown(*zip(*took, strict=True))


def completion(n, depth, scale, near):
    problem = observed(n)
    data = problem.M, problem.mask.astype(float)
    start = ibnotes.balanced_factors((n, n), depth, scale, np.random.default_rng(1))
    flow = baselines.reference_flow(*data, start, FITTED)
    off = lambda W: np.linalg.norm(W - flow) / np.linalg.norm(flow)
    curved = 1 / (depth * np.linalg.norm(problem.M, 2) ** (2 - 2 / depth))  # one over the curvature at the solution
    descent = lambda step: baselines.numpy_descent(*data, start, step, FITTED)
    ours = lambda: ibnotes.deep_linear_flow(problem, start, [0, 1e6], mse=FITTED)
    step = largest_step(lambda step: off(descent(step)[0]) <= near, curved)
    W, steps = descent(step)
    seconds = cpu_seconds(ours), cpu_seconds(lambda: descent(step))
    best = f"numpy descent at its best step, {step / curved:.2g} over the curvature, {steps} of them"
    yield row(f"completion {n} x {n}, depth {depth}: CPU seconds, {best}", *seconds)
    yield "... relative distance from the flow's matrix", f"{off(ours().w[-1]):.1e}", f"{off(W):.1e}", ""
    return seconds


def largest_step(passes, step):
    """By factors of the root of two, from ``step`` up or down; the largest of an unbroken run that passes."""
    with np.errstate(all="ignore"):
        while not passes(step):
            step /= np.sqrt(2)
        while passes(step * np.sqrt(2)):
            step *= np.sqrt(2)
    return step


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
    yield grown(*zip(*took, strict=True))


def observed(n):
    return ibnotes.make_completion(np.random.default_rng(0), (n, n), rank=5, observed=n * max(n // 5, 20))


def grown(*took):
    return "... grows like n^", *(f"{exponent(SIZES, seconds):.2f}" for seconds in took), ""
