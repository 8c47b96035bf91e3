"""Gradient flow in log-time: separable logistic regression to t = exp(1e9) in milliseconds.

With s = log t the flow of the mean loss is dw/ds = (1/n) sum_i exp(s) sigma(-m_i) z_i, where
z_i = y_i x_i and m_i = <z_i, w>. Its solution grows like s, so we integrate the rest rho = w - origin * s, which stays
small where origin is near dw/ds, and every exponent is formed from numbers of order one:
s - m_i = (1 - <z_i, origin>) s - <z_i, rho>. That is a change of variables, exact for any origin; the flow takes its
own mean velocity, anew whenever s has quadrupled, so that nothing here knows where it is going.
Once only support vectors pull and their pulls cancel to rounding, rho has stopped and is carried on as it is.
"""

from __future__ import annotations

import warnings

import numpy as np
from numpy.typing import ArrayLike
from scipy.integrate import LSODA, Radau, solve_ivp
from scipy.special import expit

from ibnotes.dynamics.paths import Path
from ibnotes.problems.errors import NotConverged
from ibnotes.problems.instances import Classification
from ibnotes.problems.separability import separator
from ibnotes.problems.validation import Array, as_floats

LOG_TIME_MAX = 1e9
EPS = np.finfo(np.float64).eps
EXPONENT_MAX = 600.0  # exponents of rejected trial steps stop here: finite numbers make LSODA back off, inf does not
SETTLED, GROWTH = 30.0, 4.0  # log-time of the first new origin, and how much later each next one comes
NEARLY, GIVEN = 1e-6, 1e-9  # margins this close to 1, at a velocity or at a reference, are taken to be 1 there
SLOW_STEPS_MAX = 3000  # of the implicit integrator, which takes some hundred where it gets on
GAVE_UP = "columns of X of one size, or earlier log_times, may help: the integrators gave up at log-time"
FLOW_LOSSES = ("logistic", "exponential")


def logistic_flow(
    X: ArrayLike,
    y: ArrayLike,
    log_times: ArrayLike,
    *,
    w0: ArrayLike | None = None,
    loss: str = "logistic",
    reference: ArrayLike | None = None,
) -> Path:
    """Gradient flow ``dw/dt = -grad L(w)`` on the mean logistic (or exponential) loss.

    Args:
        X: (n, d) points that a hyperplane through the origin separates.
        y: (n,) labels -1 or +1.
        log_times: (k,) natural logarithms of the times wanted, in any order, at most 1e9.
        w0: (d,) start, zero by default.
        loss: "logistic", ``log(1 + exp(-m))``, or "exponential", ``exp(-m)``.
        reference: (d,), the origin throughout, such as the SVM: what is left of the path beyond it is then known to
            full accuracy (its margins that are 1 up to 1e-9 are taken to be 1). Any other gives the same path to the
            integrator's tolerance, at moderate times: try it.

    Returns:
        Path with ``w`` (k, d) and ``log_times`` (k,); with a reference, ``residual`` (k, d), w - reference log t.

    Raises:
        ValueError: on bad input. NotSeparable: with its certificate.
        NotConverged: where the integrator gives up.

    Source: Soudry et al. 2018 for the substitution.

    Example:
        >>> X, y = [[2, 0], [0, -1]], [1, -1]
        >>> flow = ib.logistic_flow(X, y, log_times=[10, 1000, 1e9])
        >>> gap = ib.direction_gap(flow.w, ib.max_margin(X, y).w)
        >>> (gap * flow.log_times).round(3)  # falls like 1 / log t
        array([0.578, 0.555, 0.555])
    """
    Z = Classification(X, y).Z
    log_times = as_floats("log_times", log_times, 1)
    if log_times.max() > LOG_TIME_MAX:
        raise ValueError(f"log_times must be at most {LOG_TIME_MAX:g}, found {log_times.max():g}")
    if loss not in FLOW_LOSSES:
        raise ValueError(f"loss must be one of {FLOW_LOSSES}, found {loss!r}")
    start = np.zeros(Z.shape[1]) if w0 is None else _weights("w0", w0, Z)
    worst = (Z @ start).min()
    if loss == "exponential" and worst < -EXPONENT_MAX / 2:
        raise ValueError(f"w0 makes the exponential loss overflow: its smallest margin is {worst:.3g}")
    separator(Z)  # raises where there is none
    return _flow(Z, None if reference is None else _weights("reference", reference, Z), log_times, start, loss)


def _weights(name: str, value: ArrayLike, Z: Array) -> Array:
    value = as_floats(name, value, 1)
    if value.shape != Z.shape[1:]:
        raise ValueError(f"{name} must have one entry per column of X, found {len(value)} for {Z.shape[1]}")
    return value


def _flow(Z: Array, reference: Array | None, log_times: Array, start: Array, loss: str) -> Path:
    # rescaling x to length 1 rescales w by c and t by c^2
    c = np.linalg.norm(Z, axis=1).max()
    Z, start = Z / c, start * c
    s, back = np.unique(log_times + 2 * np.log(c), return_inverse=True)
    early = s <= 0
    w, w_one = _until_one(Z, np.exp(s[early]), start, loss)
    if reference is None:
        w = np.concatenate([w, _on_its_own(Z, s[~early], w_one, loss)])
        return Path(w=w[back] / c, log_times=log_times)
    reference = _rounded(Z, reference * c, GIVEN)
    rho = np.concatenate([w - np.outer(s[early], reference), _beyond(Z, reference, 0.0, s[~early], w_one, loss)])
    w = np.concatenate([w, np.outer(s[~early], reference) + rho[early.sum() :]])
    return Path(w=w[back] / c, log_times=log_times, residual=(rho[back] + 2 * np.log(c) * reference) / c)


