"""The flow on columns in their own units, from 1e-6 to 1e12, against an implicit integration in scaled weights."""

import numpy as np
import pytest
from scipy.integrate import solve_ivp
from scipy.special import expit

import ibnotes as ib

pytestmark = pytest.mark.slow  # integrations that are stiff by 1e24

UNITS = 2.0 ** np.array([[-2, 19, 27], [-15, 36, 22], [0, -14, 35], [34, -2, 29], [39, -11, 12], [0, 0, 40]])
LOG_TIMES = [-30.0, 0.0, 10.0, 40.0]


def points(seed):
    rng = np.random.default_rng(seed)
    Z, w = rng.standard_normal((7, 3)), rng.standard_normal(3)
    return Z * np.sign(Z @ w)[:, None]


def independent(A, unit):
    """v = unit * w: dv/ds = unit^2 e^s mean_i p_i a_i, where the entries of a_i are of order one."""

    def log_p(m):
        return -m - np.logaddexp(0, -m)

    def velocity(s, v):
        return unit**2 * (np.exp(s + log_p(A @ v)) @ A) / len(A)

    def jacobian(s, v):
        m = A @ v
        return -(unit[:, None] ** 2) * ((A.T * (np.exp(s + log_p(m)) * expit(m))) @ A) / len(A)

    first = min(LOG_TIMES[0], -2 * np.log(np.linalg.norm(A * unit, axis=1).max()) - 20)
    options = {"t_eval": LOG_TIMES, "jac": jacobian, "rtol": 1e-9, "atol": 1e-13}
    return solve_ivp(velocity, (first, LOG_TIMES[-1]), velocity(first, np.zeros(3)), "Radau", **options).y.T


@pytest.mark.parametrize("seed", range(len(UNITS)))
def test_the_flow_is_the_same_in_any_units(seed):
    A, unit = points(seed), UNITS[seed]
    v, truth = ib.logistic_flow(A * unit, np.ones(7), LOG_TIMES).w * unit, independent(A, unit)
    assert (np.linalg.norm(v - truth, axis=1) < 1e-7 * np.linalg.norm(truth, axis=1)).all()


@pytest.mark.parametrize("seed", range(len(UNITS)))
def test_it_turns_to_the_svm_in_any_units(seed):
    Z, unit = points(seed) * UNITS[seed], UNITS[seed]
    gaps = ib.direction_gap(ib.logistic_flow(Z, np.ones(7), [1e4, 1e6]).w * unit, ib.max_margin(Z, np.ones(7)).w * unit)
    assert gaps[0] < 0.05
    assert 80 < gaps[0] / gaps[1] < 120  # like 1 / log t


def test_time_stamps_leave_the_flow_its_closed_form():
    """Both points pull alike, so the second weight stays at zero and the first solves w + e^w = t + 1."""
    w = ib.logistic_flow([[1, 5e9], [-1, 5e9]], [1, -1], [1.0, 60.0]).w
    np.testing.assert_allclose(w[:, 0], [1, 60], rtol=1e-9)
    assert np.abs(w[:, 1] * 5e9).max() < 1e-9


@pytest.mark.parametrize("seed", range(len(UNITS)))
def test_its_asymptotics_hold_in_any_units(seed):
    """What is left beyond the SVM times log t, in the span of the support vectors and in units of each column."""
    Z, y = points(seed) * UNITS[seed], np.ones(7)
    svm, limit, time = ib.max_margin(Z, y), ib.logistic_asymptotics(Z, y), 1e6
    rest = ib.logistic_flow(Z, y, [time], reference=svm.w).residual[0]
    np.testing.assert_allclose(Z[svm.support] @ rest, Z[svm.support] @ limit.residual, rtol=1e-6, atol=1e-6)
    # margin(w) = min_i (time + <z_i, rest>) / |w|, and the difference from the largest margin without its cancellation
    size, reached = np.linalg.norm(svm.w), (Z[svm.support] @ rest).min()
    np.testing.assert_allclose((svm.w @ rest / size**2 - reached) / size, limit.margin, rtol=1e-6, atol=1e-13 / size)
