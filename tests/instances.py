"""The named instances the tests share. Where only points are given, every label is +1."""

from functools import cache

import numpy as np
from sklearn.datasets import load_digits, load_iris

from ibnotes import Multiclass

ZA = np.array([[1, 0.3], [0.5, -1.2], [2, 1], [1.5, -3], [3, 0.2]])
ZC = np.column_stack([ZA, [0.2, 0.1, 1.5, -1, 0.5]])  # its support vectors span a plane of R^3
ZD = np.array([[1, -1], [1, 0.5], [1, 2]])  # linearly dependent support vectors
DEGENERATE = np.array([[1.0, 0.0], [1.0, 1.0]])  # the second support vector has dual variable zero
ADZ = np.array([[1, 0.3, 0.1], [0.8, -0.1, 0.35], [0.4, 0.5, -0.2], [1.2, 0.2, 0.9]])


def near():
    """A hundred Gaussian points in R^10, pushed 0.5 away from a random hyperplane."""
    rng = np.random.default_rng(0)
    X = rng.standard_normal((100, 10))
    w = rng.standard_normal(10)
    w /= np.linalg.norm(w)
    y = np.sign(X @ w)
    return X + 0.5 * y[:, None] * w, y


@cache
def digits(a, b):
    """Scikit-learn's 8 by 8 images of two digits: +1 for ``a``, -1 for ``b``."""
    data = load_digits()
    chosen = np.isin(data.target, (a, b))
    return data.data[chosen], np.where(data.target[chosen] == a, 1.0, -1.0)


@cache
def iris():
    """Setosa against the other two species."""
    data = load_iris()
    return data.data, np.where(data.target == 0, 1.0, -1.0)


def thin(seed, margin=1e-6):
    """Twenty Gaussian points of R^5 within ``2 * margin`` of a hyperplane, and no nearer than ``margin``."""
    rng = np.random.default_rng(seed)
    w = rng.standard_normal(5)
    w /= np.linalg.norm(w)
    X = rng.standard_normal((20, 5))
    return X - np.outer(X @ w, w) + margin * np.outer(rng.uniform(1, 2, 20), w)


def rotation(rng, d):
    return np.linalg.qr(rng.standard_normal((d, d)))[0]


def several_classes(seed, K=3, d=4, n=12):
    """Gaussian points whose best score under a random W exceeds the next."""
    rng = np.random.default_rng(seed)
    W, X = rng.standard_normal((K, d)), rng.standard_normal((40 * n, d))
    scores = X @ W.T
    clear = np.flatnonzero(np.ptp(np.sort(scores)[:, -2:], axis=1) > 0.5)
    chosen = np.concatenate([clear[scores[clear].argmax(axis=1) == k][: n // K] for k in range(K)])
    return Multiclass(X[chosen], scores[chosen].argmax(axis=1))
