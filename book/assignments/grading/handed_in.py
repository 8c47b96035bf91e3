"""What lies in ``submitted``, read with suspicion: every name, link and byte in it is a student's."""

import contextlib
import hashlib
import json
import os
import stat
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import nbformat
from nbgrader.utils import parse_utc

HERE = Path(__file__).resolve().parent.parent
STRIPPED = "some tools strip metadata: copy your answers into the notebook as it was handed out"
LARGEST = 50 * 2**20  # bytes, of all files of a submission together


@dataclass(frozen=True)
class Submission:
    """What one student handed in for one problem set."""

    root: Path
    assignment: str
    student: str

    @property
    def folder(self) -> Path:
        return self.root / "submitted" / self.student / self.assignment

    @property
    def receipt(self) -> Path:
        return self.root / "receipts" / self.student / f"{self.assignment}.json"

    @property
    def source(self) -> Path:
        return self.root / "source" / self.assignment

    @property
    def due(self) -> list[str]:
        """Names of the notebooks that are expected."""
        return sorted(path.name for path in self.source.glob("*.ipynb"))

    def fingerprint(self) -> str:
        """Hashes of all that the grade depends on: of what was handed in; of the problem set and the judge."""
        names = ("problem.py", "sandbox.py", "shortcuts.py", f"answers/{self.assignment}.py")
        judge = [HERE / "grading" / name for name in names]
        return f"{hashed(regular_files(self.folder))} {hashed([*regular_files(self.source), *judge])}"

    def is_as_graded(self) -> bool:
        """Whether a run has graded what lies there, by whatever judge."""
        return self.is_graded() and self.last()["fingerprint"].split()[0] == hashed(regular_files(self.folder))

    def is_graded(self) -> bool:
        """Whether a run could grade it."""
        return self.last().get("trouble") == ""

    def complaint(self) -> str:
        """Why it cannot be graded, for its author to act on; empty where it can."""
        try:
            return bad_name(self.student) or self._bad_files() or self._bad_time()
        except (OSError, RecursionError) as error:
            return f"its files cannot be read: {type(error).__name__}: {error}"

    def _bad_files(self) -> str:
        files = list(regular_files(self.folder))
        if sum(path.stat().st_size for path in files) > LARGEST:
            return f"its files have more than {LARGEST >> 20} MB together"
        for name in self.due:
            if self.folder / name not in files:
                found = ", ".join(shown(str(path.relative_to(self.folder))) for path in files) or "no file"
                return f"expected {self.assignment}/{name}, found {found}"[:400]
            if why := bad_notebook(self.folder / name):
                return f"{name} is not a notebook: {why}"
            if not labels(self.folder / name) & labels(self.source / name):
                return f"the cells of {name} have lost their names ({STRIPPED})"
        return ""

    def _bad_time(self) -> str:
        stamp = self.folder / "timestamp.txt"
        if not stamp.is_file():
            return ""
        text = stamp.read_text(encoding="utf-8", errors="replace").strip()
        try:
            return "" if not text or parse_utc(text) else "timestamp.txt holds no time"
        except (ValueError, OverflowError):
            return f"timestamp.txt holds no time, but {text[:40]!r}; leave that file out"

    def last(self) -> dict[str, str]:
        """What the last grading left, as `settle` got it; empty where there is nothing of the kind."""
        with contextlib.suppress(OSError, ValueError, TypeError, KeyError):
            receipt = {"gradebook": "", **json.loads(self.receipt.read_text())}
            return {name: str(receipt[name]) for name in ("fingerprint", "trouble", "gradebook")}
        return {}

    def is_settled(self) -> bool:
        """Whether a run has graded exactly this; what could not be graded is tried again."""
        return self.is_graded() and self.last()["fingerprint"] == self.fingerprint()

    def settle(self, fingerprint: str, trouble: str, gradebook: str = "") -> None:
        """Leave the receipt, whole or not at all: a kill in the middle loses nothing.

        Args:
            gradebook: the worker's that has the points, as long as they are not in the course's.
        """
        self.receipt.parent.mkdir(parents=True, exist_ok=True)
        receipt = {"fingerprint": fingerprint, "trouble": trouble, "gradebook": gradebook}
        write_whole(self.receipt, json.dumps(receipt))


def regular_files(folder: Path) -> Iterator[Path]:
    """The files in a folder and below, without links, pipes, devices, and without following any."""
    for path, _, names in os.walk(folder):
        for name in names:
            if stat.S_ISREG(os.lstat(os.path.join(path, name)).st_mode):
                yield Path(path, name)


def hashed(paths: Iterable[Path]) -> str:
    """Of names and contents."""
    digest = hashlib.sha256()
    for path in sorted(paths):
        content = path.read_bytes() if os.access(path, os.R_OK) else b"unreadable"
        digest.update(os.fsencode(path.name) + b"\0" + content + b"\0")
    return digest.hexdigest()


def bad_name(name: str) -> str:
    """Why a folder's name cannot be a student's id, or empty."""
    try:
        name.encode()
    except UnicodeEncodeError:
        return "the folder's name is not UTF-8: rename it to the student's id"
    if any(unicodedata.category(letter) == "Cc" for letter in name):
        return "the folder's name holds a line break or another control character: rename it to the student's id"
    if bad := set(name) & set('<>"\\`'):  # Formgrader puts names into its scripts as they are
        return f"the folder's name holds {' '.join(sorted(bad))}: rename it to the student's id"
    return ""


def bad_notebook(path: Path) -> str:
    """Why a file is no notebook, or empty."""
    try:
        notebook = nbformat.read(path, as_version=4)
        return "" if notebook.cells else "it has no cells"
    except RecursionError:
        return "it is nested too deep"
    except Exception as error:  # whatever nbformat makes of what a student wrote
        return str(error).strip().splitlines()[0][:200] if str(error).strip() else type(error).__name__


def labels(path: Path) -> set[str]:
    """The names of a notebook's cells, as nbgrader knows them."""
    metadata = [cell.metadata.get("nbgrader") for cell in nbformat.read(path, as_version=4).cells]
    return {str(found.get("grade_id")) for found in metadata if isinstance(found, dict)} - {"None"}


def shown(name: str) -> str:
    """A file's name as something that can be printed."""
    return name.encode("utf-8", "backslashreplace").decode()


def write_whole(path: Path, text: str) -> None:
    """Write a file so that whoever reads it finds the old text or the new."""
    draft = path.with_name(f".{path.name[:200]}.draft")
    draft.write_text(text, encoding="utf-8", newline="")
    os.replace(draft, path)


def look(root: Path) -> tuple[list[Submission], list[str]]:
    """The submissions in the course, and the paths that lie where no submission belongs."""
    known = {path.name for path in (root / "source").iterdir() if path.is_dir()}
    found, elsewhere = [], []
    for student in sorted(listing(root / "submitted")):
        sets = sorted(listing(student))
        found += [Submission(root, path.name, student.name) for path in sets if path.name in known and is_folder(path)]
        odd = [path for path in sets if path.name not in known or not is_folder(path)]
        elsewhere += odd if sets else [student]
    return found, [shown(str(path.relative_to(root))) for path in elsewhere if not path.name.startswith(".")]


def listing(folder: Path) -> list[Path]:
    """What lies in a folder; nothing, where it is none."""
    try:
        return list(folder.iterdir()) if is_folder(folder) else []
    except OSError:
        return []


def is_folder(path: Path) -> bool:
    """Whether it is one itself, and no link to one."""
    return stat.S_ISDIR(os.lstat(path).st_mode) if os.path.lexists(path) else False
