"""The landing page in a browser: the living picture ends where the theorem says, and the map answers."""

import re
import tomllib
from pathlib import Path

import numpy as np
import pytest
from browser import HTML, PAGES, open_page, soup
from playwright.sync_api import expect

import ibnotes as ib

BOOK = Path(__file__).resolve().parents[2] / "book"
NORMS = {"gradient": 2, "sign": np.inf, "coordinate": 1}
LINE = np.array([[1.0, 2.0]]), np.array([2.0])  # the picture's equation
HAS_MOVED = "from => document.querySelector('.gradient .end').getAttribute('transform') !== from"
TOO_WIDE = """boxes => boxes.filter(box =>
    box.querySelector("text").getBBox().width > box.querySelector("rect").getBBox().width - 4)"""


@pytest.fixture(scope="module")
def statements():
    chapters = tomllib.loads((BOOK / "theorems.toml").read_text(encoding="utf-8")).values()
    return {label: entry for chapter in chapters for label, entry in chapter.items()}


def premises(statement):
    return {*statement.get("uses", {}), *statement.get("takes_up", {})}


@pytest.fixture
def landing(browser):
    contexts = []

    def open_landing(width=1280, motion="reduce", **options):
        size = {"width": width, "height": 900}
        contexts.append(browser.new_context(viewport=size, reduced_motion=motion, **options))
        return open_page(contexts[-1], "index", typeset=False)[0]

    yield open_landing
    for context in contexts:
        context.close()


def ends(page):
    rows = {name: page.locator(f"tr.{name} td").first.get_attribute("data-end") for name in NORMS}
    return {name: np.array(end.split(), dtype=float) for name, end in rows.items()}


def start_of(page):
    x, y = map(float, re.findall(r"[-\d.]+", page.locator(".start").get_attribute("transform")))
    return np.array([(x - 172.5) / 150, (225 - y) / 150])


def nearest(start, norm, X, y):
    """The solution nearest to the start, by a convex program."""
    return start + ib.min_norm_interpolant(X, y - X @ start, norm).w


def descended(start, norm, X, y, eta=0.02, steps=2000):
    """Where the package's steepest descent ends."""
    optimizer = lambda params: ib.SteepestDescent(params, eta, norm, normalized=False)
    return ib.descend(ib.Regression(X, y), optimizer, steps, w0=start).w[-1]


@pytest.mark.book
def test_the_picture_ends_where_the_programs_and_the_package_end(landing):
    page = landing()
    picture = page.locator(".living svg").bounding_box()
    for across, down in ((172.5 / 450, 225 / 390), (0.2, 0.3), (0.75, 0.8), (0.95, 0.1)):
        page.mouse.click(picture["x"] + across * picture["width"], picture["y"] + down * picture["height"])
        start, found = start_of(page), ends(page)
        for name, norm in NORMS.items():
            np.testing.assert_allclose(found[name], nearest(start, norm, *LINE), atol=1e-6)
            np.testing.assert_allclose(found[name], descended(start, norm, *LINE, steps=300), atol=1e-6)
            wrong = nearest(start, 1 if norm == 2 else 2, *LINE)
            assert np.abs(found[name] - wrong).max() > 1e-2


def test_with_two_equations_only_gradient_descent_takes_the_nearest():
    X, y = np.array([[3.0, -2.0, 3.0], [2.0, -2.0, 1.0]]), np.array([3.0, 1.0])
    for norm in NORMS.values():
        w = descended(np.zeros(3), norm, X, y)
        excess = np.linalg.norm(w, norm) / np.linalg.norm(nearest(np.zeros(3), norm, X, y), norm) - 1
        assert np.abs(X @ w - y).max() < 1e-8
        assert excess < 1e-8 if norm == 2 else excess > 0.1


@pytest.mark.book
def test_without_scripts_the_picture_is_already_right(landing):
    live, dead = landing(), landing(java_script_enabled=False)
    words = lambda page: page.locator(".living tbody").inner_text().split()
    assert words(dead) == words(live)
    for name in NORMS:
        for part, attribute in ((".end", "transform"), (".path", "d")):
            numbers = [
                [float(x) for x in re.findall(r"[\d.]+", p.locator(f".method.{name} {part}").get_attribute(attribute))]
                for p in (dead, live)
            ]
            np.testing.assert_allclose(*numbers, atol=1e-6)


@pytest.mark.book
def test_the_animation_pauses_resumes_and_respects_reduced_motion(landing):
    still, moving = landing(), landing(motion="no-preference")
    assert still.locator(".controls button").inner_text() == "Replay"
    button, end = moving.locator(".controls button"), moving.locator(".method.gradient .end")
    where = lambda: end.get_attribute("transform")
    before = where()
    moving.wait_for_function(HAS_MOVED, arg=before)
    button.click()
    assert button.inner_text() == "Play"
    paused = where()
    moving.wait_for_timeout(300)
    assert where() == paused
    button.click()
    moving.wait_for_function(HAS_MOVED, arg=paused)
    moving.emulate_media(reduced_motion="reduce")  # while it moves
    expect(button).to_have_text("Replay", timeout=500)


