"""What an answer is written with: its source is read here, and never run.

Some problems say what may not be used for them. The name is looked for in the answer, and in the student's other cells
that the answer takes names from; a trial run beside it, from which nothing is taken, is nobody's business. What looks
names up while the code runs, `eval` and its kin, is forbidden with them. That stops the honest shortcut and the cheap
trick: what is forbidden, copied out line by line, gets past it.
"""

import ast
import re
import symtable
from collections.abc import Iterator, Sequence

from nbformat import NotebookNode
from nbgrader.utils import is_locked

from grading.problem import Wrong

MAGIC = re.compile(r"^%+\w+ *", re.MULTILINE)  # IPython's, before code that counts like any other
BY_NAME = {"eval", "exec", "getattr", "globals", "locals", "vars", "attrgetter", "methodcaller", "get_ipython"}
BY_NAME |= {"import_module", "__import__", "__builtins__", "__dict__", "__getattr__", "__getattribute__"}
UNREADABLE = (SyntaxError, ValueError, RecursionError, MemoryError)  # what Python's parser raises


def check(names: Sequence[str], problem: str, cells: Sequence[NotebookNode]) -> None:
    """See that the answer to ``problem`` does without the names, and without what could look them up.

    Raises:
        Wrong: where it uses one; says which, and in what line.
    """
    written = written_for(problem, cells) if names else []
    for forbidden, why in ((set(names), ""), (BY_NAME, ", as it can stand for any name")):
        for cell in written:
            own = stored(cell.source) if why else set()  # a variable that is called `vars`, say
            for name, line in used(cell.source):
                if name in forbidden - own:
                    raise Wrong(f"{name} may not be used here{why}: line {line} of cell [{cell.execution_count}]")


def written_for(problem: str, cells: Sequence[NotebookNode]) -> list[NotebookNode]:
    """The solution cell, the student's cells from which it or the test takes a name, those from which they do, ..."""
    ids = [cell.metadata.get("nbgrader", {}).get("grade_id") for cell in cells]
    test = ids.index(problem)
    above = [k for k in range(test) if cells[k].cell_type == "code"]
    given = {name for k in above if is_locked(cells[k]) for name in imported(cells[k].source)}
    takes, gives = {}, {}
    for k in reversed(above):
        taken, bound = global_names(cells[k].source)
        if is_locked(cells[k]):
            given |= bound  # whatever was bound to such a name before
        else:
            takes[k], gives[k] = taken, bound - given
    found, wanted = set(), global_names(cells[test].source)[0]
    while more := {k for k in gives if gives[k] & wanted or ids[k] == f"{problem}-answer"} - found:
        found |= more
        wanted = wanted.union(*(takes[k] for k in more))
    return [cells[k] for k in sorted(found)]


def used(source: str) -> Iterator[tuple[str, int]]:
    """Names in a cell, with their lines: variables, attributes, imports, and texts that are names, for `getattr`."""
    try:
        tree = ast.parse(MAGIC.sub("", source))
    except UNREADABLE:  # it cannot run, or has more of IPython's own syntax
        for number, line in enumerate(source.splitlines(), start=1):
            yield from ((word, number) for word in re.findall(r"\w+", line))
        return
    for node in ast.walk(tree):
        match node:
            case (
                ast.Name(id=name)
                | ast.Attribute(attr=name)
                | ast.alias(name=name)
                | ast.ImportFrom(module=str(name))
                | ast.Constant(value=str(name))
            ):
                yield from ((part, node.lineno) for part in name.split("."))


def stored(source: str) -> set[str]:
    """The names that a cell assigns to."""
    try:
        return {node.id for node in ast.walk(ast.parse(MAGIC.sub("", source))) if is_stored(node)}
    except UNREADABLE:
        return set()


def is_stored(node: ast.AST) -> bool:
    return isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)


def imported(source: str) -> set[str]:
    """The names that a cell imports."""
    return {node.asname or node.name for node in ast.walk(ast.parse(source)) if isinstance(node, ast.alias)}


def global_names(source: str) -> tuple[set[str], set[str]]:
    """Names that a cell takes from others, and names that it binds for them; none where it is not Python."""
    try:
        tables = [symtable.symtable(MAGIC.sub("", source), "cell", "exec")]
    except UNREADABLE:
        return set(), set()
    read, bound = set(), set()
    for table in tables:
        tables += table.get_children()
        shared = [name for name in table.get_symbols() if table.get_type() == "module" or name.is_global()]
        read |= {name.get_name() for name in shared if name.is_referenced()}
        bound |= {name.get_name() for name in shared if name.is_assigned() or name.is_imported()}
    return read - bound, bound
