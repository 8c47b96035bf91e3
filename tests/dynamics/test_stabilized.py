"""The Chebyshev integrator: its order, its stability polynomials, a stiff equation, and SciPy's interface."""

import numpy as np
import pytest
from scipy.integrate import solve_ivp

from ibnotes import RKC
from ibnotes.dynamics.stabilized import _coefficients


def epidemic(t, y):
    return np.array([-y[0] * y[1], y[0] * y[1] - y[1] / 2, y[1] / 2 - y[2] ** 3])


START = [1.0, 0.1, 0.5]


def test_the_order_is_two():
    tolerances = 10.0 ** -np.arange(4, 9)
    exact = solve_ivp(epidemic, (0, 10), START, "DOP853", rtol=1e-13, atol=1e-14).y[:, -1]
    runs = [solve_ivp(epidemic, (0, 10), START, RKC, rtol=rtol) for rtol in tolerances]
    errors = [np.linalg.norm(run.y[:, -1] - exact) for run in runs]
    steps = [len(run.t) - 1 for run in runs]
    assert np.polyfit(np.log(steps), np.log(errors), 1)[0] == pytest.approx(-2, abs=0.05)
    assert np.polyfit(np.log(tolerances), np.log(errors), 1)[0] == pytest.approx(2 / 3, abs=0.02)
    assert errors[0] < 1e-3


def test_rounding_errors_of_a_field_in_single_precision_do_not_add_up():
    single = lambda t, y: epidemic(t, y.astype(np.float32)).astype(np.float32)
    found, exact = (solve_ivp(field, (0, 10), START, RKC, rtol=1e-9) for field in (single, epidemic))
    assert len(found.t) > 2000
    assert np.abs(found.y[:, -1] - exact.y[:, -1]).max() < np.finfo(np.float32).eps / 4


def one_step(s, z):
    """The stability polynomial of s stages at z: a step of length one on y' = zy from y = 1, by the solver."""
    solver = RKC(lambda t, y: z * y, 0.0, np.ones_like(z), 1.0)
    solver.radius, before = ((s - 0.5) ** 2 - 1) / 1.54, solver.nfev
    increment = solver._stages(1.0)
    assert solver.nfev - before == s - 1
    return 1 + increment


def recursion(s, z):
    """The same by the recursion that defines the method, in its own variables."""
    mu, nu, mu_t, gamma_t = _coefficients(s)
    before, now = 1.0, 1 + mu_t[1] * z
    for j in range(2, s + 1):
        before, now = now, 1 - mu[j] - nu[j] + mu[j] * now + nu[j] * before + mu_t[j] * z * now + gamma_t[j] * z
    return now


@pytest.mark.parametrize("s", [2, 3, 4, 5, 8, 13, 50, 200])
def test_a_step_is_stable_as_far_as_it_has_to_be(s):
    reach = (s**2 - 1) / 1.54  # the radius at which the step takes a stage more
    assert reach > 0.64 * s**2 or s < 9
    z = np.linspace(-reach, 0, 20_001)
    P = one_step(s, z)
    assert np.abs(P).max() <= 1 + 1e-15 * s**2
    assert s < 5 or np.abs(P[(z > -0.95 * reach) & (z < -3)]).max() < 0.96  # what is stiff is damped
    assert np.abs(P - recursion(s, z)).max() < 1e-15 * s**2
    assert np.abs(one_step(s, np.array([-0.7 * s**2]))) > 1.01


@pytest.mark.parametrize("s", [2, 5, 40])
def test_a_step_agrees_with_the_exponential_to_second_order(s):
    z = np.array([-1e-2, -5e-3])
    defect = one_step(s, z) - np.exp(z)
    assert defect[0] / defect[1] == pytest.approx(8, rel=0.02)
    assert np.abs(defect).max() < 2e-7


# --- the heat equation ---

N, T = 200, 0.1
LAPLACE = -((N + 1) ** 2) * (2 * np.eye(N) - np.eye(N, k=1) - np.eye(N, k=-1))
EIGENVALUES, MODES = np.linalg.eigh(LAPLACE)
ROUGH = np.sign(np.linspace(0, 1, N) - 0.3) + np.linspace(0, 1, N)


