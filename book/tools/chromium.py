"""The browser that prints the book and tests its pages: Chromium or Chrome where there is one, else Playwright's own.

usage: python book/tools/chromium.py

Fetches Playwright's own where there is none; where that fails, says in one line how to install one.
"""

import shutil
import subprocess
import sys
from pathlib import Path

from playwright.sync_api import Browser, Playwright, sync_playwright

NAMES = (
    "chromium-headless-shell",  # the same engine without a desktop's parts: 0.7 of the CPU time on these pages
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
)
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
INSTALL = "brew install --cask chromium" if sys.platform == "darwin" else "sudo apt-get install chromium"
MISSING = f"the pages are opened in Chromium or Chrome, and there is none here: {INSTALL}"


def installed() -> str | None:
    """Path of the machine's Chromium or Chrome."""
    return next(filter(None, map(shutil.which, NAMES)), None)


def launch(playwright: Playwright) -> Browser:
    """The browser, running.

    Raises:
        FileNotFoundError: where there is none; says how to install one.
    """
    path = installed() or playwright.chromium.executable_path
    if not Path(path).exists():
        raise FileNotFoundError(MISSING)
    return playwright.chromium.launch(executable_path=path, args=FLAGS)


def main() -> int:
    if installed():
        return 0
    subprocess.run([sys.executable, "-m", "playwright", "install", "chromium"], capture_output=True)
    with sync_playwright() as playwright:
        try:
            launch(playwright).close()
        except Exception:  # not there, or the machine lacks a library that it needs
            sys.exit(MISSING)
    return 0


if __name__ == "__main__":
    sys.exit(main())
