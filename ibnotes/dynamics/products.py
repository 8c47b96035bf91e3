"""Products of matrices, and gradients in their factors."""

from __future__ import annotations

from collections.abc import Callable
from functools import reduce
from itertools import accumulate

import numpy as np

from ibnotes.problems.validation import Array


def product(factors: list[Array]) -> Array:
    """``A_1 A_2 ... A_L``, (..., m, n)."""
    return reduce(lambda tail, factor: factor @ tail, reversed(factors))


def product_gradients(gradient: Callable[[Array], Array], factors: list[Array]) -> list[Array]:
    """Gradients in the factors of a function of ``W = A_1 ... A_L`` with the given ``gradient`` in W.

    That in A_j is ``(A_1 ... A_{j-1})' grad(W) (A_{j+1} ... A_L)'``.
    """
    tails = list(accumulate(reversed(factors), lambda tail, factor: factor @ tail))  # A_L, A_{L-1} A_L, ..., W
    pulled, gradients = gradient(tails.pop()), []
    for factor in factors[:-1]:
        gradients.append(pulled @ tails.pop().T)
        pulled = factor.T @ pulled
    return [*gradients, pulled]


def mirror(depth: int) -> Callable[[list[Array]], list[Array]]:
    """Complete the first half of ``depth`` factors by their transposes; an odd middle one is made symmetric."""

    def complete(half: list[Array]) -> list[Array]:
        turned = [factor.swapaxes(-1, -2) for factor in half]
        if depth % 2 == 0:
            return [*half, *turned[::-1]]
        return [*half[:-1], (half[-1] + turned[-1]) / 2, *turned[:-1][::-1]]

    return complete


def pack(factors: list[Array]) -> Array:
    """One vector of all entries."""
    return np.concatenate([factor.ravel() for factor in factors])


def unpack(states: Array, shapes: list[tuple[int, int]]) -> list[Array]:
    """The factors in a vector, or in a stack of them, (..., parameters)."""
    stack, end, factors = states.shape[:-1], 0, []
    for m, n in shapes:
        start, end = end, end + m * n
        factors.append(states[..., start:end].reshape(*stack, m, n))
    return factors
