"""What is read off the weights: margins, directions, losses in log form, gradient shares, spectra.

Weights have shape (..., d) and matrices (..., m, n): every measure maps over the leading axes of a path or a batch.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from numbers import Real

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import entr, log_softmax, logsumexp

from ibnotes.problems.instances import Classification
from ibnotes.problems.norms import check_norm
from ibnotes.problems.validation import Array, as_list, as_matrices, check_count, read_real


def direction(w: ArrayLike) -> Array:
    """w / ||w||_2 along the last axis, without overflow or underflow.

    Raises:
        ValueError: where a w is zero or not finite: it has no direction.

    Example:
        >>> ib.direction([3e300, 4e300])
        array([0.6, 0.8])
    """
    return _direction("w", w)


def _direction(name: str, w: ArrayLike) -> Array:
    w = read_real(name, w)
    if w.ndim == 0 or w.size == 0:
        raise ValueError(f"{name} must hold vectors on its last axis, found shape {w.shape}")
    size = np.abs(w).max(axis=-1, keepdims=True)
    if not (np.isfinite(size) & (size > 0)).all():
        raise ValueError(f"{name} has no direction: it is zero or not finite")
    w = w / size
    return w / np.linalg.norm(w, axis=-1, keepdims=True)


def direction_gap(u: ArrayLike, v: ArrayLike) -> Array:
    """``|| u/||u|| - v/||v|| ||_2``, the chord of the angle between u and v, shape (...,).

    Accurate to 1e-15 for nearly parallel vectors, where ``arccos`` of the cosine is good to 1e-8 only.

    Raises:
        ValueError: where u or v has no direction.

    Example:
        >>> ib.direction_gap([1, 0], [1, 1e-12])
        np.float64(1e-12)
    """
    u, v = _directions(u, v)
    return np.linalg.norm(u - v, axis=-1)


def angle(u: ArrayLike, v: ArrayLike) -> Array:
    """Angle between u and v in radians, accurate for small angles and near pi (Kahan 2006).

    Example:
        >>> ib.angle([1, 0], [[0, 1], [1, 1e-12]])
        array([1.57079633e+00, 1.00000000e-12])
    """
    u, v = _directions(u, v)
    return 2 * np.arctan2(np.linalg.norm(u - v, axis=-1), np.linalg.norm(u + v, axis=-1))


def _directions(u: ArrayLike, v: ArrayLike) -> tuple[Array, Array]:
    u, v = _direction("u", u), _direction("v", v)
    if u.shape[-1] != v.shape[-1]:
        raise ValueError(f"u and v must have as many entries, found {u.shape[-1]} and {v.shape[-1]}")
    return u, v


def margin(X: ArrayLike, y: ArrayLike, w: ArrayLike, norm: float = 2) -> Array:
    """``min_i y_i <x_i, w> / ||w||_norm``, shape (...,); ``norm`` (1, 2 or inf) is the norm of w.

    Raises:
        ValueError: on bad input, or where w has no direction.

    Example:
        >>> X, y, w = [[3, 4], [-4, -4]], [1, -1], [3, 4]
        >>> [round(float(ib.margin(X, y, w, norm)), 3) for norm in (1, 2, np.inf)]
        [3.571, 5.0, 6.25]
    """
    check_norm(norm)
    unit = direction(w)
    smallest = _margins(X, y, unit).min(axis=-1)
    return smallest / np.linalg.norm(unit, norm, axis=-1)


@np.errstate(under="ignore")
def log_logistic_loss(X: ArrayLike, y: ArrayLike, w: ArrayLike) -> Array:
    """Natural log of the mean logistic loss, shape (...,); exact where the loss itself underflows.

    Example:
        >>> ib.log_logistic_loss([[1]], [1], [1e4])  # the loss itself, exp(-10000), underflows
        np.float64(-10000.0)
    """
    m = _margins(X, y, w)
    return logsumexp(_log_softplus(-m), axis=-1) - np.log(m.shape[-1])


@np.errstate(under="ignore")
def gradient_shares(X: ArrayLike, y: ArrayLike, w: ArrayLike) -> Array:
    """Share of each point in the sum of the logistic loss derivatives, shape (..., n), sums to one.

    The gradient is ``-(sum_j p_j) / n * sum_i share_i y_i x_i`` with ``p_i = 1 / (1 + exp(m_i))``.

    Example:
        >>> ib.gradient_shares([[1], [2]], [1, 1], [[0], [5]]).round(4)  # the nearest point takes over
        array([[0.5   , 0.5   ],
               [0.9933, 0.0067]])
    """
    return np.exp(log_gradient_shares(X, y, w))


@np.errstate(under="ignore")
def log_gradient_shares(X: ArrayLike, y: ArrayLike, w: ArrayLike) -> Array:
    """Natural log of `gradient_shares`, for shares that underflow.

    Example:
        >>> ib.log_gradient_shares([[1], [2]], [1, 1], [1e4])[1]
        np.float64(-10000.0)
    """
    return log_softmax(-np.logaddexp(0, _margins(X, y, w)), axis=-1)


def _margins(X: ArrayLike, y: ArrayLike, w: ArrayLike) -> Array:
    """y_i <x_i, w>, shape (..., n)."""
    Z, w = Classification(X, y).Z, read_real("w", w)
    if w.ndim == 0 or w.shape[-1] != Z.shape[1]:
        raise ValueError(f"w must have {Z.shape[1]} entries on its last axis, found shape {w.shape}")
    if not np.isfinite(w).all():
        raise ValueError("w must be finite")
    return w @ Z.T


def _log_softplus(a: Array) -> Array:
    """log log(1 + exp(a)), which is a itself where exp(a) is far below one."""
    return np.where(a < -36, a, np.log(np.logaddexp(0, np.maximum(a, -36))))


def singular_values(W: ArrayLike) -> Array:
    """Singular values of W (..., m, n) in decreasing order, (..., min(m, n)).

    Raises:
        ValueError: where W is not a finite matrix.

    Example:
        >>> ib.singular_values([[0, 3], [4, 0]])
        array([4., 3.])
    """
    return np.linalg.svd(as_matrices("W", W), compute_uv=False)


@np.errstate(over="ignore", under="ignore")
def schatten_norm(W: ArrayLike, p: float) -> Array:
    """``(sum_i sigma_i^p)^(1/p)``, (...,): 1 the nuclear, 2 the Frobenius, inf the spectral norm; p < 1 a quasi-norm.

    Raises:
        ValueError: where p is not positive, or W not a finite matrix.

    Example:
        >>> [round(float(ib.schatten_norm([[0, 3], [4, 0]], p)), 6) for p in (1, 2, np.inf)]
        [7.0, 5.0, 4.0]
    """
    if not isinstance(p, Real) or not p > 0:
        raise ValueError(f"p must be positive, found {p!r}")
    sigma = singular_values(W)
    top = sigma[..., 0]
    ratios = sigma / np.where(top > 0, top, 1.0)[..., None]
    if p < 1:
        ratios[ratios < max(np.shape(W)[-2:]) * np.finfo(np.float64).eps] = 0  # else rounding would count
    return top if p == np.inf else top * np.sum(ratios**p, axis=-1) ** (1 / p)


def nuclear_norm(W: ArrayLike) -> Array:
    """Sum of the singular values, (...,).

    Example:
        >>> round(float(ib.nuclear_norm([[0, 3], [4, 0]])), 6)
        7.0
    """
    return schatten_norm(W, 1)


def effective_rank(W: ArrayLike) -> Array:
    """``exp`` of the entropy of the singular values, taken as a distribution (Roy & Vetterli 2007), (...,).

    k for k equal singular values and any number of zeros; continuous, where the rank is not.

    Raises:
        ValueError: where a W is zero, or not a finite matrix.

    Example:
        >>> [round(float(ib.effective_rank(np.diag(sigma))), 3) for sigma in ([1, 1, 0], [1, 0.1, 0])]
        [2.0, 1.356]
    """
    sigma = singular_values(W)
    total = sigma.sum(axis=-1, keepdims=True)
    if not (total > 0).all():
        raise ValueError("W has no effective rank: it is zero")
    return np.exp(entr(sigma / total).sum(axis=-1))


def imbalance(factors: Sequence[ArrayLike]) -> Array:
    """Largest ``||A_j' A_j - A_{j+1} A_{j+1}'||_F`` of the factors of ``W = A_1 ... A_L``, (...,): zero if balanced.

    Raises:
        ValueError: where there are fewer than two factors, or neighbours cannot be multiplied.

    Example:
        >>> float(ib.imbalance([[[2, 0]], [[1], [0]]]))  # A_1'A_1 = diag(4, 0), A_2 A_2' = diag(1, 0)
        3.0
    """
    factors = [as_matrices("factors", factor) for factor in as_list("factors", factors)]
    if len(factors) < 2:
        raise ValueError(f"factors must be at least two, found {len(factors)}")
    if any(a.shape[-1] != b.shape[-2] for a, b in pairwise(factors)):
        raise ValueError(f"factors must be matrices that can be multiplied, found shapes {[a.shape for a in factors]}")
    gaps = [a.mT @ a - b @ b.mT for a, b in pairwise(factors)]
    return np.max([np.linalg.norm(gap, axis=(-2, -1)) for gap in gaps], axis=0)


def principal_angles(W: ArrayLike, M: ArrayLike, rank: int) -> Array:
    """Angles between the leading ``rank`` left singular subspaces of W (..., m, n) and M (m, n), (..., rank).

    In radians, largest first; for the right subspaces transpose both. Accurate for small angles, by sines, where
    the inverse cosine of singular values is good to 1e-8 only (Bjorck & Golub 1973). Arbitrary without a gap there.

    Raises:
        ValueError: where W or M is not a finite matrix, or ``rank`` does not fit.

    Example:
        >>> ib.principal_angles([[1], [1e-10]], [[1], [0]], rank=1)
        array([1.e-10])
    """
    W, M = as_matrices("W", W), as_matrices("M", M)
    if M.shape != W.shape[-2:]:
        raise ValueError(f"M must have the shape of W, found {M.shape} for {W.shape[-2:]}")
    check_count("rank", rank, most=min(M.shape))
    U, V = np.linalg.svd(W)[0][..., :rank], np.linalg.svd(M)[0][..., :rank]
    cosines = np.linalg.svd(U.mT @ V, compute_uv=False)[..., ::-1]
    sines = np.linalg.svd(V - U @ (U.mT @ V), compute_uv=False)
    return np.arctan2(sines, cosines)
