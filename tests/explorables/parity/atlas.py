import numpy as np
import torch

import ibnotes as ib
from ibnotes.fingerprints.bench import VECTOR_NORMS, Instance
from ibnotes.fingerprints.geometry import course, geometry, units
from ibnotes.fingerprints.runs import log_loss, path
from ibnotes.fingerprints.symmetries import deviation, forgetful
from tests.explorables.parity.levers import LABELS, START
from tests.explorables.parity.points import labelled

FEW, STEPS = 250, 1000  # in more of them Adam amplifies roundings to 1e-4
TURN = np.array([[np.cos(0.7), -np.sin(0.7)], [np.sin(0.7), np.cos(0.7)]])


class Lion(torch.optim.Optimizer):
    def __init__(self, params):
        super().__init__(params, {"lr": 0.1})

    @torch.no_grad()
    def step(self):
        for group in self.param_groups:
            for w in group["params"]:
                mean = self.state[w].setdefault("mean", torch.zeros_like(w))
                w -= group["lr"] * (0.9 * mean + 0.1 * w.grad).sign()
                mean.mul_(0.99).add_(w.grad, alpha=0.01)


# what the page runs as a formula with its memories, and the optimizer that it stands for
RULES = {
    "gradient descent": ("g", 0.9, 0.95, lambda params: torch.optim.SGD(params, lr=0.1)),
    "sign": ("sign(g)", 0.9, 0.95, lambda params: ib.SteepestDescent(params, lr=0.1, norm=np.inf)),
    "normalized": ("g / norm(g)", 0.9, 0.95, lambda params: ib.SteepestDescent(params, lr=0.1, norm=2)),
    "momentum": ("m", 0.9, 0.95, lambda params: torch.optim.SGD(params, lr=0.01, momentum=0.9)),
    "Adam": (
        "m/(1 - b1^t) / (sqrt(v/(1 - b2^t)) + eps)",
        0.9,
        0.95,
        lambda params: torch.optim.Adam(params, lr=0.1, betas=(0.9, 0.95)),
    ),
    "Lion": ("sign(0.9*last + 0.1*g)", 0.99, 0.95, Lion),
}


def cases(rng):
    """The presets where the figure starts and on other points: runs, shares of the max margins, verdict, symmetries."""
    for X, y in ((3 * START, LABELS), *(labelled(rng) for _ in range(2))):
        for rule in RULES.values():
            yield from rule_cases(X / 3, y, *rule)


def rule_cases(X, y, formula, b1, b2, make):
    Z = y[:, None] * X
    best = {name: ib.max_margin(X, y, p).margin for name, p in zip(VECTOR_NORMS, (1, 2, np.inf), strict=True)}
    instance = Instance(Z, (2,), VECTOR_NORMS, best)
    on_page = f"""(X, y) => {{
        const make = ibnotes.stepRule("{formula}", {b1}, {b2});
        const Z = ibnotes.signed(X, y);
        const norms = [1, 2, Infinity].map((p) => [p, ibnotes.maxMargin(X, y, p).margin]);
        return %s;
    }}"""
    run = course(make, instance, 0.1, FEW)
    yield on_page % "ibnotes.ruleWalk(Z, make, 200)", (X, y), path(log_loss(Z, (2,)), make, 200)
    yield on_page % f"ibnotes.ruleCourse(make, Z, norms, 0.1, {FEW}).shares", (X, y), run.shares
    yield on_page % f"ibnotes.ruleCourse(make, Z, norms, 0.1, {FEW}).margin", (X, y), run.margin
    names = [*VECTOR_NORMS, "undecided"]
    where = f'["l1", "l2", "linf"], {STEPS}).norm'
    asked = f"{names}.indexOf(ibnotes.ruleGeometry(make, Z, norms, {where})"
    yield on_page % asked, (X, y), names.index(geometry(make, (instance,), STEPS, None)[1])
    yield on_page % "Object.values(ibnotes.ruleSymmetries(make, Z))", (X, y), symmetries(make, instance)


def symmetries(make, instance):
    """Deviations under the page's rotation, exchange and change of sign, eight times the loss, a rule made anew."""
    Z = units(make, instance, 0.1) * instance.Z
    run = lambda Z, make=make, scale=1.0: path(log_loss(Z, (2,), scale), make, 200)
    plain = run(Z)
    maps = (TURN.T, np.eye(2)[::-1], np.diag([1.0, -1.0]))
    found = [deviation(plain @ A, run(Z @ A)) for A in maps]
    return [*found, deviation(plain, run(Z, scale=8.0)), deviation(plain, run(Z, make=forgetful(make)))]
