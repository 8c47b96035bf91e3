"""The constants of separable logistic regression, against closed forms, identities and a separate integration."""

from functools import cache

import cvxpy as cp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from instances import DEGENERATE, ZA, ZC, ZD, iris, near, rotation
from scipy.integrate import solve_ivp
from scipy.linalg import null_space
from scipy.optimize import brentq

import ibnotes
from ibnotes.theory import asymptotics as module


def signed(problem):
    X, y = problem
    return y[:, None] * X


def svm_of(Z):
    return ibnotes.max_margin(Z, np.ones(len(Z)))


def asymptotics(Z):
    return ibnotes.logistic_asymptotics(Z, np.ones(len(Z)))


def off(a, b):
    """Largest difference, relative to the size of b."""
    return np.abs(a - b).max() / np.abs(b).max()


def balanced(seed):
    """More support vectors than dimensions: six points on the plane x_1 = 1 that balance around e_1."""
    rng = np.random.default_rng(seed)
    sides = rng.standard_normal((6, 2))
    return np.column_stack([np.ones(6), sides - rng.dirichlet(np.full(6, 5.0)) @ sides])


POINTS = {
    "ZA": ZA,
    "ZC": ZC,
    "ZD": ZD,
    "near": signed(near()),
    "iris": signed(iris()),
    "one point": np.array([[3.0, -4.0]]),
    "one dimension": np.array([[2.0], [3.0], [0.5]]),
    "duplicates": np.vstack([ZA, ZA, ZA]),
    "large": 1e6 * ZA,
    "balanced": balanced(0),
}
INDEPENDENT = ["ZA", "ZC", "near", "iris", "one point", "one dimension", "large"]


@cache
def named(name):
    return POINTS[name], svm_of(POINTS[name]), asymptotics(POINTS[name])


@pytest.fixture(params=POINTS)
def instance(request):
    return named(request.param)


# ZA: two independent support vectors, everything in closed form


def test_the_dual_of_za_is_the_svms():
    assert off(asymptotics(ZA).dual, svm_of(ZA).dual) < 1e-14


def test_the_residual_of_za_solves_its_two_equations():
    """exp(-<z_i, w_res>) / n = alpha_i for both support vectors."""
    n, S = len(ZA), svm_of(ZA).support
    expected = np.linalg.solve(ZA[S], -np.log(n * svm_of(ZA).dual[S]))
    assert off(asymptotics(ZA).residual, expected) < 1e-14


def test_the_known_constants_of_za():
    found = asymptotics(ZA)
    assert abs(found.direction - 0.264356) < 1e-6
    assert abs(found.margin - 0.158834) < 1e-6


def test_za_is_not_za_without_its_other_points():
    """n counts every point: the points off the margin shift the residual along w_svm by log(2/5)."""
    shift = asymptotics(ZA).residual - asymptotics(ZA[:2]).residual
    assert off(shift, np.log(2 / 5) * svm_of(ZA).w) < 1e-13


# ZC: the support vectors span a plane


def test_the_residual_of_zc_stays_in_the_plane_of_its_support_vectors():
    found, S = asymptotics(ZC), ZC[:2]
    assert np.linalg.matrix_rank(found.span) == 2
    assert np.abs(np.cross(*S) @ found.residual) < 1e-14
    np.testing.assert_allclose(np.exp(-S @ found.residual) / 5, svm_of(ZC).dual[:2], rtol=1e-14)


# ZD: three support vectors in the plane, so the dual solutions are a segment


def test_zd_has_a_closed_form():
    """The shares are (1, q, q^2) / (1 + q + q^2), where -1 + q/2 + 2q^2 = 0 cancels the second coordinate."""
    q = (np.sqrt(8.25) - 0.5) / 4
    shares = np.array([1, q, q**2]) / (1 + q + q**2)
    tilt = -np.log(q) / 1.5
    found = asymptotics(ZD)
    assert off(found.dual, shares) < 1e-14
    assert off(found.residual, np.array([-np.log(3 * shares[0]) + tilt, tilt])) < 1e-14


def test_the_known_residual_of_zd():
    np.testing.assert_allclose(asymptotics(ZD).residual, [-0.08515687, 0.34829486], atol=1e-8, rtol=0)


def test_zd_takes_the_dual_solution_of_largest_entropy():
    start, along = svm_of(ZD).dual, null_space(ZD.T)[:, 0]
    ends = np.sort([(-start / along)[along > 0].max(), (-start / along)[along < 0].min()])  # no multiplier is negative
    inside = ends + [1e-9, -1e-9] * np.diff(ends)
    step = brentq(lambda s: along @ np.log(start + s * along), *inside, xtol=1e-15)
    assert off(asymptotics(ZD).dual, start + step * along) < 1e-14


