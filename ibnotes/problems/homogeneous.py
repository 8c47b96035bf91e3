"""Homogeneous networks with their gradients written by hand, and the loss on them."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import logsumexp

from ibnotes.problems.containers import to_array
from ibnotes.problems.homogeneity import Homogeneous, check_declared
from ibnotes.problems.instances import Classification
from ibnotes.problems.validation import Array, as_floats, check_count, read_real


class TwoLayer:
    """``f(x) = sum_j a_j sum_p phi(<w_j, x_p>)`` with ``phi(h) = h^power``, or ``max(h, 0)^power`` if rectified.

    A fully connected network reads x as one patch; a convolution reads patches x_p and shares its filters w_j among
    them. Parameters are the w_j, one after the other, and then the a_j unless ``outer`` fixes them.

    Args:
        X: (n, d) points, or (n, patches, d) for a convolution.
        y: (n,) labels -1 or +1.
        width: number of neurons or filters.
        power: 1, 2, ...; the degree of homogeneity is ``power + 1``, or ``power`` where ``outer`` is fixed.
        rectified: False for a polynomial network, linear for ``power=1``.
        outer: (width,) fixed output weights, or None to train them.

    Raises:
        ValueError: on bad input.

    Example:
        >>> network = ib.TwoLayer([[1, 2]], [1], width=1, power=2)  # a max(<w, x>, 0)^2
        >>> network.degree, network.margins(np.array([1.0, 1.0, 2.0]))  # w = (1, 1), a = 2
        (3, array([18.]))
    """

    def __init__(
        self,
        X: ArrayLike,
        y: ArrayLike,
        width: int,
        power: int = 2,
        *,
        rectified: bool = True,
        outer: ArrayLike | None = None,
    ):
        X = to_array("X", X)
        X = as_floats("X", X, 3 if X.ndim == 3 else 2)
        y = Classification(X.reshape(len(X), -1), y).y
        check_count("width", width)
        check_count("power", power)
        self.patches = y[:, None, None] * X.reshape(len(X), -1, X.shape[-1])
        self.signs = y[:, None]
        self.width, self.power, self.rectified = width, power, rectified
        self.outer = None if outer is None else as_floats("outer", outer, 1)
        if self.outer is not None and len(self.outer) != width:
            raise ValueError(f"outer must have one entry per neuron, found {len(self.outer)} for {width}")
        self.degree = power + (outer is None)
        self.size = width * (X.shape[-1] + (outer is None))

    def weights(self, theta: ArrayLike) -> tuple[Array, Array]:
        """The w_j as rows (width, d), and the a_j (width,)."""
        theta = np.asarray(theta)
        inner = self.width * self.patches.shape[2]
        return theta[:inner].reshape(self.width, -1), theta[inner:] if self.outer is None else self.outer

    def _activations(self, W: Array) -> Array:
        """phi's argument, rectified or not, (n, patches, width)."""
        h = self.signs[:, None] * (self.patches @ W.T)
        return np.maximum(h, 0) if self.rectified else h

    def margins(self, theta: Array) -> Array:
        W, a = self.weights(theta)
        return self.signs[:, 0] * ((self._activations(W) ** self.power).sum(axis=1) @ a)

    def jacobian(self, theta: Array) -> Array:
        """(n, size); at a kink of a ReLU the gradient from the inactive side."""
        W, a = self.weights(theta)
        h = self._activations(W)
        slope = self.power * h ** (self.power - 1) * ((h > 0) if self.rectified else 1)
        inner = np.einsum("npj,npd->njd", a * slope, self.patches).reshape(len(h), -1)
        return inner if self.outer is not None else np.hstack([inner, self.signs * (h**self.power).sum(axis=1)])


class Diagonal:
    """``f(x) = <x, u^depth - v^depth>`` with powers taken entrywise; the parameters are u, then v.

    Raises:
        ValueError: on bad input.

    Source: Woodworth et al. 2020.

    Example:
        >>> network = ib.Diagonal([[1, 2]], [1], depth=3)
        >>> network.end_to_end([2, 1, 1, 0])  # u = (2, 1), v = (1, 0)
        array([7., 1.])
    """

    def __init__(self, X: ArrayLike, y: ArrayLike, depth: int):
        self.Z = Classification(X, y).Z
        check_count("depth", depth)
        self.degree, self.size = depth, 2 * self.Z.shape[1]

    def end_to_end(self, theta: ArrayLike) -> Array:
        """The weights (..., d) of the linear map."""
        u, v = np.split(np.asarray(theta, dtype=np.float64), 2, axis=-1)
        return u**self.degree - v**self.degree

    def margins(self, theta: Array) -> Array:
        return self.Z @ self.end_to_end(theta)

    def jacobian(self, theta: Array) -> Array:
        u, v = np.split(self.degree * np.asarray(theta, dtype=np.float64) ** (self.degree - 1), 2)
        return np.hstack([self.Z * u, -self.Z * v])


@np.errstate(under="ignore")
def log_exponential_loss(network: Homogeneous, theta: ArrayLike) -> Array:
    """Natural log of ``sum_i exp(-q_i(theta))``, (...,) for theta (..., size); exact where the loss underflows.

    Raises:
        ValueError: where theta does not fit.

    Example:
        >>> network = ib.Diagonal([[1]], [1], depth=2)  # q = u^2 - v^2
        >>> float(ib.log_exponential_loss(network, [100, 0]))
        -10000.0
    """
    check_declared(network)
    theta = read_real("theta", theta)
    if theta.ndim == 0 or theta.shape[-1] != network.size:
        raise ValueError(f"theta must have {network.size} entries on its last axis, found shape {theta.shape}")
    return np.apply_along_axis(lambda one: logsumexp(-network.margins(one)), -1, theta)
