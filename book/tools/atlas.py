"""Measure the optimizers of the atlas: fingerprints as JSON, in book/data/atlas.json.

usage: python book/tools/atlas.py [NAME ...]

Each has its library's defaults, and a weight decay of 0.1 where it takes one, so that it shows where that acts; all
else is measured without. NAMEs alone are measured anew, the others kept.
"""

import importlib
import inspect
import json
import sys
import tomllib
from importlib.metadata import version
from pathlib import Path

import torch
from joblib import Parallel, delayed
from tqdm import tqdm

import ibnotes

BOOK = Path(__file__).resolve().parents[1]
FILE = BOOK / "data" / "atlas.json"
DECAY = 0.1
DIGITS = 4
LISTED = tomllib.loads((BOOK / "atlas.toml").read_text(encoding="utf-8"))
CASES = {f"{library}.{name}": case for library, names in LISTED.items() for name, case in names.items()}
SAMPLE = ["torch.optim.RMSprop", "pytorch_optimizer.Lion", "pytorch_optimizer.SGDW"]


def maker(case: str):
    """The optimizer as a function of parameters, and the options that it is given."""
    module, _, name = case.rpartition(".")
    each = getattr(importlib.import_module(module), name)
    options = dict(CASES[case].get("options", {}))
    if "weight_decay" in inspect.signature(each).parameters:
        options["weight_decay"] = DECAY
    grouped = CASES[case].get("groups", False)
    return lambda p: each([{"params": p, "use_muon": True}] if grouped else p, **options), options


def record(case: str) -> dict:
    """The fingerprint, or what refuses it."""
    torch.manual_seed(0)
    make, options = maker(case)
    try:
        found = ibnotes.fingerprint(make).record()
    except Exception as error:
        return {"options": options, "refused": f"{type(error).__name__}: {error}".splitlines()[0][:200]}
    return {"options": options, **rounded(found)}


def rounded(value):
    """Four significant digits: what further ones say differs between machines."""
    if isinstance(value, dict):
        return {name: rounded(each) for name, each in value.items()}
    if isinstance(value, list):
        return [rounded(each) for each in value]
    return float(f"{value:.{DIGITS}g}") if isinstance(value, float) else value


def write(cases: list[str]) -> None:
    """Measure on two processes and write all."""
    found = Parallel(n_jobs=2, return_as="generator")(delayed(record)(case) for case in cases)
    measured = dict(zip(cases, tqdm(found, desc="atlas", total=len(cases)), strict=True))
    kept = json.loads(FILE.read_text(encoding="utf-8"))["records"] if FILE.exists() else {}
    records = {case: (kept | measured)[case] for case in CASES if case in kept | measured}
    versions = {name: version(name) for name in ("torch", "pytorch-optimizer", "numpy")}
    FILE.parent.mkdir(exist_ok=True)
    content = {"versions": versions, "records": records}
    FILE.write_text(json.dumps(content, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    write([case for case in CASES if case.rpartition(".")[2] in sys.argv[1:]] if sys.argv[1:] else list(CASES))
