"""What the README promises to work, works."""

import re
from pathlib import Path

import numpy as np
import pytest

import ibnotes

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize("page", ["README.md", "book/index.md"])
def test_the_ten_lines_run_on_ones_own_data(page, tmp_path, monkeypatch, capsys):
    problem = ibnotes.make_separable(np.random.default_rng(0), n=30, d=4)
    np.save(tmp_path / "X.npy", problem.X)
    np.save(tmp_path / "y.npy", problem.y)
    monkeypatch.chdir(tmp_path)
    for lines in re.findall(r"```python\n(.*?)```", (ROOT / page).read_text(encoding="utf-8"), flags=re.DOTALL):
        exec(lines, {})
    assert "max margin" in capsys.readouterr().out


def test_every_make_target_is_there_and_the_picture_too():
    readme, makefile = (ROOT / "README.md").read_text(), (ROOT / "Makefile").read_text()
    targets = set(re.findall(r"`make ([a-z-]+)`", readme))
    assert targets >= {"book", "test", "test-quick", "lab", "notebooks", "bench"}
    assert all(f"\n{target}:" in makefile for target in targets)
    assert all((ROOT / picture).exists() for picture in re.findall(r"!\[.*?\]\((.*?)\)", readme))


def test_every_direct_dependency_is_explained():
    readme = (ROOT / "README.md").read_text().lower()
    requirements = (ROOT / "requirements.txt").read_text()
    assert [name for name in re.findall(r"^([\w-]+)==", requirements, re.MULTILINE) if name.lower() not in readme] == []
