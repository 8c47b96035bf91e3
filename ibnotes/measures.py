"""What is read off the weights: margins, directions, losses in log form, gradient shares.

Weights have shape (..., d): every measure maps over the leading axes of a path or a batch.
"""

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import log_softmax, logsumexp

from ibnotes.kkt import check_norm
from ibnotes.problems import Array, Classification


def direction(w: ArrayLike) -> Array:
    """w / ||w||_2 along the last axis, without overflow or underflow.

    Raises:
        ValueError: where a w is zero or not finite: it has no direction.
    """
    w = np.asarray(w, dtype=np.float64)
    if w.ndim == 0 or w.size == 0:
        raise ValueError(f"w must hold vectors on its last axis, found shape {w.shape}")
    size = np.abs(w).max(axis=-1, keepdims=True)
    if not (np.isfinite(size) & (size > 0)).all():
        raise ValueError("w has no direction: it is zero or not finite")
    w = w / size
    return w / np.linalg.norm(w, axis=-1, keepdims=True)


def direction_gap(u: ArrayLike, v: ArrayLike) -> Array:
    """``|| u/||u|| - v/||v|| ||_2``, the chord of the angle between u and v, shape (...,).

    Accurate to 1e-15 for nearly parallel vectors, where ``arccos`` of the cosine is good to 1e-8 only.

    Raises:
        ValueError: where u or v has no direction.
    """
    u, v = _directions(u, v)
    return np.linalg.norm(u - v, axis=-1)


def angle(u: ArrayLike, v: ArrayLike) -> Array:
    """Angle between u and v in radians, accurate for small angles and near pi (Kahan 2006)."""
    u, v = _directions(u, v)
    return 2 * np.arctan2(np.linalg.norm(u - v, axis=-1), np.linalg.norm(u + v, axis=-1))


def _directions(u: ArrayLike, v: ArrayLike) -> tuple[Array, Array]:
    u, v = direction(u), direction(v)
    if u.shape[-1] != v.shape[-1]:
        raise ValueError(f"u and v must have as many entries, found {u.shape[-1]} and {v.shape[-1]}")
    return u, v


def margin(X: ArrayLike, y: ArrayLike, w: ArrayLike, norm: float = 2) -> Array:
    """``min_i y_i <x_i, w> / ||w||_norm``, shape (...,); ``norm`` (1, 2 or inf) is the norm of w.

    Raises:
        ValueError: on bad input, or where w has no direction.
    """
    check_norm(norm)
    unit = direction(w)
    smallest = _margins(X, y, unit).min(axis=-1)
    return smallest / np.linalg.norm(unit, norm, axis=-1)


def log_logistic_loss(X: ArrayLike, y: ArrayLike, w: ArrayLike) -> Array:
    """Natural log of the mean logistic loss, shape (...,); exact where the loss itself underflows."""
    m = _margins(X, y, w)
    return logsumexp(_log_softplus(-m), axis=-1) - np.log(m.shape[-1])


def gradient_shares(X: ArrayLike, y: ArrayLike, w: ArrayLike) -> Array:
    """Share of each point in the sum of the logistic loss derivatives, shape (..., n), sums to one.

    The gradient is ``-(sum_j p_j) / n * sum_i share_i y_i x_i`` with ``p_i = 1 / (1 + exp(m_i))``.
    """
    return np.exp(log_gradient_shares(X, y, w))


def log_gradient_shares(X: ArrayLike, y: ArrayLike, w: ArrayLike) -> Array:
    """Natural log of `gradient_shares`, for shares that underflow."""
    return log_softmax(-np.logaddexp(0, _margins(X, y, w)), axis=-1)


def _margins(X: ArrayLike, y: ArrayLike, w: ArrayLike) -> Array:
    """y_i <x_i, w>, shape (..., n)."""
    Z, w = Classification(X, y).Z, np.asarray(w, dtype=np.float64)
    if w.ndim == 0 or w.shape[-1] != Z.shape[1]:
        raise ValueError(f"w must have {Z.shape[1]} entries on its last axis, found shape {w.shape}")
    if not np.isfinite(w).all():
        raise ValueError("w must be finite")
    return w @ Z.T


def _log_softplus(a: Array) -> Array:
    """log log(1 + exp(a)), which is a itself where exp(a) is far below one."""
    return np.where(a < -36, a, np.log(np.logaddexp(0, np.maximum(a, -36))))
