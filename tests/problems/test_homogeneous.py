"""Margins and gradients against torch, Euler's identity, and convolutions taken apart."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import logsumexp

import ibnotes

SEEDS = st.integers(0, 2**32 - 1)
POWERS = st.integers(1, 4)


def labelled(seed, *shape):
    rng = np.random.default_rng(seed)
    return rng.standard_normal(shape), rng.choice([-1.0, 1.0], shape[0])


def two_layer(seed, power, rectified, trained, patches=3, width=4):
    """A random network on 5 points of ``patches`` vectors of R^2, and random parameters."""
    X, y = labelled(seed, 5, patches, 2)
    outer = None if trained else np.random.default_rng(seed + 1).standard_normal(width)
    network = ibnotes.TwoLayer(X, y, width, power, rectified=rectified, outer=outer)
    return network, np.random.default_rng(seed + 2).standard_normal(network.size), (X, y, outer)


def diagonal(seed, depth):
    X, y = labelled(seed, 5, 3)
    return ibnotes.Diagonal(X, y, depth), np.random.default_rng(seed + 2).standard_normal(6), (X, y)


def by_torch(margins, theta):
    """Values and gradients of a function of torch tensors."""
    theta = torch.tensor(theta)
    return margins(theta).numpy(), torch.autograd.functional.jacobian(margins, theta).numpy()


@pytest.mark.parametrize("power", [1, 2, 3])
@pytest.mark.parametrize("rectified", [True, False])
@pytest.mark.parametrize("trained", [True, False])
def test_a_two_layer_network_agrees_with_autograd(power, rectified, trained):
    network, theta, (X, y, outer) = two_layer(power, power, rectified, trained)

    def one(x, label, theta):
        """Point by point, patch by patch, neuron by neuron."""
        a = theta[8:] if trained else torch.tensor(outer)
        h = [[(theta[2 * j : 2 * j + 2] * torch.tensor(patch)).sum() for patch in x] for j in range(4)]
        phi = (lambda h: torch.relu(h) ** power) if rectified else (lambda h: h**power)
        return label * sum(a[j] * sum(phi(entry) for entry in h[j]) for j in range(4))

    def margins(theta):
        return torch.stack([one(*pair, theta) for pair in zip(X, y, strict=True)])

    values, gradients = by_torch(margins, theta)
    assert network.margins(theta) == pytest.approx(values, abs=1e-12)
    assert np.abs(network.jacobian(theta) - gradients).max() < 1e-12
    assert (network.degree, network.size) == ((power + 1, 12) if trained else (power, 8))


@pytest.mark.parametrize("depth", [1, 2, 3, 4])
def test_a_diagonal_network_agrees_with_autograd(depth):
    network, theta, (X, y) = diagonal(depth, depth)
    Z = torch.tensor(y[:, None] * X)
    values, gradients = by_torch(lambda theta: Z @ (theta[:3] ** depth - theta[3:] ** depth), theta)
    assert network.margins(theta) == pytest.approx(values, abs=1e-12)
    assert np.abs(network.jacobian(theta) - gradients).max() < 1e-12
    assert (network.degree, network.size) == (depth, 6)


NETWORKS = st.one_of(
    st.builds(two_layer, SEEDS, POWERS, st.booleans(), st.booleans()), st.builds(diagonal, SEEDS, POWERS)
)


@given(NETWORKS, st.floats(0.1, 10))
def test_homogeneity_and_euler(case, c):
    network, theta, _ = case
    L, q, J = network.degree, network.margins(theta), network.jacobian(theta)
    size = np.abs(J) @ np.abs(theta) + 1e-300  # what rounding is measured by, where terms cancel
    assert np.abs((J @ theta - L * q) / size).max() < 1e-13
    assert np.abs((network.margins(c * theta) / c**L - q) / size).max() < 1e-13
    assert np.abs(network.jacobian(c * theta) / c ** (L - 1) - J).max() < 1e-13 * np.abs(J).max()


@given(SEEDS, POWERS, st.booleans(), st.booleans(), st.integers(1, 4))
def test_a_convolution_is_the_sum_over_its_patches(seed, power, rectified, trained, patches):
    network, theta, (X, y, outer) = two_layer(seed, power, rectified, trained, patches)
    each = [ibnotes.TwoLayer(X[:, p], y, 4, power, rectified=rectified, outer=outer) for p in range(patches)]
    assert all(part.degree == network.degree and part.size == network.size for part in each)
    for measure in ("margins", "jacobian"):
        whole, parts = getattr(network, measure)(theta), [getattr(part, measure)(theta) for part in each]
        assert np.abs(whole - sum(parts)).max() < 1e-13 * (1 + np.abs(parts).sum(axis=0).max())


def test_weights_are_the_neurons_one_after_the_other_and_then_the_outer_ones():
    trained, fixed = (ibnotes.TwoLayer(np.eye(2), [1, 1], 3, outer=outer) for outer in (None, [7, 8, 9]))
    for network, a in ((trained, [6, 7, 8]), (fixed, [7, 8, 9])):
        W, found = network.weights(range(network.size))
        assert (W.tolist(), found.tolist()) == ([[0, 1], [2, 3], [4, 5]], a)


@pytest.mark.parametrize("power", [1, 2])
@pytest.mark.parametrize(("h", "active"), [(0.0, 0), (-1e-9, 0), (1e-9, 1)])
def test_at_a_kink_the_gradient_is_that_of_the_inactive_side(power, h, active):
    network = ibnotes.TwoLayer([[1.0, 0.0]], [-1], 1, power, outer=[2])
    slope = -2 * power * max(h, 0) ** (power - 1)
    assert network.jacobian(np.array([h, 3.0])).tolist() == [[active * slope, 0]]


def test_the_end_to_end_map_of_a_path():
    network, path = ibnotes.Diagonal(np.eye(2), [1, 1], 3), np.random.default_rng(0).standard_normal((5, 7, 4))
    assert network.end_to_end(path) == pytest.approx(path[..., :2] ** 3 - path[..., 2:] ** 3, abs=1e-14)


@pytest.mark.parametrize("kind", [np.int64, np.int32, np.float32])
def test_powers_do_not_overflow_what_the_parameters_came_in(kind):
    network, theta = ibnotes.Diagonal([[1, 1]], [1], depth=10), np.array([100, 0, 0, 0], dtype=kind)
    assert network.margins(theta) == 1e20
    assert network.jacobian(theta).tolist() == [[1e19, 0, 0, 0]]


# --- the loss ---


@given(NETWORKS)
def test_the_log_of_the_summed_loss(case):
    network, theta, _ = case
    theta = theta / 2
    assert np.exp(ibnotes.log_exponential_loss(network, theta)) == pytest.approx(np.exp(-network.margins(theta)).sum())


@pytest.mark.parametrize("size", [1e6, -1e6])
def test_the_loss_may_underflow_and_overflow(size):
    network = ibnotes.Diagonal([[1.0], [1.0], [1.0]], [1, 1, 1], 1)
    assert ibnotes.log_exponential_loss(network, [size, 0]) == pytest.approx(np.log(3) - size, rel=1e-15)


def test_the_loss_maps_over_leading_axes():
    network = two_layer(0, 2, True, True)[0]
    theta = np.random.default_rng(0).standard_normal((4, 3, network.size))
    each = [[logsumexp(-network.margins(one)) for one in row] for row in theta]
    assert np.array_equal(ibnotes.log_exponential_loss(network, theta), each)


# --- bad input ---

I2 = np.eye(2)
BAD = {
    "labels zero and one": (lambda: ibnotes.TwoLayer(I2, [0, 1], 2), r"^y .*-1 and \+1"),
    "labels of a convolution": (lambda: ibnotes.TwoLayer(np.ones((2, 3, 2)), [1], 2), r"^y .* 1 for 2"),
    "four axes": (lambda: ibnotes.TwoLayer(np.ones((2, 1, 1, 1)), [1, 1], 2), r"^X .* \(2, 1, 1, 1\)"),
    "nan": (lambda: ibnotes.TwoLayer([[[1.0, np.nan]]], [1], 2), r"^X .* nan at index \(0, 0, 1\)"),
    "no patches": (lambda: ibnotes.TwoLayer(np.ones((2, 0, 3)), [1, 1], 2), r"^X is empty"),
    "no neurons": (lambda: ibnotes.TwoLayer(I2, [1, 1], 0), r"^width .* 0"),
    "half a power": (lambda: ibnotes.TwoLayer(I2, [1, 1], 2, 0.5), r"^power .* 0\.5"),
    "short outer": (lambda: ibnotes.TwoLayer(I2, [1, 1], 2, outer=[1]), r"^outer .* 1 for 2"),
    "nan in outer": (lambda: ibnotes.TwoLayer(I2, [1, 1], 2, outer=[1, np.nan]), r"^outer .* nan"),
    "depth zero": (lambda: ibnotes.Diagonal(I2, [1, 1], 0), r"^depth .* 0"),
    "diagonal labels": (lambda: ibnotes.Diagonal(I2, [1, 2], 1), r"^y .*-1 and \+1"),
}


@pytest.mark.parametrize(("build", "message"), BAD.values(), ids=BAD)
def test_bad_input_is_named(build, message):
    with pytest.raises(ValueError, match=message):
        build()