def _until_one(Z: Array, times: Array, start: Array, loss: str) -> tuple[Array, Array]:
    """Plain time from 0 to 1, where nothing is stiff. Returns w at ``times`` and at 1."""

    def velocity(t, w):
        m = Z @ w
        return (np.exp(-m) if loss == "exponential" else expit(-m)) @ Z / len(Z)

    solution = solve_ivp(velocity, (0, 1), start, "DOP853", dense_output=True, rtol=1e-12, atol=1e-14)
    if not solution.success:
        raise NotConverged(f"DOP853: {solution.message}")
    w = solution.sol(times).T if len(times) else np.empty((0, len(start)))
    return w, solution.y[:, -1]


def _on_its_own(Z: Array, s: Array, w: Array, loss: str) -> Array:
    """w at the log-times ``s`` > 0, from w(0): the origin of a stretch is the mean velocity in the one before."""
    out, origin, rho, begin, end = [np.empty((0, len(w)))], np.zeros_like(w), w, 0.0, SETTLED
    while len(s):
        now, s = s[s <= end], s[s > end]
        marks = np.append(now, end) if len(s) else now
        path = _beyond(Z, origin, begin, marks, rho, loss)
        out.append((np.outer(marks, origin) + path)[: len(now)])
        fresh = _rounded(Z, origin + (path[-1] - rho) / (end - begin), NEARLY)
        # w = origin s + rho stays as it is; the difference first: both terms are large
        rho, origin, begin, end = path[-1] + (origin - fresh) * end, fresh, end, GROWTH * end
    return np.concatenate(out)


def _rounded(Z: Array, origin: Array, nearly: float) -> Array:
    """The origin, moved so that margins which are 1 up to ``nearly`` are 1 to all digits."""
    margins = Z @ origin
    almost = np.abs(1 - margins) < nearly
    return origin + np.linalg.lstsq(Z[almost], 1 - margins[almost], rcond=None)[0] if almost.any() else origin


def _beyond(Z: Array, origin: Array, begin: float, s: Array, start: Array, loss: str) -> Array:
    """rho at the log-times ``s`` > begin, from rho(begin)."""
    if not len(s):
        return np.empty((0, len(start)))
    slope = 1 - Z @ origin
    slope[np.abs(slope) <= 8 * EPS * (1 + np.abs(Z) @ np.abs(origin))] = 0.0

    def force(s, rho):
        """t times the loss derivative of each point, and the derivative of its logarithm in -m."""
        rest = slope * s - Z @ rho
        if loss == "exponential":
            return np.exp(np.minimum(rest, EXPONENT_MAX)), np.ones(len(Z))
        m = s - rest
        return np.exp(np.minimum(rest - np.logaddexp(0, -m), EXPONENT_MAX)), expit(m)

    # the integrator's own clock starts at zero: its first steps may be too small to be added to ``begin``
    def velocity(since, rho):
        return force(begin + since, rho)[0] @ Z / len(Z) - origin

    def jacobian(since, rho):
        f, damping = force(begin + since, rho)
        return -(Z.T * (f * damping)) @ Z / len(Z)

    def moving(s, rho):
        """Whether a point off the support still pulls, or the velocity exceeds its own rounding error."""
        f = force(s, rho)[0] / len(Z)
        exponent = 1 + np.abs(slope * s) + np.abs(Z) @ np.abs(rho)
        rounding = 8 * EPS * (f * exponent) @ np.abs(Z)
        pulling = f[slope < 0].max(initial=0) > EPS * f.max()
        return pulling or (np.abs(f @ Z - origin) > rounding).any()

    # at a rest point LSODA would begin with a step that its first, explicit formulas cannot take
    first = min(s[-1] - begin, 0.1 / (1 + min(np.linalg.norm(jacobian(0.0, start)), 1e200)))
    # exponents are to be known to 1e-12, so a weight is in the units of its column
    size = np.abs(Z).max(axis=0)
    options = {"jac": jacobian, "rtol": 1e-10, "atol": 1e-12 / np.where(size > 0, size, 1)}
    solver = LSODA(velocity, 0.0, start, s[-1] - begin, first_step=first, **options)
    states, slow_steps = [], 0
    while len(states) < len(s):
        since, rho = solver.t, solver.y.copy()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)  # of giving up, which is seen below
            message = solver.step()
        slow_steps += isinstance(solver, Radau)
        if solver.status == "failed" or not np.isfinite(solver.y).all() or slow_steps > SLOW_STEPS_MAX:
            if isinstance(solver, Radau):
                raise NotConverged(f"{GAVE_UP} {begin + since:g}: {message}")
            solver = Radau(velocity, since, rho, s[-1] - begin, **options)  # slower, and stable where LSODA is not
            continue
        reached = np.searchsorted(s - begin, solver.t, side="right")
        states.extend(solver.dense_output()(s[len(states) : reached] - begin).T)
        if not moving(begin + solver.t, solver.y):
            states.extend([solver.y] * (len(s) - len(states)))
    return np.array(states)
