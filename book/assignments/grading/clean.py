"""What of a submission may enter a browser: an allow-list, for the graded copy and for every page made from it.

Outputs keep text and pictures of points; Markdown becomes HTML with the elements that prose needs; formulas become
MathML here, so that no page needs a script or the network to show them. To import this module makes nbconvert's pages
so, those of feedback and of Formgrader.
"""

import base64
import binascii
import html
import re

import latex2mathml.converter
import nh3
from jinja2 import BytecodeCache, pass_context
from jinja2.bccache import Bucket
from jinja2.runtime import Context
from nbconvert.exporters import HTMLExporter
from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath
from nbformat import NotebookNode
from nbformat.v4 import new_output
from nbgrader.preprocessors import NbGraderPreprocessor

MAGIC = {"image/png": b"\x89PNG\r\n\x1a\n", "image/jpeg": b"\xff\xd8\xff"}  # how such files begin
PROSE = "a b blockquote br code dd del details div dl dt em h1 h2 h3 h4 h5 h6 hr i img li ol p pre s span strong sub"
PROSE += " summary sup table tbody td th thead tr u ul"
MATHML = "math mfrac mi mn mo mover mpadded mphantom mroot mrow mspace msqrt mstyle msub msubsup msup mtable mtd mtext"
MATHML += " mtr munder munderover menclose"
TAGS = set(f"{PROSE} {MATHML}".split())
ATTRIBUTES = {
    "a": {"href"},
    "img": {"src", "alt", "width", "height"},
    "ol": {"start"},
    "th": {"align", "colspan", "rowspan"},
    "td": {"align", "colspan", "rowspan"},
    "span": {"class"},
    "div": {"class"},
    "math": {"display"},
    "mo": {"stretchy", "fence", "form", "minsize", "maxsize", "movablelimits", "lspace", "rspace"},
    "mi": {"mathvariant"},
    "mtable": {"columnalign", "rowspacing", "columnspacing", "displaystyle"},
    "mtd": {"columnalign"},
    "mfrac": {"linethickness"},
    "mspace": {"width"},
    "mstyle": {"displaystyle", "scriptlevel"},
    "mover": {"accent"},
    "munder": {"accentunder"},
    "menclose": {"notation"},
}
ATTRIBUTES |= {tag: set() for tag in TAGS - set(ATTRIBUTES)}
PICTURE = re.compile(r"data:image/(png|jpeg);base64,[A-Za-z0-9+/=]*|[\w-][\w /-]*\.(png|jpe?g|gif)", re.IGNORECASE)
PYGMENTS = re.compile(r"highlight|[a-z]{1,2}[a-z0-9]?")
TEX = {r"\\arg\b": r"\\operatorname{arg}", r"\\(begin|end)\{equation\*?\}": ""}  # what latex2mathml does not know
TEX |= {rf"{{{name}\*?}}": "{align*}" for name in ("aligned", "alignat")}
TEX |= {rf"{{{name}\*?}}": "{matrix}" for name in ("gathered", "gather", "multline")}
POLICY = "default-src 'none'; img-src data: file: 'self'; style-src 'unsafe-inline'"


def keep(tag: str, attribute: str, value: str) -> str | None:
    """The attribute's value, or none where it could ask the network, or look like the page around it."""
    if (tag, attribute) == ("img", "src"):
        return value if PICTURE.fullmatch(value) else None
    if attribute == "href":
        return value if re.match("https?://|mailto:|#", value) else None
    if attribute == "class":
        return value if PYGMENTS.fullmatch(value) else None
    return value


def safe(text: str) -> str:
    """HTML with nothing in it but what is allowed."""
    return nh3.clean(
        text,
        tags=TAGS,
        attributes=ATTRIBUTES,
        attribute_filter=keep,
        url_schemes={"http", "https", "mailto", "data"},
        url_relative="pass_through",
        link_rel="noopener noreferrer nofollow",
    )


def formula(tex: str, display: str) -> str:
    """MathML; what is no TeX that is understood stays as it was written."""
    try:
        for unknown, known in TEX.items():
            tex = re.sub(unknown, known, tex)
        return latex2mathml.converter.convert(tex, display=display)
    except Exception:  # of whatever a student wrote
        return f"<code>{html.escape(tex)}</code>"


class Prose(IPythonRenderer):
    """Markdown to HTML that needs no script."""

    def block_math(self, body: str) -> str:
        return formula(body, "block")

    def inline_math(self, body: str) -> str:
        return formula(body, "inline")

    def latex_environment(self, name: str, body: str) -> str:
        return self.block_math(f"\\begin{{{name}}}{body}\\end{{{name}}}")

    def block_mermaidjs(self, code: str) -> str:
        return f"<pre>{html.escape(code)}</pre>"

    def _embed_image_or_attachment(self, src: str) -> str:
        name = src.removeprefix("attachment:")
        return super()._embed_image_or_attachment(src) if name == src or name in self.attachments else ""


