"""KKT residuals against their definitions by torch, and KKT points against closed forms and convex programs."""

import numpy as np
import pytest
import torch
from hypothesis import assume, given
from hypothesis import strategies as st
from instances import ADZ, ZA, ZD, rotation

import ibnotes

SEEDS = st.integers(0, 2**32 - 1)


def squared(seed, n=4, d=3, width=5):
    """A squared-ReLU network, both layers trained, and parameters that classify every point correctly."""
    rng = np.random.default_rng(seed)
    X, theta = rng.standard_normal((n, d)), rng.standard_normal(width * (d + 1))
    values = np.maximum(X @ theta[:-width].reshape(width, d).T, 0) ** 2 @ theta[-width:]
    return ibnotes.TwoLayer(X, np.where(values < 0, -1, 1), width), theta


def torch_margins(network):
    """The same network once more, for autograd."""
    Z, width = torch.tensor(network.patches[:, 0]), network.width
    signs = torch.tensor(network.signs)
    return lambda theta: (signs * torch.relu(signs * Z @ theta[:-width].reshape(width, -1).T) ** 2) @ theta[-width:]


def pair(s):
    """Two neurons with outer weights one, and two points (+-c, s) of length one."""
    c = np.sqrt(1 - s**2)
    return ibnotes.TwoLayer([[c, s], [-c, s]], [1, 1], 2, 2, outer=[1, 1])


# --- residuals ---


@given(SEEDS, st.floats(0.2, 3))
def test_residuals_are_what_they_say(seed, length):
    network, theta = squared(seed)
    theta = length * theta
    q = torch_margins(network)(torch.tensor(theta)).numpy()
    assume(q.min() > 1e-3)
    found = ibnotes.margin_residuals(network, theta)
    feasible = theta / q.min() ** (1 / 3)
    gradients = torch.autograd.functional.jacobian(torch_margins(network), torch.tensor(feasible)).numpy()
    p = np.exp(q.min() - q)
    pull = p @ gradients
    multipliers = p * np.linalg.norm(feasible) / np.linalg.norm(pull)
    assert found.theta == pytest.approx(feasible, rel=1e-12)
    assert found.multipliers == pytest.approx(multipliers, rel=1e-9)
    assert found.stationarity == pytest.approx(np.linalg.norm(feasible - multipliers @ gradients), rel=1e-9)
    assert found.complementarity == pytest.approx(multipliers @ (q / q.min() - 1), rel=1e-9)
    cosine = feasible @ pull / np.linalg.norm(feasible) / np.linalg.norm(pull)
    assert found.angle == pytest.approx(np.arccos(cosine), rel=1e-9)
    assert found.margin == pytest.approx(q.min() / np.linalg.norm(theta) ** 3, rel=1e-12)


@given(SEEDS)
def test_the_length_changes_the_weights_and_nothing_else(seed):
    network, theta = squared(seed)
    q = network.margins(theta / np.linalg.norm(theta))
    assume(q.min() > 1e-3)
    unit = theta / q.min() ** (1 / 3) / np.linalg.norm(theta)
    near, far = (ibnotes.margin_residuals(network, length * unit) for length in (1e-3, 1e4))
    assert far.theta == pytest.approx(near.theta, rel=1e-12)
    assert far.margin == pytest.approx(near.margin, rel=1e-12)
    gradients = network.jacobian(theta)
    assert near.angle == pytest.approx(ibnotes.angle(theta, gradients.sum(axis=0)), rel=1e-6)
    nearest = gradients[q.argmin()]
    assume(np.sort(q)[1] > 1.001 * q.min())
    assert far.angle == pytest.approx(ibnotes.angle(theta, nearest), rel=1e-9)
    assert far.complementarity < 1e-100 < near.complementarity


@pytest.mark.parametrize("length", [1e-2, 1.0, 300.0])
@pytest.mark.parametrize("theta", [[0, 0.6, 0, 0.3], [0.8, 0.6, -0.8, 0.6]])
def test_at_a_kkt_point_they_are_zero(theta, length):
    found = ibnotes.margin_residuals(pair(0.6), length * np.array(theta))
    assert max(found.stationarity, found.complementarity, found.angle) < 1e-12
    off = ibnotes.margin_residuals(pair(0.6), np.add(theta, [0, 0, 0.01, 0]))
    assert min(off.stationarity, off.complementarity, off.angle) > 1e-4