def test_the_svms_dual_of_zd_is_another_one():
    """Otherwise the two tests above could not tell them apart."""
    assert off(svm_of(ZD).dual, asymptotics(ZD).dual) > 1e-5


@pytest.mark.parametrize("seed", range(3))
def test_no_other_dual_solution_has_more_entropy(seed):
    Z = balanced(seed)
    found = asymptotics(Z).dual
    flat = null_space(Z.T)
    assert flat.shape == (6, 3)
    # at the maximum of a strictly concave function on an affine set, the gradient is orthogonal to the set
    assert np.abs(flat.T @ np.log(found)).max() < 1e-12


# What holds on every instance


def test_the_dual_is_a_dual_solution(instance):
    Z, svm, found = instance
    assert found.dual[svm.support].min() > 0
    np.testing.assert_array_equal(np.delete(found.dual, svm.support), np.zeros(len(Z) - len(svm.support)))
    assert off(Z.T @ found.dual, svm.w) < 1e-13


def test_the_dual_follows_from_the_residual(instance):
    Z, svm, found = instance
    S = svm.support
    np.testing.assert_allclose(found.dual[S], np.exp(-Z[S] @ found.residual) / len(Z), rtol=1e-12)


@pytest.mark.parametrize("name", INDEPENDENT)
def test_independent_support_vectors_leave_one_dual(name):
    _, svm, found = named(name)
    assert off(found.dual, svm.dual) < 1e-13


def test_the_span_projects_onto_the_support_vectors(instance):
    Z, svm, found = instance
    S = Z[svm.support]
    np.testing.assert_allclose(found.span, np.linalg.pinv(S, rcond=1e-9) @ S, atol=1e-13)


def test_the_residual_lies_in_the_span(instance):
    _, _, found = instance
    assert off(found.span @ found.residual, found.residual) < 1e-13


def test_the_loss_constant_is_the_squared_norm(instance):
    _, svm, found = instance
    assert abs(found.loss / (svm.w @ svm.w) - 1) < 1e-14


def test_the_loss_constant_is_what_the_residual_gives(instance):
    """t L(w_svm log t + w_res) tends to the sum of the shares."""
    Z, svm, found = instance
    assert abs(np.exp(-Z[svm.support] @ found.residual).sum() / len(Z) / found.loss - 1) < 1e-12


# The limits of direction, margin and norm, read off w = w_svm L + w_res itself; what is left is of order 1 / L.

L = 1e6


def late(svm, found):
    return svm.w * L + found.residual


def test_the_direction_constant(instance):
    _, svm, found = instance
    gap = np.linalg.norm(late(svm, found) / np.linalg.norm(late(svm, found)) - svm.w / np.linalg.norm(svm.w))
    assert abs(gap * L - found.direction) < 1e-5


def test_the_margin_constant(instance):
    Z, svm, found = instance
    w = late(svm, found)
    short = 1 - (Z @ w).min() / np.linalg.norm(w) * np.linalg.norm(svm.w)
    assert abs(short * L - found.margin / svm.margin) < 1e-5


def test_the_norm_constant(instance):
    _, svm, found = instance
    longer = np.linalg.norm(late(svm, found)) - np.linalg.norm(svm.w) * L
    assert abs(longer - found.norm) < 1e-6 * np.linalg.norm(found.residual)


# The flow itself, integrated here in s = log t with nothing but SciPy


def rest(Z, log_times):
    """w(t) - w_svm log t from w = 0 at a negligible time, minus the predicted limit."""
    svm, n = svm_of(Z).w, len(Z)

    def velocity(s, w):
        return np.exp(s - np.logaddexp(0, Z @ w)) @ Z / n

    path = solve_ivp(velocity, (-40, log_times[-1]), np.zeros(Z.shape[1]), "DOP853", log_times, rtol=1e-13, atol=1e-14)
    return path.y.T - np.outer(log_times, svm) - asymptotics(Z).residual


@pytest.mark.parametrize("Z", [ZA, ZD], ids=["ZA", "ZD"])
def test_the_flow_arrives_at_the_residual(Z):
    assert np.abs(rest(Z, np.array([36.0]))).max() < 1e-10


SLOW = {
    "curvature": (np.array([[1, 1], [1, -0.5]]), 0.5),  # eigenvalues of sum dual z z' are 1 and 1/2
    "a point just off the margin": (np.array([[1.0], [1.2]]), 0.2),
}


