"""What the README promises to work, works."""

import re
from pathlib import Path

import numpy as np
import pytest

import ibnotes

ROOT = Path(__file__).resolve().parents[2]


EXAMPLES = re.compile(r"```python\n(.*?)```", re.DOTALL)


def pages(*names):
    return "".join((ROOT / name).read_text(encoding="utf-8") for name in names)


@pytest.mark.slow
@pytest.mark.parametrize(("page", "examples"), [("README.md", 1), ("book/index.md", 1), ("book/own_data.md", 4)])
def test_the_examples_run_on_ones_own_data(page, examples, tmp_path, monkeypatch, capsys):
    problem = ibnotes.make_separable(np.random.default_rng(0), n=30, d=4)
    np.save(tmp_path / "X.npy", problem.X)
    np.save(tmp_path / "y.npy", problem.y)
    monkeypatch.chdir(tmp_path)
    found = EXAMPLES.findall(pages(page))
    assert len(found) == examples
    for lines in found:
        exec(lines, {})
        assert capsys.readouterr().out


def test_every_make_target_is_explained_and_there():
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    told = set(re.findall(r"`make ([a-z-]+)", pages("README.md", "CONTRIBUTING.md")))
    there = set(re.search(r"^\.PHONY: (.+)$", makefile, re.MULTILINE)[1].split())
    assert told == there - {"browser"}  # a step of others


def test_links_and_pictures_of_the_pages_lead_somewhere():
    names = ("README.md", "CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md")
    links = [link for name in names for link in re.findall(r"\]\(([^)]+?)(?:#.*?)?\)", pages(name))]
    assert len(links) > 10
    assert [link for link in links if "://" not in link and not (ROOT / link).exists()] == []


def test_every_direct_dependency_is_explained():
    readme = (ROOT / "README.md").read_text().lower()
    requirements = (ROOT / "requirements.txt").read_text()
    assert [name for name in re.findall(r"^([\w-]+)==", requirements, re.MULTILINE) if name.lower() not in readme] == []
