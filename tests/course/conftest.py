"""Students' code is confined where that is possible, and these tests then insist on it."""

import os
import shutil

import pytest
from grading.confinement import UNCONFINED, missing
from grading.course import HERE, release

if missing():
    os.environ[UNCONFINED] = "yes"


@pytest.fixture(scope="session")
def released(tmp_path_factory):
    """The problem sets as students get them."""
    root = tmp_path_factory.mktemp("released")
    shutil.copytree(HERE / "source", root / "source")
    release(root)
    return sorted((root / "release").rglob("*.ipynb"))
