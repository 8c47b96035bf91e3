"""Several classes: margins point by point, oracles against weak duality, and two classes against the binary oracle."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from instances import several_classes
from sklearn.datasets import load_digits, load_iris, load_wine

import ibnotes
from ibnotes import Multiclass
from ibnotes.problems.norms import MATRIX_NORMS, dual_norm, matrix_norm
from ibnotes.theory import multiclass_margin
from ibnotes.theory.spectral_newton import finish


@given(seed=st.integers(0, 1000))
@settings(max_examples=20)
def test_margins_are_score_differences(seed):
    problem, W = several_classes(0), np.random.default_rng(seed).standard_normal((2, 3, 4))
    for w, margins in zip(W, problem.margins(W), strict=True):
        scores = problem.X @ w.T
        expected = [
            scores[i, label] - scores[i, k] for i, label in enumerate(problem.labels) for k in range(3) if k != label
        ]
        assert np.abs(margins - expected).max() < 1e-12


@pytest.mark.parametrize("norm", MATRIX_NORMS)
@pytest.mark.parametrize("seed", range(4))
def test_the_answer_is_certified_by_its_dual(seed, norm):
    problem = several_classes(seed)
    best = ibnotes.max_margin_multiclass(problem.X, problem.labels, norm)
    assert problem.margins(best.W).min() == pytest.approx(1, abs=1e-12)
    assert best.margin == pytest.approx(problem.margin(best.W, norm), rel=1e-12)
    combination = np.zeros((3, 4))
    for (i, k), weight in np.ndenumerate(best.dual):
        combination[problem.labels[i]] += weight * problem.X[i]
        combination[k] -= weight * problem.X[i]
    assert (best.dual >= 0).all()
    assert not best.dual[problem.hot].any()
    assert dual_norm(combination, norm) == pytest.approx(1, abs=1e-9)
    assert best.dual.sum() == pytest.approx(1 / best.margin, rel=2e-6)
    assert abs(best.gap) <= 1e-6


def standardized(X):
    spread = X.std(axis=0)
    return (X - X.mean(axis=0)) / np.where(spread > 0, spread, 1)


def powers(X):
    return np.column_stack([standardized(X) ** k for k in range(4)])


REAL = {
    "wine": (load_wine, standardized),
    "wine in its units": (load_wine, lambda X: X),
    "three digits": (load_digits, standardized),
    "three digits as they are": (load_digits, lambda X: X),
    "iris and its powers": (load_iris, powers),
    "every wine twice": (load_wine, lambda X: standardized(X).repeat(2, axis=0)),
}


@pytest.mark.parametrize(("load", "change"), REAL.values(), ids=REAL)
def test_spectral_margins_of_other_peoples_data_are_proved_to_rounding(load, change):
    X, labels = load(return_X_y=True)
    X = change(X[labels < 3])
    labels = labels[labels < 3].repeat(len(X) // np.count_nonzero(labels < 3))
    best = ibnotes.max_margin_multiclass(X, labels, "spectral")
    scores = X @ best.W.T
    margins = (scores[np.arange(len(X)), labels, None] - scores)[labels[:, None] != np.arange(3)]
    pull = np.eye(3)[labels] * best.dual.sum(axis=1)[:, None] - best.dual
    bound = best.dual.sum() / np.linalg.norm(pull.T @ X, "nuc")  # weak duality: no W has a smaller norm
    assert margins.min() > 1 - 1e-11
    assert best.dual.min() >= 0
    assert 1 / best.margin == pytest.approx(bound, rel=1e-10)
    assert best.margin == pytest.approx(1 / np.linalg.norm(best.W, 2), rel=1e-12)


def test_newton_squares_what_is_left():
    problem = several_classes(3, K=4, d=5, n=20)
    best = ibnotes.max_margin_multiclass(problem.X, problem.labels, "spectral")
    unit, W, p = np.linalg.norm(best.W, 2), best.W, best.dual[~problem.hot]
    rng = np.random.default_rng(0)
    rough = W / unit + 1e-4 * rng.standard_normal(W.shape), p * (1 + 1e-2 * rng.standard_normal(p.shape))
    gaps = [multiclass_margin._in_floats(problem.differences, *rough)[2]]
    gaps += [
        multiclass_margin._in_floats(problem.differences, *pair)[2]
        for pair in finish(problem.differences * unit, *rough)
    ]
    assert gaps[0] > 1e-4
    assert gaps[1] < 1e-6
    assert abs(gaps[2]) < 1e-13


@pytest.mark.parametrize(
    ("units", "advice"),
    [((1, 1), "; ask for norm='frobenius'$"), ((1, 1e6), "; bring the columns of X to one size, or")],
)
def test_the_advice_on_a_failed_certificate_fits_the_data(monkeypatch, units, advice):
    monkeypatch.setattr(multiclass_margin, "ACCEPTED", -1.0)
    X = np.array([[1.0, 0.0], [0.0, 1.0], [-1.0, -1.0]]) * units
    with pytest.raises(ibnotes.NotConverged, match=advice):
        ibnotes.max_margin_multiclass(X, [0, 1, 2], "spectral")


@pytest.mark.parametrize("norm", MATRIX_NORMS)
def test_no_random_matrix_has_a_larger_margin(norm):
    problem = several_classes(1)
    best = ibnotes.max_margin_multiclass(problem.X, problem.labels, norm)
    W = best.W + 0.1 * np.random.default_rng(0).standard_normal((2000, 3, 4))
    assert problem.margin(W, norm).max() <= best.margin * (1 + 1e-6)


@pytest.mark.parametrize(("norm", "factor"), [("frobenius", np.sqrt(2)), ("spectral", np.sqrt(2)), ("max", 2)])
def test_two_classes_are_the_binary_problem(norm, factor):
    """Rows w/2 and -w/2: margins <w, x>, and a norm that depends on that of w."""
    binary = ibnotes.make_separable(np.random.default_rng(5), 10, 3)
    best = ibnotes.max_margin_multiclass(binary.X, (binary.y < 0).astype(int), norm)
    svm = ibnotes.max_margin(binary.X, binary.y, np.inf if norm == "max" else 2)
    assert best.margin == pytest.approx(factor * svm.margin, rel=1e-6)
    assert ibnotes.direction_gap(best.W[0] - best.W[1], svm.w) < 1e-4 or norm == "max"


@pytest.mark.parametrize("norm", MATRIX_NORMS)
def test_scaling_the_data_scales_the_margin(norm):
    problem = several_classes(2)
    margins = [ibnotes.max_margin_multiclass(s * problem.X, problem.labels, norm).margin / s for s in (1e-3, 1, 1e4)]
    assert np.ptp(margins) < 1e-6 * margins[1]


def test_norms_of_a_batch():
    W = np.random.default_rng(0).standard_normal((5, 3, 4))
    for norm in MATRIX_NORMS:
        assert np.abs(matrix_norm(W, norm) - [matrix_norm(w, norm) for w in W]).max() < 1e-14


@pytest.mark.parametrize("norm", MATRIX_NORMS)
def test_inseparable_classes_raise(norm):
    with pytest.raises(ibnotes.NotSeparable):
        ibnotes.max_margin_multiclass([[1.0, 0.0], [1.0, 0.0]], [0, 1], norm)


BAD = [
    ([0, 1.5], "labels must be one integer"),
    ([0, 1, 2], "labels must be one integer"),
    ([[0], [1]], "labels must be one integer"),
    ([0, 0], "labels must be 0"),
    ([1, 2], "labels must be 0"),
    ([0, 2], "labels must be 0"),
]


@pytest.mark.parametrize(("labels", "message"), BAD)
def test_bad_labels_are_named(labels, message):
    with pytest.raises(ValueError, match=f"^{message}"):
        Multiclass(np.eye(2), labels)


def test_bad_points_weights_and_norms_are_named():
    problem = Multiclass(np.eye(2), [0, 1])
    with pytest.raises(ValueError, match=r"^X must be finite"):
        Multiclass([[np.nan, 0], [0, 1]], [0, 1])
    with pytest.raises(ValueError, match=r"^W must hold matrices"):
        problem.margins(np.zeros((3, 2)))
    with pytest.raises(ValueError, match=r"^W must be finite"):
        problem.margins(np.full((2, 2), np.inf))
    with pytest.raises(ValueError, match=r"^W has no margin"):
        problem.margin(np.zeros((2, 2)), "max")
    for norm in ("nuclear", 2, None):
        with pytest.raises(ValueError, match=r"^norm must be"):
            ibnotes.max_margin_multiclass(problem.X, problem.labels, norm)
