"""A check passes only where it could have failed, and its record is the same on every machine."""

import json
import re
from dataclasses import FrozenInstanceError
from decimal import Decimal

import numpy as np
import pandas as pd
import pytest
import torch
from hypothesis import example, given
from hypothesis import strategies as st
from instances import ADZ

import ibnotes
from ibnotes.verification.check import COLUMNS, FIGURE
from ibnotes.verification.table import STRIP
from ibnotes.verification.typeset import typeset
from ibnotes.verification.verify import RECORD, LooseTolerance

GOOD = {
    "claims": "C5 C14",
    "quantity": "limit of t L(w)",
    "measured": 1.0004,
    "predicted": 1.0,
    "tolerance": 1e-3,
    "control": 1.5,
    "broken": "the wrong norm",
}


def check(**changes):
    return ibnotes.Check(**{**GOOD, **changes})


def judge(**changes):
    return ibnotes.verify("Theorem", check(**changes))


# Verdicts


def test_a_good_check_passes():
    found = check()
    assert found.holds
    assert found.could_fail
    assert found.verdict == "holds"
    assert ibnotes.verify("Theorem", found).checks == (found,)


MISSES = {
    "above": {"measured": 1.0011},
    "below": {"measured": 0.9989},
    "NaN": {"measured": np.nan},
    "inf": {"measured": np.inf},
    "the worst of several, first": {"measured": [1.1, 1.0, 1.0]},
    "the worst of several, last": {"measured": [1.0, 1.0, 1.1]},
    "the worst of several, below": {"measured": [1.0, 0.9, 1.0001]},
    "one NaN among several": {"measured": [1.0, np.nan, 1.0]},
    "against its own entry": {"measured": [1.0, 2.0], "predicted": [1.0, 2.1], "control": [9.0, 9.0]},
}


@pytest.mark.parametrize("changes", MISSES.values(), ids=MISSES)
def test_a_measurement_off_its_prediction_raises(changes):
    assert check(**changes).verdict == "FAILS"
    with pytest.raises(ibnotes.VerificationError, match="FAILS"):
        judge(**changes)


VAIN = {
    "equal to the prediction": {"control": 1.0},
    "equal to the measurement": {"control": GOOD["measured"]},
    "outside the tolerance, not clearly": {"control": 1.009},
    "below, not clearly": {"control": 0.991},
    "NaN": {"control": np.nan},
    "the nearest of several, first": {"control": [1.001, 2.0, 3.0]},
    "the nearest of several, last": {"control": [3.0, 2.0, 1.001]},
    "one NaN among several": {"control": [3.0, np.nan]},
    "against its own entry": {"measured": [1.0, 2.0], "predicted": [1.0, 2.0], "control": [5.0, 2.0]},
}


@pytest.mark.parametrize("changes", VAIN.values(), ids=VAIN)
def test_a_control_that_is_near_raises(changes):
    assert check(**changes).verdict == "PROVES NOTHING"
    with pytest.raises(ibnotes.VerificationError, match="PROVES NOTHING"):
        judge(**changes)


@pytest.mark.parametrize("control", [1.011, 0.989, np.inf, -np.inf, [1.2, np.inf], [0.5, 1.5]], ids=str)
def test_a_control_clearly_outside_counts(control):
    assert judge(control=control).checks[0].could_fail


def test_entries_meet_their_own_predictions():
    """Neither entry would pass against the other's prediction."""
    assert judge(measured=[1.0, 2.0], predicted=[1.0, 2.0005], control=3.0).checks[0].holds


def test_a_failing_check_is_never_reported_as_vain():
    assert check(measured=2.0, control=1.0).verdict == "FAILS"


@given(st.floats(allow_nan=True, allow_infinity=True), st.floats(allow_nan=True, allow_infinity=True))
def test_the_verdict_is_its_definition(measured, control):
    passes = abs(measured - 1) <= 1e-3 and abs(control - 1) >= 1e-2
    assert (check(measured=measured, control=control).verdict == "holds") == passes


# Bounds


def bound(**changes):
    return check(at_most=True, **changes)


@pytest.mark.parametrize("measured", [-1e300, 0.2, 1.0, 1.0009, [0.3, 1.0009]], ids=str)
def test_what_is_below_a_bound_holds(measured):
    assert bound(measured=measured).verdict == "holds"


@pytest.mark.parametrize("measured", [1.0011, np.inf, np.nan, [0.3, 1.0011], [0.3, np.nan]], ids=str)
def test_what_exceeds_a_bound_fails(measured):
    assert bound(measured=measured).verdict == "FAILS"