@pass_context
def markdown(exporter: HTMLExporter, context: Context, source: str) -> str:
    """nbconvert's filter of this name, made safe."""
    attachments = context.get("cell", {}).get("attachments", {})
    try:
        prose = Prose(escape=False, attachments=attachments, exclude_anchor_links=True)
        return safe(MarkdownWithMath(renderer=prose).render(source))
    except Exception:  # of whatever a student wrote
        return f"<pre>{html.escape(source)}</pre>"


class Clean(NbGraderPreprocessor):
    """Leave of a notebook what may be shown, and of metadata what nbgrader knows."""

    def preprocess(self, nb: NotebookNode, resources: dict) -> tuple[NotebookNode, dict]:
        nb.metadata = NotebookNode(
            kernelspec={"display_name": "Python 3", "language": "python", "name": "python3"},
            language_info={"name": "python", "file_extension": ".py", "pygments_lexer": "ipython3"},
        )
        nb.cells = [self._cell(number, cell) for number, cell in enumerate(nb.cells)]
        return nb, resources

    def _cell(self, number: int, cell: NotebookNode) -> NotebookNode:
        labels = cell.metadata.get("nbgrader")
        made = NotebookNode(id=f"cell-{number}", cell_type=cell.cell_type, source=str(cell.source))
        made.metadata = NotebookNode({"nbgrader": labels} if isinstance(labels, dict) else {})
        if cell.cell_type == "code":
            made.execution_count = count(cell.get("execution_count"))
            made.outputs = [kept for output in cell.get("outputs", []) for kept in allowed(output)]
        elif cell.cell_type == "markdown":
            attachments = {name: pictures(data) for name, data in cell.get("attachments", {}).items()}
            made.attachments = {name: data for name, data in attachments.items() if data}
        else:  # raw, which pages take as it is
            made.cell_type, made.source = "markdown", f"```\n{made.source}\n```"
        return made


def count(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def pictures(data: object) -> dict[str, str]:
    """The pictures in a bundle of formats that are what they say."""
    kept = {}
    for kind, magic in MAGIC.items() if isinstance(data, dict) else []:
        try:
            picture = base64.b64decode("".join(text(data[kind]).split()), validate=True)
        except (KeyError, ValueError, binascii.Error):
            continue
        if picture.startswith(magic):
            kept[kind] = base64.b64encode(picture).decode()
    return kept


def text(value: object) -> str:
    """Text, which notebooks also write as a list of lines."""
    return "".join(map(str, value)) if isinstance(value, list) else str(value)


def allowed(output: NotebookNode) -> list[NotebookNode]:
    """The output without what could run, or nothing."""
    kind = output.get("output_type")
    if kind == "stream":
        name = "stderr" if output.get("name") == "stderr" else "stdout"
        return [new_output("stream", name=name, text=text(output.get("text", "")))]
    if kind == "error":
        trace = output.get("traceback")
        lines = [str(line) for line in trace] if isinstance(trace, list) else []
        return [new_output("error", ename=str(output.get("ename")), evalue=str(output.get("evalue")), traceback=lines)]
    data = output.get("data")
    if kind in {"display_data", "execute_result"} and isinstance(data, dict):
        kept = pictures(data) | ({"text/plain": text(data["text/plain"])} if "text/plain" in data else {})
        more = {"execution_count": count(output.get("execution_count"))} if kind == "execute_result" else {}
        return [new_output(kind, data=kept, **more)] if kept else []
    return []


def offline(page: str) -> str:
    """A page without what it would fetch from elsewhere."""
    page = re.sub(r'<script\b[^>]*\bsrc="(https?:)?//[^>]*>\s*</script>', "", page)
    return re.sub(r'<script type="text/x-mathjax-config">.*?</script>', "", page, flags=re.DOTALL)


def closed(page: str) -> str:
    """A page that says that nothing in it may run."""
    return page.replace("<head>", f'<head>\n<meta http-equiv="Content-Security-Policy" content="{POLICY}">', 1)


class Compiled(BytecodeCache):
    """The code of templates, which every exporter else compiles anew; a process that is forked has its parent's."""

    def __init__(self) -> None:
        self.code: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        if bucket.key in self.code:
            bucket.bytecode_from_string(self.code[bucket.key])

    def dump_bytecode(self, bucket: Bucket) -> None:
        self.code[bucket.key] = bucket.bytecode_to_string()


COMPILED = Compiled()


def export(exporter: HTMLExporter, nb: NotebookNode, resources: dict | None = None, **options) -> tuple[str, dict]:
    """nbconvert's page of a notebook, offline."""
    exporter.environment.bytecode_cache = COMPILED
    page, resources = nbconverts(exporter, Clean().preprocess(nb, {})[0], resources, **options)
    return offline(page), resources


nbconverts = HTMLExporter.from_notebook_node
HTMLExporter.from_notebook_node = export
HTMLExporter.markdown2html = markdown
