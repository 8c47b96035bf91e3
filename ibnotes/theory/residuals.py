"""What an answer leaves of its optimality conditions."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Residuals:
    """Relative KKT residuals, each zero at an exact solution.

    Attributes:
        primal: violation of the constraints.
        dual: violation of ``dual >= 0`` (0 where the multipliers are free).
        complementarity: largest ``dual_i * slack_i``.
        stationarity: distance of ``X' dual`` from the subdifferential of the objective.

    Example:
        >>> residuals = ib.max_margin([[2, 0], [0, 1]], [1, 1], norm=1).residuals
        >>> bool(residuals.worst < 1e-9)
        True
    """

    primal: float
    dual: float
    complementarity: float
    stationarity: float

    @property
    def worst(self) -> float:
        return max(self.primal, self.dual, self.complementarity, self.stationarity)
