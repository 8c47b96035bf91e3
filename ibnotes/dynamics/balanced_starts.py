"""Where flows of deep products start: small, and with balanced factors."""

from __future__ import annotations

import numpy as np

from ibnotes.problems.validation import Array, check_count, check_rng, check_scale, check_shape


def balanced_factors(
    shape: tuple[int, int], depth: int, scale: float, rng: np.random.Generator | None = None
) -> list[Array]:
    """Factors A_1, ..., A_L of an (m, n) matrix, each ``scale`` times an isometry, inner width min(m, n).

    They are balanced, ``A_j' A_j = A_{j+1} A_{j+1}'``: identities without ``rng``, random isometries with it.

    Raises:
        ValueError: where ``depth`` is below 1, ``scale`` not positive, ``shape`` no pair or ``rng`` no generator.

    Example:
        >>> factors = ib.balanced_factors((4, 3), depth=3, scale=0.1)
        >>> [factor.shape for factor in factors], float(ib.imbalance(factors))
        ([(4, 3), (3, 3), (3, 3)], 0.0)
    """
    check_count("depth", depth)
    check_scale("scale", scale)
    m, n = check_shape(shape)
    if rng is not None:
        check_rng(rng)
    k = min(m, n)
    sizes = [(m, n)] if depth == 1 else [(m, k), *[(k, k)] * (depth - 2), (k, n)]
    return [scale * _isometry(size, rng) for size in sizes]


def _isometry(size: tuple[int, int], rng: np.random.Generator | None) -> Array:
    if rng is None:
        return np.eye(*size)
    Q, R = np.linalg.qr(rng.standard_normal((max(size), min(size))))
    tall = Q * np.sign(np.diag(R))  # uniform; Q alone is not, and its determinant has one sign (Mezzadri 2007)
    return tall if size[0] >= size[1] else tall.T
