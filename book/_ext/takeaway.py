"""Sphinx extension: the notebook that a page offers is the page, as any Jupyter front end shows it.

It is made from the finished page, where everything is numbered and resolved, so nothing is typed twice: boxes become
quotations, proofs and solutions fold, numbers are those of the run, references link to the pages. Code and outputs are
those of the executed notebook, folded where the page folds them. Committed notebooks carry no images; the build has
them in its cache. A live figure is live, where the front end trusts the notebook, and its still elsewhere. What a
notebook needs beside the package, tables and figures that compute, it carries with it, compressed.
"""

import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from posixpath import dirname, normpath
from types import MappingProxyType

import nbformat
from bs4 import BeautifulSoup, Tag
from carried import live_cell, table_cells
from folding import saying
from jupyter_cache import get_cache
from markdownify import MarkdownConverter
from nbformat.v4 import new_code_cell, new_markdown_cell
from stills import take_stills

NOT_SHOWN = ".headerlink, .report, .colophon, script, noscript, summary > p.expanded, .eqno > a"
BUILT = "../html"  # from _build/lab
MISSING = """\
import importlib.util

if importlib.util.find_spec("ibnotes") is None:
    {remedy}"""
INSTALL = "%pip install --quiet {package}"
SAY_HOW = 'raise ModuleNotFoundError("run `pip install .` in a checkout of the book")'
INSTALLS, SHOWS = "Install what is missing", "The live figure"
WRITES = "Write the tables that it reads, where they are missing"
ON_PAGE = '<p><a href="{address}#{name}">On its page</a></p>'


class Markdown(MarkdownConverter):
    """Of a page: mathematics stays TeX, boxes become quotations, and what folds is HTML's own."""

    def convert_span(self, el: Tag, text: str, parent_tags: set[str]) -> str:
        kinds = el.get("class", [])
        if "math" in kinds:
            return f"${formula(el)}$"
        return f"**{text.strip()}.** " if "caption-number" in kinds and "figcaption" in parent_tags else text

    def convert_div(self, el: Tag, text: str, parent_tags: set[str]) -> str:
        kinds = el.get("class", [])
        if "math" in kinds:
            number = el.select_one(".eqno")
            tag = rf" \tag{{{number.extract().get_text().strip('()#')}}}" if number else ""
            return f"\n\n$${formula(el)}{tag}$$\n\n"
        if "admonition" in kinds:
            return self.convert_blockquote(el, text, parent_tags)
        return self.convert_p(el, text, parent_tags)

    def convert_p(self, el: Tag, text: str, parent_tags: set[str]) -> str:
        if "admonition-title" in el.get("class", []):
            text = f"**{' '.join(text.split())}**"
        return super().convert_p(el, text, parent_tags)

    def convert_details(self, el: Tag, text: str, parent_tags: set[str]) -> str:
        title, _, body = text.strip().partition("\0")
        return f"\n\n<details><summary>{title}</summary>\n\n{body.strip()}\n\n</details>\n\n"

    def convert_summary(self, el: Tag, text: str, parent_tags: set[str]) -> str:
        return f"{text.strip()}\0"

    def convert_figcaption(self, el: Tag, text: str, parent_tags: set[str]) -> str:
        return self.convert_p(el, text, parent_tags)

    def convert_img(self, el: Tag, text: str, parent_tags: set[str]) -> str:
        return ""  # it is the output of the cell above


def formula(el: Tag) -> str:
    r"""TeX on one line, without the ``\[ \]`` or ``\( \)`` around it."""
    return (
        " ".join(el.get_text().split()).removeprefix("\\[").removeprefix("\\(").removesuffix("\\]").removesuffix("\\)")
    )


def markdown(nodes: list[Tag]) -> str:
    converter = Markdown(heading_style="ATX", bullets="-", escape_underscores=False)
    return re.sub(r"\n{3,}", "\n\n", "".join(map(converter.convert_soup, nodes))).strip()


def parts(section: Tag) -> Iterator[Tag]:
    """What a page consists of, in order: headings, paragraphs, boxes, groups of cells."""
    for child in section.find_all(True, recursive=False):
        if child.name == "section":
            yield from parts(child)
        else:
            yield child


def is_code(part: Tag) -> bool:
    return "cell" in part.get("class", [])


def begins(part: Tag) -> bool:
    """Whether a new cell of text begins here, so that front ends can list and fold sections."""
    return part.name in ("h1", "h2", "h3")


def fold(part: Tag) -> str:
    """The line under which the page folds this code, or nothing."""
    line = part.select_one("details.hide > summary")
    return line.get_text().strip() if line else ""


def code_of(part: Tag) -> list[str]:
    return [plain(each.get_text()) for each in part.select(".cell_input")]


