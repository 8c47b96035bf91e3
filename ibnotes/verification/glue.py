"""Numbers from the run for the prose: what MyST-NB's ``glue`` writes, without needing it.

A notebook that imported ``myst_nb`` for this would run only where the book is built.
"""

from __future__ import annotations

import numpy as np
from IPython.core.formatters import format_display_data
from IPython.display import display

PREFIX = "application/papermill.record/"  # MyST-NB looks for it, and shows nothing where the cell stands


def glue(name: str, value: object) -> None:
    """Store ``value`` in the cell's output, for the text to quote as ``{glue:text}`name```.

    A scalar of NumPy's is stored as Python's, whose text a format like ``:.2f`` can read.

    Example:
        >>> ib.glue("steps", 1000)  # shows nothing; the text then quotes {glue:text}`steps`
    """
    data, _ = format_display_data(value.item() if isinstance(value, np.generic) else value)
    display(
        {PREFIX + mime: content for mime, content in data.items()},
        raw=True,
        metadata={"scrapbook": {"name": name, "mime_prefix": PREFIX}},
    )
