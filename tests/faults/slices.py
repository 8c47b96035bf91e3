"""Which cells of a chapter a check depends on, so that the others need not run.

Read off the code, and rather too many than too few: a cell counts if it binds, or may change in place, a name that is
wanted later. What draws from a generator changes it.
"""

import ast
from collections.abc import Sequence
from symtable import SymbolTable, symtable


class Names:
    """The names that a cell reads, those that it binds or may change, and those read in what it defines."""

    def __init__(self, cell: str):
        scope, nodes = symtable(cell, "cell", "exec"), list(ast.walk(ast.parse(cell)))
        assigned = [node for node in nodes if isinstance(node, ast.Assign)]
        self.imports = {symbol.get_name() for symbol in scope.get_symbols() if symbol.is_imported()}
        self.reads = read_in(scope)
        self.changes = {symbol.get_name() for symbol in scope.get_symbols() if symbol.is_assigned()} | self.imports
        places = [node for node in nodes if isinstance(node, ast.Attribute | ast.Subscript)]
        self.changes |= {root(node) for node in places if isinstance(node.ctx, ast.Store)}
        self.changes |= {
            root(node.value) for node in nodes if isinstance(node, ast.Expr)
        }  # a method called for its effect
        self.functions = {part.get_name(): read_in(part) for part in scope.get_children()}
        self.functions |= {
            root(target): read_in(symtable(ast.unparse(node.value), "value", "eval"))
            for node in assigned
            for target in node.targets
            if any(isinstance(part, ast.Lambda) for part in ast.walk(node.value))
        }
        self.generators = {root(node.targets[0]) for node in assigned if "default_rng" in ast.unparse(node.value)}


def read_in(scope: SymbolTable) -> set[str]:
    """The chapter's names that are read in a scope and in those inside it."""
    top = scope.get_type() == "module"
    names = {s.get_name() for s in scope.get_symbols() if (s.is_referenced() if top else s.is_global())}
    return names.union(*(read_in(inside) for inside in scope.get_children()))


def root(node: ast.AST) -> str | None:
    """The name at the left of ``a.b[c].d(e)``."""
    while not isinstance(node, ast.Name | None):
        node = getattr(node, "value", None) or getattr(node, "func", None)
    return node and node.id


def needed(cells: Sequence[str], goal: int) -> set[int]:
    """The numbers of the cells up to ``goal`` that it depends on."""
    names = [Names(cell) for cell in cells[: goal + 1]]
    functions = {name: reads for cell in names for name, reads in cell.functions.items()}
    generators = set().union(*(cell.generators for cell in names))
    imports = set().union(*(cell.imports for cell in names))

    def reach(cell: Names) -> set[str]:
        """What it reads, itself or in a function that it reads."""
        found, fresh = set(), cell.reads
        while fresh:
            found |= fresh
            fresh = set().union(*(functions.get(name, ()) for name in fresh)) - found
        return found

    wanted, kept = set(), set()
    for number in range(goal, -1, -1):
        cell = names[number]
        changes = cell.changes - (imports - cell.imports) | reach(cell) & generators
        if number == goal or changes & wanted:
            kept.add(number)
            wanted |= reach(cell)
    return kept
