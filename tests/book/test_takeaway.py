"""The notebooks that pages offer say what the pages say, in plain Markdown; where a reader plays with them."""

import datetime
import re
import subprocess
import sys
from base64 import b64encode
from contextlib import nullcontext
from types import SimpleNamespace

import lab
import nbformat
import pytest
import stills
import takeaway
from browser import HTML, move_slider, soup, watched
from bs4 import BeautifulSoup
from nbformat.v4 import new_code_cell, new_notebook, new_output
from test_book import CHAPTERS

DIRECTIVE = re.compile(r"^(:::|```\{)|\{[a-z:]+\}`", re.MULTILINE)
PNG = b"a picture"
ADDED = tuple(f"# @title {title}\n" for title in (takeaway.INSTALLS, takeaway.WRITES, takeaway.SHOWS))
PAGE = """<article><section><h1>Title<a class="headerlink">#</a></h1>
<p>A <em>word</em>, a_b, <span class="math">\\(x_1*x_2\\)</span>, <a href="other.html#here" title="long">there</a>,
<a href="#near">here</a>, <a href="https://example.org/a">away</a>.</p>
<div class="math" id="eq"><span class="eqno">(3)<a class="headerlink">#</a></span>\\[\\begin{aligned} a &amp;= b
\\\\ c\\end{aligned}\\]</div>
<div class="proof theorem admonition"><p class="admonition-title"><span>Theorem 2 </span> (Name)
<a class="report">report an error</a></p><section><p>Let</p><div class="math">\\[ a \\]</div></section></div>
<details class="proof" open="open"><summary>Proof</summary><p>Clear.</p></details>
<div class="cell"><details class="hide"><summary><p class="collapsed">Code of the figure</p><p class="expanded">Hide</p>
</summary><div class="cell_input"><pre>plot( 1 )</pre></div></details><div class="cell_output"><figure id="f">
<img alt="in words" src="a.svg"/><figcaption><p><span class="caption-number">Fig. 1 </span>See <b>this</b>.</p>
</figcaption></figure></div></div>
<section><h2>Next</h2><figure class="explorable" id="explore"><div data-explorable="max_margin"></div><figcaption>
<p>Try.</p></figcaption></figure><div class="cell"><div class="cell_input"><pre>open("data/t.csv")</pre></div></div>
</section></section></article>"""


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    book = tmp_path_factory.mktemp("book")
    (book / "data").mkdir()
    (book / "data" / "t.csv").write_text("a,b\n")
    forms = {"image/svg+xml": "<svg/>", "image/png": "iVBO", "text/plain": "<Figure>"}
    picture = new_output("display_data", forms, metadata={"image/png": {"width": 640}})
    code = ["plot(1)", 'glue("a", 1)', 'open("data/t.csv")']
    executed = new_notebook(cells=[new_code_cell(each) for each in code])
    executed.cells[0].outputs = [picture]
    package = "git+https://example.org/me/book"
    return takeaway.takeaway(PAGE, executed, "../html/book/page.html", package, book, {"explore": PNG})


def test_a_page_becomes_plain_markdown(made):
    first = made.cells[2].source
    assert first.startswith("# Title\n\nA *word*, a_b, $x_1*x_2$, [there](../html/book/other.html#here),")
    assert "[here](../html/book/page.html#near), [away](https://example.org/a)." in first
    assert r"$$\begin{aligned} a &= b \\ c\end{aligned} \tag{3}$$" in first
    assert "> **Theorem 2 (Name)**\n>\n> Let\n>\n> $$ a $$" in first
    assert "<details><summary>Proof</summary>\n\nClear.\n\n</details>" in first


def test_code_keeps_its_order_and_what_the_page_folds_is_folded(made):
    kinds = [(cell.cell_type, cell.source.partition("\n")[0]) for cell in made.cells]
    assert kinds == [
        ("code", "# @title Install what is missing"),
        ("code", "# @title Write the tables that it reads, where they are missing"),
        ("markdown", "# Title"),
        ("code", "# @title Code of the figure"),
        ("markdown", "**Fig. 1.** See **this**."),
        ("markdown", "## Next"),
        ("code", "# @title The live figure"),
        ("markdown", "Try."),
        ("code", "# @title Numbers for the text"),
        ("code", 'open("data/t.csv")'),
    ]
    folded = [bool(cell.metadata.get("jupyter")) for cell in made.cells if cell.cell_type == "code"]
    assert folded == [True] * 5 + [False]
    (picture,) = made.cells[3].outputs
    assert set(picture.data) == {"image/png", "text/plain"}  # an SVG is shown where the notebook is trusted
    assert picture.metadata == {"image/png": {"width": 640, "alt": "in words"}}
    assert made.cells[7].source == "Try.\n\n[On its page](../html/book/page.html#explore)"
    assert "%pip install --quiet git+https://example.org/me/book" in made.cells[0].source


