"""Faults planted in the chapter on homogeneous networks and in what it uses."""

from dataclasses import replace

import numpy as np

from .plant import Cell, Lie, Source


def turned(w, by):
    """``w`` (..., d) turned towards its last entry by about ``by`` radians."""
    w = np.array(w)
    w[..., -1] += by * np.linalg.norm(w, axis=-1)
    return w


def flow(words, notices, wrong):
    """A path that is ``wrong(honest, network, start, log_times)``."""
    return Lie(words, notices, "homogeneous_flow", wrong)


def point(words, notices, **changes):
    """A KKT point whose attributes are not what they should be."""

    def wrong(honest, *args):
        found = honest(*args)
        return replace(found, **{name: change(getattr(found, name)) for name, change in changes.items()})

    return Lie(words, notices, "margin_point", wrong)


def residuals(words, notices, **changes):
    def wrong(honest, *args):
        found = honest(*args)
        return replace(found, **{name: change(found) for name, change in changes.items()})

    return Lie(words, notices, "margin_residuals", wrong)


FLOWS = [
    flow(
        "the flow's log-times shifted by a percent",
        "t · loss · D²γ",
        lambda honest, network, start, s: honest(network, start, np.minimum(1.01 * np.asarray(s), 1e6)),
    ),
    flow(
        "the flow at nine tenths of the time",
        "t · loss · D²γ",
        lambda honest, network, start, s: honest(network, start, np.asarray(s) - 0.1),
    ),
    flow(
        "the flow at 1.001 times the time",
        "a Runge–Kutta method in plain time",
        lambda honest, network, start, s: honest(network, start, np.minimum(np.asarray(s) + 1e-3, 1e6)),
    ),
    flow(
        "the saddle's flow from a start that is a little longer",
        "a/b along the flow",
        lambda honest, network, start, s: honest(network, (1 + 1e-5 * (network.size == 4)) * np.asarray(start), s),
    ),
    flow(
        "the linear network's flow turned by a millionth",
        "t · loss · D²γ",
        lambda honest, *args: replace(path := honest(*args), w=turned(path.w, 1e-6 * (args[0].size == 15))),
    ),
    flow(
        "the flow's end a thousandth too long",
        "a Runge–Kutta method in plain time",
        lambda honest, *args: replace(path := honest(*args), w=1.001 * path.w),
    ),
    flow(
        "the path's times in the opposite order",
        "largest fall of log γ̃ between",
        lambda honest, *args: replace(path := honest(*args), w=path.w[::-1]),
    ),
    Source("the radius grows D times too slowly", "d log γ̃ / d log r", "homogeneous_flow", "L * (c @ q))", "c @ q)"),
    Source(
        "time enters with r to the power D − 1",
        "t · loss · D²γ",
        "homogeneous_flow",
        "(L - 2) * log_r",
        "(L - 1) * log_r",
    ),
    Source(
        "the direction keeps a thousandth of its radial part",
        "‖dv‖ / d log r",
        "homogeneous_flow",
        "- (v @ pull) * v",
        "- 0.999 * (v @ pull) * v",
    ),
    Source(
        "the direction turns a tenth too fast",
        "‖dv‖ / d log r",
        "homogeneous_flow",
        "np.append(pull - (v @ pull) * v,",
        "np.append(1.1 * (pull - (v @ pull) * v),",
    ),
    Source(
        "an integrator's tolerance of 1e-8",
        "t · loss · D²γ",
        "ibnotes.dynamics.homogeneous_flow",
        '"rtol": TOLERANCE, "atol": TOLERANCE',
        '"rtol": 1e-8, "atol": 1e-8',
    ),
    Source(
        "the logarithm of the mean loss",
        "t · loss · D²γ",
        "log_exponential_loss",
        "logsumexp(-network.margins(one))",
        "logsumexp(-network.margins(one)) - np.log(len(network.margins(one)))",
    ),
    Source(
        "the largest summand for the loss",
        "d log γ̃ / d log r",
        "log_exponential_loss",
        "logsumexp(-network.margins(one))",
        "-network.margins(one).min()",
    ),
]

