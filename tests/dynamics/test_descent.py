"""Descent against a loop written out in NumPy and against torch's autograd and SGD; batches against single runs."""

import re
import warnings
from typing import ClassVar

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from instances import ZA, ZC, near, rotation
from scipy.special import expit

import ibnotes
from ibnotes import GradientDescent

CLASSES = ibnotes.make_separable(np.random.default_rng(1), 12, 4)
LINE = ibnotes.make_underdetermined(np.random.default_rng(2), 4, 7)
PROBLEM = {"logistic": CLASSES, "exponential": CLASSES, "squared": LINE}
LOSSES = list(PROBLEM)


def descend(loss, step_size, steps=50, **options):
    """Recorded so densely that no step is left out."""
    return ibnotes.descend(PROBLEM[loss], GradientDescent(step_size), steps, loss=loss, records=20 * steps, **options)


# --- the same trajectory, written otherwise ---


def gradient(loss, X, y, w):
    """From the definition of each loss, point by point."""
    if loss == "squared":
        return sum((x @ w - target) * x for x, target in zip(X, y, strict=True))
    slope = {"logistic": lambda m: -1 / (1 + np.exp(m)), "exponential": lambda m: -np.exp(-m)}[loss]
    return sum(slope(label * (x @ w)) * label * x for x, label in zip(X, y, strict=True)) / len(X)


def naive(loss, step_size, steps, w0):
    w, path = np.array(w0, dtype=float), [np.array(w0, dtype=float)]
    for _ in range(steps):
        w = w - step_size * gradient(loss, PROBLEM[loss].X, PROBLEM[loss].y, w)
        path.append(w)
    return np.array(path)


def run_torch(loss, make, steps, w):
    """Every iterate of an optimizer of torch on the tensor w, by the loss and autograd."""
    optimizer, path = make([w]), [w.detach().clone()]
    for _ in range(steps):
        optimizer.zero_grad()
        loss().backward()
        optimizer.step()
        path.append(w.detach().clone())
    return torch.stack(path).numpy()


def torch_losses(X, y, w):
    X, y = torch.tensor(X), torch.tensor(y)
    return {
        "logistic": lambda: torch.nn.functional.softplus(-y * (X @ w)).mean(),
        "exponential": lambda: torch.exp(-y * (X @ w)).mean(),
        "squared": lambda: ((X @ w - y) ** 2).sum() / 2,
    }


def in_torch(loss, step_size, steps, w0):
    w = torch.tensor(w0, dtype=torch.float64, requires_grad=True)
    losses = torch_losses(PROBLEM[loss].X, PROBLEM[loss].y, w)
    return run_torch(losses[loss], lambda params: torch.optim.SGD(params, lr=step_size), steps, w)


STARTS = {"zero": 0.0, "elsewhere": 0.5}


@pytest.mark.parametrize("start", STARTS.values(), ids=STARTS)
@pytest.mark.parametrize("other", [naive, in_torch])
@pytest.mark.parametrize("loss", LOSSES)
def test_every_step_agrees_with_another_implementation(loss, other, start):
    w0 = start * np.arange(PROBLEM[loss].X.shape[1])
    path = descend(loss, 0.05, steps=200, w0=w0)
    exact = other(loss, 0.05, 200, w0)
    assert len(exact) == len(path.steps)
    assert np.abs(exact[-1] - exact[0]).max() > 0.1
    assert np.abs(path.w - exact).max() < 1e-13


@pytest.mark.parametrize("loss", LOSSES)
def test_the_default_start_is_zero(loss):
    path = descend(loss, 0.05)
    assert not path.w[0].any()
    assert np.array_equal(path.w, descend(loss, 0.05, w0=np.zeros(path.w.shape[1])).w)


def test_descent_stays_in_the_span_of_the_data_and_the_start():
    """The l2 bias of linear regression: from 0 to the interpolant of least norm, whatever the step size."""
    fastest = 2 / np.linalg.svd(LINE.X, compute_uv=False)[0] ** 2
    w = ibnotes.descend(LINE, GradientDescent(fastest * np.array([0.3, 0.9])), 5000).w[-1]
    assert np.abs(w - np.linalg.pinv(LINE.X) @ LINE.y).max() < 1e-12


# --- a batch is as many runs ---

SIZES = [0.01, 0.03, 0.06]


