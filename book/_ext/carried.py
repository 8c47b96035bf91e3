"""What a notebook to take away carries with it, compressed, as nothing is sure to lie beside it: tables, live figures.

A live figure is the output of a cell: a frame that holds its scripts and style, and its still. A front end that trusts
the notebook shows the frame, which removes the still and takes its colours from around it; one that does not strips
the frame, and the still is there. Nothing is fetched.
"""

import re
import zlib
from base64 import b64encode
from html import escape
from pathlib import Path

from explorables import FOLDER, scripts
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_output

TABLE = re.compile(r'"([\w/]+\.(?:csv|json|toml))"')
TABLES = """\
import zlib
from base64 import b64decode
from pathlib import Path

for name, packed in {{
{packed}
}}.items():
    if not Path(name).exists():
        Path(name).parent.mkdir(exist_ok=True)
        Path(name).write_bytes(zlib.decompress(b64decode(packed)))"""
LIVE = """\
# The page's script and style, and a still of the figure, compressed: it computes where it is shown.
import zlib
from base64 import b64decode

from IPython.display import HTML

HTML(zlib.decompress(b64decode("{packed}")).decode())"""
STILL = "A still of the live figure; its caption says what it shows."
PNG = "data:image/png;base64,"
FRAME = '<iframe title="Live figure" style="width: 100%; height: 0; border: 0" srcdoc="{page}"></iframe>'
PAGE = """<!DOCTYPE html>
<html lang="en"><meta charset="utf-8"><title>Live figure</title>
<style>{style}</style>
<div class="explorable" id="{name}" data-explorable="{name}"></div>
<script>{script}</script></html>"""
# what the theme of the pages brings: the colours, and a box model
AROUND = """
:root { color: var(--pst-color-text-base); background: var(--pst-color-background);
  font: 1rem/1.65 system-ui, sans-serif; --pst-font-family-monospace: monospace; --pst-color-primary: #1a8aa0;
  --pst-color-text-muted: color-mix(in srgb, var(--pst-color-text-base) 75%, var(--pst-color-background));
  --pst-color-border: color-mix(in srgb, var(--pst-color-text-base) 25%, var(--pst-color-background));
  --pst-color-surface: color-mix(in srgb, var(--pst-color-text-base) 8%, var(--pst-color-background)) }
* { box-sizing: border-box }
body { margin: 0 }
.explorable { margin: 0 !important }
.visually-hidden { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%) }
"""
FIT = """{
  const { style } = document.documentElement, frame = window.frameElement, outer = frame.ownerDocument;
  const looks = (node) => outer.defaultView.getComputedStyle(node);
  const behind = (node) =>
    looks(node).backgroundColor === "rgba(0, 0, 0, 0)" && node.parentElement ? behind(node.parentElement) : node;
  const colour = () => {
    style.setProperty("--pst-color-text-base", looks(frame.parentElement).color);
    style.setProperty("--pst-color-background", looks(behind(frame.parentElement)).backgroundColor);
  };
  const fit = () => (frame.style.height = `${document.documentElement.offsetHeight}px`);
  colour();
  for (const node of [outer.documentElement, outer.body])
    new MutationObserver(colour).observe(node, { attributes: true });
  new ResizeObserver(fit).observe(document.documentElement);
  frame.parentElement.querySelector("img")?.remove();
}"""


def packed(data: bytes) -> str:
    return b64encode(zlib.compress(data, 9)).decode()


def table_cells(code: str, book: Path) -> list[NotebookNode]:
    """The cell, if one is needed, that writes the tables of the ``book`` that this code reads."""
    found = [name for name in dict.fromkeys(TABLE.findall(code)) if (book / name).exists()]
    lines = "\n".join(f'    "{name}": "{packed((book / name).read_bytes())}",' for name in found)
    return [new_code_cell(TABLES.format(packed=lines))] if found else []


def live(name: str, still: bytes | None) -> str:
    """HTML of the explorable ``name``, with the PNG of its ``still``."""
    style = (FOLDER / "explorables.css").read_text(encoding="utf-8")
    parts = [(FOLDER / script).read_text(encoding="utf-8") for script in scripts(FOLDER, f"{name}.js")]
    page = PAGE.format(name=name, style=AROUND + style, script="\n".join([*parts, FIT]))
    image = f'<img src="{PNG}{b64encode(still).decode()}" alt="{STILL}">' if still else ""
    return f"<div>\n{FRAME.format(page=escape(page))}{image}\n</div>"


def live_cell(name: str, still: bytes | None) -> NotebookNode:
    """The explorable ``name``, shown by a cell that makes it anew when it is run."""
    html = live(name, still)
    shown = new_output("execute_result", {"text/html": html, "text/plain": "<the live figure>"})
    return new_code_cell(LIVE.format(packed=packed(html.encode())), outputs=[shown])
