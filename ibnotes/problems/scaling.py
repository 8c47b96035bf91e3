"""Units: rows and columns of one size, without rounding, and the way back."""

import numpy as np

from ibnotes.problems.validation import Array

PASSES = 5  # over rows and columns in turn
UNEVEN = 1e3  # columns whose sizes differ by more leave the small ones too few digits


def equilibrate(Z: Array) -> tuple[Array, Array, Array]:
    """``A, r, c`` with ``A_ij = Z_ij / (r_i c_j)``, the largest entry of each row and column of A near 1.

    r and c are powers of two: nothing is rounded. Columns of zeros stay.

    Source: Ruiz 2001, with square roots left out.
    """
    r, c, A = np.ones((len(Z), 1)), np.ones(Z.shape[1]), Z.copy()
    for _ in range(PASSES):
        for scale, axis in ((c, 0), (r, 1)):
            size = np.maximum(A.max(axis=axis, keepdims=True), -A.min(axis=axis, keepdims=True))
            unit = np.exp2(np.round(np.log2(np.where(size > 0, size, 1))))
            A /= unit
            scale *= unit.reshape(scale.shape)
    return A, r[:, 0], c


def uneven(A: Array) -> bool:
    """Whether the largest entries of A's columns differ by more than ``UNEVEN``; columns of zeros do not count."""
    size = np.abs(A).max(axis=0)
    return size.max() > UNEVEN * size[size > 0].min(initial=np.inf)


def sizes_of_weights(Z: Array, known: Array) -> Array | float:
    """Of weights on the columns of Z, to which a flow follows them: what is ``known``, or what a time of 1 gives.

    At most what moves an exponent ``Zw`` by one; and 1 where columns are of about one size.
    """
    if not uneven(Z):
        return 1.0
    size = np.abs(Z).max(axis=0)
    return np.minimum(size.max() / np.where(size > 0, size, size.max()), size + known)


def in_units(value: Array, *units: float) -> Array:
    """``value`` divided by each of the units in turn.

    Raises:
        ValueError: where an entry overflows, or all that was not zero underflows.
    """
    with np.errstate(over="ignore", under="ignore"):
        for unit in units:
            value = value / unit
    if not np.isfinite(value).all():
        raise ValueError("X is too small: the answer overflows; rescale it")
    if not value.any():
        raise ValueError("X is too large: the answer underflows; rescale it")
    return value


def power_of_two(A: Array) -> float:
    """The power of two next above the largest entry of A in size, by which it is divided without rounding."""
    return float(np.exp2(min(np.ceil(np.log2(np.abs(A).max() or 1.0)), 1023.0)))
