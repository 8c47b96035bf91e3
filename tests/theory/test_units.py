"""Columns in their own units, from 1e-6 to 1e12: every answer is right or refused.

The references are made in Python's fractions, by trying every active set: they share nothing with the package.
"""

from fractions import Fraction
from itertools import combinations

import mpmath
import numpy as np
import pytest
from scipy.optimize import linprog

import ibnotes as ib
from ibnotes.theory import multiclass_margin

SECONDS = 1.7e9  # a time stamp


def solve_exactly(G, h):
    """x with Gx = h by elimination in fractions, or None where G is singular."""
    rows = [[*row, x] for row, x in zip(G, h, strict=True)]
    for k in range(len(rows)):
        pivot = next((i for i in range(k, len(rows)) if rows[i][k] != 0), None)
        if pivot is None:
            return None
        rows[k], rows[pivot] = rows[pivot], rows[k]
        rows[k] = [x / rows[k][k] for x in rows[k]]
        rows = [r if i == k else [x - r[k] * y for x, y in zip(r, rows[k], strict=True)] for i, r in enumerate(rows)]
    return [row[-1] for row in rows]


def dot(u, v):
    return sum((a * b for a, b in zip(u, v, strict=True)), Fraction(0))


def svm_exactly(Z):
    """The l2 max margin in fractions, or None: the active set whose multipliers and margins have the right signs."""
    Z = [[Fraction(x) for x in row] for row in Z.tolist()]
    for size in range(1, len(Z[0]) + 1):
        for S in combinations(range(len(Z)), size):
            alpha = solve_exactly([[dot(Z[i], Z[j]) for j in S] for i in S], [Fraction(1)] * size)
            if alpha is None or min(alpha) < 0:
                continue
            w = [dot(alpha, [Z[i][j] for i in S]) for j in range(len(Z[0]))]
            if all(dot(z, w) >= 1 for z in Z):
                return np.array([float(x) for x in w])
    return None


def draw(seed):
    """Seven points of R^3 in units from 1e-6 to 1e12 a column: separable, not, or by a margin of exactly zero."""
    rng = np.random.default_rng(seed)
    Z = rng.integers(-8, 9, (7, 3)) + rng.integers(1, 9, (7, 3)) / 16
    kind = ("separable", "inseparable", "quasi-separable")[seed % 3]
    w = rng.standard_normal(3)
    if kind != "inseparable":
        Z *= np.where(Z @ w >= 0, 1.0, -1.0)[:, None]
    if kind == "quasi-separable":
        Z[0], Z[1] = Z[2] / 2, -Z[2]
    # powers of two change no digit, so the draw stays what it is called; the rest of a unit is rounded
    units = 2.0 ** rng.integers(-20, 41, 3) * rng.choice([1.0, 1.0, 0.3], 3)
    return Z * units, kind


def relative(w, truth):
    """Per entry: each has a unit of its own."""
    return np.max(np.abs(w - truth) / np.where(truth == 0, np.abs(truth).max(), np.abs(truth)))


def judge(Z):
    """ "right", "refused" or "wrong"."""
    truth = svm_exactly(Z)
    try:
        answer = ib.max_margin(Z, np.ones(len(Z)))
    except ib.NotSeparable as error:
        p = error.certificate
        zero = np.all(np.abs(p @ Z) <= 1e-12 * (p @ np.abs(Z)))
        return "right" if truth is None and zero and (p >= 0).all() and abs(p.sum() - 1) < 1e-12 else "wrong"
    except ib.NotConverged:
        return "refused"
    return "right" if truth is not None and relative(answer.w, truth) < 1e-8 else "wrong"


def test_no_draw_is_answered_wrongly():
    verdicts = [judge(draw(seed)[0]) for seed in range(60)]
    assert verdicts.count("wrong") == 0
    assert verdicts.count("refused") == 0


DEPENDENT = np.array([[1.0, 4, -2], [1, 1, 2], [1, -3, 1], [1, -1, -4], [1, 2, 3], [3, 2, 0], [4, -4, 1]])


