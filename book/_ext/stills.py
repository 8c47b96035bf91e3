"""Stills of the live figures, as the pages open, for notebooks, which have no place for their scripts.

Taken in Chromium where there is one, and again only when a page's figures or what they run have changed.
"""

import hashlib
import sys
from pathlib import Path

from bs4 import BeautifulSoup
from playwright.sync_api import Browser, Error, sync_playwright

sys.path.append(str(Path(__file__).resolve().parents[1] / "tools"))
from chromium import launch

SCRIPTS = Path(__file__).resolve().parents[1] / "_static" / "explorables"
VIEW = {"width": 700, "height": 900}
STILL = """
[data-explorable] { padding: 4px }
.explorable :is(.controls, .tries), #pst-back-to-top { display: none !important }
"""


def key(figures: list) -> str:
    """Of what a page's live figures are made of."""
    files = [Path(__file__), *sorted(SCRIPTS.iterdir())]
    parts = [*(path.read_bytes() for path in files), *(str(each).encode() for each in figures)]
    return hashlib.sha256(b"\0".join(parts)).hexdigest()[:16]


def photograph(browser: Browser, page: Path, names: list[str]) -> dict[str, bytes]:
    """PNGs of the mounts of these figures, in light colours."""
    view = browser.new_page(viewport=VIEW, color_scheme="light")
    try:
        view.goto(page.as_uri())
        view.add_style_tag(content=STILL)
        found = {}
        for name in names:
            mount = view.locator(f"#{name} [data-explorable]")
            mount.locator("> *").first.wait_for(timeout=30_000)
            mount.scroll_into_view_if_needed()
            found[name] = mount.screenshot(animations="disabled")
        return found
    finally:
        view.close()


def take_stills(pages: Path, kept: Path) -> dict[str, bytes]:
    """The PNG of each live figure on the ``pages``, by the figure's id; none where there is no browser.

    Those in the folder ``kept`` are not taken again.
    """
    stills, missing = {}, {}
    for page in sorted(pages.glob("*.html")):
        html = page.read_text(encoding="utf-8")
        if "data-explorable" not in html:
            continue
        figures = BeautifulSoup(html, "html.parser").select("figure.explorable:has([data-explorable])")
        names, folder = [figure["id"] for figure in figures], kept / key(figures)
        if folder.exists():
            stills |= {path.stem: path.read_bytes() for path in folder.glob("*.png")}
        elif names:
            missing[page] = names, folder
    if missing:
        try:
            with sync_playwright() as playwright:
                browser = launch(playwright)
                for page, (names, folder) in missing.items():
                    taken = photograph(browser, page, names)
                    folder.mkdir(parents=True)
                    for name, png in taken.items():
                        (folder / f"{name}.png").write_bytes(png)
                    stills |= taken
                browser.close()
        except (FileNotFoundError, Error):  # no browser, or one that does not start: notebooks have the link alone
            pass
    return stills
