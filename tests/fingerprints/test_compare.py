"""Can two implementations be told apart? Planted changes are each found, in the setting that shows them."""

import pytest
import rules
import torch

import ibnotes

ADAM = lambda **how: lambda p: torch.optim.Adam(p, lr=0.01, **how)
HAND = lambda **how: lambda p: rules.Adam(p, **how)
LION = lambda **how: lambda p: rules.Lion(p, **how)
SGD = lambda **how: lambda p: torch.optim.SGD(p, lr=0.1, **how)
SAME = {
    "foreach": (ADAM(foreach=True), ADAM(foreach=False)),
    "fused": (ADAM(fused=True), ADAM()),
    "by hand": (ADAM(), HAND()),
    "Lions without decay": (LION(weight_decay=0), LION(weight_decay=0, inside=True)),
    "matrices alone": (torch.optim.Muon, torch.optim.Muon),
    "descent": (ibnotes.GradientDescent(0.1), SGD()),
}
PARTED = {
    "epsilon inside the root": (ADAM(), HAND(root=True), 1),
    "epsilon inside the root, its square": (ADAM(), HAND(root=True, eps=1e-16), 1),
    "decay inside the sign": (LION(), LION(inside=True), 2),
    "no bias correction": (ADAM(), HAND(corrected=False), 1),
    "momentum before or after the sign": (rules.signum(True), rules.signum(False), 1),
    "l2 for decoupled decay": (
        ADAM(weight_decay=0.1),
        lambda p: torch.optim.AdamW(p, lr=0.01, weight_decay=0.1),
        2,
    ),
    "Nesterov's momentum": (SGD(momentum=0.9), SGD(momentum=0.9, nesterov=True), 1),
    "another memory": (ADAM(), ADAM(betas=(0.9, 0.99)), 2),
}


@pytest.mark.parametrize("name", SAME)
def test_one_algorithm_twice(name):
    found = ibnotes.compare_optimizers(*SAME[name], steps=30)
    assert found.same, found
    assert (found.setting, found.step) == ("", None)
    assert found.deviation < 1e-12


@pytest.mark.parametrize("name", PARTED)
def test_a_change_is_found_where_it_begins(name):
    a, b, step = PARTED[name]
    found = ibnotes.compare_optimizers(a, b, steps=30)
    assert not found.same
    assert (found.setting, found.step) == ("plain", step)
    assert f"part at step {step}" in str(found)


def test_what_only_decay_or_small_gradients_show_is_named():
    """A decay that acts on weights beyond 5 alone, and one epsilon against another at a coarse tolerance."""
    far = lambda rate: rules.by(lambda g, w, state: g / g.norm() + rate * w * (w.abs() > 5), lr=0.01)
    decays = ibnotes.compare_optimizers(far(0.0), far(0.1), steps=30, tolerance=1e-6)
    assert decays.setting.startswith("decay")
    eps = ibnotes.compare_optimizers(ADAM(eps=1e-15), ADAM(eps=1e-14), steps=30, tolerance=1e-5)
    assert not eps.same
    assert eps.table["plain"][1] is None
    assert all(step == 1 for name, (_, step) in eps.table.items() if name.startswith("eps") and "e-1" in name)


@pytest.mark.slow
def test_a_least_step_that_only_a_minimum_brings_into_play_is_found_there():
    rprop = lambda **how: lambda p: torch.optim.Rprop(p, lr=0.01, **how)
    found = ibnotes.compare_optimizers(rprop(), rprop(step_sizes=(1e-3, 50)))
    assert found.setting == "minimum: weights"
    assert all((step is None) == (not name.startswith("minimum")) for name, (_, step) in found.table.items())


def test_one_that_refuses_a_shape_parts_there():
    found = ibnotes.compare_optimizers(torch.optim.Muon, SGD(), steps=30)
    assert (found.same, found.setting, found.step, found.deviation) == (False, "plain", 0, float("inf"))
