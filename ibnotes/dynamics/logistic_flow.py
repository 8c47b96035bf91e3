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
from dataclasses import replace

import numpy as np
from numpy.typing import ArrayLike
from scipy.integrate import LSODA, OdeSolver, Radau, solve_ivp
from scipy.linalg import qr

from ibnotes.dynamics.paths import Path
from ibnotes.dynamics.pulls import EXPONENT_MAX, Pulls
from ibnotes.problems.errors import NotConverged
from ibnotes.problems.instances import Classification, far_offset, intercept_column
from ibnotes.problems.scaling import power_of_two, sizes_of_weights, uneven
from ibnotes.problems.separability import separator
from ibnotes.problems.validation import Array, as_floats

LOG_TIME_MAX = 1e9
SETTLED, GROWTH = 30.0, 4.0  # log-time of the first new origin, and how much later each next one comes
ROWS_A_LOOK = 1000  # so many points make a look whether anything still moves dear: it is then taken at fewer steps
IN_SPAN = 1e-12  # a part of the reference off the points' span that is smaller is rounding
NEARLY, GIVEN = 1e-6, 1e-9  # margins this close to 1, at a velocity or at a reference, are taken to be 1 there
FAR_OFF = 1e6  # a reference whose margins are all larger costs so many digits
STEPS_MAX, SLOW_STEPS_MAX = 100_000, 3000  # of LSODA and of Radau, which take some hundred a stretch
GAVE_UP = "columns of X of one size, or earlier log_times, may help: the integrators gave up at log-time"
FLOW_LOSSES = ("logistic", "exponential")


