"""KKT residuals of ``min ||theta||^2 / 2  s.t.  q_i(theta) >= 1`` in norms whose steepest descents are optimizers.

Gradient descent has the Euclidean norm, sign descent and Adam without its epsilon the largest entry, Muon the largest
singular value of all layers' matrices; where the layers have different optimizers, the norm is the largest of theirs.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import prod

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import log_softmax

from ibnotes.measures import direction
from ibnotes.problems.homogeneity import Homogeneous, as_parameters
from ibnotes.problems.norms import check_matrix_norm, check_norm, dual_norm, matrix_norm
from ibnotes.problems.validation import Array

Layers = Sequence[tuple[tuple[int, ...], float | str]]
DUALS = {1: np.inf, 2: 2, np.inf: 1}


@dataclass(frozen=True)
class NormResiduals:
    """How far parameters are from a KKT point of the margin problem in a norm, free of theta's unit.

    The longer theta, the more of the loss's shares p have the smallest margins: but for the margin, its length counts.

    Attributes:
        margin: ``min_i q_i(theta) / ||theta||^L``, in the norm.
        misalignment: ``1 - <theta, g> / (||theta|| ||g||_*)`` with ``g = sum_i p_i grad q_i`` and the shares p that the
            exponential loss gives to the points: between 0 and 1, and zero where ``g`` is a multiple of a subgradient
            of the norm, which is stationarity.
        complementarity: ``sum_i p_i q_i / min_i q_i - 1``, zero where all the weight is on the smallest margins.

    Example:
        >>> network = ib.Diagonal([[2, 1]], [1], depth=2)
        >>> at = ib.norm_residuals(network, [1, 1, 0, 0], np.inf)  # u = (1, 1), v = 0
        >>> round(at.margin, 4), round(at.misalignment, 4)
        (3.0, 0.0)
    """

    margin: float
    misalignment: float
    complementarity: float


@np.errstate(under="ignore")
def norm_residuals(network: Homogeneous, theta: ArrayLike, norm: float | Layers) -> NormResiduals:
    """KKT residuals of theta (size,) for the margin problem in a norm, with the loss's own multipliers.

    Args:
        norm: of theta: 1, 2 or ``np.inf``; or, for the largest of several layers' norms, a list of pairs
            ``(shape, norm)``, one a layer, in the order of theta: 1, 2 or ``np.inf`` for any shape, "spectral",
            "frobenius" or "max" for matrices.

    Raises:
        ValueError: where theta does not fit, classifies a point wrongly, or ``norm`` is none or does not fit theta.

    Source: Tsilivis et al. 2025, Gronich & Vardi 2026; derived in the chapter on homogeneous networks.

    Example:
        >>> network = ib.TwoLayer([[2, 1]], [1], width=2, power=1)
        >>> theta = [2, 1, 2, 1, 1, 1]  # two neurons along the point, of one length
        >>> muon = [((2, 2), "spectral"), ((2,), np.inf)]
        >>> [round(ib.norm_residuals(network, theta, norm).misalignment, 4) for norm in (2, np.inf, muon)]
        [0.2546, 0.375, 0.5195]
    """
    theta = as_parameters("theta", theta, network)
    layers = _layers(norm, network.size)
    v, r_to_L = direction(theta), np.linalg.norm(theta) ** network.degree
    q = network.margins(v)
    if q.min() <= 0:
        raise ValueError(f"theta must classify every point correctly, found a margin of {q.min():.3g}")
    p = np.exp(log_softmax(-r_to_L * q))
    pull = p @ network.jacobian(v)
    length = max(_size(*block) for block in _blocks(v, layers))
    steepness = sum(_dual_size(*block) for block in _blocks(pull, layers))
    return NormResiduals(
        margin=float(q.min() / length**network.degree),
        misalignment=float(1 - v @ pull / (length * steepness)),
        complementarity=float(p @ (q / q.min()) - 1),
    )


def _layers(norm: float | Layers, size: int) -> list[tuple[tuple[int, ...], float | str]]:
    if isinstance(norm, str) or not isinstance(norm, Sequence):
        check_norm(norm)
        return [((size,), norm)]
    for pair in norm:
        if not isinstance(pair, Sequence) or isinstance(pair, str) or len(pair) != 2 or np.ndim(pair[0]) != 1:
            raise ValueError(f"norm must be 1, 2, numpy.inf or pairs (shape, norm), found {pair!r} among them")
        (check_matrix_norm if isinstance(pair[1], str) else check_norm)(pair[1])
        if isinstance(pair[1], str) and len(pair[0]) != 2:
            raise ValueError(f"norm {pair[1]!r} is one of matrices, found the shape {tuple(pair[0])}")
    found = sum(prod(shape) for shape, _ in norm)
    if found != size:
        raise ValueError(f"norm must cover all parameters, found shapes of {found} entries for {size}")
    return [(tuple(shape), kind) for shape, kind in norm]


def _blocks(theta: Array, layers: Layers) -> list[tuple[Array, float | str]]:
    ends = np.cumsum([prod(shape) for shape, _ in layers])[:-1]
    return [(block.reshape(shape), norm) for block, (shape, norm) in zip(np.split(theta, ends), layers, strict=True)]


def _size(block: Array, norm: float | str) -> float:
    return float(matrix_norm(block, norm) if isinstance(norm, str) else np.linalg.norm(block.ravel(), norm))


def _dual_size(block: Array, norm: float | str) -> float:
    return dual_norm(block, norm) if isinstance(norm, str) else float(np.linalg.norm(block.ravel(), DUALS[norm]))
