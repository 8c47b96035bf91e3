"""What arguments must look like: every public function checks them before any work starts."""

from collections.abc import Sequence
from itertools import pairwise
from numbers import Real

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ibnotes.problems.containers import to_array

Array = NDArray[np.float64]
COUNT_MAX = 2**53  # beyond it not every integer is a float


def read_real(name: str, value: ArrayLike) -> Array:
    """A float64 copy of ``value``, NaN and infinity included, or ValueError naming the argument."""
    array = to_array(name, value)
    if array.dtype == object and all(isinstance(entry, Real | np.bool_) for entry in array.flat):
        array = array.astype(np.float64)  # fractions, or columns of several kinds
    if array.dtype.kind not in "buif":
        hint = ": are there texts or missing values among the numbers?" if array.dtype == object else ""
        raise ValueError(f"{name} must hold real numbers, found dtype {array.dtype}{hint}")
    return array.astype(np.float64)


def as_floats(name: str, value: ArrayLike, ndim: int) -> Array:
    """Return ``value`` as a finite, non-empty float64 array of ``ndim`` dimensions.

    Raises:
        ValueError: naming the argument and what was found instead.
    """
    array = read_real(name, value)
    if array.ndim != ndim:
        raise ValueError(f"{name} must be {ndim}-dimensional, found shape {array.shape}")
    if array.size == 0:
        raise ValueError(f"{name} is empty, found shape {array.shape}")
    if not np.isfinite(array).all():
        where = tuple(int(i) for i in np.argwhere(~np.isfinite(array))[0])
        raise ValueError(f"{name} must be finite, found {array[where]} at index {where}")
    return array


def as_matrices(name: str, value: ArrayLike) -> Array:
    """Return ``value`` (..., m, n) as finite float64 matrices, or raise ValueError naming the argument."""
    array = read_real(name, value)
    if array.ndim < 2 or array.size == 0:
        raise ValueError(f"{name} must hold matrices on its last two axes, found shape {array.shape}")
    if not np.isfinite(array).all():
        raise ValueError(f"{name} must be finite")
    return array


def as_positive(name: str, value: ArrayLike) -> Array:
    """Return ``value`` as float64, or raise ValueError, naming the argument, unless all is positive and finite."""
    value = read_real(name, value)
    if not (np.isfinite(value) & (value > 0)).all():
        raise ValueError(f"{name} must be positive and finite, found {value}")
    return value


def as_nonnegative(name: str, value: float) -> float:
    """Return ``value`` as a float, or raise ValueError, naming the argument, unless it is finite and not negative."""
    if isinstance(value, bool) or not isinstance(value, int | float | np.number) or not 0 <= value < np.inf:
        raise ValueError(f"{name} must be a finite number, zero or positive, found {value!r}")
    return float(value)


def check_count(name: str, value: int, least: int = 1, most: float = np.inf) -> None:
    """Raise ValueError, naming the argument, unless ``value`` is an integer from ``least`` to ``most``."""
    if isinstance(value, bool) or not isinstance(value, int | np.integer) or not least <= value <= min(most, COUNT_MAX):
        kind = "a positive integer" if least == 1 else f"an integer of at least {least}"
        wanted = kind if most == np.inf else f"an integer from {least} to {most}"
        raise ValueError(f"{name} must be {wanted}, found {value!r}")


def check_scale(name: str, value: float) -> None:
    """Raise ValueError, naming the argument, unless ``value`` is positive and finite."""
    if isinstance(value, bool) or not isinstance(value, int | float | np.number) or not 0 < value < np.inf:
        raise ValueError(f"{name} must be positive and finite, found {value!r}")


def check_rng(rng: np.random.Generator) -> None:
    """Raise ValueError unless ``rng`` can be drawn from, as a seed cannot."""
    if not isinstance(rng, np.random.Generator):
        raise ValueError(f"rng must be a numpy.random.Generator such as np.random.default_rng(0), found {rng!r}")


def check_shape(shape: tuple[int, int]) -> tuple[int, int]:
    """Raise ValueError unless ``shape`` is a pair of positive integers."""
    if not isinstance(shape, tuple | list) or len(shape) != 2:
        raise ValueError(f"shape must be (rows, columns), found {shape!r}")
    for name, length in zip(("rows", "columns"), shape, strict=True):
        check_count(f"shape's {name}", length)
    return tuple(shape)


def power_of_scale(scale: float, depth: int, least: int) -> float:
    """``scale^depth``.

    Raises:
        ValueError: where ``scale`` is not positive, ``depth`` not an integer of at least ``least``, or the power not
            a normal floating-point number.
    """
    check_scale("scale", scale)
    check_count("depth", depth, least=least)
    with np.errstate(over="ignore", under="ignore"):
        power = float(np.float64(scale) ** depth)
    if not np.finfo(np.float64).tiny <= power < np.inf:
        raise ValueError(f"scale {scale!r} to the power of depth {depth} is out of range, found {power!r}")
    return power


def as_list(name: str, value: Sequence[ArrayLike]) -> list[ArrayLike]:
    """Return ``value`` as a list, or raise ValueError naming the argument."""
    try:
        return list(value)
    except TypeError:
        raise ValueError(f"{name} must be a list of matrices, found {value!r}") from None


def as_factors(factors: Sequence[ArrayLike]) -> list[Array]:
    """Return ``factors`` as float64 matrices A_1, ..., A_L whose product A_1 A_2 ... A_L exists.

    Raises:
        ValueError: naming what does not fit.
    """
    factors = [as_floats("factors", factor, 2) for factor in as_list("factors", factors)]
    shapes = [factor.shape for factor in factors]
    if not shapes or any(a[1] != b[0] for a, b in pairwise(shapes)):
        raise ValueError(f"factors must be matrices that can be multiplied, found shapes {shapes}")
    return factors
