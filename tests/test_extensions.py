"""The Sphinx extensions that keep pages fresh and offline."""

import importlib.util
from pathlib import Path
from types import SimpleNamespace

EXTENSIONS = Path(__file__).resolve().parent.parent / "book" / "_ext"


def load(name):
    spec = importlib.util.spec_from_file_location(name, EXTENSIONS / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


freshness, offline = load("freshness"), load("offline")


def test_the_cache_moves_with_any_change_of_the_package(tmp_path):
    hashes = set()
    for name, content in [("a.py", "x = 1"), ("a.py", "x = 2"), ("a.mplstyle", "x = 2"), ("b.py", "")]:
        (tmp_path / name).write_text(content)
        hashes.add(freshness.package_hash(tmp_path))
    assert len(hashes) == 4
    assert freshness.package_hash(tmp_path) in hashes


def test_the_cache_path_is_set_before_sphinx_compares_it():
    config = SimpleNamespace(nb_execution_cache_path="")
    freshness.key_cache_on_package(SimpleNamespace(srcdir=EXTENSIONS.parent.parent), config)
    assert config.nb_execution_cache_path.endswith(freshness.package_hash(EXTENSIONS.parent.parent / "ibnotes"))


def test_the_ledger_depends_on_every_notebook_and_on_the_claims():
    noted = []
    app = SimpleNamespace(srcdir=EXTENSIONS.parent.parent, env=SimpleNamespace(note_dependency=noted.append))
    freshness.declare_what_the_ledger_reads(app, "book/max_margin", [])
    assert noted == []
    freshness.declare_what_the_ledger_reads(app, freshness.LEDGER, [])
    assert {Path(path).name for path in noted} >= {"max_margin.ipynb", "infinitely_many_solutions.ipynb", "claims.toml"}


def test_thebe_is_dropped_and_nothing_else():
    scripts = [
        "_static/sphinx-thebe.js",
        SimpleNamespace(attributes={"body": "const THEBE_JS_URL"}),
        "_static/doctools.js",
    ]
    context = {"script_files": scripts}
    offline.drop_thebe(None, "page", "page.html", context, None)
    assert context["script_files"] == ["_static/doctools.js"]
