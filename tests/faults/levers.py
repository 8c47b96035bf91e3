"""Faults planted in the chapter on what changes the bias and in what it uses."""

from dataclasses import replace

import numpy as np

from .plant import Cell, Lie, Source

OWN_NORM = "margin / max margin in the optimizer's own norm"
BOUND = "margin gap × ‖w‖ over"
HOEFFDING = "one step of 0.1, opposite points"
BOTH = "share of log n"
CONSTANT = "margin gap × ‖w‖, gradient flow"
CLOCK = "‖w‖ over its clock"
HEAVY = "heavy ball β"
SGD = "SGD, one point a step"
ADDED = "ℓ∞ margin of what is added"
LAW = "margin added / Σδ"
CAP = "Adam's cap, β₂ = 0.99"
ARRIVAL = "step of arrival in ℓ∞ over that of the hand-over"
CROSSOVER = "crossover in steps"
EARLY = "hand-over law at x = 1/2"
LATE = "hand-over law at x = 2 and 3"
INCREMENTAL = "Adam, Rademacher data, one point"
BOX = "AdamW, λ"
RIDGE = "Adam with ℓ2 penalty"
CLASSES = "three classes"
SAMPLE = "population loss and error by their formulas"
PRICE = "population logistic loss at log t"
CALIBRATION = "calibration error at log t"
NEARER = "distance from w* over"
EXCESS = "stopped: mean excess"
BALLS = "steepest descent with decay ¼"
SPECTRAL = "Muon with decay ½"
ONE_POINT = "torch's Muon on one point of rank two"
SHORT = "torch's Muon on one point, of rank 2 and 20"
FINITE = "finite-step theorem"
EDGE = "final sharpness"
POTENTIAL = "minus its potential's minimizer"
POWERS = "small start 1e-8^ρ"
SHAPE = "shaped start"
FILTER = "coefficients minus 1"
RISK = "flow's risk over ridge's"
NOISE = "for pure noise"


def turned(answer, angle=0.01):
    """The answer with its first two weights turned."""
    w = answer.w.copy()
    w[:2] = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]]) @ w[:2]
    return replace(answer, w=w)


def of_norm(which, wrong):
    """A lie about one norm."""
    return lambda honest, X, y, norm=2: wrong(honest(X, y, norm)) if norm == which else honest(X, y, norm)


def along_the_kernel(answer, X):
    return replace(answer, w=answer.w + 1.5e-8 * np.linalg.svd(X)[2][-1])