def starts(loss, size=3):
    return np.random.default_rng(0).standard_normal((size, PROBLEM[loss].X.shape[1]))


@pytest.mark.parametrize("loss", LOSSES)
def test_a_batch_of_step_sizes_is_as_many_runs(loss):
    batch = descend(loss, SIZES).w
    assert batch.shape == (51, 3, PROBLEM[loss].X.shape[1])
    for k, step_size in enumerate(SIZES):
        assert np.abs(batch[:, k] - descend(loss, step_size).w).max() < 1e-13


@pytest.mark.parametrize("loss", LOSSES)
def test_a_batch_of_starts_is_as_many_runs(loss):
    batch = descend(loss, 0.05, w0=starts(loss)).w
    for k, w0 in enumerate(starts(loss)):
        assert np.abs(batch[:, k] - descend(loss, 0.05, w0=w0).w).max() < 1e-13


@pytest.mark.parametrize("loss", LOSSES)
def test_step_sizes_and_starts_go_in_pairs(loss):
    batch = descend(loss, SIZES, w0=starts(loss)).w
    for k, (step_size, w0) in enumerate(zip(SIZES, starts(loss), strict=True)):
        assert np.abs(batch[:, k] - descend(loss, step_size, w0=w0).w).max() < 1e-13


def test_one_start_serves_every_step_size():
    w0 = starts("logistic", size=1)
    assert np.array_equal(descend("logistic", SIZES, w0=w0).w, descend("logistic", SIZES, w0=w0[0]).w)


def test_one_step_size_in_a_list_serves_every_start():
    w0 = starts("logistic")
    assert np.array_equal(descend("logistic", [0.05], w0=w0).w, descend("logistic", 0.05, w0=w0).w)


ONE = {
    "one step size": {"step_size": [0.05]},
    "one start": {"step_size": 0.05, "w0": np.zeros((1, 4))},
    "both": {"step_size": [0.05], "w0": np.zeros((1, 4))},
}


@pytest.mark.parametrize("options", ONE.values(), ids=ONE)
def test_a_batch_of_one_keeps_its_axis(options):
    path = descend("logistic", **options)
    assert path.w.shape == (51, 1, 4)
    assert np.abs(path.w[:, 0] - descend("logistic", 0.05).w).max() < 1e-13


def test_a_batch_in_one_dimension():
    path = ibnotes.descend(([[1.0], [2.0]], [1, 1]), GradientDescent(0.1), 3, w0=[[0.0], [1.0], [2.0]])
    assert path.w.shape == (4, 3, 1)
    assert path.w[0].ravel().tolist() == [0, 1, 2]


def test_a_thousand_runs_are_a_thousand_runs():
    step_sizes = np.geomspace(0.01, 10, 1000)
    batch = ibnotes.descend(near(), GradientDescent(step_sizes), 200, records=1).w[-1]
    for k in (0, 499, 999):
        single = ibnotes.descend(near(), GradientDescent(step_sizes[k]), 200, records=1).w[-1]
        assert np.abs(batch[k] - single).max() < 1e-12


# --- what is recorded ---


def recorded(steps, **options):
    return ibnotes.descend(CLASSES, GradientDescent(0.1), steps, **options).steps


@pytest.mark.parametrize("steps", [1, 2, 99, 100, 101, 5000])
@pytest.mark.parametrize("records", [1, 2, 7, 100])
def test_the_start_and_the_end_are_recorded_and_few_steps_between(steps, records):
    marks = recorded(steps, records=records)
    assert (marks[0], marks[-1]) == (0, steps)
    assert (np.diff(marks) > 0).all()
    assert len(marks) <= records + 1


def test_steps_are_recorded_at_equal_ratios():
    marks = recorded(100_000, records=11)
    assert marks[1:].tolist() == [1, 3, 10, 32, 100, 316, 1000, 3162, 10000, 31623, 100000]


def test_a_short_run_is_recorded_at_every_step_when_there_is_room():
    assert recorded(7, records=100).tolist() == list(range(8))


def test_how_much_is_recorded_changes_nothing_else():
    few = ibnotes.descend(CLASSES, GradientDescent(0.1), 300, records=3)
    many = ibnotes.descend(CLASSES, GradientDescent(0.1), 300, records=300)
    assert np.array_equal(few.w, many.w[np.searchsorted(many.steps, few.steps)])


