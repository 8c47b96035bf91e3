"""Flows of deep products in narrow factors.

From a small balanced start a product of three factors or more is soon numerically of low rank: what has not had its
turn stays of the size of the start. So the flow is followed in full until the first singular values have grown, and
then in factors as wide as there are singular values that matter. The others are left as they are. They speed up the
turning of those that are kept; so do, to first order, kept factors whose first and last are a little smaller and the
others larger. A guard estimates how what is left out would have grown, from the residual's pull on it; where that is
no longer negligible, the flow goes back and re-admits as many directions again.

Where it does no harm, velocities are computed in single precision, in nearly half the time; the state is kept in
double precision, in which rounding errors do not add up.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from scipy.integrate import RK45, OdeSolver
from scipy.linalg.blas import daxpy, saxpy
from scipy.optimize import brentq
from tqdm import tqdm

from ibnotes.dynamics.products import pack, product, product_gradients, unpack
from ibnotes.dynamics.stabilized import RKC
from ibnotes.dynamics.tilt import tilt
from ibnotes.measures import imbalance
from ibnotes.problems.errors import NotConverged
from ibnotes.problems.instances import Completion, Sensing
from ibnotes.problems.validation import Array

RISEN = 20.0  # growth of the product from its start, after which it is narrowed
NEGLIGIBLE = 0.0447  # size of dropped factors / of learned ones; the product's error is a twentieth of its square
WATCH = 300  # velocities from one look of the guard to the next; once at rest, a step takes thousands
NARROWEST = 50  # rows and columns, from which on it pays
NOISE = 0.02  # in single precision, of the pull on the smallest modes
EXACTEST = 1e-10  # goal in single precision, of the data's mean square: its root is large against seven digits


class Care(NamedTuple):
    """How closely to follow."""

    kept: float  # growth of a direction's size from its start, from which on it is kept
    rtol: tuple[float, float]  # of a step, when all is fitted and when nothing is


TO_THE_END = Care(1.45, (1e-4, 1e-3))
ALL_THE_WAY = Care(1.0, (3e-5, 3e-5))


def has_low_rank(problem: Completion | Sensing, factors: list[Array]) -> bool:
    """Whether the flow from ``factors`` will: three or more, balanced, and small against what is to be learned."""
    if len(factors) < 3 or not isinstance(problem, Completion) or min(min(A.shape) for A in factors) < NARROWEST:
        return False
    size = np.linalg.norm(factors[0], 2)
    return 0 < size <= NEGLIGIBLE / 2 * _learned(problem, len(factors)) and imbalance(factors) <= 1e-9 * size**2


def narrow_flow(
    problem: Completion, factors: list[Array], times: Array, goal: float, care: Care
) -> tuple[Array, list[Array], bool]:
    """Times reached, the factors there, stacked, and whether the mean squared error fell to ``goal``, at the last."""
    learned, size, depth = _learned(problem, len(factors)), np.linalg.norm(factors[0], 2), len(factors)
    kind = _precision(learned, size, depth, goal / problem.mean_squared_error(np.zeros(problem.shape)))
    flow = _Flow(problem, factors, kind)
    speed = np.linalg.norm(flow.velocity(0.0, flow.start))
    first = min(0.1 * np.linalg.norm(flow.start) / speed, times[-1])
    solver = RK45(flow.velocity, 0.0, flow.start, times[-1], first_step=first, rtol=care.rtol[1], atol=0.0)
    grown = RISEN * np.linalg.norm(product(factors))
    found = [(0.0, factors)] if times[0] == 0 else []
    begun, ending = _follow(solver, flow, times, goal, lambda: np.linalg.norm(flow.product(solver.y)) > grown)
    found += begun
    if ending == "stopped":
        state, left = flow.split(solver.y), times[times > solver.t]
        rest, ending = _follow_narrow(problem, state, solver.t, left, goal, kind, size, care)
        found += rest
    stacks = zip(*(state for _, state in found), strict=True)
    return np.array([t for t, _ in found]), [np.array(stack) for stack in stacks], ending == "fitted"


def _tolerance(error: float, limits: tuple[float, float]) -> float:
    """Of a step, from the mean squared error over that of zero: what a step is off fades as fast as the residual."""
    return float(np.clip(0.03 * math.sqrt(error), *limits))


def _precision(learned: float, size: float, depth: int, goal: float) -> type:
    """Single where its rounding, of one part in 1e7 of the largest velocities and of the residual, does no harm.

    A factor's velocity is s^(L-1) for each unit of pull on modes of size s, and x^(L-1) on those that wait at x. The
    ``goal`` is the mean squared error's, over that of zero.
    """
    noise = np.finfo(np.float32).eps * (learned / size) ** (depth - 1)
    return np.float32 if noise <= NOISE and goal >= EXACTEST else np.float64


def _follow_narrow(
    problem: Completion, factors: list[Array], t: float, times: Array, goal: float, kind: type, size: float, care: Care
) -> tuple[list, str]:
    """From ``factors`` at t on: those that have grown from the start's ``size``, and more until no other would."""
    nothing = problem.mean_squared_error(np.zeros(problem.shape))
    most = NEGLIGIBLE * _learned(problem, len(factors))
    U, sigma, Vh = np.linalg.svd(product(factors))
    sizes = sigma ** (1 / len(factors))
    width = int(np.count_nonzero(sizes >= care.kept * size))
    while True:
        flow = _Narrow(problem, factors, U[:, :width], kind)
        solver = RKC(flow.velocity, t, flow.start, times[-1], rtol=care.rtol[1])
        guard = _Guard(solver, flow, U[:, width:], Vh[width:], [*sizes, 0.0][width], most)

        def stop(solver=solver, flow=flow, guard=guard) -> bool:
            solver.rtol = _tolerance(flow.error() / nothing, care.rtol)
            return guard()

        found, ending = _follow(solver, flow, times, goal, stop)
        if ending != "stopped" and not guard.trips():
            return found, ending
        width = min(2 * width, len(sizes))


