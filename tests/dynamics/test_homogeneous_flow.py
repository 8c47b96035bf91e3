"""The flow in polar coordinates against logistic_flow, closed forms, plain integration, and what it conserves."""

import re
from functools import cache

import mpmath
import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from instances import ZA, rotation
from scipy.integrate import quad, solve_ivp

import ibnotes
from ibnotes.dynamics import homogeneous_flow

TIMES = np.array([-3.0, 0.0, 0.5, 5.0, 30.0, 300.0])
RNG = np.random.default_rng(0)
X, Y = RNG.standard_normal((8, 4)), np.sign(RNG.standard_normal(8))
Y_LINEAR = np.sign(X @ [1, 0.5, -1, 0.3])
WINDOWS = np.lib.stride_tricks.sliding_window_view(np.random.default_rng(6).standard_normal((5, 4)), 2, axis=1)
NETWORKS = {
    "linear": ibnotes.TwoLayer(X, Y_LINEAR, 3, 1, rectified=False),
    "ReLU": ibnotes.TwoLayer([[0.6, 0.8], [-0.6, 0.8]], [1, 1], 3, 1),
    "squared ReLU": ibnotes.TwoLayer(X, Y, 6, 2),
    "convolution": ibnotes.TwoLayer(WINDOWS, [1, 1, -1, 1, -1], 5, 2),
    "diagonal": ibnotes.Diagonal(X, Y_LINEAR, 3),
}


def start(network, seed=1):
    return 0.5 * np.random.default_rng(seed).standard_normal(network.size)


STARTS = {name: start(network) for name, network in NETWORKS.items()}
STARTS["diagonal"] = np.abs(STARTS["diagonal"])


def flow(network, start, log_times):
    return ibnotes.homogeneous_flow(network, start, log_times).w


@cache
def long_run(name):
    return flow(NETWORKS[name], STARTS[name], np.geomspace(1, 1e3, 40))


def off(a, b):
    """Largest difference relative to the length of b."""
    return (np.linalg.norm(a - b, axis=-1) / np.linalg.norm(b, axis=-1)).max()


# --- degree one ---


LAYER = ibnotes.TwoLayer(ZA, np.ones(5), 2, 1, rectified=False, outer=[2, -1])
DIAGONAL = ibnotes.Diagonal(ZA, np.ones(5), 1)


@pytest.mark.parametrize(("network", "a"), [(LAYER, [2, -1]), (DIAGONAL, [1, -1])], ids=["linear layer", "diagonal"])
def test_at_degree_one_it_is_the_logistic_flow_sped_up(network, a):
    """w = sum_j a_j w_j moves by |a|^2 times the summed gradient, n |a|^2 times the mean one; u - v is a = (1, -1)."""
    w = a @ flow(network, [0.3, 0.1, -0.2, 0.5], TIMES).reshape(-1, 2, 2)
    options = {"w0": a @ np.array([[0.3, 0.1], [-0.2, 0.5]]), "loss": "exponential"}
    assert off(w, ibnotes.logistic_flow(ZA, np.ones(5), TIMES + np.log(5 * np.dot(a, a)), **options).w) < 1e-8


# --- closed forms, one point: dw/dt = L w^(L-1) exp(-w^L) ---


def power(L, outer=1):
    return ibnotes.TwoLayer([[1.0]], [1], 1, L, outer=[outer])


@pytest.mark.parametrize("L", [1, 2, 3, 5])
def test_one_neuron_takes_the_time_that_quadrature_says(L):
    s = np.array([-4.0, -0.5, 0.0, 0.3, 4.0, 25.0])
    slowness = lambda w: np.exp(w**L) / (L * w ** (L - 1))
    took = [quad(slowness, 0.6, w, epsrel=1e-12)[0] for (w,) in flow(power(L), [0.6], s)]
    assert np.abs(np.log(took) - s).max() < 2e-6


@pytest.mark.parametrize(("w0", "s"), [(0.6, [1e6]), (30, [0, 850, 890, 905, 2e3])])
def test_one_neuron_at_losses_far_below_the_smallest_float(w0, s):
    """d Ei(w^2) / dw = 2 exp(w^2) / w is four times the slowness."""
    took = [
        mpmath.ei(w**2) / (mpmath.ei(w0**2) + 4 * mpmath.exp(t))
        for t, w in zip(s, *flow(power(2), [w0], s).T, strict=True)
    ]
    assert max(abs(mpmath.log(ratio)) for ratio in took) < 1e-4


