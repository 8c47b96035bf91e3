"""The map of theorems: it is the book's, it can be drawn, and a broken one fails the build."""

import importlib
import io
import re
import sys
from dataclasses import replace
from itertools import combinations, pairwise
from pathlib import Path

import nbformat
import pytest
import yaml
from sphinx.application import Sphinx

BOOK = Path(__file__).resolve().parents[2] / "book"


@pytest.fixture(scope="module")
def extension():
    sys.path.insert(0, str(BOOK / "_ext"))
    yield importlib.import_module("theorem_map")
    sys.path.remove(str(BOOK / "_ext"))


@pytest.fixture(scope="module")
def chapters():
    return [Path(entry["file"]).name for entry in yaml.safe_load((BOOK.parent / "_toc.yml").read_text())["chapters"]]


@pytest.fixture(scope="module")
def proofs(chapters):
    """What sphinx-proof will know: every labelled statement of every chapter."""
    found = {}
    for notebook in sorted(BOOK.glob("*.ipynb")):
        for cell in nbformat.read(notebook, as_version=4).cells:
            for kind, label in re.findall(r"^:::\{prf:(\w+)\}.*\n:label: (\S+)", cell.source, re.MULTILINE):
                found[label] = {"docname": f"book/{notebook.stem}", "realtype": kind}
    return found


@pytest.fixture(scope="module")
def statements(extension):
    return extension.read_map(BOOK / "theorems.toml")


def test_the_map_is_the_books(extension, statements, proofs, chapters):
    assert len(proofs) > 20
    assert extension.faults(statements, proofs, chapters) == []


def without(mapping, label):
    return {key: value for key, value in mapping.items() if key != label}


def change(label, **fields):
    return lambda statements: {**statements, label: replace(statements[label], **fields)}


BROKEN = {
    "thm-kkt of book/homogeneous is missing": lambda s: without(s, "thm-kkt"),
    "thm-kkt is not in book/levers": change("thm-kkt", chapter="levers"),
    "thm-end rests on the unknown thm-nowhere": change("thm-end", uses={"thm-nowhere": ""}),
    "thm-end rests on thm-kkt of a later chapter": change("thm-end", takes_up={"thm-kkt": ""}),
    "a circle: prop-flat -> thm-nearest -> prop-flat": change("prop-flat", uses={"thm-nearest": ""}),
    "thm-ridge is drawn over thm-law": lambda s: change("thm-ridge", at=s["thm-law"].at)(s),
}


@pytest.mark.parametrize("fault", BROKEN)
def test_each_fault_of_a_map_is_found(extension, statements, proofs, chapters, fault):
    found = extension.faults(BROKEN[fault](statements), proofs, chapters)
    assert fault in found


def test_the_outline_names_every_statement_and_every_reason(extension, statements):
    outline = extension.outline(statements)
    for label, statement in statements.items():
        assert f"  - {{prf:ref}}`{label}`: {statement.title}\n" in outline + "\n"
        for kind, premise, reason in statement.arrows():
            assert f"    - {extension.VERBS[kind]} {{prf:ref}}`{premise}`: {reason}" in outline


# The drawing.


@pytest.fixture(scope="module")
def drawing(extension, statements):
    """Boxes' corners, arrows' corner points, and the SVG."""
    svg = importlib.import_module("theorem_svg")
    lanes = {}
    for label, statement in statements.items():
        lane = lanes.setdefault(statement.chapter, svg.Lane(statement.chapter, f"{statement.chapter}.html", []))
        lane.boxes.append(svg.Box(label, statement.title, "words", f"#{label}", "theorem", *statement.at))
    lanes = list(lanes.values())
    arrows = [(kind, premise, label) for label, s in statements.items() for kind, premise, _ in s.arrows()]
    places = svg.place(lanes)
    routes = {(source, target): svg.route(source, target, places, arrows) for _, source, target in arrows}
    return svg, places, routes, svg.draw(lanes, arrows)


def through_a_box(svg, places, routes):
    """Pairs of an arrow and a box whose inside it crosses."""
    for (source, target), points in routes.items():
        for label, place in places.items():
            x, y = svg.corner(*place)
            for (a, b), (c, d) in pairwise(points):
                inside = min(a, c) < x + svg.BOX_W and max(a, c) > x and min(b, d) < y + svg.BOX_H and max(b, d) > y
                if inside:
                    yield source, target, label


