"""The live figures in a real browser: they answer mouse, touch and keys in time, with the package's numbers.

A page is opened twice, on a screen and on a phone, and stays open from one test to the next; each resets its figure.
What is compared for the explorables of a page stands in the module of ``parity`` with the page's name.
"""

import importlib
import pkgutil
import re
import time
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest
from browser import HTML, PAGES, open_page, soup

from tests.explorables import parity
from tests.explorables.parity.levers import LABELS, START, margins_of_the_race

pytestmark = pytest.mark.book

BUDGET = 50  # ms from a key to the new picture


MOUNT = r'<figure class="explorable.*?data-explorable="(\w+)"'
# (page, name) of every explorable of the book; read as text, since every run of pytest comes by here
EXPLORABLES = [
    (page, name)
    for page in PAGES
    for name in re.findall(MOUNT, (HTML / "book" / f"{page}.html").read_text(encoding="utf-8"), re.DOTALL)
]
SCREEN = {"viewport": {"width": 1280, "height": 900}}
PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}


def opened(browser, page, settings):
    context = browser.new_context(**settings)
    yield open_page(context, page, typeset=False)
    context.close()


@pytest.fixture(scope="module")
def chapter(request):
    return request.param


@pytest.fixture(scope="module")
def on_screen(browser, chapter):
    yield from opened(browser, chapter, SCREEN)


@pytest.fixture(scope="module")
def on_phone(browser, chapter):
    yield from opened(browser, chapter, PHONE)


def afresh(name, page, outside, errors):
    """The page and the figure, reset and scrolled into view; after the test, nothing may have gone wrong."""
    figure = page.locator(f'figure:has([data-explorable="{name}"])')
    figure.evaluate("figure => figure.querySelector('form').reset()")
    page.mouse.move(0, 0)
    figure.scroll_into_view_if_needed()
    yield page, figure
    page.emulate_media(media="null", color_scheme="null", reduced_motion="null")
    wrong = [*outside, *errors]
    outside.clear()
    errors.clear()
    assert wrong == []


@pytest.fixture
def screen(on_screen, name):
    yield from afresh(name, *on_screen)


@pytest.fixture
def phone(on_phone, name):
    yield from afresh(name, *on_phone)


def state(figure):
    return figure.locator(".state").inner_text()


# all that a text will have been, also where the page is looked at seldom
SEEN = """element => {
    const seen = new Set();
    const look = new MutationObserver(() => seen.add(element.innerText));
    look.observe(element, {childList: true, characterData: true, subtree: true});
    return seen;
}"""


def becomes(page, condition, seconds=5):
    """Whether the page comes to that in time, which a busy machine makes long."""
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            return False
        page.wait_for_timeout(30)
    return True


def test_every_script_is_loaded_somewhere():
    pages = [soup(HTML / "book" / f"{page}.html") for page in PAGES]
    loaded = {
        Path(tag["src"].partition("?")[0]).name for page in pages for tag in page.select("script[src*=explorables]")
    }
    assert loaded == {path.name for path in (HTML / "_static" / "explorables").glob("*.js")}


@pytest.mark.parametrize("name", PAGES)
def test_other_pages_load_no_script_of_theirs(name):
    page = soup(HTML / "book" / f"{name}.html")
    assert page.select("[data-explorable]") or not page.select('[src*="explorables"], [href*="explorables/"]')


def middle(locator):
    box = locator.bounding_box()
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def movable(figure):
    """What can be dragged: the first handle, or else the first slider's middle."""
    return figure.locator(".handle .reach, input[type=range]").first


def answers_keys(page, figure, control):
    """Whether an arrow key changes what is told; a control at its end can go back."""
    told = lambda: state(figure) + (control.get_attribute("aria-valuetext") or "")
    control.focus()
    before = told()
    for key in ("ArrowUp", "ArrowRight", "ArrowLeft"):
        page.keyboard.press(key)
        if becomes(page, lambda: told() != before, 2):
            return True
    return False