@pytest.mark.parametrize(("Z", "rate"), SLOW.values(), ids=SLOW)
def test_the_flow_arrives_at_the_predicted_rate(Z, rate):
    s = 10 / rate
    early, later = np.linalg.norm(rest(Z, np.array([s, s + 2])), axis=1)
    assert abs(asymptotics(Z).rate - rate) < 1e-14
    assert abs(np.log(early / later) / 2 - rate) < 1e-3 * rate


@pytest.mark.parametrize(("far", "rate"), [(1.5, 0.5), (3.0, 1.0)])
def test_the_rate_is_at_most_one(far, rate):
    assert abs(asymptotics(np.array([[1.0], [far]])).rate - rate) < 1e-14


# Invariances


@settings(max_examples=8)
@given(st.sampled_from([ZA, ZC, ZD]), st.floats(-5, 5))
def test_scaling_the_points(Z, exponent):
    """z -> cz turns w_svm into w_svm / c, the shares by 1 / c^2, hence w_res into (w_res + 2 log(c) w_svm) / c."""
    c = 10**exponent
    before, after, svm = asymptotics(Z), asymptotics(c * Z), svm_of(Z)
    assert off(c * after.residual, before.residual + 2 * np.log(c) * svm.w) < 1e-12
    assert off(c**2 * after.dual, before.dual) < 1e-12
    assert abs(after.direction / before.direction - 1) < 1e-11
    assert abs(after.margin / (c * before.margin) - 1) < 1e-11
    assert abs(after.rate / before.rate - 1) < 1e-12


@settings(max_examples=8)
@given(st.sampled_from([ZA, ZC, ZD]), st.randoms(use_true_random=False))
def test_the_order_of_the_points_does_not_matter(Z, random):
    order = list(range(len(Z)))
    random.shuffle(order)
    before, after = asymptotics(Z), asymptotics(Z[order])
    assert off(after.residual, before.residual) < 1e-13
    assert off(after.dual, before.dual[order]) < 1e-13


@settings(max_examples=8)
@given(st.sampled_from([ZA, ZC, ZD]), st.integers(0, 2**32 - 1))
def test_rotating_the_points_rotates_the_residual(Z, seed):
    turn = rotation(np.random.default_rng(seed), Z.shape[1])
    before, after = asymptotics(Z), asymptotics(Z @ turn.T)
    assert off(after.residual, turn @ before.residual) < 1e-13
    assert np.abs(after.span - turn @ before.span @ turn.T).max() < 1e-13
    for name in ("direction", "margin", "loss", "norm", "rate"):
        assert abs(getattr(after, name) - getattr(before, name)) < 1e-13


@pytest.mark.parametrize("Z", [ZA, ZC, ZD], ids=["ZA", "ZC", "ZD"])
def test_repeating_every_point_leaves_the_residual(Z):
    """The mean loss is the same function; each copy carries a third of its point's dual."""
    once, thrice = asymptotics(Z), asymptotics(np.tile(Z, (3, 1)))
    assert off(thrice.residual, once.residual) < 1e-13
    assert off(3 * thrice.dual, np.tile(once.dual, 3)) < 1e-13


def test_repeating_one_support_vector_moves_the_residual():
    assert off(asymptotics(np.vstack([ZA, ZA[:1]])).residual, asymptotics(ZA).residual) > 0.1


@pytest.mark.parametrize("Z", [ZA, ZC, ZD], ids=["ZA", "ZC", "ZD"])
def test_a_far_point_enters_through_the_mean_alone(Z):
    """It turns 1/n into 1/(n + 1): every share grows by (n + 1)/n, so w_res moves by -log((n + 1)/n) w_svm."""
    n, svm = len(Z), svm_of(Z)
    before, after = asymptotics(Z), asymptotics(np.vstack([Z, 50 * svm.w]))
    assert off(after.residual, before.residual - np.log((n + 1) / n) * svm.w) < 1e-13
    assert after.dual[-1] == 0


def test_labels_are_carried_by_the_points():
    y = np.array([1.0, -1, 1, -1, -1])
    found = ibnotes.logistic_asymptotics(y[:, None] * ZA, y)
    np.testing.assert_array_equal(found.residual, asymptotics(ZA).residual)


# Refusals


@pytest.mark.parametrize("Z", [DEGENERATE, 1e5 * DEGENERATE, DEGENERATE[[1, 0, 0]]], ids=["as is", "large", "repeated"])
def test_a_degenerate_support_vector_is_refused(Z):
    with pytest.raises(ValueError, match=r"^X, y: a support vector has dual variable zero") as caught:
        asymptotics(Z)
    assert not isinstance(caught.value, ibnotes.NotSeparable)


