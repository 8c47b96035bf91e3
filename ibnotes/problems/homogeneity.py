"""What a flow or an oracle sees of a network, its margins and their gradients; and whether they are as declared.

A network f is homogeneous of degree L in its parameters if f(x; c theta) = c^L f(x; theta) for c > 0. It enters
through its margins q_i(theta) = y_i f(x_i; theta) alone. What it declares is tried at random parameters before anybody
builds on it.
"""

from __future__ import annotations

import math
from numbers import Real
from typing import Protocol

import numpy as np
from numpy.typing import ArrayLike

from ibnotes.problems.validation import Array, as_floats, check_count

DECLARED = ("degree", "size", "margins", "jacobian")
LENGTHS = (1.0, 0.01, 100.0)  # of the random parameters: a network may look homogeneous at one of them
DRAWS = 10  # a length; the first at which some margin is not zero counts
STEPS = (1e-5, 1e-7)  # of differences, relative: no kink lies within both, as good as surely
SLOPE, EULER, AGAIN = 1e-4, 1e-7, 1e-9  # relative errors allowed: of the jacobian, of the degree, of a repetition
REMEDY = "leave out biases beyond the first layer, and activations that are not powers (ReLU is one)"


class Homogeneous(Protocol):
    """What the flow needs to know of a network on its data: write these four for a network of your own.

    A fifth, ``pull(theta, c)``, spares it the jacobian: ``sum_i c_i grad q_i``, (size,).

    Example:
        >>> class Square:  # f(x; theta) = x theta^2, on the point x = 1 with label +1
        ...     degree, size = 2, 1
        ...     def margins(self, theta):
        ...         return theta**2
        ...     def jacobian(self, theta):
        ...         return 2 * theta[None]
        >>> ib.margin_residuals(Square(), [3.0]).margin
        1.0
    """

    degree: float
    size: int

    def margins(self, theta: Array) -> Array:
        """y_i f(x_i; theta), (n,)."""
        ...

    def jacobian(self, theta: Array) -> Array:
        """Gradients of the margins, (n, size)."""
        ...


def check_homogeneous(network: Homogeneous) -> None:
    """Try all that ``network`` declares.

    Raises:
        ValueError: naming what is wrong and the remedy: an attribute that is missing, a shape or dtype, margins that
            are not finite or not the same when asked again, a jacobian that is not the margins' derivative, a degree
            that is not the network's.
    """
    check_declared(network)
    degree = measured_degree(network)
    if not np.isclose(degree, network.degree, rtol=EULER):
        raise ValueError(
            f"network declares degree {network.degree!r}, but <theta, grad q> is {degree:.9g} q at random parameters: "
            f"set degree = {degree:.9g}"
        )


def check_declared(network: Homogeneous) -> None:
    """Raise ValueError where an attribute is missing or is no number."""
    missing = [name for name in DECLARED if not hasattr(network, name)]
    if missing and hasattr(network, "named_parameters"):
        raise ValueError("network is a torch.nn.Module: wrap it with its data, ibnotes.ModuleNetwork(module, X, y)")
    if missing:
        raise ValueError(f"network lacks {', '.join(missing)}: write all of {', '.join(DECLARED)}")
    check_count("network.size", network.size)
    if not isinstance(network.degree, Real) or not 0 < network.degree < np.inf:
        raise ValueError(f"network.degree must be positive and finite, found {network.degree!r}")


def measured_degree(network: Homogeneous) -> float:
    """The L for which ``<theta, grad q_i> = L q_i`` at random parameters of several lengths, to seven digits.

    Raises:
        ValueError: where there is none, or margins and jacobian do not fit together.
    """
    rng = np.random.default_rng(0)
    found = [_degree_at(network, length, rng) for length in LENGTHS]
    if np.ptp(found) > EULER * max(found) or found[0] < EULER:
        raise ValueError(
            "network is not homogeneous of a positive degree: <theta, grad q> / q is "
            + ", ".join(f"{degree:.4g} for |theta| = {length:g}" for degree, length in zip(found, LENGTHS, strict=True))
            + f"; {REMEDY}"
        )
    rounded = round(found[0], 6)
    return rounded if math.isclose(rounded, found[0], rel_tol=EULER) else found[0]


