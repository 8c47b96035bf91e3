"""The least nuclear norm against its own certificate, interior-point programs and values known in closed form."""

from functools import cache
from itertools import product

import cvxpy as cp
import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

import ibnotes
from ibnotes.theory import nuclear, nuclear_newton


def made(shape, rank, observed, seed=0):
    problem = ibnotes.make_completion(np.random.default_rng(seed), shape, rank, observed)
    return problem.M, problem.mask


nan = np.nan
GIVEN = {  # what is missing is NaN, and the minimum
    "cross": ([[nan, nan, 1, 2], [nan, nan, 2, nan], [1, 2, nan, nan], [2, nan, nan, nan]], 8),
    "delta 0": ([[nan, 1], [1, 0]], 2),
    "delta 1/2": ([[nan, 1], [1, 0.5]], 2),
    "delta -1": ([[nan, 1], [1, -1]], 2),
    "delta 2": ([[nan, 1], [1, 2]], 2.5),
    "one entry": ([[nan, nan, nan], [nan, -3, nan]], 3),
    "one by one": ([[7]], 7),
    "a row": ([[3, nan, 4, nan]], 5),
    "one row of many": ([[nan] * 4, [1, 2, nan, 2], [nan] * 4], 3),
    "rank one, a row and a column": ([[4, 2, 2], [2, nan, nan], [2, nan, nan]], 6),
    "zero": ([[0, nan], [nan, 0]], 0),
}
PROBLEMS = {name: (np.array(M, float), ~np.isnan(M)) for name, (M, _) in GIVEN.items()} | {
    "wide": made((3, 7), 1, 12),
    "tall": made((8, 5), 2, 25),
    "sparse": made((6, 6), 2, 12),
    "full": made((5, 4), 4, 20),
    "recoverable": made((30, 30), 2, 360),
    "uneven": (np.logspace(-6, 6, 20).reshape(4, 5), made((4, 5), 2, 14)[1]),
}


@cache
def solved(name):
    return ibnotes.min_nuclear_norm(*PROBLEMS[name])


def value(W):
    return np.linalg.svd(W, compute_uv=False).sum()


@pytest.mark.parametrize("name", PROBLEMS)
def test_the_dual_certifies_the_answer(name):
    (M, mask), answer = PROBLEMS[name], solved(name)
    assert answer.W.shape == answer.dual.shape == M.shape
    assert (answer.W == M)[mask].all()
    assert not answer.dual[~mask].any()
    assert np.linalg.svd(answer.dual, compute_uv=False)[0] <= 1 + 1e-12
    bound = np.sum(answer.dual[mask] * M[mask])
    assert value(answer.W) - bound <= 1e-7 * value(answer.W)
    assert answer.gap == pytest.approx((value(answer.W) - bound) / (value(answer.W) or 1), abs=1e-14)


@pytest.mark.parametrize("name", GIVEN)
def test_the_minimum_is_the_one_known(name):
    assert value(solved(name).W) == pytest.approx(GIVEN[name][1], rel=1e-7, abs=0)


@pytest.mark.parametrize("name", ["cross", "delta 1/2", "wide", "tall", "sparse"])
def test_an_interior_point_method_finds_the_same_minimum(name):
    M, mask = PROBLEMS[name]
    W = cp.Variable(M.shape)
    program = cp.Problem(cp.Minimize(cp.normNuc(W)), [W[mask] == M[mask]])
    program.solve(solver=cp.CLARABEL)
    assert value(solved(name).W) == pytest.approx(program.value, rel=1e-6)


@pytest.mark.parametrize(("name", "accuracy"), [("full", 4e-16), ("recoverable", 1e-6)])
def test_the_truth_is_recovered(name, accuracy):
    truth = PROBLEMS[name][0]
    assert np.abs(solved(name).W - truth).max() < accuracy * np.abs(truth).max()


@pytest.mark.parametrize("c", [1e-6, 1e-3, 1e3, 1e6, -1, 1e-200, 1e200])
def test_the_minimum_scales_with_the_data(c):
    M, mask = PROBLEMS["tall"]
    assert value(ibnotes.min_nuclear_norm(c * M, mask).W / c) == pytest.approx(value(solved("tall").W), rel=1e-7)


@pytest.mark.parametrize("c", [2.0**-40, 2.0**40])
def test_a_change_of_units_changes_no_digit(c):
    M, mask = PROBLEMS["tall"]
    assert np.array_equal(ibnotes.min_nuclear_norm(c * M, mask).W, c * solved("tall").W)


def test_transposes_and_permutations_have_the_same_minimum():
    (M, mask), rng = PROBLEMS["tall"], np.random.default_rng(0)
    rows, columns = rng.permutation(M.shape[0])[:, None], rng.permutation(M.shape[1])
    for turn in (lambda A: A.T, lambda A: A[rows, columns]):
        W = ibnotes.min_nuclear_norm(turn(M), turn(mask)).W
        assert value(W) == pytest.approx(value(solved("tall").W), rel=1e-7)


@pytest.mark.parametrize("unseen", [np.nan, np.inf, 0.0])
def test_what_is_not_observed_does_not_matter(unseen):
    M, mask = PROBLEMS["tall"]
    assert np.array_equal(ibnotes.min_nuclear_norm(np.where(mask, M, unseen), mask).W, solved("tall").W)


ONES = np.ones((2, 3))
BAD = {
    "another shape": (ONES, np.ones((3, 2), bool), "mask must have the shape of M"),
    "integers": (ONES, np.ones((2, 3), int), "mask must be boolean"),
    "nothing observed": (ONES, np.zeros((2, 3), bool), "mask observes nothing"),
    "nan": (np.where(ONES, nan, 0), ONES > 0, "M must be finite, found nan"),
    "inf": (np.where(ONES, np.inf, 0), ONES > 0, "M must be finite, found inf"),
    "one-dimensional": (np.ones(3), np.ones(3, bool), "M must be 2-dimensional"),
    "complex": (1j * ONES, ONES > 0, "M must hold real numbers"),
}


