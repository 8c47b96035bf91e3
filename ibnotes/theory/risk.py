"""What linear regression on isotropic features risks: exactly, given the features; on average; and in the limit.

Targets are ``y = Xw* + noise``, the n rows of X have identity covariance in R^d, and the risk of w is
``||w - w*||^2``, the expected squared error of its prediction on a fresh noiseless point. ``signal`` is
``||w*||^2``, ``noise`` a variance, ``aspect`` is d / n. A penalty is that of ``||Xw - y||^2 / n + penalty ||w||^2``;
zero stands for its limit, the minimum-norm solution (least squares where d < n).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from ibnotes.problems.validation import Array, as_floats, as_nonnegative, as_positive, check_count, read_real


def linear_risk(X: ArrayLike, w_star: ArrayLike, noise: float, penalty: ArrayLike = 0.0) -> Array:
    """Risk given X (n, d), its expectation over the noise taken exactly; one value a penalty, in its shape.

    Along the right singular vectors v_i of X ridge keeps ``f_i = s_i^2 / (s_i^2 + n penalty)`` of w* and turns the
    noise into ``f_i / s_i``; off their span it loses all of w*.

    Raises:
        ValueError: on bad input.

    Source: Hastie, Montanari, Rosset & Tibshirani 2022 (bias and variance given X).

    Example:
        >>> ib.linear_risk([[1, 0]], w_star=[1, 1], noise=0.5)  # the second weight is missed
        np.float64(1.5)
    """
    X, w_star = as_floats("X", X, 2), as_floats("w_star", w_star, 1)
    if len(w_star) != X.shape[1]:
        raise ValueError(f"w_star must have one entry per column of X, found {len(w_star)} for {X.shape[1]}")
    noise, penalty = as_nonnegative("noise", noise), read_real("penalty", penalty)
    if not (np.isfinite(penalty) & (penalty >= 0)).all():
        raise ValueError(f"penalty must be finite, zero or positive, found {penalty}")
    _, s, right = np.linalg.svd(X, full_matrices=False)
    data = s > s[0] * max(X.shape) * np.finfo(np.float64).eps  # the others are no directions of the data
    s, right = s[data], right[data]
    along = right @ w_star
    missed = w_star - along @ right
    kept = s**2 / (s**2 + len(X) * penalty[..., None])
    return missed @ missed + np.sum(((1 - kept) * along) ** 2 + noise * (kept / s) ** 2, axis=-1)


def expected_risk(n: int, d: ArrayLike, signal: float, noise: float) -> Array:
    """Mean risk of the minimum-norm solution over Gaussian X (n, d) and noise, exact at every n; shape of d.

    ``noise d / (n - d - 1)`` for d < n - 1, infinite for d = n - 1, n and n + 1 (if there is noise), and
    ``signal (1 - n/d) + noise n / (d - n - 1)`` for d > n + 1.

    Raises:
        ValueError: on bad input.

    Source: Belkin, Hsu & Xu 2020; derived in the chapter on the full picture.

    Example:
        >>> ib.expected_risk(n=100, d=[50, 100, 200], signal=1, noise=0.1).round(3)
        array([0.102,   inf, 0.601])
    """
    check_count("n", n)
    d = read_real("d", d)
    if not (np.isfinite(d) & (d >= 1) & (d == np.round(d))).all():
        raise ValueError(f"d must hold positive integers, found {d}")
    signal, noise = as_nonnegative("signal", signal), as_nonnegative("noise", noise)
    small, freedom = np.minimum(n, d), np.abs(d - n) - 1
    variance = np.where(freedom > 0, noise * small / np.maximum(freedom, 1), np.inf if noise else 0.0)
    return signal * np.maximum(0, 1 - n / d) + variance


def ridgeless_risk(aspect: ArrayLike, signal: float, noise: float) -> Array:
    """Limit of the minimum-norm solution's risk as n and d grow with d / n -> ``aspect``, of its shape; inf at 1.

    ``noise aspect / (1 - aspect)`` below one, ``signal (1 - 1/aspect) + noise / (aspect - 1)`` above.

    Raises:
        ValueError: on bad input.

    Source: Hastie, Montanari, Rosset & Tibshirani 2022, on isotropic features.

    Example:
        >>> ib.ridgeless_risk([0.5, 1, 2], signal=1, noise=0.1)
        array([0.1, inf, 0.6])
    """
    aspect, signal, noise = _model(aspect, signal, noise)
    away = np.where(aspect == 1, 1.0, np.abs(1 - aspect))
    variance = noise * np.where(aspect == 1, np.inf if noise else 0.0, np.minimum(aspect, 1) / away)
    return signal * np.maximum(0, 1 - 1 / aspect) + variance


@np.errstate(under="ignore")
def ridge_risk(aspect: ArrayLike, signal: float, noise: float, penalty: ArrayLike) -> Array:
    """Limit of ridge regression's risk; ``aspect`` and ``penalty`` broadcast.

    ``signal p^2 m' + noise aspect (m - p m')`` with p the penalty and ``m = m(-p)``, ``m' = m'(-p)`` the Stieltjes
    transform of the Marchenko-Pastur law and its derivative. In terms of ``t = p m``, the positive root of
    ``aspect t^2 + (1 - aspect + p) t = p`` and between 0 and 1, nothing overflows or cancels as p -> 0.

    Raises:
        ValueError: on bad input, or where a penalty is not positive.

    Source: Hastie, Montanari, Rosset & Tibshirani 2022, on ridge regression; Dobriban & Wager 2018.

    Example:
        >>> ib.ridge_risk(2, signal=1, noise=0.1, penalty=[1e-9, 0.2, 10]).round(3)  # 0.2 is best
        array([0.6  , 0.574, 0.862])
    """
    aspect, signal, noise = _model(aspect, signal, noise)
    p = as_positive("penalty", penalty)
    b = 1 - aspect + p
    root = np.hypot(b, 2 * np.sqrt(aspect) * np.sqrt(p))
    q = b + np.copysign(root, b)
    t = np.where(b >= 0, 2 * p / q, -q / (2 * aspect))
    return (signal * t * (p + aspect * t) + noise * aspect * (1 - t)) / root


def optimal_penalty(aspect: ArrayLike, signal: float, noise: float) -> Array:
    """``noise aspect / signal``, the penalty of least risk, at every n and d for Gaussian X and in the limit.

    Raises:
        ValueError: on bad input, or where ``signal`` is zero.

    Source: Dicker 2016; Dobriban & Wager 2018.

    Example:
        >>> ib.optimal_penalty(2, signal=1, noise=0.1)
        np.float64(0.2)
    """
    aspect, signal, noise = _model(aspect, signal, noise)
    return noise * aspect / as_positive("signal", signal)


def _model(aspect: ArrayLike, signal: float, noise: float) -> tuple[Array, float, float]:
    return as_positive("aspect", aspect), as_nonnegative("signal", signal), as_nonnegative("noise", noise)
