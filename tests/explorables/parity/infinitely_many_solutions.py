from functools import partial

import numpy as np

import ibnotes as ib


def cases(rng):
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