@pytest.mark.parametrize("measured", [-np.inf, [0.3, -np.inf]], ids=str)
def test_the_logarithm_of_what_underflowed_is_no_measurement(measured):
    assert bound(measured=measured).verdict == "FAILS"


@pytest.mark.parametrize("control", [0.2, 1.0, 1.009, -np.inf, np.nan, [1.5, 0.2]], ids=str)
def test_a_control_that_obeys_the_bound_proves_nothing(control):
    assert bound(control=control).verdict == "PROVES NOTHING"


def test_the_record_of_a_bound_shows_the_bound_as_one_and_what_was_measured():
    record = bound(measured=[0.25, 0.5, -3.0], control=[2.0, 1.5]).record()
    assert record["predicted"] == "at most 1.000"
    assert record["measured"] == "0.500 (worst of 3)"
    assert record["tolerance"] == "0.001 (≈0 used)"
    assert record["control"] == "1.5 (the wrong norm; ≈500 tolerances off)"


def test_entries_meet_their_own_bounds():
    assert bound(measured=[1.0, 1.9], predicted=[1.0, 2.0], control=3.0).holds
    assert not bound(measured=[1.9, 1.0], predicted=[1.0, 2.0], control=3.0).holds


# Bad checks

INVALID = {
    "no claims": {"claims": ""},
    "blank claims": {"claims": "  "},
    "no quantity": {"quantity": ""},
    "nothing broken": {"broken": ""},
    "nothing measured": {"measured": []},
    "no control": {"control": []},
    "NaN predicted": {"predicted": np.nan},
    "inf predicted": {"predicted": np.inf},
    "one NaN predicted": {"predicted": [1.0, np.nan]},
    "zero tolerance": {"tolerance": 0.0},
    "negative tolerance": {"tolerance": -1e-3},
    "NaN tolerance": {"tolerance": np.nan},
    "infinite tolerance": {"tolerance": np.inf},
    "shapes that disagree": {"measured": [1.0, 1.0, 1.0], "predicted": [1.0, 1.0]},
    "control of another shape": {"control": [2.0, 2.0, 2.0], "predicted": [1.0, 1.0]},
}


@pytest.mark.parametrize("changes", INVALID.values(), ids=INVALID)
def test_an_invalid_check_is_a_value_error(changes):
    with pytest.raises(ValueError, match=r"check|tolerance|broadcast"):
        check(**changes)


def test_a_wrong_tolerance_is_shown():
    with pytest.raises(ValueError, match=r"tolerance must be positive and finite, found -0\.5"):
        check(tolerance=-0.5)


def test_a_check_cannot_be_edited_after_its_verdict():
    with pytest.raises(FrozenInstanceError):
        check().tolerance = 1.0


# verify


def test_verify_wants_a_check():
    with pytest.raises(ValueError, match="at least one check"):
        ibnotes.verify("Theorem")


@pytest.mark.parametrize("place", range(3))
def test_one_bad_check_fails_the_theorem(place):
    checks = [check(), check(), check()]
    checks[place] = check(measured=2.0)
    with pytest.raises(ibnotes.VerificationError):
        ibnotes.verify("Theorem", *checks)


def test_the_error_is_an_assertion_that_shows_the_whole_table():
    assert issubclass(ibnotes.VerificationError, AssertionError)
    with pytest.raises(ibnotes.VerificationError) as caught:
        ibnotes.verify("Soudry's theorem", check(), check(quantity="a rate", measured=2.0))
    for text in ("Soudry's theorem", "limit of t L(w)", "a rate", "verdict holds", "verdict FAILS"):
        assert text in str(caught.value)


def test_a_notebook_shows_the_table_and_words_in_place_of_the_packages_inside():
    rows = check(), check(quantity="a rate", measured=2.0), check(quantity="a norm", control=1.0)
    with pytest.raises(ibnotes.VerificationError) as caught:
        ibnotes.verify("Theorem", *rows)
    shown = caught.value._render_traceback_()
    assert shown[0] == "Theorem"
    assert [line[0] for line in shown if line[:1] in "✓✗" and line] == ["✓", "✗", "✗"]
    assert any(line.startswith("✗ a rate: off by 1e+03 tolerances") for line in shown)
    assert any("a norm" in line and "without the hypothesis too (the wrong norm)" in line for line in shown)
    assert not any("File" in line for line in shown)