def _follow(
    solver: OdeSolver, flow: _Flow, times: Array, goal: float, stop: Callable[[], bool]
) -> tuple[list[tuple[float, list[Array]]], str]:
    """Times and factors there, a fitted state last, and why it ended; ``stop`` is asked once a step."""
    found = []
    with tqdm(delay=10, desc="deep_linear_flow", unit=" steps") as bar, np.errstate(over="ignore", invalid="ignore"):
        while solver.status == "running":
            message = solver.step()  # a trial step may overflow
            bar.update()
            if solver.status == "failed":
                raise NotConverged(f"{type(solver).__name__}: {message}")
            nearly = flow.error() <= 1.01 * goal  # either integrator ends a step with the velocity there
            fitted = nearly and flow.error(solver.y) <= goal
            wanted = times[(solver.t_old < times) & (times <= solver.t)]
            if fitted:
                end = _crossing(solver, lambda state: flow.error(state) - goal)
                wanted = [*wanted[wanted < end], end]
            found += [(float(t), flow.whole(solver.dense_output()(t))) for t in wanted]
            if fitted:
                return found, "fitted"
            if stop() and solver.status == "running":
                return found, "stopped"
    return found, "finished"


def _crossing(solver: OdeSolver, misfit: Callable[[Array], float]) -> float:
    """When, in the last step, ``misfit`` fell to zero."""
    between = solver.dense_output()

    def at(t: float) -> float:
        return misfit(between(t) if t < solver.t else solver.y)

    return brentq(at, solver.t_old, solver.t, xtol=1e-300, rtol=1e-14)


