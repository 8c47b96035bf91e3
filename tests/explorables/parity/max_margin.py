import numpy as np
from scipy.optimize import root
from scipy.spatial import ConvexHull
from scipy.special import expit, softmax

import ibnotes as ib
from tests.explorables.parity.points import labelled


def cases(rng):
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
        w = ib.logistic_flow(X, y, times).w
        yield "ibnotes.logisticFlow", (X, y, times), w
        for late in w[[0, 3, -1]]:
            yield "ibnotes.gradientShares", (X, y, late), softmax(-np.logaddexp(0, y * (X @ late)))
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
        if not separable:
            Z = y[:, None] * X
            newton = root(lambda w, Z=Z: Z.T @ expit(-Z @ w), np.zeros(2), tol=1e-13)
            yield "ibnotes.logisticMinimizer", (X, y), newton.x
            corners = Z[ConvexHull(Z).vertices]
            first = np.lexsort(corners.T[::-1])[0]
            yield "(X, y) => ibnotes.convexHull(ibnotes.signed(X, y))", (X, y), np.roll(corners, -first, axis=0)
    assert verdicts == {True, False}


def is_separable(X, y):
    try:
        ib.max_margin(X, y)
    except ib.NotSeparable:
        return False
    return True