# The record


def test_the_record_has_the_columns_as_text():
    record = check().record()
    assert tuple(record) == (*COLUMNS, "loose", "figures")
    assert all(isinstance(record[name], str) for name in COLUMNS)


def test_the_record_of_a_constant():
    record = check(measured=0.26435604, predicted=0.26435601, tolerance=1e-6, control=0.5).record()
    assert record == {
        "claim": "C5 C14",
        "quantity": "limit of t L(w)",
        "predicted": "0.264356",
        "measured": "0.264356",
        "tolerance": "1e-6 (≈0.03 used)",
        "control": "0.5 (the wrong norm; ≈240000 tolerances off)",
        "verdict": "holds",
        "loose": False,
        "figures": {
            "worst": 0.264356,
            "its_prediction": 0.264356,
            "deviation_over_tolerance": 0.03,
            "control_over_tolerance": 235644,
        },
    }


def test_the_record_shows_the_worst_and_says_of_how_many():
    record = check(measured=[1.0, 1.09, 0.99], tolerance=0.1, control=7).record()
    assert record["measured"] == "1.1 (worst of 3)"
    record = check(measured=[1.0, 1.09, 0.99], tolerance=1e-3, control=7).record()
    assert record["measured"] == "1.09 (worst of 3)"


def test_the_record_of_one_value_does_not_speak_of_a_worst():
    assert "worst" not in check().record()["measured"]


def test_the_record_of_many_predictions_is_a_range():
    changes = {"predicted": [0.5, 2.0], "control": 9.0}
    assert check(measured=[0.5, 2.0], **changes).record()["predicted"] == "2 values, 0.5 to 2"
    assert check(measured=[0.5, 2.0004], **changes).record()["measured"] == "≈2.000 for ≈2.000 (worst of 2)"
    assert check(measured=[0.5, 2.25], **changes).record()["measured"] == "≈2.25 for ≈2.000 (worst of 2)"


def test_the_record_shows_the_nearest_control():
    assert check(control=[9.0, -4.0, 3.0]).record()["control"] == "3 (the wrong norm; ≈2000 tolerances off)"
    assert check(control=np.inf).record()["control"] == "inf (the wrong norm; ≈inf tolerances off)"


def test_a_measured_nan_shows():
    assert check(measured=[1.0, np.nan]).record()["measured"] == "nan (worst of 2)"


def test_a_zero_prediction_reads_zero_and_what_was_measured_is_a_number():
    record = check(measured=3e-7, predicted=0, tolerance=1e-6, control=1).record()
    assert record["predicted"] == "0"
    assert record["measured"] == "≈3e-7"
    assert record["tolerance"] == "1e-6 (≈0.3 used)"


def test_figures_that_are_not_finite_are_none():
    figures = check(measured=[1.0, np.nan], control=-np.inf).record()["figures"]
    assert figures == {
        "worst": None,
        "its_prediction": 1.0,
        "deviation_over_tolerance": None,
        "control_over_tolerance": None,
    }


# How much of the tolerance is used


@pytest.mark.parametrize(
    ("measured", "changes", "loose"),
    [
        (1 + 1e-5, {}, False),
        (1 + 1e-7, {}, True),
        (1.0, {}, True),
        (1.0, {"slack": "a count"}, False),
        ([1.0, 1 + 1e-5], {}, False),
        (0.5, {"at_most": True}, False),
    ],
)
def test_a_tolerance_that_is_hardly_used_wants_a_reason(measured, changes, loose):
    assert check(measured=measured, **changes).record()["loose"] == loose


def test_verify_warns_of_it():
    with pytest.warns(LooseTolerance, match="a rate: tighten"):
        judge(quantity="a rate", measured=1.0)
    judge(measured=1.0, slack="a count")


def test_the_reason_is_shown():
    assert check(measured=1.0, slack="a count").record()["tolerance"] == "0.001 (≈0 used: a count)"


@pytest.mark.parametrize("tolerance", [1e-6, 3e-6, 2.5e-7, 1.5e-3, 0.15, 2.0])
def test_the_tolerance_shown_is_the_one_applied(tolerance):
    assert float(check(tolerance=tolerance).record()["tolerance"].split()[0]) == pytest.approx(tolerance, rel=0.05)


