"""``python -m tests.bench``: ours and what one would write without it, side by side, one thread, medians."""

import os

for _library in ("OMP", "OPENBLAS", "MKL"):
    os.environ[f"{_library}_NUM_THREADS"] = "1"  # before numpy is imported

from statistics import median  # noqa: E402
from time import perf_counter  # noqa: E402

import numpy as np  # noqa: E402
import torch  # noqa: E402
from tqdm import tqdm  # noqa: E402

import ibnotes  # noqa: E402
from tests.bench import baselines  # noqa: E402
from tests.instances import near  # noqa: E402

REPETITIONS = 7
STEP_SIZE = ibnotes.GradientDescent(1.0)
STARTS = np.random.default_rng(0).standard_normal((1000, 10))
HEAD = ("work (100 points in R^10; matrices of rank 5)", "ours", "baseline", "ratio")
FITTED = 1e-6  # mean squared error on the observed entries
SIZES = 50, 100, 200  # of square matrices
DEEP = (2, 1e-3, 1e-3), (3, 1e-2, 1e-4)  # depth, scale of the start, and the relative distance from the flow's matrix


def seconds_and_answer(work):
    start = perf_counter()
    answer = work()
    return perf_counter() - start, answer


def alternate(*works, repetitions=REPETITIONS):
    """Median seconds of each piece of work, run in turns so that a slow minute slows all; and the last answers."""
    seconds = [[] for _ in works]
    answers = [work() for work in works]  # warm up
    for _ in range(repetitions):
        for k, work in enumerate(works):
            duration, answers[k] = seconds_and_answer(work)
            seconds[k].append(duration)
    return [median(each) for each in seconds], answers


def speeds(X, y):
    """Steps per second of single runs, and trajectory steps per second of batches, each against torch."""
    single, few, batched = 20_000, 2_000, 200
    (ours, ours_batch, loop, loop_batch), (w, W, _, W_torch) = alternate(
        lambda: ibnotes.descend((X, y), STEP_SIZE, single, records=2).w[-1],
        lambda: ibnotes.descend((X, y), STEP_SIZE, batched, w0=STARTS, records=2).w[-1],
        lambda: baselines.torch_loop(X, y, 1.0, few),
        lambda: baselines.batched_torch_loop(X, y, 1.0, batched, STARTS),
    )
    check = ibnotes.descend((X, y), STEP_SIZE, few, records=2).w[-1]
    assert np.abs(check - baselines.torch_loop(X, y, 1.0, few)).max() < 1e-10
    assert np.abs(W - W_torch).max() < 1e-10
    assert np.isfinite(w).all()
    one, many = few / loop, len(STARTS) * batched / loop_batch
    batch = len(STARTS) * batched / ours_batch
    yield faster("gradient descent, torch loop: steps/s", single / ours, one)
    yield faster("1000 starts, one torch loop each: trajectory steps/s", batch, one)
    yield faster("1000 starts, batched torch autograd: trajectory steps/s", batch, many)


def adam(X, y):
    """Steps per second of torch's Adam, with the gradient by hand and by autograd."""
    steps = 5000
    (ours, loop), (path, w) = alternate(
        lambda: ibnotes.descend((X, y), lambda params: torch.optim.Adam(params, lr=0.01), steps, records=2),
        lambda: baselines.torch_loop(X, y, 0.01, steps, torch.optim.Adam),
        repetitions=3,
    )
    assert np.abs(path.w[-1] - w).max() < 1e-8
    yield faster("torch's Adam, torch loop: steps/s", steps / ours, steps / loop)


def distance_to_the_limit(X, y, svm):
    """How far 1e5 torch steps get in their time, and the flow to log t = 1e6 in its own."""
    loop, w = seconds_and_answer(lambda: baselines.torch_loop(X, y, 1.0, 100_000))
    (flow,), (path,) = alternate(lambda: ibnotes.logistic_flow(X, y, [1e6]))
    yield smaller("angle to the SVM: flow at log t = 1e6, torch at 1e5 steps", degrees(path.w[0], svm), degrees(w, svm))
    yield smaller("... seconds for that", flow, loop)


def oracles(X, y, svm):
    """Error of the max-margin direction, judged by Lawson and Hanson's active-set method."""
    works = [lambda f=f: f(X, y) for f in (ibnotes.max_margin, baselines.svm_by_clarabel, baselines.svm_by_sklearn)]
    (ours, clarabel, sklearn), answers = alternate(*works)
    errors = [degrees(w, svm) for w in (answers[0].w, *answers[1:])]
    yield smaller("max margin, Clarabel by cvxpy: error in degrees", errors[0], errors[1])
    yield smaller("max margin, SVC(C=1e10), fits an intercept: error in degrees", errors[0], errors[2])
    yield smaller("... seconds of max_margin and of Clarabel", ours, clarabel)
    yield smaller("... seconds of max_margin and of SVC", ours, sklearn)