FAULTS = [
    # architecture and loss
    Lie(
        "the least ℓ2 norm is moved along the kernel",
        "distance from the least ℓ2 norm",
        "min_norm_interpolant",
        lambda honest, X, y, norm=2: along_the_kernel(honest(X, y, norm), X),
    ),
    Lie(
        "the least ℓ1 norm is moved along the kernel",
        "distance from the least ℓ1 norm",
        "min_norm_interpolant",
        lambda honest, X, y, norm=2: along_the_kernel(honest(X, y, norm), X) if norm == 1 else honest(X, y, norm),
    ),
    Lie(
        "diagonal networks start a hundred times larger",
        "distance from the least ℓ1 norm",
        "diagonal_flow",
        lambda honest, X, y, scale, depth: honest(X, y, 100 * scale, depth),
    ),
    Lie(
        "diagonal networks are of the next depth",
        POTENTIAL,
        "diagonal_flow",
        lambda honest, X, y, scale, depth: honest(X, y, scale, depth + 1),
    ),
    Lie(
        "the diagonal flow's end is moved by a millionth",
        POTENTIAL,
        "diagonal_flow",
        lambda honest, X, y, scale, depth: honest(X, y, scale, depth) + 1e-6 * np.linalg.svd(X)[2][-1],
    ),
    Cell("the tail's force has one power more", "tail m⁻²", "-(power + 1.0)", "-(power + 2.0)"),
    Cell(
        "the tail's force is that of the margins' sum",
        "tail m⁻²",
        "(five @ u) ** -(power + 1.0) @ five",
        "np.ones(4) @ five",
    ),
    Cell("the tail's program has m⁻³", "tail m⁻²", "cp.power(five @ u, -power)", "cp.power(five @ u, -power - 1)"),
    Cell("the tail's program has the ℓ∞ ball", "tail m⁻²", "[cp.norm(u) <= 1]", '[cp.norm(u, "inf") <= 1]'),
    Lie(
        "the SVM is turned by a ten-thousandth",
        "exponential tail: direction gap",
        "max_margin",
        of_norm(2, lambda answer: turned(answer, 1e-4)),
    ),
    Lie(
        "the direction gap is squared",
        "the gap closes like 1/log t",
        "direction_gap",
        lambda honest, u, v: honest(u, v) ** 2,
    ),
    Lie(
        "the flow's times are off by a percent",
        CLOCK,
        "logistic_flow",
        lambda honest, X, y, times: honest(X, y, 1.01 * np.asarray(times)),
    ),
    Cell(
        "the exponential tail's run is stopped at log t = 1e5",
        "exponential tail: direction gap",
        "ib.logistic_flow(five, y, [1e6, 1e7])",
        "ib.logistic_flow(five, y, [1e4, 1e5])",
    ),
    # steepest descent
    Cell(
        "the bound is divided by five",
        BOUND,
        "np.log(len(Z)) + radius**2 * np.cumsum(eta**2) / 2",
        "(np.log(len(Z)) + radius**2 * np.cumsum(eta**2) / 2) / 5",
    ),
    Cell("the bound without its logarithm", BOUND, "return np.log(len(Z)) + radius**2", "return radius**2"),
    Cell(
        "the bound with half its logarithm",
        BOUND,
        "return np.log(len(Z)) + radius**2",
        "return np.log(len(Z)) / 2 + radius**2",
    ),
    Cell("the bound with log 2n", BOTH, "return np.log(len(Z)) + radius**2", "return np.log(2 * len(Z)) + radius**2"),
    Cell("Hoeffding's term with 1/4", HOEFFDING, "np.cumsum(eta**2) / 2", "np.cumsum(eta**2) / 4"),
    Cell("Hoeffding's term with 1", BOTH, "np.cumsum(eta**2) / 2", "np.cumsum(eta**2)"),
    Cell("Hoeffding's term with η instead of η²", HOEFFDING, "np.cumsum(eta**2)", "np.cumsum(eta) * 1e-2"),
    Cell("R instead of R²", HOEFFDING, "radius**2 * np.cumsum", "radius * 1e-3 * np.cumsum"),
    Cell("the smallest point for the largest", HOEFFDING, "dual_of[p], axis=1).max()", "dual_of[p], axis=1).min()"),
    Cell(
        "dual norms exchanged", BOTH, "dual_of = {1: np.inf, 2: 2, np.inf: 1}", "dual_of = {1: 1, 2: 2, np.inf: np.inf}"
    ),
    Source("coordinate descent takes the smallest entry", OWN_NORM, "largest_entry", "argmax", "argmin"),
    Source(
        "coordinate descent takes the first entry",
        "ℓ1 margin / max margin on two points",
        "largest_entry",
        "gradient.abs().argmax()",
        "0",
    ),
    Source(
        "normalized descent has steps of ℓ∞ length one",
        CLOCK,
        "unit_vector",
        "scaled / torch.linalg.vector_norm(scaled)",
        "scaled",
    ),
    Source(
        "the polar factor keeps the singular values",
        CLASSES,
        "polar_factor",
        "U[:, kept] @ Vh[kept]",
        "U[:, kept] * sigma[kept] @ Vh[kept]",
    ),
    Source(
        "the polar factor of the leading pair only", CLASSES, "polar_factor", "sigma[0]", "sigma[0] + sigma[0] * 0.9"
    ),
    Source(
        "every normalized step is a percent longer",
        CLOCK,
        "SteepestDescent._step",
        'group["lr"] * length',
        '1.01 * group["lr"] * length',
    ),
    Source(
        "steps are not normalized",
        OWN_NORM,
        "SteepestDescent._step",
        '1.0 if group["normalized"]',
        'torch.sum(gradient * direction) if group["normalized"]',
    ),
    Lie(
        "the max margin is a percent too large",
        OWN_NORM,
        "max_margin",
        lambda honest, X, y, norm=2: replace(honest(X, y, norm), margin=1.01 * honest(X, y, norm).margin),
    ),
    Lie(
        "the ℓ1 and ℓ∞ max margins are exchanged",
        OWN_NORM,
        "max_margin",
        lambda honest, X, y, norm=2: honest(X, y, {1: np.inf, np.inf: 1}.get(norm, norm)),
    ),
    Lie(
        "the margin is divided by the dual norm",
        OWN_NORM,
        "margin",
        lambda honest, X, y, w, norm=2: honest(X, y, w, {1: np.inf, np.inf: 1}.get(norm, norm)),
    ),
    Lie(
        "the margin is the mean one",
        OWN_NORM,
        "margin",
        lambda honest, X, y, w, norm=2: (
            np.mean(w @ (X * np.asarray(y)[:, None]).T, axis=-1) / np.linalg.norm(w, norm, axis=-1)
        ),
    ),
    Lie(
        "the SVM's multipliers are five percent too large",
        CONSTANT,
        "max_margin",
        lambda honest, X, y, norm=2: replace(honest(X, y, norm), dual=1.05 * honest(X, y, norm).dual),
    ),
    Cell("the margin's constant without log q_max", CONSTANT, "np.log(q.max()) - q @ np.log(q)", "-q @ np.log(q)"),
    Cell(
        "the margin's constant with the other sign of the entropy",
        CONSTANT,
        "np.log(q.max()) - q @ np.log(q)",
        "np.log(q.max()) + q @ np.log(q)",
    ),
    Cell("the flow's clock is log t", CLOCK, '"flow": 1e4 / gamma', '"flow": 1e4'),
    Cell(
        "momentum's clock is γk²/2R²",
        CLOCK,
        '"momentum": gamma * 1e4**2 / (4 * R2)',
        '"momentum": gamma * 1e4**2 / (2 * R2)',
    ),
    Source("momentum grows by k/(k + 2)", CLOCK, "margin_momentum", "m = k / (k + 1)", "m = k / (k + 2)"),
    Source("momentum's step has 1/R", CLOCK, "margin_momentum", "(m + u) / radius2", "(m + u) / radius2**0.5"),
    Source("momentum on the loss, not on its logarithm", CLOCK, "margin_momentum", "q @ Z / q.sum()", "q @ Z / len(q)"),
    # momentum, batches and Adam
    Cell(
        "time without 1/(1 − β)",
        HEAVY,
        "off(4000, 20_000, lr=0.02, momentum=0.9)",
        "off(400, 20_000, lr=0.02, momentum=0.9)",
    ),
    Cell(
        "time a percent late",
        HEAVY,
        "off(4000, 20_000, lr=0.02, momentum=0.9)",
        "off(4040, 20_000, lr=0.02, momentum=0.9)",
    ),
    Cell("an epoch counted as a step", SGD, "off(3000, 10_000, lr=0.3), 0", "off(750, 10_000, lr=0.3), 0"),
    Cell("SGD's time a percent late", SGD, "off(3000, 10_000, lr=0.3), 0", "off(3030, 10_000, lr=0.3), 0"),
    Lie(
        "the residual's limit is a percent too long",
        HEAVY,
        "logistic_asymptotics",
        lambda honest, X, y: replace(honest(X, y), residual=1.01 * honest(X, y).residual),
    ),
    Source("the residual's limit without 1/n", HEAVY, "logistic_asymptotics", "/ unit, len(Z))", "/ unit, 1)"),
    Source("batches leave the last point out", SGD, "Objective.batches", "range(0, n, size)", "range(0, n - 1, size)"),
    Source(
        "a batch repeats the epoch's first point", SGD, "Objective.batches", "part[start : start + size]", "part[:size]"
    ),
    Source("the schedule is ignored", ADDED, "Stepper.step", "rate * self.schedule(self.steps)", "rate"),
    Source(
        "the schedule is three steps late",
        CLOCK,
        "Stepper.step",
        "schedule(self.steps)",
        "schedule(self.steps + 3)",
    ),
    Cell(
        "Adam in the first figure is sign descent",
        LAW,
        "adam = lambda params: torch.optim.Adam(params, lr=0.3, betas=(0.9, 0.95), eps=0)",
        "adam = lambda params: SteepestDescent(params, lr=0.3, norm=np.inf)",
    ),
    Cell(
        "Adam with torch's betas is sign descent",
        LAW,
        "torch.optim.Adam(params, lr=lr, betas=betas, eps=eps)",
        "SteepestDescent(params, lr=min(lr, 0.03), norm=np.inf)",
    ),
    Cell(
        "Adam is RMSprop without momentum",
        LAW,
        "torch.optim.Adam(params, lr=lr, betas=betas, eps=eps)",
        "torch.optim.Adam(params, lr=lr, betas=(0.0, betas[1]), eps=eps)",
    ),
    Cell(
        "Adam is normalized descent",
        ADDED,
        "torch.optim.Adam(params, lr=lr, betas=betas, eps=eps)",
        "SteepestDescent(params, lr=min(lr, 0.03))",
    ),
    Cell(
        "Adam keeps torch's default ε",
        ADDED,
        "torch.optim.Adam(params, lr=lr, betas=betas, eps=eps)",
        "torch.optim.Adam(params, lr=lr, betas=betas, eps=eps or 1e-4)",
    ),
    Cell("the cap is log 1/β₂", CAP, "(-np.log(betas[1]) / 2)\n", "(-np.log(betas[1]))\n"),
    Cell(
        "the cap is log 1/β₁",
        CAP,
        "(-np.log(betas[1]) / 2)\n",
        "(-np.log(betas[0]) / 2)\n",
    ),
    Source("the gain without β₁", LAW, "_gain", "(1 - beta1) / (1 - beta1 * np.exp(d)) * root", "root"),
    Source("the gain without the root", LAW, "_gain", "np.sqrt(np.maximum(", "(np.maximum("),
    Source("the squares fade as the gradients do", LAW, "_gain", "beta2 * np.exp(2 * d)", "beta2 * np.exp(d)"),
    Source("the gain without γ", LAW, "adam_regime", "_gain(margin * rates,", "_gain(rates,"),
    Source("sums leave every second step out", LAW, "_summed", "gaps * values[1:]", "gaps / 2 * values[1:]"),
    Cell("arrival is a tenth of the margin late", ARRIVAL, "ratio < 0.97", "ratio < 0.9999"),
    Cell("the hand-over is at the root of ε", ARRIVAL, "losses > eps)", "losses > eps**0.25)"),
    Cell(
        "the crossover is where the squared gradients are ε",
        CROSSOVER,
        "path.steps[gradient > epsilon][-1]",
        "path.steps[gradient**2 > epsilon][-1]",
    ),
    Cell("the crossover's slope by log 10", CROSSOVER, "/ np.log(1e6)", "/ np.log10(1e6)"),
    Cell(
        "the hand-over's law goes on in ℓ∞",
        LATE,
        "before, after = np.minimum(xs, 1), np.maximum(xs - 1, 0)",
        "before, after = xs, np.maximum(xs - 1, 0)",
    ),
    Cell(
        "the hand-over is at x = 1.1",
        LATE,
        "np.minimum(xs, 1), np.maximum(xs - 1, 0)",
        "np.minimum(xs, 1.1), np.maximum(xs - 1.1, 0)",
    ),
    Cell("the hand-over's law starts in ℓ2", EARLY, "for p in (np.inf, 2)", "for p in (2, np.inf)"),
    Cell(
        "the smoothed sign is a sign",
        LATE,
        "return g / (np.abs(g) + e) * (1 + e / np.abs(g).max())",
        "return np.tanh(1e3 * g / np.abs(g).max())",
    ),
    Cell("ε is added to the squares", LATE, "g / (np.abs(g) + e)", "g / (np.sqrt(g**2 + e))"),
    Lie("the ℓ∞ solution is turned by a percent", LATE, "max_margin", of_norm(np.inf, turned)),
    # batches, decay, matrices
    Cell(
        "the batch of one is the full batch", INCREMENTAL, "batch_size=batch_size, rng=rng", "batch_size=None, rng=None"
    ),
    Cell(
        "AdamW's decay is a penalty", BOX, "torch.optim.AdamW(params, **common)", "torch.optim.Adam(params, **common)"
    ),
    Cell("the box has sides λ", BOX, '"inf") <= 1 / decay)', '"inf") <= decay)'),
    Cell("the box is a ball in ℓ2", BOX, 'cp.norm(v, "inf") <= 1 / decay', "cp.norm(v, 2) <= 1 / decay"),
    Cell("decay is a tenth too weak", BALLS, 'group["lr"] * decay\n', '0.9 * group["lr"] * decay\n'),
    Cell("the balls have radius λ", BALLS, "cp.norm(v, p) <= 1 / decay", "cp.norm(v, p) <= 1 / decay**2"),
    Source(
        "normalized descent steps with its largest entry one",
        BALLS,
        "unit_vector",
        "scaled / torch.linalg.vector_norm(scaled)",
        "scaled",
    ),
    Cell("the spectral ball is a Frobenius ball", SPECTRAL, "cp.sigma_max(V) <= radius", 'cp.norm(V, "fro") <= radius'),
    Cell("Muon's decay is half as strong", SPECTRAL, "(size / decay_of_muon)", "(size / decay_of_muon / 2)"),
    Cell(
        "Newton-Schulz by four steps", ONE_POINT, "for _ in range(5):\n        s =", "for _ in range(4):\n        s ="
    ),
    Cell(
        "the share is that of the smaller singular value",
        ONE_POINT,
        "/ sizes.sum() / s.max()",
        "/ sizes.sum() / s.min()",
    ),
    Cell("the proposition's factor is one", SHORT, "wide_ends[0] / wide_ends[1] * (1", "1.0 * (1"),
    Cell("the penalty without its half", RIDGE, "decay / 2 * cp.sum_squares(v)", "decay * cp.sum_squares(v)"),
    Cell("the loss is summed, not averaged", RIDGE, "cp.sum(cp.logistic(-H @ v)) / 4", "cp.sum(cp.logistic(-H @ v))"),
    Lie("torch's loss is the exponential one", RIDGE, "logistic_slope", lambda honest, margins: -np.exp(-margins)),
    Lie(
        "the multiclass max margin is a percent too small",
        CLASSES,
        "max_margin_multiclass",
        lambda honest, X, labels, norm="frobenius": replace(
            honest(X, labels, norm), margin=0.99 * honest(X, labels, norm).margin
        ),
    ),
    Lie(
        "the spectral max margin is the Frobenius one",
        CLASSES,
        "max_margin_multiclass",
        lambda honest, X, labels, norm="frobenius": honest(X, labels, "frobenius" if norm == "spectral" else norm),
    ),
    Lie(
        "spectral margins are Frobenius ones",
        CLASSES,
        "Multiclass.margin",
        lambda honest, self, W, norm: honest(self, W, "frobenius" if norm == "spectral" else norm),
    ),
    Source(
        "cross-entropy forgets the labels' own terms",
        CLASSES,
        "cross_entropy_slope",
        "P[..., hot] = -P.sum(axis=-1)",
        "P[..., hot] = -1",
    ),
    Cell(
        "Muon's converging coefficients are torch's",
        "Muon with converging coefficients",
        "converged = multiclass(muon(**to_one), 2000)",
        "converged = multiclass(muon(ns_steps=12), 2000)",
    ),
    Cell(
        "Muon's iteration is stopped after two steps",
        "Muon with converging coefficients",
        "converged = multiclass(muon(**to_one), 2000)",
        "converged = multiclass(muon(**to_one | {'ns_steps': 2}), 2000)",
    ),
    Source(
        "Newton-Schulz: the ends of the interval alone",
        "torch's Muon on singular values",
        "_image",
        "*(s for s in _critical(p) if not (s < low or s > high))",
        "",
    ),
    Lie(
        "Newton-Schulz: proved from a thousandth up",
        "torch's Muon on singular values",
        "newton_schulz_range",
        lambda honest, least: honest(least / 50),
    ),
    Cell(
        "Newton-Schulz: singular values from a thousandth up",
        "torch's Muon on singular values",
        "np.geomspace(0.05, 0.7, 200)",
        "np.geomspace(0.001, 0.7, 200)",
    ),
    Cell(
        "Muon keeps its default ε",
        "Muon with torch's coefficients",
        '"tuned": from_2000_to_8000(muon())',
        '"tuned": from_2000_to_8000(muon(eps=1e-7))',
    ),
    Cell(
        "Muon's default ε is taken away",
        "Muon with ε = 1e-7",
        "from_2000_to_8000(muon(eps=1e-7))",
        "from_2000_to_8000(muon(eps=1e-30))",
    ),
    # step size
    Cell("α_η with a plus", FINITE, "np.log(np.abs(1 - a * a))", "np.log(np.abs(1 + a * a))"),
    Cell(
        "φ_η without its linear term",
        FINITE,
        "np.log(np.abs((1 - a) / (1 + a))) + 2 * a",
        "np.log(np.abs((1 - a) / (1 + a)))",
        survives="the term is a combination of the points, and the theorem is modulo these: it serves convergence only",
    ),
    Cell(
        "φ_η with the other sign",
        FINITE,
        "np.log(np.abs((1 - a) / (1 + a))) + 2 * a",
        "np.log(np.abs((1 + a) / (1 - a))) - 2 * a",
    ),
    Cell("the start enters unsquared", FINITE, "alpha**2 * np.exp(log_shrink)", "alpha * np.exp(log_shrink)"),
    Cell(
        "the program's sinh without its 2",
        FINITE,
        "w = lambda nu: 2 * alpha2 * np.sinh",
        "w = lambda nu: alpha2 * np.sinh",
    ),
    Cell("the program forgets the centre", FINITE, "np.sinh(X.T @ nu + tilt)", "np.sinh(X.T @ nu)"),
    Cell(
        "sharpness without the residual's part",
        "over that of torch's Hessian",
        "np.diag(np.append(2 * g, -2 * g))",
        "np.diag(np.append(0 * g, 0 * g))",
    ),
    Cell("the sharpness of half the loss", EDGE, "J.T @ J / len(X)", "J.T @ J / len(X) / 2"),
    Cell("the stability limit is 1/η", EDGE, "sharpness(X, u, v) * size / 2)", "sharpness(X, u, v) * size)"),
    Source(
        "the squared loss's targets are scaled",
        "linear regression, η",
        "_squared_step",
        "np.subtract(y, R",
        "np.subtract(1.000001 * y, R",
    ),
    # initialization and stopping
    Lie(
        "the potential belongs to a start a percent larger",
        POTENTIAL,
        "min_potential_interpolant",
        lambda honest, X, y, scale, depth: honest(X, y, 1.01 * scale, depth),
    ),
    Lie(
        "the potential is that of depth three",
        POTENTIAL,
        "min_potential_interpolant",
        lambda honest, X, y, scale, depth: honest(X, y, max(scale, 1e-4), depth + 1),
    ),
    Cell("the powers weight inversely", POWERS, "line.y, 1).w / powers", "line.y, 1).w * powers"),
    Cell("the ℓ2 norm is weighted by the powers", POWERS, "line.X / powers, line.y, 1)", "line.X / powers, line.y, 2)"),
    Cell("the cube is a square", "from (ε, ε³)", "epsilon**3", "epsilon**2"),
    Cell(
        "shaped flow without a factor",
        SHAPE,
        "w = lambda x: 2 * start**2 * np.sinh(2 * x)",
        "w = lambda x: start**2 * np.sinh(2 * x)",
        survives="half the weights is another overall scale of the start, which the weighted norm does not see",
    ),
    Cell("shaped flow with u for u²", SHAPE, "2 * start**2 * np.sinh", "2 * start * np.sinh"),
    Cell("the metric is the shape, not its square", SHAPE, "weights = shape**2", "weights = shape"),
    Cell("the metric is the inverse one", SHAPE, "weights = shape**2", "weights = shape**-2"),
    Cell(
        "descent's filter decays with σ",
        FILTER,
        "1 - short * sigma**2) ** path.steps",
        "1 - short * sigma) ** path.steps",
    ),
    Cell(
        "descent's filter is the flow's",
        FILTER,
        "1 - (1 - short * sigma**2) ** path.steps[:, None]",
        "1 - np.exp(-short * sigma**2 * path.steps[:, None])",
    ),
    Cell("at most 1.52 instead of 1.686", RISK, "quotients, filters(peak) ** 2, 1e-3", "quotients, 1.52, 1e-3"),
    Cell("the bound without the square", RISK, "quotients, filters(peak) ** 2, 1e-3", "quotients, filters(peak), 1e-3"),
    Cell("ridge's penalty is 2/t", RISK, "error(t * s / (1 + t * s))", "error(t * s / (2 + t * s))"),
    Cell("the variance without 1/s", "by filters, over that by matrix", "noise**2 * kept**2 / s", "noise**2 * kept**2"),
    Cell(
        "the bias with the kept part",
        "by filters, over that by matrix",
        "(1 - kept) ** 2 * signal**2",
        "kept**2 * signal**2",
    ),
    Cell(
        "the flow's time is doubled",
        "by filters, over that by matrix",
        "np.exp(-late * t * s)",
        "np.exp(-2 * late * t * s)",
    ),
    Cell(
        "ridge's filter has its root", NOISE, "(1 + x) * (1 - np.exp(-x)) / x", "np.sqrt(1 + x) * (1 - np.exp(-x)) / x"
    ),
    Cell("ridge on pure noise with penalty x", NOISE, "X.T @ X + np.eye(20) / x", "X.T @ X + np.eye(20) * x"),
    # stopping a classifier
    Cell("the price with the other sign of Stein's term", SAMPLE, "- slope * (u @", "+ slope * (u @"),
    Cell(
        "the log's clock without 1/γ",
        PRICE,
        "(price(svm.w) * log_times[-1])",
        "(price(svm.w / np.linalg.norm(svm.w)) * log_times[-1])",
    ),
    Cell(
        "calibration against the error of the true weights",
        CALIBRATION,
        "calibration_error(w) - error(svm.w) for",
        "calibration_error(w) - error(signal + svm.w / 10) for",
    ),
    Cell("the truth's noise is left out", CALIBRATION, "np.sqrt(1 - rho**2) * nodes)) @", "0 * nodes)) @"),
    Cell(
        "the stop is at half the loss of the true weights",
        NEARER,
        "<= training_loss(*sample, signal))",
        "<= training_loss(*sample, signal) / 100)",
    ),
    Cell(
        "a bound without the length of the true weights",
        EXCESS,
        "4 * np.linalg.norm(signal) * np.sqrt(variances.sum() / 30)",
        "4 * np.sqrt(variances.sum() / 30) / 200",
    ),
]
