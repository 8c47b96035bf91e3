"""Sphinx extension: the directives ``atlas`` and ``atlas-map`` show the records of ``book/data/atlas.json``.

The table has a row for every optimizer of ``book/atlas.toml``, what explains its norm, and on demand all that was
measured; the map places each by its shares of the three max margins. A row without a record is a warning, and warnings
fail the build.
"""

import html
import json
import tomllib
from collections.abc import Mapping, Sequence
from itertools import count
from pathlib import Path
from typing import ClassVar

import numpy as np
from docutils import nodes
from docutils.parsers.rst import directives
from results import table_row
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective

LIST, FILE, PAGE = Path("book", "atlas.toml"), Path("book", "data", "atlas.json"), "book/atlas"
HEADS = ("Optimizer", "Vectors", "Matrices", "Follows", "Decay", "Epsilon", "Why")
SIGNS = {"l1": "ℓ1", "l2": "ℓ2", "linf": "ℓ∞", "frobenius": "Frobenius", "spectral": "spectral", "max": "max entry"}
LIBRARIES = {"torch.optim": "torch", "pytorch_optimizer": "pytorch-optimizer"}
FOLLOWED = ("rotation", "permutation", "sign flips", "loss scale", "column scale", "left", "right", "transposition")
KEPT, EQUAL = 1e-6, 0.02
OPEN = "observed: no theorem known"
CORNERS = np.array([[40.0, 340.0], [240.0, 40.0], [440.0, 340.0]])  # l1, l2, linf
APART, TURN = 9.5, 4.0
logger = logging.getLogger(__name__)


def read(root: Path) -> dict[str, dict]:
    """Records by dotted name, each with its ``theorem``, in the list's order; without a record an empty one."""
    listed = tomllib.loads((root / LIST).read_text(encoding="utf-8"))
    records = json.loads((root / FILE).read_text(encoding="utf-8"))["records"]
    names = {f"{library}.{name}": case for library, cases in listed.items() for name, case in cases.items()}
    return {name: records.get(name, {}) | {"theorem": case.get("theorem")} for name, case in names.items()}


def verdict(record: Mapping, kind: str) -> str:
    """The norm with its shares, or "undecided" with the reason in a word."""
    name, reason, shares = record[f"{kind}_norm"], record[f"{kind}_reason"], record[kind]
    last = {norm: values[-1] for norm, values in shares.items()}
    if None in last.values():
        return reason.partition(":")[0]
    figures = ", ".join(f"{SIGNS[norm]} {value:.2f}" for norm, value in last.items())
    if name != "undecided":
        return f"**{SIGNS[name]}** ({figures})"
    return f"undecided: {cause(reason)} ({figures})"


def cause(reason: str) -> str:
    words = {
        "trace of early": "its memory does not fade",
        "hand-over": "two geometries",
        "still moving": "still moving",
        "between norms": "between norms",
        "diverges": "diverges",
        "stalls": "stalls",
        "not separated": "not separated yet",
    }
    return next((short for part, short in words.items() if part in reason), reason)


def decay(found: Mapping) -> str:
    if found["kind"] in ("none", "undecided"):
        return found["kind"]
    where = "inside" if found["normalized"] else "outside"
    ball = {"penalty": "penalty", "": ""}.get(found["ball"], f"{SIGNS.get(found['ball'], '')} ball")
    law = found["law"] if found["factor"] is None or abs(found["factor"] - 1) < EQUAL else f"∝ {found['law']}"
    return ", ".join(part for part in (found["kind"], where, f"{ball} {law}".strip()) if part)


def epsilon(found: Mapping) -> str:
    return f"{found['threshold']:.0e}" if found["threshold"] else "–"


def cells(name: str, record: Mapping) -> list[str]:
    """The row in MyST."""
    library, _, short = name.rpartition(".")
    first = f"{short}\n\n    {LIBRARIES[library]}"
    if "refused" in record:
        return [first, f"not measured: {record['refused']}", "", "", "", "", ""]
    off = record["symmetries"]
    kept = [each for each in FOLLOWED if off.get(each) is not None and off[each] <= KEPT]
    return [
        f"{first}\n\n    {details(record)}",
        verdict(record, "vector"),
        verdict(record, "matrix"),
        ", ".join(kept) or "–",
        decay(record["decay"]),
        epsilon(record["epsilon"]),
        record["theorem"] or OPEN,
    ]