def test_a_path_of_steps_has_no_log_times():
    path = ibnotes.descend(CLASSES, GradientDescent(0.1), 3)
    assert path.log_times is None
    assert path.residual is None
    assert path.w.dtype == np.float64
    assert path.w.shape == (4, 4)


@pytest.mark.parametrize("steps", [1, 7, 250, 12_345])
def test_a_progress_bar_moves_by_a_percent(steps, monkeypatch):
    class Bar:
        moves: ClassVar[list] = []

        def __init__(self, total, delay, desc):
            assert (total, delay, desc) == (steps, 10, "descend")
            self.moves.clear()
            self.update = self.moves.append

        def __enter__(self):
            return self

        def __exit__(self, *_): ...

    monkeypatch.setattr("ibnotes.dynamics.recording.tqdm", Bar)
    recorded(steps, records=3)
    assert sum(Bar.moves) == steps
    assert max(Bar.moves) <= np.ceil(steps / 100)


# --- how a problem is given ---


def test_a_pair_is_a_classification():
    pair = ibnotes.descend((CLASSES.X, CLASSES.y), GradientDescent(0.1), 20)
    assert np.array_equal(pair.w, ibnotes.descend(CLASSES, GradientDescent(0.1), 20, loss="logistic").w)


def test_a_pair_with_squared_loss_is_a_regression():
    pair = ibnotes.descend((LINE.X.tolist(), LINE.y.tolist()), GradientDescent(0.05), 20, loss="squared")
    assert np.array_equal(pair.w, ibnotes.descend(LINE, GradientDescent(0.05), 20).w)


def test_data_need_not_be_separable():
    """There the loss has a minimizer, and descent finds it."""
    Z = np.random.default_rng(0).standard_normal((20, 2))
    w = ibnotes.descend((Z, np.ones(20)), GradientDescent(1.0), 1000).w[-1]
    assert np.abs(expit(-Z @ w) @ Z).max() < 1e-13


def test_the_inputs_are_not_changed():
    X, y, w0, step_sizes = ZA.copy(), np.ones(5), np.ones((3, 2)), np.array(SIZES)
    ibnotes.descend((X, y), GradientDescent(step_sizes), 10, w0=w0)
    assert np.array_equal(X, ZA)
    assert (y == 1).all()
    assert (w0 == 1).all()
    assert step_sizes.tolist() == SIZES


def test_a_single_start_is_not_changed():
    w0 = np.ones(2)
    ibnotes.descend((ZA, np.ones(5)), GradientDescent(0.1), 10, w0=w0)
    assert w0.tolist() == [1, 1]


# --- divergence is an error, or an answer for who asks for it ---


def test_divergence_raises_with_the_steps_the_run_and_the_path_up_to_there():
    limit = 2 / np.linalg.svd(LINE.X, compute_uv=False)[0] ** 2
    sizes = GradientDescent(limit * np.array([0.9, 3.0]))
    with pytest.raises(ibnotes.NotConverged, match=r"weights of run 1 are finite at step \d+ and not") as caught:
        ibnotes.descend(LINE, sizes, 100_000)
    finite, mark = map(int, re.findall(r"step (\d+)", str(caught.value)))
    path = caught.value.best
    assert path.steps[-2:].tolist() == [finite, mark]
    whole = ibnotes.descend(LINE, sizes, 100_000, divergence="record").w
    assert np.array_equal(path.w, whole[: len(path.w)], equal_nan=True)
    assert np.isfinite(path.w[-2]).all()
    assert not np.isfinite(path.w[-1]).all()


def test_squared_loss_converges_below_the_stability_limit_and_diverges_above():
    limit = 2 / np.linalg.svd(LINE.X, compute_uv=False)[0] ** 2
    path = ibnotes.descend(LINE, GradientDescent(limit * np.array([0.99, 1.01])), 100_000, divergence="record")
    assert np.abs(LINE.X @ path.w[-1, 0] - LINE.y).max() < 1e-12
    assert not np.isfinite(path.w[-1, 1]).any()
    assert np.isfinite(path.w[:20]).all()


