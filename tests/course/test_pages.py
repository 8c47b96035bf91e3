"""Nothing of a student's runs in the instructor's browser, and nothing on its pages asks the network.

Feedback is opened from disk; Formgrader runs as it would, on loopback. Beside the attacker is a student whose figures
and formulas are all still there.
"""

import json
import os
import re
import socket
import subprocess
import sys
import time
import urllib.request

import nbformat
import pytest
from grading.course import connect
from nbformat.v4 import new_code_cell, new_markdown_cell, new_raw_cell
from nbgrader.utils import notebook_hash

from tests.course.small_course import grade, make_course, notebook, write

pytestmark = pytest.mark.slow

RAN = "(parent.ran = parent.ran || []).push({0!r}); (top.ran = top.ran || []).push({0!r})"
SCRIPT = "<script>" + RAN + "</script>"
SVG = '<svg xmlns="http://www.w3.org/2000/svg" onload="{}"><script>{}</script></svg>'
MARKDOWN = {
    "script": SCRIPT,
    "image": f'<img src="x" onerror="{RAN}">',
    "svg": f'<svg onload="{RAN}"></svg>',
    "frame": f'<iframe srcdoc="&lt;script&gt;{RAN}&lt;/script&gt;"></iframe>',
    "frame of data": f'<iframe src="data:text/html,<script>{RAN}</script>"></iframe>',
    "details": f'<details open ontoggle="{RAN}">x</details>',
    "link": "[press](javascript:{})".format("top.ran=['link']"),
    "link, encoded": "<a href='java&#9;script:{}'>press</a>".format("top.ran=[1]"),
    "link to a file": "[press](page.html)",
    "form": '<form action="https://evil.example/"><button>press</button></form>',
    "input": f'<input autofocus onfocus="{RAN}">',
    "style": "<style>@import url(https://evil.example/s.css);body{{display:none}}</style>",
    "base": '<base href="https://evil.example/">',
    "refresh": '<meta http-equiv="refresh" content="0;url=https://evil.example/">',
    "remote picture": "![x](https://evil.example/x.png) <img src='//evil.example/y.png'>",
    "server's address": "<img src='/logout'>",
    "attachment": "![x](attachment:evil.svg)",
    "attachment, missing": "![x](attachment:none.png)",
    "formula": r"$\href{{javascript:top.ran=[1]}}{{x}}$ $\text{{<img src=x onerror=top.ran=[1]>}}$",
    "mathml": "<math><mtext><table><mglyph><style><!--</style>"
    "<img title='--&gt;&lt;img src=1 onerror=top.ran=[1]&gt;'>",
    "code": "```html\n" + SCRIPT + "\n```\n```mermaid\n</pre>" + SCRIPT + "\n```",
}
DISPLAYED = {
    "text/html": SCRIPT,
    "text/markdown": SCRIPT,
    "text/latex": "$x$" + SCRIPT,
    "image/svg+xml": SVG.format(RAN, RAN),
    "application/javascript": RAN,
    "image/png": '"><script>' + RAN + "</script>",
    "text/plain": SCRIPT,
    "application/vnd.jupyter.widget-view+json": {"model_id": "x"},
    "text/unheard-of": SCRIPT,
}
FIGURE = "import matplotlib.pyplot as plt\nplt.plot([1, 2])\nplt.show()"


def mallory():
    """A notebook that tries what markup, outputs, labels and metadata can do."""
    nb = notebook()
    nb.cells += [new_markdown_cell(text.format(name)) for name, text in MARKDOWN.items()]
    nb.cells[-4].attachments = {"evil.svg": {"image/svg+xml": SVG.format(RAN.format("attachment"), "")}}
    for kind, content in DISPLAYED.items():
        shown = content.format(kind) if isinstance(content, str) else content
        bundle, sizes = {kind: shown}, {kind: {"width": '1"><script>top.ran=[1]</script>'}}
        source = f"from IPython.display import display\ndisplay({bundle!r}, raw=True, metadata={sizes!r})"
        nb.cells.append(new_code_cell(source))
    nb.cells.append(new_raw_cell(SCRIPT.format("raw"), metadata={"raw_mimetype": "text/html", "format": "text/html"}))
    nb.cells.append(
        new_code_cell("raise type('<script>top.ran=[1]</script>', (Exception,), {})('<script>top.ran=[2]</script>')")
    )
    nb.cells.append(new_code_cell("print('" + SCRIPT.format("stream").replace("'", '"') + "')"))
    nb.metadata["title"] = nb.metadata["authors"] = SCRIPT.format("title")
    nb.metadata["language_info"] = {"name": SCRIPT.format("language"), "pygments_lexer": SCRIPT.format("lexer")}
    nb.cells[-2].metadata = {"tags": [SCRIPT.format("tag")], "name": SCRIPT.format("name")}
    nb.cells[-1].id = '"><script>top.ran=[1]</script>'
    return nb