def test_tables_are_written_where_they_are_missing(made, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    exec(made.cells[1].source, {})
    assert (tmp_path / "data" / "t.csv").read_text() == "a,b\n"
    (tmp_path / "data" / "t.csv").write_text("mine")
    exec(made.cells[1].source, {})
    assert (tmp_path / "data" / "t.csv").read_text() == "mine"


def test_a_live_figure_shows_the_same_when_its_cell_is_run(made):
    *_, last = made.cells[6].source.splitlines()
    code, (shown,) = made.cells[6].source.replace(last, f"shown = {last}"), made.cells[6].outputs
    exec(code, namespace := {})
    assert namespace["shown"].data == shown.data["text/html"]
    frame, still = BeautifulSoup(shown.data["text/html"], "html.parser").select_one("div").find_all(True)
    assert still["src"] == f"data:image/png;base64,{b64encode(PNG).decode()}"
    assert (still["alt"], frame["title"]) == (
        "A still of the live figure; its caption says what it shows.",
        "Live figure",
    )
    assert "ibnotes.explorable" in frame["srcdoc"]
    assert not re.findall(r"(?:src|href|url|import)\W+https?:", frame["srcdoc"])


def test_stills_are_taken_once_and_not_without_a_browser(tmp_path, monkeypatch):
    (tmp_path / "a.html").write_text(PAGE)
    (tmp_path / "b.html").write_text("<p>no live figure</p>")
    browser = SimpleNamespace(close=lambda: None)

    def launch(playwright):
        if browser is None:
            raise FileNotFoundError
        return browser

    monkeypatch.setattr(stills, "sync_playwright", nullcontext)
    monkeypatch.setattr(stills, "launch", launch)
    monkeypatch.setattr(stills, "photograph", lambda browser, page, names: dict.fromkeys(names, PNG))
    taken, browser = browser, None
    assert stills.take_stills(tmp_path, tmp_path / "kept") == {}
    browser = taken
    assert stills.take_stills(tmp_path, tmp_path / "kept") == {"explore": PNG}
    browser = None
    assert stills.take_stills(tmp_path, tmp_path / "kept") == {"explore": PNG}
    (tmp_path / "a.html").write_text(PAGE.replace("Try.", "Try it."))
    assert stills.take_stills(tmp_path, tmp_path / "kept") == {}


@pytest.fixture(scope="module")
def rendered(made, tmp_path_factory):
    """Where the pages are that nbconvert, without an extension, makes of the text of all, and of all that one holds."""
    folder = tmp_path_factory.mktemp("rendered")
    notebooks = {name: nbformat.read(HTML / "_sources" / "book" / f"{name}.ipynb", as_version=4) for name in CHAPTERS}
    for notebook in notebooks.values():
        notebook.cells = [cell for cell in notebook.cells if cell.cell_type == "markdown"]
    no_picture = nbformat.from_dict(made | {"cells": [cell for cell in made.cells if "plot" not in cell.source]})
    for name, notebook in (notebooks | {"made": no_picture}).items():
        nbformat.write(notebook, folder / f"{name}.ipynb")
    # in a process of its own: the grader, tested here too, changes what nbconvert makes
    subprocess.run([sys.executable, "-m", "nbconvert", "--to=html", "--log-level=ERROR", *folder.iterdir()], check=True)
    return folder


@pytest.mark.book
def test_a_front_end_without_extensions_shows_the_boxes(rendered):
    page = soup(rendered / "made.html")
    (box,) = page.select("blockquote")
    assert [part.get_text() for part in box.select("p")] == ["Theorem 2 (Name)", "Let", "$$ a $$"]
    assert box.select_one("strong").get_text() == "Theorem 2 (Name)"
    (proof,) = page.select("details")
    assert (proof.summary.get_text(), proof.p.get_text()) == ("Proof", "Clear.")
    assert "$x_1*x_2$" in page.get_text()
    assert r"\begin{aligned} a &= b \\ c\end{aligned} \tag{3}" in page.get_text()


@pytest.mark.book
def test_a_live_figure_is_live_in_a_page_made_of_the_notebook(rendered, browser):
    page, _, _ = watched(browser.new_context(color_scheme="light"))  # nbconvert's page asks for MathJax: in vain
    page.goto((rendered / "made.html").as_uri(), wait_until="domcontentloaded")
    before, after = move_slider(page)
    assert (before, after) == ("log t = 2.09", "log t = 1000")
    assert page.locator('img[alt^="A still"]').count() == 0
    page.context.close()


@pytest.mark.book
@pytest.mark.parametrize("name", CHAPTERS)
def test_a_chapter_without_extensions_shows_every_box_and_fold_of_its_page(rendered, name):
    page, shown = soup(HTML / "book" / f"{name}.html").select_one("article"), soup(rendered / f"{name}.html")
    assert len(shown.select("blockquote")) == len(page.select("div.admonition"))
    folds = [fold.summary.get_text() for fold in shown.select("details")]
    assert folds == [
        fold.summary.get_text() for fold in page.select("details.proof, details.solution, details.outcome")
    ]
    assert all(len(fold.get_text()) > len(fold.summary.get_text()) + 20 for fold in shown.select("details"))


@pytest.mark.book
@pytest.mark.parametrize("name", CHAPTERS)
def test_a_chapter_to_take_away_says_what_its_page_says(name):
    path = HTML / "_sources" / "book" / f"{name}.ipynb"
    notebook, page = nbformat.read(path, as_version=4), soup(HTML / "book" / f"{name}.html").select_one("article")
    assert path.stat().st_size < 2e6
    text = "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")
    assert DIRECTIVE.findall(text) == []
    code = [
        cell.source
        for cell in nbformat.read(HTML.parent.parent / "book" / f"{name}.ipynb", as_version=4).cells
        if cell.cell_type == "code"
    ]
    cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
    ours = [cell.source for cell in cells if not cell.source.startswith(ADDED)]
    assert [re.sub(r"^# @title .*\n", "", source) for source in ours] == code
    live = [cell.outputs[0].data["text/html"] for cell in cells if cell.source.startswith(ADDED[-1])]
    assert [re.findall(r"data-explorable=&quot;(\w+)", html) for html in live] == [
        [mount["data-explorable"]] for mount in page.select("figure [data-explorable]")
    ]
    assert [html.count('<img src="data:image/png;base64,') for html in live] == [1] * len(live)
    formulas = [each for each in page.select("span.math, div.math")]
    assert len(formulas) > 100
    assert len(re.findall(r"\$\$.+?\$\$|\$[^$]+\$", text)) == len(formulas)
    assert len(re.findall(r"\\tag\{\d+\}", text)) == len(page.select(".eqno"))
    for box in page.select("div.proof, div.exercise"):
        title = " ".join(box.select_one(".admonition-title").get_text().replace("report an error", "").split())
        title = re.sub(r"\\[()]", "$", title)
        assert f"> **{title}" in text
    assert (
        text.count("<details>")
        == text.count("</details>")
        == len(page.select("details.proof, details.solution, details.outcome"))
    )
    for number in page.select(".pasted-text"):
        assert number.get_text() in text


