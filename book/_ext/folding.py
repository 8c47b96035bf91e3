"""Sphinx extension: code folds under a line that says what it does.

Cells in a row that show nothing fold together; what stays open is a cell with the tag ``open`` (the few that are the
point of a chapter) and one whose output is seen. The line is the cells' first comment, their functions' docstrings, or
else the names that they define.
"""

import ast
from collections.abc import Iterator, Sequence

from docutils import nodes
from myst_nb.sphinx_ import HideCodeCellNode
from sphinx.transforms.post_transforms import SphinxPostTransform

LONGEST = 110  # letters


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


def names(statement: ast.stmt) -> list[str]:
    targets = getattr(statement, "targets", [getattr(statement, "target", None)])
    found = [part.id for target in targets if target for part in ast.walk(target) if isinstance(part, ast.Name)]
    return found if isinstance(statement, ast.Assign | ast.AnnAssign) else []


def saying(code: str) -> str:
    """What cells do, in the words that stand in them."""
    comments = [line.strip("# ") for line in code.splitlines() if line.startswith("# ")]
    body = ast.parse(code).body
    functions = [each for each in body if isinstance(each, ast.FunctionDef)]
    said = comments[:1] or [first_sentence(text) for each in functions if (text := ast.get_docstring(each))]
    defined = list(dict.fromkeys(name for statement in body for name in names(statement)))
    parts = said or [each.name.replace("_", " ") for each in functions] or [", ".join(defined[:6])]
    line = parts[0]
    for part in parts[1:]:
        line = f"{line}; {part}" if len(f"{line}; {part}") <= LONGEST else line
    return line or "imports"


def fold(row: Sequence[nodes.Node], prompt: str) -> None:
    """All sources of the row, in its first cell, under one line."""
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
        for section in list(self.document.findall(nodes.section)):
            for row in list(rows(section.children)):
                code = "\n".join(cell.children[0].astext() for cell in row)
                fold(row, f"Code: {saying(code)}")


def setup(app):
    app.add_post_transform(Fold)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
