"""JupyterLab as a reader meets it: a chapter reads as on its page; a cell is changed and run; figures are live."""

import datetime
import json
import socket
import subprocess
import sys
import time
import urllib.request
from contextlib import suppress

import lab
import nbformat
import pytest
from browser import move_slider
from carried import live_cell
from nbformat.v4 import new_code_cell, new_notebook
from playwright.sync_api import TimeoutError

pytestmark = [pytest.mark.book, pytest.mark.slow]

CHECK = """import numpy as np
import ibnotes as ib

ib.verify("Archimedes", ib.Check("I1", "pi", 22 / 7, np.pi, 2e-3, control=3.0, broken="an older value"))"""
SETTINGS = {
    "notebook-extension:tracker": '{"windowingMode": "none"}',  # all cells at once
    "apputils-extension:themes": '{"theme": "JupyterLab Dark"}',
}


def set_up(server, name):
    body = json.dumps({"raw": SETTINGS[name]}).encode()
    urllib.request.urlopen(
        urllib.request.Request(f"{server}lab/api/settings/@jupyterlab/{name}", body, method="PUT")
    ).close()


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """The address of a JupyterLab of its own, with the notebooks laid out and JupyterLab set up as `make lab` does."""
    folder, found = tmp_path_factory.mktemp("lab"), lab.sources()
    lab.lay_out(folder, found, datetime.date(2026, 1, 1))
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    # not trusted; a PNG that is none is an image all the same
    cells = [new_code_cell(CHECK), live_cell("max_margin", b"a still")]
    nbformat.write(new_notebook(cells=cells, metadata={"kernelspec": kernel}), folder / "check.ipynb")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    options = [f"--notebook-dir={folder}", f"--port={port}", "--ServerApp.token=", "--allow-root", "--no-browser"]
    options += [f"--LabApp.user_settings_dir={folder / 'settings'}", "--ServerApp.disable_check_xsrf=True"]
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("JUPYTER_DATA_DIR", str(tmp_path_factory.mktemp("data")))  # where it keeps what is trusted
        lab.trust(folder, found)
        command = [sys.executable, "-m", "jupyterlab", *options]
        process = subprocess.Popen(command, stderr=subprocess.DEVNULL, env=lab.environment())
    address = f"http://127.0.0.1:{port}/"
    end = time.monotonic() + 60
    while time.monotonic() < end:
        try:
            urllib.request.urlopen(f"{address}api", timeout=1).close()
            break
        except OSError:
            time.sleep(0.2)
    set_up(address, "notebook-extension:tracker")
    yield address
    process.terminate()
    process.wait()


@pytest.fixture(scope="module")
def page(browser, server):
    context = browser.new_context(viewport={"width": 1100, "height": 900})
    page = context.new_page()
    # where a cell is run before the kernel has come
    page.add_locator_handler(page.locator(".jp-Dialog"), lambda asked: asked.locator(".jp-mod-accept").click())
    yield page
    context.close()


def show(page, server, name):
    page.goto(f"{server}lab/tree/{name}.ipynb?reset")  # nothing that was open before
    page.locator(".jp-Notebook .jp-Cell").first.wait_for(state="attached", timeout=60_000)


def test_a_check_that_fails_speaks_in_words(page, server):
    show(page, server, "check")
    output = page.locator(".jp-OutputArea")
    run_until(page, 0, output.locator(".verification"))
    page.locator(".jp-CodeCell .cm-content").first.click()
    page.keyboard.press("Control+A")
    page.keyboard.insert_text(CHECK.replace("control=3.0", "control=22 / 7"))
    error = output.locator("pre", has_text="✗ pi").first
    run_until(page, 0, error)
    assert "without the hypothesis too (an older value)" in " ".join(error.inner_text().split())
    assert "verify.py" not in error.inner_text()


def test_a_figure_is_a_still_until_its_cell_is_trusted_or_run(page, server):
    """On the page that is open: light."""
    still = page.locator('.jp-OutputArea img[alt^="A still"]')
    assert (still.count(), page.locator("iframe").count()) == (1, 0)
    run_until(page, 1, page.locator('iframe[title="Live figure"]'))
    assert move_slider(page) == ("log t = 2.09", "log t = 1000")
    assert still.count() == 0
    assert looks(page) == ["rgb(255, 255, 255)", "rgba(0, 0, 0, 0.87)"]


def test_a_chapter_reads_as_on_its_page(page, server):
    set_up(server, "apputils-extension:themes")
    show(page, server, "infinitely_many_solutions")
    there = lambda locator: locator.first.wait_for(state="attached", timeout=60_000)
    there(page.locator(".jp-Notebook h1", has_text="Infinitely many solutions"))
    there(page.locator(".jp-Notebook blockquote:has(.katex, mjx-container)", has_text="Proposition 1"))
    there(page.locator(".jp-Notebook details:has(.katex, mjx-container)", has_text="Proof"))
    there(page.locator(".jp-OutputArea img"))
    assert page.locator(".jp-Notebook .jp-InputPlaceholder, .jp-Notebook .jp-Placeholder").count() > 10
    sizes = page.locator(".jp-OutputArea img").evaluate_all("all => all.map(each => each.naturalWidth)")
    assert len(sizes) >= 3
    assert min(sizes) > 400
    text = page.locator(".jp-Notebook").inner_text()
    assert ":::" not in text
    assert "{prf" not in text


def test_boxes_and_figures_are_light_words_on_a_dark_page(page):
    """Of the chapter that is open."""
    page.wait_for_function("document.body.dataset.jpThemeLight === 'false'")
    colours = page.locator(".jp-Notebook blockquote p").evaluate_all(
        "all => all.map(each => getComputedStyle(each).color.match(/[0-9.]+/g).map(Number))"
    )
    assert min(min(colour[:3]) for colour in colours) > 150
    assert looks(page) == ["rgb(17, 17, 17)", "rgb(255, 255, 255)"]


def test_the_figure_of_a_chapter_is_live_when_it_opens(page):
    before, after = move_slider(page)
    assert before != after
    assert page.locator('.jp-OutputArea img[alt^="A still"]').count() == 0


def looks(page):
    """The background and the colour of words of the first live figure."""
    root = page.frame_locator('iframe[title="Live figure"]').first.locator(":root")
    return root.evaluate("root => ['backgroundColor', 'color'].map(each => getComputedStyle(root)[each])")


def run_until(page, cell, shown):
    """Run a cell, again where the kernel was not there yet."""
    for _ in range(10):
        page.locator(".jp-CodeCell .cm-content").nth(cell).click()
        page.keyboard.press("Control+Enter")
        with suppress(TimeoutError):
            return shown.wait_for(timeout=6_000)
    raise AssertionError("the cell was not run")
