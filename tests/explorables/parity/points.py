"""Points that explorables are tried on."""

import numpy as np


def labelled(rng, separable=True):
    """Two to eight points of the plane, labelled by a line through the origin or at random."""
    X = rng.uniform(-6, 6, (rng.integers(2, 9), 2))
    y = np.sign(X @ rng.standard_normal(2)) if separable else rng.choice([-1.0, 1.0], len(X))
    return X, y
