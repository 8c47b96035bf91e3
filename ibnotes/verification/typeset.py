"""Plain text with mathematics in it, as HTML that looks like mathematics.

A check's name is one line of text, which a terminal shows, the ledger quotes and a test searches. In a notebook its
variables become italic, what is raised or lowered is set so, and 1e-9 is a power of ten. Nothing has to be marked.
"""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Callable

from ibnotes.problems.plain import LOWERED, RAISED

LETTER = r"[A-Za-z\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u024f\u0370-\u03ff\u1e00-\u1eff][\u0300-\u036f]*"
INNER = r"\((?:[^()]|\((?:[^()]|\([^()]*\))*\))*\)"  # parentheses within parentheses, twice
FUNCTIONS = {"cos", "det", "diag", "exp", "inf", "log", "max", "min", "rank", "sin", "sup", "tan", "tr"}
TOKENS = re.compile(
    rf"""(?P<power>(?<![\w.])[-−]?\d+(?:\.\d+)?e[-+−]?\d+(?!\w))
    |(?P<minus>(?<![\w.)-])-(?=\d|inf))
    |(?P<above>\^(?:[-−∓±]?(?:{INNER}|\d+|{LETTER}|[¼-¾⅓⅔])[₀-₉]*))
    |(?P<below>_(?:{INNER}|[A-Za-z]+|\d+|{LETTER})|(?<=‖)∞)
    |(?P<raised>[{"".join(RAISED)}]+)
    |(?P<lowered>[{"".join(LOWERED)}]+)
    |(?P<norm>ℓ(?:\d(?:/[\dA-Z])?|∞|[pq](?!\w)))
    |(?P<possessive>['’]\w+)
    |(?P<letters>(?:{LETTER})+)""",
    re.VERBOSE,
)


def typeset(text: str) -> str:
    """HTML of a line of text, all that is special in it escaped.

    Example:
        >>> from ibnotes.verification.typeset import typeset
        >>> typeset("‖w₁‖ < t^(2/L) at 1e-9")
        '‖<var>w</var><sub>1</sub>‖ &lt; <var>t</var><sup>2/<var>L</var></sup> at 10<sup>−9</sup>'
    """
    parts, end = [], 0
    for found in TOKENS.finditer(text):
        parts += [html.escape(text[end : found.start()]), SET[found.lastgroup](found)]
        end = found.end()
    return "".join([*parts, html.escape(text[end:])])


def _power(found: re.Match) -> str:
    mantissa, _, exponent = found[0].replace("−", "-").partition("e")
    factor = "" if mantissa == "1" else f"{mantissa}·"
    return f"{factor}10<sup>{int(exponent)}</sup>".replace("-", "−")


def _script(tag: str) -> Callable[[re.Match], str]:
    def set_script(found: re.Match) -> str:
        inner = found[0].lstrip("^_")
        return f"<{tag}>{typeset(inner[1:-1] if inner.startswith('(') else inner)}</{tag}>"

    return set_script


def _characters(tag: str, plain: dict[str, str]) -> Callable[[re.Match], str]:
    return lambda found: f"<{tag}>{typeset(''.join(plain[each] for each in found[0]))}</{tag}>"


def _letters(found: re.Match) -> str:
    """Variables are italic: single letters, Greek ones, and few together where only mathematics stands."""
    word, before, after = found[0], found.string[: found.start()], found.string[found.end() :]
    bare = [each for each in unicodedata.normalize("NFD", word) if not unicodedata.combining(each)]
    begins = re.search(r"(^|\. )$", before)
    article = (word == "a" or (word == "A" and begins)) and re.match(r" [\w‖]", after)
    among = re.search(r"[\d‖|⟨]$|= $", before) or re.match(rf"[\^_(‖|⟩{''.join(RAISED)}{''.join(LOWERED)}]", after)
    greek = any("α" <= each <= "ω" for each in bare)
    formula = greek or len(bare) == 1 or (len(bare) <= 3 and among)
    name = re.match(r"\d", after) and not greek  # such as C14
    if word in FUNCTIONS or article or name or not formula:
        return word
    return re.sub(r"[^Σ]+", lambda run: f"<var>{run[0]}</var>", word)


SET: dict[str, Callable[[re.Match], str]] = {
    "power": _power,
    "minus": lambda found: "−",
    "above": _script("sup"),
    "below": _script("sub"),
    "raised": _characters("sup", RAISED),
    "lowered": _characters("sub", LOWERED),
    "norm": lambda found: f"ℓ<sub>{typeset(found[0][1:])}</sub>",
    "possessive": lambda found: html.escape(found[0]),
    "letters": _letters,
}