@given(st.floats(0, 12), st.sampled_from([-1, 1]), st.integers(-12, 0))
def test_digits_are_shown_down_to_the_tolerance_and_no_further(ratio, sign, exponent):
    """Fewer are allowed only where at least five significant ones remain."""
    tolerance = 10.0**exponent
    value = sign * tolerance * 1.01 * 10**ratio
    shown = Decimal(check(measured=value, predicted=value, tolerance=tolerance, control=np.inf).record()["measured"])
    assert shown.as_tuple().exponent >= exponent
    assert abs(float(shown) - value) <= max(5.001 * tolerance, 5e-5 * abs(value))


@example(4.74, 0.5, 0.06)
@given(
    st.floats(-20, 20),
    st.floats(-1, 1),
    st.sampled_from([1e-3, 2e-3, 0.01, 0.011, 0.015, 0.025, 0.05, 0.06, 0.1, 0.3, 1.0, 4.0]),
)
def test_measured_and_predicted_are_within_the_tolerance_as_printed(predicted, share, tolerance):
    found = check(predicted=predicted, measured=predicted + share * tolerance, tolerance=tolerance, control=np.inf)
    record = found.record()
    if found.holds and not record["measured"].startswith("≈"):
        measured, predicted = Decimal(record["measured"]), Decimal(record["predicted"])
        assert abs(measured - predicted) <= Decimal(record["tolerance"].split()[0])


@pytest.mark.parametrize("measured", [0.9999993, 1.0000004])
def test_measured_and_predicted_have_as_many_decimals(measured):
    """Also on the two sides of a power of ten."""
    record = check(measured=measured, tolerance=1e-6).record()
    assert (record["measured"], record["predicted"]) == ("1.00000", "1.00000")


# Numbers that chapters check: the digits shown must not depend on the last bits of a run.
STABLE = {
    "a constant": (0.2643560416721, 0.2643560416, 1e-6),
    "a constant near a power of ten": (1.0000004, 1.0, 1e-6),
    "just below a power of ten": (0.99999996, 1.0, 1e-6),
    "a large one": (137174.21124828, 137174.2112, 0.05),
    "a negative one": (-1.477434080870, -1.4774340809, 1e-8),
    "a zero": (2e-9, 0.0, 1e-6),
    "a slope": (-0.80793, -0.80796, 3e-4),
    "half a tolerance off": (0.15888, 0.158834, 1e-4),
}


def compared(found):
    """What is compared when a notebook is run anew."""
    return re.sub(FIGURE, "≈", repr(ibnotes.Verification("Theorem", (found,))))


def perturbed(measured, tolerance):
    shifts = np.array([-1e-3, -1e-4, -1e-8, 1e-8, 1e-4, 1e-3]) * tolerance
    return np.asarray(measured) + shifts


@pytest.mark.parametrize(("measured", "predicted", "tolerance"), STABLE.values(), ids=STABLE)
def test_the_record_ignores_what_the_tolerance_leaves_open(measured, predicted, tolerance):
    changes = {"predicted": predicted, "tolerance": tolerance, "control": predicted + 20 * tolerance}
    expected = compared(check(measured=measured, **changes))
    for other in perturbed(measured, tolerance):
        assert compared(check(measured=other, **changes)) == expected


def test_the_worst_of_several_predictions_may_be_another_one():
    changes = {"predicted": [0.5, 2.0, -3e-9], "control": 9.0, "tolerance": 1e-6}
    one, other = ([0.5 + 1e-12, 2.0, 0.0], [0.5, 2.0 - 1e-12, -1e-9])
    assert compared(check(measured=one, **changes)) == compared(check(measured=other, **changes))


def test_the_record_does_see_a_change_larger_than_the_tolerance():
    one, other = (compared(check(measured=m, predicted=m, tolerance=1e-6)) for m in (0.264356, 0.264376))
    assert one != other


def test_the_record_ignores_whether_a_zero_is_exact():
    exact, nearly = (compared(check(measured=m, predicted=0, tolerance=1e-6, control=1)) for m in (0.0, 1e-17))
    assert exact == nearly


@pytest.mark.parametrize("predicted", [0.2643560416, 1.371742112, 137.03599])
def test_the_record_is_stable_for_a_tolerance_relative_to_the_prediction(predicted):
    """Then log10(measured / tolerance) sits at an integer: the number of digits must not flip around it."""
    changes = {"predicted": predicted, "tolerance": 1e-6 * predicted, "control": 2 * predicted}
    records = [compared(check(measured=predicted * (1 + shift), **changes)) for shift in (-1e-9, 0, 1e-9)]
    assert records[0] == records[1] == records[2]


