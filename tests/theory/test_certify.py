"""Proofs in rational arithmetic: they say what Python's fractions say, and nothing wrong is proved."""

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
from flint import fmpq_mat
from hypothesis import given
from hypothesis import strategies as st
from instances import ZA, ZC, ZD

import ibnotes as ib
from ibnotes.problems.rational import as_array, as_rational, independent_rows, kernel
from ibnotes.theory import certify as module
from ibnotes.theory.semidefinite import is_contraction, is_definite, is_semidefinite, nuclear_norm_is_at_most

NORMS = [1, 2, np.inf]


def dot(u, v):
    return sum((Fraction(a) * Fraction(b) for a, b in zip(u, v, strict=True)), Fraction(0))


def svm(Z, norm=2):
    return ib.max_margin(Z, np.ones(len(Z)), norm)


@pytest.mark.parametrize("norm", NORMS)
@pytest.mark.parametrize("Z", [ZA, ZC, ZD], ids=["A", "C", "D"])
def test_a_proof_of_a_margin_holds_in_fractions(Z, norm):
    answer = svm(Z, norm)
    proof = ib.certify(answer)
    w, dual, columns = proof.w, proof.dual, Z.T.tolist()
    assert min(dot(z, w) for z in Z.tolist()) == 1
    assert min(dual) >= 0
    pull = [dot(column, dual) for column in columns]
    size = {1: sum(map(abs, w)), 2: dot(w, w), np.inf: max(map(abs, w))}[norm]
    assert proof.lower == proof.upper == size == sum(dual)
    assert {1: max(map(abs, pull)) <= 1, 2: pull == list(w), np.inf: sum(map(abs, pull)) <= 1}[norm]
    assert float(size) == pytest.approx(answer.margin ** (-2 if norm == 2 else -1), rel=1e-12)


@pytest.mark.parametrize("norm", NORMS)
def test_a_proof_of_an_interpolant_holds_in_fractions(norm):
    problem = ib.make_underdetermined(np.random.default_rng(0), 4, 9)
    proof = ib.certify(ib.min_norm_interpolant(problem.X, problem.y, norm))
    assert [dot(x, proof.w) for x in problem.X.tolist()] == [Fraction(t) for t in problem.y.tolist()]
    assert dot(problem.y.tolist(), proof.dual) == proof.upper


def test_a_proof_by_hand():
    """The nearest to zero of {3 a >= 1, b >= 1} is (1/3, 1)."""
    proof = ib.certify(svm(np.array([[3.0, 0.0], [0.0, 1.0]])))
    assert (proof.w, proof.upper) == ((Fraction(1, 3), Fraction(1)), Fraction(10, 9))
    assert proof.statement == "the least ‖w‖₂² is 10/9, in exact arithmetic"


def test_inseparable_points_are_proved_to_be():
    Z = np.random.default_rng(0).standard_normal((30, 3)) * [1.0, 5e9, 1e-6]
    with pytest.raises(ib.NotSeparable) as caught:
        svm(Z)
    proof = ib.certify(caught.value)
    assert min(proof.dual) >= 0
    assert sum(proof.dual) > 0
    assert all(dot(column, proof.dual) == 0 for column in Z.T.tolist())


@pytest.mark.parametrize("R", [0.25, 0.5, 1.0, 1.5, 2.0, 3.0, 6.0])
def test_a_minimum_in_simple_fractions_is_proved_exactly(R):
    """Below one the minimum is 2 (1 + R^2); completions in halves and thirds fit too, and are no answer."""
    problem = ib.six_entries()
    M = np.where(problem.M == 2, R, problem.M)
    proof = ib.certify(ib.min_nuclear_norm(M, problem.mask))
    assert proof.lower == proof.upper == (4 * Fraction(R) if R >= 1 else 2 + 2 * Fraction(R) ** 2)


def test_the_six_entries_have_a_completion_of_norm_eight_and_none_below():
    problem = ib.six_entries()
    proof = ib.certify(ib.min_nuclear_norm(problem.M, problem.mask))
    assert proof.lower == proof.upper == 8
    W = np.array(proof.w, dtype=float).reshape(4, 4)
    np.testing.assert_array_equal(W[problem.mask], problem.M[problem.mask])
    assert ib.nuclear_norm(W) == pytest.approx(8, abs=1e-12)


def test_other_completions_are_enclosed():
    problem = ib.make_completion(np.random.default_rng(0), (6, 5), 1, 20)
    answer = ib.min_nuclear_norm(problem.M, problem.mask)
    proof = ib.certify(answer)
    assert proof.lower < Fraction(ib.nuclear_norm(answer.W)) <= proof.upper
    assert float(proof.upper - proof.lower) < 1e-6 * float(proof.upper)


def test_a_large_completion_is_enclosed_too():
    problem = ib.make_completion(np.random.default_rng(0), (50, 40), 2, 700)
    answer = ib.min_nuclear_norm(problem.M, problem.mask)
    proof = ib.certify(answer)
    W, dual = (np.array(entries, dtype=float).reshape(50, 40) for entries in (proof.w, proof.dual))
    assert np.array_equal(W[problem.mask], problem.M[problem.mask])
    assert float(proof.upper) == pytest.approx(ib.nuclear_norm(W), rel=1e-9)
    assert float(proof.lower) == pytest.approx(np.sum(dual * problem.observed), rel=1e-12)
    assert 0 < proof.upper - proof.lower < Fraction(3e-7) * proof.upper