# milliseconds from an event to the frame that answers it and the layout it costs
RESPONSE = """(node) => new Promise((done) => {
    const figure = node.closest("figure"), begin = performance.now();
    setTimeout(() => done(Infinity), 2000);
    new MutationObserver((_, observer) => {
        observer.disconnect();
        figure.getBoundingClientRect();
        done(performance.now() - begin);
    }).observe(figure.querySelector(".state"), { childList: true, characterData: true, subtree: true });
    if (node.matches("input")) { node.stepUp(); node.dispatchEvent(new Event("input", { bubbles: true })); }
    else node.dispatchEvent(new KeyboardEvent("keydown", { key: "ArrowUp", bubbles: true }));
})"""


# corners, in each plot, of the words and of the dots and rings: sliders at their ends, handles taken around the plot
EXTREMES = """async (figure) => {
    const seen = [];
    const boxes = (marks, kind, rim) => [...marks.querySelectorAll(kind + ":not([hidden])")].map((node) => {
        const { x, y, width, height } = node.getBBox();
        return [x, y + rim, x + width, y + height - rim];
    });
    const look = async () => {
        await new Promise(requestAnimationFrame);
        for (const marks of figure.querySelectorAll(".plots svg svg")) {
            const frame = [marks.width.baseVal.value, marks.height.baseVal.value];
            seen.push([frame, boxes(marks, "text", 2), boxes(marks, ":is(.dot, .ring)", 0)]);
        }
    };
    await look();
    for (const slider of figure.querySelectorAll("input[type=range]")) for (const end of [slider.min, slider.max]) {
        slider.value = end;
        slider.dispatchEvent(new Event("input"));
        await look();
    }
    figure.querySelector("form").reset();
    for (const handle of figure.querySelectorAll(".handle")) for (const way of ["Up", "Right", "Down", "Left", "Up"]) {
        const press = new KeyboardEvent("keydown", { key: `Arrow${way}`, shiftKey: true });
        for (let k = 0; k < 12; k++) handle.dispatchEvent(press);
        await look();
    }
    return seen;
}"""


def inside(box, frame):
    return min(box) >= 0 and box[2] <= frame[0] and box[3] <= frame[1]


def apart(a, b):
    return any(a[j] >= b[j + 2] or b[j] >= a[j + 2] for j in (0, 1))