@pytest.mark.parametrize(("M", "mask", "message"), BAD.values(), ids=BAD)
def test_bad_input_is_named(M, mask, message):
    with pytest.raises(ValueError, match=f"^{message}"):
        ibnotes.min_nuclear_norm(M, mask)


@pytest.mark.parametrize("gap", [1e-2, 1e-4, 1e-9])
def test_the_gap_is_as_small_as_asked_for(gap):
    M, mask = PROBLEMS["tall"]
    answer = ibnotes.min_nuclear_norm(M, mask, gap=gap)
    assert value(answer.W) - np.sum(answer.dual[mask] * M[mask]) < gap * value(answer.W)


def test_an_answer_with_a_larger_gap_is_not_returned(monkeypatch):
    monkeypatch.setattr(nuclear, "STEPS", 4)
    with pytest.raises(ibnotes.NotConverged, match=r"relative duality gap of \d") as caught:
        ibnotes.min_nuclear_norm(*PROBLEMS["tall"])
    best = caught.value.best
    M, mask = PROBLEMS["tall"]
    assert 1e-7 < best.gap < 0.1
    assert best.gap == pytest.approx(1 - np.sum(best.dual[mask] * M[mask]) / value(best.W))


@pytest.mark.parametrize("seed", range(8))
def test_near_the_threshold_of_recovery(seed):
    """First-order methods crawl on some of these: SCS needs half a minute."""
    problem = ibnotes.make_completion(np.random.default_rng(seed), (30, 30), rank=2, observed=360)
    answer = ibnotes.min_nuclear_norm(problem.M, problem.mask)
    assert answer.gap < 1e-7
    assert value(answer.W) - np.sum(answer.dual * problem.observed) < 1e-7 * value(answer.W)
    np.testing.assert_array_equal(answer.W[problem.mask], problem.M[problem.mask])


@pytest.mark.parametrize("name", ["wide", "tall", "full", "recoverable", "uneven", "delta 1/2"])
def test_both_methods_find_the_same_minimum(monkeypatch, name):
    monkeypatch.setattr(nuclear, "FEW", 0)
    M, mask = PROBLEMS[name]
    answer = ibnotes.min_nuclear_norm(M, mask)
    assert answer.gap < 1e-7
    assert value(answer.W) == pytest.approx(value(solved(name).W), rel=2e-7)
    assert not np.array_equal(answer.dual, solved(name).dual)  # it was the other method


@given(st.integers(0, 2**32 - 1))
def test_the_derivative_of_shrinking(seed):
    rng = np.random.default_rng(seed)
    T, H = rng.standard_normal((2, 4, 4 + seed % 3))
    central = (nuclear_newton.Shrunk(T + 1e-5 * H).value - nuclear_newton.Shrunk(T - 1e-5 * H).value) / 2e-5
    assume(np.abs(np.linalg.svd(T, compute_uv=False) - 1).min() > 1e-2)  # no kink
    assert np.abs(nuclear_newton.Shrunk(T).slope(H) - central).max() < 1e-5


# --- what the data leave undetermined ---


def test_a_row_or_column_that_nothing_observes_is_undetermined_and_zero():
    M, mask = PROBLEMS["tall"]
    wider, seen = np.full((9, 7), nan), np.zeros((9, 7), dtype=bool)
    inside = np.ix_([0, 1, 2, 3, 5, 6, 7, 8], [0, 1, 2, 4, 5])
    wider[inside], seen[inside] = M, mask
    answer = ibnotes.min_nuclear_norm(wider, seen)
    expected = np.ones((9, 7), dtype=bool)
    expected[inside] = False
    assert np.array_equal(answer.undetermined, expected)
    assert not answer.W[expected].any()
    assert np.array_equal(answer.W[inside], solved("tall").W)
    assert f"undetermined={expected.sum()} of 63 entries" in repr(answer)
    assert "undetermined=0 of 40 entries" in repr(solved("tall"))


@given(st.integers(0, 2**32 - 1))
def test_undetermined_means_that_a_change_of_signs_is_not_seen(seed):
    """Where signs of rows and columns can be turned so that what is observed stays and the entry does not."""
    rng = np.random.default_rng(seed)
    M, mask = rng.standard_normal((4, 5)), rng.random((4, 5)) < 0.3
    assume(mask.any())
    answer = ibnotes.min_nuclear_norm(M, mask)
    signs = np.array(list(product([1, -1], repeat=9)))
    turns = signs[:, :4, None] * signs[:, None, 4:]
    unseen = turns[(turns == 1)[:, mask].all(axis=1)]
    assert np.array_equal(answer.undetermined, (unseen == -1).any(axis=0))
    assert answer.gap < 1e-7
    assert not answer.W[answer.undetermined].any()


@pytest.mark.parametrize("gap", [0, -1e-7, np.nan, "1"])
def test_a_gap_that_cannot_be_is_named(gap):
    with pytest.raises(ValueError, match=r"^gap must be positive and finite"):
        ibnotes.min_nuclear_norm(*PROBLEMS["tall"], gap=gap)


@pytest.mark.slow
@pytest.mark.parametrize("observed", [2000, 6000])
def test_many_of_10_000_entries(observed):
    M, mask = made((100, 100), 5, observed)
    answer = ibnotes.min_nuclear_norm(M, mask)
    assert value(answer.W) - np.sum(answer.dual[mask] * M[mask]) < 1e-7 * value(answer.W)
