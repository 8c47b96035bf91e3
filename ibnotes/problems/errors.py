"""What is raised where the data have no answer, or a solver did not find it."""

from __future__ import annotations

from ibnotes.problems.validation import Array


class NotSeparable(ValueError):
    """No homogeneous hyperplane separates the data.

    Attributes:
        certificate: shape (n,), non-negative, sums to one, and
            ``sum_i certificate[i] y_i x_i = 0``: by Gordan's alternative, no w has
            ``y_i <x_i, w> > 0`` for all i (Gordan 1873).
        points: (n, d), the y_i x_i, or (n, d + 1) where an intercept is free: in the solver's own units, and with
            the intercept from its own origin.

    Example:
        >>> try:
        ...     ib.max_margin([[1], [2]], [1, -1])
        ... except ib.NotSeparable as error:
        ...     print(error.certificate.round(3))
        [0.667 0.333]
    """

    def __init__(self, message: str, certificate: Array, points: Array | None = None):
        super().__init__(message)
        self.certificate, self.points = certificate, points

    def __reduce__(self):
        return type(self), (
            *self.args,
            self.certificate,
            self.points,
        )  # an exception is unpickled from its message alone


class NotConverged(RuntimeError):
    """A solver or an integrator stopped without an answer that passes its own certificate.

    Attributes:
        best: the best answer it had, with the gap that was too large; None where it had none.

    Example:
        >>> try:
        ...     ib.min_potential_interpolant([[1, 2]], [5], scale=1e-30, depth=3)
        ... except ib.NotConverged:
        ...     print("at such a scale rounding leaves no digits")
        at such a scale rounding leaves no digits
    """

    def __init__(self, message: str, best: object = None):
        super().__init__(message)
        self.best = best

    def __reduce__(self):
        return type(self), (*self.args, self.best)
