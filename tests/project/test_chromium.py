"""The browser is Chromium or Chrome where there is one, else Playwright's own, else one line that says what to do."""

import os
import subprocess
import sys
from pathlib import Path

import chromium
import pytest
from playwright.sync_api import sync_playwright


def fake_browser(folder, name):
    (folder / name).write_text("#!/bin/sh\n")
    (folder / name).chmod(0o755)
    return str(folder / name)


@pytest.mark.parametrize("name", [name for name in chromium.NAMES if "/" not in name])
def test_any_name_of_the_browser_is_found(tmp_path, monkeypatch, name):
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(chromium, "NAMES", [each for each in chromium.NAMES if "/" not in each])
    assert chromium.installed() is None
    path = fake_browser(tmp_path, name)
    assert chromium.installed() == path


def without_browser(tmp_path, *command):
    """Run a command where the machine has no browser, and Playwright neither has one nor can fetch it."""
    environment = {
        **os.environ,
        "PATH": str(tmp_path),
        "PLAYWRIGHT_BROWSERS_PATH": str(tmp_path / "browsers"),
        "PLAYWRIGHT_DOWNLOAD_HOST": "http://127.0.0.1:9",  # nobody listens
    }
    return subprocess.run([sys.executable, *command], env=environment, capture_output=True, text=True)


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "darwin", reason="a Mac's browsers are found without PATH")
def test_without_any_there_is_one_line_that_installs_it(tmp_path):
    run = without_browser(tmp_path, chromium.__file__)
    assert run.returncode == 1
    assert run.stdout == ""
    assert run.stderr == chromium.MISSING + "\n"
    assert "install" in chromium.INSTALL


@pytest.mark.slow
def test_with_one_there_is_nothing_to_say_or_to_fetch(tmp_path):
    fake_browser(tmp_path, "google-chrome")
    run = without_browser(tmp_path, chromium.__file__)
    assert (run.returncode, run.stdout, run.stderr) == (0, "", "")


class Recorder:
    """Stands for Playwright: keeps what is launched."""

    def __init__(self, own: Path):
        self.chromium, self.executable_path = self, str(own)

    def launch(self, executable_path, args):
        return executable_path


def test_playwrights_own_is_launched_where_the_machine_has_none(tmp_path, monkeypatch):
    monkeypatch.setattr(chromium, "NAMES", ["chromium"])
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    own = tmp_path / "own"
    with pytest.raises(FileNotFoundError, match="install chromium"):
        chromium.launch(Recorder(own))
    own.touch()
    assert chromium.launch(Recorder(own)) == str(own)
    (tmp_path / "bin").mkdir()
    path = fake_browser(tmp_path / "bin", "chromium")
    assert chromium.launch(Recorder(own)) == path


@pytest.mark.slow
def test_the_browser_found_here_runs():
    with sync_playwright() as playwright:
        browser = chromium.launch(playwright)
        assert browser.version
        browser.close()