def on_one_line(routes):
    """Pairs of arrows from different sources that share a piece of line."""
    for (one, first), (other, second) in combinations(routes.items(), 2):
        if one[0] == other[0]:
            continue
        for a, b in pairwise(first):
            for c, d in pairwise(second):
                for axis in (0, 1):
                    straight = a[axis] == b[axis] == c[axis] == d[axis]
                    ends = [sorted(p[1 - axis] for p in pair) for pair in ((a, b), (c, d))]
                    if straight and max(e[0] for e in ends) < min(e[1] for e in ends):
                        yield one, other


def test_arrows_run_between_the_boxes_and_apart_from_each_other(drawing):
    svg, places, routes, _ = drawing
    assert list(through_a_box(svg, places, routes)) == []
    assert list(on_one_line(routes)) == []
    x, y = svg.corner(*places["thm-kkt"])
    across = {("thm-x", "thm-y"): [(x + 10, y - 100), (x + 10, y + 100)]}
    assert ("thm-x", "thm-y", "thm-kkt") in through_a_box(svg, places, across)
    shifted = {**routes, ("thm-x", "thm-y"): routes["thm-nearest", "thm-law"]}
    assert (("thm-nearest", "thm-law"), ("thm-x", "thm-y")) in on_one_line(shifted)


def test_arrows_end_at_their_boxes_and_bend_at_right_angles(drawing):
    svg, places, routes, _ = drawing
    for (source, target), points in routes.items():
        for label, (x, y) in ((source, points[0]), (target, points[-1])):
            left, top = svg.corner(*places[label])
            assert left <= x <= left + svg.BOX_W
            assert top <= y <= top + svg.BOX_H
            assert x in (left, left + svg.BOX_W) or y in (top, top + svg.BOX_H)
        assert all((a == c) != (b == d) for (a, b), (c, d) in pairwise(points))


def test_what_cannot_be_drawn_is_refused(drawing):
    svg, *_ = drawing
    with pytest.raises(ValueError, match="not neighbours"):
        svg.route("a", "b", {"a": (0, 0), "b": (0, 2)}, [])


def test_titles_fit_their_boxes(drawing, statements):
    svg, _, _, picture = drawing
    for statement in statements.values():
        lines = svg.balanced(statement.title, 20)
        assert len(lines) <= 3
        assert " ".join(lines) == statement.title
        assert all(f">{line}</tspan>" in picture for line in lines)


# The extension inside Sphinx.

TOY = """
[one.thm-a]
title = "A"
at = [0, 0]
[one.thm-b]
title = "B & more"
at = [0, 1]
uses.thm-a = "as said"
"""


def build(folder, toy):
    """Build a book of two theorems with this map; return its warnings and the page of the map."""
    (folder / "book").mkdir()
    (folder / "book" / "index.md").write_text("# Map\n\n```{theorem-map}\n```\n\n```{toctree}\none\n```\n")
    theorem = ":::{{prf:theorem}} Long {0}\n:label: thm-{0}\n\nTrue.\n:::\n\n"
    (folder / "book" / "one.md").write_text("# One\n\n" + "".join(theorem.format(name) for name in "ab"))
    (folder / "book" / "theorems.toml").write_text(toy)
    settings = {
        "extensions": ["myst_parser", "sphinx_proof", "theorem_map"],
        "root_doc": "book/index",
        "myst_enable_extensions": ["colon_fence"],
    }
    warnings = io.StringIO()
    app = Sphinx(folder, None, folder / "out", folder / "trees", "html", settings, status=None, warning=warnings)
    app.build()
    return warnings.getvalue(), (folder / "out" / "book" / "index.html").read_text()


@pytest.mark.filterwarnings("ignore")
def test_a_sound_map_builds_without_a_word_and_links_its_boxes(extension, tmp_path):
    said, page = build(tmp_path, TOY)
    assert said == ""
    assert re.search(r'<a class="box theorem" href="one.html#thm-b"[^>]*aria-label="Theorem 2. B &amp; more; its', page)
    assert 'data-from="thm-a" data-to="thm-b"' in page
    assert "its proof uses <a" in page
    assert "theorem_map.js" in page


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(
    ("old", "new", "warning"),
    [
        ("one.thm-b", "one.thm-c", "thm-b of book/one is missing"),
        ("uses.thm-a", "uses.thm-c", "thm-b rests on the unknown thm-c"),
        ("[0, 0]\n", '[0, 0]\nuses.thm-b = ""\n', "a circle: thm-a -> thm-b -> thm-a"),
    ],
)
def test_a_broken_map_warns_and_warnings_are_fatal(extension, tmp_path, old, new, warning):
    said, _ = build(tmp_path, TOY.replace(old, new))
    assert re.search(f"WARNING: .*{re.escape(warning)}", said)
