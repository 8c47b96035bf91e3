"""Two wings that share no code: the contracts hold, and what breaks one is reported."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SCRIPT = """
import sys
sys.path.insert(0, ".")
from importlinter.cli import lint_imports
sys.exit(lint_imports(no_cache=True))
"""
FORBIDDEN = {
    "a run that asks the theory": ("dynamics/descent.py", "ibnotes.theory.max_margin"),
    "a theory that runs": ("theory/risk.py", "ibnotes.dynamics.descent"),
    "a problem that measures": ("problems/instances.py", "ibnotes.measures"),
    "a circle": ("theory/max_margin.py", "ibnotes.theory.asymptotics"),
}


def lint(root):
    return subprocess.run([sys.executable, "-c", SCRIPT], cwd=root, capture_output=True, text=True, check=False)


pytestmark = pytest.mark.slow


@pytest.fixture
def checkout(tmp_path):
    shutil.copytree(ROOT / "ibnotes", tmp_path / "ibnotes", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


def test_the_package_keeps_its_contracts(checkout):
    assert lint(checkout).returncode == 0


@pytest.mark.parametrize(("module", "imported"), FORBIDDEN.values(), ids=FORBIDDEN)
def test_a_forbidden_import_is_reported(checkout, module, imported):
    path = checkout / "ibnotes" / module
    path.write_text(f"{path.read_text()}\nimport {imported}\n")
    report = lint(checkout)
    assert report.returncode != 0
    assert "BROKEN" in report.stdout
    assert f".{Path(module).stem} -> " in report.stdout


def test_no_module_is_longer_than_one_idea():
    lengths = {path.name: len(path.read_text().splitlines()) for path in (ROOT / "ibnotes").rglob("*.py")}
    assert max(lengths.values()) <= 250, lengths