@pytest.mark.parametrize("units", [(2.0**20, 2.0**-20, 2.0**40), (2.0**-10, 2.0**30, 1.0), (1.0, 2.0**-40, 2.0**-3)])
def test_dependent_support_vectors_have_their_asymptotics_in_any_units(units):
    """The first five have margin 1 for w = (1, 0, 0); units u turn the limit v into (v + 2 log u_1 e_1) / u."""
    even, scaled = (
        ib.logistic_asymptotics(DEPENDENT, np.ones(7)),
        ib.logistic_asymptotics(DEPENDENT * units, np.ones(7)),
    )
    expected = (even.residual + 2 * np.log(units[0]) * np.eye(3)[0]) / units
    np.testing.assert_allclose(scaled.residual * units, expected * units, rtol=1e-8, atol=1e-8)
    np.testing.assert_allclose(scaled.dual * units[0] ** 2, even.dual, rtol=1e-8)
    np.testing.assert_allclose(scaled.span, np.eye(3), atol=1e-12)
    with mpmath.workdps(60):
        Z = mpmath.matrix((DEPENDENT * units)[:5].tolist())
        exponents = mpmath.eigsy(Z.T * mpmath.diag(scaled.dual[:5].tolist()) * Z, eigvals_only=True)
        assert scaled.rate == pytest.approx(float(min(*exponents, 2)), rel=1e-8)


def test_dependent_support_vectors_with_an_intercept_in_any_units():
    """The classes stand on the planes x_1 = 3 and x_1 = -1."""
    off = np.array([[3, 2], [-3, 1], [-1, -4], [2, 3]])
    X = np.vstack([np.column_stack([np.full(4, x), side * off]) for x, side in ((3.0, 1), (-1.0, 1))])
    y, units = np.repeat([1.0, -1.0], 4), np.array([2.0**20, 2.0**-20, 2.0**40])
    even, scaled = (ib.logistic_asymptotics(A, y, intercept=True) for A in (X, X * units))
    shift = 2 * np.log(units[0]) / 2  # w = (1/2, 0, 0) / units, b = -1/2
    np.testing.assert_allclose(scaled.residual * units, even.residual + shift * np.eye(3)[0], rtol=1e-8, atol=1e-8)
    np.testing.assert_allclose(scaled.intercept, even.intercept - shift, rtol=1e-8)
    np.testing.assert_allclose(scaled.dual * units[0] ** 2, even.dual, rtol=1e-8)


def test_margins_that_are_equal_up_to_rounding_only_are_told_from_degenerate_ones():
    """In these units the last of the five support vectors have margins of 1 + 1e-24, and pull for as long."""
    Z = np.array([[1.0, 4, -2], [1, 1, 2], [1, 1, 2], [1, 4, 4], [1, 2, 4], [3, 2, 0], [3, 4, -4]])
    with pytest.raises(ib.NotConverged, match=r"equal the smallest up to rounding only.* round X"):
        ib.logistic_asymptotics(Z * [2.0**21, 2.0**-20, 2.0**-11], np.ones(7))
    for units in (np.ones(2), np.array([2.0**30, 2.0**-10])):
        with pytest.raises(ValueError, match="dual variable zero"):
            ib.logistic_asymptotics(np.array([[1.0, 0.0], [1.0, 1.0]]) * units, np.ones(2))


def residual_exactly(Z, w):
    """The v in the span of independent support vectors with ``<z_i, v> = -log(n alpha_i)``, alpha in fractions."""
    rows, w = [[Fraction(x) for x in row] for row in Z.tolist()], [Fraction(x) for x in w.tolist()]
    active = [row for row in rows if dot(row, w) < 1 + Fraction(1, 10**7)]
    gram = [[dot(a, b) for b in active] for a in active]
    alpha = solve_exactly(gram, [Fraction(1)] * len(active))
    heights = solve_exactly(gram, [Fraction(-np.log(len(Z) * float(a))) for a in alpha])
    return np.array([float(dot(heights, column)) for column in zip(*active, strict=True)])


