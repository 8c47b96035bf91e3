"""Gradient flow of homogeneous networks in log-time, to losses of exp(-1e6).

With r = ||theta||, v = theta / r, s = log t and weights c_i = exp(s - r^L q_i(v) + (L - 2) log r), whose exponents are
of order one however small the loss is, the flow of the summed exponential loss reads

    dv/ds = (I - vv') sum_i c_i grad q_i(v),    d(log r)/ds = L sum_i c_i q_i(v).
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike
from scipy.integrate import solve_ivp

from ibnotes.checks import Array, as_floats
from ibnotes.homogeneous import Homogeneous
from ibnotes.kkt import NotConverged
from ibnotes.paths import Path

LOG_TIME_MAX = 1e7  # beyond it rounding moves r^L q_i by more than 1e-8
EXPONENT_MAX = 600.0  # exponents of rejected trial steps stop here
TOLERANCE = 1e-10
EVALUATIONS_MAX = 100_000  # a run to log t = 1e6 takes some 10 000


def homogeneous_flow(network: Homogeneous, start: ArrayLike, log_times: ArrayLike) -> Path:
    """Gradient flow ``dtheta/dt = -grad L(theta)`` on the summed exponential loss ``L = sum_i exp(-q_i)``.

    Args:
        network: margins, jacobian, degree and size.
        start: (size,) parameters at time 0.
        log_times: (k,) natural logarithms of the times wanted, in any order, at most 1e7.

    Returns:
        Path with ``w`` (k, size), the parameters, and ``log_times``.

    Raises:
        ValueError: on bad input.
        NotConverged: where the integrator gives up: a ReLU network that slides along a kink, or one that
            never learns some point, whose gradient then explodes or dies in log-time.

    Source: polar coordinates as in Lyu & Li 2020, appendix; the integration in log-time is ours.
    """
    start, log_times = as_floats("start", start, 1), as_floats("log_times", log_times, 1)
    if len(start) != network.size:
        raise ValueError(f"start must have one entry per parameter, found {len(start)} for {network.size}")
    if log_times.max() > LOG_TIME_MAX:
        raise ValueError(f"log_times must be at most {LOG_TIME_MAX:g}, found {log_times.max():g}")
    s, back = np.unique(log_times, return_inverse=True)
    early = s <= 0
    theta, at_one = _until_one(network, start, np.exp(s[early]))
    return Path(w=np.concatenate([theta, _after_one(network, at_one, s[~early])])[back], log_times=log_times)


def _integrate(velocity: Callable, span: tuple[float, float], start: Array, at: Array) -> tuple[Array, Array]:
    """States at the times ``at`` and at the end of ``span``."""
    evaluations = 0

    def counted(t, state):
        nonlocal evaluations
        evaluations += 1
        if evaluations > EVALUATIONS_MAX:
            raise NotConverged(f"the flow got stuck at t = {t:.6g} of {span}: is there a kink, or a point not learnt?")
        return velocity(t, state)

    times = np.unique(np.append(at, span[1]))
    solution = solve_ivp(counted, span, start, "LSODA", t_eval=times, rtol=TOLERANCE, atol=TOLERANCE)
    if not solution.success or not np.isfinite(solution.y).all():
        raise NotConverged(f"LSODA gave up: {solution.message}")
    return solution.y.T[np.searchsorted(times, at)], solution.y[:, -1]


def _until_one(network: Homogeneous, start: Array, times: Array) -> tuple[Array, Array]:
    """Plain time from 0 to 1: theta at ``times``, and at 1."""

    def velocity(t, theta):
        return np.exp(np.minimum(-network.margins(theta), EXPONENT_MAX)) @ network.jacobian(theta)

    return _integrate(velocity, (0.0, 1.0), start, times)


def _after_one(network: Homogeneous, start: Array, s: Array) -> Array:
    """theta at the log-times ``s`` > 0."""
    if not len(s):
        return np.empty((0, len(start)))
    L = network.degree

    def velocity(s, state):
        v, log_r = state[:-1], state[-1]
        q = network.margins(v)
        c = np.exp(np.minimum(s - np.exp(L * log_r) * q + (L - 2) * log_r, EXPONENT_MAX))
        pull = c @ network.jacobian(v)
        return np.append(pull - (v @ pull) * v, L * (c @ q))

    r = np.linalg.norm(start)
    states, _ = _integrate(velocity, (0.0, s[-1]), np.append(start / r, np.log(r)), s)
    return states[:, :-1] * np.exp(states[:, -1:])
