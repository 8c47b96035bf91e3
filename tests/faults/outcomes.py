"""Which faults there are, what became of them, and what that was made from."""

import ast
import hashlib
import importlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from multiprocessing.connection import wait
from pathlib import Path

from .chapter import BOOK, code_cells, fork, try_all
from .plant import Fault, modules

HERE = Path(__file__).resolve().parent
TABLE = HERE / "outcomes.json"
CHAPTERS = sorted(path.stem for path in BOOK.glob("*.ipynb") if (HERE / path.name).with_suffix(".py").exists())
APART = {"plots", "course", "glue", "ledger"}  # modules that no check depends on
PORTION = 40  # faults for one run of a chapter


@dataclass(frozen=True)
class Outcome:
    """``result`` is "caught", "survives", "crash" or "error"; ``remark`` is who caught it, or what went wrong."""

    chapter: str
    fault: Fault
    result: str
    remark: str

    @property
    def expected(self) -> bool:
        return self.result == ("survives" if self.fault.survives else "caught")


def faults_of(chapter: str) -> list[Fault]:
    return importlib.import_module(f"{__package__}.{chapter}").FAULTS


def try_faults(chosen: dict[str, list[Fault]], processes: int) -> Iterator[Outcome]:
    """Try the faults of each chapter, a portion in each process, so many ``processes`` at a time."""
    modules()  # imported once, for all forks
    waiting = [
        (chapter, faults[start : start + PORTION])
        for chapter, faults in sorted(chosen.items(), key=lambda item: -len(item[1]))  # the longest first
        for start in range(0, len(faults), PORTION)
    ]
    running = {}
    while waiting or running:
        while waiting and len(running) < processes:
            receive, send = fork.Pipe(duplex=False)
            process = fork.Process(target=try_all, args=(send, *waiting[0]))
            process.start()
            send.close()
            running[receive] = waiting.pop(0)
        for receive in wait(running):
            chapter, faults = running[receive]
            try:
                index, result, remark = receive.recv()
            except EOFError:  # all are done, or the chapter itself failed
                yield from (
                    Outcome(chapter, fault, "error", "the chapter fails without it") for fault in faults if fault
                )
                del running[receive]
            else:
                yield Outcome(chapter, faults[index], result, remark)
                faults[index] = None


@cache
def source(path: Path) -> str:
    """The code of a module without comments and docstrings."""
    parsed = ast.parse(path.read_text(encoding="utf-8"))
    for node in ast.walk(parsed):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef) and ast.get_docstring(node) is not None:
            node.body = node.body[1:]
    return ast.dump(parsed)


def made_from(chapter: str) -> str:
    """Hash of a chapter's code, of its faults and of what computes."""
    package = [path for path in BOOK.parent.glob("ibnotes/**/*.py") if path.stem not in APART]
    parts = [
        *(cell.source for cell in code_cells(chapter)),
        *(source(path) for path in [HERE / f"{chapter}.py", *sorted(package)]),
    ]
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:16]


def table() -> dict[str, dict]:
    return json.loads(TABLE.read_text(encoding="utf-8")) if TABLE.exists() else {}


def is_current(chapter: str) -> bool:
    """Whether the table holds what the chapter's faults came out as today."""
    return table().get(chapter, {}).get("made from") == made_from(chapter)


def write(chapter: str, outcomes: list[Outcome]) -> None:
    """Put the outcomes of a whole chapter into the table."""
    found = {outcome.fault: outcome for outcome in outcomes}
    rows = [
        {"fault": fault.words, "result": found[fault].result, "check": found[fault].remark, "reason": fault.survives}
        for fault in faults_of(chapter)
    ]
    whole = {**table(), chapter: {"made from": made_from(chapter), "faults": rows}}
    whole = {chapter: whole[chapter] for chapter in CHAPTERS if chapter in whole}
    TABLE.write_text(json.dumps(whole, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
