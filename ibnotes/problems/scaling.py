"""Rows and columns brought to one size, without rounding."""

import numpy as np

from ibnotes.problems.validation import Array

PASSES = 5  # over rows and columns in turn


def equilibrate(Z: Array) -> tuple[Array, Array, Array]:
    """``A, r, c`` with ``A_ij = Z_ij / (r_i c_j)``, the largest entry of each row and column of A near 1.

    r and c are powers of two: nothing is rounded. Columns of zeros stay.

    Source: Ruiz 2001, with square roots left out.
    """
    r, c = np.ones(len(Z)), np.ones(Z.shape[1])
    A = Z
    for _ in range(PASSES):
        for scale, axis in ((c, 0), (r, 1)):
            size = np.abs(A).max(axis=axis)
            scale *= np.exp2(np.round(np.log2(np.where(size > 0, size, 1))))
            A = Z / r[:, None] / c
    return A, r, c
