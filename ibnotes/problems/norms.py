"""The norms that are asked for, of vectors and of matrices, by name."""

import numpy as np

from ibnotes.problems.validation import Array

NORMS = (1, 2, np.inf)
MATRIX_NORMS = {"spectral": 2, "frobenius": "fro", "max": np.inf}


def check_norm(norm: float) -> None:
    """Raise ValueError unless ``norm`` is 1, 2 or ``np.inf``."""
    if isinstance(norm, bool) or not isinstance(norm, int | float | np.number) or norm not in NORMS:
        raise ValueError(f"norm must be 1, 2 or numpy.inf, found {norm!r}")


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
