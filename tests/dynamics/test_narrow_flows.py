"""Flows in narrow factors against the flow of the whole ones, where it suffices and where the guard must widen them."""

import numpy as np
import pytest
from scipy.integrate import quad, solve_ivp

import ibnotes
from ibnotes.dynamics import factored_flows, narrow_flows
from ibnotes.dynamics.products import pack, product, product_gradients, unpack
from ibnotes.dynamics.tilt import tilt


def whole_flow(problem, factors, times, mse=0.0):
    """Products at the times, or where the mean squared error is reached, by a method of order eight."""
    shapes = [A.shape for A in factors]
    gradient = lambda W: -problem.gradient(W)
    velocity = lambda t, state: pack(product_gradients(gradient, unpack(state, shapes)))
    fitted = lambda t, state: problem.mean_squared_error(product(unpack(state, shapes))) - mse
    fitted.terminal = True
    run = solve_ivp(velocity, (0, times[-1]), pack(factors), "DOP853", times, events=fitted, rtol=1e-8, atol=1e-11)
    end = [run.y_events[0][0]] if len(run.t_events[0]) else []
    states = np.reshape(run.y, (pack(factors).size, -1)).T  # an empty list, where it ends before the times
    return product(unpack(np.array([*states, *end]), shapes))


def off(W, exact):
    return np.linalg.norm(W - exact) / np.linalg.norm(exact)


def learnt(depth, scale, seed, shape=(26, 24)):
    """A completion of rank three, and a start for it that is balanced and small."""
    problem = ibnotes.make_completion(np.random.default_rng(seed), shape, rank=3, observed=400)
    return problem, ibnotes.balanced_factors(shape, depth, scale, np.random.default_rng(seed + 1))


@pytest.fixture(autouse=True)
def small_matrices(monkeypatch):
    """They are followed in narrow factors too, though it does not pay."""
    monkeypatch.setattr(narrow_flows, "NARROWEST", 20)


@pytest.fixture
def widths(monkeypatch):
    """The widths that are tried."""
    tried, honest = [], narrow_flows._Narrow.__init__

    def noted(self, problem, factors, left, kind):
        tried.append(left.shape[1])
        honest(self, problem, factors, left, kind)

    monkeypatch.setattr(narrow_flows._Narrow, "__init__", noted)
    return tried


@pytest.mark.parametrize(("depth", "scale"), [(3, 0.01), (3, 0.03), (4, 0.04)])
def test_it_ends_where_the_whole_flow_does(depth, scale):
    problem, factors = learnt(depth, scale, seed=depth)
    assert narrow_flows.has_low_rank(problem, factors)
    path = ibnotes.deep_linear_flow(problem, factors, [1e6], mse=1e-6)
    assert off(path.w[-1], whole_flow(problem, factors, [1e6], 1e-6)[-1]) < 5e-4


@pytest.mark.parametrize("scale", [0.01, 0.03])
def test_what_is_dropped_is_made_up_for(monkeypatch, widths, scale):
    """With integrators that are tight, what is left is what was dropped: at most half of it, by the tilt."""
    monkeypatch.setattr(factored_flows, "TO_THE_END", factored_flows.TO_THE_END._replace(rtol=(1e-7, 1e-7)))
    monkeypatch.setattr(narrow_flows, "_precision", lambda *asked: np.float64)
    problem, factors = learnt(3, scale, seed=1)
    exact = whole_flow(problem, factors, [1e6], 1e-6)[-1]
    error = lambda: off(ibnotes.deep_linear_flow(problem, factors, [1e6], mse=1e-6).w[-1], exact)
    tilted = error()
    monkeypatch.setattr(narrow_flows, "tilt", lambda s, *others: (s, s, s))
    assert tilted < min(2e-5, error() / 2)
    assert max(widths) < 24


@pytest.mark.parametrize("depth", [3, 4, 5, 8])
def test_tilted_sizes_take_as_long_to_blow_up(depth):
    s, x2 = np.array([1.0, 1.3, 4.0]), 0.9
    a, b, c = tilt(s, x2, x2, depth)
    assert np.array_equal(a, c)
    assert b**2 - a**2 == pytest.approx(np.full(3, depth * x2 / (depth - 2)), rel=1e-12)
    pace = lambda v, d: 1 / (v * (v**2 + d) ** (depth / 2 - 1))
    took = [quad(pace, low, np.inf, depth * x2 / (depth - 2))[0] for low in a]
    assert took == pytest.approx(s ** (2 - depth) / (depth - 2), rel=1e-7)


