"""What is raised where the data have no answer, or a solver did not find it."""

from __future__ import annotations

from ibnotes.problems.validation import Array


class NotSeparable(ValueError):
    """No homogeneous hyperplane separates the data.

    Attributes:
        certificate: shape (n,), non-negative, sums to one, and
            ``sum_i certificate[i] y_i x_i = 0``: by Gordan's alternative, no w has
            ``y_i <x_i, w> > 0`` for all i (Gordan 1873).
    """

    def __init__(self, message: str, certificate: Array):
        super().__init__(message)
        self.certificate = certificate


class NotConverged(RuntimeError):
    """A solver or an integrator stopped without an answer that passes its own certificate."""
