"""What depends on the repository's address: a small book built with one and without."""

import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from urllib.parse import parse_qs, urlsplit

import nbformat
import pytest
import repository
from axe_playwright_python.sync_playwright import Axe
from bs4 import BeautifulSoup
from sphinx.errors import ConfigError
from test_book import REACHED

ROOT = Path(__file__).resolve().parents[2]
URL = "https://github.com/YOU/ibnotes"
BINDER, COLAB = "https://mybinder.org/v2/gh/YOU/ibnotes", "https://colab.research.google.com/github/YOU/ibnotes"
CONF = """
import sys
sys.path.insert(0, {extensions!r})
extensions = ["myst_nb", "sphinx_proof", "repository"]
html_theme, nb_execution_mode, html_static_path = "sphinx_book_theme", "off", [{static!r}]
html_css_files = ["reading.css"]
repository_url = {url!r}
"""
THEOREM = "# One\n\n```{prf:theorem} Nearest\n:label: thm-one\nIt is the nearest.\n```\n"
RELEASED = "assignments/release/ps1/one"
START = "# Start\n\n```{get-the-book}\n```\n\n```{toctree}\none\nassignments/release/ps1/one\n```\n"


def build(folder, url):
    """The pages' trees, and where they lie."""
    settings = {"extensions": str(ROOT / "book" / "_ext"), "static": str(ROOT / "book" / "_static"), "url": url}
    (folder / "conf.py").write_text(CONF.format(**settings), encoding="utf-8")
    (folder / "index.md").write_text(START, encoding="utf-8")
    (folder / RELEASED).parent.mkdir(parents=True)
    for name, source in (("one", THEOREM), (RELEASED, "# Problems")):
        notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell(source)])
        nbformat.write(notebook, folder / f"{name}.ipynb")
    command = [sys.executable, "-m", "sphinx", "-q", "-W", folder, folder / "html"]
    run = subprocess.run(command, capture_output=True, text=True)
    assert run.returncode == 0, run.stderr
    paths = [folder / "html" / name for name in ("index.html", "one.html", f"{RELEASED}.html")]
    return [BeautifulSoup(path.read_text(encoding="utf-8"), "html.parser") for path in paths], paths


@pytest.fixture(scope="module")
def books(tmp_path_factory):
    return {url: build(tmp_path_factory.mktemp("book"), url) for url in ("", f"{URL}.git/")}


@pytest.fixture
def with_address(books):
    return books[f"{URL}.git/"][0]


@pytest.fixture
def without_address(books):
    return books[""][0]


pytestmark = pytest.mark.slow


def test_the_lines_that_clone_and_install(with_address, without_address):
    start, _, _ = with_address
    lines = start.select_one("div.highlight").get_text()
    assert f"git clone {URL} && cd ibnotes" in lines
    assert f"pip install git+{URL} " in lines
    start, _, _ = without_address
    lines = start.select_one("div.highlight").get_text()
    assert "pip install . " in lines
    assert "git clone" not in lines


def test_buttons_of_a_chapter(with_address, without_address):
    links = lambda page: [link["href"] for link in page.select(".article-header-buttons a[href]")]
    found = links(with_address[1])
    assert {f"{BINDER}/main?urlpath=lab/tree/one.ipynb", f"{COLAB}/blob/main/one.ipynb"} <= set(found)
    assert {URL, f"{URL}/edit/main/one.ipynb"} <= set(found)
    assert [link for link in links(without_address[1]) if "//" in link] == []
    assert [link for link in links(with_address[0]) if "mybinder" in link] == []  # not a notebook