def test_where_only_the_rationals_know_a_large_matrix_is_enclosed():
    """At order 80 balls cannot tell a semidefinite matrix, so that 40 is proved up to what was added to it."""
    n = 40
    answer = ib.NuclearMinimizer(np.eye(n), np.eye(n), 0.0, ib.Completion(np.eye(n), np.ones((n, n), dtype=bool)))
    proof = ib.certify(answer)
    assert proof.lower == 40 < proof.upper < 40 + Fraction(1e-9)


LIES = {
    "margin": lambda: replace(svm(ZA), w=svm(ZA).w * (1 + 1e-6)),
    "another norm's margin": lambda: replace(svm(np.array([[1.0, 2.0]]), 1), norm=np.inf),
    "another problem's margin": lambda: replace(svm(ZA), problem=svm(ZD).problem),
    "interpolant": lambda: (lambda a: replace(a, w=a.w + 1e-6))(ib.min_norm_interpolant(ZA[:1], [1.0])),
    "dual of a completion": lambda: (lambda a: replace(a, dual=a.dual * 1.01))(six()),
    "completion": lambda: (lambda a: replace(a, W=a.W + 4 * np.eye(4)))(six()),
    "certificate": lambda: ib.NotSeparable("", np.array([0.5, 0.5]), np.array([[1.0, 0.0], [-1.0, 1e-9]])),
}


def six():
    problem = ib.six_entries()
    return ib.min_nuclear_norm(problem.M, problem.mask)


@pytest.mark.parametrize("lie", LIES.values(), ids=LIES)
def test_no_lie_is_proved(lie):
    with pytest.raises(ib.NotConverged):
        ib.certify(lie())


@pytest.mark.parametrize("norm", NORMS)
@pytest.mark.parametrize("part", [0, -1])
def test_every_condition_of_the_proof_is_looked_at(monkeypatch, norm, part):
    """What the exact solver returns is believed as little as the answer."""
    honest = module.least_norm

    def wrong(*args):
        found = list(honest(*args))
        found[part] = found[part] * 2
        return found

    monkeypatch.setattr(module, "least_norm", wrong)
    with pytest.raises(ib.NotConverged, match="fails its own check"):
        ib.certify(svm(ZA, norm))


BY_HAND = ib.NuclearMinimizer(np.eye(2), np.eye(2), 0.0)


@pytest.mark.parametrize("answer", [1.0, None, ib.NotSeparable("by hand", np.ones(1)), BY_HAND], ids=str)
def test_what_no_oracle_said_is_refused(answer):
    with pytest.raises(ValueError, match=r"^answer must come from an oracle"):
        ib.certify(answer)


def test_what_is_too_large_says_so():
    n = 201
    answer = ib.NuclearMinimizer(np.eye(n), np.eye(n), 0.0, ib.Completion(np.eye(n), np.ones((n, n), dtype=bool)))
    with pytest.raises(ib.NotConverged, match="too large for exact arithmetic"):
        ib.certify(answer)


@given(seed=st.integers(0, 10**6))
def test_semidefinite_means_what_the_spectrum_says(seed):
    rng = np.random.default_rng(seed)
    A = rng.integers(-3, 4, (4, rng.integers(1, 5)))
    gram, shift = as_rational((A @ A.T).astype(float)), float(rng.choice([-0.5, 0.5]))
    assert is_semidefinite(gram)
    assert is_definite(gram) <= (np.linalg.matrix_rank(A) == 4)
    moved = as_array(gram) + shift * np.eye(4)
    assert is_semidefinite(as_rational(moved)) == (np.linalg.eigvalsh(moved)[0] >= 0)
    B = rng.integers(-3, 4, (3, 4)) / 8
    assert is_contraction(as_rational(B)) == (np.linalg.norm(B, 2) <= 1)


def test_the_nuclear_norm_is_bounded_by_what_bounds_it():
    W = as_rational(np.array([[3.0, 0.0], [0.0, -1.0]]))
    right, small = as_rational(np.diag([3.0, 1.0])), as_rational(np.diag([3.0, 0.9]))
    assert nuclear_norm_is_at_most(W, right, right)
    assert not nuclear_norm_is_at_most(W, small, right)


@given(seed=st.integers(0, 10**6))
def test_kernels_and_independent_rows(seed):
    rng = np.random.default_rng(seed)
    A = rng.integers(-2, 3, (4, 3)) @ rng.integers(-2, 3, (3, 5)).astype(float)
    basis, rank = kernel(as_rational(A)), np.linalg.matrix_rank(A)
    assert basis.ncols() == 5 - rank
    assert as_rational(A) * basis == fmpq_mat(4, 5 - rank)
    chosen = independent_rows(as_rational(A))
    assert len(chosen) == rank == np.linalg.matrix_rank(A[chosen])


def test_entries_that_are_zero_have_norm_zero():
    proof = ib.certify(ib.min_nuclear_norm(np.zeros((3, 2)), np.eye(3, 2, dtype=bool)))
    assert proof.lower == proof.upper == 0
