"""The full picture."""

from itertools import product

import numpy as np

import ibnotes as ib
from grading.problem import Example, Function, Value, Wrong


def starts(student):
    """A parabola in a: its ends are known, and how steeply it falls at zero by what of the start the data see."""
    rng = ib.student_rng(student, "ps7 start")
    for n, d in [(12, 40), (50, 52), (30, 7), (rng.integers(5, 50), rng.integers(60, 200))]:
        signal, noise, c, v, a = (float(number) for number in rng.uniform([1, 0.1, -1, 0.1, 0.2], [4, 2, 2, 1, 0.8]))
        before = (1 - c) ** 2 * signal + v**2 * d
        after = ib.expected_risk(n, d, (1 - c) ** 2 * signal, noise) + v**2 * max(d - n, 0)
        slope = -2 * before * min(n, d) / d
        yield (int(n), int(d), signal, noise, c, v, a), before + slope * a + (after - before - slope) * a**2


def complexities(student):
    """The supremum of a linear function over a polytope, corner by corner; over the Euclidean ball by a formula."""
    rng = ib.student_rng(student, "ps7 complexity")
    for n, p in [(7, 1), (6, 2), (8, np.inf)]:
        X, w0, radius = rng.standard_normal((n, 4)), 3 * rng.standard_normal(4), float(rng.uniform(0.5, 2))
        pulls = np.array(list(product([-1, 1], repeat=n))) @ X
        corners = {1: np.vstack([np.eye(4), -np.eye(4)]), np.inf: np.array(list(product([-1, 1], repeat=4)))}
        best = (pulls @ corners[p].T).max(axis=1) if p in corners else np.sqrt(np.sum(pulls**2, axis=1))
        yield (X, w0, radius, p), np.mean(pulls @ w0 + radius * best) / n


def fewer(student):
    """As in the notebook, and all numbers of parts and points tried."""
    rng = ib.student_rng(student, "ps7 fewer")
    d = int(rng.integers(60, 121))
    available = int(d * rng.uniform(1.15, 1.4))
    noise = float(rng.uniform(0.15, 0.4))
    tried = []
    for m in range(1, available + 1):
        for n in range(1, available // m + 1):
            together = max(1 - n / d, 0) ** 2  # of the fits' mean
            tried.append((float(ib.expected_risk(n, d, 1, noise) - together) / m + together, m, n))
    risk, m, n = min(tried)
    return [m, n, risk]


def no_penalty_helps(student, example):
    X, variances, w, noise = (np.asarray(part, dtype=float) for part in example)
    n, d = X.shape
    scale = np.sum(X**2) / n
    if not (n < d == len(variances) == len(w) and (variances > 0).all() and np.linalg.matrix_rank(X) == n):
        raise Wrong("X should have full rank and fewer rows than columns, and every feature a variance and a weight")
    if not noise >= 0.1 * (variances @ w**2) > 0:
        raise Wrong("too little noise, or no signal")
    if scale > 4 * variances.sum() * (1 + 1e-9):
        raise Wrong("the points are too long for such variances")
    _, s, right = np.linalg.svd(X, full_matrices=False)

    def risk(penalty):
        kept = s**2 / (s**2 + n * penalty)
        bias = right.T @ (kept * (right @ w)) - w
        return variances @ (bias**2 + noise * np.sum((right.T * (kept / s)) ** 2, axis=1))

    for penalty in np.geomspace(1e-6, 1e6, 241) * scale:
        if risk(penalty) < risk(0):
            raise Wrong(f"a penalty of {penalty:.2g} is better: risk {risk(penalty):.6g}, and {risk(0):.6g} without")
    if risk(0.1 * scale) < 1.01 * risk(0):
        raise Wrong(f"a penalty of {0.1 * scale:.2g} is hardly worse: {risk(0.1 * scale):.6g}, {risk(0):.6g} without")


PROBLEMS = {
    "start": Function(starts, without=("expected_risk",)),
    "complexity": Function(complexities),
    "fewer": Value(fewer, without=("expected_risk",)),
    "penalty": Example(no_penalty_helps),
}
