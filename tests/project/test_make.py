"""What `make` does before it works: which torch it installs, that it asks for a browser first. Pip is a fake one."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
CPU = "https://download.pytorch.org/whl/cpu"
FAKE_PIP = """#!/bin/sh
echo "$@" >> pip.log
case "$*" in *index-url*) exit ${CPU_INDEX_FAILS:-0};; esac
"""
FAKE_PYTHON = """#!/bin/sh
mkdir -p "$3/bin" && cp pip "$3/bin/pip"
"""


@pytest.fixture
def checkout(tmp_path):
    """A folder with the Makefile, and a Python whose environments hold a pip that only keeps a log."""
    for name in ("Makefile", "requirements.txt", "constraints.txt", "pyproject.toml"):
        shutil.copy(ROOT / name, tmp_path)
    for name, text in (("pip", FAKE_PIP), ("python", FAKE_PYTHON)):
        (tmp_path / name).write_text(text)
        (tmp_path / name).chmod(0o755)
    return tmp_path


def install(checkout, *settings, **environment):
    """What pip was asked for."""
    command = ["make", ".venv/.ready", "PYTHON=./python", "SYSTEM=Linux", *settings]
    run = subprocess.run(command, cwd=checkout, env={**os.environ, **environment}, capture_output=True, text=True)
    assert run.returncode == 0, run.stderr
    assert (checkout / ".venv" / ".ready").exists()
    return (checkout / "pip.log").read_text().splitlines(), run.stdout


def pinned_torch():
    return next(line for line in (ROOT / "requirements.txt").read_text().splitlines() if line.startswith("torch=="))


@pytest.mark.parametrize("fails", ["0", "1"])
def test_torch_comes_from_the_cpu_index_or_else_from_plain_pip(checkout, fails):
    (torch, rest), said = install(checkout, CPU_INDEX_FAILS=fails)
    assert f"--index-url {CPU} --no-deps --retries 0 --timeout 5 {pinned_torch()}" in torch
    assert rest.endswith("-r requirements.txt")
    assert "index" not in rest
    assert ("no torch from" in said) == (fails == "1")


@pytest.mark.parametrize("setting", ["TORCH=default", "SYSTEM=Darwin"])
def test_the_index_can_be_skipped_and_macs_do_without(checkout, setting):
    requests, _ = install(checkout, setting, CPU_INDEX_FAILS="1")
    assert len(requests) == 1
    assert requests[0].endswith("-r requirements.txt")


def test_the_newest_versions_are_one_setting_away(checkout):
    (torch, rest), _ = install(checkout, "PINS=no")
    assert torch.endswith(" torch")
    assert rest.endswith("-e .[book,test]")


def test_a_failed_installation_is_not_taken_for_a_done_one(checkout):
    (checkout / "pip").write_text("#!/bin/sh\nexit 1\n")
    assert subprocess.run(["make", ".venv/.ready", "PYTHON=./python"], cwd=checkout, capture_output=True).returncode
    assert not (checkout / ".venv" / ".ready").exists()


@pytest.mark.parametrize("target", ["test", "pdf"])
def test_the_browser_is_asked_for_before_any_work(checkout, target):
    run = subprocess.run(["make", "-n", target], cwd=checkout, capture_output=True, text=True, check=True)
    assert run.stdout.index("chromium.py") < run.stdout.index("jupyter-book build")