@pytest.mark.book
def test_the_start_moves_by_key_and_by_drag_and_words_follow(landing):
    page = landing()
    handle = page.locator(".start")
    handle.focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowUp")
    np.testing.assert_allclose(start_of(page), [0.1, 0.1], atol=1e-9)
    page.wait_for_function("document.querySelector('.living [role=status]').textContent.includes('(0.10, 0.10)')")
    assert handle.get_attribute("aria-valuetext") == "(0.10, 0.10)"
    page.keyboard.press("Home")
    np.testing.assert_allclose(start_of(page), [0, 0], atol=1e-9)
    box = handle.bounding_box()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.mouse.down()
    page.mouse.move(box["x"] - 40, box["y"] + 60)
    page.mouse.up()
    assert start_of(page)[0] < -0.2
    assert start_of(page)[1] < -0.1


@pytest.mark.book
def test_the_start_follows_a_finger_and_the_page_stays(landing):
    page = landing(390, has_touch=True, is_mobile=True)
    handle = page.locator(".start")
    handle.scroll_into_view_if_needed()
    box, scrolled, before = handle.bounding_box(), page.evaluate("scrollY"), start_of(page)
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    touch = page.context.new_cdp_session(page)
    send = lambda kind, points: touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})
    send("touchStart", [{"x": x, "y": y}])
    for k in range(1, 9):
        send("touchMove", [{"x": x - 4 * k, "y": y + 6 * k}])
    send("touchEnd", [])
    unit = page.locator(".living svg").bounding_box()["width"] / 3
    np.testing.assert_allclose((start_of(page) - before) * unit, [-32, -48], atol=3)
    assert page.evaluate("scrollY") == scrolled


@pytest.mark.book
def test_wherever_the_start_is_put_all_ends_stay_in_the_frame(landing):
    page = landing()
    frame = page.locator(".living svg").bounding_box()
    for across in (0.02, 0.5, 0.98):
        for down in (0.02, 0.5, 0.98):
            page.mouse.click(frame["x"] + across * frame["width"], frame["y"] + down * frame["height"])
            for end in page.locator(".living .end").all():
                box = end.bounding_box()
                assert frame["x"] <= box["x"] <= frame["x"] + frame["width"] - box["width"]
                assert frame["y"] <= box["y"] <= frame["y"] + frame["height"] - box["height"]


@pytest.mark.book
def test_a_box_in_focus_lights_up_its_neighbours_and_follows_its_link(landing, statements):
    page = landing()
    box = page.locator(".box[data-label=thm-kkt]")
    box.focus()
    lit = set(page.locator(".box.near").evaluate_all("boxes => boxes.map(box => box.dataset.label)"))
    rest_on_it = {label for label, statement in statements.items() if "thm-kkt" in premises(statement)}
    assert lit == {"thm-kkt", *premises(statements["thm-kkt"]), *rest_on_it}
    assert page.locator(".arrow.near").count() == len(lit) - 1
    box.press("Enter")
    page.wait_for_url("**/homogeneous.html#thm-kkt", wait_until="commit")


@pytest.mark.book
def test_a_phone_gets_the_list_and_a_wide_screen_the_drawing(landing, statements):
    wide, phone = landing(), landing(width=390)
    visible = lambda page: [page.locator(part).first.is_visible() for part in ("svg.theorem-map", ".theorem-list ul")]
    assert visible(wide) == [True, False]
    assert visible(phone) == [False, True]
    assert wide.locator("svg.theorem-map .box").count() == len(statements)
    links = phone.locator(".theorem-list > ul > li > ul > li > p > a").evaluate_all("l => l.map(a => a.hash.slice(1))")
    assert links == list(statements)


@pytest.mark.book
def test_words_on_the_map_stay_legible(landing):
    page = landing()
    for width in (720, 1024, 1280):
        page.set_viewport_size({"width": width, "height": 900})
        lines, boxes = page.locator("svg.theorem-map .box tspan"), page.locator("svg.theorem-map .box")
        assert min(lines.evaluate_all("lines => lines.map(line => line.getBoundingClientRect().height)")) > 10
        assert boxes.evaluate_all(TOO_WIDE) == []


@pytest.mark.book
def test_only_the_landing_page_loads_its_scripts_and_style():
    for name in ("landing.css", "theorem_map.js", "explorables/living_picture.js"):
        loads = f'script[src*="_static/{name}"], link[href*="_static/{name}"]'
        assert [page for page in PAGES if soup(HTML / "book" / f"{page}.html").select(loads)] == ["index"]
