"""Matrix completion and sensing: validation that names the argument, gradients, batches, generated instances."""

from dataclasses import FrozenInstanceError

import numpy as np
import pytest

import ibnotes
from ibnotes.problems.validation import as_factors, check_count

M23, ALL = np.arange(6.0).reshape(2, 3), np.ones((2, 3), bool)
SOME = M23 % 2 == 0
HOLE = np.where(SOME, M23, np.nan)

BAD = {
    "mask of numbers": (lambda: ibnotes.Completion(M23, SOME * 1.0), r"^mask must be boolean, found dtype float64"),
    "mask of another shape": (lambda: ibnotes.Completion(M23, SOME.T), r"^mask must have .* \(3, 2\) for \(2, 3\)"),
    "nothing observed": (lambda: ibnotes.Completion(M23, ~ALL), r"^mask observes nothing.* \(2, 3\)"),
    "nan observed": (lambda: ibnotes.Completion(HOLE, ALL), r"^M must be finite, found nan at index \(0, 1\)"),
    "a vector": (lambda: ibnotes.Completion(M23[0], ALL[0]), r"^M must be 2-dimensional, found shape \(3,\)"),
    "a stack": (lambda: ibnotes.Completion(M23[None], ALL[None]), r"^M must be 2-dimensional, found shape \(1, 2, 3\)"),
    "complex": (lambda: ibnotes.Completion(1j * M23, ALL), r"^M must hold real numbers, found dtype complex128"),
    "A is a matrix": (lambda: ibnotes.Sensing(M23, [1, 2]), r"^A must be 3-dimensional, found shape \(2, 3\)"),
    "y does not fit A": (lambda: ibnotes.Sensing(M23[None], [1, 2]), r"^y must have one entry per .* found 2 for 1"),
    "y is a matrix": (lambda: ibnotes.Sensing(M23[None], [[1]]), r"^y must be 1-dimensional"),
    "A holds inf": (lambda: ibnotes.Sensing([[[np.inf]]], [1]), r"^A must be finite, found inf at index \(0, 0, 0\)"),
    "no measurements": (lambda: ibnotes.Sensing(np.ones((0, 2, 2)), []), r"^A is empty"),
    "no factors": (lambda: as_factors([]), r"^factors must be matrices that can be multiplied, found shapes \[\]"),
    "no product": (lambda: as_factors([M23, M23]), r"^factors must be matrices .* \[\(2, 3\), \(2, 3\)\]"),
    "a factor of nan": (lambda: as_factors([M23, HOLE.T]), r"^factors must be finite"),
    "a vector as factor": (lambda: as_factors([M23, M23[0]]), r"^factors must be 2-dimensional"),
}


@pytest.mark.parametrize(("make", "message"), BAD.values(), ids=BAD)
def test_bad_input_is_named(make, message):
    with pytest.raises(ValueError, match=message):
        make()


COUNTS = [((bad,), f"a positive integer, found {bad!r}") for bad in (0, 2.0, True, "3", None)]
COUNTS += [((1, 2), "an integer of at least 2, found 1"), ((7, 2, 6), "an integer from 2 to 6, found 7")]


@pytest.mark.parametrize(("arguments", "message"), COUNTS)
def test_what_is_no_count_is_named(arguments, message):
    with pytest.raises(ValueError, match=f"^n must be {message}$"):
        check_count("n", *arguments)


def test_counts_include_their_ends():
    for n in (2, 6, np.int64(4), np.uint8(3)):
        check_count("n", n, 2, 6)


def test_a_completion_keeps_to_what_is_observed():
    problem = ibnotes.Completion(HOLE, SOME)
    assert problem.shape == (2, 3)
    assert np.array_equal(problem.observed, np.where(SOME, M23, 0))
    assert np.array_equal(problem.gradient(np.ones((2, 3))), np.where(SOME, 1 - M23, 0))
    assert problem.mean_squared_error(np.ones((2, 3))) == (1 + 1 + 9) / 3
    assert problem.mean_squared_error(np.where(SOME, M23, 1e9)) == 0
    with pytest.raises(FrozenInstanceError):
        problem.M = M23


