"""An explicit integrator for large, mildly stiff systems: Runge-Kutta-Chebyshev of order two.

Gradient flows of large factorizations are stiff (a learned mode relaxes fast while the next one grows
slowly), too large for SciPy's implicit methods, and have real, mostly negative Jacobian eigenvalues.
A Chebyshev step of s stages is stable up to 0.65 (s^2 - 1) times the inverse spectral radius, where s
Euler steps reach 2 s.
"""

from __future__ import annotations

import math
from functools import cache

import numpy as np
from scipy.integrate import DenseOutput, OdeSolver
from scipy.interpolate import CubicHermiteSpline
from scipy.linalg.blas import daxpy, saxpy

SAFETY, SHRINK, GROW = 0.8, 0.1, 5.0  # of the step size control
ROOMY = 1e3  # an error so many times smaller than allowed says nothing of the next
REFRESH = 25  # accepted steps between two estimates of the spectral radius


class RKC(OdeSolver):
    """Runge-Kutta-Chebyshev of autonomous systems, for ``scipy.integrate.solve_ivp(..., method=RKC)``.

    The error of a step is measured in the Euclidean norm of the *whole* state, and relative to it
    (``rtol``): a flow that starts at 1e-6 must be followed in digits of 1e-6. Forwards in time only. Where ``fun``
    returns numbers in single precision, steps are computed in it and added up in double precision.

    Source: Sommeijer, Shampine & Verwer 1997, eqs. (2.1) to (2.9); steps by Gustafsson's predictive control.

    Example:
        >>> from scipy.integrate import solve_ivp
        >>> solve_ivp(lambda t, y: -1000 * (y - 1), (0, 10), [0.0], method=ib.RKC).y[0, -1].round(4)
        np.float64(1.0)
    """

    def __init__(self, fun, t0, y0, t_bound, rtol=1e-4, vectorized=False):
        super().__init__(fun, t0, y0, t_bound, vectorized)
        if t_bound < t0:
            raise ValueError(f"RKC integrates forwards, found t0={t0!r} and t_bound={t_bound!r}")
        self.rtol, self.field = rtol, fun  # SciPy's own ``self.fun`` makes all double
        self.f, self.nfev = np.asarray(fun(self.t, self.y)), 1
        self.kind, self.axpy = (np.float32, saxpy) if self.f.dtype == np.float32 else (np.float64, daxpy)
        self.f = self.f.astype(self.kind)
        self.mode = np.random.default_rng(0).standard_normal(self.n)
        self.mode /= _norm(self.mode)
        self.radius = self._spectral_radius()
        self.h = 0.1 / self.radius
        self.y_old, self.f_old, self.accepted = self.y, self.f, 0

    def _velocity(self, y: np.ndarray) -> np.ndarray:
        self.nfev += 1
        return np.asarray(self.field(self.t, y), dtype=self.kind)

    def _spectral_radius(self) -> float:
        """Largest |eigenvalue| of the Jacobian, with a margin, by power iteration on difference quotients."""
        step = 10 * math.sqrt(np.finfo(self.kind).eps) * max(_norm(self.y), 1e-6)
        radius = 0.0
        for _ in range(50):
            image = (self._velocity(self.y + step * self.mode) - self.f) / step
            radius, last = _norm(image), radius
            if radius > 0:
                self.mode = image / radius
            if abs(radius - last) <= 0.05 * radius:
                break
        return 1.2 * max(radius, 1e-12)

    def _step_impl(self):
        if self.accepted % REFRESH == REFRESH - 1:
            self.radius = self._spectral_radius()
        while True:
            h = float(min(self.h, self.t_bound - self.t))  # a NumPy number would make all double
            if not h > 10 * np.spacing(self.t):
                return False, self.TOO_SMALL_STEP
            increment = self._stages(h)
            y = self.y + increment
            f = self._velocity(y)
            error = _norm(0.4 * h * (self.f + f) - 0.8 * increment)
            allowed = self.rtol * max(_norm(self.y), _norm(y))
            room = allowed / error if error != 0 else math.inf
            factor = SAFETY * math.cbrt(room)
            if error <= allowed:
                break
            self.h = h * max(SHRINK, factor)  # in this order: the factor may be NaN
            self.radius = self._spectral_radius()
        if self.accepted:  # where the error has grown, it will go on to grow
            factor *= min(1, h / (self.t - self.t_old) * math.cbrt(room / self.room))
        self.h, self.room = h * min(max(SHRINK, factor), GROW), min(room, ROOMY)
        self.y_old, self.f_old = self.y, self.f
        self.t, self.y, self.f = self.t + h, y, f
        self.accepted += 1
        return True, None

    def _stages(self, h: float) -> np.ndarray:
        """The last stage, less y."""
        s = max(2, 1 + int(np.sqrt(1.54 * h * self.radius + 1)))
        mu, nu, mu_t, gamma_t = _coefficients(s)
        y, before, now = self.y.astype(self.kind, copy=False), np.zeros_like(self.f), mu_t[1] * h * self.f
        for j in range(2, s + 1):
            new = mu_t[j] * h * self._velocity(y + now)
            for term, weight in (now, mu[j]), (before, nu[j]), (self.f, gamma_t[j] * h):
                self.axpy(term, new, a=weight)  # new += weight * term
            before, now = now, new
        return now

    def _dense_output_impl(self):
        return _Hermite(self.t_old, self.t, self.y_old, self.y, self.f_old, self.f)


def _norm(y: np.ndarray) -> float:
    return math.sqrt(y @ y)


class _Hermite(DenseOutput):
    def __init__(self, t_old, t, *data):
        super().__init__(t_old, t)
        y_old, y, f_old, f = data
        self.spline = CubicHermiteSpline([t_old, t], [y_old, y], [f_old, f])

    def _call_impl(self, t):
        return self.spline(t).T


@cache
def _coefficients(s: int) -> tuple[list[float], ...]:
    """mu, nu, mu~, gamma~ of the s-stage recursion, from the Chebyshev polynomials T_j at w0 and their derivatives."""
    w0 = 1 + 2 / 13 / s**2
    T, dT, ddT = [1.0, w0], [0.0, 1.0], [0.0, 0.0]
    for _ in range(2, s + 1):
        ddT.append(4 * dT[-1] + 2 * w0 * ddT[-1] - ddT[-2])
        dT.append(2 * T[-1] + 2 * w0 * dT[-1] - dT[-2])
        T.append(2 * w0 * T[-1] - T[-2])
    T, dT, ddT = np.array(T), np.array(dT), np.array(ddT)
    w1 = dT[s] / ddT[s]
    b = np.append([0.0, 0.0], ddT[2:] / dT[2:] ** 2)
    b[:2] = b[2]
    mu, nu, mu_t, gamma_t = np.zeros((4, s + 1))
    mu_t[1] = b[1] * w1
    mu[2:], nu[2:], mu_t[2:] = 2 * w0 * b[2:] / b[1:-1], -b[2:] / b[:-2], 2 * w1 * b[2:] / b[1:-1]
    gamma_t[2:] = -(1 - b[1:-1] * T[1:-1]) * mu_t[2:]
    return mu.tolist(), nu.tolist(), mu_t.tolist(), gamma_t.tolist()
