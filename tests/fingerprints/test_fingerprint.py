"""The instrument as a whole: symmetries, decay, epsilon, regression, report, command, refusals."""

import json
import re
import subprocess
import sys
from dataclasses import asdict, fields, replace

import matplotlib.pyplot as plt
import numpy as np
import pytest
import rules
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize

import ibnotes
from ibnotes.__main__ import main
from ibnotes.fingerprints import bench, command, decay, epsilon, geometry, regression, runs, symmetries
from ibnotes.fingerprints.decay import weight_decay
from ibnotes.fingerprints.instrument import _hand_over

STEEPEST = ibnotes.SteepestDescent
VECTOR, MATRIX = bench.vectors()[-1], bench.matrices()[-1]
SGD = lambda p: torch.optim.SGD(p, lr=0.1)
SIGN = lambda p: STEEPEST(p, lr=0.01, norm=np.inf)


def of_vectors(make, seed=0):
    return symmetries.vector_symmetries(make, VECTOR, 3.0, np.random.default_rng(seed))


def of_matrices(make):
    return symmetries.matrix_symmetries(make, MATRIX, 3.0, np.random.default_rng(0))


@settings(max_examples=4)
@given(st.integers(0, 2**32))
def test_symmetries_hold_to_rounding_whatever_is_drawn(seed):
    descent, sign = of_vectors(SGD, seed), of_vectors(SIGN, seed)
    assert max(descent[name] for name in ("rotation", "permutation", "sign flips", "history")) < 1e-11
    assert max(sign[name] for name in ("permutation", "sign flips", "loss scale", "history")) < 1e-11
    assert min(sign["rotation"], descent["loss scale"], descent["column scale"]) > 0.01


def test_symmetries_of_matrices():
    spectral = of_matrices(lambda p: STEEPEST(p, lr=0.01, norm="spectral"))
    assert max(spectral.values()) < 1e-10
    sign = of_matrices(SIGN)
    assert sign["transposition"] < 1e-12 < 0.1 < min(sign["left"], sign["right"])
    rows = of_matrices(rules.by(rules.rows))
    assert rows["right"] < 1e-10 < 0.01 < min(rows["left"], rows["transposition"])


def test_what_does_not_move_has_no_symmetries():
    assert all(np.isnan(off) for off in of_vectors(rules.by(lambda g, w, state: 0 * g)).values())