# what a network declares the package tries by itself: a wrong degree or derivative of one is an error, not a fault
NETWORKS = [
    Source(
        "the radius grows a hundred-thousandth too slowly",
        "a Runge–Kutta method in plain time",
        "homogeneous_flow",
        "L * (c @ q))",
        "0.99999 * L * (c @ q))",
    ),
    Source(
        "the last weight learns a thousandth too slowly",
        "a Runge–Kutta method in plain time",
        "homogeneous_flow",
        "pull = pull_of(v, c)",
        "pull = pull_of(v, c) * np.append(np.ones(len(v) - 1), 0.999)",
    ),
    Source(
        "the flow of a degree a thousandth larger",
        "d log γ̃ / d log r",
        "homogeneous_flow",
        "power_of_two(start), network.degree",
        "power_of_two(start), 1.001 * network.degree",
    ),
    Source(
        "every weight is pushed a little",
        "KKT angle over that of the idle neuron",
        "homogeneous_flow",
        "pull = pull_of(v, c)",
        "pull = pull_of(v, c) + 1e-3",
    ),
]

KKT = [
    Source(
        "stationarity halved",
        "stationarity over its definition",
        "margin_residuals",
        "float(2 * size * np.sin(beta / 2))",
        "float(size * np.sin(beta / 2))",
    ),
    Source(
        "stationarity by the sine of the whole angle",
        "stationarity over its definition",
        "margin_residuals",
        "float(2 * size * np.sin(beta / 2))",
        "float(size * np.sin(beta))",
    ),
    Source(
        "stationarity without the length",
        "stationarity over its definition",
        "margin_residuals",
        "float(2 * size * np.sin(beta / 2))",
        "float(2 * np.sin(beta / 2))",
    ),
    Source(
        "complementarity by its largest summand",
        "complementarity / its limit",
        "margin_residuals",
        "float(multipliers @ (q / q.min() - 1))",
        "float((multipliers * (q / q.min() - 1)).max())",
    ),
    Source(
        "complementarity without the multipliers",
        "complementarity / its limit",
        "margin_residuals",
        "float(multipliers @ (q / q.min() - 1))",
        "float((q / q.min() - 1).sum())",
    ),
    Source(
        "multipliers of the wrong power of the length",
        "stationarity over its definition",
        "margin_residuals",
        "size ** (2 - L)",
        "size ** (1 - L)",
    ),
    Source(
        "the sine in place of the angle",
        "d log γ̃ / d log r",
        "margin_residuals",
        "angle=beta",
        "angle=float(np.sin(beta))",
    ),
    Source(
        "shares from margins of the unit vector",
        "d log γ̃ / d log r",
        "margin_residuals",
        "log_softmax(-(r**L) * q)",
        "log_softmax(-q)",
    ),
    Source(
        "the mean margin in place of the smallest",
        "normalized margin over that",
        "margin_residuals",
        "margin=float(q.min())",
        "margin=float(q.mean())",
    ),
    residuals(
        "multipliers a percent too large",
        "stationarity over its definition",
        multipliers=lambda k: 1.01 * k.multipliers,
    ),
    residuals("the margin a percent too large", "normalized margin over that", margin=lambda k: 1.01 * k.margin),
    residuals("the angle a percent too large", "‖dv‖ / d log r", angle=lambda k: 1.01 * k.angle),
    residuals(
        "the margin at a length of one in place of its D-th power",
        "normalized margin over that",
        margin=lambda k: 1 / np.linalg.norm(k.theta),
    ),
    point(
        "the program's multipliers a percent too large",
        "relative residual of the program's",
        multipliers=lambda m: 1.01 * m,
    ),
    point("the program's margin a percent too large", "normalized margin over that", margin=lambda m: 1.01 * m),
    point(
        "the program's point moved by a thousandth",
        "relative residual of the program's",
        theta=lambda theta: turned(theta, 1e-3),
    ),
    point("exponents a thousandth too large", "exponents minus eigenvalues", exponents=lambda e: 1.001 * e),
    point("exponents in the opposite order", "exponents minus eigenvalues", exponents=lambda e: e[::-1]),
    point("modes a thousandth too long", "the same, the linear network", modes=lambda modes: 1.001 * modes),
    point("the exponent of every mode one", "smallest exponent at the saddle", exponents=lambda e: 0 * e + 1),
    residuals(
        "complementarity a percent too large",
        "complementarity / its limit",
        complementarity=lambda k: 1.01 * k.complementarity,
    ),
    residuals(
        "a point that is a thousandth too long", "stationarity over its definition", theta=lambda k: 1.001 * k.theta
    ),
    point("modes in the opposite order", "seven exponents over those predicted", modes=lambda modes: modes[::-1]),
    Source(
        "exponents without the degree",
        "exponents minus eigenvalues",
        "_linearize",
        "(network.degree * margin)",
        "margin",
    ),
    Source(
        "exponents with the wrong sign of the curvature",
        "smallest exponent at the saddle",
        "_linearize",
        "1 - h[::-1]",
        "1 + h[::-1]",
    ),
    Source(
        "curvature by steps of a hundredth",
        "exponents minus eigenvalues",
        "_linearize",
        "np.array([(pull(v + STEP * e) - pull(v - STEP * e)) / (2 * STEP)",
        "np.array([(pull(v + 0.01 * e) - pull(v - 0.01 * e)) / 0.02",
    ),
    Source(
        "all points weighted alike in the curvature",
        "exponents minus eigenvalues",
        "margin_point",
        "multipliers / multipliers.sum()",
        "(multipliers > 0) / (multipliers > 0).sum()",
    ),
]

