"""Three ways to plant a fault: in a chapter's cell, in the package's source, or as a function that lies.

Functions get other code in place (`__code__`), which reaches every reference to them, wherever it was bound.
"""

import gc
import importlib
import inspect
import pkgutil
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from types import CodeType, FunctionType, ModuleType

import ibnotes


class PlantError(Exception):
    """The fault plants nothing."""


@dataclass(frozen=True)
class Fault:
    """A wrong version of something.

    Attributes:
        words: what is wrong.
        notices: part of "theorem: quantity" of the one check that must notice.
        survives: the reason why it does not, where it is known not to.
    """

    words: str
    notices: str
    survives: str = field(default="", kw_only=True)

    def cell(self, cells: list[str]) -> int | None:
        """The cell that it changes, if it changes one."""
        return None

    def functions(self) -> list[FunctionType]:
        """The functions that it changes, as they are now."""
        return []

    def plant(self, cells: list[str]) -> None:
        raise NotImplementedError


@dataclass(frozen=True)
class Cell(Fault):
    """``old`` becomes ``new`` in the one code cell of the chapter that has it, once."""

    old: str
    new: str

    def cell(self, cells: list[str]) -> int:
        once(self.old, "\n\n".join(cells))
        return next(i for i, cell in enumerate(cells) if self.old in cell)

    def plant(self, cells: list[str]) -> None:
        number = self.cell(cells)
        cells[number] = cells[number].replace(self.old, self.new)


@dataclass(frozen=True)
class Source(Fault):
    """``old`` becomes ``new`` in the source of a function, a class or a module, where it stands once."""

    where: str
    old: str
    new: str

    def codes(self) -> dict[CodeType, CodeType]:
        """The codes that differ, each with what it becomes."""
        target = find(self.where)
        path, part = inspect.getsourcefile(target), inspect.getsource(target)
        once(self.old, part)
        text = Path(path).read_text(encoding="utf-8")
        wrong = text.replace(part, part.replace(self.old, self.new))
        before, after = (dict(tree(compile(t, path, "exec"))) for t in (text, wrong))
        return {old: after[key] for key, old in before.items() if key in after and old != after[key]}

    def functions(self) -> list[FunctionType]:
        codes = self.codes()
        found = [f for f in gc.get_objects() if isinstance(f, FunctionType) and f.__code__ in codes]
        if not found:
            raise PlantError(f"{self.old!r} stands in no function: use a Lie")
        return found

    def plant(self, cells: list[str]) -> None:
        codes = self.codes()
        for function in self.functions():
            function.__code__ = codes[function.__code__]


@dataclass(frozen=True)
class Lie(Fault):
    """A function answers ``wrong(honest, *args, **kwargs)``."""

    where: str
    wrong: Callable

    def functions(self) -> list[FunctionType]:
        if not isinstance(target := find(self.where), FunctionType):
            raise PlantError(f"{self.where} is no function")
        return [target]

    def plant(self, cells: list[str]) -> None:
        (function,) = self.functions()
        honest = FunctionType(function.__code__, function.__globals__, function.__name__, function.__defaults__)
        honest.__kwdefaults__ = function.__kwdefaults__
        function.__globals__["_lie"] = partial(self.wrong, honest)
        function.__code__ = (lambda *args, **kwargs: _lie(*args, **kwargs)).__code__  # noqa: F821


def once(text: str, where: str) -> None:
    if (count := where.count(text)) != 1:
        raise PlantError(f"{text!r} occurs {count} times")


def tree(code: CodeType) -> Iterator[tuple[tuple[str, int], CodeType]]:
    """All codes below ``code``, each with its name and its number among those of that name."""
    seen, stack = Counter(), [code]
    while stack:
        code = stack.pop()
        seen[code.co_qualname] += 1
        yield (code.co_qualname, seen[code.co_qualname]), code
        stack += [const for const in reversed(code.co_consts) if isinstance(const, CodeType)]


def modules() -> list[ModuleType]:
    """Every module of the package, imported."""
    walk = pkgutil.walk_packages(ibnotes.__path__, "ibnotes.")
    return [importlib.import_module(info.name) for info in walk if not info.name.endswith("__main__")]


def find(where: str) -> ModuleType | type | FunctionType:
    """What ``where`` names: ``max_margin``, ``_helper``, ``Class.method``, or a module by its full name."""
    if where in sys.modules:
        return sys.modules[where]
    first, *rest = where.split(".")
    named = [(module.__name__, vars(module).get(first)) for module in modules()]
    found = [thing for name, thing in named if getattr(thing, "__module__", None) == name]
    if len(found) != 1:
        raise PlantError(f"{len(found)} things in ibnotes are called {first!r}")
    thing = found[0]
    for name in rest:
        thing = inspect.getattr_static(thing, name, None)
    inner = (getattr(thing, name, None) for name in ("fget", "func", "__func__"))
    return inspect.unwrap(next(filter(None, inner), thing))