# --- KKT points ---


@pytest.mark.parametrize("s", [0.2, 0.5, 0.65, 0.8])
def test_two_neurons_that_share_two_points(s):
    """A start on the axis stays there; for c > s it is a saddle."""
    point = ibnotes.margin_point(pair(s), [0, 0.5, 0, 0.3])
    assert point.margin == pytest.approx(s**2, rel=1e-9)
    assert point.theta[[1, 3]] / point.theta[1] == pytest.approx([1, 0.6], rel=1e-6)
    assert point.exponents == pytest.approx(np.sort([1 - (1 - s**2) / s**2, 0]), abs=1e-6)
    assert point.multipliers == pytest.approx([0.25 / s**2] * 2, rel=1e-6)


@pytest.mark.parametrize("s", [0.2, 0.5, 0.65])
def test_two_neurons_that_divide_two_points(s):
    point, c = ibnotes.margin_point(pair(s), [0.5, 0.5, -0.6, 0.5]), np.sqrt(1 - s**2)
    assert point.theta == pytest.approx([c, s, -c, s], abs=1e-6)
    assert (point.margin, *point.multipliers) == pytest.approx((0.5, 0.5, 0.5), rel=1e-6)
    assert point.exponents == pytest.approx([1, 1], abs=1e-6)


@pytest.mark.parametrize("Z", [ZA, ADZ, ZD], ids=["ZA", "ADZ", "ZD"])
def test_two_linear_layers_are_the_svm(Z):
    """min (|W|^2 + |a|^2) / 2 is min |W'a|; exponents 1 -+ 1 from the products w_j a_j, 0 less one for theta itself."""
    network, svm = ibnotes.TwoLayer(Z, np.ones(len(Z)), 3, 1, rectified=False), ibnotes.max_margin(Z, np.ones(len(Z)))
    point = ibnotes.margin_point(network, np.append(np.outer([1, -0.5, 2], svm.w) + 0.05, [1, -0.5, 2]))
    W, a = network.weights(point.theta)
    assert a @ W == pytest.approx(svm.w, abs=1e-6)
    assert point.margin == pytest.approx(svm.margin / 2, rel=1e-8)
    assert point.multipliers @ Z == pytest.approx(svm.w * svm.margin, abs=1e-5)
    ones = network.size - np.linalg.matrix_rank(Z[svm.support]) - 5
    assert point.exponents == pytest.approx([0] * 2 + [1] * ones + [2] * 3, abs=1e-5)


@pytest.mark.parametrize("Z", [ZA, ADZ], ids=["ZA", "ADZ"])
@pytest.mark.parametrize(("depth", "norm", "scale"), [(1, 2, np.sqrt(2)), (2, 1, 1)])
def test_diagonal_networks_of_depth_one_and_two_are_max_margin_in_the_2_and_1_norm(Z, depth, norm, scale):
    """min |u|^2 + |v|^2 is |w|^2 / 2 for w = u - v, and |w|_1 for w = u^2 - v^2."""
    network, svm = ibnotes.Diagonal(Z, np.ones(len(Z)), depth), ibnotes.max_margin(Z, np.ones(len(Z)), norm)
    w = ibnotes.max_margin(Z, np.ones(len(Z))).w
    point = ibnotes.margin_point(network, np.maximum(np.append(w, -w), 0) + 0.05)
    assert network.end_to_end(point.theta) == pytest.approx(svm.w, abs=1e-6)
    assert point.margin == pytest.approx(scale * svm.margin, rel=1e-8)