MEASURES = [
    Lie("a direction gap that is half as large", "‖dv‖ / d log r", "direction_gap", lambda honest, *a: honest(*a) / 2),
    Lie(
        "a direction gap that is squared",
        "step size 0.005 over step size 0.0025",
        "direction_gap",
        lambda honest, *a: honest(*a) ** 2,
    ),
    Lie("the chord in place of the angle", "d log γ̃ / d log r", "angle", lambda honest, *a: 2 * np.sin(honest(*a) / 2)),
    Lie(
        "directions a thousandth too long",
        "normalized margin over that",
        "direction",
        lambda honest, w: 1.001 * honest(w),
    ),
    Lie(
        "the ℓ2 margin for the ℓ1 margin",
        "ℓ1 norm at margin 1 over the least",
        "max_margin",
        lambda honest, X, y, norm=2: honest(X, y),
    ),
    Lie(
        "the oracle's dual two percent too large",
        "exponents of unused features",
        "max_margin",
        lambda honest, X, y, norm=2: replace(found := honest(X, y, norm), dual=1.02 * found.dual),
    ),
    Lie(
        "the SVM turned by a thousandth",
        "direction gap from the SVM",
        "max_margin",
        lambda honest, X, y, norm=2: replace(found := honest(X, y, norm), w=turned(found.w, 1e-3)),
    ),
    Lie(
        "the SVM a thousandth too long",
        "its ‖θ‖² at margin 1",
        "max_margin",
        lambda honest, X, y, norm=2: replace(found := honest(X, y, norm), w=1.001 * found.w),
    ),
]

