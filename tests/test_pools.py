"""Everything public goes to another process and back: answers, errors, functions that name the package."""

import pickle

import cloudpickle
import numpy as np
import pytest
from joblib import Parallel, delayed

import ibnotes as ib

X, Y = np.array([[1.0, 0.3], [0.5, -1.2], [-2.0, -1.0]]), np.array([1.0, 1.0, -1.0])
M = np.array([[1.0, 2.0], [3.0, 4.0]])
RNG = np.random.default_rng(0)
ANSWERS = {
    "max_margin": lambda: ib.max_margin(X, Y),
    "min_norm_interpolant": lambda: ib.min_norm_interpolant(X[:2], Y[:2], 1),
    "min_nuclear_norm": lambda: ib.min_nuclear_norm(M, M > 1),
    "logistic_asymptotics": lambda: ib.logistic_asymptotics(X, Y),
    "logistic_flow": lambda: ib.logistic_flow(X, Y, [1.0, 10.0]),
    "descend": lambda: ib.descend((X, Y), ib.GradientDescent(0.1), 10),
    "Completion": lambda: ib.Completion(M, M > 1),
    "TwoLayer": lambda: ib.TwoLayer(X, Y, 2).margins(np.ones(6)),
    "Verification": lambda: ib.verify("x", ib.Check("C1", "x", 0, 0, 1e-3, 1, "one", slack="exact")),
}


@pytest.mark.parametrize("make", ANSWERS.values(), ids=ANSWERS)
@pytest.mark.parametrize("module", [pickle, cloudpickle])
def test_an_answer_survives(make, module):
    answer = make()
    assert repr(module.loads(module.dumps(answer))) == repr(answer)


def test_an_error_survives_with_its_certificate():
    with pytest.raises(ib.NotSeparable) as caught:
        ib.max_margin([[1.0], [-1.0]], [1, 1])
    again = pickle.loads(pickle.dumps(caught.value))
    assert str(again) == str(caught.value)
    np.testing.assert_array_equal(again.certificate, [0.5, 0.5])


def test_a_function_that_names_the_package_survives():
    assert cloudpickle.loads(cloudpickle.dumps(lambda w: ib.margin(X, Y, w)))([1.0, 0.0]) == 0.5


def sweep(seed):
    """One point of a sweep: the margin, or the certificate of its absence."""
    Z = np.random.default_rng(seed).standard_normal((4, 2))
    return ib.max_margin(Z, np.ones(4)).margin


@pytest.mark.slow
def test_a_pool_of_processes_hands_answers_and_errors_back():
    assert Parallel(2)(delayed(sweep)(seed) for seed in (3, 4, 6)) == [sweep(seed) for seed in (3, 4, 6)]
    with pytest.raises(ib.NotSeparable) as caught:
        Parallel(2)(delayed(sweep)(seed) for seed in (3, 0))
    assert caught.value.certificate.shape == (4,)
