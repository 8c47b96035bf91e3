"""Gradient flow in log-time: separable logistic regression to t = exp(1e9) in milliseconds.

With s = log t the flow of the mean loss is dw/ds = (1/n) sum_i exp(s) sigma(-m_i) z_i, where
z_i = y_i x_i and m_i = <z_i, w>. Its solution grows like w_ref * s, so we integrate the bounded
rest rho = w - w_ref * s, and every exponent is formed from numbers of order one:
s - m_i = (1 - <z_i, w_ref>) s - <z_i, rho>. That is a change of variables, exact for any w_ref.
Once only support vectors pull and their pulls cancel to rounding, rho has stopped and is carried on as it is.
"""

import numpy as np
from numpy.typing import ArrayLike
from scipy.integrate import LSODA, solve_ivp
from scipy.special import expit

from ibnotes.checks import Array, as_floats
from ibnotes.kkt import NotConverged
from ibnotes.oracles import max_margin
from ibnotes.paths import Path
from ibnotes.problems import Classification

LOG_TIME_MAX = 1e9
EPS = np.finfo(np.float64).eps
EXPONENT_MAX = 600.0  # exponents of rejected trial steps stop here: finite numbers make LSODA back off, inf does not
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
        reference: (d,), the w_ref subtracted while integrating; the SVM by default. Any other
            gives the same path to the integrator's tolerance, at moderate times: try it.

    Returns:
        Path with ``w`` (k, d), ``log_times`` (k,) and ``residual`` (k, d), w - w_ref log t.

    Raises:
        ValueError: on bad input. NotSeparable: with its certificate.
        NotConverged: where the integrator gives up.

    Source: Soudry et al. 2018 for the substitution.
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
    svm = max_margin(X, y)
    if reference is None:
        slope = 1 - Z @ svm.w
        slope[svm.support] = 0.0
        return _flow(Z, svm.w, slope, log_times, start, loss)
    reference = _weights("reference", reference, Z)
    return _flow(Z, reference, 1 - Z @ reference, log_times, start, loss)


def _weights(name: str, value: ArrayLike, Z: Array) -> Array:
    value = as_floats(name, value, 1)
    if value.shape != Z.shape[1:]:
        raise ValueError(f"{name} must have one entry per column of X, found {len(value)} for {Z.shape[1]}")
    return value


def _flow(Z: Array, reference: Array, slope: Array, log_times: Array, start: Array, loss: str) -> Path:
    """The flow in the variables ``rho = w - reference * s``, with ``slope = 1 - Z @ reference``."""
    # rescaling x to length 1 rescales w by c and t by c^2
    c = np.linalg.norm(Z, axis=1).max()
    Z, reference, start = Z / c, reference * c, start * c
    shifted = log_times + 2 * np.log(c)
    s, back = np.unique(shifted, return_inverse=True)
    early = s <= 0
    w, w_one = _until_one(Z, np.exp(s[early]), start, loss)
    rho = np.concatenate([w - np.outer(s[early], reference), _after_one(Z, reference, slope, s[~early], w_one, loss)])
    w = np.concatenate([w, np.outer(s[~early], reference) + rho[early.sum() :]])
    residual = (rho[back] + 2 * np.log(c) * reference) / c
    return Path(w=w[back] / c, log_times=log_times, residual=residual)


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


def _after_one(Z: Array, reference: Array, slope: Array, s: Array, start: Array, loss: str) -> Array:
    """rho at the log-times ``s`` > 0, from rho(0) = w(1)."""
    if not len(s):
        return np.empty((0, len(start)))

    def force(s, rho):
        """t times the loss derivative of each point, and the derivative of its logarithm in -m."""
        rest = slope * s - Z @ rho
        if loss == "exponential":
            return np.exp(np.minimum(rest, EXPONENT_MAX)), np.ones(len(Z))
        m = s - rest
        return np.exp(np.minimum(rest - np.logaddexp(0, -m), EXPONENT_MAX)), expit(m)

    def velocity(s, rho):
        return force(s, rho)[0] @ Z / len(Z) - reference

    def jacobian(s, rho):
        f, damping = force(s, rho)
        return -(Z.T * (f * damping)) @ Z / len(Z)

    def moving(s, rho):
        """Whether a point off the support still pulls, or the velocity exceeds its own rounding error."""
        f = force(s, rho)[0] / len(Z)
        exponent = 1 + np.abs(slope * s) + np.abs(Z) @ np.abs(rho)
        rounding = EPS * np.linalg.norm(Z, axis=1) @ (f * exponent)
        pulling = f[slope < 0].max(initial=0) > EPS * f.max()
        return pulling or np.linalg.norm(f @ Z - reference) > rounding

    solver = LSODA(velocity, 0.0, start, s[-1], jac=jacobian, rtol=1e-10, atol=1e-12)
    states = []
    while len(states) < len(s):
        message = solver.step()
        if solver.status == "failed" or not np.isfinite(solver.y).all():
            raise NotConverged(f"LSODA gave up at log-time {solver.t:g}: {message}")
        reached = np.searchsorted(s, solver.t, side="right")
        states.extend(solver.dense_output()(s[len(states) : reached]).T)
        if not moving(solver.t, solver.y):
            states.extend([solver.y] * (len(s) - len(states)))
    return np.array(states)