def plain(code: str) -> str:
    return "".join(code.split())


def hidden(cell: nbformat.NotebookNode, title: str) -> nbformat.NotebookNode:
    """Folded in JupyterLab, a form with a title on Colab."""
    cell.source = f"# @title {title}\n{cell.source}"
    cell.metadata = {"jupyter": {"source_hidden": True}, "cellView": "form"}
    return cell


def cells(part: Tag, code: Iterator[nbformat.NotebookNode]) -> Iterator[nbformat.NotebookNode]:
    """The code cells behind a group on the page, and the captions of its figures."""
    shown, title = code_of(part), fold(part)
    several = len(shown) > 1  # under one line, which says it of all
    for cell in code if shown else ():
        cell.metadata.clear()
        if plain(cell.source) not in shown:
            yield hidden(cell, "Numbers for the text")
            continue
        shown.remove(plain(cell.source))
        said = saying(cell.source) if several else ""
        yield hidden(cell, f"Code: {said}" if said else title) if title else cell
        if not shown:
            break
    for caption in part.select("figcaption"):
        yield new_markdown_cell(markdown([caption]))


def settle(notebook: nbformat.NotebookNode, page: Tag) -> None:
    """Pictures in the form that every front end shows, with their alternative texts where it looks for them."""
    texts = iter([image["alt"] for image in page.select("figure img[alt]")])
    for output in [each for cell in notebook.cells for each in cell.get("outputs", [])]:
        if "image/png" in output.get("data", {}):
            output.data.pop("image/svg+xml", None)
            output.metadata.pop("image/svg+xml", None)
            output.metadata.setdefault("image/png", {})["alt"] = next(texts, "")


def resolve(page: Tag, address: str) -> None:
    """Links lead to the pages."""
    folder = dirname(address)
    for link in page.select("a[href]"):
        where, _, anchor = link["href"].partition("#")
        if "//" not in where:
            place = normpath(f"{folder}/{where}").replace(":/", "://") if where else address
            link["href"] = f"{place}#{anchor}" if anchor else place
        link.attrs.pop("title", None)


def takeaway(
    html: str,
    executed: nbformat.NotebookNode,
    address: str,
    package: str,
    book: Path,
    stills: Mapping[str, bytes] = MappingProxyType({}),
) -> nbformat.NotebookNode:
    """The notebook of a page at ``address``, which installs ``package`` where that is known.

    It reads tables in the folder ``book``; ``stills`` are by figure.
    """
    page = BeautifulSoup(html, "html.parser").select_one("article")
    for unwanted in page.select(NOT_SHOWN):
        unwanted.decompose()
    settle(executed, page)
    resolve(page, address)
    remedy = INSTALL.format(package=package) if package else SAY_HOW
    made = [hidden(new_code_cell(MISSING.format(remedy=remedy)), INSTALLS)]
    code, group = iter([cell for cell in executed.cells if cell.cell_type == "code"]), []
    read = table_cells("\n".join(cell.source for cell in executed.cells), book)
    made += [hidden(each, WRITES) for each in read]

    def flush():
        if group:
            made.append(new_markdown_cell(markdown(group)))
            group.clear()

    for part in parts(page):
        mount = part.select_one("[data-explorable]")
        if mount or is_code(part) or begins(part):
            flush()
        if mount:
            made.append(hidden(live_cell(mount["data-explorable"], stills.get(part["id"])), SHOWS))
            part.append(BeautifulSoup(ON_PAGE.format(address=address, name=part["id"]), "html.parser"))
        if is_code(part):
            made += cells(part, code)
        else:
            group.append(part)
    flush()
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    return nbformat.v4.new_notebook(cells=[*made, *code], metadata={"kernelspec": kernel})


def write_takeaways(app, exception):
    if exception is not None or app.builder.format != "html":
        return
    cache, url = get_cache(app.config.nb_execution_cache_path), app.config.repository_url
    site = app.config.html_baseurl.rstrip("/") or BUILT
    stills = take_stills(Path(app.outdir, "book"), Path(app.outdir).parent / "stills")
    for path in sorted(Path(app.srcdir, "book").glob("*.ipynb")):
        with suppress(KeyError):  # the ledger is not in the cache: it executes anew each time, and has no figures
            _, executed = cache.merge_match_into_notebook(nbformat.read(path, as_version=4))
            html = Path(app.outdir, "book", f"{path.stem}.html").read_text(encoding="utf-8")
            address = f"{site}/book/{path.stem}.html"
            notebook = takeaway(html, executed, address, f"git+{url}" if url else "", Path(app.srcdir, "book"), stills)
            nbformat.write(notebook, Path(app.outdir, "_sources", "book", path.name))


def setup(app):
    app.connect("build-finished", write_takeaways)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
