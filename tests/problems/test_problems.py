"""Bad input gets a ValueError that names the argument and what was found; generators keep their word."""

from dataclasses import FrozenInstanceError

import numpy as np
import pytest
from instances import ZA

import ibnotes

ONES = np.ones(5)
NAN = np.where(np.arange(10).reshape(5, 2) == 3, np.nan, ZA)
INF = np.where(np.arange(10).reshape(5, 2) == 4, -np.inf, ZA)

BAD_ARRAYS = {
    "nan in X": (NAN, ONES, r"^X .* nan at index \(1, 1\)"),
    "inf in X": (INF, ONES, r"^X .* -inf at index \(2, 0\)"),
    "nan in y": (ZA, [1, 1, np.nan, 1, 1], r"^y .* nan at index \(2,\)"),
    "too few targets": (ZA, ONES[:4], r"^y .* 4 for 5 rows"),
    "too many targets": (ZA, np.ones(6), r"^y .* 6 for 5 rows"),
    "1-d X": (ZA[:, 0], ONES, r"^X .*2-dimensional.* \(5,\)"),
    "3-d X": (ZA[None], ONES, r"^X .*2-dimensional.* \(1, 5, 2\)"),
    "scalar X": (1.0, ONES, r"^X .*2-dimensional.* \(\)"),
    "column y": (ZA, ONES[:, None], r"^y .*1-dimensional.* \(5, 1\)"),
    "scalar y": (ZA, 1, r"^y .*1-dimensional.* \(\)"),
    "strings in X": (ZA.astype(str), ONES, r"^X .* dtype <U"),
    "strings in y": (ZA, list("abcde"), r"^y .* dtype <U1"),
    "ragged X": ([[1, 2], [3]], [1, 1], r"^X .*rectangular.*inhomogeneous"),
    "ragged y": (ZA, [1, 1, [1], 1, 1], r"^y .*rectangular.*inhomogeneous"),
    "complex X": (ZA + 0j, ONES, r"^X .* dtype complex128"),
    "complex y": (ZA, ONES + 0j, r"^y .* dtype complex128"),
    "dates in X": (np.zeros((5, 2), "M8[s]"), ONES, r"^X .* dtype datetime64"),
    "None": (None, None, r"^X .* dtype object"),
    "empty lists": ([], [], r"^X .* \(0,\)"),
    "no points": (np.empty((0, 2)), [], r"^X is empty.* \(0, 2\)"),
    "no coordinates": (np.empty((5, 0)), ONES, r"^X is empty.* \(5, 0\)"),
    "no targets": (ZA, [], r"^y is empty.* \(0,\)"),
}


@pytest.mark.parametrize("kind", [ibnotes.Classification, ibnotes.Regression])
@pytest.mark.parametrize(("X", "y", "message"), BAD_ARRAYS.values(), ids=BAD_ARRAYS)
def test_a_bad_array_is_named_with_what_was_found(kind, X, y, message):
    with pytest.raises(ValueError, match=message):
        kind(X, y)


BAD_LABELS = {
    "zero and one": ([0, 1, 0, 1, 1], r"^y .*-1 and \+1, found \{0, 1\}"),
    "three kinds": ([-1, 0, 1, 1, 1], r"^y .*-1 and \+1, found \{-1, 0, 1\}"),
    "one and two": ([1, 2, 1, 2, 1], r"^y .*-1 and \+1, found \{1, 2\}"),
    "booleans": ([True, False, True, True, True], r"^y .*-1 and \+1, found \{0, 1\}"),
    "reals": ([0.5, -0.5, 1, 1, 1], r"^y .*-1 and \+1, found \{-0.5, 0.5, 1\}"),
}


@pytest.mark.parametrize(("y", "message"), BAD_LABELS.values(), ids=BAD_LABELS)
def test_other_labels_are_named(y, message):
    with pytest.raises(ValueError, match=message):
        ibnotes.Classification(ZA, y)


def test_a_label_beside_one_is_refused():
    with pytest.raises(ValueError, match=r"^y "):
        ibnotes.Classification(ZA, [1, 1, 1, 1, 1 - 1e-12])


def test_regression_takes_any_real_targets():
    np.testing.assert_array_equal(ibnotes.Regression(ZA, range(5)).y, [0.0, 1, 2, 3, 4])