@pytest.mark.parametrize(("chapter", "name"), EXPLORABLES, indirect=["chapter"], scope="module")
class TestExplorable:
    def test_mouse(self, screen):
        page, figure = screen
        before, (x, y) = state(figure), middle(movable(figure))
        page.mouse.move(x, y)
        page.mouse.down()
        page.mouse.move(x + 15, y - 25, steps=4)
        page.mouse.up()
        assert becomes(page, lambda: state(figure) != before)
        figure.get_by_role("button", name="Reset").click()
        assert becomes(page, lambda: state(figure) == before)

    def test_what_there_is_to_try_sets_a_state_and_says_what_to_watch(self, screen):
        _, figure = screen
        watch, first, words = figure.locator(".watch"), state(figure), set()
        buttons = figure.locator(".tries button").all()
        assert 2 <= len(buttons) <= 3
        for button in buttons:
            button.click()
            assert becomes(figure.page, lambda: state(figure) != first), button.inner_text()
            words.add(watch.inner_text())
        assert len(words - {""}) == len(buttons)
        figure.get_by_role("button", name="Reset").click()
        assert becomes(figure.page, lambda: watch.inner_text() == "")

    def test_keyboard_reaches_and_moves_everything(self, screen):
        page, figure = screen
        for control in figure.locator("[role=slider], input[type=range], input[type=radio]:checked").all():
            assert answers_keys(page, figure, control), control
        for box in figure.locator("input[type=checkbox]").all():
            before = state(figure)
            box.press("Space")
            assert becomes(page, lambda before=before: state(figure) != before), box
        assert page.evaluate("document.activeElement.closest('figure') !== null")

    def test_response_within_the_budget(self, screen):
        _, figure = screen
        for control in figure.locator("[role=slider], input[type=range]").all():
            times = [control.evaluate(RESPONSE) for _ in range(8)]
            assert np.quantile(times, 0.25) < BUDGET, times  # the slower ones waited for the tests beside this

    def test_controls_have_names_and_the_state_is_told(self, screen):
        page, figure = screen
        for role in ("slider", "radio", "checkbox", "textbox", "button"):
            named = figure.get_by_role(role, name=re.compile(r"\S"))
            assert figure.get_by_role(role).count() == named.count()
        assert all(slider.get_attribute("aria-valuetext") for slider in figure.get_by_role("slider").all())
        assert becomes(page, lambda: figure.locator(".visually-hidden[role=status]").text_content() == state(figure))

    @pytest.mark.parametrize("motion", ["reduce", "no-preference"])
    def test_less_motion_means_no_animation(self, screen, motion):
        page, figure = screen
        page.emulate_media(reduced_motion=motion)
        for play in figure.get_by_role("button", name="Play").all():
            seen = figure.locator(".state").evaluate_handle(SEEN)
            play.click()
            if motion == "reduce":
                assert becomes(page, lambda seen=seen: seen.evaluate("seen => seen.size") > 0)
                first = state(figure)
                assert not becomes(page, lambda first=first: state(figure) != first, 0.5)
            else:
                assert becomes(page, lambda seen=seen: seen.evaluate("seen => seen.size") > 2, 15)
            assert page.evaluate("document.getAnimations().length") == 0

    def test_words_and_answers_stay_in_sight(self, screen, name):
        _, figure = screen
        for frame, words, spots in figure.evaluate(EXTREMES):
            assert all(inside(box, frame) for box in words)
            assert all(apart(a, b) for a, b in combinations(words, 2))
            if name in ("levers", "nearest_solution", "own_rule", "stability"):  # elsewhere curves may leave the plot
                assert all(inside(box, frame) for box in spots)

    def test_touch(self, phone):
        page, figure = phone
        movable(figure).scroll_into_view_if_needed()
        before, (x, y), scrolled = state(figure), middle(movable(figure)), page.evaluate("scrollY")
        touch = page.context.new_cdp_session(page)
        send = lambda kind, points: touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})
        up = 12 if figure.locator(".handle").count() else 0  # a slider leaves the vertical to the page
        send("touchStart", [{"x": x, "y": y}])
        for k in range(1, 5):
            send("touchMove", [{"x": x + 8 * k, "y": y - up * k}])
        send("touchEnd", [])
        assert becomes(page, lambda: state(figure) != before)
        assert page.evaluate("scrollY") == scrolled

    @pytest.mark.parametrize("scheme", ["light", "dark"])
    def test_fits_a_phone(self, phone, scheme):
        page, figure = phone
        page.emulate_media(color_scheme=scheme)
        page.wait_for_function("scheme => document.documentElement.dataset.theme === scheme", arg=scheme, polling=50)
        assert page.evaluate("document.documentElement.scrollWidth") <= 390
        boxes = [part.bounding_box() for part in figure.locator(".plots > svg, input, button, output, .state").all()]
        inside = figure.bounding_box()
        assert all(box["x"] >= inside["x"] - 1 for box in boxes if box)
        assert all(box["x"] + box["width"] <= inside["x"] + inside["width"] + 1 for box in boxes if box)


@pytest.mark.parametrize(("chapter", "name"), [("levers", "stability")], indirect=["chapter"], scope="module")
def test_on_paper_the_controls_are_gone(screen):
    page, figure = screen
    page.emulate_media(media="print")
    assert not any(control.is_visible() for control in figure.locator("button, input").all())
    assert all(figure.locator(kept).first.is_visible() for kept in (".plots", ".key", ".state"))


@pytest.mark.parametrize(("chapter", "name"), [("levers", "levers")], indirect=["chapter"], scope="module")
def test_the_race_says_the_margins_that_the_package_finds(screen):
    page, figure = screen
    told = {}
    for button in figure.locator(".tries button").all():
        button.click()
        page.wait_for_timeout(100)
        found = re.findall(r"(\w+) ([\d.]+)% of ℓ(1|2|∞)", state(figure))
        told[button.inner_text()] = {(who, norm): float(share) for who, share, norm in found}
    expected = margins_of_the_race()
    assert told.keys() == expected.keys()
    for setting, shares in told.items():
        assert shares.keys() == expected[setting].keys()
        assert all(abs(share - expected[setting][row]) <= 0.05 + 1e-6 for row, share in shares.items()), setting


