"""Steepest descent against the definition of a steepest step, and against torch's optimizers where they coincide."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

import ibnotes
from ibnotes import SteepestDescent
from ibnotes.dynamics.optimizers import polar_factor

SHAPE = (3, 4)
NORMS = {
    1: lambda a: np.abs(a).sum(),
    2: np.linalg.norm,
    np.inf: lambda a: np.abs(a).max(),
    "spectral": lambda a: np.linalg.norm(a, 2),
}
DUALS = {1: NORMS[np.inf], 2: NORMS[2], np.inf: NORMS[1], "spectral": lambda a: np.linalg.norm(a, "nuc")}
seeds = st.integers(0, 10_000)


def matrix(seed, shape=SHAPE):
    return np.random.default_rng(seed).standard_normal(shape)


def moved(gradients, **options):
    """Sum of the steps that the optimizer takes from zero on a sequence of gradients."""
    weights = torch.zeros(np.shape(gradients[0]), dtype=torch.float64)
    optimizer = SteepestDescent([weights], **options)
    for gradient in gradients:
        weights.grad = torch.tensor(gradient)
        optimizer.step()
    return weights.numpy()


@pytest.mark.parametrize("norm", NORMS)
@given(seed=seeds)
def test_a_step_has_unit_length_and_descends_by_the_dual_norm(norm, seed):
    """No vector of unit length has a larger inner product with the gradient."""
    gradient = matrix(seed)
    step = moved([gradient], lr=1.0, norm=norm)
    assert NORMS[norm](step) == pytest.approx(1, abs=1e-12)
    assert -np.sum(step * gradient) == pytest.approx(DUALS[norm](gradient), rel=1e-12)


@pytest.mark.parametrize("norm", NORMS)
@given(seed=seeds)
def test_without_normalization_the_step_is_longer_by_the_dual_norm(norm, seed):
    gradient = matrix(seed)
    unit = moved([gradient], lr=0.5, norm=norm)
    full = moved([gradient], lr=0.5, norm=norm, normalized=False)
    assert np.abs(full - unit * DUALS[norm](gradient)).max() < 1e-12 * DUALS[norm](gradient)


@pytest.mark.parametrize("momentum", [0.0, 0.9])
def test_norm_two_without_normalization_is_sgd(momentum):
    gradients = [matrix(seed) for seed in range(5)]
    weights = torch.zeros(SHAPE, dtype=torch.float64)
    optimizer = torch.optim.SGD([weights], lr=0.1, momentum=momentum)
    for gradient in gradients:
        weights.grad = torch.tensor(gradient)
        optimizer.step()
    ours = moved(gradients, lr=0.1, normalized=False, momentum=momentum)
    assert np.abs(ours - weights.numpy()).max() < 1e-14


@pytest.mark.parametrize("norm", NORMS)
def test_momentum_sums_past_gradients(norm):
    gradients = [matrix(seed) for seed in range(3)]
    sums = [gradients[0], 0.5 * gradients[0] + gradients[1], 0.25 * gradients[0] + 0.5 * gradients[1] + gradients[2]]
    steps = [moved([g], lr=0.1, norm=norm) for g in sums]
    assert np.abs(moved(gradients, lr=0.1, norm=norm, momentum=0.5) - sum(steps)).max() < 1e-14


@pytest.mark.parametrize("norm", NORMS)
@pytest.mark.parametrize("size", [1e-250, 1e250])
def test_tiny_and_huge_gradients_have_the_same_step(norm, size):
    gradient = matrix(0)
    assert np.abs(moved([size * gradient], lr=1.0, norm=norm) - moved([gradient], lr=1.0, norm=norm)).max() < 1e-12


@pytest.mark.parametrize("norm", NORMS)
def test_a_zero_gradient_moves_nothing(norm):
    assert not moved([np.zeros(SHAPE)], lr=1.0, norm=norm).any()


def test_the_polar_factor_leaves_out_the_null_space():
    """A gradient of rank one gives its singular pair and no rounding of the others."""
    u, v = matrix(1, 3), matrix(2, 4)
    factor = polar_factor(torch.tensor(np.outer(u, v))).numpy()
    assert np.abs(factor - np.outer(u, v) / np.linalg.norm(u) / np.linalg.norm(v)).max() < 1e-14


def test_coordinate_descent_takes_the_largest_entry():
    assert np.array_equal(moved([np.array([1.0, -3.0, 2.0])], lr=0.1, norm=1), [0, 0.1, 0])


def test_a_closure_is_called_and_its_loss_returned():
    weights = torch.ones(2, dtype=torch.float64, requires_grad=True)
    optimizer = SteepestDescent([weights], lr=0.1, norm=np.inf)

    def closure():
        optimizer.zero_grad()
        loss = torch.sum(weights**2)
        loss.backward()
        return loss

    assert float(optimizer.step(closure).detach()) == 2
    assert torch.allclose(weights, torch.tensor([0.9, 0.9], dtype=torch.float64))


@pytest.mark.parametrize(
    ("options", "name"),
    [
        ({"lr": 0.0}, "lr"),
        ({"lr": np.nan}, "lr"),
        ({"lr": 0.1, "norm": 3}, "norm"),
        ({"lr": 0.1, "norm": "nuclear"}, "norm"),
        ({"lr": 0.1, "norm": True}, "norm"),
        ({"lr": 0.1, "momentum": 1.0}, "momentum"),
        ({"lr": 0.1, "norm": "spectral"}, "params"),
    ],
)
def test_bad_input_is_named(options, name):
    with pytest.raises(ValueError, match=rf"^{name} must be "):
        SteepestDescent([torch.zeros(3)], **options)


@pytest.mark.parametrize("norm", [1, 2, np.inf])
def test_the_margin_obeys_the_bound(norm):
    """Gap <= (log n + R^2 sum eta^2 / 2) / sum eta, with R in the dual norm, for the mean exponential loss."""
    problem = ibnotes.make_separable(np.random.default_rng(3), 10, 4)
    make = lambda params: SteepestDescent(params, lr=0.1, norm=norm)
    path = ibnotes.descend(problem, make, 2000, loss="exponential", schedule=lambda k: k**-0.5)
    eta = 0.1 * np.arange(1, 2001) ** -0.5
    radius = max(DUALS[norm](z) for z in problem.Z)
    bound = (np.log(10) + radius**2 * np.cumsum(eta**2) / 2) / np.cumsum(eta)
    best = ibnotes.max_margin(problem.X, problem.y, norm).margin
    gap = best - ibnotes.margin(problem.X, problem.y, path.w[1:], norm)
    assert (gap <= bound[path.steps[1:] - 1]).all()
    assert gap[-1] < 0.1 * best
