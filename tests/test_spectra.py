"""Singular values, their norms and effective rank, imbalance and principal angles, against closed forms and SciPy."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from instances import rotation
from scipy.linalg import subspace_angles

import ibnotes

SPECTRUM = np.array([5.0, 2.0, 1.0, 0.0])
ORDERS = [0.3, 0.5, 1, 1.5, 2, 7, np.inf]
FAR = [1.0, 1e200, 1e-200]


def with_spectrum(sigma, shape, seed=0):
    rng = np.random.default_rng(seed)
    U, V = rotation(rng, shape[0]), rotation(rng, shape[1])
    return U[:, : len(sigma)] * sigma @ V[:, : len(sigma)].T


# --- norms and the effective rank ---


@pytest.mark.parametrize("size", FAR)
@pytest.mark.parametrize("shape", [(4, 4), (4, 6), (7, 4)])
@pytest.mark.parametrize("p", ORDERS)
def test_schatten_norms_of_a_known_spectrum(p, shape, size):
    exact = 5.0 if p == np.inf else np.sum(SPECTRUM**p) ** (1 / p)
    assert ibnotes.schatten_norm(size * np.diag([1.0, 0, -5, 2]), p) / size == pytest.approx(exact, rel=1e-14)
    sigma = ibnotes.singular_values(size * with_spectrum(SPECTRUM, shape)) / size
    np.testing.assert_allclose(sigma, SPECTRUM, atol=1e-14)


@given(st.integers(1, 6), st.integers(1, 6), st.integers(0, 2**32 - 1))
def test_norms_against_numpy_and_each_other(m, n, seed):
    W = np.random.default_rng(seed).standard_normal((m, n))
    for p, name in ((1, "nuc"), (2, "fro"), (np.inf, 2)):
        assert ibnotes.schatten_norm(W, p) == pytest.approx(np.linalg.norm(W, name), rel=1e-14)
    assert ibnotes.nuclear_norm(W) == ibnotes.schatten_norm(W, 1)
    falling = [ibnotes.schatten_norm(W, p) for p in ORDERS]
    assert all(above >= below * (1 - 1e-14) for above, below in pairwise(falling))
    rank = ibnotes.effective_rank(W)
    assert 1 - 1e-14 <= rank <= min(m, n) * (1 + 1e-14)


@pytest.mark.parametrize("p", [0.05, 0.2, 0.5])
def test_rounding_does_not_count_as_rank(p):
    u, v = np.random.default_rng(0).standard_normal((2, 30))
    assert ibnotes.schatten_norm(np.outer(u, v), p) == pytest.approx(np.linalg.norm(u) * np.linalg.norm(v), rel=1e-12)


def test_zero_has_norms_and_no_rank():
    zero = np.zeros((3, 2))
    assert [float(ibnotes.schatten_norm(zero, p)) for p in ORDERS] == [0] * len(ORDERS)
    with pytest.raises(ValueError, match=r"^W has no effective rank: it is zero"):
        ibnotes.effective_rank(np.stack([np.ones((3, 2)), zero]))


@pytest.mark.parametrize("size", FAR)
@pytest.mark.parametrize("k", [1, 2, 5])
def test_the_effective_rank_of_k_equal_singular_values_is_k(k, size):
    assert ibnotes.effective_rank(size * np.eye(k, 8)) == pytest.approx(k, rel=1e-15)
    assert ibnotes.effective_rank(size * with_spectrum(np.ones(k), (6, 5))) == pytest.approx(k, rel=1e-12)


@pytest.mark.parametrize("share", [0.5, 0.9, 1e-3, 1e-12])
def test_the_effective_rank_of_two_singular_values(share):
    exact = share**-share * (1 - share) ** (share - 1)
    assert ibnotes.effective_rank(np.diag([1 - share, share, 0])) == pytest.approx(exact, rel=1e-15)


# --- imbalance ---


def test_the_imbalance_is_the_largest_of_the_pairs():
    factors = [np.diag([1.0, 2]), np.diag([1.0, 2]), np.diag([1.0, 0])]
    assert ibnotes.imbalance(factors) == 4
    assert ibnotes.imbalance(factors[:2]) == 0
    assert ibnotes.imbalance([np.ones((3, 2)), np.ones((2, 5))]) == 2 * 2  # 3 - 5 in four entries


def test_the_imbalance_knows_which_side_is_which():
    """A_1' A_1 against A_2 A_2', so a tall factor balances a wide one."""
    Q = rotation(np.random.default_rng(0), 5)[:, :2]
    assert ibnotes.imbalance([Q, Q.T]) < 1e-15
    for factors, message in ([Q, Q], "matrices that can be multiplied"), ([], "at least two"), ([Q], "at least two"):
        with pytest.raises(ValueError, match=f"^factors must be {message}, found "):
            ibnotes.imbalance(factors)


# --- principal angles ---


@pytest.mark.parametrize(("shape", "rank"), [((6, 4), 1), ((6, 4), 2), ((4, 7), 3), ((5, 5), 5), ((3, 5), 3)])
@pytest.mark.parametrize("size", FAR)
def test_principal_angles_are_those_of_scipy(shape, rank, size):
    W, M = np.random.default_rng(0).standard_normal((2, *shape))
    U, V = (np.linalg.svd(A)[0][:, :rank] for A in (W, M))
    assert np.abs(ibnotes.principal_angles(size * W, M / size, rank) - subspace_angles(U, V)).max() < 1e-14


@pytest.mark.parametrize("angles", [[1e-10, 1e-13], [0.3, 1e-10], [np.pi / 2, 0], [np.pi / 2 - 1e-9, 1.2]])
def test_angles_small_and_right(angles):
    e, c, s = np.eye(6), np.cos(angles), np.sin(angles)
    turned = [c[0] * e[0] + s[0] * e[2], c[1] * e[1] + s[1] * e[3]]
    M, W = np.outer(e[0], e[4]) + np.outer(e[1], e[5]) / 2, np.outer(turned[0], e[5]) + np.outer(turned[1], e[3]) / 2
    found = ibnotes.principal_angles(W, M, 2)
    assert np.abs(found - angles).max() < 1e-15


def test_the_angles_are_between_the_left_subspaces():
    rng = np.random.default_rng(0)
    M, Q = with_spectrum([3.0, 1.0], (5, 4)), rotation(rng, 4)
    assert ibnotes.principal_angles(M @ Q, M, 2).max() < 1e-14
    assert ibnotes.principal_angles((M @ Q).T, M.T, 2).max() > 0.1


# --- all of them ---

MEASURES = {
    "singular_values": ibnotes.singular_values,
    "schatten_norm": lambda W: ibnotes.schatten_norm(W, 1.5),
    "nuclear_norm": ibnotes.nuclear_norm,
    "effective_rank": ibnotes.effective_rank,
    "imbalance": lambda W: ibnotes.imbalance([W, W.mT @ W, W.mT]),
    "principal_angles": lambda W: ibnotes.principal_angles(W, np.arange(20.0).reshape(4, 5) ** 2, 2),
}


@pytest.mark.parametrize("measure", MEASURES.values(), ids=MEASURES)
def test_measures_map_over_a_path_and_a_batch(measure):
    W = np.random.default_rng(0).standard_normal((3, 2, 4, 5))
    each = np.array([[measure(one) for one in block] for block in W])
    assert measure(W).shape == each.shape
    np.testing.assert_allclose(measure(W), each, rtol=1e-13)


@pytest.mark.parametrize("name", ["singular_values", "schatten_norm", "nuclear_norm", "effective_rank"])
def test_rotations_change_no_spectrum(name):
    rng, measure = np.random.default_rng(0), MEASURES[name]
    W = rng.standard_normal((5, 4))
    np.testing.assert_allclose(measure(rotation(rng, 5) @ W @ rotation(rng, 4)), measure(W), rtol=1e-13)
    np.testing.assert_allclose(measure(W.T), measure(W), rtol=1e-14)


BAD = {"a vector": [1.0, 2.0], "a number": 1.0, "empty": np.ones((0, 3)), "nan": [[np.nan]], "inf": [[np.inf, 1]]}


@pytest.mark.parametrize("name", ["singular_values", "schatten_norm", "nuclear_norm", "effective_rank"])
@pytest.mark.parametrize("W", BAD.values(), ids=BAD)
def test_what_is_no_finite_matrix_is_named(name, W):
    with pytest.raises(ValueError, match=r"^W must (be finite|hold matrices on its last two axes, found shape)"):
        MEASURES[name](W)


@pytest.mark.parametrize("p", [0, -1, np.nan, -np.inf])
def test_a_norm_of_no_order_is_named(p):
    with pytest.raises(ValueError, match=r"^p must be positive, found "):
        ibnotes.schatten_norm(np.eye(2), p)


@pytest.mark.parametrize(
    ("n", "rank", "message"), [(3, 1, "M .* shape of W"), (2, 0, "rank .* 2"), (2, 3, "rank .* 2")]
)
def test_angles_to_what_does_not_fit(n, rank, message):
    with pytest.raises(ValueError, match=f"^{message}"):
        ibnotes.principal_angles(np.eye(2), np.eye(n), rank)
