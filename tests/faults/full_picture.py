"""Faults planted in the chapter on the full picture and in what it uses."""

from dataclasses import replace

import numpy as np

from .plant import Cell, Lie, Source


def scaled(words, notices, where, by):
    """A function whose answer is ``by`` times too large."""
    return Lie(words, notices, where, lambda honest, *a, **k: by * honest(*a, **k))


def answer(words, notices, where, **changes):
    """A function whose answer has other attributes, each made from the honest answer."""

    def wrong(honest, *a, **k):
        found = honest(*a, **k)
        return replace(found, **{name: change(found) for name, change in changes.items()})

    return Lie(words, notices, where, wrong)


RISK = [
    Source(
        "the bias squared in the mean risk",
        "mean risk over its formula",
        "expected_risk",
        "signal * np.maximum(0, 1 - n / d)",
        "(signal * np.maximum(0, 1 - n / d)) ** 2",
    ),
    Source(
        "one minus n/d squared in the mean risk",
        "mean risk over its formula",
        "expected_risk",
        "np.maximum(0, 1 - n / d)",
        "np.maximum(0, 1 - n / d) ** 2",
    ),
    Source(
        "one degree of freedom more in the mean risk",
        "mean risk over its formula",
        "expected_risk",
        "np.abs(d - n) - 1",
        "np.abs(d - n)",
    ),
    Source(
        "n for min(n, d) in the mean risk",
        "mean risk over its formula",
        "expected_risk",
        "np.minimum(n, d)",
        "np.full_like(d, n)",
    ),
    Source(
        "the root of the signal in the mean risk",
        "mean risk over its formula",
        "expected_risk",
        "return signal *",
        "return signal**0.5 *",
    ),
    Source(
        "the bias squared in the limit of the risk",
        "mean risk over its limit",
        "ridgeless_risk",
        "signal * np.maximum(0, 1 - 1 / aspect)",
        "(signal * np.maximum(0, 1 - 1 / aspect)) ** 2",
    ),
    Source(
        "the aspect ratio for its inverse in the limit",
        "mean risk over its limit",
        "ridgeless_risk",
        "np.minimum(aspect, 1)",
        "np.maximum(aspect, 1)",
    ),
    Source(
        "a constant bias in the limit of the risk",
        "mean risk over its limit",
        "ridgeless_risk",
        "np.maximum(0, 1 - 1 / aspect)",
        "(aspect > 1)",
    ),
    Source(
        "a signal of twice its size in ridge's limit",
        "risk over its limit, penalties",
        "ridge_risk",
        "signal *",
        "2 * signal *",
    ),
    Source(
        "the squared shrinkage without the derivative",
        "risk over its limit, penalties",
        "ridge_risk",
        "(p + aspect * t)",
        "p",
    ),
    Source(
        "the variance of all noise in ridge's limit",
        "risk over its limit, penalties",
        "ridge_risk",
        "aspect * (1 - t)",
        "aspect",
    ),
    Source(
        "the best penalty a fifth too large",
        "risk at the best penalty over τ²",
        "optimal_penalty",
        "noise * aspect /",
        "1.2 * noise * aspect /",
    ),
    Source(
        "the best penalty a percent too large",
        "risk at the best penalty over τ²",
        "optimal_penalty",
        "noise * aspect /",
        "1.01 * noise * aspect /",
    ),
    Source(
        "a best penalty that forgets the aspect ratio",
        "penalty of least risk over its formula",
        "optimal_penalty",
        "noise * aspect /",
        "noise * aspect**0 /",
    ),
    Source(
        "shrinkage by the penalty without n",
        "penalty of least risk over its formula",
        "linear_risk",
        "len(X) * penalty",
        "penalty",
    ),
    Source(
        "the bias of what is kept",
        "risk at the best penalty over τ²",
        "linear_risk",
        "(1 - kept) * along",
        "kept * along",
    ),
    Source(
        "the variance not squared", "risk at the best penalty over τ²", "linear_risk", "(kept / s) ** 2", "kept / s**2"
    ),
    Source(
        "nothing lost off the data's span", "risk at the best penalty over τ²", "linear_risk", "missed @ missed + ", ""
    ),
    scaled("the risk given X a percent too large", "risk at the best penalty over τ²", "linear_risk", 1.01),
    scaled("the limit of the risk a percent too large", "mean risk over its limit", "ridgeless_risk", 1.01),
    scaled("the limit of ridge's risk a percent too large", "risk over its limit, penalties", "ridge_risk", 1.01),
    scaled("the mean risk two percent too large", "mean risk over its formula", "expected_risk", 1.02),
]

