"""Gradient flow of homogeneous networks in log-time, to losses of exp(-1e6).

With r = ||theta||, v = theta / r, s = log t and weights c_i = exp(s - r^L q_i(v) + (L - 2) log r), whose exponents are
of order one however small the loss is, the flow of the summed exponential loss reads

    dv/ds = (I - vv') sum_i c_i grad q_i(v),    d(log r)/ds = L sum_i c_i q_i(v).
"""

from __future__ import annotations

import warnings
from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike
from scipy.integrate import LSODA
from tqdm import tqdm

from ibnotes.dynamics.paths import Path
from ibnotes.problems.errors import NotConverged
from ibnotes.problems.homogeneity import Homogeneous, as_parameters
from ibnotes.problems.scaling import power_of_two
from ibnotes.problems.validation import Array, as_floats

LOG_TIME_MAX = 1e6  # beyond it the rounding of r^L q_i is no longer small against the integrator's tolerance
EXPONENT_MAX = 60.0  # exponents of rejected trial steps stop here: finite numbers make LSODA back off, inf does not
TOLERANCE = 1e-10
STANDSTILL = 40.0  # so much log-time before the worst point's weight is of order one, nothing has moved yet
ORIGIN = 30.0  # a length that has shrunk by exp(30) will not grow again
# an integration step may take as many evaluations as there are parameters: so many, times BASE + size, ...
BASE, PATIENCE, ENDURANCE = 40, 50, 2_000  # ... without an advance mean that it is stuck, and are taken altogether
ADVANCE = 0.01  # of log-time; along a kink it is below 1e-3, elsewhere some tenths
STUCK = "the flow got stuck at log-time"
WHY = "it slides along a kink (powers of ReLU above 1 have none), or never learns some point"


@np.errstate(under="ignore")
def homogeneous_flow(network: Homogeneous, start: ArrayLike, log_times: ArrayLike) -> Path:
    """Gradient flow ``dtheta/dt = -grad L(theta)`` on the summed exponential loss ``L = sum_i exp(-q_i)``.

    What the network declares is tried first, at random parameters.

    Args:
        network: margins, jacobian, degree and size; of a module of torch, ``ModuleNetwork(module, X, y)``.
        start: (size,) parameters at time 0.
        log_times: (k,) natural logarithms of the times wanted, in any order, at most 1e6.

    Returns:
        Path with ``w`` (k, size), the parameters, and ``log_times``.

    Raises:
        ValueError: on bad input, and where the network is not what it declares.
        NotConverged: where the integrator gives up, or gets stuck (a ReLU network that slides along a kink, or one
            that never learns some point, whose gradient then explodes; where it dies, the path rests): after
            50 (size + 41) evaluations that do not move it, 2000 (size + 41) altogether. Or where a run of degree 1
            meets the origin.

    Source: polar coordinates as in Lyu & Li 2020; the integration in log-time is ours.

    Example:
        >>> network = ib.Diagonal([[2, 1]], [1], depth=2)
        >>> end = ib.homogeneous_flow(network, [0.1, 0.1, 0.1, 0.1], log_times=[1e5]).w[0]
        >>> ib.direction(network.end_to_end(end)).round(3)  # sparse: the l1 max margin
        array([1., 0.])
    """
    start, log_times = as_parameters("start", start, network), as_floats("log_times", log_times, 1)
    if log_times.max() > LOG_TIME_MAX:
        raise ValueError(f"log_times must be at most {LOG_TIME_MAX:g}, found {log_times.max():g}")
    unit, L = power_of_two(start), network.degree
    r = np.linalg.norm(start / unit) * unit  # squares of very small or large entries would vanish or overflow
    if not start.any():
        raise ValueError("start must not be zero: it has no direction, and for a degree above 1 it never moves")
    with np.errstate(over="ignore", invalid="ignore"):
        begin = network.margins(start).min() - STANDSTILL
    if not begin >= -LOG_TIME_MAX:
        raise ValueError(
            f"start must have finite margins of at least -{LOG_TIME_MAX:g}, found {begin + STANDSTILL:g}: scale it or X"
        )
    pull_of = getattr(network, "pull", lambda v, c: c @ network.jacobian(v))

    def velocity(s, state):
        v, log_r = state[:-1], state[-1]
        q = network.margins(v)
        scale = np.exp(min(L * log_r, 3 * EXPONENT_MAX))
        c = np.exp(np.minimum(s - scale * q + (L - 2) * log_r, EXPONENT_MAX))
        pull = pull_of(v, c)
        return np.append(pull - (v @ pull) * v, L * (c @ q))

    s, back = np.unique(np.maximum(log_times, begin), return_inverse=True)
    with np.errstate(over="ignore", invalid="ignore"), warnings.catch_warnings():  # of trial steps, and of giving up
        warnings.simplefilter("ignore", UserWarning)
        states = _integrate(velocity, begin, np.append(start / r, np.log(r)), s)
    if states[-1, -1] < np.log(r) - ORIGIN:
        raise NotConverged("the flow runs into the origin, where it has no direction; turn the start a little")
    return Path(w=(states[:, :-1] * np.exp(states[:, -1:]))[back], log_times=log_times)


def _integrate(velocity: Callable, begin: float, start: Array, times: Array) -> Array:
    """States at increasing ``times``, none of them before ``begin``."""
    if times[-1] == begin:
        return start[None]
    options = {"first_step": min(1.0, times[-1] - begin), "rtol": TOLERANCE, "atol": TOLERANCE}
    solver, states, mark = LSODA(velocity, begin, start, times[-1], **options), [], (0, begin)
    with tqdm(delay=10, desc="homogeneous_flow", unit=" evaluations") as bar:
        while len(states) < len(times):
            message = solver.step()
            if solver.status == "failed" or not np.isfinite(solver.y).all():
                raise NotConverged(f"{STUCK} {solver.t:.6g}, where LSODA gives up ({message}): {WHY}")
            mark = _still_moving(solver.nfev, solver.t, *mark, BASE + len(start))
            reached = np.searchsorted(times, solver.t, side="right")
            states.extend(solver.dense_output()(times[len(states) : reached]).T)
            bar.set_postfix_str(f"log t = {solver.t:.4g} of {times[-1]:.4g}", refresh=False)
            bar.update(solver.nfev - bar.n)
    return np.array(states)


def _still_moving(evaluations: int, s: float, before: int, since: float, unit: int) -> tuple[int, float]:
    """Evaluations and log-time to compare the next ones with, or NotConverged where the flow is stuck."""
    spent = evaluations - before
    if evaluations > ENDURANCE * unit:
        raise NotConverged(f"{evaluations} evaluations took the flow to log-time {s:.6g}: ask for earlier log_times")
    if spent <= PATIENCE * unit:
        return before, since
    if s - since < ADVANCE:
        raise NotConverged(f"{STUCK} {s:.6g}, the last {spent} evaluations moved it by {s - since:.1g}: {WHY}")
    return evaluations, s