def step_out_of_bounds(X, y, step_size):
    """Of descent on the mean exponential loss, one point after the other."""
    w, k = np.zeros(2), 0
    while (abs(w) < 1e100).all():
        z = y[k % len(y)] * X[k % len(y)]
        with np.errstate(over="ignore"):
            w, k = w + step_size * np.exp(-z @ w) * z, k + 1
    return k


@pytest.mark.parametrize(("chapter", "name"), [("levers", "levers")], indirect=["chapter"], scope="module")
def test_a_racer_that_diverges_is_marked_and_no_other(screen):
    page, figure = screen
    said = lambda: figure.locator("text:not([hidden])").filter(has_text="diverged").all_text_contents()
    figure.get_by_role("radio", name="one").check()
    assert becomes(page, lambda: "one point a step" in state(figure))
    assert said() == []
    first = figure.locator(".handle").first
    for key in ["ArrowLeft"] * 4 + ["ArrowUp"] * 3:  # to the upper left corner
        first.press(f"Shift+{key}")
    corner = np.vstack([[-3, 3], START[1:]])
    words = f"diverged at step {step_out_of_bounds(corner, LABELS, 0.1)}"
    assert becomes(page, lambda: f"descent {words}" in state(figure))
    assert state(figure).count("diverged") == 1
    assert said() == [f"descent {words}", words]  # at its curve, and in the strip
    slider = figure.get_by_role("slider", name="Steps")
    slider.fill("2")
    assert becomes(page, lambda: "diverged" not in state(figure))  # not yet, but the curve has its end
    assert said() == [f"descent {words}"]


OWN_RULE = pytest.mark.parametrize(("chapter", "name"), [("atlas", "own_rule")], indirect=["chapter"], scope="module")
# each with what is marked of it, and a word of what is said
WRONG = {
    "": ("\u00a0", "empty"),
    "g +": ("\u00a0", "missing"),
    "2 g": ("g", "operator"),
    "g + * m": ("*", "missing before"),
    "sign(g * (m": ("(", "never closed"),
    "g)": (")", "closes none"),
    "sign g": ("sign", "brackets"),
    "g / lenght": ("lenght", "not known"),
    "norm(g)": ("norm(g)", "one number"),
    "g; document.title = 'x'": (";", "nothing here"),
    "window.hostile = 1": (".", "nothing here"),
    "constructor": ("constructor", "not known"),
    "g.constructor.constructor('window.hostile = 1')()": (".", "nothing here"),
    "__proto__": ("_", "nothing here"),
    "toString(g)": ("toString", "not known"),
    "eval(g)": ("eval", "not known"),
    "g[0]": ("[", "nothing here"),
    "`${window.hostile = 1}`": ("`", "nothing here"),
    "<img src=x onerror='window.hostile = 1'>": ("<", "nothing here"),
    "\\u0065val(g)": ("\\", "nothing here"),
    50 * "(" + "g": ("(", "too many"),
    50 * "g^" + "g": ("g", "too many"),
    150 * "-g" + "g": (None, "longer than"),
}


@OWN_RULE
@pytest.mark.parametrize("formula", WRONG)
def test_what_is_no_formula_does_nothing_but_say_why(screen, formula):
    page, figure = screen
    marked, words = WRONG[formula]
    field = figure.get_by_role("textbox", name="Your rule")
    title = page.title()
    field.fill(formula)
    wrong = figure.locator(".wrong")
    assert becomes(page, lambda: words in wrong.inner_text())
    assert marked in (None, wrong.locator("mark").text_content())
    assert field.get_attribute("aria-invalid") == "true"
    assert field.get_attribute("aria-describedby")
    assert "cannot be read" in state(figure)
    assert page.evaluate("window.hostile === undefined && ({}).hostile === undefined")
    assert page.title() == title
    assert page.locator("img[src=x]").count() == 0
    figure.get_by_role("button", name="Reset").click()
    assert becomes(page, lambda: wrong.inner_text() == "" and "point to ℓ∞" in state(figure))
    assert field.get_attribute("aria-invalid") == "false"