COMPLEXITY = [
    Source(
        "the margin bound with half the complexity",
        "complexity: what the ramp is off by",
        "margin_bound",
        "2 * ball_bound",
        "ball_bound",
    ),
    Source(
        "the margin bound with twice the complexity",
        "complexity: what the ramp is off by",
        "margin_bound",
        "2 * ball_bound",
        "4 * ball_bound",
    ),
    Source(
        "the margin bound without its deviation", "deviation: shares of δ", "margin_bound", "3 * np.sqrt", "0 * np.sqrt"
    ),
    Source("a third of the deviation", "deviation: shares of δ", "margin_bound", "3 * np.sqrt", "np.sqrt"),
    Source(
        "the whole δ for every radius",
        "deviation: shares of δ",
        "margin_bound",
        "2 / 3 * (1 - confidence) / ((abs(k) + 1) * (abs(k) + 2))",
        "1 - confidence",
    ),
    Source("1/δ for 2/δ", "deviation: shares of δ", "margin_bound", "np.log(2 / delta)", "np.log(1 / delta)"),
    Source(
        "the training error for the ramp",
        "ramp: error minus bound",
        "margin_bound",
        "np.clip(1 - problem.Z @ w, 0, 1).mean()",
        "(problem.Z @ w <= 0).mean()",
    ),
    Source(
        "a ramp of half the width",
        "complexity: what the ramp is off by",
        "margin_bound",
        "np.clip(1 - problem.Z @ w, 0, 1)",
        "np.clip(1 - 2 * problem.Z @ w, 0, 1)",
    ),
    Source("the next smaller ball", "complexity: what the ramp is off by", "margin_bound", "np.ceil", "np.floor"),
    Source(
        "a bound by the root of n too small",
        "ball on orthogonal points / bound",
        "ball_bound",
        "np.linalg.norm(X) / len(X)",
        "np.linalg.norm(X) / len(X) ** 1.5",
    ),
    Source(
        "the spectral norm of the data",
        "ball on orthogonal points / bound",
        "ball_bound",
        "np.linalg.norm(X)",
        "np.linalg.norm(X, 2)",
    ),
    scaled("the bound of the ball a percent too small", "ball on orthogonal points / bound", "ball_bound", 0.99),
    Source(
        "the complexity of a ball of squared radius",
        "ball on orthogonal points / bound",
        "rademacher_of_ball",
        "radius / len(X)",
        "radius**2 / len(X)",
    ),
    Source(
        "signs of which two in three are plus",
        "complexity of one function",
        "_signs",
        "rng.choice([-1.0, 1.0], size",
        "rng.choice([-1.0, 1.0, 1.0], size",
    ),
    Source(
        "signs zero and one",
        "complexity of one function",
        "_signs",
        "rng.choice([-1.0, 1.0], size=(draws, n))",
        "rng.choice([0.0, 1.0], size=(draws, n))",
    ),
    Source(
        "the largest absolute value in place of the largest",
        "complexity of one function",
        "rademacher_of_finite",
        "_average((_signs(rng, draws, values.shape[1]) @ values.T)",
        "_average(np.abs(_signs(rng, draws, values.shape[1]) @ values.T)",
    ),
    Source(
        "the number of functions for that of points",
        "complexity of three functions",
        "rademacher_of_finite",
        "values.shape[1])\n",
        "len(values))\n",
    ),
    answer(
        "the average two percent too large",
        "complexity of three functions",
        "rademacher_of_finite",
        mean=lambda found: 1.02 * found.mean,
    ),
    answer(
        "a standard deviation for a standard error",
        "complexity of one function",
        "rademacher_of_finite",
        error=lambda found: found.error * 2000**0.5,
    ),
]

