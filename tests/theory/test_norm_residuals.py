"""KKT residuals in the optimizers' norms: against the Euclidean ones, brute force, and where they must vanish."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import ibnotes

SEEDS = st.integers(0, 2**32 - 1)
MUON = [((4, 3), "spectral"), ((4,), np.inf)]
NORMS = [1, 2, np.inf, MUON, [((4, 3), "max"), ((4,), 1)], [((4, 3), "frobenius"), ((2, 2), "spectral")]]
norms = st.sampled_from(NORMS)


def instance(seed):
    """A cubic network of four neurons on five points, and parameters that classify them correctly."""
    rng = np.random.default_rng(seed)
    X, theta = rng.standard_normal((5, 3)), rng.standard_normal(16)
    values = (X @ theta[:12].reshape(4, 3).T) ** 3 @ theta[12:]
    return ibnotes.TwoLayer(X, np.where(values < 0, -1, 1), 4, power=3, rectified=False), theta


def size(theta, norm):
    """The norm of theta, once more."""
    if norm is not MUON:
        return np.linalg.norm(theta, norm)
    return max(np.linalg.svd(theta[:12].reshape(4, 3))[1][0], np.abs(theta[12:]).max())


@given(SEEDS)
def test_euclidean_is_that_of_the_angle(seed):
    network, theta = instance(seed)
    here, there = ibnotes.norm_residuals(network, theta, 2), ibnotes.margin_residuals(network, theta)
    assert here.misalignment == pytest.approx(1 - np.cos(there.angle), abs=1e-12)
    assert here.margin == pytest.approx(there.margin, rel=1e-12)
    share = there.multipliers / there.multipliers.sum()
    excess = network.margins(there.theta) - 1
    assert here.complementarity == pytest.approx(share @ excess, rel=1e-9, abs=1e-12)


@given(SEEDS, st.sampled_from([1, 2, np.inf, MUON]))
def test_no_direction_is_steeper_than_the_dual_norm_says_and_one_is_as_steep(seed, norm):
    network, theta = instance(seed)
    q = network.margins(theta)
    p = np.exp(q.min() - q)
    g = p @ network.jacobian(theta)
    misalignment = ibnotes.norm_residuals(network, theta, norm).misalignment
    steepness = theta @ g / size(theta, norm) / (1 - misalignment)
    trials = np.random.default_rng(seed).standard_normal((200, 16))
    assert all(u @ g <= steepness * size(u, norm) * (1 + 1e-9) for u in trials)
    U, _, V = np.linalg.svd(g[:12].reshape(4, 3), full_matrices=False)
    steepest = {
        1: np.eye(16)[np.abs(g).argmax()] * np.sign(g),
        2: g / np.linalg.norm(g),
        np.inf: np.sign(g),
    }.get(norm if norm is not MUON else None, np.concatenate([(U @ V).ravel(), np.sign(g[12:])]))
    assert size(steepest, norm) == pytest.approx(1)
    assert steepest @ g == pytest.approx(steepness, rel=1e-9)


@given(SEEDS, norms, st.floats(0.1, 3))
def test_the_misalignment_is_between_0_and_1_and_the_margin_is_of_the_direction(seed, norm, length):
    network, theta = instance(seed)
    found, scaled = (ibnotes.norm_residuals(network, c * theta, norm) for c in (1.0, length))
    assert -1e-12 <= found.misalignment <= 1
    assert found.complementarity >= -1e-12
    assert scaled.margin == pytest.approx(found.margin, rel=1e-9)


@given(SEEDS)
def test_muons_norm_does_not_see_a_rotation_of_the_data(seed):
    network, theta = instance(seed)
    Q = np.linalg.qr(np.random.default_rng(seed).standard_normal((3, 3)))[0]
    turned = ibnotes.TwoLayer(network.patches[:, 0] * network.signs @ Q, network.signs[:, 0], 4, 3, rectified=False)
    W, a = network.weights(theta)
    there = ibnotes.norm_residuals(turned, np.append(W @ Q, a), MUON)
    assert there.misalignment == pytest.approx(ibnotes.norm_residuals(network, theta, MUON).misalignment, abs=1e-9)


def test_zero_at_a_point_that_is_stationary_in_the_norm_alone():
    network = ibnotes.Diagonal([[2, 1]], [1], depth=2)
    at = {norm: ibnotes.norm_residuals(network, [1, 1, 0, 0], norm) for norm in (1, 2, np.inf)}
    assert at[np.inf].misalignment == pytest.approx(0, abs=1e-15)
    assert at[np.inf].margin == pytest.approx(3)
    assert at[2].misalignment == pytest.approx(1 - 6 / np.sqrt(40))
    assert at[1].misalignment == pytest.approx(1 - 6 / 8)
    assert {k.complementarity for k in at.values()} == {0}


def test_lengths_that_would_overflow():
    network = ibnotes.Diagonal([[2, 1], [1, 2]], [1, 1], depth=2)
    assert ibnotes.norm_residuals(network, [1e80, 1e80, 0, 0], np.inf).misalignment == pytest.approx(0, abs=1e-15)


BAD = {
    "norm must be 1, 2 or numpy.inf, found 3": 3,
    "norm must be 1, 2 or numpy.inf, found 'spectral'": "spectral",
    "norm must be 1, 2, numpy.inf or pairs .shape, norm., found 2 among them": [2],
    "norm must be 'spectral', 'frobenius' or 'max', found 'nuclear'": [((4, 4), "nuclear")],
    "norm 'spectral' is one of matrices, found the shape .16,.": [((16,), "spectral")],
    "norm must cover all parameters, found shapes of 12 entries for 16": [((4, 3), "spectral")],
}


@pytest.mark.parametrize("message", BAD)
def test_a_norm_that_is_none_is_named(message):
    network, theta = instance(0)
    with pytest.raises(ValueError, match=message):
        ibnotes.norm_residuals(network, theta, BAD[message])


def test_a_point_that_is_classified_wrongly_is_told():
    network, theta = instance(0)
    with pytest.raises(ValueError, match="must classify every point correctly"):
        ibnotes.norm_residuals(network, np.append(theta[:12], -theta[12:]), 2)