def test_one_class_is_enough():
    np.testing.assert_array_equal(ibnotes.Classification(ZA, ONES).y, ONES)


@pytest.mark.parametrize("kind", [ibnotes.Classification, ibnotes.Regression])
def test_lists_of_integers_become_floats(kind):
    problem = kind([[1, 2], [3, 4]], [1, -1])
    assert problem.X.dtype == problem.y.dtype == np.float64


@pytest.mark.parametrize("kind", [ibnotes.Classification, ibnotes.Regression])
def test_a_problem_is_frozen(kind):
    with pytest.raises(FrozenInstanceError):
        kind(ZA, ONES).X = ZA


@pytest.mark.parametrize("kind", [ibnotes.Classification, ibnotes.Regression])
def test_a_problem_keeps_its_own_copy(kind):
    X, y = ZA.copy(), ONES.copy()
    problem = kind(X, y)
    X[0, 0] = y[0] = 7
    assert problem.X[0, 0] == problem.y[0] == 1


def test_signed_points_carry_the_labels():
    y = [1, -1, 1, -1, 1]
    np.testing.assert_array_equal(ibnotes.Classification(ZA, y).Z, np.diag(y) @ ZA)


def test_not_separable_is_a_value_error_with_its_certificate():
    error = ibnotes.NotSeparable("why", np.array([0.5, 0.5]))
    assert isinstance(error, ValueError)
    assert str(error) == "why"
    np.testing.assert_array_equal(error.certificate, [0.5, 0.5])


@pytest.mark.parametrize(("n", "d"), [(1, 1), (30, 1), (30, 5), (5, 30)])
def test_make_separable_has_the_shape_asked_for(n, d):
    problem = ibnotes.make_separable(np.random.default_rng(0), n, d)
    assert problem.X.shape == (n, d)
    assert problem.y.shape == (n,)


@pytest.mark.parametrize("margin", [0.01, 0.5, 3.0])
@pytest.mark.parametrize("seed", range(3))
def test_make_separable_guarantees_the_margin(margin, seed):
    problem = ibnotes.make_separable(np.random.default_rng(seed), 40, 3, margin)
    assert ibnotes.max_margin(problem.X, problem.y).margin >= margin


def test_the_margin_of_make_separable_is_its_argument_and_not_slack():
    problem = ibnotes.make_separable(np.random.default_rng(0), 2000, 2, 0.5)
    assert ibnotes.max_margin(problem.X, problem.y).margin < 0.51


def test_make_separable_uses_both_labels():
    assert set(ibnotes.make_separable(np.random.default_rng(0), 40, 3).y) == {-1.0, 1.0}


MAKERS = [ibnotes.make_separable, ibnotes.make_underdetermined]


@pytest.mark.parametrize("make", MAKERS)
def test_generators_are_reproducible(make):
    one, two = (make(np.random.default_rng(3), 4, 9) for _ in range(2))
    np.testing.assert_array_equal(one.X, two.X)
    np.testing.assert_array_equal(one.y, two.y)


@pytest.mark.parametrize("make", MAKERS)
def test_generators_draw_from_the_rng_they_are_given(make):
    rng = np.random.default_rng(3)
    assert not np.array_equal(make(rng, 4, 9).X, make(rng, 4, 9).X)


@pytest.mark.parametrize("make", MAKERS)
def test_generators_leave_the_global_state_alone(make):
    before = np.random.get_state()[1].copy()  # noqa: NPY002
    make(np.random.default_rng(3), 4, 9)
    np.testing.assert_array_equal(np.random.get_state()[1], before)  # noqa: NPY002


def test_make_underdetermined_has_full_row_rank():
    problem = ibnotes.make_underdetermined(np.random.default_rng(0), 8, 9)
    assert problem.X.shape == (8, 9)
    assert problem.y.shape == (8,)
    assert np.linalg.matrix_rank(problem.X) == 8


@pytest.mark.parametrize("d", [4, 3])
def test_make_underdetermined_wants_more_unknowns_than_equations(d):
    with pytest.raises(ValueError, match=f"^d must exceed n .*n=4, d={d}"):
        ibnotes.make_underdetermined(np.random.default_rng(0), 4, d)
