"""Classification with several classes through the origin."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ibnotes.problems.containers import to_array
from ibnotes.problems.equality import by_value
from ibnotes.problems.norms import check_matrix_norm, matrix_norm
from ibnotes.problems.validation import Array, as_floats, read_real


@by_value
@dataclass(frozen=True)
class Multiclass:
    """Linear classification ``argmax_k <W_k, x>``: rows of X (n, d), labels (n,) in 0, ..., K - 1, all of them used.

    Raises:
        ValueError: naming the argument that does not fit and what was found.

    Example:
        >>> problem = ib.Multiclass([[1, 0], [0, 1]], [0, 1])
        >>> problem.margins([[2, 0], [0, 1]])
        array([2., 1.])
    """

    X: Array
    labels: NDArray[np.int64]

    def __post_init__(self):
        X, labels = as_floats("X", self.X, 2), to_array("labels", self.labels)
        if labels.dtype.kind not in "iu" or labels.shape != X.shape[:1]:
            raise ValueError(
                f"labels must be one integer per row of X, found dtype {labels.dtype} and shape {labels.shape} "
                f"for {len(X)} rows"
            )
        found = np.unique(labels)
        if len(found) < 2 or not np.array_equal(found, np.arange(len(found))):
            raise ValueError(f"labels must be 0, ..., K - 1 with K of at least 2, found {found[:8].tolist()}")
        object.__setattr__(self, "X", X)
        object.__setattr__(self, "labels", labels.astype(np.int64))

    @property
    def classes(self) -> int:
        """The number K of classes."""
        return int(self.labels.max()) + 1

    @property
    def shape(self) -> tuple[int, int]:
        """Of the weights, (K, d)."""
        return self.classes, self.X.shape[1]

    @property
    def hot(self) -> NDArray[np.bool_]:
        """True at each point's label, (n, K)."""
        return self.labels[:, None] == np.arange(self.classes)

    @property
    def differences(self) -> Array:
        """``(e_{y_i} - e_k) x_i'`` for every i and every k other than y_i, (n (K - 1), K, d).

        Their inner products with W are the margins: a binary problem in K d dimensions (Kesler's construction,
        Duda & Hart 1973).
        """
        signs = self.hot[:, None, :].astype(float) - np.eye(self.classes)
        return np.einsum("ikc,id->ikcd", signs, self.X)[~self.hot]

    def margins(self, W: ArrayLike) -> Array:
        """``<W_{y_i} - W_k, x_i>`` of W (..., K, d) for every i and every k other than y_i, (..., n (K - 1)).

        Raises:
            ValueError: where W does not fit.
        """
        W = read_real("W", W)
        if W.shape[-2:] != self.shape:
            raise ValueError(f"W must hold matrices of shape {self.shape}, found shape {W.shape}")
        if not np.isfinite(W).all():
            raise ValueError("W must be finite")
        return np.tensordot(W, self.differences, axes=([-2, -1], [1, 2]))

    def margin(self, W: ArrayLike, norm: str) -> Array:
        """Smallest margin over ``||W||``, (...,); ``norm`` is "spectral", "frobenius" or "max".

        Raises:
            ValueError: where W does not fit or is zero, or the norm is none of these.
        """
        check_matrix_norm(norm)
        smallest, size = self.margins(W).min(axis=-1), matrix_norm(read_real("W", W), norm)
        if not (size > 0).all():
            raise ValueError("W has no margin: it is zero")
        return smallest / size
