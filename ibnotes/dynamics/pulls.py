"""What the points do to w along the logistic flow: t times the loss's derivative at each, in log-time."""

from __future__ import annotations

from math import dist

import numpy as np

from ibnotes.problems.errors import NotConverged
from ibnotes.problems.validation import Array

EPS = np.finfo(np.float64).eps
EXPONENT_MAX = 600.0  # exponents of rejected trial steps stop here: finite numbers make LSODA back off, inf does not
FORGOTTEN, RECALLED = 60.0, 45.0  # a pull of exp(-60) of the largest is left out, until it may have come to exp(-45)
FAR_AWAY = 1e6  # from a trial step as long as this the bound on the rests comes back without digits
TINY = np.finfo(np.float64).tiny
BALANCED, BALANCE_STEPS_MAX = 1e-9, 200  # the last Newton step for an intercept, after which its square is left


class Pulls:
    """Of points Z (n, d), or (n, d + 1) with the labels last, along ``w = origin * s + rho``, s = log t.

    The exponents ``rest_i = s - m_i = (1 - <z_i, origin>) s - <z_i, rho>`` are of order one for the points that matter.
    The others are left out: as ``|z_i| <= 1``, a rest moves by no more than its slope times ds, and ``|d rho|``.

    An intercept is where it makes the loss least, the labels' pulls in balance: it is found, not integrated.
    """

    def __init__(self, Z: Array, origin: Array, loss: str, d: int):
        self.Z, self.n, self.d, self.loss = Z, len(Z), d, loss
        self.slope = 1 - Z @ origin
        self.slope[np.abs(self.slope) <= 8 * EPS * (1 + np.abs(Z) @ np.abs(origin))] = 0.0
        self.intercept = np.zeros(Z.shape[1] - d)
        self.far = np.inf  # the largest rest that was left out

    def __call__(self, s: float, rho: Array) -> tuple[Array, Array, Array]:
        """Rows of Z (k, d), their pulls f (k,), and the derivative of log f in -m (k,)."""
        rest = self._rest(s, rho) if self.far < np.inf else None
        if rest is None or self._may_have_come_near(s, rho, rest):
            rest = self._choose(s, rho)
        f, damping = self._f(rest, s)
        return self.rows[:, : self.d], f, damping

    def velocity(self, s: float, rho: Array) -> Array:
        Z, f, _ = self(s, rho)
        return f @ Z / self.n

    def state(self, s: float, rho: Array) -> Array:
        """rho, and the intercept beside it."""
        if len(self.intercept):
            self(s, rho)
        return np.append(rho, self.intercept)

    def jacobian(self, s: float, rho: Array) -> Array:
        """The derivative of the velocity: less, with an intercept, what that gives way."""
        Z, f, damping = self(s, rho)
        weights = f * damping / self.n
        H = (Z.T * weights) @ Z
        if len(self.intercept):
            h = Z.T @ (weights * self.rows[:, self.d])
            H -= np.outer(h, h / max(weights.sum(), TINY))
        return -H

    def moving(self, s: float, rho: Array, velocity: Array) -> bool:
        """Whether a point off the support still pulls, or the velocity beyond the origin exceeds its rounding error."""
        Z, f, _ = self(s, rho)
        slope = self.slope[self.near]
        exponent = 1 + np.abs(slope * s) + np.abs(Z) @ np.abs(rho) + np.abs(self.intercept).sum()
        rounding = 8 * EPS * (f / self.n * exponent) @ np.abs(Z)
        pulling = f[slope < 0].max(initial=0) > EPS * f.max()
        return pulling or bool((np.abs(velocity) > rounding).any())

    def _rest(self, s: float, rho: Array) -> Array:
        rest = self.slope[self.near] * s - self.rows[:, : self.d] @ rho
        if len(self.intercept):
            y = self.rows[:, self.d]
            self.intercept = self._balance(rest, y, s)
            rest -= y * self.intercept
        return rest

    def _f(self, rest: Array, s: float) -> tuple[Array, Array]:
        if self.loss == "exponential":
            return np.exp(np.minimum(rest, EXPONENT_MAX)), np.ones(len(rest))
        e = np.exp(-np.abs(rest - s))
        damping = np.where(rest < s, 1, e) / (1 + e)
        return np.exp(np.minimum(rest, min(s, EXPONENT_MAX))) / (1 + e), damping

    def _log_f(self, rest: Array, s: float) -> Array:
        return rest if self.loss == "exponential" else rest - np.logaddexp(0, rest - s)

    def _choose(self, s: float, rho: Array) -> Array:
        """Keep the points that pull; what is known of the others is the largest rest, and the slopes' range."""
        self.near, self.rows = slice(None), self.Z
        rest = self._rest(s, rho)
        log_f = self._log_f(rest, s)
        near = log_f >= log_f.max() - FORGOTTEN
        self.at = s, rho.copy(), self.intercept
        self.far, self.slopes = -np.inf, (0.0, 0.0)
        if not near.all():
            slopes = self.slope[~near]
            self.far, self.slopes = rest[~near].max(), (slopes.min(), slopes.max())
            self.near, self.rows = np.flatnonzero(near), self.Z[near]
        return rest[near]

    def _may_have_come_near(self, s: float, rho: Array, rest: Array) -> bool:
        if self.far == -np.inf:
            return False  # none was left out
        since, before, intercept = self.at
        moved = dist(rho, before) + dist(self.intercept, intercept)
        far = self.far + max(slope * (s - since) for slope in self.slopes) + moved
        return moved > FAR_AWAY or not self._log_f(far, s) <= self._log_f(rest.max(), s) - RECALLED

    def _balance(self, rest: Array, y: Array, s: float) -> Array:
        """The intercept b with ``sum_i y_i f_i = 0``, by Newton's method on the logarithms of the two labels' pulls."""
        b, high = float(self.intercept[0]), np.abs(rest).max() + s + np.log(len(y)) + FORGOTTEN
        low = -high
        for _ in range(BALANCE_STEPS_MAX):
            log_f = self._log_f(rest - y * b, s)
            damping = self._f(rest - y * b, s)[1]
            (one, fall), (other, rise) = (_log_sum(log_f[y == label], damping[y == label]) for label in (1, -1))
            low, high = (b, high) if one > other else (low, b)
            step = (one - other) / max(fall + rise, TINY)
            if min(abs(step), high - low) <= BALANCED * (1 + abs(b)):
                return np.array([b + step])
            b = b + step if low < b + step < high else (low + high) / 2  # where pulls saturate steps are far too long
        raise NotConverged("the intercept's Newton iteration does not settle: a start w0 nearer to zero may help")


def _log_sum(log_f: Array, damping: Array) -> tuple[float, float]:
    """log sum f, and minus its derivative when every margin grows at the same pace."""
    top = log_f.max()
    f = np.exp(log_f - top)
    return top + np.log(f.sum()), f @ damping / f.sum()
