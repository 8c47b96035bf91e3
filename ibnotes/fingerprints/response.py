"""How a step answers a constant gradient: flat in its entries or singular values, in proportion, or in between.

Steepest descent in l_p answers an entry of size s with ``s^(1/(p-1))``, in the Schatten norm p a singular value: the
exponent is 1 for p = 2, 0 for the sign and the polar factor.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ibnotes.dynamics.stepper import MakeOptimizer
from ibnotes.fingerprints.runs import linear_loss, path

STEPS, LAST = 200, 5
LEAST = 0.004  # of the largest singular value, the smallest that is tried
MIXED = 0.05  # off the diagonal, in the gradient's own singular vectors, what is none
FLAT, FOLLOWS = 0.04, 0.5  # exponents that count as zero, and correlations of what follows the gradient's sizes


@dataclass(frozen=True)
class Response:
    """Of a step to a gradient's singular values.

    Attributes:
        low: the smallest singular value of the step over the largest.
        exponent: slope of their logarithms against the gradient's.
        follows: correlation of these logarithms.
        mixed: largest entry of the step outside of the gradient's singular vectors, over the largest one inside.
    """

    low: float
    exponent: float
    follows: float
    mixed: float

    @property
    def flat(self) -> bool:
        """Whether it is a polar factor, up to a factor between ``low`` and 1 that does not follow the size."""
        follows = abs(self.follows) > FOLLOWS and self.low < 0.99
        return self.mixed <= MIXED and abs(self.exponent) <= FLAT and not follows and self.low >= 0.5


def to_singular_values(make: MakeOptimizer, shape: tuple[int, int], rng: np.random.Generator) -> Response:
    """The response, over some gradients with singular values between `LEAST` and 1."""
    k, sizes, answers, mixed = min(shape), [], [], 0.0
    U, V = (np.linalg.qr(rng.standard_normal((n, n)))[0][:, :k] for n in shape)
    for shift in np.linspace(0, 1, 8, endpoint=False):
        sigma = LEAST ** ((np.arange(k) + shift) / k)
        w = path(linear_loss((U * sigma) @ V.T), make, STEPS)
        if len(w) <= STEPS:
            return Response(*4 * [np.nan])
        step = U.T @ (w[-1 - LAST] - w[-1]) @ V
        inside = np.abs(np.diag(step))
        mixed = max(mixed, float(np.abs(step - np.diag(np.diag(step))).max() / max(inside.max(), 1e-300)))
        sizes.append(sigma)
        answers.append(inside)
    x, y = np.log(np.ravel(sizes)), np.log(np.maximum(np.ravel(answers), 1e-300))
    exponent, follows = np.polyfit(x, y, 1)[0], 1.0 if np.ptp(y) == 0 else np.corrcoef(x, y)[0, 1]
    return Response(float(np.exp(y.min() - y.max())), float(exponent), float(follows), mixed)
