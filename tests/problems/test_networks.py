"""A ``torch.nn.Module`` as margins: against the package's own networks, its degree, and what is refused."""

from itertools import pairwise

import numpy as np
import pytest
import torch
from torch import nn

import ibnotes
from ibnotes.problems.networks import FlatModule

RNG = np.random.default_rng(0)
X, Y = RNG.standard_normal((6, 3)), np.sign(RNG.standard_normal(6))


class Squared(nn.Module):
    def forward(self, h):
        return torch.relu(h) ** 2


class Constant(nn.Module):
    """Forgets what it is given."""

    def __init__(self):
        super().__init__()
        self.w = nn.Parameter(torch.ones(3))

    def forward(self, X):
        return torch.ones(len(X), dtype=X.dtype) + 0 * self.w.sum()


class Single(nn.Linear):
    """Computes in float32, whatever its input."""

    def forward(self, X):
        return X.float() @ self.weight.float().T


def layers(activation, *sizes, biases=()):
    parts = []
    for k, (a, b) in enumerate(pairwise(sizes)):
        parts += [nn.Linear(a, b, bias=k in biases), activation()]
    return nn.Sequential(*parts[:-1])


DEGREES = {
    "linear": (layers(nn.Identity, 3, 1), 1),
    "three layers of ReLU": (layers(nn.ReLU, 3, 5, 4, 1), 3),
    "a bias in the first layer": (layers(nn.ReLU, 3, 5, 1, biases=[0]), 2),
    "two layers, squared": (layers(Squared, 3, 5, 1), 3),
    "three layers, squared": (layers(Squared, 3, 5, 4, 1), 7),
    "leaky ReLU": (layers(nn.LeakyReLU, 3, 5, 1), 2),
}


@pytest.mark.parametrize(("module", "degree"), DEGREES.values(), ids=DEGREES)
def test_the_degree_is_found_and_eulers_identity_holds(module, degree):
    network = ibnotes.ModuleNetwork(module, X, Y)
    assert network.degree == degree
    assert network.jacobian(network.start) @ network.start == pytest.approx(degree * network.margins(network.start))
    assert network.margins(1.7 * network.start) == pytest.approx(1.7**degree * network.margins(network.start))


def test_a_squared_network_is_the_package_s_own():
    """In its parameters' order: w_1, ..., w_m, then a."""
    ours, wrapped = ibnotes.TwoLayer(X, Y, 5), ibnotes.ModuleNetwork(layers(Squared, 3, 5, 1), X, Y)
    theta = RNG.standard_normal(20)
    assert wrapped.margins(theta) == pytest.approx(ours.margins(theta), rel=1e-13)
    assert np.abs(wrapped.jacobian(theta) - ours.jacobian(theta)).max() < 1e-13


def test_images_go_in_as_images():
    images = RNG.standard_normal((4, 1, 5, 5))
    module = nn.Sequential(nn.Conv2d(1, 2, 3, bias=False), nn.ReLU(), nn.Flatten(), nn.Linear(18, 1, bias=False))
    network = ibnotes.ModuleNetwork(module, images, [1, -1, 1, -1])
    expected = module.double()(torch.tensor(images))[:, 0].detach().numpy() * [1, -1, 1, -1]
    assert (network.degree, network.size) == (2, 36)
    assert network.margins(network.start) == pytest.approx(expected)


# (module, what the message says)
REFUSED = {
    "no module": (lambda X: X, "^module must be a torch.nn.Module"),
    "a bias after the first layer": (layers(nn.ReLU, 3, 5, 1, biases=[1]), "not homogeneous .*leave out biases"),
    "GELU": (layers(nn.GELU, 3, 5, 1), "not homogeneous .*activations that are not powers"),
    "tanh": (layers(nn.Tanh, 3, 5, 1), "not homogeneous"),
    "clipped above 1": (layers(nn.ReLU6, 3, 5, 1), "not homogeneous"),
    "dropout": (layers(nn.Dropout, 3, 5, 1), "differ when asked again.*eval"),
    "two outputs": (layers(nn.ReLU, 3, 5, 2), r"^module must return one number per point, found shape \(6, 2\)"),
    "other inputs": (layers(nn.ReLU, 4, 5, 1), "^module does not run on X"),
    "float32 inside": (Single(3, 1, bias=False), "float64, found torch.float32"),
    "nothing to train": (layers(nn.ReLU, 3, 5, 1).requires_grad_(False), "requires_grad"),
    "lazy": (nn.LazyLinear(1), "lazy .*call it once"),
    "a constant": (Constant(), "not homogeneous"),
}


@pytest.mark.parametrize(("module", "message"), REFUSED.values(), ids=REFUSED)
def test_what_is_refused(module, message):
    with pytest.raises(ValueError, match=message):
        ibnotes.ModuleNetwork(module, X, Y)


@pytest.mark.parametrize(
    ("X", "y", "message"), [(X, Y[:5], "^y must have one"), (X, 0 * Y, "^y must hold"), (X * np.nan, Y, "^X must be f")]
)
def test_bad_data_are_named(X, y, message):
    with pytest.raises(ValueError, match=message):
        ibnotes.ModuleNetwork(layers(nn.ReLU, 3, 5, 1), X, y)


# --- one vector of parameters ---


def test_a_float32_module_is_copied_in_float64_and_stays_as_it_is():
    module = layers(nn.ReLU, 3, 5, 1)
    flat = FlatModule(module)
    assert {p.dtype for p in module.parameters()} == {torch.float32}
    assert (flat.start == np.concatenate([p.detach().numpy().ravel() for p in module.parameters()])).all()
    flat.start[:] = 0
    assert all(p.any() for p in module.parameters())
    assert flat(torch.from_numpy(flat.start), torch.from_numpy(X)).dtype == torch.float64


def test_starts_are_batched_by_vmap():
    flat, points = FlatModule(layers(nn.ReLU, 3, 5, 1)), torch.from_numpy(X)
    starts = torch.from_numpy(RNG.standard_normal((4, flat.size)))
    together = torch.func.vmap(flat, in_dims=(0, None))(starts, points)
    assert torch.allclose(together, torch.stack([flat(theta, points) for theta in starts]))
    slopes = torch.func.vmap(torch.func.grad(lambda theta: flat(theta, points).sum()))(starts)
    assert slopes.shape == starts.shape


def test_shared_weights_count_once_and_frozen_ones_not_at_all():
    tied = layers(nn.ReLU, 3, 3, 3, 1)
    tied[2].weight = tied[0].weight
    assert FlatModule(tied).size == 9 + 3
    assert ibnotes.ModuleNetwork(tied, X, Y).degree == 3
    frozen = layers(nn.ReLU, 3, 5, 1)
    frozen[2].weight.requires_grad_(False)
    assert FlatModule(frozen).size == 15
    assert ibnotes.ModuleNetwork(frozen, X, Y).degree == 1


def test_names_and_back():
    flat = FlatModule(layers(nn.ReLU, 3, 5, 1))
    parts = flat.unflatten(torch.from_numpy(flat.start))
    assert {name: tuple(part.shape) for name, part in parts.items()} == {"0.weight": (5, 3), "2.weight": (1, 5)}
    assert torch.equal(flat.flatten(parts), torch.from_numpy(flat.start))
