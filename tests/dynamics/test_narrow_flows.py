"""Flows in narrow factors against the flow of the whole ones, where it suffices and where the guard must widen them."""

import numpy as np
import pytest
from scipy.integrate import solve_ivp

import ibnotes
from ibnotes.dynamics import narrow_flows
from ibnotes.dynamics.products import pack, product, product_gradients, unpack


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


def test_what_is_dropped_costs_a_ten_thousandth(monkeypatch, widths):
    """With integrators that are tight, what is left is what was dropped."""
    monkeypatch.setattr(narrow_flows, "RTOL_FULL", 1e-8)
    monkeypatch.setattr(narrow_flows, "RTOL_NARROW", 1e-7)
    for seed in range(2):
        problem, factors = learnt(3, 0.03, seed)
        path = ibnotes.deep_linear_flow(problem, factors, [1e6], mse=1e-6)
        assert off(path.w[-1], whole_flow(problem, factors, [1e6], 1e-6)[-1]) < 1e-4
    assert max(widths) < 24


def test_directions_that_rise_late_are_readmitted(monkeypatch, widths):
    """Two eigenvalues are learnt at once, and twenty-two when those have long been."""
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