@np.errstate(over="ignore", under="ignore")
def logistic_flow(
    X: ArrayLike,
    y: ArrayLike,
    log_times: ArrayLike,
    *,
    w0: ArrayLike | None = None,
    loss: str = "logistic",
    reference: ArrayLike | None = None,
    intercept: bool = False,
) -> Path:
    """Gradient flow ``dw/dt = -grad L(w)`` on the mean logistic (or exponential) loss.

    With an intercept it is the flow of ``min_b L(w, b)``: b is at its best for w at every moment, unpenalized as in
    ``LogisticRegression`` and ``SVC``. The gradient of that minimum is the gradient in w there (the derivative in b
    is zero), so it is the flow of (w, b) in the limit of an infinite rate for b. ``w / log t`` tends to
    ``max_margin(X, y, intercept=True).w``. Descent on a bias as on any weight is another thing, a column of ones, and
    tends to the least ``||w||^2 + b^2``; with a column of g, or g^2 times the rate, to that of ``||w||^2 + (b / g)^2``.

    Args:
        X: (n, d) points that a hyperplane separates, through the origin unless there is an intercept.
        y: (n,) labels -1 or +1.
        log_times: (k,) natural logarithms of the times wanted, in any order, at most 1e9.
        w0: (d,) start, zero by default.
        loss: "logistic", ``log(1 + exp(-m))``, or "exponential", ``exp(-m)``.
        reference: (d,), the origin throughout, such as the SVM: what is left of the path beyond it, the residual, is
            then known to about 1e-7 of its size, and its limit to rounding (margins of the reference that are 1 up to
            1e-9 are taken to be 1), and w to 1e-10 of ``reference log t``. Any other gives the same path so, at
            moderate times: try it. With an intercept (d + 1,), b last; so is the residual.
        intercept: whether there is an intercept, which needs both labels.

    Returns:
        Path with ``w`` (k, d) and ``log_times`` (k,); with a reference, ``residual`` (k, d), w - reference log t; with
        an intercept, ``intercept`` (k,).

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
    problem = Classification(X, y)
    F, Z = intercept_column(problem, intercept), problem.Z
    del problem  # its copy of X is not needed any more
    log_times = as_floats("log_times", log_times, 1)
    if log_times.max() > LOG_TIME_MAX:
        raise ValueError(f"log_times must be at most {LOG_TIME_MAX:g}, found {log_times.max():g}")
    if not isinstance(loss, str) or loss not in FLOW_LOSSES:
        raise ValueError(f"loss must be one of {FLOW_LOSSES}, found {loss!r}")
    start = np.zeros(Z.shape[1]) if w0 is None else _weights("w0", w0, Z.shape[1])
    if reference is not None:
        reference = _weights("reference", reference, Z.shape[1], F.shape[1])
        if not (least := np.abs(Z @ reference[: Z.shape[1]] + F @ reference[Z.shape[1] :]).min()) <= FAR_OFF:
            raise ValueError(f"reference must have margins of order one, as the SVM has, found none below {least:.3g}")
    if loss == "exponential" and (worst := (Z @ start).min()) < -EXPONENT_MAX / 2:
        raise ValueError(f"w0 makes the exponential loss overflow: its smallest margin is {worst:.3g}")
    shift = far_offset(F * Z) if intercept else np.zeros(0)  # the intercept takes it up
    if shift.any():
        Z -= F * shift
        if reference is not None:
            reference[-1] += reference[:-1] @ shift
    separator(np.hstack([Z, F]) if F.size else Z)  # raises where there is none
    follow = _in_the_span if len(Z) < Z.shape[1] and not uneven(Z) else _flow
    path = follow(Z, F, reference, log_times, start, loss)
    if shift.any():
        path = replace(path, intercept=path.intercept - path.w @ shift)
        if reference is not None:
            path.residual[:, -1] -= path.residual[:, :-1] @ shift
    return path


def _weights(name: str, value: ArrayLike, d: int, beside: int = 0) -> Array:
    value = as_floats(name, value, 1)
    if len(value) != d + beside:
        one_more = " and one for the intercept" * beside
        raise ValueError(f"{name} must have one entry per column of X{one_more}, found {len(value)} for {d + beside}")
    return value


def _in_the_span(Z: Array, F: Array, reference: Array | None, log_times: Array, start: Array, loss: str) -> Path:
    """The flow of few points in many columns: it moves in their span, which has n coordinates; the rest of w0 stays."""
    Q, R = qr(Z.T, mode="economic", overwrite_a=True)  # in the place of Z
    d, n = Q.shape
    beside = start - Q @ (start @ Q)
    if reference is None:
        path = _flow(R.T, F, None, log_times, start @ Q, loss)
        return replace(path, w=path.w @ Q.T + beside)
    w, b = reference[:d], reference[d:]
    path = _flow(R.T, F, np.append(w @ Q, b), log_times, start @ Q, loss)
    off = w - Q @ (w @ Q)
    if np.linalg.norm(off) > IN_SPAN * np.linalg.norm(w):
        beside = beside - np.outer(log_times, off)
    rest = path.residual[:, :n] @ Q.T + beside
    return replace(path, w=np.outer(log_times, w) + rest, residual=np.hstack([rest, path.residual[:, n:]]))


def _flow(Z: Array, F: Array, reference: Array | None, log_times: Array, start: Array, loss: str) -> Path:
    """The flow of w, or of (w, b), F being the labels."""
    # rescaling x to length 1 rescales w by c and t by c^2, and not the intercept
    unit, d = power_of_two(Z), Z.shape[1]
    Z /= unit  # first, as squares of lengths may overflow or vanish
    length = np.linalg.norm(Z, axis=1).max()
    Z /= length
    c = unit * length
    units = np.append(np.full(d, c), np.ones(F.shape[1]))
    Z, start = np.hstack([Z, F]) if F.size else Z, start * c
    s, back = np.unique(log_times + 2 * np.log(c), return_inverse=True)
    early = s <= 0
    w, w_one = _until_one(Z, np.exp(s[early]), start, loss)
    if reference is None:
        w = np.concatenate([w, _on_its_own(Z, s[~early], w_one, loss, d)])[back] / units
        return Path(w=w[:, :d], log_times=log_times, intercept=w[:, d] if F.size else None)
    reference = _rounded(Z, reference * units, GIVEN)
    late = _beyond(Z, reference, 0.0, s[~early], w_one, loss, d)
    rho = np.concatenate([w - np.outer(s[early], reference), late])[back]
    w = (np.outer(s[back], reference) + rho) / units
    residual = (rho + 2 * np.log(c) * reference) / units
    return Path(w=w[:, :d], log_times=log_times, residual=residual, intercept=w[:, d] if F.size else None)


def _until_one(Z: Array, times: Array, start: Array, loss: str) -> tuple[Array, Array]:
    """Plain time from 0 to 1, where nothing is stiff. Returns w, or (w, b), at ``times`` and at 1."""
    pulls = Pulls(Z, np.zeros(Z.shape[1]), loss, len(start))
    solution = solve_ivp(
        lambda t, w: pulls.velocity(0.0, w), (0, 1), start, "DOP853", dense_output=True, rtol=1e-12, atol=1e-14
    )
    if not solution.success:
        raise NotConverged(f"DOP853: {solution.message}")
    states = [pulls.state(0.0, w) for w in solution.sol(np.append(times, 1.0)).T]
    return np.array(states[:-1]).reshape(-1, Z.shape[1]), states[-1]


def _on_its_own(Z: Array, s: Array, w: Array, loss: str, d: int) -> Array:
    """w at the log-times ``s`` > 0, from w(0): the origin of a stretch is the mean velocity in the one before."""
    out, origin, rho, begin, end = [np.empty((0, len(w)))], np.zeros_like(w), w, 0.0, SETTLED
    while len(s):
        now, s = s[s <= end], s[s > end]
        marks = np.append(now, end) if len(s) else now
        path = _beyond(Z, origin, begin, marks, rho, loss, d)
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


def _beyond(Z: Array, origin: Array, begin: float, s: Array, start: Array, loss: str, d: int) -> Array:
    """rho, with its intercept, at the log-times ``s`` > begin, from rho(begin)."""
    pulls = Pulls(Z, origin, loss, d)
    if not len(s):
        return np.empty((0, len(start)))

    # the integrator's own clock starts at zero: its first steps may be too small to be added to ``begin``
    def velocity(since, rho):
        return pulls.velocity(begin + since, rho) - origin[:d]

    def jacobian(since, rho):
        return pulls.jacobian(begin + since, rho)

    start = start[:d]
    options = {
        "jac": jacobian,
        "rtol": 1e-10,
        "atol": 1e-12 * sizes_of_weights(Z[:, :d], np.abs(origin[:d]) + np.abs(start)),
    }
    # at a rest point LSODA would begin with a step that its first, explicit formulas cannot take
    first = min(s[-1] - begin, 0.1 / (1 + min(np.linalg.norm(jacobian(0.0, start)), 1e200)))
    try:
        solver = LSODA(velocity, 0.0, start, s[-1] - begin, first_step=first, **options)
        states = _followed(solver, s - begin, pulls, begin, STEPS_MAX)
    except NotConverged:  # LSODA may have left the path unnoticed: from the stretch's beginning
        solver = Radau(velocity, 0.0, start, s[-1] - begin, **options)  # slower, and stable where LSODA is not
        states = _followed(solver, s - begin, pulls, begin, SLOW_STEPS_MAX)
    return np.array([pulls.state(*each) for each in zip(s, states, strict=True)])


def _followed(solver: OdeSolver, marks: Array, pulls: Pulls, begin: float, most: int) -> list[Array]:
    """The solver's states at the marks, of its own clock; once nothing moves any more, the state where it stopped."""
    states = []
    for step in range(most):
        since = solver.t
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)  # of giving up, which is seen below
            message = solver.step()
        if solver.status == "failed" or not np.isfinite(solver.y).all():
            break
        reached = np.searchsorted(marks, solver.t, side="right")
        states.extend(solver.dense_output()(marks[len(states) : reached]).T)
        if step % (1 + len(pulls.rows) // ROWS_A_LOOK) == 0 and not pulls.moving(
            begin + solver.t, solver.y, solver.fun(solver.t, solver.y)
        ):
            states.extend([solver.y] * (len(marks) - len(states)))
        if len(states) == len(marks):
            return states
    raise NotConverged(f"{GAVE_UP} {begin + since:g}: {message or 'too many steps'}")
