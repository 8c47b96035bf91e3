"""The student's side of a problem set, and the judge of what was handed in."""

import json
import re

import numpy as np
import pytest
import torch
from grading.problem import Example, Function, Value, Wrong, compare
from grading.sandbox import handed_in
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays
from nbformat.v4 import new_output

import ibnotes as ib
from ibnotes import course

NAMES = st.text(min_size=1).filter(str.strip)


@given(NAMES, NAMES)
def test_an_instance_belongs_to_a_student_and_a_name(student, name):
    draw = lambda *key: ib.student_rng(*key).standard_normal(4).tolist()
    assert draw(student, name) == draw(f" {student}\n", name)
    assert draw(student, name) != draw(student + "x", name)
    assert draw(student, name) != draw(student, name + "x")


def test_an_instance_is_the_same_on_every_machine():
    assert ib.student_rng("ada", "ps2").integers(10**6, size=3).tolist() == [7158, 331197, 965850]


def test_composed_and_decomposed_letters_are_the_same_student():
    draw = lambda student: ib.student_rng(student, "ps").random()
    assert draw("Zoe\u0308") == draw("Zo\u00eb")


def test_the_grader_knows_whose_submission_it_is(monkeypatch):
    hers = ib.student_rng("ada", "ps").random()
    monkeypatch.setenv(course.STUDENT, "ada")
    assert ib.student_rng("somebody else", "ps").random() == hers


@pytest.mark.parametrize("student", ["", "  ", None, 7])
def test_a_student_has_an_id(student):
    with pytest.raises(ValueError, match="student must be a text that is not blank"):
        ib.student_rng(student, "ps")


@pytest.fixture
def shown(monkeypatch):
    """What cells display, as nbformat outputs."""
    outputs = []
    monkeypatch.setattr(course, "display", lambda data, raw: outputs.append(new_output("display_data", data=data)))
    return outputs


@given(arrays(float, array_shapes(max_dims=3)))
def test_arrays_are_handed_in_exactly(array):
    text = json.dumps(course.as_plain(array))
    np.testing.assert_array_equal(course.as_arrays(json.loads(text)), array)


def test_a_function_is_called_on_each_input(shown, tmp_path, monkeypatch):
    inputs = tmp_path / "inputs.json"
    inputs.write_text(json.dumps({"norm": [[[3.0, 4.0]], [[0.0]], ["no array"]]}))
    monkeypatch.setenv(course.INPUTS, str(inputs))
    ib.hand_in("norm", np.linalg.norm)
    first, second, third = handed_in("norm", shown)
    assert (first, second) == ({"value": 5.0}, {"value": 0.0})
    assert "Error" in third["error"]


def test_what_torch_and_lists_hand_in(shown):
    ib.hand_in("p", [torch.tensor([1.0, 2.0]), np.float64(3), "l1", True])
    assert handed_in("p", shown) == [{"value": [[1.0, 2.0], 3.0, "l1", True]}]


@pytest.mark.parametrize("answer", [None, {"a": 1}, 1j, object()])
def test_only_numbers_and_texts_are_handed_in(answer):
    with pytest.raises(TypeError, match="hand in numbers"):
        ib.hand_in("p", answer)


@pytest.mark.parametrize("record", ["no JSON", "[]", '{"problem": "q", "answers": []}', '{"problem": "p"}', "7"])
def test_no_answer_is_made_up(record):
    with pytest.raises(Wrong, match="nothing was handed in"):
        handed_in("p", [new_output("display_data", data={course.ANSWERS: record})])
    with pytest.raises(Wrong, match="nothing was handed in"):
        handed_in("p", [new_output("stream", text=record)])


RIGHT = np.array([1.0, -2.0, 3.0])


@pytest.mark.parametrize(
    ("found", "complaint"),
    [
        (RIGHT[:2], r"the shape is \(2,\), and should be \(3,\)"),
        ([1.0, np.nan, 3.0], "NaN or infinite"),
        (-RIGHT, "the sign is wrong"),
        (2 * RIGHT, "2 times what it should be"),
        (RIGHT + np.array([0, 1e-3, 0]), "the relative error is 0.00027, and at most 1e-06"),
        ("left", "numbers are due"),
        ([[1.0], [2.0, 3.0]], "numbers are due"),
        (None, r"the shape is \(\)"),
        ([10**400, 0, 0], "numbers are due"),
    ],
)
def test_a_wrong_answer_is_told_what_is_wrong(found, complaint):
    assert re.search(complaint, compare(found, RIGHT, 1e-6))
    assert compare(RIGHT + 1e-9, RIGHT, 1e-6) == ""


def test_a_wrong_number_is_not_told_by_which_factor():
    assert compare(6.0, 3.0, 1e-6) == compare(-3.0, 3.0, 1e-6) == compare(3.1, 3.0, 1e-6)


def test_zero_is_compared_absolutely():
    assert compare(1e-7, 0.0, 1e-6) == ""
    assert compare(1e-5, 0.0, 1e-6)


def test_texts_are_compared_without_case():
    assert compare(" L1 ", "l1", 1e-6) == ""
    assert compare("l2", "l1", 1e-6) == "'l2' is wrong"
    assert compare(3.0, "l1", 1e-6) == "'3.0' is wrong"


def test_a_function_must_be_right_on_every_input():
    square = Function(lambda student: [((x,), x**2) for x in (1.0, 2.0, 3.0)])
    assert square.inputs("ada") == [(1.0,), (2.0,), (3.0,)]
    assert square.judge("ada", [{"value": x} for x in (1, 4, 9)]) == "right on 3 unseen inputs"
    with pytest.raises(Wrong, match=r"input 2 of 3: it is not within"):
        square.judge("ada", [{"value": x} for x in (1, 3, 9)])
    with pytest.raises(Wrong, match="input 3 of 3: your function raised ValueError: no"):
        square.judge("ada", [{"value": 1}, {"value": 4}, {"error": "ValueError: no"}])
    with pytest.raises(Wrong, match="1 answers were handed in"):
        square.judge("ada", [{"value": 1}])


def test_a_value_is_the_students_own():
    own = Value(lambda student: float(len(student)))
    assert own.judge("ada", [{"value": 3}]) == "right"
    for answers in ([{"value": 4}], [], [{"error": "no"}], [{"value": 3}, {"value": 3}]):
        with pytest.raises(Wrong):
            own.judge("ada", answers)


def test_an_example_needs_the_property_only():
    def positive(student, value):
        if value <= 0:
            raise Wrong("not positive")

    assert Example(positive).judge("ada", [{"value": 1e-9}]).startswith("right")
    with pytest.raises(Wrong, match="not positive"):
        Example(positive).judge("ada", [{"value": -1.0}])
    with pytest.raises(Wrong, match="no such example"):
        Example(positive).judge("ada", [{"value": "text"}])
