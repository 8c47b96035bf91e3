"""The flow in polar coordinates against logistic_flow, closed forms, plain integration, and what it conserves."""

import mpmath
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from instances import ZA, rotation
from scipy.integrate import quad, solve_ivp

import ibnotes
from ibnotes import homogeneous_flows

TIMES = np.array([-3.0, 0.0, 0.5, 5.0, 30.0, 1e3, 1e5])
RNG = np.random.default_rng(0)
X, Y = RNG.standard_normal((8, 4)), np.sign(RNG.standard_normal(8))
Y_LINEAR = np.sign(X @ [1, 0.5, -1, 0.3])
NETWORKS = {
    "linear": ibnotes.TwoLayer(X, Y_LINEAR, 3, 1, rectified=False),
    "ReLU": ibnotes.TwoLayer([[0.9, 0.4], [-0.9, 0.4]], [1, 1], 3, 1),
    "squared ReLU": ibnotes.TwoLayer(X, Y, 6, 2),
    "convolution": ibnotes.TwoLayer(X.reshape(8, 2, 2), Y_LINEAR, 4, 2),
    "diagonal": ibnotes.Diagonal(X, Y_LINEAR, 3),
}


def start(network, seed=0):
    return 0.5 * np.random.default_rng(seed).standard_normal(network.size)


def flow(network, start, log_times):
    return ibnotes.homogeneous_flow(network, start, log_times).w


def off(a, b):
    """Largest difference relative to the length of b."""
    return (np.linalg.norm(a - b, axis=-1) / np.linalg.norm(b, axis=-1)).max()


# --- degree one ---


def test_a_linear_layer_is_the_logistic_flow_sped_up_by_its_outer_weights():
    """w = sum_j a_j w_j moves by |a|^2 times the summed gradient: n |a|^2 times the mean one."""
    network = ibnotes.TwoLayer(ZA, np.ones(5), 2, 1, rectified=False, outer=[2, -1])
    path = flow(network, [0.3, 0.1, -0.2, 0.5], TIMES).reshape(-1, 2, 2)
    mean = ibnotes.logistic_flow(ZA, np.ones(5), TIMES + np.log(5 * 5), w0=[0.8, -0.3], loss="exponential").w
    assert off(2 * path[:, 0] - path[:, 1], mean) < 1e-8


def test_a_diagonal_network_of_depth_one_is_the_logistic_flow_at_twice_the_speed():
    network, y = ibnotes.Diagonal(ZA * [[1], [-1], [1], [1], [-1]], [1, -1, 1, 1, -1], 1), np.ones(5)
    path = flow(network, [0.3, 0.1, -0.2, 0.5], TIMES)
    mean = ibnotes.logistic_flow(ZA, y, TIMES + np.log(2 * 5), w0=[0.5, -0.4], loss="exponential").w
    assert off(network.end_to_end(path), mean) < 1e-8
    assert np.abs(path[:, :2] + path[:, 2:] - [0.1, 0.6]).max() < 1e-9 * np.abs(path).max()


# --- closed forms, one point: dw/dt = L w^(L-1) exp(-w^L) ---


def power(L):
    return ibnotes.TwoLayer([[1.0]], [1], 1, L, outer=[1])


@pytest.mark.parametrize("L", [1, 2, 3, 5])
def test_one_neuron_takes_the_time_that_quadrature_says(L):
    s = np.array([-4.0, -0.5, 0.0, 0.3, 4.0, 25.0])
    took = [quad(lambda w: np.exp(w**L) * w ** (1 - L) / L, 0.6, w, epsrel=1e-12)[0] for (w,) in flow(power(L), [0.6], s)]
    assert np.abs(np.log(took) - s).max() < 1e-7


def test_one_neuron_at_the_latest_times():
    late = [1e3, 1e6]
    assert flow(power(1), [0.6], late)[:, 0] == pytest.approx(late, rel=1e-9)
    took = [mpmath.log(mpmath.ei(w**2) / 4) for (w,) in flow(power(2), [0.6], late)]
    assert [float(s) for s in took] == pytest.approx(late, rel=1e-9)


class Product:
    """f = u v w on one point, of one's own making: from (b, b, b) it is b^3 at a third of the speed."""

    degree, size = 3, 3

    def margins(self, theta):
        return np.array([theta.prod()])

    def jacobian(self, theta):
        return theta.prod() / theta[None]


def test_a_network_of_ones_own():
    assert off(flow(Product(), np.full(3, 0.6), TIMES), flow(power(3), [0.6], TIMES - np.log(3)) * np.ones(3)) < 1e-8


# --- any network ---


@pytest.mark.parametrize("name", NETWORKS)
def test_a_plain_integration_agrees(name):
    network, s = NETWORKS[name], [-2.0, 0.0, 1.0, 4.0]
    velocity = lambda t, theta: np.exp(-network.margins(theta)) @ network.jacobian(theta)
    options = {"t_eval": np.exp(s), "rtol": 1e-11, "atol": 1e-12}
    plain = solve_ivp(velocity, (0, np.exp(4)), start(network), "DOP853", **options).y.T
    assert off(flow(network, start(network), s), plain) < 1e-6