def heat(t):
    return MODES @ (np.exp(EIGENVALUES * t) * (MODES.T @ ROUGH))


def relative(found, exact):
    return np.linalg.norm(found - exact) / np.linalg.norm(exact)


def test_a_stiff_equation_and_its_dense_output():
    run = solve_ivp(lambda t, y: LAPLACE @ y, (0, T), ROUGH, RKC, dense_output=True)
    assert run.success
    assert run.nfev < 0.2 * T * -EIGENVALUES[0] / 2  # the steps that Euler needs to be stable
    assert relative(run.y[:, -1], heat(T)) < 5e-4
    assert max(relative(run.sol(t), heat(t)) for t in np.geomspace(1e-5, T, 60)) < 5e-4
    assert np.abs(run.sol(run.t) - run.y).max() < 1e-14


def test_a_system_that_grows_stiff():
    """s' = 1 and y' = -k (y - 1) with k = exp(14 s), from 1 to a million: Euler needs the integral of k / 2."""
    run = solve_ivp(lambda t, y: np.array([1, -np.exp(14 * y[0]) * (y[1] - 1)]), (0, 1), [0.0, 0.0], RKC)
    exact = -np.expm1(-np.expm1(14 * run.t) / 14)
    assert np.abs(run.y[1] - exact).max() < 5e-4
    assert np.abs(run.y[0] - run.t).max() < 1e-11
    assert run.nfev < 0.15 * np.exp(14) / 28


def test_the_spectral_radius_is_found_with_a_margin():
    spectrum = np.array([-1000.0, -3, -2, 1])
    solver = RKC(lambda t, y: spectrum * y, 0.0, np.ones(4), 1.0)
    assert solver.radius == pytest.approx(1200, rel=1e-3)
    assert solver.nfev < 10


# --- through SciPy ---


@pytest.mark.parametrize("rtol", [1e-4, 1e-7])
def test_events_and_wanted_times(rtol):
    half = lambda t, y: y[0] - 0.5
    half.terminal = True
    times = np.linspace(0, 5, 40)
    run = solve_ivp(lambda t, y: -y, (0, 5), [1.0], RKC, t_eval=times, events=half, rtol=rtol)
    assert run.status == 1
    assert run.t_events[0] == pytest.approx(np.log(2), abs=rtol ** (2 / 3))
    assert run.y_events[0] == pytest.approx(0.5, abs=1e-12)
    assert np.array_equal(run.t, times[times < np.log(2)])
    assert np.abs(run.y[0] - np.exp(-run.t)).max() < rtol ** (2 / 3)


@pytest.mark.parametrize("c", [1e-100, 1e-6, 1e6, 1e100])
def test_the_size_of_the_state_does_not_matter(c):
    run, unit = (solve_ivp(lambda t, y: LAPLACE @ y, (0, 1e-3), start, RKC) for start in (c * ROUGH, ROUGH))
    assert relative(run.y[:, -1] / c, unit.y[:, -1]) < 1e-6


def test_a_blow_up_is_reported():
    run = solve_ivp(lambda t, y: y**2, (0, 2), [1.0], RKC)
    assert not run.success
    assert "step size" in run.message
    assert run.t[-1] == pytest.approx(1, abs=1e-2)


@pytest.mark.parametrize(("field", "end"), [(0.0, 0.0), (1.0, 2.0), (lambda y: -y, 0.0)], ids=["rest", "drift", "zero"])
def test_trivial_fields(field, end):
    run = solve_ivp(lambda t, y: field(y) if callable(field) else np.full(1, field), (0, 2), [0.0], RKC)
    assert run.success
    assert run.y[0, -1] == pytest.approx(end, abs=1e-12)


def test_backwards_is_refused():
    with pytest.raises(ValueError, match="forwards"):
        solve_ivp(lambda t, y: -y, (1, 0), [1.0], RKC)
