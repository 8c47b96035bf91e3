"""The drawing of the map of theorems: one lane a chapter, boxes on a grid, arrows that bend at right angles.

Arrows run between the boxes: straight to a neighbour; or down into the next row; or, further, along the
trunk of their source, a vertical line beside its column that all its far arrows share.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape
from textwrap import wrap

WIDTH, NAME, RADIUS = 900, 156, 8
BOX_W, BOX_H = 158, 56
STEP_X, STEP_Y = BOX_W + 30, BOX_H + 36
Point = tuple[float, float]


@dataclass(frozen=True)
class Box:
    """A statement: its title is drawn, ``words`` are read out; row and column are those in its lane."""

    label: str
    title: str
    words: str
    href: str
    kind: str
    row: int
    column: int


@dataclass(frozen=True)
class Lane:
    """A chapter and its boxes."""

    title: str
    href: str
    boxes: list[Box]

    @property
    def rows(self) -> int:
        return 1 + max(box.row for box in self.boxes)


def place(lanes: Sequence[Lane]) -> dict[str, tuple[int, int]]:
    """(row, column) of every box in the whole diagram."""
    places, top = {}, 0
    for lane in lanes:
        places |= {box.label: (top + box.row, box.column) for box in lane.boxes}
        top += lane.rows
    return places


def corner(row: int, column: int) -> Point:
    """Upper left corner of a box."""
    return NAME + column * STEP_X, (STEP_Y - BOX_H) / 2 + row * STEP_Y


def side(row: int, column: int, direction: int) -> Point:
    """Middle of a box's right (direction 1) or left side (-1)."""
    x, y = corner(row, column)
    return x + (BOX_W if direction > 0 else 0), y + BOX_H / 2


def route(source: str, target: str, places: dict, arrows: Iterable[tuple[str, str, str]]) -> list[Point]:
    """The corner points of an arrow."""
    (r, c), (row, column) = places[source], places[target]
    if r == row:
        if abs(c - column) != 1:
            raise ValueError(f"{source} and {target} are in one row and not neighbours: move one")
        return [side(r, c, column - c), side(row, column, c - column)]
    x, y = corner(r, c)
    above_x, above_y = corner(row, column)
    leave, enter = (x + BOX_W / 2, y + BOX_H), (above_x + BOX_W / 2, above_y)
    taken = set(places.values())
    if c == column and all((between, c) not in taken for between in range(r + 1, row)):
        return [leave, enter]
    gap = (STEP_Y - BOX_H) / 2
    if row == r + 1:
        return [leave, (leave[0], enter[1] - gap), (enter[0], enter[1] - gap), enter]
    outwards = 1 if c else -1  # the first column's trunk is on its left
    trunk = side(r, c, outwards)[0] + outwards * (STEP_X - BOX_W) / 2
    start = [side(r, c, outwards), (trunk, y + BOX_H / 2)]
    facing = 1 if trunk > above_x else -1
    end = side(row, column, facing)
    if abs(end[0] - trunk) < STEP_X - BOX_W and not meets_neighbour(target, facing, places, arrows):
        return [*start, (trunk, end[1]), end]
    return [*start, (trunk, enter[1] - gap), (enter[0], enter[1] - gap), enter]


def meets_neighbour(label: str, direction: int, places: dict, arrows: Iterable[tuple[str, str, str]]) -> bool:
    """Whether an arrow to or from the next box in the row takes that side."""
    row, column = places[label]
    beside = (row, column + direction)
    ends = {(source, target) for _, source, target in arrows}
    return any(label in pair and beside in (places[pair[0]], places[pair[1]]) for pair in ends)


def rounded(points: Sequence[Point]) -> str:
    """Path data of a polyline along the axes with rounded corners."""

    def towards(a: Point, b: Point) -> str:
        length = abs(b[0] - a[0]) + abs(b[1] - a[1])
        share = min(RADIUS, length / 2) / length
        return f"{a[0] + share * (b[0] - a[0]):g} {a[1] + share * (b[1] - a[1]):g}"

    path = f"M{points[0][0]:g} {points[0][1]:g}"
    for before, here, after in zip(points, points[1:], points[2:], strict=False):
        if before[0] == here[0] == after[0] or before[1] == here[1] == after[1]:
            continue
        path += f"L{towards(here, before)}Q{here[0]:g} {here[1]:g} {towards(here, after)}"
    return path + f"L{points[-1][0]:g} {points[-1][1]:g}"


def head(points: Sequence[Point]) -> str:
    """Path data of the arrow's tip."""
    (a, b), (x, y) = points[-2:]
    dx, dy = (x > a) - (x < a), (y > b) - (y < b)
    return f"M{x:g} {y:g}l{-8 * dx - 4 * dy:g} {-8 * dy - 4 * dx:g}l{8 * dy:g} {8 * dx:g}z"


def balanced(title: str, width: int) -> list[str]:
    """The title in as few lines as fit the width, of about equal length."""
    wrapped = [wrap(title, w, break_long_words=False) for w in range(1, width + 1)]
    return next(lines for lines in wrapped if len(lines) == len(wrapped[-1]))


def text(lines: Sequence[str], x: float, middle: float) -> str:
    """Lines of text, centred vertically on ``middle``."""
    first = middle - 8 * (len(lines) - 1)
    spans = (f'<tspan x="{x:g}" y="{first + 16 * i:g}">{escape(line)}</tspan>' for i, line in enumerate(lines))
    return f'<text dominant-baseline="central">{"".join(spans)}</text>'


def draw_lane(lane: Lane, top: int) -> str:
    y, height = top * STEP_Y, lane.rows * STEP_Y
    return (
        f'<g class="lane"><rect y="{y}" width="{WIDTH}" height="{height}" rx="8"/>'
        f'<a href="{escape(lane.href)}">{text(balanced(lane.title, 16), 14, y + STEP_Y / 2)}</a></g>'
    )


def draw_box(box: Box, row: int, column: int) -> str:
    x, y = corner(row, column)
    words = escape(box.words)
    return (
        f'<a class="box {box.kind}" href="{escape(box.href)}" data-label="{box.label}" aria-label="{words}">'
        f'<title>{words}</title><rect x="{x:g}" y="{y:g}" width="{BOX_W}" height="{BOX_H}" rx="6"/>'
        f"{text(balanced(box.title, 20), x + BOX_W / 2, y + BOX_H / 2)}</a>"
    )


def draw(lanes: Sequence[Lane], arrows: Sequence[tuple[str, str, str]]) -> str:
    """The diagram as inline SVG; ``arrows`` are (kind, source, target), by label."""
    places = place(lanes)
    tops = [sum(lane.rows for lane in lanes[:i]) for i in range(len(lanes))]
    parts = [draw_lane(lane, top) for lane, top in zip(lanes, tops, strict=True)]
    for kind, source, target in arrows:
        points = route(source, target, places, arrows)
        parts.append(
            f'<g class="arrow {kind}" data-from="{source}" data-to="{target}">'
            f'<path class="line" d="{rounded(points)}"/><path class="head" d="{head(points)}"/></g>'
        )
    parts += [draw_box(box, *places[box.label]) for lane in lanes for box in lane.boxes]
    height = sum(lane.rows for lane in lanes) * STEP_Y
    about = f"Map of {len(places)} theorems of the book and of what each rests on; a list follows"
    frame = f'<svg class="theorem-map" viewBox="0 0 {WIDTH} {height}" role="group" aria-label="{about}">'
    return f"{frame}{''.join(parts)}</svg>"