# What a notebook stores and shows


def test_the_bundle_holds_text_html_and_the_record():
    found = judge()
    bundle = found._repr_mimebundle_()
    assert set(bundle) == {"text/plain", "text/html", RECORD}
    assert bundle["text/plain"] == repr(found)
    assert bundle[RECORD] == {"theorem": "Theorem", "checks": [check().record()]}


def test_the_record_is_json():
    record = ibnotes.verify("Theorem", check(), check(measured=np.full(3, 1.0004)))._repr_mimebundle_()[RECORD]
    assert json.loads(json.dumps(record)) == record


def test_the_text_shows_every_column():
    text = repr(judge())
    assert text.startswith("Theorem\n")
    assert all(f"{name} {check().record()[name]}" in text for name in COLUMNS)


def test_the_html_is_escaped_everywhere():
    nasty = "<bold>one & 'two' \"three\"</bold>"
    html = ibnotes.verify(nasty, check(claims=nasty, quantity=nasty, broken=nasty))._repr_mimebundle_()["text/html"]
    assert "<bold" not in html
    escaped = "&lt;bold&gt;one &amp; &#x27;two&#x27; &quot;three&quot;&lt;/bold&gt;"
    assert html.count(escaped) == 4
    assert all(html.count(f">{number}</a>") == 1 for number in escaped.split(" "))


def test_the_html_is_one_table_that_a_screen_reader_can_name():
    html = ibnotes.verify("Theorem 3", check(), check())._repr_mimebundle_()["text/html"]
    assert html.count("<table>") == html.count("</table>") == 1
    assert re.search(r'role="region" aria-label="[^"]*Theorem 3"', html)
    assert "<caption>Theorem 3</caption>" in html
    assert html.count('<th scope="rowgroup">') == 2
    assert "<th>" not in html


@pytest.mark.parametrize(
    ("changes", "line"),
    [
        ({}, "measured <b>1.26</b>, predicted 1.25 ± 0.01; control 3: the wrong norm"),
        (
            {"slack": "a < b"},
            "measured <b>1.26</b>, predicted 1.25 ± 0.01 (<var>a</var> &lt; <var>b</var>); control 3: the wrong norm",
        ),
        ({"at_most": True}, "measured <b>1.26</b>, predicted at most 1.25 + 0.01; control 3: the wrong norm"),
        (
            {"measured": [1.257, 1.25]},
            "measured <b>1.26</b> (worst of 2), predicted 1.25 ± 0.01; control 3: the wrong norm",
        ),
    ],
)
def test_the_html_shows_the_figures_of_every_check(changes, line):
    distinct = check(**{"measured": 1.257, "predicted": 1.25, "tolerance": 0.01, "control": 3.0} | changes)
    html = ibnotes.verify("Theorem 3", distinct, distinct)._repr_mimebundle_()["text/html"]
    assert html.count(">limit of <var>t</var> <var>L</var>(<var>w</var>)</th>") == html.count(f">{line}</td>") == 2


def test_only_a_verdict_that_is_not_the_usual_one_is_shown():
    found = ibnotes.Verification("Theorem", (check(), check(measured=2.0), check(control=1.0)))
    html = found._repr_mimebundle_()["text/html"]
    assert re.findall(r'<strong class="verdict">(.*?)</strong>', html) == ["FAILS", "PROVES NOTHING"]


@given(*[st.floats(-12, 12).map(lambda x: 10**x)] * 2)
def test_the_picture_agrees_with_the_verdict(used, missed):
    """A mark lies in the band just where the measurement holds, and beyond the line just where the control fails."""
    found = check(measured=used, predicted=0, tolerance=1.0, control=missed)
    svg = re.search(STRIP, ibnotes.Verification("Theorem", (found,))._repr_mimebundle_()["text/html"])[0]
    measured, control, band, line = (
        float(re.search(pattern, svg)[1])
        for pattern in (r'cx="([\d.]+)"', r'class="control" d="M([\d.]+)', r'<rect x="0" width="(\d+)"', r"M(\d+) 3v10")
    )
    assert (measured <= band) == found.holds or abs(np.log10(used)) < 0.01
    assert (control >= line) == found.could_fail or abs(np.log10(missed / 10)) < 0.01


def test_the_html_links_every_claim_to_the_ledger():
    html = ibnotes.verify("Theorem 3", check(claims="C5 C14"))._repr_mimebundle_()["text/html"]
    assert '<a href="claims.html#claim-C5">C5</a> <a href="claims.html#claim-C14">C14</a>' in html


