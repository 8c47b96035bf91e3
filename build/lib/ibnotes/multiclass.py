"""Classification with several classes through the origin, and its max margins in matrix norms."""

import warnings
from dataclasses import dataclass

import cvxpy as cp
import numpy as np
from numpy.typing import ArrayLike, NDArray

from ibnotes.checks import Array, as_floats, read_array
from ibnotes.kkt import NotConverged
from ibnotes.oracles import max_margin

MATRIX_NORMS = {"spectral": 2, "frobenius": "fro", "max": np.inf}
ACCEPTED = 1e-6  # largest relative duality gap of an answer


@dataclass(frozen=True)
class Multiclass:
    """Linear classification ``argmax_k <W_k, x>``: rows of X (n, d), labels (n,) in 0, ..., K - 1, all of them used.

    Raises:
        ValueError: naming the argument that does not fit and what was found.
    """

    X: Array
    labels: NDArray[np.int64]

    def __post_init__(self):
        X, labels = as_floats("X", self.X, 2), read_array("labels", self.labels)
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
        """K."""
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
        W = np.asarray(W, dtype=np.float64)
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
        smallest, size = self.margins(W).min(axis=-1), matrix_norm(np.asarray(W, dtype=np.float64), norm)
        if not (size > 0).all():
            raise ValueError("W has no margin: it is zero")
        return smallest / size


@dataclass(frozen=True)
class MulticlassMargin:
    """Solution of ``min ||W|| s.t. <W_{y_i} - W_k, x_i> >= 1`` for every i and every k other than y_i.

    Attributes:
        W: (K, d), its smallest margin is 1.
        margin: ``1 / ||W||``.
        dual: (n, K) non-negative, zero at the labels: ``sum_ik dual_ik (e_{y_i} - e_k) x_i'`` has dual norm 1, so
            that ``sum(dual)`` bounds ``||V||`` from below for every V that satisfies the constraints.
        gap: ``(||W|| - sum(dual)) / ||W||``.
    """

    W: Array
    margin: float
    dual: Array
    gap: float


def check_matrix_norm(norm: str) -> None:
    """Raise ValueError unless ``norm`` is "spectral", "frobenius" or "max"."""
    if not isinstance(norm, str) or norm not in MATRIX_NORMS:
        raise ValueError(f"norm must be 'spectral', 'frobenius' or 'max', found {norm!r}")


def matrix_norm(W: Array, norm: str) -> Array:
    """Largest singular value, Frobenius norm, or largest entry in size, of W (..., m, n)."""
    return np.abs(W).max(axis=(-2, -1)) if norm == "max" else np.linalg.norm(W, MATRIX_NORMS[norm], axis=(-2, -1))


def dual_norm(G: Array, norm: str) -> float:
    """Sum of singular values, Frobenius norm, or sum of the entries' sizes, of G (m, n)."""
    return float(np.abs(G).sum() if norm == "max" else np.linalg.norm(G, {"spectral": "nuc", "frobenius": "fro"}[norm]))


def max_margin_multiclass(X: ArrayLike, labels: ArrayLike, norm: str = "frobenius") -> MulticlassMargin:
    """The max margin over weights W (K, d) of several classes, without intercept.

    Unique in the Frobenius norm only; in the others one solution is returned.

    Args:
        X: (n, d) points.
        labels: (n,) integers 0, ..., K - 1.
        norm: of W: "spectral" (largest singular value), "frobenius", or "max" (largest entry in size).

    Raises:
        ValueError: on bad input.
        NotSeparable: a ValueError with the certificate, over all pairs of a point and a wrong class.
        NotConverged: where the relative duality gap exceeds ``ACCEPTED``.

    Source: Crammer & Singer 2001 for the constraints.
    """
    check_matrix_norm(norm)
    problem = Multiclass(X, labels)
    A = problem.differences
    # each difference is a point of R^(K d) with label +1: the binary oracle also tells whether they are separable
    binary = max_margin(A.reshape(len(A), -1), np.ones(len(A)), np.inf if norm == "max" else 2)
    W, dual = binary.w.reshape(problem.shape), binary.dual
    if norm == "spectral":
        W, dual = _spectral(A)
    W = W / problem.margins(W).min()
    dual = dual / dual_norm(np.tensordot(dual, A, axes=1), norm)
    value = float(matrix_norm(W, norm))
    gap = (value - dual.sum()) / value
    if not abs(gap) <= ACCEPTED:
        raise NotConverged(f"the answer fails its certificate: relative duality gap {gap:.1e}")
    full = np.zeros(problem.hot.shape)
    full[~problem.hot] = dual
    return MulticlassMargin(W, 1 / value, full, float(gap))


def _spectral(A: Array) -> tuple[Array, Array]:
    """W and multipliers, up to scale, of the max margin over the spectral unit ball; the certificate judges them."""
    rows = A.reshape(len(A), -1) / np.abs(A).max()
    W, margin = cp.Variable(A.shape[1:]), cp.Variable()
    above = rows @ cp.vec(W, order="C") >= margin
    program = cp.Problem(cp.Maximize(margin), [above, cp.sigma_max(W) <= 1])
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)  # of an inaccurate solution
            program.solve(solver=cp.CLARABEL)
    except cp.SolverError as error:
        raise NotConverged(f"CLARABEL: {error}") from error
    if W.value is None:
        raise NotConverged(f"CLARABEL stopped with status {program.status!r}")
    return W.value, np.maximum(above.dual_value, 0)