CELLS = [
    Cell(
        "an induced cost of Σ|w|^(4/D)",
        "minimized over the angles",
        "(np.abs(w) ** (2 / depth)).sum()",
        "(np.abs(w) ** (4 / depth)).sum()",
    ),
    Cell("an induced cost of Σ|w|", "minimized over the angles", "(np.abs(w) ** (2 / depth)).sum()", "np.abs(w).sum()"),
    Cell("no entropy in the growth", "d log γ̃ / d log r", "1 - p @ np.log(p) / depth[1]", "1"),
    Cell("the growth without the degree", "d log γ̃ / d log r", "formula = L * (", "formula = ("),
    Cell(
        "(log t)^(1 − 2/D) in the constant of the loss",
        "t · loss · D²γ",
        "loss_times_t * L**2 * margin ** (2 / L) * s ** (2 - 2 / L)",
        "loss_times_t * L**2 * margin ** (2 / L) * s ** (1 - 2 / L)",
    ),
    Cell("D for D² in the constant of the loss", "t · loss · D²γ", "loss_times_t * L**2", "loss_times_t * L"),
    Cell("γ for γ^(2/D) in the constant of the loss", "t · loss · D²γ", "L**2 * margin ** (2 / L)", "L**2 * margin"),
    Cell(
        "the sum for the largest multiplier",
        "complementarity / its limit",
        "np.log(active.max() / active)",
        "np.log(active.sum() / active)",
    ),
    Cell(
        "the angle without exponents",
        "KKT angle / root of Σ(e δ)²",
        "np.linalg.norm(e * size[-1])",
        "np.linalg.norm(size[-1])",
    ),
    Cell(
        "plus for minus in the Lagrangian",
        "exponents minus eigenvalues",
        "lagrangian = np.eye(len(theta)) - second",
        "lagrangian = np.eye(len(theta)) + second",
    ),
    Cell(
        "half of what a step along a mode costs",
        "what a step s along each mode adds",
        "return np.min(sides, axis=0) / s**2",
        "return np.min(sides, axis=0) / (2 * s**2)",
    ),
    Cell(
        "a step along a mode that stays off the active set",
        "what a step s along each mode adds",
        "for _ in range(8):",
        "for _ in range(0):",
    ),
    Cell(
        "the flow's last point for the KKT point that attracts",
        "one that flows end at from a distance",
        "[ib.direction_gap(w, points[name].theta) for (name, _), w",
        "[ib.direction_gap(w, flows[name][-1]) for (name, _), w",
    ),
    Cell(
        "π/6 for π/8 where the multiplier of zero lets go",
        "gap from the direction π/8",
        "[np.cos(np.pi / 8), np.sin(np.pi / 8)]",
        "[np.cos(np.pi / 6), np.sin(np.pi / 6)]",
    ),
    Cell("1/ζ² in the law at exponent zero", "1/2ζ² − log ζ − log r", "1 / (2 * zeta**2)", "1 / zeta**2"),
    Cell("no logarithm of ζ in that law", "1/2ζ² − log ζ − log r", " - np.log(zeta) -", " -"),
    Cell("c/s for c²/s² in the escape", "a/b along the flow", "((wide / lift) ** 2 - 1)", "(wide / lift - 1)"),
    Cell("c² for s² in the release", "log(1/loss) at the release", "power = lift**2 /", "power = wide**2 /"),
    Cell(
        "the loss of one point at the release",
        "log(1/loss) at the release",
        "4 * lift**2 * b**2 - np.log(2)",
        "4 * lift**2 * b**2",
    ),
    Cell("half the depth at the release", "log(1/loss) at the release", "4 * lift**2 * b**2", "2 * lift**2 * b**2"),
    Cell(
        "the cosine of β for its square",
        "margin / ½cos²β",
        "last.margin / (0.5 * np.cos(last.angle) ** 2)",
        "last.margin / (0.5 * np.cos(last.angle))",
    ),
    Cell(
        "momentum in the descent",
        "step size 0.005 over step size 0.0025",
        "lr=step_size)",
        "lr=step_size, momentum=0.5)",
    ),
    Cell(
        "descent from another point",
        "extrapolated to step size 0",
        "theta = torch.tensor(at_one[name], requires_grad=True)",
        "theta = torch.tensor(1.001 * at_one[name], requires_grad=True)",
    ),
    Cell(
        "one step in ten left out",
        "extrapolated to step size 0",
        "range(round(time / step_size))",
        "range(round(0.9 * time / step_size))",
    ),
    Cell("rounding at the spacing itself", "gradient of BCE", "np.log(2 / limit.eps", "np.log(1 / limit.eps"),
    Cell(
        "underflow at the smallest number itself", "gradient of softplus", "np.log(2) - np.log(limit", "-np.log(limit"
    ),
    Cell("normal numbers only", "gradient of softplus", "limit.smallest_subnormal", "limit.tiny"),
    Cell(
        "no share in the smallest margin",
        "smallest margin at log t = 1e6",
        "np.log(constant / share)",
        "np.log(constant)",
    ),
    Cell("the wrong conserved quantity", "1/θ₂ + 3θ₁", "3 * path[0]", "2 * path[0]"),
    Cell("1 − 1/s for 2 − 1/s", "change of ‖θ‖² by reaching out", "slopes = 2 - 1 / slants", "slopes = 1 - 1 / slants"),
    Cell(
        "half the saving of an idle squared ReLU", "the same, squared ReLU: 3", "3 - 2 / 3 * base", "3 - 1 / 3 * base"
    ),
    Cell(
        "the first neuron does not tilt",
        "change of ‖θ‖² by reaching out",
        "(seen - 1) / (2 * c), (seen + 1) / (2 * s)",
        "0, (seen + 1) / (2 * s)",
    ),
    Cell("1 − 1/s for 1 − 1/2s", "exponent of a small neuron", "1 - 1 / (2 * slants", "1 - 1 / (slants"),
    Cell(
        "margin of one neuron half as large",
        "margin at log t = 1e4 from four starts near the idle",
        "worse], 1 / 8",
        "worse], 1 / 16",
    ),
    Cell(
        "the rate added to one",
        "exponents of unused features",
        "return (1 - rate)[settled]",
        "return (1 + rate)[settled]",
    ),
    Cell(
        "the fixed outer layer is a thousandth smaller in torch",
        "a Runge–Kutta method in plain time",
        "torch.tensor(net.outer)",
        "0.999 * torch.tensor(net.outer)",
    ),
]

