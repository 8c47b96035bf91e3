"""Sphinx extension: code folds under a line that says what it does.

Cells in a row that show nothing fold together; what stays open is a cell with the tag ``open`` (the few that are the
point of a chapter), one whose output is seen, and all code of a problem set, which is there to be read and completed.
The line is the comment that the cells begin with, or else what the docstrings of their functions say.
"""

import ast
from collections.abc import Iterator, Sequence
from functools import reduce
from itertools import takewhile

from docutils import nodes
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx.util import logging

LONGEST = 110  # letters
SETS = "book/assignments/"
logger = logging.getLogger(__name__)


def is_cell(node: nodes.Node) -> bool:
    return isinstance(node, nodes.container) and node.get("nb_element") == "cell_code"


def is_invisible(node: nodes.Node) -> bool:
    """A cell off the page, which only stores numbers for the text."""
    return is_cell(node) and "tag_remove-input" in node["classes"]


def is_silent(node: nodes.Node) -> bool:
    """Code alone, neither folded already nor to stay open."""
    shown = [child.get("nb_element") for child in node.children] if is_cell(node) else []
    return shown == ["cell_code_source"] and not node.get("hide_mode") and "tag_open" not in node["classes"]


def rows(siblings: Sequence[nodes.Node]) -> Iterator[list[nodes.Node]]:
    """Silent cells that follow one another."""
    row: list[nodes.Node] = []
    for node in [*siblings, None]:
        if node is not None and is_silent(node):
            row.append(node)
        elif row and not (node is not None and is_invisible(node)):
            yield row
            row = []


def first_sentence(text: str) -> str:
    return " ".join(text.replace("`", "").split()).partition(". ")[0].rstrip(".")


def heading(code: str) -> str:
    """The comment that cells begin with, on however many lines."""
    lines = takewhile(lambda line: line.startswith("# "), code.strip().splitlines())
    return " ".join(line.removeprefix("# ") for line in lines)


def sayings(code: str) -> Iterator[str]:
    """What each function does; a docstring that begins with "Of" goes on from the function's name."""
    for each in ast.parse(code).body:
        if isinstance(each, ast.FunctionDef) and (text := ast.get_docstring(each)):
            said = first_sentence(text)
            yield f"{each.name.replace('_', ' ').capitalize()} o{said[1:]}" if said.startswith("Of ") else said


def saying(code: str) -> str:
    """What cells do, in the words that stand in them; nothing where there are none."""
    only_imports = all(isinstance(each, ast.Import | ast.ImportFrom) for each in ast.parse(code).body)
    first, *rest = [heading(code)] if heading(code) else list(sayings(code)) or ["imports" * only_imports]
    return reduce(lambda line, part: longer if len(longer := f"{line}; {part}") <= LONGEST else line, rest, first)


def fold(row: Sequence[nodes.Node], prompt: str) -> None:
    """All sources of the row, in its first cell, under one line."""
    from myst_nb.sphinx_ import HideCodeCellNode  # takes half a second, for which nobody who asks `saying` waits

    wrap = HideCodeCellNode(prompt_show=prompt, prompt_hide=prompt, classes=["above-input"])
    sources = [cell.children[0] for cell in row]
    for cell in row[1:]:
        cell.parent.remove(cell)
    for source in sources:
        source.parent.remove(source)
    wrap.extend(sources)
    row[0].insert(0, wrap)


def prompt_of(cell: nodes.Node) -> str:
    """For a cell whose input was folded by its author."""
    shown = cell.children[-1]
    if shown.get("nb_element") != "cell_code_output":
        return "Code: imports and settings"
    return "Code of the figure" if any(shown.findall(nodes.image)) else "Code of these checks"


class Fold(SphinxPostTransform):
    default_priority = 198  # before MyST-NB folds what is tagged
    formats = ("html",)

    def run(self, **kwargs) -> None:
        for cell in list(self.document.findall(is_cell)):
            if cell.get("hide_mode") == "input":
                cell["prompt_show"] = cell["prompt_hide"] = prompt_of(cell)
        if self.env.docname.startswith(SETS):
            return
        for section in list(self.document.findall(nodes.section)):
            for row in list(rows(section.children)):
                said = saying("\n".join(cell.children[0].astext() for cell in row))
                if not said:
                    logger.warning("code folds here: begin it with a comment that says what it does", location=row[0])
                fold(row, f"Code: {said}")


def setup(app):
    app.add_post_transform(Fold)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
