"""What people keep their data in, as arrays: data frames, masked and sparse arrays, tensors of any dtype and device."""

from __future__ import annotations

import sys
from datetime import datetime, timedelta

import numpy as np

DENSE_MAX = 50_000_000  # entries of a sparse matrix that are written out, 400 MB
NO_NUMBERS = str, datetime, timedelta, np.datetime64, np.timedelta64  # data frames would make nanoseconds of times


def to_array(name: str, value: object) -> np.ndarray:
    """A copy of ``value`` as an array, with NaN for what a data frame lacks.

    Raises:
        ValueError: naming the argument and the remedy, where an entry is masked, a sparse matrix too large, or rows
            differ in length.
    """
    for index, row in enumerate(value) if isinstance(value, list | tuple) else [(None, value)]:
        if isinstance(row, np.ma.MaskedArray) and np.ma.is_masked(row):
            where = tuple(int(i) for i in np.argwhere(np.ma.getmaskarray(row))[0])
            where = where if index is None else (index, *where)
            raise ValueError(f"{name} is masked at index {where}: fill or drop what is masked")
    if _is(value, "scipy.sparse", "issparse"):
        size = int(np.prod(value.shape))
        if size > DENSE_MAX:
            raise ValueError(
                f"{name} is sparse, and {size} entries are too many to write out: take fewer columns or rows"
            )
        return value.toarray()
    if _is(value, "torch", "is_tensor"):
        value = value.detach().cpu()
        if value.layout != sys.modules["torch"].strided:
            value = value.to_dense()
        return (value.double() if value.is_floating_point() else value).numpy().copy()
    if hasattr(value, "to_numpy"):
        return _from_frame(value)
    try:
        return np.array(value)
    except ValueError as error:
        raise ValueError(f"{name} must be a rectangular array: {error}") from None


def _is(value: object, module: str, test: str) -> bool:
    """Whether ``module.test(value)``, without importing the module: what it makes, it has been imported for."""
    loaded = sys.modules.get(module)
    return loaded is not None and getattr(loaded, test)(value)


def _from_frame(frame) -> np.ndarray:
    """Columns that may lack values come as objects: they are numbers all the same."""
    array = frame.to_numpy()
    if array.dtype != object:
        return array.copy()
    if any(isinstance(entry, NO_NUMBERS) for entry in array.flat):
        return array  # the caller says what it wants
    if all(isinstance(entry, bool | np.bool_) for entry in array.flat):
        return array.astype(bool)
    try:
        numbers = frame.to_numpy(dtype=np.float64, na_value=np.nan)
    except (TypeError, ValueError):
        return array
    whole = str(getattr(frame, "dtype", "")).lower().startswith(("int", "uint"))
    return numbers.astype(np.int64) if whole and np.isfinite(numbers).all() else numbers