def test_one_neuron_of_the_wrong_sign_from_a_loss_of_exp_400():
    """dw/dt = -2w exp(w^2), and E1(w^2) is the antiderivative: the neuron dies."""
    s = [-420, -405, -390, -100, -10, 0]
    took = [
        mpmath.e1(w**2) / (mpmath.e1(400) + 4 * mpmath.exp(t))
        for t, w in zip(s, *flow(power(2, -1), [20], s).T, strict=True)
    ]
    assert max(abs(mpmath.log(ratio)) for ratio in took) < 1e-5


def test_two_points_that_share_nothing_move_as_if_alone():
    """One of them waits until log t = 900."""
    s = np.array([-2.0, 3.0, 30.0, 850.0, 905.0])
    u = flow(ibnotes.Diagonal(np.eye(2), [1, 1], 2), [30, 0.6, 0, 0], s)[:, :2]
    assert np.abs(u - np.hstack([flow(power(2), [w0], s) for w0 in (30, 0.6)])).max() < 1e-5


# --- any network ---


@pytest.mark.parametrize("name", NETWORKS)
def test_a_plain_integration_agrees(name):
    network, s = NETWORKS[name], [-2.0, 0.0, 1.0, 3.0]
    velocity = lambda t, theta: np.exp(-network.margins(theta)) @ network.jacobian(theta)
    options = {"t_eval": np.exp(s), "rtol": 1e-9, "atol": 1e-11}
    plain = solve_ivp(velocity, (0, np.exp(3)), STARTS[name], "DOP853", **options).y.T
    assert off(flow(network, STARTS[name], s), plain) < 1e-7


@pytest.mark.parametrize("name", [name for name in NETWORKS if name != "diagonal"])
def test_the_balance_of_each_neuron_is_conserved(name):
    """<w_j, dw_j/dt> = power a_j da_j/dt."""
    network = NETWORKS[name]
    squares = [(a**2, (W**2).sum(axis=1) / network.power) for W, a in map(network.weights, long_run(name))]
    W, a = network.weights(STARTS[name])
    conserved = a**2 - (W**2).sum(axis=1) / network.power
    assert max(np.abs(a2 - w2 - conserved).max() / (1 + w2.max()) for a2, w2 in squares) < 1e-7


def test_what_a_diagonal_network_conserves():
    """du/dt / u^(L-1) = -dv/dt / v^(L-1); here L = 3."""
    u, v = np.split(np.vstack([STARTS["diagonal"], long_run("diagonal")]), 2, axis=1)
    assert np.ptp(1 / u + 1 / v, axis=0).max() < 1e-4


@pytest.mark.parametrize("name", NETWORKS)
def test_the_smoothed_margin_never_falls_once_the_loss_is_below_one(name):
    network, theta = NETWORKS[name], long_run(name)
    depth, size = -ibnotes.log_exponential_loss(network, theta), np.linalg.norm(theta, axis=1) ** network.degree
    smoothed = (depth / size)[depth > 0]
    assert len(smoothed) > 20
    assert np.diff(smoothed).min() > 0
    assert depth[-1] == pytest.approx(1e3, abs=20)  # log t + O(log log t)


@settings(max_examples=5)
@given(st.integers(0, 2**32 - 1))
def test_symmetries(seed):
    """Rotating the points, flipping labels with outer weights, and the order of neurons and of points."""
    rng = np.random.default_rng(seed)
    W, a, Q, s = rng.standard_normal((4, 3)) / 2, rng.standard_normal(4) / 2, rotation(rng, 3), [-1.0, 2.0, 50.0]
    Z, order, points = rng.standard_normal((3, 3)), rng.permutation(4), rng.permutation(3)
    y = np.sign(np.maximum(Z @ W.T, 0) ** 2 @ a + 1e-300)
    theta = flow(ibnotes.TwoLayer(Z, y, 4), np.append(W, a), s)
    other = flow(ibnotes.TwoLayer((Z @ Q)[points], -y[points], 4), np.append((W @ Q)[order], -a[order]), s)
    expected = np.hstack([(theta[:, :12].reshape(-1, 4, 3) @ Q)[:, order].reshape(-1, 12), -theta[:, 12:][:, order]])
    assert off(other, expected) < 1e-6


