"""nbval on the executions that the build has just made: what it compares is the same, and nothing runs a second time.

The build executes every notebook, stops at an error, and keeps the outputs under a key of all that they depend on
(``freshness``). Where it has those of a notebook as it is now, they are told to nbval as a kernel would tell them.
Otherwise, and in CI, nbval executes the notebook itself.
"""

import sys
from collections import deque
from pathlib import Path

import nbformat
from jupyter_cache import get_cache
from nbformat import NotebookNode

sys.path.append(str(Path(__file__).resolve().parents[1] / "_ext"))
from freshness import cache_path

ID = "replayed"
IDLE = {"msg_type": "status", "content": {"execution_state": "idle"}, "parent_header": {"msg_id": ID}}


def execution(path: Path, root: Path) -> NotebookNode | None:
    """The notebook's code cells, executed as they are now, if the build under ``root`` has kept that."""
    folder = cache_path(root)
    if not folder.exists():
        return None
    cache = get_cache(folder)
    try:
        record = cache.match_cache_notebook(nbformat.read(path, as_version=4))
    except KeyError:
        return None
    return cache.get_cache_bundle(record.pk).nb


class Replay:
    """Answers like nbval's ``RunningKernel``, from an execution."""

    def __init__(self, executed: NotebookNode):
        self.cells = iter(executed.cells)
        self.messages = deque()

    def execute_cell_input(self, source: str, allow_stdin: bool | None = None) -> str:
        cell = next(self.cells)
        if cell.source != source:
            raise RuntimeError(f"executed was {cell.source!r}")
        told = [{"msg_type": out.output_type, "content": out, "parent_header": {"msg_id": ID}} for out in cell.outputs]
        self.messages = deque([*told, IDLE])
        return ID

    def get_message(self, stream: str, timeout: float | None = None) -> dict:
        return self.messages.popleft()

    def await_reply(self, msg_id: str, timeout: float | None = None) -> None:
        """It is there."""

    def await_idle(self, parent_id: str, timeout: float) -> None:
        self.messages.clear()

    def is_alive(self) -> bool:
        return True

    def stop(self) -> None:
        """Nothing runs."""