@pytest.mark.parametrize("depth", [3, 4, 5])
def test_tilted_sizes_turn_as_whole_ones_do_to_first_order(depth):
    """The rates of the flow of the product, by the pulls from kept directions to kept ones and to those left out."""
    s, left, right = np.array([1.0, 0.7]), 2e-6, 1e-6
    a, b, c = tilt(s, left, right, depth)
    sizes = [a, *[b] * (depth - 2), c]
    before = [np.prod([1 + 0 * s, *sizes[:j]], axis=0) ** 2 for j in range(depth)]
    after = [np.prod([1 + 0 * s, *sizes[j + 1 :]], axis=0) ** 2 for j in range(depth)]
    kept = sum(s[0] ** (2 * j) * s[1] ** (2 * (depth - 1 - j)) for j in range(depth))
    assert sum(p[0] * q[1] for p, q in zip(before, after, strict=True)) == pytest.approx(kept, rel=1e-10)
    for rate, x2 in (before[-1], right), (after[0], left):
        assert rate - s ** (2 * depth - 2) == pytest.approx(s ** (2 * depth - 4) * x2, rel=1e-4)


@pytest.mark.parametrize("kind", [np.float32, np.float64])
def test_directions_that_rise_late_are_readmitted(monkeypatch, widths, kind):
    """Two eigenvalues are learnt at once, and twenty-two when those have long been."""
    monkeypatch.setattr(narrow_flows, "_precision", lambda *asked: kind)
    monkeypatch.setattr(factored_flows, "ALL_THE_WAY", factored_flows.TO_THE_END)  # in which fewer are kept
    mu, times = np.array([10.0, 9.0, *np.linspace(1.2, 0.8, 22)]), np.array([5.0, 60.0, 150.0])
    Q = np.linalg.qr(np.random.default_rng(0).random((24, 24)))[0]
    problem = ibnotes.Completion((Q * mu) @ Q.T, np.ones((24, 24), bool))
    start = ibnotes.balanced_factors((24, 24), 3, 0.01)
    speed = lambda t, s: 3 * s ** (4 / 3) * (mu - s)
    apart = solve_ivp(speed, (0, times[-1]), np.full(24, 1e-6), "LSODA", times, rtol=1e-9, atol=1e-15)
    exact = np.einsum("ij,jt,kj->tik", Q, apart.y, Q)
    path = ibnotes.deep_linear_flow(problem, start, times)
    assert widths == [2, 4, 8, 16, 24]
    assert off(path.w, exact) < 1e-3
    monkeypatch.setattr(narrow_flows._Guard, "trips", lambda guard: False)
    blind = ibnotes.deep_linear_flow(problem, start, times)
    assert off(blind.w, exact) > 0.1


def risen(W, times):
    """When each of the first three singular values was half of its last."""
    sigma = ibnotes.singular_values(W)[:, :3].T
    return np.array([np.interp(0.5 * s[-1], s[: k + 1], times[: k + 1]) for s in sigma for k in [s.argmax()]])


@pytest.mark.slow
@pytest.mark.parametrize("narrowest", [20, 99], ids=["narrow", "whole"])
def test_on_the_way_singular_values_rise_in_time(monkeypatch, narrowest):
    """Only where nothing but the end is asked for, the flow may come there too late."""
    monkeypatch.setattr(narrow_flows, "NARROWEST", narrowest)
    problem, start = learnt(3, 0.01, 0)
    times = np.linspace(0, 25, 2000)
    exact = whole_flow(problem, start, times)
    path = ibnotes.deep_linear_flow(problem, start, times)
    late = lambda wanted: ibnotes.deep_linear_flow(problem, start, wanted, mse=1e-6).times[-1] / arrival - 1
    fitted = [problem.mean_squared_error(W) <= 1e-6 for W in exact]
    arrival = times[np.argmax(fitted)]
    assert np.abs(risen(path.w, times) / risen(exact, times) - 1).max() < 2e-3
    assert abs(late(times[[1, -1]])) < 2e-3 < late(times[[0, -1]]) < 2e-2
    rising = np.searchsorted(times, risen(exact, times)[-1])
    alone = ibnotes.deep_linear_flow(problem, start, times[[rising]])  # one time too may be on the way
    assert off(alone.w[0], path.w[rising]) < 1e-4 < 1e-2 < off(exact[rising], path.w[rising]) < 0.1