def _degree_at(network: Homogeneous, length: float, rng: np.random.Generator) -> float:
    """``<theta, grad q> / q`` by least squares at random parameters of a length."""
    for _ in range(DRAWS):
        theta, u = rng.standard_normal((2, network.size))
        theta, u = length * theta / np.linalg.norm(theta), u / np.linalg.norm(u)
        q, J = _evaluate(network, theta)
        _check_slope(network, theta, u, J)
        if q.any():
            euler, unit = J @ theta, q / np.abs(q).max()  # squares of q may underflow
            degree = float(euler @ unit / (q @ unit))
            if np.abs(euler - degree * q).max() > EULER * np.abs(J).max() * length:
                ratios = euler[q != 0] / q[q != 0]
                raise ValueError(
                    "network is not homogeneous in its parameters: <theta, grad q_i> / q_i lies between "
                    f"{ratios.min():.4g} and {ratios.max():.4g} at random ones; {REMEDY}"
                )
            return degree
    raise ValueError(f"network has margins of zero at {DRAWS} random parameters: is it cut off from its data?")


def _evaluate(network: Homogeneous, theta: Array) -> tuple[Array, Array]:
    q = _float64(network, "margins", theta)
    if q.ndim != 1 or not len(q):
        raise ValueError(f"network.margins must return one number per point, (n,), found shape {q.shape}")
    J = _float64(network, "jacobian", theta)
    if J.shape != (len(q), network.size):
        raise ValueError(f"network.jacobian must have shape (n, size) = {(len(q), network.size)}, found {J.shape}")
    if not np.allclose(q, network.margins(theta.copy()), rtol=AGAIN, atol=0):
        raise ValueError("network.margins differ when asked again: is there dropout? Call .eval()")
    if hasattr(network, "pull"):
        off = np.abs(network.pull(theta.copy(), q) - q @ J).max()
        if not off <= EULER * np.abs(q @ J).max():
            raise ValueError(f"network.pull(theta, c) is not c @ network.jacobian(theta): it is off by {off:.3g}")
    return q, J


def _float64(network: Homogeneous, name: str, theta: Array) -> Array:
    given = theta.copy()
    value = getattr(network, name)(given)
    if not np.array_equal(given, theta):
        raise ValueError(f"network.{name} changes the parameters that it is given: copy them")
    if not isinstance(value, np.ndarray) or value.dtype != np.float64:
        found = f"{type(value).__name__} {getattr(value, 'dtype', '')}".rstrip()
        raise ValueError(f"network.{name} must return a NumPy array of float64, and be computed so, found {found}")
    if not np.isfinite(value).all():
        raise ValueError(f"network.{name} must be finite, found {value[~np.isfinite(value)][0]} at random parameters")
    return value


def _check_slope(network: Homogeneous, theta: Array, u: Array, J: Array) -> None:
    """Compare ``J u`` with differences of the margins along u."""
    slope, errors = J @ u, []
    for step in np.array(STEPS) * np.linalg.norm(theta):
        difference = (network.margins(theta + step * u) - network.margins(theta - step * u)) / (2 * step)
        errors.append(np.abs(difference - slope) / (np.abs(J).max(axis=1) + np.abs(difference) + 1e-300))
    error = np.min(errors, axis=0)
    if not error.max() <= SLOPE:
        i = int(error.argmax())
        raise ValueError(
            f"network.jacobian is not the derivative of its margins: along a random direction, row {i} says "
            f"{slope[i]:.6g} and a difference {difference[i]:.6g}"
        )


def as_parameters(name: str, value: ArrayLike, network: Homogeneous) -> Array:
    """Return ``value`` as finite parameters (size,) of a network that is what it declares.

    Raises:
        ValueError: naming the argument that does not fit and what was found.
    """
    check_homogeneous(network)
    theta = as_floats(name, value, 1)
    if len(theta) != network.size:
        raise ValueError(f"{name} must have one entry per parameter, found {len(theta)} for {network.size}")
    return theta
