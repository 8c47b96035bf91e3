"""Compute the tables that chapters read and that take longer than a chapter may.

usage: python book/tools/data.py [NAME ...]

book/data/NAME.py says what: CASES, a list of dicts, the columns that name a case; row(**case), its figures, a dict of
floats, the same on every run; SAMPLE, places in CASES that a test recomputes; RTOL, how closely they agree.
"""

import csv
import importlib.util
import sys
from pathlib import Path
from types import ModuleType

from joblib import Parallel, delayed
from tqdm import tqdm

DATA = Path(__file__).resolve().parents[1] / "data"


def generator(name: str) -> ModuleType:
    """The module book/data/name.py, under its own name, so that processes of a pool find its functions."""
    spec = importlib.util.spec_from_file_location(name, DATA / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def row(name: str, case: dict) -> dict[str, object]:
    figures = generator(name).row(**case)
    return {**case, **{column: f"{float(value):.9g}" for column, value in figures.items()}}


def write(name: str) -> None:
    """All cases, on all cores; the old table stays where one of them fails."""
    cases = generator(name).CASES
    rows = Parallel(n_jobs=-1, return_as="generator")(delayed(row)(name, case) for case in cases)
    table = list(tqdm(rows, desc=name, total=len(cases)))
    with (DATA / f"{name}.csv").open("w", newline="") as file:
        writer = csv.DictWriter(file, table[0].keys(), lineterminator="\n")
        writer.writeheader()
        writer.writerows(table)


def read(name: str) -> list[dict[str, str]]:
    with (DATA / f"{name}.csv").open(newline="") as file:
        return list(csv.DictReader(file))


if __name__ == "__main__":
    for name in sys.argv[1:] or sorted(path.stem for path in DATA.glob("*.py")):
        write(name)
