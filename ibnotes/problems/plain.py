"""Text where an encoding lacks what mathematics is written with: ‖w₁‖² ≤ λ becomes ||w_1||^2 <= lambda.

Such are pipes on Windows, and terminals told so by ``PYTHONIOENCODING=ascii``: there ``print`` would raise.
"""

from __future__ import annotations

import codecs
import re
import sys
import unicodedata

RAISED = dict(zip("⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁽⁾ⁿᵏᴰᴸᵀ", "0123456789+−()nkDL⊤", strict=True))
LOWERED = dict(zip("₀₁₂₃₄₅₆₇₈₉₊₋₍₎ᵢⱼₖ", "0123456789+−()ijk", strict=True))
SPELL = "ibnotes.spell"  # its name among the handlers of codecs
SIGNS = dict(zip("−–×·⟨⟩’⁄⊤≈", "--x*<>'/T~", strict=True))
SIGNS |= {"‖": "||", "∞": "inf", "±": "+-", "∓": "-+", "→": "->", "√": "sqrt", "≤": "<=", "≥": ">="}
SIGNS |= {"✓": "ok:", "✗": "no:"}
SCRIPTS = re.compile(f"(?P<raised>[{''.join(RAISED)}]+)|(?P<lowered>[{''.join(LOWERED)}]+)")


def printable(text: str) -> str:
    """The text as standard output can show it: as it is, but for signs that its encoding lacks."""
    encoding = getattr(sys.stdout, "encoding", None) or "utf-8"
    return text.encode(encoding, errors=SPELL).decode(encoding)


def spell(error: UnicodeError) -> tuple[str, int]:
    """A handler of ``codecs``: what cannot be encoded, in ASCII."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    lacking = SCRIPTS.sub(_script, error.object[error.start : error.end])
    return "".join(map(_spelled, lacking)), error.end


def _script(found: re.Match) -> str:
    sign, plain = ("^", RAISED) if found["raised"] else ("_", LOWERED)
    return sign + "".join(plain[each] for each in found[0])


def _spelled(sign: str) -> str:
    """By the table, or without accents, or as a Greek letter's name, or by its number."""
    if sign.isascii():
        return sign
    apart = "".join(SIGNS.get(each, each) for each in unicodedata.normalize("NFKD", sign))
    bare = "".join(each for each in apart if not unicodedata.combining(each))
    name = unicodedata.name(sign, "")
    if bare.isascii():
        return bare
    if name.startswith("GREEK"):
        word = name.split(" WITH ")[0].split()[-1].replace("LAMDA", "LAMBDA")
        return word.capitalize() if "CAPITAL" in name else word.lower()
    return f"\\u{ord(sign):04x}"


codecs.register_error(SPELL, spell)
