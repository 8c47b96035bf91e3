"""Saddle to saddle: the way of a diagonal network whose start vanishes, computed without a flow.

With ``lam`` the integral of the residual ``y - Xw`` over scaled time and ``s = X' lam``, the limit obeys

    lam' = y - Xw,    s in the subdifferential of ||w||_1 at all times:

``lam`` raises ``<y, lam>`` as steeply as the polytope ``|X' lam| <= 1`` lets it. It runs on straight pieces, and on
each of them w rests. (Pesme & Flammarion 2023; Burger et al. 2013 solve the same recursion for another purpose.)
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.optimize import nnls

from ibnotes.problems.equality import by_value
from ibnotes.problems.errors import NotConverged
from ibnotes.problems.instances import Regression
from ibnotes.problems.scaling import in_units, power_of_two
from ibnotes.problems.validation import Array
from ibnotes.theory.norm_minimization import CERTIFIED
from ibnotes.theory.residuals import Residuals

TIGHT = 1e-10  # slack of a constraint that is met, and speed, relative, of one that is not left


@by_value
@dataclass(frozen=True)
class SaddleSequence:
    """The saddles that a diagonal network visits as its start vanishes, and when it leaves them.

    Attributes:
        times: (k,) increasing; at ``times[i]`` the network leaves ``w[i]`` for ``w[i + 1]``.
        w: (k + 1, d), from zero to an interpolant of least l1 norm.
        dual: (k, n), the multipliers at the jumps. ``X' dual[i]`` is at most 1 in size, and the sign of each weight
            that is not zero in ``w[i]`` or ``w[i + 1]``; the last prove the last w.
        residuals: the certificate, the worst over all saddles. Primal: misfit of the last w, and what of ``X' dual``
            exceeds 1. Dual: weights of the wrong sign, gradients that would admit one. Complementarity: weights off
            the constraints met, and the l1 norm of the last w less ``<y, dual>``. Stationarity: gradients where a
            weight is not zero, and the integral of ``y - Xw`` less the multipliers.

    Example:
        >>> saddles = ib.saddle_sequence([[2, 1], [0, 1]], [3, 2])
        >>> saddles.w.tolist(), saddles.times.round(3).tolist()
        ([[0.0, 0.0], [1.5, 0.0], [0.5, 2.0]], [0.167, 0.25])
    """

    times: Array
    w: Array
    dual: Array
    residuals: Residuals


def saddle_sequence(X: ArrayLike, y: ArrayLike) -> SaddleSequence:
    """Saddles and jump times of a diagonal network ``u^D - v^D`` as its start ``u = v = alpha`` tends to zero.

    Of gradient flow on ``||Xw - y||^2 / 2``. Times are in units of ``log(1 / alpha) / 2`` at depth D = 2 and of
    ``alpha^(2 - D) / (D (D - 2))`` at D >= 3; in these units sequence and times are the same at every depth.

    Args:
        X: (n, d) of full row rank.
        y: (n,) real targets.

    Raises:
        ValueError: on bad input; where the columns that could take part in a saddle are dependent, so that it need not
            be unique.
        NotConverged: where a residual of the answer exceeds 1e-9.

    Source: Pesme & Flammarion 2023, for D = 2; derived for all depths in the chapter on deep linear networks.

    Example:
        >>> ib.saddle_sequence([[1, 2]], [5]).w.tolist()  # one jump, to the least l1 norm
        [[0.0, 0.0], [0.0, 2.5]]
    """
    problem = Regression(X, y)
    if np.linalg.matrix_rank(problem.X) < len(problem.X):
        raise ValueError(f"X must have full row rank, found rank {np.linalg.matrix_rank(problem.X)}")
    scale, height = power_of_two(problem.X), power_of_two(problem.y)
    X, y = problem.X / scale, problem.y / height
    times, ws, duals = [0.0], [np.zeros(X.shape[1])], [np.zeros(len(X))]
    residual = y
    while np.abs(residual).max() > TIGHT * np.abs(y).max():
        step = _until_met(X.T @ duals[-1], X.T @ residual)
        times.append(times[-1] + step)
        duals.append(duals[-1] + step * residual)
        ws.append(_saddle(X, y, X.T @ duals[-1]))
        residual = y - X @ ws[-1]
    times, w, dual = np.array(times), np.array(ws), np.array(duals)
    residuals = _certificate(X, y, times, w, dual)
    if not residuals.worst < CERTIFIED:
        raise NotConverged(f"the answer fails its certificate: {residuals}")
    if len(w) == 1:
        return SaddleSequence(times[1:], w, dual[1:], residuals)
    w, times, dual = in_units(w, scale / height), in_units(times[1:], height, scale), in_units(dual[1:], scale)
    return SaddleSequence(times, w, dual, residuals)


def _until_met(s: Array, speed: Array) -> float:
    """Time until another entry of s, at this speed, is 1 in size; those that are, and stay, do not count."""
    moves = np.abs(speed) > TIGHT * np.abs(speed).max()
    moves &= np.sign(speed) * s < 1 - TIGHT
    return float(np.min((np.sign(speed) - s)[moves] / speed[moves]))


def _saddle(X: Array, y: Array, s: Array) -> Array:
    """Least squares over the weights that have the sign of s where it is 1 in size, and are zero elsewhere."""
    met = np.abs(s) > 1 - TIGHT
    signs = np.sign(s[met])
    if np.linalg.matrix_rank(X[:, met]) < met.sum():
        raise ValueError(f"the saddle need not be unique: columns {np.flatnonzero(met).tolist()} of X are dependent")
    w = np.zeros(len(s))
    w[met] = signs * nnls(X[:, met] * signs, y)[0]
    return w


def _certificate(X: Array, y: Array, times: Array, w: Array, dual: Array) -> Residuals:
    s, gradient = dual @ X, (w @ X.T - y) @ X
    size = max(np.abs(w).max(), 1e-300)
    gradient /= np.abs(gradient[0]).max() or 1.0
    met, on = np.abs(s) > 1 - CERTIFIED, w != 0
    moved = np.diff(times)[:, None] * (y - w[:-1] @ X.T)
    value = np.abs(w[-1]).sum()
    return Residuals(
        primal=float(max(np.abs(X @ w[-1] - y).max() / (np.abs(y).max() or 1.0), np.abs(s).max() - 1)),
        dual=float(max(0.0, (-np.sign(s) * w).max() / size, (-np.sign(s) * gradient)[met].max(initial=0.0))),
        complementarity=float(max(np.abs(w[~met]).max(initial=0.0) / size, abs(value - y @ dual[-1]) / (value or 1.0))),
        stationarity=float(
            max(np.abs(gradient[on]).max(initial=0.0), np.abs(np.diff(dual, axis=0) - moved).max(initial=0.0))
        ),
    )
