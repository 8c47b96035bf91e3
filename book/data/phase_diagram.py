"""Recovery of a 10 x 10 matrix of rank two: what depth, the start's size and the entries observed make of it.

A case is a depth (0: the smallest nuclear norm), the size of the product at the start, scale^depth, the number of
entries observed, and where they lie: anywhere, or all of two diagonal 5 x 5 blocks. Over SEEDS draws of matrix, entries
and start its figures are quartiles of the relative error on all entries, the share of errors below one percent, the
median excess of the nuclear norm over the smallest, and the share of draws whose graph of entries is connected.
"""

import numpy as np
from scipy.linalg import block_diag
from scipy.sparse.csgraph import connected_components

import ibnotes as ib

SEEDS, SIZE, RANK = 12, 10, 2
ENTRIES = (20, 28, 36, 44, 52, 60, 70, 85)
METHODS = [(0, 0.0), *((depth, size) for depth in (1, 2, 3) for size in (1e-1, 1e-2, 1e-3, 1e-4, 1e-5))]
CASES = [
    {"entries": entries, "where": where, "depth": depth, "size": size}
    for entries, where in [*((k, "anywhere") for k in ENTRIES), (50, "anywhere"), (50, "blocks")]
    for depth, size in METHODS
    if entries != 50 or depth in (0, 2)
]
SAMPLE, RTOL = (0, 3, 71, len(CASES) - 5), 1e-3


def instance(entries: int, where: str, seed: int) -> ib.Completion:
    problem = ib.make_completion(np.random.default_rng(seed), (SIZE, SIZE), RANK, entries)
    if where == "anywhere":
        return problem
    block = np.ones((SIZE // 2, SIZE // 2))
    return ib.Completion(problem.M, block_diag(block, block) > 0)


def is_connected(mask: np.ndarray) -> bool:
    """Whether the graph of rows and columns, an edge for each entry observed, is."""
    empty = np.zeros_like(mask)
    return connected_components(np.block([[empty, mask], [mask.T, empty]]))[0] == 1


def end(problem: ib.Completion, depth: int, size: float, seed: int) -> np.ndarray:
    if depth == 0:
        return ib.min_nuclear_norm(problem.M, problem.mask).W
    start = ib.balanced_factors(problem.shape, depth, size ** (1 / depth), np.random.default_rng(SEEDS + seed))
    return ib.deep_linear_flow(problem, start, [0, 1e9], mse=1e-10).w[-1]


def row(entries: int, where: str, depth: int, size: float) -> dict[str, float]:
    problems = [instance(entries, where, seed) for seed in range(SEEDS)]
    ends = [end(problem, depth, size, seed) for seed, problem in enumerate(problems)]
    errors = [np.linalg.norm(W - p.M) / np.linalg.norm(p.M) for p, W in zip(problems, ends, strict=True)]
    least = [ib.nuclear_norm(ib.min_nuclear_norm(p.M, p.mask).W) for p in problems]
    low, middle, high = np.quantile(errors, (0.25, 0.5, 0.75))
    return {
        "low": low,
        "error": middle,
        "high": high,
        "recovered": np.mean(np.array(errors) < 0.01),
        "excess": np.median(ib.nuclear_norm(ends) / least - 1),
        "connected": np.mean([is_connected(p.mask) for p in problems]),
    }