@pytest.mark.parametrize("name", NETWORKS)
def test_what_is_conserved(name):
    """<w_j, dw_j/dt> = power a_j da_j/dt; and u^(1-L) du/dt = -v^(1-L) dv/dt."""
    network = NETWORKS[name]
    theta = flow(network, np.abs(start(network)) if name == "diagonal" else start(network), TIMES)
    if name == "diagonal":
        conserved = 1 / theta[:, :4] + 1 / theta[:, 4:]
        assert np.abs(conserved / conserved[0] - 1).max() < 1e-6
        return
    for row in theta:
        terms = [np.append(a**2, (W**2).sum(axis=1) / network.power) for W, a in map(network.weights, (start(network), row))]
        before, after = (np.subtract(*np.split(term, 2)) for term in terms)
        assert np.abs(after - before).max() < 1e-8 * (1 + terms[1].max())


@pytest.mark.parametrize("name", NETWORKS)
def test_the_smoothed_margin_never_falls_once_the_loss_is_below_one(name):
    network = NETWORKS[name]
    theta = flow(network, start(network), np.geomspace(1, 1e6, 40))
    depth, size = -ibnotes.log_exponential_loss(network, theta), np.linalg.norm(theta, axis=1) ** network.degree
    smoothed = (depth / size)[depth > 0]
    assert len(smoothed) > 20
    assert np.diff(smoothed).min() > -1e-9 * smoothed[-1]
    assert smoothed[-1] > 1.01 * smoothed[0]
    assert depth[-1] == pytest.approx(1e6, rel=1e-3)


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


def test_mirror_images_stay_mirror_images():
    pair = ibnotes.TwoLayer([[0.8, 0.6], [-0.8, 0.6]], [1, 1], 2, 2, outer=[1, 1])
    theta = flow(pair, [0.1, 0.5, -0.1, 0.5], TIMES)
    assert np.abs(theta[:, :2] - theta[:, 2:] * [-1, 1]).max() < 1e-9 * np.abs(theta).max()
    assert theta[-1, 0] / theta[-1, 1] == pytest.approx(4 / 3, abs=1e-2)


# --- times ---


def test_times_in_any_order_repeated_and_as_they_were_given():
    network, s = NETWORKS["squared ReLU"], [300.0, -2.0, 5.0, 0.0, 5.0, -2.0, -900.0]
    path = ibnotes.homogeneous_flow(network, start(network), s)
    assert path.log_times.tolist() == s
    assert np.array_equal(path.w, flow(network, start(network), sorted(set(s)))[[5, 1, 4, 2, 4, 1, 0] - np.array([0, 0, 1, 0, 1, 0, 0])])
    assert np.array_equal(path.w[-1], start(network))


def test_a_time_does_not_depend_on_which_others_are_asked_for():
    network = NETWORKS["convolution"]
    theta = flow(network, start(network), TIMES)
    assert max(off(flow(network, start(network), [s]), one) for s, one in zip(TIMES, theta, strict=True)) < 1e-7


@pytest.mark.parametrize("halfway", [-1.0, 0.0, 2.0])
def test_a_run_may_be_continued(halfway):
    network = NETWORKS["squared ReLU"]
    between, end = flow(network, start(network), [halfway, 6.0])
    assert off(flow(network, between, [np.log(np.exp(6) - np.exp(halfway))])[0], end) < 1e-7


# --- runs without an end ---


def test_a_dead_neuron_does_not_move():
    assert flow(power(2), [-1.0], [-1.0, 1e6]).tolist() == [[-1.0], [-1.0]]


def test_a_run_that_loses_a_point_says_so(monkeypatch):
    monkeypatch.setattr(homogeneous_flows, "EVALUATIONS_MAX", 20_000)
    network = NETWORKS["squared ReLU"]
    assert flow(network, start(network), [1e6]).shape == (1, network.size)  # this one loses none
    with pytest.raises(ibnotes.NotConverged, match="stuck at t = 17"):
        flow(network, start(network, 2), [1e6])


# --- bad input ---

BAD = {
    "nan": ([0.5], [1.0, np.nan], r"^log_times .* nan at index \(1,\)"),
    "minus inf": ([0.5], [-np.inf], r"^log_times .* -inf"),
    "too late": ([0.5], [1.0, 2e7], r"^log_times must be at most 1e\+07, found 2e\+07"),
    "no times": ([0.5], [], r"^log_times is empty"),
    "a number": ([0.5], 3.0, r"^log_times .*1-dimensional"),
    "long start": ([0.5, 1.0], [1.0], r"^start .* 2 for 1"),
    "nan start": ([np.nan], [1.0], r"^start .* nan"),
    "a table of starts": ([[0.5]], [1.0], r"^start .*1-dimensional"),
}


@pytest.mark.parametrize(("start", "times", "message"), BAD.values(), ids=BAD)
def test_bad_input_is_named(start, times, message):
    with pytest.raises(ValueError, match=message):
        flow(power(2), start, times)