class _Flow:
    """Of factors, as one vector, towards a ``target``; velocities are computed in numbers of a ``kind``."""

    def __init__(self, problem: Completion, factors: list[Array], kind: type, target: Array | None = None):
        self.target = problem.observed if target is None else target
        self.kind, self.rounded = kind, self.target.astype(kind)
        self.seen, self.count = problem.mask.astype(kind), problem.mask.sum()
        self.shapes, self.start = [A.shape for A in factors], pack(factors)

    def split(self, state: Array) -> list[Array]:
        return unpack(state, self.shapes)

    whole = split

    def pull(self, W: Array) -> Array:
        """Minus the gradient in W, in its place."""
        self.last = np.subtract(self.rounded, W, out=W)
        self.last *= self.seen
        return self.last

    def product(self, state: Array) -> Array:
        return product(self.split(state))

    def error(self, state: Array | None = None) -> float:
        """The mean squared error of a state, or, from its rounded velocity, of the last one that had it computed."""
        residual = self.last if state is None else self.seen * (self.target - self.product(state))
        return float(np.vdot(residual, residual)) / self.count

    def velocity(self, t: float, state: Array) -> Array:
        return pack(product_gradients(self.pull, self.split(state.astype(self.kind, copy=False))))


class _Narrow(_Flow):
    """Of the part of balanced factors that makes the product's singular vectors ``left`` (m, width); the rest stays."""

    def __init__(self, problem: Completion, factors: list[Array], left: Array, kind: type):
        self.bases, kept = [], []  # of the spaces between the factors
        for A in factors[:-1]:
            basis, R = np.linalg.qr(A.T @ (self.bases[-1] if self.bases else left))
            kept.append(R.T if self.bases else A @ basis)
            self.bases.append(basis)
        kept.append(self.bases[-1].T @ factors[-1])
        self.shapes = [A.shape for A in kept]
        self.rest = [A - B for A, B in zip(factors, self._wide(pack(kept)), strict=True)]
        super().__init__(problem, self._tilted(kept), kind, problem.observed - product(self.rest))

    def _tilted(self, kept: list[Array]) -> list[Array]:
        """The kept factors, a singular vector of the product each column, in sizes in which they turn as they did."""
        first, *middle, last = kept
        (m, width), n = first.shape, last.shape[1]
        others = [np.sum(B**2) / max(k - width, 1) for B, k in ((self.rest[0], m), (self.rest[-1], n))]
        size = np.linalg.norm(first, axis=0)
        a, b, c = (new / size for new in tilt(size, *others, len(kept)))
        return [first * a, *(A * b for A in middle), last * c[:, None]]

    def _wide(self, state: Array) -> list[Array]:
        first, *middle, last = self.split(state)
        turned = [P @ A @ Q.T for P, A, Q in zip(self.bases, middle, self.bases[1:], strict=False)]
        return [first @ self.bases[0].T, *turned, self.bases[-1] @ last]

    def whole(self, state: Array) -> list[Array]:
        return [A + B for A, B in zip(self._wide(state), self.rest, strict=True)]


class _Guard:
    """Estimates how large factors that are left as they are would have grown.

    Factors of equal size x whose product is pulled with p follow ``x' = p x^(L-1)``. For p it takes the largest
    singular value, in their directions U and Vh, of the residual so far.
    """

    def __init__(self, solver: OdeSolver, flow: _Flow, U: Array, Vh: Array, size: float, most: float):
        self.solver, self.flow, self.U, self.Vh, self.depth = solver, flow, U, Vh, len(flow.shapes)
        self.room = size ** (2 - self.depth) - most ** (2 - self.depth) if size else np.inf
        self.pull, self.looked = np.zeros(flow.rounded.shape, flow.kind), 0

    def __call__(self) -> bool:
        """Takes the last step in; whether the estimate is no longer negligible, now and then."""
        axpy = saxpy if self.flow.kind is np.float32 else daxpy
        axpy(self.flow.last.ravel(), self.pull.ravel(), a=self.solver.t - self.solver.t_old)  # in place
        if self.solver.nfev < self.looked + WATCH:
            return False
        self.looked = self.solver.nfev
        return self.trips()

    def trips(self) -> bool:
        return (self.depth - 2) * np.linalg.norm(self.U.T @ self.pull @ self.Vh.T, 2) > self.room


def _learned(problem: Completion, depth: int) -> float:
    """The size of the factors of what is to be learned."""
    return float(np.linalg.norm(problem.observed, 2) ** (1 / depth))