def test_a_goal_on_the_way(monkeypatch):
    problem, start = learnt(3, 0.01, seed=1)
    exact = whole_flow(problem, start, [1e3], 0.1)[-1]
    there = lambda: off(ibnotes.deep_linear_flow(problem, start, [1e3], mse=0.1).w[-1], exact)
    assert there() < 1e-3
    monkeypatch.setattr(factored_flows, "NEARLY", 1.0)  # as if it were the end
    assert there() > 2e-3


def test_a_sensitive_end_is_followed_closely(monkeypatch):
    """As if asked for the way: hardly more is observed than a matrix of rank two has degrees of freedom, 92."""
    problem = ibnotes.make_completion(np.random.default_rng(1), (26, 22), rank=2, observed=100)
    start = ibnotes.balanced_factors((26, 22), 3, 0.03, np.random.default_rng(2))
    end = lambda times: ibnotes.deep_linear_flow(problem, start, times, mse=1e-7).w[-1]
    closely = end([1e-3, 1e6])
    assert off(end([1e6]), closely) < 1e-9
    monkeypatch.setattr(factored_flows, "_well_determined", lambda problem, W: True)
    assert off(end([1e6]), closely) > 3e-3


def test_single_precision_ends_where_double_does(monkeypatch):
    """At its goal, and on the way there, with factors in double precision."""
    problem, start = learnt(3, 0.01, 0)
    times, paths = [5.0, 7.0, 8.0, 10.0, 1e6], []
    for kind in np.float32, np.float64:
        monkeypatch.setattr(narrow_flows, "_precision", lambda *asked, kind=kind: kind)
        paths.append(ibnotes.deep_linear_flow(problem, start, times, mse=1e-6))
    single, double = paths
    assert single.factors[0].dtype == float
    assert max(off(*there) for there in zip(single.w, double.w, strict=True)) < 5e-5
    assert problem.mean_squared_error(single.w[-1]) == pytest.approx(1e-6, rel=1e-8)


def test_single_precision_is_for_goals_and_starts_that_it_resolves():
    problem, start = learnt(3, 0.01, 0)
    learned, first = np.linalg.norm(problem.observed, 2) ** (1 / 3), np.linalg.norm(start[0], 2)
    kind = lambda goal=1e-6, size=1.0: narrow_flows._precision(learned, size * first, 3, goal)
    assert kind() is np.float32
    assert {kind(goal=0.0), kind(goal=1e-14), kind(size=0.1)} == {np.float64}


@pytest.mark.parametrize("mse", [1e-3, 0.0])
def test_the_path_holds_together(mse):
    problem, start = learnt(3, 0.01, 0)
    times = np.array([0.0, 2.0, 30.0, 1e3, 2e3])
    path = ibnotes.deep_linear_flow(problem, start, times, mse=mse)
    assert np.array_equal(path.times[:2], times[:2])
    assert np.array_equal(path.w[0], product(start))
    assert np.abs(product(list(path.factors)) - path.w).max() < 1e-14
    assert [A.shape[1:] for A in path.factors] == [A.shape for A in start]
    assert problem.mean_squared_error(path.w[-1]) == pytest.approx(mse, rel=1e-8, abs=1e-11)
    assert np.array_equal(path.times, times) == (mse == 0)
    exact = whole_flow(problem, start, times[:2])
    assert off(path.w[1], exact[1]) < 1e-2


@pytest.mark.parametrize("end", [1e-3, 2.0, 5.0, 6.5, 7.0, 7.5])
def test_it_may_end_before_there_is_anything_to_narrow(end):
    problem, start = learnt(3, 0.01, 0)
    path = ibnotes.deep_linear_flow(problem, start, [end], mse=1e-6)
    assert path.times.tolist() == [end]
    assert off(path.w[0], whole_flow(problem, start, [end])[0]) < 1e-2


CLOSE, START = learnt(3, 0.01, 0)
REFUSED = {
    "two factors": learnt(2, 0.001, 0),
    "a large start": learnt(3, 0.5, 0),
    "a start at rest": (CLOSE, [0 * A for A in START]),
    "not balanced": (CLOSE, [2 * START[0], *START[1:]]),
    "narrow as it is": learnt(3, 0.01, 0, (26, 16)),
    "no completion": (ibnotes.Sensing(np.eye(9).reshape(1, 9, 9), [1.0]), [0.01 * np.eye(9)] * 3),
}


@pytest.mark.parametrize(("problem", "factors"), REFUSED.values(), ids=REFUSED)
def test_where_it_does_not_apply(problem, factors):
    assert not narrow_flows.has_low_rank(problem, factors)