RNG = np.random.default_rng(0)
PROBLEMS = {
    "completion": (ibnotes.Completion(HOLE, SOME), 3),
    "sensing": (ibnotes.Sensing(RNG.standard_normal((4, 2, 3)), RNG.standard_normal(4)), 4),
}


@pytest.mark.parametrize(("problem", "count"), PROBLEMS.values(), ids=PROBLEMS)
def test_the_gradient_is_that_of_half_the_sum_of_squares(problem, count):
    W, D = np.random.default_rng(1).standard_normal((2, 2, 3))
    slope = (problem.mean_squared_error(W + D) - problem.mean_squared_error(W - D)) / 2  # exact for a quadratic
    assert np.sum(problem.gradient(W) * D) == pytest.approx(slope * count / 2, rel=1e-13)


@pytest.mark.parametrize(("problem", "count"), PROBLEMS.values(), ids=PROBLEMS)
def test_gradients_and_errors_map_over_a_batch(problem, count):
    W = np.random.default_rng(1).standard_normal((5, 4, 2, 3))
    assert problem.gradient(W).shape == W.shape
    assert problem.mean_squared_error(W).shape == (5, 4)
    np.testing.assert_allclose(problem.gradient(W)[2, 1], problem.gradient(W[2, 1]), rtol=1e-13)
    np.testing.assert_allclose(problem.mean_squared_error(W)[2, 1], problem.mean_squared_error(W[2, 1]), rtol=1e-13)


def test_sensing_by_hand():
    problem = ibnotes.Sensing([M23, np.ones((2, 3))], [10, 5])
    W = np.eye(2, 3)
    assert problem.shape == (2, 3)
    assert problem.mean_squared_error(W) == ((4 - 10) ** 2 + (2 - 5) ** 2) / 2
    assert np.array_equal(problem.gradient(W), (4 - 10) * M23 + (2 - 5))


@pytest.mark.parametrize(("shape", "rank", "observed"), [((4, 6), 2, 9), ((5, 3), 3, 15), ((1, 7), 1, 1)])
def test_generated_completions_keep_their_word(shape, rank, observed):
    one, two = (ibnotes.make_completion(np.random.default_rng(3), shape, rank, observed) for _ in range(2))
    assert one.shape == shape
    assert np.linalg.matrix_rank(one.M) == rank
    assert np.mean(one.M**2) == pytest.approx(1, rel=1e-14)
    assert one.mask.sum() == observed
    assert np.array_equal(one.M, two.M)
    assert np.array_equal(one.mask, two.mask)


@pytest.mark.parametrize(
    ("rank", "observed", "message"),
    [
        (0, 3, "rank .* 1 to 2, found 0"),
        (3, 3, "rank .* 3"),
        (1, 0, "observed .* 0"),
        (1, 7, "observed .* 1 to 6, .* 7"),
    ],
)
def test_generators_refuse_what_does_not_fit(rank, observed, message):
    with pytest.raises(ValueError, match=f"^{message}"):
        ibnotes.make_completion(np.random.default_rng(0), (2, 3), rank, observed)


def test_the_six_entries_are_those_of_a_matrix_of_rank_one_that_is_not_the_smallest():
    entries, u = ibnotes.six_entries(), np.array([1, 2, 1, 2])
    assert entries.symmetric
    assert entries.mask.sum() == 6
    assert not entries.gradient(np.outer(u, u)).any()
    assert ibnotes.nuclear_norm(ibnotes.min_nuclear_norm(entries.M, entries.mask).W) == pytest.approx(8, abs=1e-5)


SWAPPED = np.array([[[0, 1], [0, 0]], [[0, 0], [1, 0]]])
SYMMETRIC = {
    "each its own mirror image": ([[[2, 1], [1, 0]]], [1], True),
    "two that are each other's": (SWAPPED, [1, 1], True),
    "with other targets": (SWAPPED, [1, 2], False),
    "one alone": (SWAPPED[:1], [0], False),
    "tiny": (1e-150 * SWAPPED, [1e-150, 1e-150], True),
}


@pytest.mark.parametrize(("A", "y", "symmetric"), SYMMETRIC.values(), ids=SYMMETRIC)
def test_whether_transposes_fit_equally_well(A, y, symmetric):
    assert ibnotes.Sensing(A, y).symmetric == symmetric
