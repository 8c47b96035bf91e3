"""``==`` of what the package hands out says whether all fields agree, whatever they hold."""

import dataclasses
import pickle

import numpy as np
import pytest

import ibnotes as ib

PUBLIC = [each for name in ib.__all__ if dataclasses.is_dataclass(each := getattr(ib, name))]
CLASSES = [each for each in PUBLIC if any("Array" in str(field.type) for field in dataclasses.fields(each))]
HELD = {  # as the fields of answers hold them
    "an array": lambda x: np.array([x, np.nan]),
    "factors": lambda x: (np.array([[1.0]]), np.array([x, 2.0])),
    "a table": lambda x: {"l2": np.array([0.5, x])},
    "a number": float,
    "nested": lambda x: ib.Regression([[x]], [1]),
}


def filled(cls, value):
    made = object.__new__(cls)
    for field in dataclasses.fields(cls):
        object.__setattr__(made, field.name, value)
    return made


@pytest.mark.parametrize("cls", [*CLASSES, ib.Verification], ids=lambda cls: cls.__name__)
def test_answers_that_hold_arrays_are_equal_where_their_entries_are(cls):
    for make in HELD.values():
        assert (filled(cls, make(1.0)) == filled(cls, make(1.0))) is True
        assert (filled(cls, make(1.0)) != filled(cls, make(3.0))) is True
    assert filled(cls, np.ones(2)) != filled(cls, None)
    assert filled(cls, np.ones(2)) != filled(cls, np.ones(3))
    assert filled(cls, 1.0) != 1.0


def test_an_answer_equals_itself_made_again_and_from_a_pickle():
    X, y = [[2.0, 0.0], [0.0, 1.0]], [1, 1]
    answer = ib.max_margin(X, y)
    assert answer == ib.max_margin(X, y) == pickle.loads(pickle.dumps(answer))
    assert answer != ib.max_margin(X, y, norm=1)
    assert ib.Completion([[2, np.nan]], [[True, False]]) == ib.Completion([[2, np.nan]], [[True, False]])


def test_what_holds_no_array_still_serves_as_a_key():
    assert {ib.GradientDescent(0.1): "slow"}[ib.GradientDescent(0.1)] == "slow"