def completion(n, depth, scale, same):
    """Seconds from a product of size 1e-6 to a fit of what is observed, against descent at the largest step
    with which it ends within ``same`` of the flow, as ours does."""
    problem = observed(n)
    data = problem.M, problem.mask.astype(float)
    start = ibnotes.balanced_factors((n, n), depth, scale, np.random.default_rng(1))
    flow = baselines.reference_flow(*data, start, FITTED)
    off = lambda W: np.linalg.norm(W - flow) / np.linalg.norm(flow)
    safe = 1 / (depth * np.linalg.norm(problem.M, 2) ** (2 - 2 / depth))  # one over the curvature at the solution
    descent = lambda step: baselines.numpy_descent(*data, start, step, FITTED)
    step = largest_step(lambda step: off(descent(step)[0]) <= same, safe)
    (ours, theirs), (path, (W, steps)) = alternate(
        lambda: ibnotes.deep_linear_flow(problem, start, [0, 1e6], mse=FITTED),
        lambda: descent(step),
        repetitions=5,
    )
    assert off(path.w[-1]) <= same
    best = f"numpy descent at its best step ({step / safe:.2g}/curvature, {steps} of them)"
    rows = (
        smaller(f"completion {n} x {n}, depth {depth}, {best}: seconds", ours, theirs),
        smaller("... relative distance from the flow's matrix", off(path.w[-1]), off(W)),
    )
    return rows, (ours, theirs)


def largest_step(passes, step):
    """By factors of the root of two, from ``step`` up or down; the largest of an unbroken run that passes."""
    with np.errstate(all="ignore"):
        while not passes(step):
            step /= np.sqrt(2)
        while passes(step * np.sqrt(2)):
            step *= np.sqrt(2)
    return step


def nuclear(n):
    """The nuclear-norm oracle against SCS as it comes."""
    problem = observed(n)
    (ours, scs), (answer, gap) = alternate(
        lambda: ibnotes.min_nuclear_norm(problem.M, problem.mask),
        lambda: baselines.nuclear_by_scs(problem.M, problem.mask),
        repetitions=5,
    )
    rows = (
        smaller(f"nuclear norm {n} x {n}, SCS by cvxpy: seconds", ours, scs),
        smaller("... relative duality gap", answer.gap, gap),
    )
    return rows, (ours, scs)


def observed(n):
    """A fifth of the entries of an n x n matrix of rank five, but at least 20 a row."""
    return ibnotes.make_completion(np.random.default_rng(0), (n, n), rank=5, observed=n * max(n // 5, 20))


def growth(at):
    """The rows of ``at(n)`` at three sizes, and the exponents of n in the seconds, by least squares on logarithms."""
    times = []
    for n in SIZES:
        rows, seconds = at(n)
        times.append(seconds)
        yield from rows
    exponents = np.polyfit(np.log(SIZES), np.log(times), 1)[0]
    yield "... growth of the seconds with n", *(f"n^{x:.1f}" for x in exponents), ""


def homogeneous():
    """KKT angle of a squared-ReLU network: the flow to log t = 1e6, and a torch loop from its state at t = 1."""
    rng = np.random.default_rng(0)
    X, y = rng.standard_normal((8, 4)), np.sign(rng.standard_normal(8))
    network = ibnotes.TwoLayer(X, y, width=6, power=2)
    start = 0.5 * np.random.default_rng(0).standard_normal(network.size)
    begun = ibnotes.homogeneous_flow(network, start, [0.0]).w[0]
    kkt_angle = lambda theta: np.degrees(ibnotes.margin_residuals(network, theta).angle)
    loop, theta = seconds_and_answer(lambda: baselines.torch_squared_relu(X, y, 6, begun, 0.01, 50_000))
    (flow,), (path,) = alternate(lambda: ibnotes.homogeneous_flow(network, start, [1e6]), repetitions=3)
    name = "squared ReLU, log t = 1e6 against 5e4 torch steps"
    yield smaller(f"{name}: KKT angle in degrees", kkt_angle(path.w[0]), kkt_angle(theta))
    yield smaller("... seconds for that", flow, loop)


def degrees(u, v):
    return float(np.degrees(ibnotes.angle(u, v)))


def faster(work, ours, baseline):
    return work, f"{ours:,.0f}", f"{baseline:,.0f}", f"{ours / baseline:.3g}x"


def smaller(work, ours, baseline):
    ratio = f"{baseline / ours:.2g}x" if ours > 0 else "-"
    return work, f"{ours:.2g}", f"{baseline:.2g}", ratio


def table(rows):
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return "\n".join(
        "  ".join([row[0].ljust(widths[0]), *(cell.rjust(w) for cell, w in zip(row[1:], widths[1:], strict=True))])
        for row in rows
    )


def main():
    torch.set_num_threads(1)
    X, y = near()
    svm = baselines.svm_by_lawson_hanson(X, y)
    rows = [HEAD]
    linear = speeds(X, y), adam(X, y), distance_to_the_limit(X, y, svm), oracles(X, y, svm)
    for part in tqdm(
        (*linear, completion(2, 1e-3, 1e-3), completion(3, 1e-2, 1e-4), nuclear(), homogeneous()), desc="bench"
    ):
        rows += part
    print(table(rows))


if __name__ == "__main__":
    main()