@given(SEEDS)
def test_a_kkt_point_satisfies_its_conditions_and_its_exponents_their_formula(seed):
    network, theta = squared(seed)
    assume(network.margins(theta).min() > 1e-3)
    point = ibnotes.margin_point(network, theta)
    hat = torch.tensor(point.theta)
    margins = torch_margins(network)
    q, gradients = margins(hat).numpy(), torch.autograd.functional.jacobian(margins, hat).numpy()
    active = q < 1 + 1e-5
    assert q.min() == pytest.approx(1, abs=1e-6)
    assert point.multipliers.min() >= 0
    assert not point.multipliers[~active].any()
    assert np.linalg.norm(point.multipliers @ gradients - point.theta) < 1e-5 * np.linalg.norm(point.theta)
    assert point.residual < 1e-6
    assert point.margin == pytest.approx(np.linalg.norm(point.theta) ** -3, rel=1e-12)
    # sum_i lambda_i q_i has gradient theta; its Hessian there is 1 in the units of sum_i p_i q_i over L gamma
    weights = torch.tensor(point.multipliers)
    H = torch.autograd.functional.hessian(lambda theta: weights @ margins(theta), hat).numpy()
    basis = np.linalg.qr(gradients[active].T, mode="complete")[0][:, active.sum() :]
    assert point.exponents == pytest.approx(np.sort(1 - np.linalg.eigvalsh(basis.T @ H @ basis)), abs=1e-4)
    modes = point.modes
    assert np.abs(modes @ gradients[active].T).max() < 1e-5
    assert np.abs(modes @ modes.T - np.eye(len(modes))).max() < 1e-9
    assert np.abs(modes @ H @ modes.T - np.diag(1 - point.exponents)).max() < 1e-4


@given(SEEDS, st.floats(0.1, 10))
def test_units_and_rotations(seed, unit):
    rng = np.random.default_rng(seed)
    Q, start, s = rotation(rng, 2), rng.uniform(0.1, 0.9, 4) * [1, 1, -1, 1], rng.uniform(0.3, 0.65)
    points = np.array([[np.sqrt(1 - s**2), s], [-np.sqrt(1 - s**2), s]])
    turned = ibnotes.TwoLayer(unit * points @ Q, [1, 1], 2, 2, outer=[1, 1])
    one = ibnotes.margin_point(pair(s), start)
    other = ibnotes.margin_point(turned, 7 * (start.reshape(2, 2) @ Q).ravel())
    assert (other.theta.reshape(2, 2) @ Q.T).ravel() == pytest.approx(one.theta / unit, abs=1e-6 / unit)
    assert other.margin == pytest.approx(one.margin * unit**2, rel=1e-8)
    assert other.exponents == pytest.approx(one.exponents, abs=1e-5)


def test_the_flow_arrives_at_the_exponent():
    """Towards the point of margin 1/2 the angle shrinks like 1 / r, r^2 = 2 log(1/loss)."""
    path = ibnotes.homogeneous_flow(pair(0.5), [0.5, 0.5, -0.6, 0.5], [100, 1e3]).w
    point = ibnotes.margin_point(pair(0.5), path[-1])
    gaps = ibnotes.direction_gap(path, np.broadcast_to(point.theta, path.shape))
    assert gaps[0] / gaps[1] == pytest.approx(np.sqrt(10), rel=0.04)
    assert ibnotes.margin_residuals(pair(0.5), path[1]).angle == pytest.approx(gaps[1], rel=1e-2)


def test_a_minimum_at_a_kink_is_not_passed_off_as_a_kkt_point():
    """Each neuron does best at right angles to the other's point; the gradient there is not a multiple of it."""
    network = ibnotes.TwoLayer([[1, 0.5], [0.5, 1]], [1, -1], 2, 1, outer=[1, -1])
    with pytest.raises(ibnotes.NotConverged, match="no KKT point"):
        ibnotes.margin_point(network, [2, -0.5, -0.5, 2])


# --- bad input ---

BAD = {
    "a point on the wrong side": ([0.5, 0.1, 0.5, 0.1], r"^theta must classify .* margin of 0"),
    "nowhere": ([0, 0, 0, 0], r"no direction"),
    "nan": ([np.nan, 1, 1, 1], r"^(theta|start) .* nan"),
    "a table": ([[0, 1, 0, 1]], r"^(theta|start) .*1-dimensional"),
}


@pytest.mark.parametrize("of", [ibnotes.margin_residuals, ibnotes.margin_point])
@pytest.mark.parametrize(("theta", "message"), BAD.values(), ids=BAD)
def test_bad_input_is_named(of, theta, message):
    with pytest.raises(ValueError, match=message):
        of(pair(0.2), theta)