ANSWERS = [
    Lie(
        "the flow's log-times shifted by a percent",
        "its log (t · loss",
        "logistic_flow",
        lambda honest, X, y, s: honest(X, y, [1.01 * t for t in s]),
    ),
    answer(
        "the flow's end moved by a millionth",
        "direction gap of the flow",
        "logistic_flow",
        w=lambda path: path.w * np.linspace(1, 1.001, 5),
    ),
    answer(
        "the max-margin vector a percent too long", "its margin, 1/‖ŵ‖", "max_margin", w=lambda found: 1.01 * found.w
    ),
    answer(
        "the margin a percent too large", "its margin, 1/‖ŵ‖", "max_margin", margin=lambda found: 1.01 * found.margin
    ),
    answer(
        "multipliers that all weigh the same", "its margin, 1/‖ŵ‖", "max_margin", dual=lambda found: 0 * found.dual + 1
    ),
    Lie(
        "the max margin of other labels",
        "direction gap of the flow",
        "max_margin",
        lambda honest, X, y, norm=2: honest(X, -y, norm),
    ),
    Lie(
        "the ℓ1 margin for the ℓ2 margin",
        "its margin, 1/‖ŵ‖",
        "max_margin",
        lambda honest, X, y, norm=2: honest(X, y, 1),
    ),
    answer(
        "the minimum-norm interpolant a billionth too long",
        "descent from zero minus the minimum-norm",
        "min_norm_interpolant",
        w=lambda found: (1 + 1e-9) * found.w,
    ),
    answer(
        "an interpolant moved along the kernel",
        "descent from zero minus the minimum-norm",
        "min_norm_interpolant",
        w=lambda found: found.w + 1e-9,
    ),
    Lie(
        "descent that stops after ten steps",
        "largest residual after descent",
        "descend",
        lambda honest, problem, step, steps, **k: honest(problem, step, min(steps, 10), **k),
    ),
    Lie(
        "descent that forgets its start",
        "risk minus that from zero",
        "descend",
        lambda honest, *a, w0=None, **k: honest(*a, w0=None if w0 is None else np.zeros_like(w0), **k),
    ),
    answer(
        "descent's end moved along the kernel",
        "descent from zero minus the minimum-norm",
        "descend",
        w=lambda path: path.w + 1e-6,
    ),
    scaled("a nuclear norm that is a percent too large", "least nuclear norm, by the oracle", "nuclear_norm", 1.01),
    Lie(
        "the Frobenius norm for the nuclear norm",
        "least nuclear norm, by the oracle",
        "nuclear_norm",
        lambda honest, W: np.linalg.norm(W),
    ),
    Lie(
        "factors that start a thousand times larger",
        "nuclear norm that depth two reaches",
        "balanced_factors",
        lambda honest, shape, L, eps: honest(shape, L, 1e3 * eps),
    ),
    answer(
        "the factors' flow stopped on the way",
        "nuclear norm that depth two reaches",
        "deep_linear_flow",
        w=lambda path: 0.99 * path.w,
    ),
    Lie(
        "the margin in the wrong norm",
        "least ℓ∞ attack / margin in ‖w‖₁",
        "margin",
        lambda honest, X, y, w, norm=2: honest(X, y, w, 2),
    ),
    scaled("margins a thousandth too large", "least ℓ2 attack / margin in ‖w‖₂", "margin", 1.001),
    scaled("directions a percent too long", "complexity: what the ramp is off by", "direction", 1.01),
    scaled("a direction gap of zero", "direction gap of the flow", "direction_gap", 0.0),
    scaled("the logarithm of the loss a percent off", "its log (t · loss", "log_logistic_loss", 1.01),
]