def test_a_nearly_degenerate_support_vector_is_not():
    """Both duals positive, the second by 1e-4: the residual grows, its equation still holds."""
    Z = np.array([[1.0, 1e-4], [1.0, -1.0]])
    assert off(np.exp(-Z @ asymptotics(Z).residual) / 2 @ Z, svm_of(Z).w) < 1e-13
    assert 0 < asymptotics(Z).dual[1] < 1.1e-4


def test_inseparable_data_is_refused_with_its_certificate():
    with pytest.raises(ibnotes.NotSeparable) as caught:
        asymptotics(np.array([[1.0, 2], [-2, -4]]))
    np.testing.assert_allclose(caught.value.certificate, [2 / 3, 1 / 3], atol=1e-15)


def test_bad_labels_are_refused():
    with pytest.raises(ValueError, match=r"^y .* found \{0, 1\}"):
        ibnotes.logistic_asymptotics(ZA, [0, 1, 0, 1, 1])


@pytest.mark.parametrize("solver", [cp.HIGHS, cp.CLARABEL])
def test_a_solver_that_fails_raises_not_converged(monkeypatch, solver):
    """Only the programs of the maximum entropy fail here; the SVM is already solved."""
    svm, solve = svm_of(ZD), cp.Problem.solve

    def fail(self, *args, **kwargs):
        if kwargs.get("solver") == solver:
            raise cp.SolverError("out of memory")
        return solve(self, *args, **kwargs)

    monkeypatch.setattr("ibnotes.theory.asymptotics.max_margin", lambda *_, **__: svm)
    monkeypatch.setattr(cp.Problem, "solve", fail)
    with pytest.raises(ibnotes.NotConverged, match="out of memory"):
        asymptotics(ZD)


def test_with_an_intercept_units_do_not_matter():
    """A column a thousand times and more another's size is left to rational arithmetic, which must say the same."""
    rng = np.random.default_rng(2)
    X, y = rng.standard_normal((12, 3)), np.ones(12)
    y[X @ [1, 2, -1] < 0.3] = -1
    floats = module._in_floats
    limit = ibnotes.logistic_asymptotics(X, y, intercept=True)
    assert np.isfinite(limit.intercept)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "uneven", lambda Z: True)
        patch.setattr(module, "_in_floats", None)
        exact = ibnotes.logistic_asymptotics(X, y, intercept=True)
    assert module._in_floats is floats
    for name in "residual", "span", "dual", "direction", "margin", "loss", "norm", "rate", "intercept":
        np.testing.assert_allclose(getattr(exact, name), getattr(limit, name), rtol=1e-9, atol=1e-11, err_msg=name)


PLANE = (lambda made: (made.X, made.y))(ibnotes.make_separable(np.random.default_rng(1), 30, 4))


@pytest.mark.parametrize("unit", [2.0**-450, 2.0**-40, 2.0**40, 2.0**450])
def test_with_an_intercept_the_limits_follow_the_units_of_the_data(unit):
    """unit w(t) is the old w at the time unit^2 t: the column of the intercept has no unit, and must not be lost."""
    (X, y), since = PLANE, 2 * np.log(unit)
    before, after = (ibnotes.logistic_asymptotics(s * X, y, intercept=True) for s in (1.0, unit))
    svm = ibnotes.max_margin(X, y, intercept=True)
    assert [after.margin / unit, after.direction, after.rate] == pytest.approx(
        [before.margin, before.direction, before.rate]
    )
    np.testing.assert_allclose(unit * after.residual, before.residual + since * svm.w, rtol=1e-9, atol=1e-9)
    assert after.intercept == pytest.approx(before.intercept + since * svm.intercept)


@pytest.mark.parametrize("far", [1e4, 1e6])
def test_an_intercept_takes_up_what_all_points_have_in_common(far):
    """Like the year, or the temperature in kelvin: moving the points moves b alone."""
    (X, y), shift = PLANE, far * np.array([1.0, -2, 0.5, 3])
    before, after = (ibnotes.logistic_asymptotics(X + s, y, intercept=True) for s in (0, shift))
    assert [after.margin, after.direction, after.rate] == pytest.approx(
        [before.margin, before.direction, before.rate], rel=1e-6
    )
    np.testing.assert_allclose(after.residual, before.residual, rtol=1e-6, atol=1e-6)
    assert after.intercept + after.residual @ shift == pytest.approx(before.intercept, abs=1e-5 * far)
