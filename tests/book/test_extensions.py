"""The Sphinx extensions that keep pages fresh and offline, and the one that makes figures live."""

import importlib.util
from pathlib import Path
from types import SimpleNamespace

import pytest
from docutils import nodes

EXTENSIONS = Path(__file__).resolve().parents[2] / "book" / "_ext"


def load(name, folder=EXTENSIONS):
    spec = importlib.util.spec_from_file_location(name, folder / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


explorables, freshness, offline = load("explorables"), load("freshness"), load("offline")
planted_faults, reading, slim = load("planted_faults"), load("reading"), load("slim")


def test_the_cache_moves_with_any_change_of_the_package(tmp_path):
    hashes = set()
    (tmp_path / "sub").mkdir()
    for name, content in [
        ("a.py", "1"),
        ("a.py", "2"),
        ("b.mplstyle", "2"),
        ("b.py", ""),
        ("sub/a.js", "1"),
        ("sub/a.js", "2"),
    ]:
        (tmp_path / name).write_text(content)
        hashes.add(freshness.folder_hash(tmp_path))
    assert len(hashes) == 6
    (tmp_path / "__pycache__").mkdir()
    (tmp_path / "__pycache__" / "a.pyc").write_text("compiled")
    assert freshness.folder_hash(tmp_path) in hashes


def test_the_cache_path_is_set_before_sphinx_compares_it():
    config = SimpleNamespace(nb_execution_cache_path="")
    freshness.key_cache_on_what_notebooks_use(SimpleNamespace(srcdir=EXTENSIONS.parent.parent), config)
    assert config.nb_execution_cache_path == str(freshness.cache_path(EXTENSIONS.parent.parent))


def test_the_cache_moves_with_package_tables_python_and_what_is_installed(tmp_path, monkeypatch):
    seen = [freshness.cache_path(tmp_path)]
    for name in ("ibnotes/a.py", "book/data/a.csv"):
        (tmp_path / name).parent.mkdir(parents=True)
        (tmp_path / name).write_text("1")
        seen.append(freshness.cache_path(tmp_path))
    (tmp_path / "book" / "page.md").write_text("no notebook reads it")
    assert freshness.cache_path(tmp_path) == seen[-1]
    installed = [SimpleNamespace(name="numpy", version=version) for version in ("2.1", "2.2")]
    for each in installed:
        monkeypatch.setattr(freshness, "distributions", lambda path, each=each: [each])
        seen.append(freshness.cache_path(tmp_path))
    monkeypatch.setattr(freshness.sys, "version", "4.0")
    seen.append(freshness.cache_path(tmp_path))
    assert len(set(seen)) == len(seen)


def test_a_new_style_sheet_changes_a_setting_of_every_page(tmp_path):
    static = tmp_path / "book" / "_static"
    static.mkdir(parents=True)
    contexts = []
    for sheet in ("a {}", "b {}", "b {}"):
        (static / "ibnotes.css").write_text(sheet)
        config = SimpleNamespace(html_context={"default_mode": "auto"})
        freshness.write_pages_anew_with_new_static_files(SimpleNamespace(srcdir=tmp_path), config)
        contexts.append(config.html_context)
    assert contexts[0] != contexts[1] == contexts[2]
    assert contexts[0]["default_mode"] == "auto"


def test_the_ledger_depends_on_every_notebook_and_on_the_claims():
    noted = []
    app = SimpleNamespace(srcdir=EXTENSIONS.parent.parent, env=SimpleNamespace(note_dependency=noted.append))
    freshness.declare_what_the_ledger_reads(app, "book/max_margin", [])
    assert noted == []
    freshness.declare_what_the_ledger_reads(app, freshness.LEDGER, [])
    assert {Path(path).name for path in noted} >= {"max_margin.ipynb", "infinitely_many_solutions.ipynb", "claims.toml"}


def test_thebe_is_dropped_and_nothing_else():
    scripts = [
        "_static/sphinx-thebe.js",
        SimpleNamespace(attributes={"body": "const THEBE_JS_URL"}),
        "_static/doctools.js",
    ]
    context = {"script_files": scripts}
    offline.drop_thebe(None, "page", "page.html", context, None)
    assert context["script_files"] == ["_static/doctools.js"]


def scripts_in(folder, **needs):
    for name, first in needs.items():
        (folder / f"{name}.js").write_text(f"{first}\n'use strict';\n")


def test_scripts_come_after_what_they_need_and_once(tmp_path):
    scripts_in(tmp_path, base="// the root", a="// needs base.js", b="// needs base.js", top="// needs b.js a.js")
    assert explorables.scripts(tmp_path, "top.js") == ["base.js", "b.js", "a.js", "top.js"]


def test_a_script_that_needs_a_missing_one_is_an_error(tmp_path):
    scripts_in(tmp_path, a="// needs none.js")
    with pytest.raises(FileNotFoundError, match=r"none\.js"):
        explorables.scripts(tmp_path, "a.js")


def test_a_page_loads_the_scripts_of_its_explorables_and_no_others():
    loaded = []
    app = SimpleNamespace(add_js_file=lambda path, **_: loaded.append(path), add_css_file=loaded.append)
    mount = lambda k: nodes.raw("", explorables.MOUNT.format(name="max_margin", number=k), format="html")
    page = nodes.section("", nodes.figure(), nodes.figure("", mount(0)), nodes.figure("", mount(1)))
    for doctree in (None, nodes.section("", nodes.figure(), nodes.raw("", "<hr>", format="html"))):
        explorables.load_what_the_page_needs(app, "page", "page.html", {}, doctree)
    assert loaded == []
    explorables.load_what_the_page_needs(app, "page", "page.html", {}, page)
    assert loaded[0] == "explorables/numerics.js"
    assert loaded[-2:] == ["explorables/max_margin.js", "explorables/explorables.css"]
    assert len(loaded) == len(set(loaded))


def test_the_page_of_the_faults_shows_each_with_its_check_or_its_reason():
    caught = {"fault": "a < b", "result": "caught", "check": "Rates: a gap & more", "reason": ""}
    survivor = {"fault": "too near", "result": "survives", "check": "", "reason": "below the noise"}
    page = planted_faults.page({"max_margin": {"faults": [caught, survivor]}, "levers": {"faults": [caught]}})
    assert "Of <strong>3</strong> planted faults <strong>2</strong> are caught." in page
    assert "<li>Too near (Max margin): below the noise.</li>" in page
    assert (
        '<li><var>a</var> &lt; <var>b</var>: <a href="max_margin.html#verify-rates">Rates: a gap &amp; more</a></li>'
        in page
    )
    assert "<summary>Max margin: 1 of 2</summary>" in page
    assert "<summary>Levers: 1 of 1</summary>" in page


PYGMENTS = """html[data-theme="light"] .highlight { background: #fff; color: #080808 }
html[data-theme="light"] .highlight .n { color: #080808 } /* Name */
html[data-theme="light"] .highlight .p { color: #080808 }
html[data-theme="light"] .highlight .k { color: #5b2da8; font-weight: bold }
html[data-theme="dark"] .highlight { background: #2b2b2b; color: #f8f8f2 }
html[data-theme="dark"] .highlight .n { color: #f8f8f2 }
html[data-theme="dark"] .highlight .p { color: #ff0000 }
html[data-theme="dark"] .highlight .k { color: #dcc6e0 }
"""


def test_only_tokens_that_look_like_the_text_by_day_and_by_night_lose_their_mark(tmp_path):
    assert slim.colourless(PYGMENTS) == {"n"}
    page = tmp_path / "page.html"
    page.write_text('<pre><span class="k">if</span> <span class="n">a</span><span class="p">:</span></pre>')
    slim.with_what_it_uses(page, {"n"})
    assert page.read_text() == '<pre><span class="k">if</span> a<span class="p">:</span></pre>'


def test_a_drawing_keeps_its_places_to_a_hundredth_and_all_its_scales():
    drawing = '<g transform="translate(1.23456 2) scale(0.015625)">\n   <path d="M 1.999 -0.12345"\n/>\n</g>'
    assert slim.shortened(drawing) == (
        '<g transform="translate(1.23 2) scale(0.015625)">\n<path d="M 1.99 -0.12"/>\n</g>'
    )


def test_a_style_sheet_loses_comments_and_indents_alone():
    assert slim.without_comments("/* a\n b */\na  b {\n  color: red;\n}\n") == "\na  b {\ncolor: red;\n}\n"


def test_a_style_sheet_keeps_what_is_for_classes_that_are_there_or_that_a_script_might_set():
    named = slim.classes('<p class="a b-c">', "node.classList.add('open')")
    sheet = (
        ".a,.gone{x:1}.gone .a{x:2}p:not(.gone)>.b-c,:is(.gone,.a) p{x:3}@media (y){.gone{x:4}}@media (y){.open{x:5}}"
        "@keyframes z{0%{x:6}}.bs-tooltip-auto{x:7}:root{x:.8}"
    )
    assert slim.without_idle_rules(sheet, named) == (
        ".a{x:1}p:not(.gone)>.b-c,:is(.gone,.a) p{x:3}@media (y){.open{x:5}}@keyframes z{0%{x:6}}.bs-tooltip-auto{x:7}"
        ":root{x:.8}"
    )


def test_no_line_of_a_table_of_checks_ends_within_a_formula():
    kept = "error _minus_ 1 − <var>ησ</var>², steps ½ log 1/<var>β</var> &lt; log log <var>t</var>, Σ <var>m</var>"
    table = f'<div class="verification" id="a"><table><th>{kept}</th></table>'
    assert reading.unbroken(table).split(" ")[2:] == [
        'id="a"><table><th>error',
        "_minus_",
        "1\u00a0−\u00a0<var>ησ</var>²,",
        "steps",
        "½\u00a0log\u00a01/<var>β</var>\u00a0&lt;\u00a0log\u00a0log\u00a0<var>t</var>,",
        "Σ\u00a0<var>m</var></th></table>",
    ]