def ada():
    """What a student shows who means well."""
    nb = notebook()
    prose = "**Proof.** For $x < y$, $$\\frac{a}{b} \\le \\|w\\|_2$$\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n[source](https://arxiv.org)"
    nb.cells += [new_markdown_cell(prose + "\n\n![photo](photo.png)"), new_code_cell(FIGURE)]
    return nb


@pytest.fixture(scope="module")
def graded(tmp_path_factory):
    root = tmp_path_factory.mktemp("pages") / "course"
    make_course(root)
    pixel = bytes.fromhex(
        "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d4944415478da63fcffff3f0300050001"
        "5c0d9a1b0000000049454e44ae426082"
    )
    write(root / "submitted" / "mallory" / "ps0" / "small.ipynb", json.dumps(mallory()))
    write(root / "submitted" / "mallory" / "ps0" / "page.html", SCRIPT.format("page"))
    write(root / "submitted" / "ada" / "ps0" / "small.ipynb", ada())
    write(root / "submitted" / "ada" / "ps0" / "photo.png", pixel)
    write(root / "submitted" / "ada" / "ps0" / "timestamp.txt", "2027-01-15 12:00:00 UTC")
    write(root / "submitted" / "ada" / "ps0" / "submission_secret.txt", "whisper")
    _, rows = grade(root)
    assert {student: (row["score"], row["trouble"]) for student, row in rows.items()} == {
        "ada": ("5.0", ""),
        "mallory": ("5.0", ""),
    }
    return root


@pytest.fixture(scope="module")
def formgrader(graded, tmp_path_factory):
    """A Jupyter server with Formgrader on the course; the address under which it shows a student's notebook."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    server = [sys.executable, "-m", "jupyter", "server", "--allow-root", "--ServerApp.open_browser=False"]
    options = [f"--ServerApp.port={port}", "--IdentityProvider.token=secret", f"--ServerApp.root_dir={graded}"]
    extension = "--ServerApp.jpserver_extensions={'nbgrader.server_extensions.formgrader': True}"
    home = tmp_path_factory.mktemp("home")
    environment = {**os.environ, "HOME": str(home), "IPYTHONDIR": str(home), "JUPYTER_CONFIG_DIR": str(home)}
    with (home / "log").open("w") as log:
        process = subprocess.Popen([*server, *options, extension], cwd=graded, env=environment, stdout=log, stderr=log)
    try:
        wait_for(f"http://127.0.0.1:{port}/api", process, home / "log")
        with connect(graded).gradebook as gradebook:
            number = {name: gradebook.find_submission_notebook("small", "ps0", name).id for name in ("ada", "mallory")}
        yield {name: f"http://127.0.0.1:{port}/formgrader/submissions/{number[name]}/?token=secret" for name in number}
    finally:
        process.terminate()
        process.wait(20)


def wait_for(address, process, log):
    deadline = time.monotonic() + 180
    while time.monotonic() < deadline and process.poll() is None:
        try:
            return urllib.request.urlopen(address, timeout=5).close()
        except OSError:
            time.sleep(0.2)
    raise AssertionError(log.read_text())


@pytest.fixture
def look(browser, graded, request):
    """Opens a page of a student's; yields it with what has run on it, and what it asked of others."""

    def opened(where, student):
        page = browser.new_page()
        outside = []
        page.on(
            "request", lambda r: outside.append(r.url) if not re.match("file:|data:|http://127.0.0.1", r.url) else None
        )
        page.on("dialog", lambda dialog: dialog.dismiss())
        if where == "feedback":
            page.goto((graded / "feedback" / student / "ps0" / "small.html").as_uri())
        else:
            page.goto(request.getfixturevalue("formgrader")[student])
        page.wait_for_load_state("networkidle")
        return page, outside

    return opened


