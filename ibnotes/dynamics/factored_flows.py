"""Gradient flow on factorized linear models: diagonal networks and products of matrices.

The parameters themselves are integrated, never the equations that the theorems derive for their
product, so that the flows can be held against the theorems.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike
from scipy.integrate import LSODA, solve_ivp
from tqdm import tqdm

from ibnotes.dynamics.narrow_flows import ALL_THE_WAY, TO_THE_END, has_low_rank, narrow_flow
from ibnotes.dynamics.paths import Path
from ibnotes.dynamics.products import mirror, pack, product, product_gradients, unpack
from ibnotes.dynamics.stabilized import RKC
from ibnotes.dynamics.units import of_order_one
from ibnotes.problems.errors import NotConverged
from ibnotes.problems.instances import Completion, Regression, Sensing, check_in_range
from ibnotes.problems.scaling import in_units, power_of_two
from ibnotes.problems.validation import Array, as_factors, as_floats, as_nonnegative, power_of_scale

FOREVER = 1e300
HEIGHT_MAX = 1e250  # of a start beside which the limit is of order one: its flow's time scale still has a number
FAR = 300.0  # exponents beyond which one is nothing beside the exponential
EXPONENT_MAX = 700.0  # trial steps that are to be rejected stay finite
FITTED = 1e-12  # residual, relative to the targets, of a flow that has arrived
NEARLY = 1e-5  # mean squared error, relative to that of zero, from which on a flow is near its end
LEARNED = 1e-3  # singular values that count as learned, over the largest
LARGE = 500  # parameters from which on LSODA's dense Jacobian costs more than it saves


@np.errstate(under="ignore")
def deep_linear_flow(
    problem: Completion | Sensing,
    factors: list[ArrayLike],
    times: ArrayLike,
    *,
    mse: float = 0.0,
    symmetric: bool = False,
) -> Path:
    """Gradient flow of ``||P(A_1 A_2 ... A_L - M)||_F^2 / 2`` in the factors A_j.

    Up to 500 parameters LSODA follows the flow over any span of times, to about nine digits. From three factors on
    they are digits of the time at which a singular value shoots up: while it does, the product may have fewer.

    Above, RKC ends within about 1e-3 of the flow's end. Three factors or more of a Completion, of at least 50 rows and
    columns, balanced and small, it follows as narrow ones, as many columns wide as there are directions that matter,
    and ends within about 1e-4: an estimate of what is left out is kept along the run and re-admits directions where it
    grows. Singular values shoot up within half a percent of the time at which they do, of narrow factors within two
    percent. But where there are hardly more observations than the r (m + n - r) that determine a matrix of rank r,
    errors grow, and the end may be off by some hundredths.

    It is quicker, several times, where it is asked for one time, besides 0, by which the mean squared error has fallen
    to a hundred-thousandth of that of zero (from three factors on, with twice as many observations as determine what
    is found): then it ends as near, at a time that may be off by a tenth. Where ``mse`` and start allow, narrow
    factors' velocities are computed in single precision.

    Args:
        problem: a Completion, or a Sensing whose loss is ``sum_i (<A_i, W> - y_i)^2 / 2``.
        factors: the start, L >= 1 matrices whose product has the problem's shape.
        times: (k,) times wanted, increasing, not negative.
        mse: stop where the mean squared error of what is observed falls to this; that state is the
            path's last, and later times are not reached. With 0, a flow that has arrived to rounding
            is carried on to all times.
        symmetric: integrate the first half of the factors only, the others being their transposes in
            reverse. The flow keeps that symmetry, a general solver loses it to rounding.

    Returns:
        Path with ``w`` (k, m, n), the products; ``factors``, a tuple of (k, ., .) arrays; ``times``.

    Raises:
        ValueError: on bad input. NotConverged: where the integrator gives up.

    Example:
        >>> problem = ib.Completion([[2, 1], [1, np.nan]], [[True, True], [True, False]])
        >>> start = ib.balanced_factors((2, 2), depth=3, scale=0.01)
        >>> ib.deep_linear_flow(problem, start, times=[0, 1e4]).w[-1].round(2)
        array([[2. , 1. ],
               [1. , 0.5]])
    """
    if not isinstance(problem, Completion | Sensing):
        raise ValueError(f"problem must be a Completion or a Sensing, found {type(problem).__name__}")
    factors = as_factors(factors)
    if (len(factors[0]), factors[-1].shape[1]) != problem.shape:
        raise ValueError(f"factors must multiply to shape {problem.shape}, found {[a.shape for a in factors]}")
    times, mse = _increasing(times), as_nonnegative("mse", mse)
    if symmetric:
        _check_symmetric(problem, factors)
    data, size, pace = of_order_one(problem, len(factors))
    with np.errstate(over="ignore", under="ignore"):
        scaled, loss = np.ldexp(times, pace), np.ldexp(mse, -pace - 2 * size)
    if not np.isfinite(scaled).all() or (np.diff(scaled) <= 0).any():
        raise ValueError("times and the data are too far apart: rescale the data")
    path = _deep_linear_flow(data, [np.ldexp(A, -size) for A in factors], scaled, loss, symmetric)
    grown = tuple(np.ldexp(A, size) for A in path.factors)
    return Path(w=np.ldexp(path.w, size * len(factors)), factors=grown, times=np.ldexp(path.times, -pace))


def _deep_linear_flow(
    problem: Completion | Sensing, factors: list[Array], times: Array, mse: float, symmetric: bool
) -> Path:
    free = factors[: (len(factors) + 1) // 2] if symmetric else factors
    complete = mirror(len(factors)) if symmetric else list
    shapes = [factor.shape for factor in free]

    def velocity(t, state):
        down = product_gradients(lambda W: -problem.gradient(W), complete(unpack(state, shapes)))
        return pack(down[: len(free)])

    nothing = problem.mean_squared_error(np.zeros(problem.shape))
    goal = max(mse, FITTED**2 * nothing)

    def misfit(t, state):
        return problem.mean_squared_error(product(complete(unpack(state, shapes)))) - goal

    start = pack(free)
    narrow = start.size > LARGE and not symmetric and has_low_rank(problem, factors)

    def follow(to_the_end: bool) -> tuple[Array, list[Array], bool]:
        if narrow and misfit(0.0, start) > 0 < times[-1]:
            return narrow_flow(problem, factors, times, goal, TO_THE_END if to_the_end else ALL_THE_WAY)
        t, states, arrived = _integrate(velocity, start, times, misfit, 3e-4 if to_the_end else 3e-5)
        return t, complete(unpack(states, shapes)), arrived

    only_the_end = start.size > LARGE and np.count_nonzero(times) == 1 and goal <= NEARLY * nothing
    t, stacked, arrived = follow(only_the_end)
    if only_the_end:
        end = product(stacked)[-1]  # it may be on the way, or, from three factors on, sensitive
        sensitive = len(factors) > 2 and not _well_determined(problem, end)
        if sensitive or problem.mean_squared_error(end) > NEARLY * nothing:
            t, stacked, arrived = follow(to_the_end=False)
    if arrived and mse == 0:  # carried on as it is
        t, stacked = times, [np.concatenate([A, np.repeat(A[-1:], len(times), axis=0)])[: len(times)] for A in stacked]
    W = product(stacked)
    return Path(w=(W + W.mT) / 2 if symmetric else W, factors=tuple(stacked), times=t)


@np.errstate(over="ignore", under="ignore")
def diagonal_flow(X: ArrayLike, y: ArrayLike, scale: float, depth: int) -> Array:
    """Limit of gradient flow on ``||X(u^D - v^D) - y||^2 / 2`` from u = v = ``scale``, D = ``depth`` >= 2.

    Integrated in log u and log v, which stay of order one where u and v span many decades, until the
    residual is rounding. The limit is good to about nine digits, fewer where X is ill-conditioned, or where
    depth exceeds two, ``scale`` is small and several interpolants share, or nearly share, the smallest l1 norm.

    Returns:
        (d,) weights ``u^D - v^D``.

    Raises:
        ValueError: on bad input, or where Xw = y has no solution. NotConverged: where the integrator gives up.

    Source: the model of Woodworth et al. 2020, section 4.

    Example:
        >>> X, y = [[1, 2]], [5]
        >>> [ib.diagonal_flow(X, y, scale, depth=2).round(3).tolist() for scale in (1e-6, 1e3)]
        [[0.0, 2.5], [1.0, 2.0]]
    """
    problem = Regression(X, y)
    height = power_of_scale(scale, depth, least=2)
    check_in_range(problem.X, problem.y)  # where nothing fits, the flow does not arrive
    # X and y are brought to order one by powers of two, which time and the height take up
    units = power_of_two(problem.X), power_of_two(problem.y)
    X, y, d = problem.X / units[0], problem.y / units[1], problem.X.shape[1]
    shift = int(np.log2(units[0]) - np.log2(units[1]))
    log_height, height = np.log(height) + shift * np.log(2), float(np.ldexp(height, shift))
    if height > HEIGHT_MAX:
        raise ValueError(f"scale {scale!r} to the power of depth {depth} is too large beside y and X: rescale them")

    def growth(state):
        z = depth * state
        near = height * np.expm1(np.minimum(z, FAR))
        return np.where(z > FAR, np.exp(np.minimum(z + log_height, EXPONENT_MAX)), near) if z.max() > FAR else near

    def weights(state):
        return growth(state)[:d] - growth(state)[d:]

    # x = (log u, log v) - log scale, time in units in which scale^(D-2) = 1: dx/dt = -D exp((D-2) x) (g, -g)
    def velocity(t, state):
        g = X.T @ (X @ weights(state) - y)
        return -depth * np.exp((depth - 2) * state) * np.concatenate([g, -g])

    def jacobian(t, state):
        left = -(depth**2) * signs * np.exp((depth - 2) * state)
        right = signs * (growth(state) + height)
        return left[:, None] * gram * right + (depth - 2) * np.diag(velocity(t, state))

    signs = np.repeat([1.0, -1.0], d)
    gram = np.tile(X.T @ X, (2, 2))
    start = np.zeros(2 * d)
    rate = max(np.linalg.norm(jacobian(0.0, start)), np.abs(velocity(0.0, start)).max(), 1 / FOREVER)
    first = 1e-3 / min(rate, FOREVER)
    atol = 1e-12 / max(1.0, height)
    solver = LSODA(velocity, 0.0, start, FOREVER, jac=jacobian, rtol=1e-10, atol=atol, first_step=first)
    while not np.abs(X @ weights(solver.y) - y).max() <= FITTED * np.abs(y).max():
        message = solver.step()
        if solver.status != "running" or not np.isfinite(solver.y).all():
            raise NotConverged(f"LSODA gave up at time {solver.t:g}: {message}")
    return in_units(weights(solver.y), units[0], 1 / units[1]) if y.any() else np.zeros(d)


def _well_determined(problem: Completion | Sensing, W: Array) -> bool:
    """Whether there are twice as many observations as a matrix of the rank of W has degrees of freedom."""
    (m, n), rank = W.shape, np.linalg.matrix_rank(W, rtol=LEARNED)
    return (problem.mask.sum() if isinstance(problem, Completion) else len(problem.y)) >= 2 * rank * (m + n - rank)


def _increasing(times: ArrayLike) -> Array:
    times = as_floats("times", times, 1)
    if times[0] < 0 or (np.diff(times) <= 0).any():
        raise ValueError("times must increase, from zero or above")
    return times


def _check_symmetric(problem: Completion | Sensing, factors: list[Array]) -> None:
    if not problem.symmetric:
        raise ValueError(f"symmetric needs a square problem and symmetric observations, found shape {problem.shape}")
    if not all(np.array_equal(a, b.T) for a, b in zip(factors, factors[::-1], strict=True)):
        raise ValueError("symmetric needs factors that are each other's transposes in reverse order")


def _integrate(velocity, start: Array, times: Array, misfit, rtol: float) -> tuple[Array, Array, bool]:
    """States (k, parameters) at ``times`` until ``misfit`` falls to zero, and there; and whether it has.

    ``rtol`` is RKC's.
    """
    if misfit(0.0, start) <= 0:
        return np.zeros(1), start[None], True
    if times[-1] == 0 or not velocity(0.0, start).any():
        return times, np.repeat(start[None], len(times), axis=0), False
    options = {"method": RKC, "rtol": rtol}
    if start.size <= LARGE:
        options = {"method": "LSODA", "rtol": 1e-10, "atol": 1e-12 * np.abs(start).max()}
    with tqdm(delay=10, desc="deep_linear_flow", unit=" steps") as bar:

        def fitted(t, state):  # SciPy asks once a step
            bar.update()
            return misfit(t, state)

        fitted.terminal = True
        run = solve_ivp(velocity, (0.0, times[-1]), start, t_eval=times, events=fitted, **options)
    if not run.success:
        raise NotConverged(f"{options['method']}: {run.message}")
    if not len(run.t_events[0]):
        return run.t, run.y.T, False
    reached = np.reshape(run.y, (start.size, -1)).T  # an empty list, where it stops before the first of the times
    return np.append(run.t, run.t_events[0]), np.concatenate([reached, run.y_events[0]]), True
