"""Where an encoding lacks signs of mathematics, they are spelled, and nothing raises."""

import io
import sys

import pytest

import ibnotes as ib
from ibnotes.problems.plain import printable

TEXT = "‖w₁‖² ≤ λ, t → ∞ of ℓ₁ ⟨u, v⟩ ŵ ½ 10⁻⁹ Λ ±2 Xᵀλ̂ ≈√é"
SPELLED = "||w_1||^2 <= lambda, t -> inf of l_1 <u, v> w 1/2 10^-9 Lambda +-2 X^Tlambda ~sqrte"


def terminal(encoding):
    return io.TextIOWrapper(io.BytesIO(), encoding=encoding)


@pytest.mark.parametrize(
    ("encoding", "shown"),
    [("ascii", SPELLED), ("utf-8", TEXT), ("cp1252", SPELLED.replace("||^2", "||²").replace("w 1/2", "w ½"))],
)
def test_text_is_spelled_where_it_must_be(monkeypatch, encoding, shown):
    monkeypatch.setattr(sys, "stdout", terminal(encoding))
    assert printable(TEXT).replace("±", "+-").replace("é", "e") == shown.replace("±", "+-").replace("é", "e")


def test_other_scripts_have_their_numbers(monkeypatch):
    monkeypatch.setattr(sys, "stdout", terminal("ascii"))
    assert printable("中") == r"\u4e2d"


def test_a_table_and_a_failure_are_printed_on_an_ascii_terminal(monkeypatch):
    monkeypatch.setattr(sys, "stdout", terminal("ascii"))
    row = ("I1", "‖w‖²", 3.0, 3.0)
    print(ib.verify("ℓ₂", ib.Check(*row, 1e-3, control=4.0, broken="ℓ₁", slack="exact")))
    with pytest.raises(ib.VerificationError) as caught:
        ib.verify("ℓ₂", ib.Check(*row, 1e-3, control=3.0, broken="ℓ₁"))
    print(caught.value, ib.adam_regime(1.0, 100))
    sys.stdout.flush()
    shown = sys.stdout.buffer.getvalue().decode("ascii")
    assert "quantity ||w||^2" in shown
    assert "The linf direction" in shown
    assert "no: ||w||^2: it holds, and all but holds" in shown