@pytest.mark.parametrize("seed", range(0, 45, 3))
def test_asymptotics_of_a_draw_are_those_of_fractions(seed):
    Z = draw(seed)[0]
    found = ib.logistic_asymptotics(Z, np.ones(7)).residual
    assert relative(found, residual_exactly(Z, svm_exactly(Z))) < 1e-8


def inseparable(A):
    """No w has positive margins: the linear program that maximizes the smallest, columns scaled, finds none."""
    rows = A / np.abs(A).max(axis=0) / np.abs(A / np.abs(A).max(axis=0)).max(axis=1, keepdims=True)
    found = linprog(np.zeros(A.shape[1]), A_ub=-rows, b_ub=-np.ones(len(A)), bounds=(None, None))
    return found.status == 2


@pytest.mark.parametrize("norm", ["frobenius", "max", "spectral"])
def test_several_classes_in_drawn_units(norm):
    """Every margin is 1 or more, in fractions, but for the rounding of the entries that a large column multiplies."""
    answered = 0
    for seed in range(12):
        X, rng = draw(3 * seed)[0], np.random.default_rng(seed)
        labels = np.append([0, 1, 2], ((X / np.abs(X).max(axis=0)) @ rng.standard_normal((3, 3))).argmax(axis=1)[3:])
        A = ib.Multiclass(X, labels).differences.reshape(-1, 9)
        if inseparable(A):
            continue
        answer, answered = ib.max_margin_multiclass(X, labels, norm), answered + 1
        weights = [Fraction(x) for x in answer.W.ravel().tolist()]
        margins = [float(dot([Fraction(x) for x in row], weights)) for row in A.tolist()]
        assert min(margins) >= 1 - 1e-8 - 1e-15 * (np.abs(A) @ np.abs(answer.W.ravel())).max()
        assert abs(answer.gap) < 1e-8
    assert answered > 3


def interpolant_exactly(X, y):
    """The l2 interpolant in fractions, for independent rows."""
    X, y = [[Fraction(x) for x in row] for row in X.tolist()], [Fraction(x) for x in y.tolist()]
    alpha = solve_exactly([[dot(a, b) for b in X] for a in X], y)
    return np.array([float(dot(alpha, column)) for column in zip(*X, strict=True)])


def test_time_stamps_do_not_hide_a_separator():
    answer = ib.max_margin([[1, 5e9], [-1, 5e9]], [1, -1])
    np.testing.assert_array_equal(answer.w, [1, 0])
    np.testing.assert_array_equal(answer.support, [0, 1])


@pytest.mark.parametrize("norm", [1, 2, np.inf])
def test_time_stamps_do_not_take_y_out_of_reach(norm):
    rng = np.random.default_rng(0)
    X, y = np.column_stack([rng.standard_normal((4, 6)), SECONDS + rng.integers(0, 86400, 4)]), rng.standard_normal(4)
    answer = ib.min_norm_interpolant(X, y, norm)
    assert np.abs(X @ answer.w - y).max() < 1e-6  # 1e-16 of a column of 1.7e9
    assert answer.gap < 1e-9
    if norm == 2:
        assert relative(answer.w, interpolant_exactly(X, y)) < 1e-12


def test_what_is_out_of_reach_is_so_in_any_units():
    X = np.array([[1.0, 1e12], [2.0, 2e12]])
    ib.min_norm_interpolant(X, [1.0, 2.0])
    with pytest.raises(ValueError, match="y is not in the range of X"):
        ib.min_norm_interpolant(X, [1.0, 2.1])


@pytest.mark.parametrize("beside", [1e-10, 1.0, 1e10])
def test_what_is_out_of_reach_is_so_beside_targets_of_another_size(beside):
    X = np.array([[1.0, 0, 0], [1, 0, 0], [0, 1, 1]])
    assert ib.min_norm_interpolant(X, [1, 1, beside]).w == pytest.approx([1, beside / 2, beside / 2], rel=1e-9)
    with pytest.raises(ValueError, match=r"leaves 0\.5 of y\[[01]\]"):
        ib.min_norm_interpolant(X, [1, 2, beside])


