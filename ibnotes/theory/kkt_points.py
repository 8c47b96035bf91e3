"""The problem whose KKT points homogeneous networks are driven to, ``min ||theta||^2 / 2  s.t.  q_i(theta) >= 1``.

Residuals along a run; and the KKT point that a nonlinear program finds near some start, with the rates at which a
flow approaches it, of which the program knows nothing.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.optimize import minimize, nnls
from scipy.special import log_softmax

from ibnotes.measures import angle, direction
from ibnotes.problems.equality import by_value
from ibnotes.problems.errors import NotConverged
from ibnotes.problems.homogeneity import Homogeneous, as_parameters
from ibnotes.problems.validation import Array

ACTIVE = 1e-5  # a margin within this of 1 is active at a KKT point
STATIONARY = 1e-6  # residual allowed of a KKT point that is returned
STEP = 1e-6  # of the central differences for second derivatives


@by_value
@dataclass(frozen=True)
class MarginResiduals:
    """How far a point of a run is from a KKT point.

    Attributes:
        theta: (size,), scaled so that the smallest margin is 1: feasible by construction.
        multipliers: (n,) non-negative, proportional to the gradient's weights.
        stationarity: the eps of Lyu & Li, ``||theta - sum_i multipliers_i grad q_i(theta)||``.
        complementarity: ``sum_i multipliers_i (q_i(theta) - 1)``, at least the delta of Lyu & Li, its largest summand.
        angle: between theta and the loss's negative gradient, in radians; zero at a KKT point whose multipliers are
            the loss's, as along a flow in the limit. With several active margins another length has others.
        margin: the normalized margin, ``1 / ||theta||^L``.

    Example:
        >>> network = ib.Diagonal([[2, 1]], [1], depth=2)
        >>> at = ib.margin_residuals(network, [3, 0, 0, 0])  # of one point only the direction counts
        >>> at.theta.round(4), at.multipliers.round(4), round(at.margin, 4)
        (array([0.7071, 0.    , 0.    , 0.    ]), array([0.25]), 2.0)
    """

    theta: Array
    multipliers: Array
    stationarity: float
    complementarity: float
    angle: float
    margin: float


@np.errstate(under="ignore")
def margin_residuals(network: Homogeneous, theta: ArrayLike) -> MarginResiduals:
    """KKT residuals of theta (size,), with the multipliers that the exponential loss supplies.

    Raises:
        ValueError: where theta has no direction or a margin is not positive.

    Source: Lyu & Li 2020.

    Example:
        >>> network = ib.Diagonal([[2, 1]], [1], depth=2)
        >>> points = ([1, 0, 0, 0], [1, 1, 0, 0])  # the first is a KKT point
        >>> [round(ib.margin_residuals(network, theta).angle, 4) for theta in points]
        [0.0, 0.3218]
    """
    theta = as_parameters("theta", theta, network)
    L, r, v = network.degree, np.linalg.norm(theta), direction(theta)
    q = network.margins(v)
    if q.min() <= 0:
        raise ValueError(f"theta must classify every point correctly, found a margin of {q.min():.3g}")
    p = np.exp(log_softmax(-(r**L) * q))
    pull = p @ network.jacobian(v)
    size = q.min() ** (-1 / L)
    multipliers = p * size ** (2 - L) / np.linalg.norm(pull)
    beta = float(angle(v, pull))
    return MarginResiduals(
        theta=size * v,
        multipliers=multipliers,
        stationarity=float(2 * size * np.sin(beta / 2)),
        complementarity=float(multipliers @ (q / q.min() - 1)),
        angle=beta,
        margin=float(q.min()),
    )


@by_value
@dataclass(frozen=True)
class MarginPoint:
    """A KKT point.

    Attributes:
        theta: (size,), its smallest margin is 1.
        multipliers: (n,) non-negative, ``theta = sum_i multipliers_i grad q_i(theta)``.
        margin: ``1 / ||theta||^L``.
        exponents: (k,) in increasing order. The flow's direction deviates from the point's by multiples of ``modes``
            that shrink like ``r^-exponent``, to first order; a negative one makes the point a saddle, which the flow
            leaves, and zero decides nothing. They are the eigenvalues of the Lagrangian's Hessian on that space.
        modes: (k, size) orthonormal, tangent to the active margins, one row an exponent.
        residual: relative residual of stationarity.

    Example:
        >>> network = ib.Diagonal([[2, 1]], [1], depth=2)
        >>> ib.margin_point(network, [1, 0.2, 0.1, 0.1]).exponents.round(3)  # none negative: no saddle
        array([0.5, 1.5, 2. ])
    """

    theta: Array
    multipliers: Array
    margin: float
    exponents: Array
    modes: Array
    residual: float


@np.errstate(under="ignore")
def margin_point(network: Homogeneous, start: ArrayLike) -> MarginPoint:
    """The KKT point that sequential quadratic programming finds from ``start`` (size,).

    Its exponents are ``1 - h / (L margin)`` for the eigenvalues h of ``sum_i p_i Hess q_i``, at the unit vector along
    theta and restricted to the tangent space of the active margins, with p the normalized multipliers. Second
    derivatives are central differences: they mean nothing where a margin has none, as at a rectified neuron of zero.

    Raises:
        ValueError: where a margin of ``start`` is not positive.
        NotConverged: where what was found is no KKT point.

    Source: the program of Lyu & Li 2020; the exponents are derived in the chapter on homogeneous networks.

    Example:
        >>> network = ib.Diagonal([[2, 1]], [1], depth=2)
        >>> point = ib.margin_point(network, [1, 0.2, 0.1, 0.1])
        >>> np.abs(network.end_to_end(point.theta)).round(4), round(point.margin, 4)
        (array([0.5, 0. ]), 2.0)
    """
    solution = minimize(
        lambda theta: theta @ theta / 2,
        margin_residuals(network, as_parameters("start", start, network)).theta,
        jac=lambda theta: theta,
        method="SLSQP",
        constraints={"type": "ineq", "fun": lambda theta: network.margins(theta) - 1, "jac": network.jacobian},
        options={"ftol": 1e-15, "maxiter": 1000},
    )
    theta = solution.x
    q = network.margins(theta)
    active = np.flatnonzero(q < 1 + ACTIVE)
    multipliers = np.zeros(len(q))
    multipliers[active], residual = nnls(network.jacobian(theta)[active].T, theta)
    residual /= np.linalg.norm(theta)
    if not (residual < STATIONARY and q.min() > 1 - ACTIVE):
        raise NotConverged(f"no KKT point was found: residual {residual:.1e}, smallest margin {q.min():.6f}")
    margin = float(np.linalg.norm(theta) ** -network.degree)
    exponents, modes = _linearize(network, direction(theta), margin, multipliers / multipliers.sum(), active)
    return MarginPoint(theta, multipliers, margin, exponents, modes, float(residual))


def _linearize(network: Homogeneous, v: Array, margin: float, p: Array, active: Array) -> tuple[Array, Array]:
    def pull(v):
        return p @ network.jacobian(v)

    hessian = np.array([(pull(v + STEP * e) - pull(v - STEP * e)) / (2 * STEP) for e in np.eye(len(v))])
    _, singular, rows = np.linalg.svd(network.jacobian(v)[active])
    tangent = rows[np.count_nonzero(singular > 1e-8 * singular[0]) :]
    h, vectors = np.linalg.eigh(tangent @ (hessian + hessian.T) @ tangent.T / 2)
    return 1 - h[::-1] / (network.degree * margin), (tangent.T @ vectors[:, ::-1]).T