def test_a_search_makes_as_many_fewer_steps_and_still_moves():
    search = torch.optim.LBFGS
    assert [runs.affordable(make, (16,), 3000) for make in (SGD, search)] == [3000, 3000 * 4 // 21]
    assert geometry.course(search, VECTOR, geometry.PACES[0], 60).moved  # which it does in no unit at the usual pace


def test_momentum_is_history():
    assert of_vectors(lambda p: torch.optim.SGD(p, lr=0.1, momentum=0.9))["history"] > 0.01


def test_steps_of_the_inverse_square_undo_the_scale_of_columns():
    """g / v with v the average of squares, from zero: columns twice as long, weights half as large."""
    rule = lambda g, w, state: g / state.setdefault("v", torch.zeros_like(g)).mul_(0.9).add_(g * g)
    found = of_vectors(rules.by(rule, lr=1e-3))
    assert found["column scale"] < 1e-9 < 0.01 < found["rotation"]


DECAYS = {
    "none": (torch.optim.Adam, {}, ("none", None, "", "")),
    "AdamW": (torch.optim.AdamW, {"lr": 0.01, "weight_decay": 0.1}, ("decoupled", False, "linf", "1/λ")),
    "Adam, l2": (torch.optim.Adam, {"lr": 0.01, "weight_decay": 0.1}, ("coupled", True, "penalty", "1/λ")),
    "heavy ball": (
        torch.optim.SGD,
        {"lr": 0.1, "momentum": 0.9, "weight_decay": 0.1},
        ("coupled", False, "penalty", "1/λ"),
    ),
    "Lion": (rules.Lion, {}, ("decoupled", False, "linf", "1/λ")),
    "Lion, decay inside": (rules.Lion, {"inside": True}, ("coupled", True, "penalty", "1/λ")),
}


@pytest.mark.parametrize("name", DECAYS)
def test_decay_is_found_where_it_acts(name):
    each, how, expected = DECAYS[name]
    found = weight_decay(lambda p: each(p, **how), (16,))
    assert (found.kind, found.normalized) == expected[:2]
    if name != "Lion, decay inside":  # which flickers about its rest
        assert (found.ball, found.law) == expected[2:]
    if found.law:
        assert found.radius == pytest.approx(10, rel=1e-3)


BALLS = {
    "l1": lambda g: torch.where(g.abs() == g.abs().max(), g.sign(), 0.0),
    "l2": rules.normalized,
    "linf": torch.sign,
    "spectral": rules.polar,
}


@pytest.mark.parametrize("ball", BALLS)
@pytest.mark.parametrize("shrink", [0.1, 0.5])
def test_the_radius_is_measured_in_the_balls_norm(ball, shrink):
    """0 / 0 at a zero gradient for l2; a polar factor there that is not zero."""
    shape = (5, 6) if ball == "spectral" else (16,)
    found = weight_decay(lambda p: rules.Decayed(p, BALLS[ball], weight_decay=shrink), shape)
    assert (found.kind, found.normalized, found.ball, found.law) == ("decoupled", False, ball, "1/λ")
    assert found.radius == pytest.approx(1 / shrink, rel=1e-3)
    assert found.factor == pytest.approx(1, rel=1e-3)


@pytest.mark.parametrize(("rule", "shape"), [(rules.normalized, (16,)), (rules.polar, (5, 6))])
def test_a_decay_inside_of_what_does_not_stand_still_is_coupled(rule, shape):
    found = weight_decay(lambda p: rules.Decayed(p, rule, inside=True), shape)
    assert (found.kind, found.normalized, found.ball) == ("coupled", True, "penalty")


def test_a_decay_of_no_name_beside_steps_at_zero_gradient_is_undecided():
    hidden = rules.by(lambda g, w, state: rules.polar(g) + 0.1 * w)
    assert weight_decay(hidden, (5, 6)).kind == "undecided"
    named = lambda p: rules.Decayed(p, lambda g: rules.polar(g) * p[0].norm())  # its steps depend on its weights
    assert weight_decay(named, (5, 6)).kind == "undecided"


def test_muons_rest_is_not_called_equal_to_what_it_is_not():
    """Newton and Schulz's factor beside 1: the largest singular value at rest is that times 1/λ."""
    found = weight_decay(lambda p: torch.optim.Muon(p, lr=0.02), (5, 6))
    assert (found.ball, found.law) == ("spectral", "1/λ")
    assert 10.5 < found.radius == pytest.approx(10 * found.factor)
    printed = lambda found: report_of(decay=asdict(found))._decay()
    assert printed(found).endswith(f"on the spectral ball of size {found.radius:.3g} = {found.factor:.3g} × 1/λ")
    assert printed(replace(found, factor=1.001)).endswith("= 1/λ")


def report_of(**parts):
    every = dict.fromkeys((each.name for each in fields(ibnotes.Fingerprint)), "")
    return ibnotes.Fingerprint(**every | {"steps": 3000} | parts)


def test_the_ball_is_the_one_whose_norm_favours_the_rest_point():
    g, e = epsilon.pulls((4,)), np.eye(4)
    rests = [-np.sign(g), -g, e[0], e[0] + e[1], e[0] + 0.1 * e[1]]
    assert [decay._ball(w, g) for w in rests] == ["linf", "l2", "l1", "", ""]
    G = epsilon.pulls((3, 4))
    U, _, Vh = np.linalg.svd(G, full_matrices=False)
    assert [decay._ball(W, G) for W in (U @ Vh, U * [1, 1, 0.4] @ Vh)] == ["spectral", ""]


def test_no_decay_is_read_off_what_diverges_at_once():
    assert weight_decay(rules.by(lambda g, w, state: np.inf * (w.abs() + 1)), (4,)).kind == "undecided"


def test_a_decay_without_the_learning_rate_has_another_radius():
    class Fixed(rules.Lion):
        def step(self):
            for group in self.param_groups:
                for w in group["params"]:
                    w.data.mul_(1 - group["weight_decay"])
                    w.data.sub_(group["lr"] * w.grad.sign())

    found = weight_decay(lambda p: Fixed(p, lr=0.01, weight_decay=0.005), (16,))
    assert (found.kind, found.ball, found.law) == ("decoupled", "linf", "lr/λ")
    assert found.radius == pytest.approx(2, rel=1e-3)


@pytest.mark.parametrize("eps", [1e-3, 1e-8, 1e-12])
def test_epsilon_is_read_off_adams_steps(eps):
    assert epsilon.threshold(lambda p: torch.optim.Adam(p, eps=eps), (16,)) == pytest.approx(eps, rel=0.01)
    inside = epsilon.threshold(lambda p: rules.Adam(p, eps=eps**2, root=True), (16,))
    assert eps / 3 < inside < 3 * eps


def test_descent_and_signs_have_no_epsilon():
    assert [epsilon.threshold(make, (16,)) for make in (SGD, SIGN)] == [0, 0]


def test_the_step_of_the_hand_over_is_seen_or_foretold():
    steps = np.arange(0, 1001, 100)
    sizes = np.exp(-0.01 * steps)
    assert epsilon.hand_over(sizes, steps, np.exp(-5.5)) == 600
    assert epsilon.hand_over(sizes, steps, np.exp(-20)) == 2000
    assert epsilon.hand_over(sizes / (1 + steps), steps, np.exp(-30) / 3e3) == pytest.approx(3000, rel=0.05)
    assert epsilon.hand_over(1 / (1 + steps), steps, 1e-4) == pytest.approx(10_000, rel=0.05)
    assert epsilon.hand_over(1 / (1 + steps), steps, 1e-8) is None  # too far
    assert epsilon.hand_over(sizes, steps, 0.0) is None
    assert epsilon.hand_over(sizes, steps // 10, np.exp(-20)) is None  # too little seen


TURNS = {
    "Adam": (lambda p: torch.optim.Adam(p, lr=1e-2), 24_360),
    "RAdam": (lambda p: torch.optim.RAdam(p, lr=1e-2), 24_360),
    "Adam, large epsilon": (lambda p: torch.optim.Adam(p, lr=1e-3, eps=1e-4), 14_473),
    "Adamax": (torch.optim.Adamax, 16_061),
    "RMSprop": (torch.optim.RMSprop, 3368),
    "Adadelta": (torch.optim.Adadelta, 965),
    "Adagrad": (lambda p: torch.optim.Adagrad(p, lr=0.1), None),  # of 30 000 steps none
}


@pytest.mark.slow
@pytest.mark.parametrize("name", TURNS)
def test_what_is_foretold_is_nearly_true(name):
    """Held against runs of 30 000 steps; gradients of sums fall like 1/t, and are not followed that far."""
    make, true = TURNS[name]
    early, late = (_hand_over(make, True, epsilon.threshold(make, (16,)), steps, None) for steps in (1000, 3000))
    if true is None:
        assert (early, late) == (None, None)
    else:
        assert early is None or true / 2 < early < 2 * true
        assert true / 1.4 < late < 1.4 * true


def test_what_is_foretold_is_said_to_be():
    printed = lambda step: report_of(epsilon={"threshold": 1e-8, "step": step})._epsilon()
    assert printed(2900).endswith("1e-08, about step 2900 of a run")
    assert printed(32_000).endswith("about step 32000 of a run, foretold")
    assert printed(None).endswith("at gradients of 1e-08")


ENDS = {
    "descent": SGD,
    "heavy ball": lambda p: torch.optim.SGD(p, lr=0.01, momentum=0.9),
    "sign": SIGN,
    "coordinate": lambda p: STEEPEST(p, lr=0.01, norm=1),
    "weighted": rules.by(rules.weighted),
}
WEIGHTS = np.linspace(0.3, 3, 16)  # of the rule that is called weighted, on 16 of them


@pytest.fixture(scope="module")
def ends():
    return {name: regression.interpolants(make, 3000) for name, make in ENDS.items()}


@pytest.mark.slow
@pytest.mark.parametrize(("name", "norm"), [("descent", "l2"), ("sign", "linf"), ("coordinate", "l1")])
def test_the_interpolant_from_zero_has_the_least_norm(ends, name, norm):
    found = ends[name]
    assert found["misfit"] < 1e-5
    assert found[norm] < 0.01
    assert min(found[other] for other in {"l1", "l2", "linf"} - {norm}) > 0.05
    assert found["step size"] < 0.02


@pytest.mark.slow
def test_descent_ends_nearest_to_its_start_whatever_the_step_and_weighted_descent_so_in_its_own_length(ends):
    X, y, least = regression.problem()
    for name, D in {"descent": np.ones(8), "weighted": np.linspace(0.3, 3, 8)}.items():
        pull = D[:, None] * X.T @ np.linalg.inv((X * D) @ X.T)
        left = np.linalg.norm(np.ones(8) - pull @ X @ np.ones(8)) / np.sqrt(8)
        for scale in ("0.1", "1"):
            assert ends[name][f"start, scale {scale}"] == pytest.approx(left, abs=1e-6)
        assert ends[name]["linf"] == pytest.approx(np.abs(pull @ y).max() / least["linf"] - 1, abs=1e-6)
        assert ends[name]["step size"] < 1e-12
    assert ends["sign"]["start, scale 0.1"] > 1.2 * ends["sign"]["start, scale 1"]


@pytest.mark.slow
@pytest.mark.parametrize("scale", regression.SCALES)
def test_descent_through_the_network_minimizes_the_potential_but_for_its_step(ends, scale):
    """The distance is in proportion to the step: half of it leaves half."""
    found = ends["descent"]
    off, halved = (found[f"network {part}, scale {scale:g}"] for part in ("potential", "step size"))
    assert off < 3e-3
    assert halved == pytest.approx(off / 2, rel=0.05)
    for other in ("sign", "coordinate", "weighted"):
        assert ends[other][f"network potential, scale {scale:g}"] > 100 * off


@pytest.mark.slow
def test_the_scale_of_the_start_matters_as_far_as_potentials_differ(ends):
    small, large = (regression.of_the_potential(scale) for scale in regression.SCALES)
    apart = np.linalg.norm(small - large) / np.linalg.norm(small)
    assert ends["descent"]["network scale"] == pytest.approx(apart, rel=0.01)
    assert ends["descent"]["network l1, scale 0.1"] < 0.5 * ends["descent"]["network l1, scale 1"]
    assert max(ends[name]["network scale"] for name in ("sign", "coordinate")) < apart / 4
    assert max(ends["sign"][f"network linf, scale {scale:g}"] for scale in regression.SCALES) < 0.05


@pytest.mark.slow
@pytest.mark.parametrize("scale", regression.SCALES)
def test_weighted_descent_through_the_network_minimizes_a_weighted_potential(ends, scale):
    """u goes with exp(2 D r), v with exp(-2 D r) for another D: r = X' nu such that the end fits."""
    X, y, least = regression.problem()
    rates = WEIGHTS.reshape(2, 8) * [[1], [-1]]
    squares = lambda nu: scale**2 * np.exp(rates * (X.T @ nu))
    dual = lambda nu: (np.sum(squares(nu) / abs(rates)) - nu @ y, X @ np.sum(np.sign(rates) * squares(nu), axis=0) - y)
    solved = minimize(dual, np.zeros(3), jac=True, method="BFGS", options={"gtol": 1e-9})
    w, found = np.sum(np.sign(rates) * squares(solved.x), axis=0), ends["weighted"]
    assert w @ X.T == pytest.approx(y, abs=1e-6)
    assert np.abs(w).sum() / least["l1"] - 1 == pytest.approx(found[f"network l1, scale {scale:g}"], abs=5e-3)
    q = regression.of_the_potential(scale)
    off = np.linalg.norm(w - q) / np.linalg.norm(q)
    assert off == pytest.approx(found[f"network potential, scale {scale:g}"], abs=5e-3)


def test_an_end_that_fits_nothing_is_measured_as_none():
    found = regression.interpolants(rules.by(lambda g, w, state: -g), 200)
    assert np.isnan([value for name, value in found.items() if name.startswith("network")]).all()


@pytest.fixture(scope="module")
def muon():
    return ibnotes.fingerprint(lambda p: torch.optim.Muon(p, lr=0.02), steps=1000)


@pytest.mark.slow
def test_an_optimizer_of_matrices_alone(muon):
    assert (muon.vector_norm, muon.matrix_norm) == ("undecided", "spectral")
    assert "Muon only supports 2D parameters" in muon.vector_reason
    assert max(muon.symmetries["left"], muon.symmetries["right"]) < 0.05  # it computes in bfloat16
    assert (muon.decay["kind"], muon.decay["ball"], muon.decay["law"]) == ("decoupled", "spectral", "1/λ")
    assert "a polar factor up to" in muon.matrix_reason
    assert muon.matrix["spectral"][-1] < 0.9  # which "spectral" does not promise


@pytest.mark.slow
def test_the_report_in_every_form(muon):
    record = json.loads(muon.to_json())
    assert record["matrix_norm"] == "spectral"
    assert set(record["symmetries"]) >= {"rotation", "permutation", "sign flips", "left", "right", "loss scale"}
    assert str(muon).startswith("Muon\n")
    assert "regression" not in dict(muon.rows())  # which is of vectors
    assert "spectral" in muon._repr_html_()
    axes = muon.plot(plt.figure().gca())
    plt.close("all")
    assert [text.get_text() for text in axes.texts] == ["frobenius", "spectral", "max"]
    assert [line.get_xdata().tolist() for line in axes.lines[1:]] == [list(geometry.WINDOWS)] * 3


@pytest.mark.slow
def test_adamw_as_the_command_prints_it(tmp_path):
    line = [sys.executable, "-m", "ibnotes", "fingerprint", "torch.optim.AdamW", "lr=1e-2", "weight_decay=0.1"]
    ran = subprocess.run([*line, "--json", str(tmp_path / "a.json")], capture_output=True, text=True, check=True)
    assert "linf: shares of the max margin" in ran.stdout
    assert "decoupled, outside of the normalization; rests on the linf ball of size 10 = 1/λ" in ran.stdout
    assert "u² - v²    l1, scale 0.1" in ran.stdout
    record = json.loads((tmp_path / "a.json").read_text(encoding="utf-8"))
    assert (record["vector_norm"], record["matrix_norm"]) == ("linf", "max")
    assert record["epsilon"]["threshold"] == pytest.approx(1e-8, rel=0.01)


def test_the_command_reads_options_and_says_what_it_cannot_find():
    assert command.options(["lr=1e-2", "betas=(0.9, 0.95)", "mode=x"]) == {
        "lr": 0.01,
        "betas": (0.9, 0.95),
        "mode": "x",
    }
    named = {
        "foreach=false": False,
        "fused=FALSE": False,
        "maximize=true": True,
        "foreach=True": True,
        "eps=none": None,
    }
    for pair, value in named.items():
        assert list(command.options([pair]).values()) == [value]


MISTYPED = {
    "nothing to set": ("torch.optim.SGD lr", "options are written lr=1e-2, found 'lr'"),
    "no value": ("torch.optim.SGD lr=", "options are written lr=1e-2, found 'lr='"),
    "no optimizer": ("torch.optim.Nope", "optimizer must be a dotted name .* found 'torch.optim.Nope'"),
    "a module": ("torch.optim", "optimizer must be a class .* found 'torch.optim'"),
    "a text": ("torch.optim.SGD lr=abc", "lr must be like its default 0.001, found 'abc'"),
    "not a number": ("torch.optim.SGD lr=nan", "lr must be like its default 0.001, found 'nan'"),
    "infinity": ("torch.optim.SGD lr=1e999", "lr must be like its default 0.001, found inf"),
    "a truth value": ("torch.optim.SGD lr=True", "lr must be like its default 0.001, found True"),
    "a word for a truth value": ("torch.optim.Adam foreach=no", "foreach must be True, False or None, found 'no'"),
    "one of two": ("torch.optim.Adam betas=0.9", r"betas must be like its default \(0.9, 0.999\), found 0.9"),
    "a pair with a text": ("torch.optim.Adam betas=(0.9,'x')", r"betas must be like .* found \(0.9, 'x'\)"),
    "none": ("torch.optim.SGD lr=None", "torch.optim.SGD cannot be made of the weights and lr=None"),
    "unknown": ("torch.optim.SGD speed=1", "torch.optim.SGD has no option 'speed'; it has lr, momentum"),
    "twice": ("torch.optim.SGD lr=1 lr=2", "lr is given twice, as 1 and as 2"),
    "negative": ("torch.optim.SGD lr=-1", "Invalid learning rate: -1"),
    "few steps": ("torch.optim.SGD --steps -3", "steps must be an integer of at least 200, found -3"),
    "no such folder": ("torch.optim.SGD --json /nowhere/x", "--json must be a file in a folder .* found '/nowhere/x'"),
    "no optimizer at all": (
        "torch.nn.Linear",
        "torch.nn.Linear cannot be made of the weights and no options",
    ),
}


@pytest.mark.parametrize(("line", "message"), MISTYPED.values(), ids=MISTYPED)
def test_what_is_mistyped_is_named_before_anything_is_measured(line, message, monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["ibnotes", "fingerprint", *line.split()])
    monkeypatch.setattr("ibnotes.fingerprints.instrument._measured", lambda *_: pytest.fail("measured"))
    assert main() == 2
    assert re.search(message, capsys.readouterr().err)


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (3, "optimizer must be a GradientDescent, found 3"),
        (torch.optim.SparseAdam, "SparseAdam takes sparse gradients"),
        (lambda p: None, "found a function that makes None"),
        (lambda p: torch.optim.SGD([torch.zeros(2)], lr=0.1), "must hold the tensors that it is handed"),
        (ibnotes.GradientDescent([0.1, 0.2]), "one step size"),
    ],
)
def test_what_descend_refuses_is_refused_in_its_words(make, words):
    for call in (ibnotes.fingerprint, lambda make: ibnotes.compare_optimizers(make, SGD)):
        with pytest.raises(ValueError, match=words):
            call(make)


def test_bad_numbers_are_refused():
    bad = {"steps": 10, "rng": 3}
    for name, value in bad.items():
        with pytest.raises(ValueError, match=name):
            ibnotes.fingerprint(SGD, **{name: value})
    for name, value in {"steps": 0, "tolerance": 2}.items():
        with pytest.raises(ValueError, match=name):
            ibnotes.compare_optimizers(SGD, SGD, **{name: value})