OWN_NORM = [
    Source(
        "the dual norm of the largest entry is the largest entry",
        "d log ℓ / dσ over",
        "_dual_size",
        "np.linalg.norm(block.ravel(), DUALS[norm])",
        "np.linalg.norm(block.ravel(), norm)",
    ),
    Source(
        "the largest layer's dual norm for the sum of them",
        "d log ℓ / dσ over",
        "norm_residuals",
        "steepness = sum(_dual_size",
        "steepness = max(_dual_size",
    ),
    Source(
        "the sum of the layers' norms for the largest",
        "margin in the optimizer's norm over the largest",
        "norm_residuals",
        "length = max(_size",
        "length = sum(_size",
    ),
    Cell("the growth without the entropy", "d log ℓ / dσ over", "g @ theta / network.degree", "depth"),
    Cell(
        "Muon without its polar factor",
        "d log ℓ / dσ over",
        "return U @ V",
        "return G / np.linalg.norm(G, 2)",
    ),
    Cell(
        "the first recorded step for the last",
        "misalignment in ℓ∞",
        "network)[-1].misalignment",
        "network)[0].misalignment",
    ),
    Cell(
        "k² for k in the linear network's ℓ∞ margin",
        "margin in the optimizer's norm over",
        "else 3 * linf",
        "else 9 * linf",
    ),
    Cell(
        "Muon's SVM and the ℓ∞ margin swapped",
        "gap of two linear layers under Muon",
        "linf, l2 = ib.max_margin(X, y_linear, norm=np.inf), svm",
        "l2, linf = ib.max_margin(X, y_linear, norm=np.inf), svm",
    ),
    Source(
        "the margin of a norm that forgets the degree",
        "largest fall of log γ̃ in",
        "norm_residuals",
        "length**network.degree",
        "length ** (2 * network.degree)",
    ),
]

IDLE = [
    Cell("1 − G for 1 − 2G", "what a ReLU neuron of size δ", "1 - 2 * gains_of_idle", "1 - gains_of_idle"),
    Cell(
        "no δ in what squared ReLUs save",
        "the same, squared ReLU: 1 − 2Gδ",
        "1 - 0.02 * cubic_gains",
        "1 - 2 * cubic_gains",
    ),
    Cell(
        "the neuron's layers of one length, whatever the power",
        "the same, squared ReLU: 1 − 2Gδ",
        "size = k ** (k / 2) / (k + 1) ** ((k + 1) / 2)",
        "size = 2 ** (-(k + 1) / 2)",
    ),
    Cell(
        "neurons that see both sides in the program for any width",
        "least of any width",
        "seen = np.maximum(around_circle[::10] @ Z.T, 0)",
        "seen = np.abs(around_circle[::10] @ Z.T)",
    ),
    Cell(
        "saddles among the local optima",
        "log of the smoothed margin at",
        'known["exponent"] > 0]',
        'known["exponent"] > -1.1]',
    ),
]

FAULTS = [*IDLE, *OWN_NORM, *FLOWS, *NETWORKS, *KKT, *MEASURES, *CELLS]
