"""What a live figure draws can be read wherever its controls are, and on paper."""

from itertools import combinations

import pytest
from test_explorables import explorables, opened

pytestmark = pytest.mark.book

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


@pytest.mark.parametrize(("page", "name"), explorables())
def test_words_and_answers_stay_in_sight(browser, page, name):
    with opened(browser, page, name) as (_, figure):
        for frame, words, spots in figure.evaluate(EXTREMES):
            assert all(inside(box, frame) for box in words)
            assert all(apart(a, b) for a, b in combinations(words, 2))
            if name in ("nearest_solution", "stability"):  # elsewhere curves may leave the plot
                assert all(inside(box, frame) for box in spots)


def test_on_paper_the_controls_are_gone(browser):
    with opened(browser, "levers", "stability") as (page, figure):
        page.emulate_media(media="print")
        assert not any(control.is_visible() for control in figure.locator("button, input").all())
        assert all(figure.locator(kept).first.is_visible() for kept in (".plots", ".key", ".state"))