def test_mirror_images_stay_mirror_images_and_spread_as_the_formula_says():
    """While both neurons (+-a, b) see both points (+-c, s), a/b grows like b^(c^2/s^2 - 1)."""
    pair = ibnotes.TwoLayer([[0.8, 0.6], [-0.8, 0.6]], [1, 1], 2, 2, outer=[1, 1])
    theta = flow(pair, [0.1, 0.5, -0.1, 0.5], TIMES)
    assert np.abs(theta[:, :2] - theta[:, 2:] * [-1, 1]).max() < 1e-9 * np.abs(theta).max()
    a, b = theta[TIMES <= 5, :2].T
    assert a / b == pytest.approx(0.2 * (b / 0.5) ** (16 / 9 - 1), rel=1e-8)


# --- times ---


def test_times_in_any_order_repeated_and_as_they_were_given():
    network, s = NETWORKS["squared ReLU"], [300.0, -2.0, 5.0, 0.0, 5.0, -2.0, -900.0]
    path = ibnotes.homogeneous_flow(network, STARTS["squared ReLU"], s)
    assert path.log_times.tolist() == s
    assert np.array_equal(path.w, flow(network, STARTS["squared ReLU"], [-900, -2, 0, 5, 300])[[4, 1, 3, 2, 3, 1, 0]])
    for early in (path.w[-1], flow(network, STARTS["squared ReLU"], [-900, -901])):
        assert np.abs(early - STARTS["squared ReLU"]).max() < 1e-15


@pytest.mark.parametrize("halfway", [-1.0, 0.0, 2.0])
def test_a_run_may_be_continued(halfway):
    network = NETWORKS["squared ReLU"]
    between, end = flow(network, STARTS["squared ReLU"], [halfway, 6.0])
    assert off(flow(network, between, [np.log(np.exp(6) - np.exp(halfway))])[0], end) < 1e-7


# --- runs without an end ---


def test_a_dead_neuron_does_not_move():
    assert flow(power(2), [-1.0], [-1.0, 1e6]).tolist() == [[-1.0], [-1.0]]


class Counted:
    """A network that counts how often it is asked."""

    def __init__(self, network):
        self.margins, self.degree, self.size, self.inner, self.asked = (
            network.margins,
            network.degree,
            network.size,
            network,
            0,
        )

    def jacobian(self, theta):
        self.asked += 1
        return self.inner.jacobian(theta)


def test_a_run_that_loses_a_point_says_so():
    network = NETWORKS["squared ReLU"]
    assert flow(network, start(network), [100]).shape == (1, network.size)  # this one loses none
    with pytest.raises(
        ibnotes.NotConverged, match=r"got stuck at log-time 1.*LSODA gives up.* never learns some point"
    ):
        flow(network, start(network, 2), [1e6])


@pytest.mark.parametrize("seed", range(2))
def test_a_run_that_slides_along_a_kink_ends_soon_and_says_so(seed):
    """The number of evaluations is bounded, and a step's few more."""
    rng = np.random.default_rng(seed)
    X = rng.standard_normal((10, 3))
    network = Counted(ibnotes.TwoLayer(X, np.sign(rng.standard_normal(10)), 12, 1))
    with pytest.raises(ibnotes.NotConverged, match=r"got stuck .* evaluations moved it by .* slides along a kink"):
        flow(network, 0.5 * rng.standard_normal(network.size), [1e3])
    assert network.asked < 3 * 50 * (network.size + 41)


def test_evaluations_are_bounded_altogether(monkeypatch):
    monkeypatch.setattr(homogeneous_flow, "ENDURANCE", 10)
    with pytest.raises(ibnotes.NotConverged, match=r"evaluations took the flow to log-time .*: ask for earlier"):
        flow(NETWORKS["squared ReLU"], STARTS["squared ReLU"], [1e6])


