"""``python -m tests.bench``: ours and what one would write without it, in one run: CPU seconds, one thread, medians."""

import os

for _library in ("OMP", "OPENBLAS", "MKL"):
    os.environ[f"{_library}_NUM_THREADS"] = "1"  # before numpy is imported

from statistics import median  # noqa: E402
from time import process_time  # noqa: E402

import numpy as np  # noqa: E402
import torch  # noqa: E402
from tqdm import tqdm  # noqa: E402

import ibnotes  # noqa: E402
from tests.bench import baselines, growth, matrices  # noqa: E402
from tests.instances import near  # noqa: E402

REPETITIONS = 7
STEP_SIZE = ibnotes.GradientDescent(1.0)
STARTS = np.random.default_rng(0).standard_normal((1000, 10))
HEAD = ("work (100 points in R^10; matrices of rank 5)", "ours", "baseline", "ratio")


def seconds_and_answer(work):
    start = process_time()
    answer = work()
    return process_time() - start, answer


def alternate(*works, repetitions=REPETITIONS):
    """Median seconds of each piece of work, run in turns so that a slow minute slows all; and the last answers."""
    seconds = [[] for _ in works]
    answers = [None for _ in works]
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
        repetitions=5,
    )
    assert np.abs(path.w[-1] - w).max() < 1e-8
    yield faster("torch's Adam, torch loop: steps/s", steps / ours, steps / loop)


def distance_to_the_limit(X, y, svm):
    """How far 1e5 torch steps get in fifty times the time of 2000, and the flow to log t = 1e6 in its own."""
    w = baselines.torch_loop(X, y, 1.0, 100_000)
    works = [lambda: ibnotes.logistic_flow(X, y, [1e6]), lambda: baselines.torch_loop(X, y, 1.0, 2000)]
    (flow, loop), (path, _) = alternate(*works, repetitions=5)
    yield smaller("angle to the SVM: flow at log t = 1e6, torch at 1e5 steps", degrees(path.w[0], svm), degrees(w, svm))
    yield smaller("... seconds for that", flow, 50 * loop)


def oracles(X, y, svm):
    """Error of the max-margin direction, judged by the one in rational arithmetic."""
    works = [lambda f=f: f(X, y) for f in (ibnotes.max_margin, baselines.svm_by_clarabel, baselines.svm_by_sklearn)]
    _, answers = alternate(*works)
    errors = [degrees(w, svm) for w in (answers[0].w, *answers[1:])]
    yield smaller("max margin, Clarabel by cvxpy: error in degrees", errors[0], errors[1])
    yield smaller("max margin, SVC(C=1e8), fits an intercept: error in degrees", errors[0], errors[2])


def networks():
    """32 runs, four step sizes from each of eight starts, 2000 steps of a network of two layers: one call.

    The loops over the runs are timed on a quarter of them, and four times that is theirs.
    """
    rng, steps = np.random.default_rng(0), 2000
    problem = ibnotes.make_separable(rng, 16, 4)
    seeds, sizes = np.repeat(np.arange(8), 4).tolist(), np.tile([0.03, 0.1, 0.3, 1.0], 8)
    data = problem.X, problem.y
    modules = [baselines.two_layers(seed, 4) for seed in seeds]
    (ours, single, foreach, ensemble), (path, *ends) = alternate(
        lambda: ibnotes.descend(problem, ibnotes.GradientDescent(sizes), steps, module=modules, records=2),
        lambda: baselines.loop_over_runs(*data, seeds[:8], sizes[:8], steps, foreach=False),
        lambda: baselines.loop_over_runs(*data, seeds[:8], sizes[:8], steps, foreach=True),
        lambda: baselines.ensemble_of_runs(*data, seeds, sizes, steps),
        repetitions=5,
    )
    assert all(np.abs(path.w[-1][: len(end)] - end).max() < 1e-9 for end in ends)
    name = "32 runs of a network, 2000 steps"
    yield smaller(
        f"{name}: seconds, torch loop over the runs, the faster of foreach and not", ours, 4 * min(single, foreach)
    )
    yield smaller("... torch.func ensemble, written by hand", ours, ensemble)


def homogeneous():
    """KKT angle of a squared-ReLU network: the flow to log t = 1e6, and a torch loop from its state at t = 1."""
    rng = np.random.default_rng(0)
    X, y = rng.standard_normal((8, 4)), np.sign(rng.standard_normal(8))
    network = ibnotes.TwoLayer(X, y, width=6, power=2)
    start = 0.5 * np.random.default_rng(0).standard_normal(network.size)
    begun = ibnotes.homogeneous_flow(network, start, [0.0]).w[0]
    kkt_angle = lambda theta: np.degrees(ibnotes.margin_residuals(network, theta).angle)
    descent = lambda steps: baselines.torch_squared_relu(X, y, 6, begun, 0.01, steps)
    theta = descent(50_000)
    works = [lambda: ibnotes.homogeneous_flow(network, start, [1e6]), lambda: descent(1000)]
    (flow, loop), (path, _) = alternate(*works, repetitions=5)
    name = "squared ReLU, log t = 1e6 against 5e4 torch steps"
    yield smaller(f"{name}: KKT angle in degrees", kkt_angle(path.w[0]), kkt_angle(theta))
    yield smaller("... seconds for that", flow, 50 * loop)


def exact_svm(X, y):
    return np.array([float(x) for x in ibnotes.certify(ibnotes.max_margin(X, y)).w])


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
    svm = exact_svm(X, y)
    rows = [HEAD]
    linear = (
        speeds(X, y),
        adam(X, y),
        distance_to_the_limit(X, y, svm),
        oracles(X, y, svm),
        growth.margins(),
        growth.flows(),
    )
    for part in tqdm((*linear, matrices.deep_linear(), matrices.nuclear(), homogeneous(), networks()), desc="bench"):
        rows += part
    print(table(rows))


if __name__ == "__main__":
    main()
