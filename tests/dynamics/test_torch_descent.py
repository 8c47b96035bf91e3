"""Descent with torch's optimizers, against autograd, against the NumPy path, and by its schedule and batches."""

import numpy as np
import pytest
import torch
from instances import several_classes
from scipy.special import log_softmax
from test_descent import PROBLEM, run_torch, torch_losses

import ibnotes
from ibnotes import GradientDescent
from ibnotes.dynamics.gradients import objective

MULTI = several_classes(0)
MAKERS = {
    "SGD": lambda params: torch.optim.SGD(params, lr=0.05, momentum=0.5),
    "Adam": lambda params: torch.optim.Adam(params, lr=0.05),
    "AdamW": lambda params: torch.optim.AdamW(params, lr=0.05, weight_decay=0.1),
    "Steepest": lambda params: ibnotes.SteepestDescent(params, lr=0.05, norm=np.inf),
}


def descend(loss, make, steps=60, **options):
    problem = MULTI if loss == "cross-entropy" else PROBLEM[loss]
    return ibnotes.descend(problem, make, steps, loss=loss, records=20 * steps, **options)


def by_autograd(loss, make, steps):
    problem = MULTI if loss == "cross-entropy" else PROBLEM[loss]
    shape = MULTI.shape if loss == "cross-entropy" else problem.X.shape[1:]
    w = torch.zeros(shape, dtype=torch.float64, requires_grad=True)
    if loss == "cross-entropy":
        X, labels = torch.tensor(MULTI.X), torch.tensor(MULTI.labels)
        return run_torch(lambda: torch.nn.functional.cross_entropy(X @ w.T, labels), make, steps, w)
    return run_torch(torch_losses(problem.X, problem.y, w)[loss], make, steps, w)


@pytest.mark.parametrize("make", MAKERS.values(), ids=MAKERS)
@pytest.mark.parametrize("loss", ["logistic", "exponential", "squared", "cross-entropy"])
def test_every_step_agrees_with_autograd(loss, make):
    path = descend(loss, make)
    exact = by_autograd(loss, make, 60)
    assert np.abs(exact[-1]).max() > 0.1
    assert np.abs(path.w - exact).max() < 1e-9


@pytest.mark.parametrize("loss", PROBLEM)
def test_sgd_is_the_fast_path(loss):
    w0 = np.linspace(-1, 1, PROBLEM[loss].X.shape[1])
    fast = ibnotes.descend(PROBLEM[loss], GradientDescent(0.05), 60, loss=loss, records=1200, w0=w0).w
    assert np.abs(descend(loss, lambda p: torch.optim.SGD(p, lr=0.05), w0=w0).w - fast).max() < 1e-13


def test_the_schedule_multiplies_the_learning_rate():
    sgd = lambda params: torch.optim.SGD(params, lr=0.1)
    path = descend("logistic", sgd, 5, schedule=lambda k: k**-0.5)
    w, target = np.zeros(4), objective(PROBLEM["logistic"], "logistic")
    for k in range(1, 6):
        w = w - 0.1 * k**-0.5 * target.gradient(*target.data, w)
    assert np.abs(path.w[-1] - w).max() < 1e-15


@pytest.mark.parametrize("size", [1, 5, 12])
def test_an_epoch_draws_every_point_once(size):
    target = objective(PROBLEM["logistic"], "logistic")
    batches = target.batches(size, np.random.default_rng(0))
    count = -(-12 // size)
    epochs = [np.concatenate([next(batches)[0] for _ in range(count)]) for _ in range(2)]
    for epoch in epochs:
        assert np.array_equal(np.unique(epoch, axis=0), np.unique(target.data[0], axis=0))
    assert not np.array_equal(*epochs)


@pytest.mark.parametrize("loss", ["logistic", "squared", "cross-entropy"])
def test_one_batch_of_all_points_is_the_full_batch(loss):
    sgd = lambda params: torch.optim.SGD(params, lr=0.05)
    n = len((MULTI if loss == "cross-entropy" else PROBLEM[loss]).X)
    whole = descend(loss, sgd, batch_size=n, rng=np.random.default_rng(0)).w
    assert np.abs(whole - descend(loss, sgd).w).max() < 1e-12


def test_mini_batches_are_reproducible_and_leave_their_mark():
    sgd = lambda params: torch.optim.SGD(params, lr=0.05)
    one, same, other = (descend("logistic", sgd, batch_size=1, rng=np.random.default_rng(s)).w for s in (0, 0, 1))
    assert np.array_equal(one, same)
    assert not np.array_equal(one, other)


def test_cross_entropy_stays_accurate_where_probabilities_round_to_one():
    W = 300 * ibnotes.max_margin_multiclass(MULTI.X, MULTI.labels).W
    scores = log_softmax(MULTI.X @ W.T, axis=1)
    P = np.where(MULTI.hot, 0, np.exp(scores))
    exact = (P - MULTI.hot * P.sum(axis=1, keepdims=True)).T @ MULTI.X / len(MULTI.X)
    assert 0 < np.abs(exact).max() < 1e-100
    target = objective(MULTI, "cross-entropy")
    assert np.abs(target.gradient(*target.data, W) / exact - 1).max() < 1e-9


def test_the_start_is_not_written_to():
    w0 = np.ones(4)
    descend("logistic", MAKERS["SGD"], w0=w0)
    assert (w0 == 1).all()


SGD = MAKERS["SGD"]
BAD = [
    (SGD, {"w0": np.zeros((2, 4))}, "w0 must be"),
    (SGD, {"w0": np.zeros(3)}, "w0 must have shape"),
    (SGD, {"batch_size": 2}, "rng must be"),
    (SGD, {"batch_size": 13, "rng": np.random.default_rng(0)}, "batch_size must be"),
    (SGD, {"batch_size": 0, "rng": np.random.default_rng(0)}, "batch_size must be"),
    (lambda params: None, {}, "optimizer must be"),
    (GradientDescent(0.1), {"schedule": lambda k: 1}, "optimizer: schedules"),
    (GradientDescent(0.1), {"batch_size": 1, "rng": np.random.default_rng(0)}, "optimizer: schedules"),
]


@pytest.mark.parametrize(("make", "options", "message"), BAD)
def test_bad_input_is_named(make, options, message):
    with pytest.raises(ValueError, match=f"^{message}"):
        descend("logistic", make, 5, **options)


def test_plain_gradient_descent_is_binary():
    with pytest.raises(ValueError, match=r"^optimizer: schedules"):
        ibnotes.descend(MULTI, GradientDescent(0.1), 5)
    with pytest.raises(ValueError, match=r"^loss of a Multiclass"):
        ibnotes.descend(MULTI, SGD, 5, loss="logistic")
