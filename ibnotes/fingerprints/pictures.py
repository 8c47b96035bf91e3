"""Fingerprints drawn."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes

from ibnotes.plots import BLUE, GREEN, ORANGE, THEORY, label

COLORS = (ORANGE, BLUE, GREEN)


def draw_shares(found, ax: Axes | None = None) -> Axes:
    """Shares of the max margins over the windows of the runs: vectors in full lines, matrices in dotted ones."""
    ax = plt.gca() if ax is None else ax
    ax.axhline(1, **THEORY)
    for shares, style in ((found.vector, "-"), (found.matrix, ":")):
        for (name, values), color in zip(shares.items(), COLORS, strict=True):
            if np.isfinite(values).all():
                x = np.arange(len(values)) - len(values) + 1
                ax.plot(2.0**x, values, style, marker="o", markersize=3, color=color)
                label(ax, 1, float(values[-1]), name, color=color)
    ax.set_xscale("log", base=2)
    ax.set(xlabel="part of the run", ylabel="share of the max margin", ylim=(0, 1.08), title=found.optimizer)
    return ax