@pytest.mark.parametrize(("step_size", "diverges"), [(5.75, False), (6.0, True)])
def test_exponential_loss_diverges_where_the_step_size_is_large(step_size, diverges):
    """Claim C5's control: on this thin pair of points the threshold lies between these two."""
    pair = ([[0.1, 0.9], [0.1, -0.5]], [1, 1])
    w = ibnotes.descend(pair, GradientDescent(step_size), 2000, loss="exponential", divergence="record").w
    assert np.isfinite(w[-1]).all() != diverges


def test_a_diverged_run_leaves_the_rest_of_its_batch_alone():
    pair = ([[0.1, 0.9], [0.1, -0.5]], [1, 1])
    w = ibnotes.descend(pair, GradientDescent([1.0, 8.0]), 1000, loss="exponential", divergence="record").w[-1]
    assert np.isfinite(w[0]).all()
    assert not np.isfinite(w[1]).any()


@pytest.mark.parametrize("step_size", [1e3, 1e9, 1e200])
def test_logistic_loss_takes_any_step_without_overflow_or_warning(step_size):
    """Wu, Braverman & Lee 2023: it cannot diverge, its gradient being bounded."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        w = ibnotes.descend((ZA, np.ones(5)), GradientDescent([step_size, 1.0]), 1000).w
    assert np.isfinite(w).all()
    assert (ZA @ w[-1].T > 0).all()


def test_a_start_with_every_margin_far_off_moves_by_the_mean_point():
    """All the logistic probabilities are one there, and exp overflows on the way in neither direction."""
    w = ibnotes.descend((ZA, np.ones(5)), GradientDescent(1.0), 1, w0=[[-1e6, 1e5], [1e6, -1e5]]).w
    assert np.abs(w[1] - w[0] - [ZA.mean(axis=0), np.zeros(2)]).max() < 1e-9


# --- bad input ---

BAD_SIZES = {
    "zero": (0, r"^step_size must be positive, found 0"),
    "negative": (-0.1, r"^step_size must be positive, found -0.1"),
    "one of them zero": ([0.1, 0.0], r"^step_size must be positive, found 0"),
    "nan": (np.nan, r"^step_size must be finite, found nan"),
    "inf": ([0.1, np.inf], r"^step_size must be finite, found inf at index \(1,\)"),
    "a table": ([[0.1, 0.2]], r"^step_size .*1-dimensional.* \(1, 2\)"),
    "none": ([], r"^step_size is empty"),
    "a string": ("0.1", r"^step_size .* dtype <U3"),
    "None": (None, r"^step_size .* dtype object"),
}


@pytest.mark.parametrize(("step_size", "message"), BAD_SIZES.values(), ids=BAD_SIZES)
def test_a_bad_step_size_is_named_before_any_run(step_size, message):
    with pytest.raises(ValueError, match=message):
        GradientDescent(step_size)


@pytest.mark.parametrize("steps", [0, -1, 1.5, True, "10", None, np.float64(3)])
def test_a_bad_number_of_steps_is_named(steps):
    with pytest.raises(ValueError, match=r"^steps must be a positive integer, found "):
        ibnotes.descend(CLASSES, GradientDescent(0.1), steps)


@pytest.mark.parametrize("records", [0, -1, 1.5, True, "10", None])
def test_a_bad_number_of_records_is_named(records):
    with pytest.raises(ValueError, match=r"^records must be a positive integer, found "):
        ibnotes.descend(CLASSES, GradientDescent(0.1), 10, records=records)


@pytest.mark.parametrize("optimizer", [0.1, None, GradientDescent, "gd"])
def test_another_optimizer_is_named(optimizer):
    with pytest.raises(ValueError, match=r"^optimizer must be a GradientDescent, found "):
        ibnotes.descend(CLASSES, optimizer, 10)


BAD_STARTS = {
    "short": ([1.0], r"^w0 .* 1 for 4"),
    "long rows": (np.ones((2, 5)), r"^w0 .* 5 for 4"),
    "nan": ([0, np.nan, 0, 0], r"^w0 .* nan at index \(1,\)"),
    "a number": (1.0, r"^w0 .*1-dimensional.* \(\)"),
    "a cube": (np.ones((1, 1, 4)), r"^w0 .*2-dimensional.* \(1, 1, 4\)"),
    "none": (np.ones((0, 4)), r"^w0 is empty"),
    "strings": (list("abcd"), r"^w0 .* dtype <U1"),
}


@pytest.mark.parametrize(("w0", "message"), BAD_STARTS.values(), ids=BAD_STARTS)
def test_a_bad_start_is_named(w0, message):
    with pytest.raises(ValueError, match=message):
        ibnotes.descend(CLASSES, GradientDescent(0.1), 10, w0=w0)


def test_a_batch_of_two_sizes_is_named():
    with pytest.raises(ValueError, match=r"^w0 has 2 starts but there are 3 step sizes"):
        ibnotes.descend(CLASSES, GradientDescent(SIZES), 10, w0=np.ones((2, 4)))


BAD_LOSSES = {
    "squared on classes": (CLASSES, "squared", r"^loss .*'logistic', 'exponential'.* 'squared'"),
    "hinge on classes": (CLASSES, "hinge", r"^loss .* 'hinge'"),
    "logistic on a regression": (LINE, "logistic", r"^loss .*'squared',.* 'logistic'"),
    "exponential on a regression": (LINE, "exponential", r"^loss .*'squared',.* 'exponential'"),
}


@pytest.mark.parametrize(("problem", "loss", "message"), BAD_LOSSES.values(), ids=BAD_LOSSES)
def test_a_loss_that_does_not_fit_is_named(problem, loss, message):
    with pytest.raises(ValueError, match=message):
        ibnotes.descend(problem, GradientDescent(0.1), 10, loss=loss)


BAD_PROBLEMS = {
    "labels zero and one": ((ZA, [0, 1, 1, 0, 1]), r"^y .*-1 and \+1, found \{0, 1\}"),
    "points alone": (ZA, r"^problem must be"),
    "three things": ((ZA, np.ones(5), np.ones(5)), r"^problem must be"),
    "None": (None, r"^problem must be"),
    "too few labels": ((ZA, np.ones(3)), r"^y .* 3 for 5"),
}


@pytest.mark.parametrize(("problem", "message"), BAD_PROBLEMS.values(), ids=BAD_PROBLEMS)
def test_a_bad_problem_is_named(problem, message):
    with pytest.raises(ValueError, match=message):
        ibnotes.descend(problem, GradientDescent(0.1), 10)


# --- symmetries ---


@st.composite
def runs(draw):
    """A loss, its data, a start, a stable step size, and a generator for what is done to them."""
    rng, loss = np.random.default_rng(draw(st.integers(0, 2**32 - 1))), draw(st.sampled_from(LOSSES))
    n, d = draw(st.integers(1, 8)), draw(st.integers(1, 6))
    problem = ibnotes.make_separable(rng, n, d)
    X = problem.X / np.linalg.norm(problem.X)
    y = rng.standard_normal(n) if loss == "squared" else problem.y
    return loss, X, y, rng.standard_normal(d), draw(st.floats(0.01, 0.3)), rng


def end(loss, X, y, w0, step_size):
    return ibnotes.descend((X, y), GradientDescent(step_size), 100, loss=loss, w0=w0, records=1).w[-1]


@settings(max_examples=60)
@given(runs())
def test_rotated_data_give_the_rotated_path(run):
    loss, X, y, w0, step_size, rng = run
    Q = rotation(rng, X.shape[1])
    rotated = end(loss, X @ Q, y, w0 @ Q, step_size)
    assert np.abs(rotated - end(loss, X, y, w0, step_size) @ Q).max() < 1e-12


@settings(max_examples=60)
@given(runs())
def test_the_order_of_the_points_does_not_matter(run):
    loss, X, y, w0, step_size, rng = run
    order = rng.permutation(len(X))
    permuted = end(loss, X[order], y[order], w0, step_size)
    assert np.abs(permuted - end(loss, X, y, w0, step_size)).max() < 1e-12


@settings(max_examples=60)
@given(runs(), st.floats(-3, 3))
def test_scaled_data_take_a_scaled_step(run, exponent):
    """With cX the iterates w / c need the step size eta / c^2."""
    (loss, X, y, w0, step_size, _), c = run, 10**exponent
    scaled = c * end(loss, c * X, y, w0 / c, step_size / c**2)
    assert np.abs(scaled - end(loss, X, y, w0, step_size)).max() < 1e-12


def test_a_coordinate_that_no_point_has_keeps_its_start():
    X = ZC * [1, 1, 0]
    w = ibnotes.descend((X, np.ones(5)), GradientDescent(1.0), 100, w0=[0, 0, 2.5]).w
    assert (w[:, 2] == 2.5).all()
