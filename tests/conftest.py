"""One thread for BLAS, so that runs agree; one Hypothesis profile, so that every run tries the same examples."""

import os
import re

for _library in ("OMP", "OPENBLAS", "MKL"):
    os.environ.setdefault(f"{_library}_NUM_THREADS", "1")

import pytest  # noqa: E402
from browser import chromium  # noqa: E402
from hypothesis import HealthCheck, settings  # noqa: E402

settings.register_profile(
    "ibnotes",
    deadline=None,
    derandomize=True,
    database=None,
    max_examples=20,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("ibnotes")


browser = pytest.fixture(scope="module")(chromium)

# The files that take longest, first: two workers that take a file at a time then end together. By measured seconds.
LONGEST = (
    "test_book.py",
    "test_hostile.py",
    "test_assignments.py",
    "test_explorables.py",
    "test_scale.py",
    "test_faults.py",
    "test_pools.py",
    "test_pages.py",
    "test_landing.py",
    "test_logistic_flow.py",
    "test_fingerprint.py",
)


def pytest_ignore_collect(collection_path, config):
    """A file whose every test bears a mark that ``-m`` rules out is not even imported, which takes up to a second."""
    if not collection_path.match("test_*.py") or " or " in config.option.markexpr:
        return None
    marked = re.search(r"^pytestmark = .*\n( .*\n)*", collection_path.read_text(encoding="utf-8"), re.MULTILINE)
    ruled_out = re.findall(r"not (\w+)", config.option.markexpr)
    return any(f"mark.{mark}" in marked[0] for mark in ruled_out if marked) or None


def pytest_collection_modifyitems(items):
    place = {name: k for k, name in enumerate(LONGEST)}
    rest = lambda path: len(place) + (path.suffix != ".ipynb")
    items.sort(key=lambda item: place.get(item.path.name, rest(item.path)))
