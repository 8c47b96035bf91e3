"""The examples in the package's docstrings: where they run, and what they take for granted, ``ib`` and ``np``.

They are collected here, by pytest's own means, and not with ``--doctest-modules``, which would look into every file: so
they run beside the other tests, on all workers, and a failing line is reported in its file. No option is lenient about
numbers: an example rounds to what holds on every machine.
"""

import sys
from pathlib import Path

import numpy as np
import pytest
from _pytest.doctest import DoctestModule

import ibnotes

# jsonschema, which nbformat imports, makes 39 parsers of addresses in other alphabets where it finds this: a second of
# every process, for a format that no notebook has. Hence nbval after it, and in pyproject.toml ``-p no:nbval`` before
sys.modules["rfc3987_syntax"] = None
pytest_plugins = ["nbval.plugin"]

PACKAGE = Path(__file__).resolve().parent / "ibnotes"


def pytest_collect_file(file_path, parent):
    if file_path.suffix == ".py" and PACKAGE in file_path.parents and file_path.name != "__main__.py":
        return DoctestModule.from_parent(parent, path=file_path)


@pytest.fixture(autouse=True)
def names_in_examples(doctest_namespace):
    doctest_namespace.update(ib=ibnotes, np=np)
