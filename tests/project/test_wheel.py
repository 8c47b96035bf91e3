"""What ``pip install .`` brings is the whole package, and it works where no checkout is."""

import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
USE = """
import sys
sys.path.insert(0, sys.argv[1])
import ibnotes as ib, numpy as np
assert ib.__file__.startswith(sys.argv[1]), ib.__file__
problem = ib.make_separable(np.random.default_rng(0), n=20, d=3)
run = ib.descend((problem.X, problem.y), ib.GradientDescent(0.1), steps=1000)
ib.use_style()
print(all(hasattr(ib, name) for name in ib.__all__), ib.direction_gap(run.w[-1], ib.max_margin(problem.X, problem.y).w))
"""


@pytest.mark.slow
def test_the_wheel_is_complete_and_works_without_the_checkout(tmp_path):
    source = tmp_path / "source"  # setuptools leaves what it built beside it
    shutil.copytree(ROOT / "ibnotes", source / "ibnotes", ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, source)
    build = [
        sys.executable,
        "-m",
        "pip",
        "wheel",
        "--quiet",
        "--no-deps",
        "--no-build-isolation",
        "-w",
        tmp_path,
        source,
    ]
    subprocess.run(build, check=True)
    (path,) = tmp_path.glob("*.whl")
    with zipfile.ZipFile(path) as wheel:
        packed = {name for name in wheel.namelist() if name.startswith("ibnotes/")}
        wheel.extractall(tmp_path / "installed")
    files = [each for each in (source / "ibnotes").rglob("*") if each.is_file()]
    assert packed == {each.relative_to(source).as_posix() for each in files}
    command = [sys.executable, "-I", "-c", USE, tmp_path / "installed"]
    run = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    assert run.returncode == 0, run.stderr
    assert run.stdout.startswith("True 0.")
