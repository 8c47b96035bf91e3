"""The interval of Newton-Schulz steps against a dense grid, against torch's own steps, and at its edges."""

from fractions import Fraction

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

import ibnotes as ib
from ibnotes.theory.newton_schulz import TORCH

CUBIC, CONVERGING = (1.5, -0.5, 0.0), (2.0, -1.5, 0.5)


def on_a_grid(least, steps, coefficients, points=200_001):
    s = np.geomspace(least, 1, points)
    for _ in range(steps):
        s = s * np.polyval(coefficients[::-1], s**2)
    return s.min(), s.max()


@pytest.mark.parametrize(
    "coefficients", [TORCH, CUBIC, CONVERGING, (3.0, -3.2, 1.2), (1.0, 0.5, -0.7), (0.7, 0.0, 0.0)]
)
@pytest.mark.parametrize(("least", "steps"), [(0.05, 1), (0.05, 5), (0.5, 2), (1e-3, 5), (1.0, 5)])
def test_a_dense_grid_fills_the_interval(least, steps, coefficients):
    proof, (low, high) = ib.newton_schulz_range(least, steps, coefficients), on_a_grid(least, steps, coefficients)
    rounding = 1e-13 * 5**steps
    assert 0 <= low - float(proof.lower) + rounding < 1e-6
    assert 0 <= float(proof.upper) - high + rounding < 1e-6


def test_one_step_by_hand():
    """s (2 - s^2) on [1/2, 1]: at 1/2 it is 7/8, and its largest value stands within, at the root of 2/3."""
    proof = ib.newton_schulz_range(0.5, 1, (2, -1, 0))
    assert 0 <= Fraction(7, 8) - proof.lower < Fraction(1, 2**60)
    assert 0 <= proof.upper**2 - Fraction(16, 9) * Fraction(2, 3) < Fraction(1, 2**60)


def test_an_end_of_zero():
    assert abs(ib.newton_schulz_range(0.5, 1, (1, -1, 0)).lower) < Fraction(1, 2**60)


@given(st.integers(1, 1000), st.integers(0, 1000))
def test_rational_arithmetic_stays_inside(least, share):
    """Torch's coefficients, three steps from any start, without rounding."""
    proof, s = ib.newton_schulz_range(least / 1000, 3), Fraction(max(least, share), 1000)
    for _ in range(3):
        s = s * (Fraction(TORCH[0]) + Fraction(TORCH[1]) * s**2 + Fraction(TORCH[2]) * s**4)
    assert proof.lower - Fraction(1, 2**48) <= s <= proof.upper + Fraction(1, 2**48)  # least / 1000 was rounded


def test_torch_takes_singular_values_there():
    """Its matrices are in bfloat16, of three digits."""
    group = torch.optim.Muon([torch.ones(2, 2)]).param_groups[0]
    assert (group["ns_coefficients"], group["ns_steps"]) == (TORCH, 5)
    phi, proof = np.linspace(np.arcsin(0.05), np.pi / 4, 100), ib.newton_schulz_range(0.05)
    values = []
    for each in phi:
        W = torch.zeros(2, 2, requires_grad=True)
        W.grad = torch.diag(torch.tensor([np.cos(each), np.sin(each)], dtype=torch.float32))
        torch.optim.Muon([W], lr=1.0, weight_decay=0, momentum=0, nesterov=False).step()
        values += (-W.diagonal()).tolist()
    assert min(values) == pytest.approx(float(proof.lower), abs=0.02)
    assert max(values) == pytest.approx(float(proof.upper), abs=0.02)


def test_the_statement_says_which_steps_and_where():
    words = ib.newton_schulz_range(0.05).statement
    assert words.startswith("5 steps of s → 3.4445 s − 4.775 s³ + 2.0315 s⁵ map [0.05, 1] onto [0.681831, 1.134357]")


BAD = {
    "least of zero": ((0.0,), "^least must be positive"),
    "least above one": ((1.5,), "^least must be at most 1, found 1.5"),
    "no steps": ((0.1, 0), "^steps must be a positive integer"),
    "two coefficients": ((0.1, 5, (1, 2)), "^coefficients must be the three .* found 2"),
    "nan": ((0.1, 5, (1, 2, np.nan)), "^coefficients must be finite"),
}


@pytest.mark.parametrize(("arguments", "message"), BAD.values(), ids=BAD)
def test_bad_input_is_named(arguments, message):
    with pytest.raises(ValueError, match=message):
        ib.newton_schulz_range(*arguments)


@pytest.mark.parametrize("arguments", [(0.1, 30, (9, -0.5, 3)), (0.5, 60, (0, 1, 0))], ids=str)
def test_what_cannot_be_followed_says_so(arguments):
    with pytest.raises(ib.NotConverged, match="beyond what can be followed"):
        ib.newton_schulz_range(*arguments)
