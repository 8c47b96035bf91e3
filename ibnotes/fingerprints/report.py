"""What was measured of an optimizer: as an object, as text, as a table, as a JSON record, as a picture."""

from __future__ import annotations

import html
import json
from dataclasses import asdict, dataclass

import numpy as np
from matplotlib.axes import Axes

from ibnotes.problems.equality import by_value
from ibnotes.problems.plain import printable
from ibnotes.problems.validation import Array

EXACT = 1e-9  # deviations below are rounding
NEAR = 0.02  # of one, a factor that is none


@by_value
@dataclass(frozen=True)
class Fingerprint:
    """What an optimizer does to the solution.

    Attributes:
        optimizer: name of its class.
        symmetries: largest deviation, relative to the largest weight, of a run on a transformed problem from the
            transformed run: "rotation", "permutation", "sign flips", "loss scale", "column scale" (the weights scaled
            back), "history" (from the optimizer made anew for every step), "batch" (of one point from the whole),
            "order" (of batches of one from another order); of matrices "left", "right", "transposition"; NaN where it
            refuses the shape or does not move.
        vector: by norm, "l1", "l2", "linf", the margin of what each window of a run adds over the max margin.
        vector_norm: the norm whose max margin it goes to, as far as ``steps`` tell, or "undecided".
        vector_reason: why.
        matrix: the same by "frobenius", "spectral", "max".
        matrix_norm: the same of matrices; "spectral" also where its steps are polar factors up to a bounded factor, as
            ``matrix_reason`` then says: a part of the max spectral margin is sure, and no more.
        matrix_reason: why.
        regression: of least squares, "misfit", what each norm exceeds the least by ("l1", "l2", "linf"), the effect of
            half the step ("step size") and what is left of a start ("start, scale 1"); through the network u^2 - v^2,
            by scale of its start, the excess ("network l1, scale 1", "network linf, scale 1"), the distance from the
            minimizer of its potential ("network potential, scale 1"), the effect of half the step ("network step size,
            scale 1"); and how far apart its ends from both scales are ("network scale"). Distances are relative.
        decay: "kind" ("none", "decoupled", "coupled", "undecided"), "normalized", "rate", "radius" (in the norm of its
            "ball"), "ball", "law" (what it is in proportion to) and "factor" (its value over the law's).
        epsilon: "threshold", the size of gradients below which its steps take another direction (0: none down to
            1e-32), and "step", at about which a run on the logistic loss gets there: beyond ``steps`` it is foretold,
            where this was tried to a factor of two (None: no threshold, or none foretold within 50 such runs).
        memory: how far steps are off, 2000 and 4000 steps after other gradients.
        steps: of the runs.

    Example:
        >>> import torch
        >>> found = ib.fingerprint(lambda params: torch.optim.SGD(params, lr=0.1), steps=500)
        >>> found.vector_norm, found.symmetries["rotation"] < 1e-9, found.record()["matrix_norm"]
        ('l2', True, 'frobenius')
    """

    optimizer: str
    symmetries: dict[str, float]
    vector: dict[str, Array]
    vector_norm: str
    vector_reason: str
    matrix: dict[str, Array]
    matrix_norm: str
    matrix_reason: str
    regression: dict[str, float]
    decay: dict[str, object]
    epsilon: dict[str, float | int | None]
    memory: tuple[float, float]
    steps: int

    def record(self) -> dict[str, object]:
        """Everything as plain numbers, lists and text; what is not finite is None."""
        return _plain(asdict(self))

    def to_json(self) -> str:
        """The record as JSON."""
        return json.dumps(self.record(), ensure_ascii=False, allow_nan=False)

    def rows(self) -> list[tuple[str, str]]:
        """What is printed: names and findings."""
        kept = [name for name, off in self.symmetries.items() if off <= EXACT]
        broken = [f"{name} {off:.1g}" for name, off in self.symmetries.items() if off > EXACT]
        return [
            ("vectors", f"{self.vector_norm}: {self.vector_reason}"),
            ("matrices", f"{self.matrix_norm}: {self.matrix_reason}"),
            ("keeps", ", ".join(kept) or "no symmetry"),
            ("breaks", ", ".join(broken) or "none"),
            ("decay", self._decay()),
            ("epsilon", self._epsilon()),
            *self._regression(),
        ]

    def _regression(self) -> list[tuple[str, str]]:
        if not self.regression:
            return []
        linear, network = (
            ", ".join(f"{name} {value:.1g}" for name, value in self.regression.items() if ("network" in name) == of)
            for of in (False, True)
        )
        return [("regression", linear), ("u² - v²", network.replace("network ", ""))]

    def _decay(self) -> str:
        kind, ball, law = (str(self.decay[key]) for key in ("kind", "ball", "law"))
        if kind in ("none", "undecided"):
            return kind
        where = "inside of the normalization" if self.decay["normalized"] else "outside of the normalization"
        if not np.isfinite(self.decay["radius"]):
            return f"{kind}, {where}; no rest was found"
        place = "where a penalty balances the gradient" if ball == "penalty" else f"on the {ball} ball" if ball else ""
        factor = self.decay["factor"]
        times = " = " if abs(factor - 1) < NEAR else f" = {factor:.3g} × "
        radius = f"of size {self.decay['radius']:.3g}" + (f"{times}{law}" if law else "")
        return f"{kind}, {where}; rests {place}{' ' if place else ''}{radius}"

    def _epsilon(self) -> str:
        size, step = self.epsilon["threshold"], self.epsilon["step"]
        if not size:
            return "no size of gradients changes its steps' direction"
        how = "" if step is None else f", about step {step} of a run" + ("" if step <= self.steps else ", foretold")
        return f"changes its direction at gradients of {size:.1g}{how}"

    def __str__(self) -> str:
        rows = self.rows()
        return printable("\n".join([self.optimizer, *(f"  {name:10} {finding}" for name, finding in rows)]))

    def _repr_html_(self) -> str:
        rows = "".join(f"<tr><th>{name}</th><td>{html.escape(text)}</td></tr>" for name, text in self.rows())
        return f"<table><caption>{html.escape(self.optimizer)}</caption>{rows}</table>"

    def plot(self, ax: Axes | None = None) -> Axes:
        """Shares of the max margins, window by window: a verdict's line rises to one, its rivals' stay below."""
        from ibnotes.fingerprints.pictures import draw_shares

        return draw_shares(self, ax)


def _plain(value):
    if isinstance(value, dict):
        return {name: _plain(each) for name, each in value.items()}
    if isinstance(value, tuple | list | np.ndarray):
        return [_plain(each) for each in value]
    if isinstance(value, float | np.floating):
        return float(value) if np.isfinite(value) else None
    return value
