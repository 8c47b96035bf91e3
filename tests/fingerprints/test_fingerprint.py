"""The instrument as a whole: symmetries, decay, epsilon, regression, report, command, refusals."""

import json
import subprocess
import sys

import matplotlib.pyplot as plt
import numpy as np
import pytest
import rules
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

import ibnotes
from ibnotes.fingerprints import bench, command, epsilon, regression, symmetries
from ibnotes.fingerprints.decay import weight_decay

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
    steps = np.arange(0, 101, 10)
    sizes = np.exp(-0.1 * steps)
    assert epsilon.hand_over(sizes, steps, np.exp(-5.5)) == 60
    assert epsilon.hand_over(sizes, steps, np.exp(-20)) == pytest.approx(200, abs=1)
    assert epsilon.hand_over(sizes, steps, 0.0) is None


def test_interpolants():
    descent, sign = (regression.interpolants(make, 3000) for make in (SGD, SIGN))
    assert max(descent["misfit"], descent["l2"], descent["step size"]) < 1e-9
    assert descent["network l1, scale 0.1"] < 0.5 * descent["network l1, scale 1"]
    assert sign["linf"] < 0.01 < 0.05 < sign["l2"]
    coordinate = regression.interpolants(lambda p: STEEPEST(p, lr=0.01, norm=1), 3000)
    assert coordinate["l1"] < 0.01 < 0.1 < coordinate["l2"]


@pytest.fixture(scope="module")
def muon():
    return ibnotes.fingerprint(lambda p: torch.optim.Muon(p, lr=0.02), steps=1000)


@pytest.mark.slow
def test_an_optimizer_of_matrices_alone(muon):
    assert (muon.vector_norm, muon.matrix_norm) == ("undecided", "spectral")
    assert "Muon only supports 2D parameters" in muon.vector_reason
    assert max(muon.symmetries["left"], muon.symmetries["right"]) < 0.05  # it computes in bfloat16
    assert (muon.decay["kind"], muon.decay["ball"], muon.decay["law"]) == ("decoupled", "spectral", "1/λ")


@pytest.mark.slow
def test_the_report_in_every_form(muon):
    record = json.loads(muon.to_json())
    assert record["matrix_norm"] == "spectral"
    assert set(record["symmetries"]) >= {"rotation", "permutation", "sign flips", "left", "right", "loss scale"}
    assert str(muon).startswith("Muon\n")
    assert "spectral" in muon._repr_html_()
    texts = [text.get_text() for text in muon.plot(plt.figure().gca()).texts]
    plt.close("all")
    assert texts == ["frobenius", "spectral", "max"]


@pytest.mark.slow
def test_adamw_as_the_command_prints_it(tmp_path):
    line = [sys.executable, "-m", "ibnotes", "fingerprint", "torch.optim.AdamW", "lr=1e-2", "weight_decay=0.1"]
    ran = subprocess.run([*line, "--json", str(tmp_path / "a.json")], capture_output=True, text=True, check=True)
    assert "linf: shares of the max margin" in ran.stdout
    assert "decoupled, outside of the normalization; rests on the linf ball of size 10 = 1/λ" in ran.stdout
    record = json.loads((tmp_path / "a.json").read_text(encoding="utf-8"))
    assert (record["vector_norm"], record["matrix_norm"]) == ("linf", "max")
    assert record["epsilon"]["threshold"] == pytest.approx(1e-8, rel=0.01)


def test_the_command_reads_options_and_says_what_it_cannot_find():
    assert command.options(["lr=1e-2", "betas=(0.9, 0.95)", "mode=x"]) == {
        "lr": 0.01,
        "betas": (0.9, 0.95),
        "mode": "x",
    }
    for call in (lambda: command.options(["lr"]), lambda: command.look_up("torch.optim.Nope")):
        with pytest.raises(ValueError, match="found"):
            call()


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