NEAR = "file:|data:|http://127.0.0.1"
PAGES = ["feedback", "formgrader"]


@pytest.mark.parametrize("where", PAGES)
def test_nothing_of_a_students_runs(look, where):
    page, outside = look(where, "mallory")
    shown = page.locator("#notebook").first
    assert "def double" in shown.inner_text()  # it is the notebook
    assert shown.locator("div.cell").count() > len(MARKDOWN) + len(DISPLAYED)
    for link in shown.locator("a").all():
        link.evaluate("link => { link.target = '_blank'; }")
        assert re.match("https?://|#", link.get_attribute("href") or "#")
    assert page.evaluate("window.ran") is None
    assert outside == []
    for tag in ("script", "iframe", "svg", "form[action]", "style", "base", "meta", "object", "embed"):
        assert shown.locator(tag).count() == 0, tag
    handlers = "[...document.querySelectorAll('#notebook *')].flatMap(e => [...e.attributes])"
    assert page.evaluate(f"{handlers}.filter(a => a.name.startsWith('on')).length") == 0
    page.close()


@pytest.mark.parametrize("where", PAGES)
def test_figures_and_formulas_stay(look, where, tmp_path):
    page, outside = look(where, "ada")
    shown = page.locator("#notebook").first
    assert shown.locator("math").count() == 2
    assert shown.locator("math[display=block] mfrac").bounding_box()["height"] > 15
    assert shown.locator("table td").count() == 2
    assert shown.locator("strong", has_text="Proof.").count() == 1
    assert shown.locator("a[href='https://arxiv.org']").count() == 1
    pictures = shown.locator("img")
    assert pictures.count() == 2
    assert all(picture.evaluate("image => image.naturalWidth") > 0 for picture in pictures.all())
    assert outside == []
    if os.environ.get("IBNOTES_PICTURES"):
        page.screenshot(path=f"{os.environ['IBNOTES_PICTURES']}/{where}.png", full_page=True)
    page.close()


def test_on_a_page_made_without_care_it_runs(browser, tmp_path):
    cells = [new_markdown_cell(MARKDOWN[name].format(name)) for name in ("script", "image", "svg", "frame", "details")]
    write(tmp_path / "small.ipynb", nbformat.v4.new_notebook(cells=cells))
    careless = [sys.executable, "-m", "nbconvert", "--to", "html", "--template", "classic", "small.ipynb"]
    subprocess.run(careless, cwd=tmp_path, check=True, capture_output=True)
    page = browser.new_page()
    page.goto((tmp_path / "small.html").as_uri(), wait_until="domcontentloaded")
    assert len(page.evaluate("window.ran")) > 3
    page.close()


def test_feedback_goes_back_through_the_exchange(graded, tmp_path, monkeypatch):
    """Under a name that only who handed in can know."""
    monkeypatch.setenv("NBGRADER_EXCHANGE", str(tmp_path))
    (tmp_path / "ibnotes").mkdir()
    assert connect(graded).release_feedback("ps0", "ada")["success"]
    released = tmp_path / "ibnotes" / "feedback" / f"{notebook_hash(secret='whisper', notebook_id='small')}.html"
    assert released.read_text() == (graded / "feedback" / "ada" / "ps0" / "small.html").read_text()


def test_the_graded_copy_itself_is_clean(graded):
    """Whoever opens it elsewhere meets nothing that runs either."""
    copy = nbformat.read(graded / "autograded" / "mallory" / "ps0" / "small.ipynb", as_version=4)
    outputs = [output for cell in copy.cells if cell.cell_type == "code" for output in cell.outputs]
    assert {kind for output in outputs for kind in output.get("data", {})} <= {"text/plain", "image/png"}
    assert {cell.cell_type for cell in copy.cells} == {"code", "markdown"}
    assert {key for cell in copy.cells for key in cell.metadata} <= {"nbgrader"}
    assert set(copy.metadata) == {"kernelspec", "language_info"}
    assert not (graded / "autograded" / "mallory" / "ps0" / "page.html").exists()