@pytest.mark.parametrize("norm", [1, np.inf])
@pytest.mark.parametrize("seed", range(0, 30, 3))
def test_the_answers_of_linear_programs_are_proved_by_their_duals(seed, norm):
    Z = draw(seed)[0]
    answer = ib.max_margin(Z, np.ones(len(Z)), norm)
    margins, terms = Z @ answer.w, np.abs(Z) @ np.abs(answer.w)
    assert (margins >= 1 - 1e-12 * terms).all()
    pulled, weights = answer.dual @ Z, answer.dual @ np.abs(Z)
    dual_norm = np.abs(pulled).max() if norm == 1 else np.abs(pulled).sum()
    assert dual_norm <= 1 + 1e-12 * weights.max()
    assert abs(answer.dual.sum() * answer.margin - 1) < 1e-9


@pytest.mark.parametrize("norm", ["frobenius", "max", "spectral"])
def test_classes_are_separated_in_any_units(norm):
    rng = np.random.default_rng(1)
    X, W = rng.standard_normal((12, 3)), rng.standard_normal((3, 3))
    labels, units = (X @ W.T).argmax(axis=1), np.array([1.0, 2.0**40, 2.0**-20])
    answer = ib.max_margin_multiclass(X * units, labels, norm)
    assert ib.Multiclass(X * units, labels).margins(answer.W).min() >= 1 - 1e-9
    assert abs(answer.gap) < 1e-8
    if norm == "frobenius":
        A = ib.Multiclass(X * units, labels).differences.reshape(-1, 9)
        assert relative(answer.W.ravel(), ib.max_margin(A, np.ones(len(A))).w) < 1e-9


@pytest.mark.parametrize("seed", range(0, 60, 3))
def test_two_classes_are_one_hyperplane_in_any_units(seed):
    """W = (w, -w) / 2 for the SVM's w, of spectral norm |w| / sqrt 2."""
    Z = draw(seed)[0]
    labels, truth = np.arange(7) % 2, svm_exactly(Z)
    answer = ib.max_margin_multiclass(Z * np.where(labels == 0, 1, -1)[:, None], labels, "spectral")
    assert answer.margin * np.linalg.norm(truth) / np.sqrt(2) == pytest.approx(1, abs=1e-8)
    off = np.abs(answer.W - np.stack([truth, -truth]) / 2) * np.abs(Z).max(axis=0)
    assert off.max() < 1e-3 * np.abs(truth * np.abs(Z).max(axis=0)).max()  # a gap of 1e-8 leaves its root


def test_a_spectral_margin_that_fails_its_certificate_says_what_to_do(monkeypatch):
    monkeypatch.setattr(multiclass_margin, "TAKES_PART", 0.9)
    X = np.array([[1.0, 2.0**40], [2.0, -(2.0**40)], [-3.0, 2.0**38], [-1.0, -(2.0**40)]])
    with pytest.raises(ib.NotConverged, match=r"bring the columns of X to one size, or ask for norm='frobenius'"):
        ib.max_margin_multiclass(X, [0, 0, 1, 2], "spectral")


@pytest.mark.parametrize("norm", [1, 2, np.inf])
@pytest.mark.parametrize("factor", [1e-100, 1e100, 1e140])
def test_a_margin_scales_with_the_data_as_far_as_floats_go(norm, factor):
    Z, y = draw(0)[0], np.ones(7)
    answer, scaled = ib.max_margin(Z, y, norm), ib.max_margin(Z * factor, y, norm)
    np.testing.assert_allclose(scaled.margin, answer.margin * factor, rtol=1e-12)
    np.testing.assert_allclose(scaled.w, answer.w / factor, rtol=1e-12)


def test_what_floats_cannot_hold_is_an_error():
    with pytest.raises(ValueError, match="too large: the answer underflows"):
        ib.max_margin(draw(0)[0] * 1e200, np.ones(7))
    with pytest.raises(ValueError, match="too small: the answer overflows"):
        ib.max_margin(draw(0)[0] * 1e-200, np.ones(7))
