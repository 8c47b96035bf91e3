"""The notebooks that pages offer say what the pages say, in plain Markdown; where a reader plays with them."""

import datetime
import re
from base64 import b64decode
from concurrent.futures import ProcessPoolExecutor
from contextlib import nullcontext
from multiprocessing import get_context
from types import SimpleNamespace

import lab
import nbformat
import pytest
import stills
import takeaway
from browser import HTML, soup
from bs4 import BeautifulSoup
from nbconvert import HTMLExporter
from nbformat.v4 import new_code_cell, new_notebook, new_output
from test_book import CHAPTERS

DIRECTIVE = re.compile(r"^(:::|```\{)|\{[a-z:]+\}`", re.MULTILINE)
PNG = b"a picture"
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
<section><h2>Next</h2><figure class="explorable" id="explore"><div data-explorable="x"></div><figcaption><p>Try.</p>
</figcaption></figure><div class="cell"><div class="cell_input"><pre>open()</pre></div></div></section></section>
</article>"""


@pytest.fixture
def made():
    forms = {"image/svg+xml": "<svg/>", "image/png": "iVBO", "text/plain": "<Figure>"}
    picture = new_output("display_data", forms, metadata={"image/png": {"width": 640}})
    code = [new_code_cell("plot(1)", outputs=[picture]), new_code_cell('glue("a", 1)'), new_code_cell("open()")]
    return takeaway.takeaway(
        PAGE, new_notebook(cells=code), "../html/book/page.html", "git+https://example.org/me/book", {"explore": PNG}
    )


def test_a_page_becomes_plain_markdown(made):
    first = made.cells[1].source
    assert first.startswith("# Title\n\nA *word*, a_b, $x_1*x_2$, [there](../html/book/other.html#here),")
    assert "[here](../html/book/page.html#near), [away](https://example.org/a)." in first
    assert r"$$\begin{aligned} a &= b \\ c\end{aligned} \tag{3}$$" in first
    assert "> **Theorem 2 (Name)**\n>\n> Let\n>\n> $$ a $$" in first
    assert "<details><summary>Proof</summary>\n\nClear.\n\n</details>" in first


def test_code_keeps_its_order_and_what_the_page_folds_is_folded(made):
    kinds = [(cell.cell_type, cell.source.partition("\n")[0]) for cell in made.cells]
    assert kinds == [
        ("code", "# @title Install what is missing"),
        ("markdown", "# Title"),
        ("code", "# @title Code of the figure"),
        ("markdown", "**Fig. 1.** See **this**."),
        ("markdown", "## Next"),
        ("code", "# @title Numbers for the text"),
        ("code", "open()"),
    ]
    assert [bool(cell.metadata.get("jupyter")) for cell in made.cells if cell.cell_type == "code"] == [True] * 3 + [
        False
    ]
    (picture,) = made.cells[2].outputs
    assert set(picture.data) == {"image/png", "text/plain"}  # an SVG is shown where the notebook is trusted
    assert picture.metadata == {"image/png": {"width": 640, "alt": "in words"}}
    live = made.cells[4]
    assert "[Live on the page](../html/book/page.html#explore)" in live.source
    assert "](attachment:explore.png)" in live.source
    assert b64decode(live.attachments["explore.png"]["image/png"]) == PNG
    assert "%pip install --quiet git+https://example.org/me/book" in made.cells[0].source


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


def converted(notebook):
    return HTMLExporter().from_notebook_node(notebook)[0]


@pytest.fixture(scope="module")
def rendered():
    """As nbconvert, without an extension, shows a notebook; apart, as the grader, tested here too, changes it."""
    with ProcessPoolExecutor(1, get_context("spawn")) as apart:
        yield lambda notebook: BeautifulSoup(apart.submit(converted, notebook).result(), "html.parser")


def test_a_front_end_without_extensions_shows_the_boxes(made, rendered):
    del made.cells[2].outputs[0].data["image/png"]  # which is none
    page = rendered(made)
    (box,) = page.select("blockquote")
    assert [part.get_text() for part in box.select("p")] == ["Theorem 2 (Name)", "Let", "$$ a $$"]
    assert box.select_one("strong").get_text() == "Theorem 2 (Name)"
    (proof,) = page.select("details")
    assert (proof.summary.get_text(), proof.p.get_text()) == ("Proof", "Clear.")
    assert "$x_1*x_2$" in page.get_text()
    assert r"\begin{aligned} a &= b \\ c\end{aligned} \tag{3}" in page.get_text()


@pytest.mark.book
@pytest.mark.parametrize("name", CHAPTERS)
def test_a_chapter_without_extensions_shows_every_box_and_fold_of_its_page(rendered, name):
    notebook = nbformat.read(HTML / "_sources" / "book" / f"{name}.ipynb", as_version=4)
    notebook.cells = [cell for cell in notebook.cells if cell.cell_type == "markdown"]
    page, shown = soup(HTML / "book" / f"{name}.html").select_one("article"), rendered(notebook)
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
    kept = [re.sub(r"^# @title .*\n", "", cell.source) for cell in notebook.cells if cell.cell_type == "code"][1:]
    assert kept == code
    stills = [name for cell in notebook.cells for name in cell.get("attachments", ())]
    assert stills == [f"{mount.find_parent('figure')['id']}.png" for mount in page.select("figure [data-explorable]")]
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
