"""The style touches rcParams only, and each plotting function draws on the Axes it is given and returns it."""

import matplotlib as mpl
import numpy as np
import pytest

mpl.use("Agg")

import matplotlib.pyplot as plt
from matplotlib.colors import to_hex, to_rgba

import ibnotes
from ibnotes.plots import BLUE, GREEN, GREY, OCHRE, ORANGE, PURPLE

X = np.array([[0.0, 1.0], [2.0, 3.0], [4.0, -5.0], [6.0, 0.5]])
Y = np.array([1, -1, -1, 1])


@pytest.fixture
def ax():
    fig, ax = plt.subplots()
    yield ax
    plt.close(fig)


def offsets(collection):
    return np.asarray(collection.get_offsets()).tolist()


def colour(collection):
    return to_hex(collection.get_facecolor()[0])


def test_the_style_is_set_and_can_be_left_again():
    mpl.rcdefaults()  # an example may have set the style before
    before = dict(mpl.rcParams)
    with mpl.rc_context():
        ibnotes.use_style()
        assert mpl.rcParams["figure.facecolor"] == mpl.rcParams["axes.facecolor"] == "none"
        assert mpl.rcParams["axes.spines.top"] is False
        assert mpl.rcParams["axes.prop_cycle"].by_key()["color"][0] == BLUE
    assert dict(mpl.rcParams) == before
    assert before["figure.facecolor"] != "none"


def test_text_keeps_a_contrast_of_three_on_light_and_on_dark():
    """WCAG 2.2: (lighter + .05) / (darker + .05) of the relative luminances."""

    def luminance(color):
        linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in to_rgba(color)[:3]]
        return np.dot([0.2126, 0.7152, 0.0722], linear)

    for color in (BLUE, ORANGE, GREEN, PURPLE, OCHRE, GREY):
        assert (luminance("white") + 0.05) / (luminance(color) + 0.05) > 3
        assert (luminance(color) + 0.05) / (luminance("#14181e") + 0.05) > 3


def test_a_label_is_written_at_its_point_in_its_colour(ax):
    assert ibnotes.label(ax, 2, 3, "max margin", BLUE, fontsize=9) is ax
    (text,) = ax.texts
    assert (text.get_text(), text.xy, text.get_color(), text.get_fontsize()) == ("max margin", (2, 3), BLUE, 9)


def test_a_label_is_grey_unless_told(ax):
    assert ibnotes.label(ax, 0, 0, "theory").texts[0].get_color() == GREY


def test_each_class_has_its_colour_and_its_shape(ax):
    assert ibnotes.plot_points(ax, X, Y) is ax
    positive, negative, _ = ax.collections
    assert (offsets(positive), colour(positive)) == (X[Y == 1].tolist(), BLUE)
    assert (offsets(negative), colour(negative)) == (X[Y == -1].tolist(), ORANGE)
    assert len(positive.get_paths()[0].vertices) != len(negative.get_paths()[0].vertices)


def test_support_vectors_wear_rings(ax):
    ibnotes.plot_points(ax, X, Y, support=[2, 0])
    rings = ax.collections[-1]
    assert offsets(rings) == X[[2, 0]].tolist()
    assert rings.get_facecolor().size == 0
    assert to_hex(rings.get_edgecolor()[0]) == GREY


def test_without_support_vectors_there_are_no_rings(ax):
    ibnotes.plot_points(ax, X, Y)
    assert len(offsets(ax.collections[-1])) == 0


def test_lists_and_a_single_class_can_be_plotted(ax):
    ibnotes.plot_points(ax, X.tolist(), [1, 1, 1, 1])
    assert offsets(ax.collections[0]) == X.tolist()
    assert offsets(ax.collections[1]) == []


def test_angles_are_not_distorted(ax):
    assert ibnotes.plot_points(ax, X, Y).get_aspect() == 1


WRONG = {
    "no axes": ({"ax": plt}, "ax must be a matplotlib Axes.*found module"),
    "a grid of axes": ({"ax": np.array([None, None])}, "ax must be a matplotlib Axes.*found ndarray"),
    "three columns": ({"X": np.ones((4, 3))}, r"X must have two columns to be drawn, found shape \(4, 3\)"),
    "one point, flat": ({"X": [1.0, 2.0]}, r"X must be 2-dimensional, found shape \(2,\)"),
    "a missing coordinate": ({"X": [[0.0, np.nan]] * 4}, r"X must be finite, found nan at index \(0, 1\)"),
    "too few labels": ({"y": Y[:3]}, "y must have one entry per row of X, found 3 for 4 rows"),
    "labels 0 and 1": ({"y": [0, 1, 1, 0]}, r"y must hold the labels -1 and \+1, found {0, 1}"),
    "a mask": ({"support": Y == 1}, "support must hold indices of rows, integers from 0 to 3, found"),
    "an index too far": ({"support": [4]}, r"support must hold indices.*found \[4\]"),
    "counted from the end": ({"support": [-1]}, r"support must hold indices.*found \[-1\]"),
    "fractions": ({"support": [0.5]}, r"support must hold indices.*found \[0.5\]"),
}


@pytest.mark.parametrize(("change", "message"), WRONG.values(), ids=WRONG)
def test_what_cannot_be_drawn_is_refused_before_anything_is(ax, change, message):
    with pytest.raises(ValueError, match=message):
        ibnotes.plot_points(**{"ax": ax, "X": X, "y": Y, "support": [0]} | change)
    assert not ax.collections
    assert ax.get_aspect() == "auto"


@pytest.mark.parametrize(
    ("place", "message"),
    [((np.nan, 0), "x must be a finite"), ((0, [1, 2]), "y must be a finite"), (("a", 0), "x must")],
)
def test_a_label_nowhere_is_refused(ax, place, message):
    with pytest.raises(ValueError, match=message):
        ibnotes.label(ax, *place, "theory")
    with pytest.raises(ValueError, match="ax must be a matplotlib Axes"):
        ibnotes.label(plt, 0, 0, "theory")
    assert not ax.texts
