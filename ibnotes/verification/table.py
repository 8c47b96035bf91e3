"""How a verification shows itself: a row a check, in words, as a picture and in figures.

The picture is the same line for all: how many tolerances the measurement is off its prediction, and its control.
"""

from __future__ import annotations

import html
import re

import numpy as np

from ibnotes.verification.check import CLEARLY, Check
from ibnotes.verification.typeset import typeset

LEAST, MOST = 1e-3, 1e8  # tolerances: what is nearer or farther stands at an end
DECADE = 20  # pixels
WIDTH = round(DECADE * np.log10(MOST / LEAST))
MARGIN = 8
STRIP = r"<svg class=\"strip\".*?</svg>"  # its figures depend on rounding, like those after ≈
LABELS = {LEAST: "0", 1: "1", CLEARLY: f"{CLEARLY}", 1e4: "10⁴", MOST: "10⁸"}


def anchor(theorem: str) -> str:
    """The id of a verification's table on its page."""
    return "verify-" + re.sub("[^a-z0-9]+", "-", theorem.lower()).strip("-")


def proved(record: dict) -> list[str]:
    """The mark of a record that rests on proofs in exact arithmetic; nothing for others."""
    return ["proved: " + "; ".join(record["proved"])] if "proved" in record else []


def table(caption: str, checks: tuple[Check, ...]) -> str:
    """Two rows a check, one of words and its picture and one of figures, so that it fits a phone."""
    text = html.escape
    return (
        f'<div class="verification" id="{anchor(caption)}" tabindex="0" role="region" '
        f'aria-label="Verification: {text(caption)}"><table><caption>{typeset(caption)}</caption>'
        f'<thead><tr><td>Tolerances off the prediction: <span class="measured">●</span> measured, to stay in the band; '
        f'<span class="control">◇</span> control, to pass the mark</td><td>{_axis()}</td></tr></thead>'
        f"{''.join(map(_rows, checks))}</table></div>"
    )


def _rows(check: Check) -> str:
    claim, record = html.escape, check.record()
    links = " ".join(f'<a href="claims.html#claim-{claim(c)}">{claim(c)}</a>' for c in check.claims.split())
    marks = "".join(f'<span class="proved">{typeset(mark)}</span>' for mark in proved(record))
    value, space, many = map(typeset, record["measured"].partition(" "))
    sign, tolerance = "+" if check.at_most else "±", typeset(record["tolerance"].partition(" ")[0])
    reason = f" ({typeset(check.slack)})" if check.slack else ""
    verdict = "" if check.verdict == "holds" else f'<strong class="verdict">{check.verdict}</strong>: '
    return (
        f'<tbody><tr><th scope="rowgroup"><span class="claims">{links}</span>{typeset(check.quantity)}{marks}</th>'
        f"<td>{_strip(check)}</td></tr>"
        f'<tr><td colspan="2">{verdict}measured <b>{value}</b>{space}{many}, '
        f"predicted {typeset(record['predicted'])} {sign} {tolerance}{reason}; "
        f"control {typeset(f'{check.nearest.value:.3g}')}: {typeset(check.broken)}</td></tr></tbody>"
    )


def _place(tolerances: float) -> float:
    """Pixels from the left, on the logarithmic axis."""
    return MARGIN + DECADE * np.log10(np.clip(tolerances, LEAST, MOST) / LEAST)


def _strip(check: Check) -> str:
    """The tolerance as a band, the line that the control must reach, the two marks."""
    used, missed = (entry.deviation / check.tolerance for entry in (check.worst, check.nearest))
    measured, control, least = _place(np.nan_to_num(used, nan=MOST)), _place(np.nan_to_num(missed)), _place(CLEARLY)
    beyond = f'<path d="M{control + 5:.0f} 4l4 4l-4 4" fill="none" stroke="currentColor"/>' * (missed > MOST)
    return (
        f'<svg class="strip" width="{WIDTH + 3 * MARGIN}" height="16" role="img" '
        f'aria-label="{used:.2g} of the tolerance used, the control {missed:.2g} tolerances off">'
        f'<rect x="0" width="{_place(1):.0f}" height="16" fill="currentColor" opacity="0.12"/>'
        f'<path d="M0 8H{MARGIN + WIDTH}M{least:.0f} 3v10" fill="none" stroke="currentColor" opacity="0.4"/>'
        f'<path class="control" d="M{control:.1f} 3l5 5l-5 5l-5-5z" fill="none" stroke="#d55e00" stroke-width="2"/>'
        f'{beyond}<circle class="measured" cx="{measured:.1f}" cy="8" r="4.5" fill="#0072b2"/></svg>'
    )


def _axis() -> str:
    labels = "".join(
        f'<text x="{_place(value):.0f}" y="11" text-anchor="{"start" if value == LEAST else "middle"}">{name}</text>'
        for value, name in LABELS.items()
    )
    size = f'width="{WIDTH + 3 * MARGIN}" height="14" font-size="11"'
    return f'<svg {size} aria-hidden="true" fill="currentColor">{labels}</svg>'