CELLS = [
    Cell("k = |n − d| in the law of the noise part", "distance of the noise part", "abs(n - d) + 1", "abs(n - d) + 2"),
    Cell(
        "m one too small in the law of the noise part",
        "distance of the noise part",
        "m, k = min(n, d),",
        "m, k = min(n, d) - 1,",
    ),
    Cell(
        "the noise's standard deviation for its variance",
        "distance of the noise part",
        "scale=noise * m / k",
        "scale=noise**0.5 * m / k",
    ),
    Cell(
        "n/2 and n/2 plus a half for the Beta law",
        "distance of the unseen part",
        "far(small[20][0], stats.beta(5, 5))",
        "far(small[20][0], stats.beta(5, 5.5))",
    ),
    Cell(
        "another matrix in the trace",
        "risk at the best penalty over τ²",
        "X.T @ X + n * penalty * np.eye(d)))",
        "X.T @ X + penalty * np.eye(d)))",
    ),
    Cell(
        "τ²/‖w*‖² without its root",
        "risk at the best penalty / its closed form",
        "np.sqrt(b**2 + 4 * size * noise) - b",
        "np.sqrt(b**2 + 2 * size * noise) - b",
    ),
    Cell(
        "b without the aspect ratio",
        "risk at the best penalty / its closed form",
        "noise - size + size / phi",
        "noise - size + size * phi",
    ),
    Cell("the kernel part without its cross term", "risk minus that from zero", " - 2 * w0 @ K @ w1", ""),
    Cell(
        "the whole start for its kernel part",
        "risk minus that from zero",
        "np.sum((w0 @ K) ** 2, axis=1)",
        "np.sum(w0**2, axis=1)",
    ),
    Cell(
        "a cost of one for that of a short start",
        "mean of the excess over its formula",
        "share = 1 - n1 / d1",
        "share = 1.0",
    ),
    Cell(
        "the truth counted once",
        "mean risk from starts of length one",
        "ib.expected_risk(50, d, signal + 1, noise)\n        for",
        "ib.expected_risk(50, d, signal, noise)\n        for",
    ),
    Cell(
        "ReLU features that are not rectified",
        "training error with 100 features",
        "relu = lambda X: np.maximum(X @ a, 0)",
        "relu = lambda X: X @ a",
    ),
    Cell(
        "ridge in place of the minimum norm",
        "training error with 100 features",
        "penalties=(0, 0.1)",
        "penalties=(0.01, 0.1)",
    ),
    Cell(
        "standard deviations of the sum of signs",
        "ball on 50 equal points",
        "np.abs(2 * heads - 50)",
        "(2 * heads - 50) ** 2 / 50**0.5",
    ),
    Cell(
        "a classifier that is not flipped", "error on the flipped sample", "np.column_stack([X[:, :1], -X[:, 1:]])", "X"
    ),
    Cell(
        "noise of another size in the formula of the error",
        "error counted on 20 000 fresh points",
        "-4 / np.sqrt(size / d)",
        "-4 / np.sqrt(size / n)",
    ),
    Cell(
        "half the exponent in the error",
        "error counted on 20 000 fresh points",
        "stats.norm.cdf(-4 /",
        "stats.norm.cdf(-2 /",
    ),
    Cell(
        "features and points counted together",
        "error counted on 20 000 fresh points",
        "-4 / np.sqrt(size / d)",
        "-4 / np.sqrt(size / (d + n))",
        survives="with ten features a point the two differ by less than the error of counting mistakes",
    ),
    Source(
        "a penalty of zero that is not zero",
        "risk of the minimum norm over its two parts",
        "linear_risk",
        "len(X) * penalty[..., None]",
        "len(X) * (penalty[..., None] + 1e-6)",
    ),
    Source(
        "small singular values left out",
        "d/n where the first figure's median is largest, best ridge",
        "linear_risk",
        "max(X.shape) * np.finfo(np.float64).eps",
        "0.3",
    ),
    Cell(
        "v not taken off the data's span", "separators of equal margins", "v -= np.linalg.pinv(X2) @ (X2 @ v)", "v -= 0"
    ),
    Cell(
        "the attack on the wrong side", "least ℓ2 attack", "(point + attack) @ w <= 0", "(point + attack) @ w <= -0.01"
    ),
]

FAULTS = [*RISK, *COMPLEXITY, *ANSWERS, *CELLS]