# each with what it is for the numbers g = (4, -9), m = (1, 2), t = 3
FORMULAS = {
    "-g^2": [-16, -81],
    "2^-1 * g": [2, -4.5],
    "2^3^2 * sign(g)": [512, -512],
    "m - g - 1": [-4, 10],
    "g / m * 2": [8, -9],
    "√(abs(g)) · m²": [2, 12],
    "1e-1*g + .5": [0.9, -0.4],
    "g / (norm1(g) + max(g) - min(m) + sum(g)*t)": [4 / 1, -9 / 1],
}


@OWN_RULE
def test_formulas_are_read_as_they_are_meant(screen):
    page, _ = screen
    read = """(text) => ibnotes.parseFormula(text, new Map([["g", "vector"], ["m", "vector"], ["t", "number"]]))(
        new Map([["g", [4, -9]], ["m", [1, 2]], ["t", 3]]))"""
    for formula, value in FORMULAS.items():
        assert page.evaluate(read, formula) == pytest.approx(value, rel=1e-12), formula


@OWN_RULE
def test_a_rule_that_breaks_down_says_so(screen):
    page, figure = screen
    for formula, words in {"exp(exp(t)) * g": "diverges", "0*g": "stalls", "-g": "does not separate"}.items():
        figure.get_by_role("textbox").fill(formula)
        assert becomes(page, lambda words=words: words in state(figure)), (formula, state(figure))


@OWN_RULE
def test_presets_and_things_to_try_have_the_fingerprints_that_theory_gives_them(screen):
    page, figure = screen
    expected = {
        "gradient descent": "ℓ2", "sign": "ℓ∞", "normalized": "ℓ2", "momentum": "ℓ2", "Adam": "ℓ∞", "Lion": "ℓ∞",
        "one length for both": "ℓ2", "a large ε": "ℓ2",
    }  # fmt: skip
    for button, norm in expected.items():
        figure.get_by_role("button", name=button, exact=True).click()
        rule = figure.get_by_role("textbox").input_value()
        assert becomes(page, lambda rule=rule: f"The rule {rule} " in state(figure)), button
        assert f"point to {norm}" in state(figure), button
        rotation = figure.locator(".fingerprint tbody tr").first.locator("td").first.inner_text()
        assert rotation == ("yes" if norm == "ℓ2" and button != "a large ε" else "no"), button
    figure.get_by_role("button", name="root of a sign").click()
    assert becomes(page, lambda: "undecided" in state(figure))


def test_there_is_an_explorable():
    assert ("max_margin", "max_margin") in EXPLORABLES


PARITY = 1e-6  # relative where the answer is larger than one
MODULES = [
    importlib.import_module(f"tests.explorables.parity.{name}") for _, name, _ in pkgutil.iter_modules(parity.__path__)
]
CASES = {module.__name__.rpartition(".")[2]: module.cases for module in MODULES if hasattr(module, "cases")}


@pytest.fixture(scope="module")
def compared(on_screen, chapter):
    """The page, and its cases."""
    return on_screen[0], list(CASES[chapter](np.random.default_rng(0)))


def deviations(page, cases):
    """Relative distance of each answer of the page from the package's."""
    plain = lambda value: value.tolist() if isinstance(value, np.ndarray) else value
    calls = [[code, [plain(argument) for argument in arguments]] for code, arguments, _ in cases]
    answers = page.evaluate("(calls) => calls.map(([code, given]) => eval(code)(...given))", calls)
    expected = [np.asarray(answer, dtype=float) for _, _, answer in cases]
    assert [np.shape(answer) for answer in answers] == [answer.shape for answer in expected]
    return np.array([abs(a - e).max() / max(1, abs(e).max()) for a, e in zip(answers, expected, strict=True)])


@pytest.mark.parametrize("chapter", CASES, indirect=True, scope="module")
def test_the_page_computes_what_the_package_does(compared):
    assert deviations(*compared).max() < PARITY


@pytest.mark.parametrize("chapter", CASES, indirect=True, scope="module")
def test_a_point_moved_by_a_thousandth_is_noticed(compared):
    page, cases = compared
    moved = [(code, (np.multiply(first, 1.001), *rest), answer) for code, (first, *rest), answer in cases]
    assert (deviations(page, moved) > PARITY).mean() > 0.5
