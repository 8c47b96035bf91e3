"""Adam's regimes against torch's Adam: its step on gradients that fade, its gain on data, its hand-over."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

import ibnotes as ib

Z = np.array([[1.6, 1.8, 0.9], [2.4, 1.9, -0.5], [0.9, -0.4, -0.5], [2.8, 0.3, 0.2]])
MARGIN = ib.max_margin(Z, np.ones(4), np.inf).margin


def root(k):
    return k**-0.5


def torch_run(steps, schedule=None, **options):
    make = lambda params: torch.optim.Adam(params, **options)
    return ib.descend((Z, np.ones(4)), make, steps, schedule=schedule, loss="exponential", records=10**5)


@pytest.mark.parametrize("betas", [(0.9, 0.99), (0.9, 0.95), (0.9, 0.9), (0.0, 0.5)])
@pytest.mark.parametrize("pull", [0.1, 1, 2])
def test_the_gain_is_what_torch_makes_of_a_gradient_that_fades_so(betas, pull):
    lr = -pull * np.log(betas[1]) / 2
    regime = ib.adam_regime(1.0, 10, lr, betas, eps=0)
    w = torch.zeros(1, dtype=torch.float64, requires_grad=True)
    optimizer = torch.optim.Adam([w], lr=lr, betas=betas, eps=0)
    for k in range(int(25 * regime.memory) + 200):
        before, w.grad = w.item(), torch.tensor([np.exp(-regime.gain * k)], dtype=torch.float64)
        optimizer.step()
    assert before - w.item() == pytest.approx(regime.gain, rel=1e-9)
    weights = np.exp((np.log(betas[1]) + 2 * regime.gain) * np.arange(10**6))
    assert regime.memory == pytest.approx(weights.sum(), rel=1e-6)
    assert regime.pull == pytest.approx(pull)
    assert 0 < regime.gain < regime.cap


@pytest.mark.parametrize(("lr", "beta2", "schedule"), [(0.01, 0.95, None), (0.05, 0.95, None), (0.2, 0.95, root)])
def test_what_a_run_gains_once_its_start_is_forgotten(lr, beta2, schedule):
    options = {"lr": lr, "betas": (0.9, beta2), "eps": 0}
    path = torch_run(4000, schedule, **options)
    margins = (path.w[[2000, 4000]] @ Z.T).min(axis=1)
    early, late = (ib.adam_regime(MARGIN, k, schedule=schedule, **options) for k in (2000, 4000))
    assert np.diff(margins)[0] == pytest.approx(late.gained - early.gained, rel=5e-3)


def test_where_a_run_settles_and_hands_over():
    """To within the factor of three that an order of magnitude allows, and a constant of the loss."""
    options = {"lr": 0.02, "betas": (0.9, 0.95)}
    regime = ib.adam_regime(MARGIN, 1, eps=0, **options)
    path = torch_run(3000, eps=0, **options)
    lag = int(1 / regime.gain)
    added = path.w[lag:] - path.w[:-lag]
    ratio = (added @ Z.T).min(axis=1) / np.abs(added).max(axis=1) / MARGIN
    settled = np.flatnonzero(ratio < 0.98)[-1]
    assert regime.settled / 3 < settled < 3 * regime.settled
    crossings = []
    for eps in (1e-4, 1e-8):
        path = torch_run(1500, eps=eps, **options)
        crossings.append(np.flatnonzero(np.exp(-path.w @ Z.T).mean(axis=1) > eps)[-1])
    expected = [ib.adam_regime(MARGIN, 1, eps=eps, **options).handover for eps in (1e-4, 1e-8)]
    assert np.diff(crossings)[0] == pytest.approx(np.diff(expected)[0], rel=0.02)


@given(st.floats(0.01, 100), st.floats(1e-3, 1e3), st.sampled_from([None, root]))
def test_only_the_product_of_margin_and_step_size_counts(margin, scale, schedule):
    one = ib.adam_regime(margin, 5000, 1e-3, eps=0, schedule=schedule)
    other = ib.adam_regime(margin * scale, 5000, 1e-3 / scale, eps=0, schedule=schedule)
    for name in ("pull", "gain", "memory", "gained", "under_cap", "settled"):
        assert getattr(one, name) == pytest.approx(getattr(other, name), rel=1e-9)


def test_sums_over_many_steps_are_those_of_single_ones():
    gained = lambda steps: ib.adam_regime(1.0, steps, 0.01, eps=0, schedule=root).gained
    k = np.arange(2000, 20_001, 300)
    gains = [ib.adam_regime(1.0, 1, 0.01 * root(each), eps=0).gain for each in k]
    assert gained(20_000) - gained(2000) == pytest.approx(np.trapezoid(gains, k), rel=2e-3)
    constant = ib.adam_regime(1.0, 123_456, 0.01, eps=0)
    assert constant.gained == pytest.approx(123_456 * constant.gain, rel=1e-12)


def test_when_steps_pass_under_the_cap():
    regime = ib.adam_regime(1.0, 10**6, 0.1, eps=0, schedule=root)
    assert regime.under_cap == pytest.approx((0.1 / regime.cap) ** 2, rel=1e-3)
    assert ib.adam_regime(1.0, 10**6, 0.1, eps=0).under_cap == np.inf
    assert ib.adam_regime(1.0, 10**6, 1e-4, eps=0).under_cap == 1


def test_after_the_hand_over_the_steps_add_up_to_one_over_eps_margin_squared():
    regime = ib.adam_regime(2.0, 10, lr=1e-3, eps=1e-6)
    assert regime.halfway - regime.handover == pytest.approx(1 / (1e-3 * 1e-6 * 4), rel=1e-3)


SENTENCES = {
    "torch's defaults": ({}, "above the cap", "the hand-over comes first", "begins at about step 4.4e.04; it is not"),
    "short steps": ({"lr": 2e-4, "steps": 10**5}, "below the cap", "is reached by about", "begins at about step"),
    "no epsilon": ({"eps": 0}, "above the cap", "would be reached", "There is no hand-over"),
    "too few steps": ({"schedule": root, "steps": 50}, "below", "is not reached within", "There is no hand-over"),
    "long ago": ({"steps": 10**6, "lr": 1e-4}, "below", "is reached by", "has begun at about"),
}


@pytest.mark.parametrize(("options", "parts"), [(o, p) for o, *p in SENTENCES.values()], ids=SENTENCES)
def test_it_prints_as_sentences(options, parts):
    words = str(ib.adam_regime(1.0, **{"steps": 10_000, **options}))
    for part in parts:
        assert part.replace(".04", "+04") in words


BAD = {
    "margin": ({"margin": 0}, "^margin must be positive"),
    "steps": ({"steps": 0}, "^steps must be a positive integer"),
    "lr": ({"lr": -1.0}, "^lr must be positive"),
    "betas exchanged": ({"betas": (0.99, 0.9)}, "^betas must be two numbers with 0 <= beta1 <= beta2 < 1"),
    "one beta": ({"betas": (0.9,)}, "^betas must be two numbers"),
    "eps": ({"eps": -1e-8}, "^eps must be a finite number, zero or positive"),
    "negative schedule": ({"schedule": lambda k: 1 - k / 5}, "^schedule must not be negative, found -1.0 at step 10"),
    "nan schedule": ({"schedule": lambda k: np.nan}, "^schedule must be finite"),
}


@pytest.mark.parametrize(("options", "message"), BAD.values(), ids=BAD)
def test_bad_input_is_named(options, message):
    with pytest.raises(ValueError, match=message):
        ib.adam_regime(**{"margin": 1.0, "steps": 10, **options})
