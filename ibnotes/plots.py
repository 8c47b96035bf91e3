"""One visual language: measurement in colour, theory dashed on top, words beside the lines."""

from __future__ import annotations

from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from numpy.typing import ArrayLike

from ibnotes.problems.containers import to_array
from ibnotes.problems.instances import Classification
from ibnotes.problems.validation import read_real

BLUE, ORANGE, GREEN, PURPLE, OCHRE, GREY = (
    "#2f7fd1",
    "#d5702a",
    "#2a9d74",
    "#b05fb5",
    "#a8861b",
    "#7b7b7b",
)
THEORY = {"color": GREY, "linestyle": (0, (4, 2)), "linewidth": 1.4, "zorder": 3}


def use_style() -> None:
    """Set the book's matplotlib style and, in a notebook, SVG figures.

    Example:
        >>> import matplotlib.pyplot as plt
        >>> ib.use_style()
        >>> plt.rcParams["figure.facecolor"]  # transparent: on light and on dark pages
        'none'
    """
    plt.style.use(Path(__file__).with_name("ibnotes.mplstyle"))
    try:
        from IPython import get_ipython
    except ImportError:
        return
    if get_ipython() is not None:
        from matplotlib_inline.backend_inline import set_matplotlib_formats

        set_matplotlib_formats("svg", "retina")  # a front end shows no SVG of a notebook that it does not trust


def label(ax: Axes, x: float, y: float, text: str, color: str = GREY, **kwargs) -> Axes:
    """Write ``text`` at data point (x, y), in the colour of what it names.

    Raises:
        ValueError: where ``ax`` is no Axes, or the point not finite.

    Example:
        >>> import matplotlib.pyplot as plt
        >>> ax = ib.label(plt.figure().gca(), 1.0, 2.0, "theory")
        >>> [text.get_text() for text in ax.texts]
        ['theory']
    """
    _check_axes(ax)
    for name, value in {"x": x, "y": y}.items():
        if (place := read_real(name, value)).size != 1 or not np.isfinite(place).all():
            raise ValueError(f"{name} must be a finite number, found {value!r}")
    ax.annotate(text, (x, y), xytext=(4, 4), textcoords="offset points", color=color, **kwargs)
    return ax


def plot_points(ax: Axes, X: ArrayLike, y: ArrayLike, support: ArrayLike = ()) -> Axes:
    """Scatter 2-d points, discs for +1 and squares for -1, with rings around the support vectors.

    Args:
        ax: where to.
        X: (n, 2) points.
        y: (n,) labels -1 or +1.
        support: indices of the rows of X that wear rings.

    Raises:
        ValueError: naming the argument that does not fit and what was found; nothing is drawn then.

    Example:
        >>> import matplotlib.pyplot as plt
        >>> X, y = [[2, 0], [0, -1]], [1, -1]
        >>> ax = ib.plot_points(plt.figure().gca(), X, y, ib.max_margin(X, y).support)
        >>> len(ax.collections)  # discs, squares, rings
        3
    """
    _check_axes(ax)
    problem = Classification(X, y)
    X, y, rings = problem.X, problem.y, _as_indices("support", support, len(problem.y))
    if X.shape[1] != 2:
        raise ValueError(f"X must have two columns to be drawn, found shape {X.shape}")
    for sign, marker, color in ((1, "o", BLUE), (-1, "s", ORANGE)):
        ax.scatter(*X[y == sign].T, marker=marker, color=color, zorder=3)
    ax.scatter(*X[rings].T, s=130, facecolors="none", edgecolors=GREY, linewidths=1.5, zorder=2)
    ax.set_aspect("equal")
    return ax


def _check_axes(ax: Axes) -> None:
    if not isinstance(ax, Axes):
        raise ValueError(f"ax must be a matplotlib Axes such as plt.figure().gca(), found {type(ax).__name__}")


def _as_indices(name: str, value: ArrayLike, n: int) -> np.ndarray:
    """Integers from 0 to n - 1, maybe none; a boolean mask would be taken for zeros and ones."""
    found = to_array(name, value)
    if found.size and (found.dtype.kind not in "iu" or found.ndim != 1 or found.min() < 0 or found.max() >= n):
        raise ValueError(f"{name} must hold indices of rows, integers from 0 to {n - 1}, found {value!r}")
    return found.astype(int)