class Bar(homogeneous_flow.tqdm):
    """Shown at once."""

    def __init__(self, **options):
        super().__init__(**options | {"delay": 0, "mininterval": 0, "disable": False})


def test_a_long_run_shows_how_far_it_is(monkeypatch, capsys):
    flow(NETWORKS["diagonal"], STARTS["diagonal"], [10.0])
    assert capsys.readouterr().err == ""
    monkeypatch.setattr(homogeneous_flow, "tqdm", Bar)
    flow(NETWORKS["diagonal"], STARTS["diagonal"], [10.0])
    assert re.search(r"homogeneous_flow: \d+ evaluations .*log t = 10 of 10", capsys.readouterr().err)


# --- networks of one's own ---


class Squared(torch.nn.Module):
    def forward(self, h):
        return torch.relu(h) ** 2


def test_a_module_flows_as_the_network_written_by_hand():
    module = torch.nn.Sequential(torch.nn.Linear(4, 6, bias=False), Squared(), torch.nn.Linear(6, 1, bias=False))
    wrapped = flow(ibnotes.ModuleNetwork(module, X, Y), STARTS["squared ReLU"], [-1.0, 5.0, 30.0])
    assert off(wrapped, flow(NETWORKS["squared ReLU"], STARTS["squared ReLU"], [-1.0, 5.0, 30.0])) < 1e-7


def test_three_layers_of_relu_separate_and_stay_balanced():
    """The squared norms of two neighbouring layers grow alike, and a plain integration agrees."""
    torch.manual_seed(0)
    parts = [torch.nn.Linear(a, b, bias=False) for a, b in ((2, 4), (4, 3), (3, 1))]
    module = torch.nn.Sequential(parts[0], torch.nn.ReLU(), parts[1], torch.nn.ReLU(), parts[2])
    network = ibnotes.ModuleNetwork(module, [[0.6, 0.8], [0.8, 0.6]], [1, 1])
    begin = np.abs(network.start)  # all neurons see both points throughout: no kink
    velocity = lambda t, theta: network.pull(theta, np.exp(-network.margins(theta)))
    plain = solve_ivp(velocity, (0, np.exp(2)), begin, "DOP853", rtol=1e-9, atol=1e-11).y[:, -1]
    theta = flow(network, begin, [2.0, 100])
    assert off(theta[:1], plain[None]) < 1e-7
    balance = lambda theta: [(part**2).sum() for part in np.split(theta, [8, 20])]
    assert np.ptp(np.subtract(balance(theta[1]), balance(begin))) < 1e-6
    assert network.margins(theta[1]).min() > 60


def test_a_module_alone_is_told_how_to_be_wrapped():
    with pytest.raises(ValueError, match=r"wrap it with its data, ibnotes.ModuleNetwork\(module, X, y\)"):
        flow(torch.nn.Linear(2, 1), [1.0, 1.0], [1.0])


# --- bad input ---

BAD = {
    "nan": ([0.5], [1.0, np.nan], r"^log_times .* nan at index \(1,\)"),
    "minus inf": ([0.5], [-np.inf], r"^log_times .* -inf"),
    "too late": ([0.5], [1.0, 2e7], r"^log_times must be at most .* found 2e\+07"),
    "no times": ([0.5], [], r"^log_times is empty"),
    "a number": ([0.5], 3.0, r"^log_times .*1-dimensional"),
    "long start": ([0.5, 1.0], [1.0], r"^start .* 2 for 1"),
    "zero": ([0.0], [1.0], r"^start must not be zero"),
    "nan start": ([np.nan], [1.0], r"^start .* nan"),
    "a table of starts": ([[0.5]], [1.0], r"^start .*1-dimensional"),
}


@pytest.mark.parametrize(("start", "times", "message"), BAD.values(), ids=BAD)
def test_bad_input_is_named(start, times, message):
    with pytest.raises(ValueError, match=message):
        flow(power(2), start, times)


def test_a_run_into_the_origin_says_so():
    """There the polar coordinates end; the flow itself goes through to the other side."""
    with pytest.raises(ibnotes.NotConverged, match="origin"):
        flow(ibnotes.TwoLayer([[1.0]], [1], 1, 1, rectified=False, outer=[1]), [-2.0], [0.0, 1.0, 10.0])
