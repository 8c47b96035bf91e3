"""Least nuclear norm by a proximal point method, each of whose points is found by a semismooth Newton method.

The next point is ``W+ = S(W + sY)``, where S shrinks each singular value by s, and Y, zero off the mask, maximizes
``<A, Y> - ||S(W + sY)||_F^2 / (2s)``. The larger s, the fewer points and the harder each; a few steps of the
alternating direction method find a pair to start from.

Source: Liu, Sun & Toh 2012.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
from numpy.typing import NDArray

from ibnotes.problems.validation import Array

FIRST_ORDER, RELAXATION = 40, 1.618  # steps of the alternating directions, and their over-relaxation
NEWTON, CONJUGATE = 15, 400  # steps of Newton's method a point, and of conjugate gradients in each
FORWARD = 0.05  # of the residual is left by the steps of a point
GROW = 3.0  # of s, where the last point was easy


def proximal_points(A: Array, mask: NDArray[np.bool_]) -> Iterator[tuple[Array, Array]]:
    """Pairs (W, Y), better and better; A (m, n), m <= n, zero off the mask."""
    s = np.linalg.svd(A, compute_uv=False).mean()
    W, Y = _alternate(A, mask, s)
    while True:
        W, Y, steps = _next_point(W, Y, A, mask, s)
        yield W, Y
        s *= GROW if steps < NEWTON // 2 else np.sqrt(GROW)


def _alternate(A: Array, mask: NDArray[np.bool_], s: float) -> tuple[Array, Array]:
    """Alternating directions on ``max <A, Y> s.t. Y = Z, ||Z|| <= 1``, with multiplier W."""
    W, Y = A, np.zeros_like(A)
    for _ in range(FIRST_ORDER):
        T = W / s + Y
        Z = T - Shrunk(T).value
        Y = np.where(mask, Z - W / s, 0.0) + A / s
        W = W + RELAXATION * s * (Y - Z)
    return W, Y


def _next_point(W: Array, Y: Array, A: Array, mask: NDArray[np.bool_], s: float) -> tuple[Array, Array, int]:
    """The proximal point of W, the Y that gives it, and how many steps it took."""
    now, goal = Shrunk(W / s + Y), np.inf
    for step in range(NEWTON):
        residual = np.where(mask, A / s - now.value, 0.0)
        size = np.linalg.norm(residual)
        goal = min(goal, FORWARD * size)
        if size <= goal:
            return s * now.value, Y, step
        d = _solve(now.slope, residual, mask)
        Y, now = _line_search(W / s, Y, d, A / s, now, np.vdot(residual, d))
    return s * now.value, Y, NEWTON


def _line_search(T: Array, Y: Array, d: Array, A: Array, now: Shrunk, slope: float) -> tuple[Array, Shrunk]:
    """Along d, halved until the concave ``<A, Y> - ||S(T + Y)||_F^2 / 2`` grows as it should."""
    length = 1.0
    while True:
        there = Shrunk(T + Y + length * d)
        gain = length * np.vdot(A, d) - (there.height - now.height)
        if gain >= 1e-4 * length * slope or length < 1e-3:
            return Y + length * d, there
        length /= 2


def _solve(apply: Callable[[Array], Array], right: Array, mask: NDArray[np.bool_]) -> Array:
    """Conjugate gradients for ``P apply(d) + little d = right``, d zero off the mask."""
    size = np.linalg.norm(right)
    little, goal = 1e-2 * min(0.1, size), 0.3 * min(1e-2, size) * size
    d, r = np.zeros_like(right), right
    p, rr = r, np.vdot(r, r)
    for _ in range(CONJUGATE):
        image = np.where(mask, apply(p), 0.0) + little * p
        length = rr / np.vdot(p, image)
        d, r = d + length * p, r - length * image
        last, rr = rr, np.vdot(r, r)
        if rr <= goal**2:
            break
        p = r + rr / last * p
    return d


class Shrunk:
    """S(T), which lowers each singular value of T (m, n), m <= n, by one but not below zero, and its derivative."""

    def __init__(self, T: Array):
        U, sigma, Vh = np.linalg.svd(T, full_matrices=False)
        left = np.maximum(sigma - 1, 0.0)
        k = int(np.count_nonzero(left))
        self.U, self.Vh, self.k = U, Vh, k
        self.value = (U[:, :k] * left[:k]) @ Vh[:k]
        self.height = np.vdot(left, left) / 2
        a, b = sigma[:k, None], sigma
        with np.errstate(divide="ignore", invalid="ignore"):
            even = np.where(b > 1, 1.0, (a - 1) / (a - b))  # (S(a) - S(b)) / (a - b)
        odd = (left[:k, None] + left) / (a + b)
        self.direct, self.turned = (even + odd) / 2, (even - odd) / 2
        self.beyond = left[:k] / sigma[:k]

    def slope(self, H: Array) -> Array:
        """The derivative along H; of its entries ij in the singular bases those with i < k or j < k matter."""
        U, Vh, k = self.U, self.Vh, self.k
        rows, columns = U[:, :k].T @ H, H @ Vh[:k].T
        top, side = rows @ Vh.T, U.T @ columns
        upper = self.direct * top + self.turned * side.T
        lower = (self.direct.T * side + self.turned.T * top.T)[k:]
        outside = self.beyond[:, None] * (rows - top @ Vh) if H.shape[0] < H.shape[1] else 0.0
        return U[:, :k] @ (upper @ Vh + outside) + (U[:, k:] @ lower) @ Vh[:k]
