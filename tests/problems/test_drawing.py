"""A seed for a generator, a shape that is none, a count that is none: told before anything is drawn."""

import numpy as np
import pytest

import ibnotes as ib

RNG = np.random.default_rng(0)


@pytest.mark.parametrize("rng", [0, None, np.random.RandomState(0)])
@pytest.mark.parametrize(
    "draw",
    [
        lambda rng: ib.make_separable(rng, 5, 2),
        lambda rng: ib.make_underdetermined(rng, 2, 5),
        lambda rng: ib.make_completion(rng, (4, 5), 1, 12),
        lambda rng: ib.rademacher_of_ball(np.eye(3), 1, 10, rng),
        lambda rng: ib.rademacher_of_finite(np.eye(3), 10, rng),
        lambda rng: ib.balanced_factors((3, 3), 2, 0.1, rng or 0),
    ],
)
def test_a_seed_is_no_generator(draw, rng):
    with pytest.raises(ValueError, match=r"rng must be a numpy.random.Generator such as np.random.default_rng\(0\)"):
        draw(rng)


@pytest.mark.parametrize(
    ("draw", "message"),
    [
        (lambda: ib.make_separable(RNG, 0, 2), "n must be a positive integer, found 0"),
        (lambda: ib.make_separable(RNG, 5, 2.5), "d must be a positive integer, found 2.5"),
        (lambda: ib.make_underdetermined(RNG, -1, 5), "n must be a positive integer, found -1"),
        (lambda: ib.make_completion(RNG, 4, 1, 2), r"shape must be \(rows, columns\), found 4"),
        (lambda: ib.make_completion(RNG, (4, 0), 1, 2), "shape's columns must be a positive integer, found 0"),
        (lambda: ib.balanced_factors((3, 3, 3), 2, 0.1), r"shape must be \(rows, columns\), found \(3, 3, 3\)"),
    ],
)
def test_what_is_no_count_is_named(draw, message):
    with pytest.raises(ValueError, match=message):
        draw()
