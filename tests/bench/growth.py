"""How the work grows with the data: CPU seconds at three sizes, ours and the peers', and the exponent of each."""

import tracemalloc
from statistics import median
from time import process_time

import numpy as np

import ibnotes
from tests.bench import baselines

REPETITIONS = 5
LATE = [1e6]


def separable(n, d):
    """Gaussian points, pushed half a unit away from a random hyperplane."""
    problem = ibnotes.make_separable(np.random.default_rng(0), n, d, margin=0.5)
    return problem.X, problem.y


def cpu_seconds(work, repetitions=REPETITIONS):
    seconds = []  # the first, which warms up, does not move a median
    for _ in range(repetitions):
        start = process_time()
        work()
        seconds.append(process_time() - start)
    return median(seconds)


def exponent(sizes, seconds):
    """The slope of log seconds over log size, through all sizes."""
    return np.polyfit(np.log(sizes), np.log(seconds), 1)[0]


def grow(name, sizes, ours, peers, data=separable):
    """A row for each size and peer, in seconds, and one for the exponents, in that of the sizes which differ.

    ``peers`` names callables of ``(X, y)``, each with the largest number of entries that it is given to do.
    """
    varying = 0 if sizes[0][0] != sizes[-1][0] else 1
    took = []
    for n, d in sizes:
        X, y = data(n, d)
        mine = cpu_seconds(lambda: ours(X, y))  # noqa: B023
        took.append(mine)
        for peer, (call, most) in peers.items():
            theirs = cpu_seconds(lambda: call(X, y)) if n * d <= most else None  # noqa: B023
            yield row(f"{name}, {n} x {d}: CPU seconds, {peer}", mine, theirs)
        if not peers:
            yield row(f"{name}, {n} x {d}: CPU seconds", mine, None)
    power = exponent([size[varying] for size in sizes], took)
    yield f"... grows like {'nd'[varying]}^", f"{power:.2f}", "", ""


def row(work, ours, theirs):
    return (
        work,
        f"{ours:.2g}",
        "-" if theirs is None else f"{theirs:.2g}",
        "-" if theirs is None else f"{theirs / ours:.2g}x",
    )


def margins():
    """The l2 oracle, certified, against scikit-learn's SVC and Clarabel by its own interface and by cvxpy's."""
    peers = {
        "SVC(C=1e8)": (baselines.svm_by_sklearn, 2_000_000),
        "Clarabel": (baselines.svm_by_clarabel_itself, 400_000),
        "cvxpy and Clarabel": (baselines.svm_by_clarabel, 400_000),
    }
    alone = {"SVC(C=1e8)": peers["SVC(C=1e8)"]}
    yield from grow("max margin", [(100, 10), (1000, 10), (10_000, 10)], ibnotes.max_margin, peers)
    yield from grow("max margin", [(5000, 20), (20_000, 20), (100_000, 20)], ibnotes.max_margin, alone)
    yield from grow("max margin", [(500, 50), (1000, 100), (2000, 200)], ibnotes.max_margin, alone)
    yield from grow("max margin", [(50, 1000), (50, 5000), (50, 20_000)], ibnotes.max_margin, alone)


def flows():
    """The logistic flow to log t = 1e6, and the memory of the largest, in units of the data."""
    late = lambda X, y: ibnotes.logistic_flow(X, y, LATE)
    for sizes in [(5000, 20), (20_000, 20), (100_000, 20)], [(50, 1000), (50, 5000), (50, 20_000)]:
        yield from grow("flow to log t = 1e6", sizes, late, {})
        X, y = separable(*sizes[-1])
        tracemalloc.start()
        late(X, y)
        peak = tracemalloc.get_traced_memory()[1] / X.nbytes
        tracemalloc.stop()
        yield "... peak memory beside X, in its size", f"{peak:.1f}", "", ""
