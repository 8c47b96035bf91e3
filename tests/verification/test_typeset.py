"""A line of text with mathematics in it, as HTML: what is set, and that nothing else changes."""

import html
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ibnotes.verification.typeset import typeset

SHORT = {"var": "{}", "sub": "_[{}]", "sup": "^[{}]"}


def short(text):
    """``typeset`` with tags that a person can read: {variable}, _[below], ^[above]."""
    for tag, form in SHORT.items():
        before, after = form.split("{}") if form != "{}" else ("{", "}")
        text = text.replace(f"<{tag}>", before).replace(f"</{tag}>", after)
    return html.unescape(text)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("relative error on unseen entries", "relative error on unseen entries"),
        ("the post's start, a step s of a run", "the post's start, a step {s} of a run"),
        ("a/b along the flow", "{a}/{b} along the flow"),
        ("A run on A, and a ReLU neuron", "A run on {A}, and a ReLU neuron"),
        ("‖w₁‖² − ⟨zᵢ, ŵ⟩", "‖{w}_[1]‖^[2] − ⟨{z}_[{i}], {ŵ}⟩"),
        ("XᵀX + nλI on UUᵀ", "{X}^[⊤]{X} + {nλI} on {UU}^[⊤]"),
        ("2tL(w(t)) and Σα at ηR²L", "2{tL}({w}({t})) and Σ{α} at {ηR}^[2]{L}"),
        ("min m_i over log det W, q_max", "min {m}_[{i}] over log det {W}, {q}_[max]"),
        ("W₁₁ / (6t)^(L/(2(L+1)))", "{W}_[11] / (6{t})^[{L}/(2({L}+1))]"),
        ("e^−w₃, t^−(μ−1), e^∓20, x^⅓", "{e}^[−{w}_[3]], {t}^[−({μ}−1)], {e}^[∓20], {x}^[⅓]"),
        ("ℓ1, ℓ∞, ℓ3/2, ℓ2/D, ‖w‖∞, ℓp", "ℓ_[1], ℓ_[∞], ℓ_[3/2], ℓ_[2/{D}], ‖{w}‖_[∞], ℓ_[{p}]"),
        ("ε = 1e-9, 5e5 and 1.29e+04", "{ε} = 10^[−9], 5·10^[5] and 1.29·10^[4]"),
        ("-0.5 to inf, n - 1, depth-two", "−0.5 to inf, {n} - 1, depth-two"),
        ("C14 and ReLU, 4x4 of 24×24", "C14 and ReLU, 4x4 of 24×24"),
        ("SVM, SGD, η at 0.3, d = 10 n", "SVM, SGD, {η} at 0.3, {d} = 10 {n}"),
    ],
)
def test_what_is_set(text, shown):
    assert short(typeset(text)) == shown


@given(st.text("<>&\"'/;=+,.()‖ abtwxLΣγε∞½0123"))
def test_nothing_else_changes_and_all_is_escaped(text):
    shown = typeset(text)
    assert html.unescape(re.sub("</?(?:var|sub|sup)>", "", shown)) == text.replace("-", "−")
    assert re.search("[<>]", re.sub("</?(?:var|sub|sup)>", "", shown)) is None


@given(st.text(st.characters(max_codepoint=0x2FFF)))
def test_any_text_has_a_form_whose_tags_close(text):
    tags = re.findall("<(/?)(var|sub|sup)>", typeset(text))
    open_tags = []
    for closing, tag in tags:
        assert not closing or open_tags.pop() == tag
        open_tags += [] if closing else [tag]
    assert not open_tags
