"""Arguments of the wrong kind are refused by name, never in Python's or NumPy's words."""

import numpy as np
import pytest

import ibnotes as ib

X, Y = np.array([[1.0, 3.0], [2.0, -1.0], [-1.0, -2.0]]), np.array([1, 1, -1])
NETWORK = ib.Diagonal(X, Y, depth=2)
DESCENT = ib.GradientDescent(0.1)
KINDS = {"text": "abc", "nothing": None, "complex": 1j, "array": np.full((2, 2), np.nan), "function": len}
WRONG = {
    "confidence": lambda value: ib.margin_bound(X, Y, [1.0, 0.0], confidence=value),
    "p": lambda value: ib.schatten_norm(X, value),
    "tolerance": lambda value: ib.compare_optimizers(DESCENT, DESCENT, tolerance=value),
    "start": lambda value: ib.margin_point(NETWORK, value),
    "recorded": lambda value: ib.descend((X, Y), DESCENT, 5, recorded=value),
    "divergence": lambda value: ib.descend((X, Y), DESCENT, 5, divergence=value),
    "steps": lambda value: ib.descend((X, Y), DESCENT, value),
}


@pytest.mark.parametrize("value", KINDS.values(), ids=KINDS)
@pytest.mark.parametrize("name", WRONG)
def test_an_argument_of_the_wrong_kind_is_named(name, value):
    with pytest.raises(ValueError, match=f"^{name}"):
        WRONG[name](value)


@pytest.mark.parametrize("value", [None, 1.0, len, np.array(2.0)])
def test_factors_that_are_no_list_are_named(value):
    for call in (ib.imbalance, ib.DeepLinear):
        with pytest.raises(ValueError, match=r"^factors must be a list of matrices, found"):
            call(value)


@pytest.mark.parametrize("loss", ["", [], np.zeros(2), "hinge"])
def test_a_loss_that_is_none_is_named(loss):
    with pytest.raises(ValueError, match=r"^loss of a Classification must be one of"):
        ib.descend((X, Y), DESCENT, 5, loss=loss)
    with pytest.raises(ValueError, match=r"^loss must be one of"):
        ib.logistic_flow(X, Y, [1.0], loss=loss)


@pytest.mark.parametrize("steps", [2**53 + 1, 10**30])
def test_counts_beyond_floats_are_named(steps):
    with pytest.raises(ValueError, match=r"^steps must be a positive integer"):
        ib.margin_momentum(X, Y, steps)


def test_ragged_starts_are_named():
    with pytest.raises(ValueError, match=r"^w0 must be a rectangular array"):
        ib.descend((X, Y), DESCENT, 5, w0=[[1.0], [1.0, 2.0]])


@pytest.mark.parametrize(("aspect", "penalty"), [(1e300, 0.5), (2, 1e300)])
@pytest.mark.filterwarnings("error")
def test_at_a_vast_aspect_or_penalty_nothing_is_learned(aspect, penalty):
    assert ib.ridge_risk(aspect, 1, 0.1, penalty) == pytest.approx(1)


@pytest.mark.parametrize("margin", [1e-300, 1e300])
@pytest.mark.filterwarnings("error")
def test_adams_regime_is_told_at_any_margin(margin):
    found = ib.adam_regime(margin, 100)
    assert found.pull == pytest.approx(margin * 1e-3 * 2 / -np.log(0.999))
    assert (found.handover == np.inf) == (margin < 1)


CHECK = {"claims": "I1", "quantity": "q", "measured": 1.0, "predicted": 1.0, "tolerance": 0.1, "control": 9.0}
BAD = {
    "a hidden measurement": ({"measured": np.ma.array([1.0, 5.0], mask=[0, 1])}, "measured is masked at index"),
    "a complex measurement": ({"measured": np.array([1 + 1j])}, "measured must hold real numbers"),
    "a control in words": ({"control": "far"}, "control must hold real numbers"),
    "a prediction of nothing": ({"predicted": None}, "predicted must hold real numbers"),
    "a tolerance in words": ({"tolerance": "small"}, "tolerance must be positive"),
    "no text for claims": ({"claims": None}, "a check names its claims"),
    "a blank quantity": ({"quantity": " "}, "a check names its claims"),
}


@pytest.mark.parametrize(("change", "message"), BAD.values(), ids=BAD)
def test_a_check_reads_its_fields_as_data_are_read(change, message):
    with pytest.raises(ValueError, match=message):
        ib.Check(**CHECK | {"broken": "x"} | change)
