"""The torch networks: their end-to-end maps, gradients by autograd, and descent in small steps along the flows."""

from functools import reduce
from itertools import pairwise

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

import ibnotes
from ibnotes.dynamics.factored_flows import product_gradients


def random_factors(sizes, seed=0):
    rng = np.random.default_rng(seed)
    return [rng.standard_normal(shape) for shape in pairwise(sizes)]


def descend(model, loss, rate, steps):
    parameters = list(model.parameters())
    for _ in range(steps):
        gradients = torch.autograd.grad(loss(model), parameters)
        with torch.no_grad():
            for parameter, gradient in zip(parameters, gradients, strict=True):
                parameter -= rate * gradient
    return model.end_to_end().detach().numpy()


MODELS = {
    "diagonal": (lambda: ibnotes.DiagonalNetwork(5, 3, 0.1), ["u", "v"]),
    "factorization": (lambda: ibnotes.Factorization(np.ones((3, 2)), np.ones((4, 2))), ["U", "V"]),
    "deep": (
        lambda: ibnotes.DeepLinear([np.ones((3, 2)), np.ones((2, 2)), np.ones((2, 4))]),
        [f"factors.{j}" for j in range(3)],
    ),
}


@pytest.mark.parametrize(("make", "names"), MODELS.values(), ids=MODELS)
def test_all_parameters_are_float64_and_learned(make, names):
    model = make()
    parameters = dict(model.named_parameters())
    assert list(parameters) == names
    assert {p.dtype for p in parameters.values()} == {model.end_to_end().dtype} == {torch.float64}
    model.end_to_end().sum().backward()
    assert all(p.requires_grad and p.grad.any() for p in parameters.values())


@pytest.mark.parametrize("depth", [1, 2, 3, 5])
def test_the_diagonal_network(depth):
    model, X = ibnotes.DiagonalNetwork(4, depth, 0.3), np.random.default_rng(0).standard_normal((6, 4))
    assert not model.end_to_end().detach().any()
    u, v = np.random.default_rng(1).standard_normal((2, 4))
    with torch.no_grad():
        assert (model.u == 0.3).all()
        assert (model.v == 0.3).all()
        model.u.copy_(torch.tensor(u))
        model.v.copy_(torch.tensor(v))
        w = u**depth - v**depth
        assert np.abs(model.end_to_end().numpy() - w).max() < 1e-15
        assert np.abs(model(torch.tensor(X)).numpy() - X @ w).max() < 1e-14


def test_the_factorization():
    U, V = random_factors([3, 2, 4])
    model = ibnotes.Factorization(U, V.T)
    assert np.abs(model.end_to_end().detach().numpy() - U @ V).max() < 1e-15
    assert torch.equal(model(), model.end_to_end())


@given(st.lists(st.integers(1, 4), min_size=2, max_size=6), st.integers(0, 2**32 - 1))
def test_a_deep_linear_network_and_its_gradients(sizes, seed):
    factors, C = random_factors(sizes, seed), random_factors([sizes[0], sizes[-1]], seed + 1)[0]
    model = ibnotes.DeepLinear(factors)
    W = reduce(np.matmul, factors)
    size = max(1, np.abs(W).max())
    assert np.abs(model().detach().numpy() - W).max() < 1e-14 * size
    (((model() - torch.tensor(C)) ** 2).sum() / 2).backward()
    for parameter, gradient in zip(model.parameters(), product_gradients(lambda W: W - C, factors), strict=True):
        np.testing.assert_allclose(parameter.grad.numpy(), gradient, rtol=1e-11, atol=1e-13 * np.abs(gradient).max())


def test_the_starts_are_copied():
    factors = random_factors([3, 2, 4])
    U, A = ibnotes.Factorization(factors[0], factors[1].T), ibnotes.DeepLinear(factors)
    before = A().detach().clone()
    for factor in factors:
        factor[:] = 0
    assert torch.equal(A(), before)
    assert np.abs((U() - before).detach().numpy()).max() < 1e-15


# --- descent, whose error is of first order in the rate: what two rates extrapolate to is the flow ---


@pytest.mark.parametrize("depth", [2, 3])
def test_small_steps_end_where_the_diagonal_flow_does(depth):
    X, y = np.array([[1.0, 0.5, -0.3], [0.2, -1.0, 0.4]]), np.array([1.0, 0.6])
    flow = ibnotes.diagonal_flow(X, y, 0.5, depth)
    X, y = torch.tensor(X), torch.tensor(y)
    coarse, fine = (
        descend(ibnotes.DiagonalNetwork(3, depth, 0.5), lambda model: ((model(X) - y) ** 2).sum() / 2, rate, steps)
        for rate, steps in [(0.02, 1000), (0.01, 2000)]
    )
    assert 1e-4 < np.abs(fine - flow).max() < 1e-2
    assert np.abs(2 * fine - coarse - flow).max() < 0.05 * np.abs(fine - flow).max()


@pytest.mark.parametrize("kind", ["factorization", "two factors", "three factors"])
def test_small_steps_follow_the_flow(kind):
    problem = ibnotes.make_completion(np.random.default_rng(0), (4, 3), 2, 8)
    factors = [0.6 * factor for factor in random_factors([4, 2, 2, 3] if kind == "three factors" else [4, 2, 3])]
    flow = ibnotes.deep_linear_flow(problem, factors, [2.0]).w[0]
    mask, M = torch.tensor(problem.mask), torch.tensor(problem.M)
    make = (lambda A: ibnotes.Factorization(A[0], A[1].T)) if kind == "factorization" else ibnotes.DeepLinear
    coarse, fine = (
        descend(make(factors), lambda model: ((model() - M)[mask] ** 2).sum() / 2, 2 / steps, steps)
        for steps in (200, 400)
    )
    assert np.abs(fine - flow).max() < 1e-2
    assert np.abs(2 * fine - coarse - flow).max() < 0.05 * np.abs(fine - flow).max()


I2, I3 = np.eye(2), np.eye(3)
BAD = {
    "features": (lambda: ibnotes.DiagonalNetwork(0, 2, 0.1), "features must be a positive integer"),
    "depth": (lambda: ibnotes.DiagonalNetwork(3, 1.5, 0.1), "depth must be a positive integer"),
    "no depth": (lambda: ibnotes.DiagonalNetwork(3, 0, 0.1), "depth must be a positive integer"),
    "scale": (lambda: ibnotes.DiagonalNetwork(3, 2, 0), "scale must be positive and finite"),
    "scale nan": (lambda: ibnotes.DiagonalNetwork(3, 2, np.nan), "scale must be positive and finite"),
    "columns": (lambda: ibnotes.Factorization(I2, I3), "V must have as many columns as U, found 3 and 2"),
    "U of nan": (lambda: ibnotes.Factorization(np.nan * I2, I2), "U must be finite"),
    "V a vector": (lambda: ibnotes.Factorization(I2, [1, 2]), "V must be 2-dimensional"),
    "no factor": (lambda: ibnotes.DeepLinear([]), "factors must be matrices that can be multiplied"),
    "no product": (lambda: ibnotes.DeepLinear([I2, I3]), "factors must be matrices that can be multiplied"),
    "a vector": (lambda: ibnotes.DeepLinear([[1, 2]]), "factors must be 2-dimensional"),
}


@pytest.mark.parametrize(("make", "message"), BAD.values(), ids=BAD)
def test_bad_input_is_named(make, message):
    with pytest.raises(ValueError, match=f"^{message}"):
        make()