def details(record: Mapping) -> str:
    """All figures, folded: one line of HTML."""
    off = ", ".join(f"{name} {_short(value)}" for name, value in record["symmetries"].items())
    ends = ", ".join(f"{name} {_short(value)}" for name, value in record["regression"].items())
    size, step = record["epsilon"]["threshold"], record["epsilon"]["step"]
    foretold = ", foretold" if step and step > record["steps"] else ""
    options = ", ".join(f"{name}={value}" for name, value in record["options"].items())
    rows = {
        "options": options or "defaults",
        "vectors": record["vector_reason"],
        "matrices": record["matrix_reason"],
        "off symmetry": off,
        "hand-over": f"about step {step}{foretold}" if step is not None else "none foretold" if size else "none",
        "regression": ends,
    }
    text = "".join(f"<dt>{name}</dt><dd>{html.escape(found)}</dd>" for name, found in rows.items() if found)
    return f"<details><summary>all figures</summary><dl>{text}</dl></details>"


def _short(value: float | None) -> str:
    return "–" if value is None else f"{value:.1g}"


def place(shares: Sequence[float]) -> np.ndarray:
    """Between the corners, the nearer to one the nearer its share is to one."""
    weights = 1 / (1.02 - np.clip(shares, 0, 1)) ** 1.5
    return weights @ CORNERS / weights.sum()


def spread(points: np.ndarray) -> np.ndarray:
    """The points, each moved along a spiral until it is apart from those before it."""
    spots = []
    for point in points:
        spiral = (point + TURN * np.sqrt(k) * np.array([np.cos(2.4 * k), np.sin(2.4 * k)]) for k in count())
        spots.append(next(spot for spot in spiral if all(np.linalg.norm(spot - other) >= APART for other in spots)))
    return np.array(spots)


def draw(records: Mapping[str, Mapping]) -> str:
    """The map as SVG: a triangle with the norms as corners, a mark with a title for each optimizer."""
    known = {
        name: [values[-1] for values in each["vector"].values()] for name, each in records.items() if each.get("vector")
    }
    known = {name: shares for name, shares in known.items() if None not in shares}
    spots = spread(np.array([place(shares) for shares in known.values()]))
    marks = []
    for (name, shares), (x, y) in zip(known.items(), spots, strict=True):
        decided = records[name]["vector_norm"] != "undecided"
        shown = ", ".join(f"{sign} {share:.2f}" for sign, share in zip(("ℓ1", "ℓ2", "ℓ∞"), shares, strict=True))
        title = f"<title>{html.escape(name)}: {shown}</title>"
        marks.append(
            f'<circle class="{"decided" if decided else "open"}" cx="{x:.1f}" cy="{y:.1f}" r="4">{title}</circle>'
        )
    outline = " ".join(f"{x},{y}" for x, y in CORNERS)
    places = zip(("ℓ1", "ℓ2", "ℓ∞"), np.add(CORNERS, [[-18, 26], [0, -44], [0, 62]]), strict=True)
    corners = "".join(f'<text x="{x}" y="{y}">{name}</text>' for name, (x, y) in places)
    words = f"A triangle with the corners ℓ1, ℓ2 and ℓ∞ and {len(known)} marks, most of them at the corners."
    body = f'<polygon points="{outline}"/>{corners}{"".join(marks)}'
    return f'<svg class="atlas-map" role="img" aria-label="{words}" viewBox="0 -24 500 440">{body}</svg>'


class Atlas(SphinxDirective):
    def run(self) -> list[nodes.Node]:
        root = Path(self.env.srcdir)
        for source in (LIST, FILE, Path(__file__)):
            self.env.note_dependency(str(root / source))
        lines = ["````{list-table}", ":header-rows: 1", ":class: atlas", ""]
        lines += table_row(HEADS)
        for name, record in read(root).items():
            if len(record) == 1:
                logger.warning("%s: %s has no record: make atlas", FILE, name)
            else:
                lines += table_row(cells(name, record))
        return self.parse_text_to_nodes("\n".join([*lines, "````"]))


class AtlasMap(SphinxDirective):
    """The map as a numbered figure; its content is the caption, one paragraph."""

    has_content = True
    option_spec: ClassVar = {"name": directives.unchanged_required}

    def run(self) -> list[nodes.Node]:
        root, caption = Path(self.env.srcdir), nodes.Element()
        for source in (LIST, FILE, Path(__file__)):
            self.env.note_dependency(str(root / source))
        self.state.nested_parse(self.content, self.content_offset, caption)
        figure = nodes.figure("", nodes.raw("", draw(read(root)), format="html"))
        figure += nodes.caption("", "", *caption[0].children)
        self.add_name(figure)
        return [figure]


def add_assets(app, pagename, templatename, context, doctree):
    if pagename == PAGE:
        app.add_css_file("atlas.css")
        app.add_js_file("results.js", loading_method="defer")


def setup(app):
    app.add_directive("atlas", Atlas)
    app.add_directive("atlas-map", AtlasMap)
    app.connect("html-page-context", add_assets)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