def test_buttons_open_what_pages_offer_where_a_branch_has_it():
    def buttons(path, branch):
        doctree, label = object(), "launch-buttons"
        app = SimpleNamespace(
            config=SimpleNamespace(notebooks_branch=branch),
            env=SimpleNamespace(doc2path=lambda name, base: path),
        )
        urls = [f"{BINDER}/main?urlpath=lab/tree/{path}", f"{COLAB}/blob/main/{path}"]
        context = {"header_buttons": [{"label": label, "buttons": [{"url": url} for url in urls]}, {"label": "other"}]}
        repository.open_takeaways(app, "any", "page.html", context, doctree)
        return [button["url"] for button in context["header_buttons"][0]["buttons"]]

    there = [f"{BINDER}/notebooks?urlpath=lab/tree/x.ipynb", f"{COLAB}/blob/notebooks/x.ipynb"]
    assert buttons("book/x.ipynb", "notebooks") == there
    source = [f"{BINDER}/main?urlpath=lab/tree/book/x.ipynb", f"{COLAB}/blob/main/book/x.ipynb"]
    assert buttons("book/x.ipynb", "") == source
    assert "/main?" in buttons("book/claims.ipynb", "notebooks")[0]


def test_a_released_problem_set_has_no_button_to_what_the_repository_has_not(with_address):
    released = with_address[2]
    assert [link for link in released.select(".article-header-buttons a[href]") if "//" in link["href"]] == []
    assert released.select(".colophon a")[1]["href"] == f"{URL}/edit/main/assignments/source/ps1/one.ipynb"


def test_a_report_is_filled_in_with_the_label_or_the_page(with_address):
    _, page, _ = with_address
    reports = [page.select_one(".proof a.report"), page.select_one(".colophon a")]
    for link, what in zip(reports, ("thm-one", "one.ipynb"), strict=True):
        address = urlsplit(link["href"])
        assert f"https://{address.netloc}{address.path}" == f"{URL}/issues/new"
        fields = parse_qs(address.query)
        assert what in fields["title"][0]
        assert "one.ipynb" in fields["body"][0]
        assert "how you know" in fields["body"][0]
    assert page.select(".colophon a")[1]["href"] == f"{URL}/edit/main/one.ipynb"
    assert f"%pip install git+{URL}" in page.select_one(".colophon").get_text()


def test_without_an_address_they_say_what_to_do_from_a_checkout(without_address):
    start, page, _ = without_address
    link = page.select_one(".proof a.report")
    assert link["href"] == "#" + page.select_one(".colophon")["id"]
    assert link["title"] == "thm-one in one.ipynb"
    assert "make notebooks" in page.select_one(".colophon").get_text()
    assert "make book" in start.select_one(".colophon").get_text()
    assert not any("//" in each["href"] for each in page.select("article a[href]"))


@pytest.mark.parametrize("url", ["", f"{URL}.git/"])
def test_axe_finds_nothing_in_them_light_and_wide_or_dark_and_narrow(books, browser, url):
    page = browser.new_page()
    for path in books[url][1]:
        page.goto(path.as_uri())
        for width, scheme in ((1280, "light"), (390, "dark")):
            page.set_viewport_size({"width": width, "height": 800})
            page.emulate_media(color_scheme=scheme)
            page.wait_for_function(f"document.documentElement.dataset.theme === '{scheme}' && {REACHED}", polling=50)
            found = Axe().run(page, context="article").response["violations"]
            assert [(each["id"], each["nodes"][0]["html"]) for each in found] == []
    page.close()


@pytest.mark.parametrize(
    ("url", "issue", "edit"),
    [
        ("https://github.com/a/b", "/issues/new?title=Error%20in%20x&body=", "/edit/main/book/x.md"),
        ("https://gitlab.com/g/a/b", "/-/issues/new?issue[title]=Error%20in%20x&issue[", "/-/edit/main/book/x.md"),
        ("https://codeberg.org/a/b", "/issues/new?title=Error%20in%20x&body=", "/_edit/main/book/x.md"),
    ],
)
def test_each_forge_has_its_own_addresses(url, issue, edit):
    assert repository.report_url(url, "x", "where").startswith(url + issue)
    assert repository.edit_url(url, "book/x.md") == url + edit


@pytest.mark.parametrize("url", ["github.com/a/b", "https://github.com/a", "git@github.com:a/b.git"])
def test_an_address_that_is_none_stops_the_build(url):
    with pytest.raises(ConfigError, match="repository_url must look like"):
        repository.set_buttons(None, SimpleNamespace(repository_url=url, html_theme_options={}))