# Proofs in exact arithmetic


def six():
    problem = ibnotes.six_entries()
    return ibnotes.certify(ibnotes.min_nuclear_norm(problem.M, problem.mask))


def test_a_row_that_rests_on_a_proof_shows_what_was_proved():
    proof, other = six(), ibnotes.certify(ibnotes.max_margin([[3, 0], [0, 1]], [1, 1]))
    found = ibnotes.verify("Theorem", check(proof=proof), check(proof=[proof, other]), check())
    statements = [
        "the least nuclear norm is 8, in exact arithmetic",
        "the least ‖w‖₂² is 10/9, in exact arithmetic",
    ]
    assert [record.get("proved") for record in found.records] == [statements[:1], statements, None]
    marks = [f"proved: {statements[0]}", "proved: " + "; ".join(statements)]
    html = found._repr_mimebundle_()["text/html"]
    assert re.findall(r'<span class="proved">(.*?)</span>', html) == [typeset(mark) for mark in marks]
    assert [line.partition(" | proved: ")[2] for line in repr(found).splitlines()[1:]] == [
        statements[0],
        "; ".join(statements),
        "",
    ]


@pytest.mark.parametrize("proof", ["proved by hand", True, None, 8.0, [1.0], ["proved"]], ids=str)
def test_only_a_proof_makes_the_mark(proof):
    with pytest.raises(ValueError, match="proof must come from certify"):
        check(proof=proof)


# Deliberately broken theorems: gradient flow converges to the l2 max margin (Soudry et al. 2018), not to the l1's.


def direction(norm):
    return ibnotes.max_margin(ADZ, np.ones(4), norm).w


@pytest.fixture(scope="module")
def flow():
    return ibnotes.logistic_flow(ADZ, np.ones(4), [1e6]).w[-1]


def implicit_bias(flow, right, wrong):
    """The chapter's check: the flow ends within 1e-5 of ``right`` and nowhere near ``wrong``."""
    return ibnotes.Check(
        claims="C5",
        quantity="direction gap at log t = 1e6",
        measured=ibnotes.direction_gap(flow, right),
        predicted=0,
        tolerance=1e-5,
        control=ibnotes.direction_gap(flow, wrong),
        broken="another norm",
    )


def test_the_true_theorem_holds(flow):
    assert implicit_bias(flow, direction(2), direction(1)).verdict == "holds"


@pytest.mark.parametrize("norm", [1, np.inf])
def test_the_wrong_norm_is_caught(flow, norm):
    with pytest.raises(ibnotes.VerificationError, match="FAILS"):
        ibnotes.verify("The flow is biased to another norm", implicit_bias(flow, direction(norm), direction(2)))


def test_a_control_that_breaks_nothing_is_caught(flow):
    with pytest.raises(ibnotes.VerificationError, match="PROVES NOTHING"):
        ibnotes.verify("The flow is biased", implicit_bias(flow, direction(2), direction(2)))


def test_the_wrong_norm_against_itself_is_caught(flow):
    with pytest.raises(ibnotes.VerificationError, match="FAILS"):
        ibnotes.verify("The flow is biased", implicit_bias(flow, direction(1), direction(1)))


def test_a_wrong_constant_is_caught():
    """t L(w) tends to 1 / margin^2, and not to 1 / margin."""
    svm = ibnotes.max_margin(ADZ, np.ones(4))
    w = ibnotes.logistic_flow(ADZ, np.ones(4), [40.0]).w[-1]
    measured = np.exp(ibnotes.log_logistic_loss(ADZ, np.ones(4), w) + 40)
    right, wrong = svm.margin**-2, svm.margin**-1
    assert judge(measured=measured, predicted=right, control=wrong, tolerance=1e-3, slack="only the limit is asked for")
    with pytest.raises(ibnotes.VerificationError, match="FAILS"):
        judge(measured=measured, predicted=wrong, control=right, tolerance=1e-3)


@pytest.mark.parametrize("kind", [torch.DoubleTensor, pd.Series, list, np.array], ids=str)
def test_what_is_checked_comes_in_any_container(kind):
    checked = check(measured=kind([0.9, 1.0]), control=kind([2.0, 3.0]), tolerance=0.2)
    assert checked == check(measured=[0.9, 1.0], control=[2.0, 3.0], tolerance=0.2)
    assert checked.record()["measured"] == "0.9 (worst of 2)"
