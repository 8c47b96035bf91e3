"""The pages of the problem sets: each offers its notebook, and says how to check it before handing in."""

import pytest
from browser import HTML, opened, soup
from test_book import ASSIGNMENTS, PROBLEM_SETS

pytestmark = pytest.mark.book


@pytest.mark.parametrize("name", sorted(PROBLEM_SETS))
def test_the_button_below_the_title_hands_out_the_notebook(name):
    page = HTML / "book" / f"{name}.html"
    (button,) = soup(page).select("h1 ~ p > a[download]")
    handed_out = ASSIGNMENTS.parent / "release" / "/".join(name.split("/")[-2:])
    assert (page.parent / button["href"]).resolve().read_bytes() == handed_out.with_suffix(".ipynb").read_bytes()
    assert button["download"] == f"{handed_out.name}.ipynb"
    assert f"python -m ibnotes check {handed_out.name}.ipynb" in soup(page).article.get_text()


@pytest.mark.parametrize("width", [360, 1280])
def test_it_is_in_sight(browser, width):
    size = {"width": width, "height": 700}
    with opened(browser, "assignments/release/ps1/infinitely_many_solutions", typeset=False, viewport=size) as page:
        box = page.locator("h1 ~ p > a[download]").bounding_box()
        assert 0 < box["y"] < box["y"] + box["height"] < 500
        assert 0 < box["x"] < box["x"] + box["width"] < width
