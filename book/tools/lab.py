"""Lay out the notebooks that a reader plays with, in _build/lab, and open JupyterLab there.

usage: python book/tools/lab.py [--no-browser] [JUPYTERLAB OPTION ...]
       python book/tools/lab.py --branch FOLDER ADDRESS

The chapters are those that the built pages offer. A notebook that the reader has changed stays as it is; where the
book has changed too, its new version is put beside it, under a name with the date. What is laid out is trusted, as
this machine's build has made it, so that live figures are live. The authors' extension jupyterlab-myst, under which
formulas in these notebooks' folds stay raw, is off there.

With --branch they are laid out in FOLDER, with what Binder needs to run them: the package from ADDRESS, a repository.
"""

import datetime
import hashlib
import json
import os
import shutil
import subprocess
import sys
from itertools import chain, count
from pathlib import Path

import nbformat
from nbformat.sign import NotebookNotary

ROOT = Path(__file__).resolve().parents[2]
LAB = ROOT / "_build" / "lab"
LAID = ".laid-out.json"  # what was put there, by hash
START = "start.ipynb"
CONFIG = ROOT / "book" / "lab"  # has labconfig/page_config.json


def sources() -> dict[str, Path]:
    """What belongs into the folder, by name."""
    pages = ROOT / "_build" / "html" / "_sources" / "book"
    notebooks = [path for path in pages.glob("*.ipynb") if path.stem != "claims"]
    problems = (ROOT / "book" / "assignments" / "release").glob("*/*.ipynb")
    laid = {path.name: path for path in [*notebooks, *(ROOT / "book" / "lab").glob("*.ipynb")]}
    laid |= {f"problem sets/{path.parent.name}/{path.name}": path for path in problems}
    read = [*(ROOT / "book").glob("data/*.csv"), *(ROOT / "book").glob("data/*.json"), ROOT / "book" / "atlas.toml"]
    return laid | {str(path.relative_to(ROOT / "book")): path for path in read}


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def lay_out(folder: Path, found: dict[str, Path], today: datetime.date) -> list[str]:
    """Copy what is new; return the names of those that went beside a reader's own."""
    record = folder / LAID
    laid = json.loads(record.read_text()) if record.exists() else {}
    beside = []
    for name, source in found.items():
        target, new = folder / name, digest(source)
        target.parent.mkdir(parents=True, exist_ok=True)
        if target.exists() and new != laid.get(name) and digest(target) not in (laid.get(name), new):
            names = (
                target.with_stem(f"{target.stem} {today}{mark}") for mark in chain([""], (f" {k}" for k in count(2)))
            )
            target = next(path for path in names if not path.exists())
            beside.append(str(target.relative_to(folder)))
        elif target.exists() and new == laid.get(name):
            continue
        shutil.copy(source, target)
        laid[name] = new
    record.write_text(json.dumps(laid))
    return beside


def trust(folder: Path, found: dict[str, Path]) -> None:
    """Sign the notebooks that lie in the ``folder`` as they were ``found``, like `jupyter trust`."""
    notary = NotebookNotary()
    for name, source in found.items():
        if name.endswith(".ipynb") and digest(folder / name) == digest(source):
            notary.sign(nbformat.read(source, as_version=4))


def environment() -> dict[str, str]:
    """In which JupyterLab reads the configuration of ``book/lab`` before all other."""
    paths = [str(CONFIG), *filter(None, [os.environ.get("JUPYTER_CONFIG_PATH")])]
    return os.environ | {"JUPYTER_CONFIG_PATH": os.pathsep.join(paths)}


def lay_out_branch(folder: Path, found: dict[str, Path], address: str) -> None:
    """What Binder and Colab open: the notebooks and what they read, and what Binder is to install."""
    lay_out(folder, found, datetime.date.today())
    (folder / LAID).unlink()
    without_cuda = "--extra-index-url https://download.pytorch.org/whl/cpu"
    (folder / "requirements.txt").write_text(f"{without_cuda}\nibnotes @ git+{address}\n")
    shutil.copy(ROOT / ".binder" / "runtime.txt", folder)


def main() -> int:
    if sys.argv[1:2] == ["--branch"]:
        _, _, folder, address = sys.argv
        lay_out_branch(Path(folder), sources(), address)
        return 0
    found = sources()
    for name in lay_out(LAB, found, datetime.date.today()):
        print(f"==> you have changed this notebook, and so has the book: its new version is {name}")
    trust(LAB, found)
    command = [sys.executable, "-m", "jupyterlab", f"--notebook-dir={LAB}", *sys.argv[1:], str(LAB / START)]
    return subprocess.call(command, env=environment())


if __name__ == "__main__":
    sys.exit(main())