def test_a_notebook_that_the_reader_changed_stays(tmp_path):
    book, folder, day = tmp_path / "book.ipynb", tmp_path / "lab", datetime.date(2026, 11, 26)
    found = {"a.ipynb": book, "data/t.csv": book}
    book.write_text("1")
    assert lab.lay_out(folder, found, day) == []
    assert (folder / "data" / "t.csv").read_text() == "1"
    book.write_text("2")
    assert lab.lay_out(folder, found, day) == []  # unchanged by the reader: the new one takes its place
    assert (folder / "a.ipynb").read_text() == "2"
    (folder / "a.ipynb").write_text("mine")
    assert lab.lay_out(folder, found, day) == []
    assert (folder / "a.ipynb").read_text() == "mine"
    book.write_text("3")
    assert lab.lay_out(folder, found, day) == ["a 2026-11-26.ipynb"]
    assert [(folder / name).read_text() for name in ("a.ipynb", "a 2026-11-26.ipynb", "data/t.csv")] == [
        "mine",
        "3",
        "3",
    ]
    assert lab.lay_out(folder, found, day) == []
    book.write_text("4")  # twice on one day: what lies there may have been changed as well
    assert lab.lay_out(folder, found, day) == ["a 2026-11-26 2.ipynb"]
    assert (folder / "a 2026-11-26.ipynb").read_text() == "3"


def test_the_branch_that_buttons_open_holds_all_and_what_binder_installs(tmp_path):
    book, folder = tmp_path / "book.ipynb", tmp_path / "branch"
    book.write_text("1")
    lab.lay_out_branch(folder, {"a.ipynb": book, "data/t.csv": book}, "https://example.org/me/book")
    there = {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}
    assert there == {"a.ipynb", "data/t.csv", "requirements.txt", "runtime.txt"}
    assert "ibnotes @ git+https://example.org/me/book\n" in (folder / "requirements.txt").read_text()


@pytest.mark.book
def test_the_folder_holds_what_its_notebooks_read():
    found = lab.sources()
    code = "".join(path.read_text(encoding="utf-8") for name, path in found.items() if "/" not in name)
    read = set(re.findall(r'\\"([\w/]+\.(?:csv|json|toml))\\"', code))
    assert {"data/atlas.json", "data/phase_diagram.csv", "atlas.toml"} <= read <= set(found)


@pytest.mark.book
def test_the_folder_holds_all_that_the_start_page_names():
    found = lab.sources()
    (start,) = nbformat.read(HTML.parent.parent / "book" / "lab" / "start.ipynb", as_version=4).cells
    named = re.findall(r"\]\(([^)]+)\)", start.source)
    assert {f"{name}.ipynb" for name in CHAPTERS} <= set(named) <= set(found)
    assert len([name for name in found if name.startswith("problem sets/")]) == 7
