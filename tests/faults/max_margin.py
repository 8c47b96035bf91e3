"""Faults planted in the chapter on the max margin and in what it uses."""

from dataclasses import replace

import numpy as np

from .plant import Cell, Lie, Source


def changed(**fields):
    """A function's answer with fields replaced by what they are told of it."""
    return lambda honest, *args, **kwargs: (
        lambda answer: replace(answer, **{name: new(answer) for name, new in fields.items()})
    )(honest(*args, **kwargs))


def path(change):
    """A run whose weights are changed."""
    return changed(w=lambda run: change(run.w))


def at_times(change):
    """The flow at other log-times than asked for."""
    return lambda honest, X, y, times, **kwargs: replace(
        honest(X, y, change(np.asarray(times, dtype=float)), **kwargs), log_times=np.asarray(times)
    )


def field(name, change):
    """One field of an answer changed."""
    return changed(**{name: lambda answer: change(getattr(answer, name))})


def turned(w, angle=2e-7):
    """Weights in the plane turned by an angle."""
    return w @ [[1, angle], [-angle, 1]] if w.shape[-1] == 2 else w


def swapped(honest, X, y, norm=2):
    return honest(X, y, {1: np.inf, np.inf: 1}.get(norm, norm))


def off_the_support(answer):
    """The SVM moved along what no support vector sees, in space."""
    return answer.w + 1e-9 * np.array([0, 0, 1.0]) if len(answer.w) == 3 else answer.w


FAULTS = [
    # what survived before
    Source(
        "flow: points off the support pull twice",
        "integration in plain time",
        "Pulls",
        "min(s, EXPONENT_MAX))) / (1 + e)",
        "min(s, EXPONENT_MAX))) / (1 + e) * (1 + (rest < rest.max() - 2))",
    ),
    Source(
        "flow: half speed until time 1",
        "integration in plain time",
        "_until_one",
        "pulls.velocity(0.0, w)",
        "0.5 * pulls.velocity(0.0, w)",
    ),
    Lie(
        "the exponential loss's flow for the logistic one",
        "integration in plain time",
        "logistic_flow",
        lambda honest, X, y, s, w0=None, **k: honest(
            X, y, s, w0=None if w0 is None else np.clip(w0, -20, 20), **{**k, "loss": "exponential"}
        ),
    ),
    Cell(
        "the step limit 10n/σ1²",
        "beyond which the loss of U rises",
        "8 * len(Z) / np.linalg",
        "10 * len(Z) / np.linalg",
    ),
    Cell(
        "the step limit 7n/σ1²", "beyond which the loss of U rises", "8 * len(Z) / np.linalg", "7 * len(Z) / np.linalg"
    ),
    Cell(
        "test error with twice the constant",
        "test error of the max-margin",
        "gaussian.cdf(-1 / (4 *",
        "gaussian.cdf(-1 / (8 *",
    ),
    Cell("degrees of freedom d − n", "mean of n / (1ᵀ(ΞΞᵀ)⁻¹1)", "6 - 4 + 1,", "6 - 4,"),
    Cell(
        "γ² without its quarter",
        "where all points are support vectors",
        "(svm.margin**2 - 0.25) / spread",
        "svm.margin**2 / spread",
    ),
    Lie("paths in the plane turned by 2e-7", "direction gap × log t at log t = 1e6", "logistic_flow", path(turned)),
    # the oracle
    Lie("SVM a billionth too long", "optimality of the SVM", "max_margin", field("w", lambda w: (1 + 1e-9) * w)),
    Lie("SVM moved along a kernel", "optimality of the SVM", "max_margin", changed(w=off_the_support)),
    Lie("multipliers a percent too large", "optimality of the SVM", "max_margin", field("dual", lambda a: 1.01 * a)),
    Lie("multipliers in another order", "optimality of the SVM", "max_margin", field("dual", lambda a: a[::-1])),
    Lie("margin a percent too large", "optimality of the SVM", "max_margin", field("margin", lambda m: 1.01 * m)),
    Lie("margin as the norm", "optimality of the SVM", "max_margin", field("margin", lambda m: 1 / m)),
    Lie(
        "margin in the Euclidean norm, whatever the norm",
        "optimality of the SVM",
        "max_margin",
        changed(margin=lambda a: 1 / np.linalg.norm(a.w)),
    ),
    Lie(
        "support by positive multipliers",
        "optimality of the SVM",
        "max_margin",
        changed(support=lambda a: np.flatnonzero(a.dual > 0)),
    ),
    Lie("support without its last point", "optimality of the SVM", "max_margin", field("support", lambda S: S[:-1])),
    Lie("ℓ1 and ℓ∞ swapped", "optimality of the SVM", "max_margin", swapped),
    Lie("always the ℓ2 max margin", "optimality of the SVM", "max_margin", lambda honest, X, y, norm=2: honest(X, y)),
    Lie(
        "the max margin of all points but the last",
        "optimality of the SVM",
        "max_margin",
        lambda honest, X, y, norm=2: honest(np.vstack([X[:-1], X[:1]]), np.append(y[:-1], y[0]), norm),
    ),
    Source(
        "certificate of inseparability not rescaled",
        "from the certificate that 1 and 2",
        "_separator_of_few",
        "for p in exact]) / lengths",
        "for p in exact])",
    ),
    # the flow
    Lie("log-times a percent late", "integration in plain time", "logistic_flow", at_times(lambda s: 1.01 * s)),
    Lie(
        "log-times a tenth of a percent late",
        "integration in plain time",
        "logistic_flow",
        at_times(lambda s: 1.001 * s),
    ),
    Lie(
        "decimal logarithms of time",
        "integration in plain time",
        "logistic_flow",
        at_times(lambda s: np.minimum(np.log(10) * s, 1e9)),
    ),
    Lie(
        "times of the summed loss",
        "integration in plain time",
        "logistic_flow",
        lambda honest, X, y, s, **k: honest(X, y, np.minimum(np.asarray(s) + np.log(len(X)), 1e9), **k),
    ),
    Lie(
        "the flow's start ignored",
        "integration in plain time",
        "logistic_flow",
        lambda honest, X, y, s, w0=None, **k: honest(X, y, s, **k),
    ),
    Lie(
        "the flow's start negated",
        "integration in plain time",
        "logistic_flow",
        lambda honest, X, y, s, w0=None, **k: honest(X, y, s, w0=None if w0 is None else -np.asarray(w0), **k),
    ),
    Lie(
        "the flow of all points but the last",
        "integration in plain time",
        "logistic_flow",
        lambda honest, X, y, s, **k: honest(np.asarray(X)[:-1], y[:-1], s, **k) if len(X) > 1 else honest(X, y, s, **k),
    ),
    Lie(
        "the residual of the flow half as large",
        "at log t = 300 from four starts",
        "logistic_flow",
        lambda honest, *a, **k: (lambda p: replace(p, residual=None if p.residual is None else p.residual / 2))(
            honest(*a, **k)
        ),
    ),
    Lie(
        "the residual of the flow a percent larger",
        "at log t = 300 from four starts",
        "logistic_flow",
        lambda honest, *a, **k: (lambda p: replace(p, residual=None if p.residual is None else p.residual * 1.01))(
            honest(*a, **k)
        ),
    ),
    Lie(
        "the flow's weights a part in a million longer",
        "‖w‖ − ‖ŵ‖ log t, also in space",
        "logistic_flow",
        path(lambda w: w * (1 + 1e-6)),
    ),
    Lie(
        "the flow's direction is the SVM's",
        "integration in plain time",
        "logistic_flow",
        lambda honest, X, y, s, **k: (
            lambda p: replace(p, w=np.outer(p.log_times, np.mean(p.w, axis=0) / np.mean(p.log_times)))
        )(honest(X, y, s, **k)),
    ),
    Source(
        "the rescaling of time left out",
        "integration in plain time",
        "_flow",
        "log_times + 2 * np.log(c)",
        "log_times + np.log(c)",
    ),
    Source(
        "the flow's residual without its share of the rescaling",
        "at log t = 300 from four starts",
        "_flow",
        "residual = (rho + 2 * np.log(c) * reference) / units",
        "residual = rho / units",
    ),
    # the asymptotics
    Lie(
        "the residual's limit a percent larger",
        "at log t = 300 from four starts",
        "logistic_asymptotics",
        field("residual", lambda r: 1.01 * r),
    ),
    Lie(
        "the residual's limit for the summed loss",
        "at log t = 300 from four starts",
        "logistic_asymptotics",
        changed(residual=lambda a: a.residual + a.residual / np.linalg.norm(a.residual)),
    ),
    Lie(
        "the span is everything",
        "‖P_S(w − ŵ log ηk) − w̃‖ on A",
        "logistic_asymptotics",
        field("span", lambda P: np.eye(len(P))),
    ),
    Lie(
        "the residual's limit moved off the span",
        "the package's w̃ minus",
        "logistic_asymptotics",
        changed(residual=lambda a: a.residual + 0.1 * (np.eye(len(a.span)) - a.span)[0]),
    ),
    Lie(
        "the flow's residual moved along its first axis",
        "integration in plain time",
        "logistic_flow",
        lambda honest, *a, **k: (lambda p: replace(p, residual=None if p.residual is None else p.residual + 1e-3))(
            honest(*a, **k)
        ),
    ),
    Source(
        "certificates that sum to two",
        "from the certificate that 1 and 2",
        "_separator_of_few",
        "certificate / certificate.sum()",
        "2 * certificate / certificate.sum()",
    ),
    Source(
        "the residual's equation for the summed loss",
        "at log t = 300 from four starts",
        "logistic_asymptotics",
        "/ unit, len(Z))",
        "/ unit, 1)",
    ),
    Lie(
        "the direction's constant from the whole residual",
        "the package's constants",
        "logistic_asymptotics",
        changed(direction=lambda a: np.linalg.norm(a.residual) / np.sqrt(a.loss)),
    ),
    Lie(
        "the margin's constant a percent larger",
        "the package's constants",
        "logistic_asymptotics",
        field("margin", lambda m: 1.01 * m),
    ),
    Lie(
        "the loss's constant inverted",
        "the package's constants",
        "logistic_asymptotics",
        field("loss", lambda m: 1 / m),
    ),
    Lie("the norm's constant negated", "the package's constants", "logistic_asymptotics", field("norm", lambda m: -m)),
    Lie(
        "the rate without the points off the support",
        "the package's rate",
        "logistic_asymptotics",
        changed(rate=lambda a: np.linalg.eigvalsh(a.span)[0] + 0.9),
    ),
    Source(
        "the rate the larger of the two exponents",
        "the package's rate",
        "logistic_asymptotics",
        "min([curvature, *(np.delete(margins, S) - 1)])",
        "max([curvature, *(np.delete(margins, S) - 1)])",
    ),
    Lie(
        "the asymptotics' multipliers as shares",
        "largest difference of shares and λ/Σλ",
        "logistic_asymptotics",
        field("dual", lambda a: a[::-1]),
    ),
    # descent
    Lie(
        "descent with half the step size",
        "two steps of descend",
        "descend",
        lambda honest, problem, optimizer, steps, **k: honest(
            problem,
            type(optimizer)(np.asarray(optimizer.step_size) / 2) if hasattr(optimizer, "step_size") else optimizer,
            steps,
            **k,
        ),
    ),
    Lie(
        "descent a tenth of its steps short",
        "t·L·γ² after 100 000 steps",
        "descend",
        lambda honest, problem, optimizer, steps, **k: honest(
            problem, optimizer, steps if steps < 1000 else steps * 9 // 10, **k
        ),
        survives="the path says itself how many steps it took, and the check reads k off it",
    ),
    Lie(
        "descent one step too many",
        "two steps of descend",
        "descend",
        lambda honest, problem, optimizer, steps, **k: (
            lambda p: replace(p, w=p.w[1:] if len(p.w) > steps else p.w, steps=p.steps[: len(p.w) - (len(p.w) > steps)])
        )(honest(problem, optimizer, steps + 1, **k)),
    ),
    Lie(
        "descent on the exponential loss",
        "two steps of descend",
        "descend",
        lambda honest, problem, optimizer, steps, **k: honest(
            problem, optimizer, steps, **{**k, "loss": "exponential"}
        ),
    ),
    Lie(
        "descent always on the logistic loss",
        "beyond which the loss of U rises",
        "descend",
        lambda honest, problem, optimizer, steps, **k: honest(problem, optimizer, steps, **{**k, "loss": "logistic"}),
    ),
    Lie(
        "descent from zero, whatever the start",
        "two steps of descend",
        "descend",
        lambda honest, problem, optimizer, steps, w0=None, **k: honest(
            problem, optimizer, steps, w0=None if w0 is None else 0 * np.asarray(w0), **k
        ),
    ),
    Lie(
        "descent on the summed loss",
        "two steps of descend",
        "descend",
        lambda honest, problem, optimizer, steps, **k: honest(
            problem,
            type(optimizer)(np.asarray(optimizer.step_size) * 5) if hasattr(optimizer, "step_size") else optimizer,
            steps,
            **k,
        ),
    ),
    Lie(
        "a batch of step sizes in the other order",
        "two steps of descend",
        "descend",
        lambda honest, problem, optimizer, steps, **k: honest(
            problem,
            type(optimizer)(
                np.atleast_1d(optimizer.step_size)[::-1] if np.ndim(optimizer.step_size) else optimizer.step_size
            )
            if hasattr(optimizer, "step_size")
            else optimizer,
            steps,
            **k,
        ),
    ),
    Lie("a step of descent that rounds its weights", "two steps of descend", "descend", path(lambda w: np.round(w, 1))),
    Source(
        "steepest descent always normalized",
        "‖P_S(w − ŵ log ηk) − w̃‖ on A",
        "SteepestDescent._step",
        "torch.sum(gradient * direction)",
        "1.0",
        survives="sign and coordinate descent are controls: any steps of theirs lead away",
    ),
    Lie("directions twice as long", "measures of two vectors on A", "direction", lambda honest, w: 2 * honest(w)),
    Lie(
        "step counts a tenth too high",
        "‖P_S(w − ŵ log ηk) − w̃‖ on A",
        "descend",
        changed(steps=lambda run: run.steps * 1.1),
    ),
    Lie(
        "coordinate descent is gradient descent",
        "‖P_S(w − ŵ log ηk) − w̃‖ on A",
        "largest_entry",
        lambda honest, g: g / g.norm(),
    ),
    # measures
    Lie(
        "the angle for the chord",
        "measures of two vectors on A",
        "direction_gap",
        lambda honest, u, v: 2 * np.arcsin(honest(u, v) / 2),
    ),
    Lie("half the chord", "measures of two vectors on A", "direction_gap", lambda honest, u, v: honest(u, v) / 2),
    Lie(
        "the sine for the chord",
        "measures of two vectors on A",
        "direction_gap",
        lambda honest, u, v: honest(u, v) * np.sqrt(1 - honest(u, v) ** 2 / 4),
    ),
    Lie(
        "the chord for the angle",
        "measures of two vectors on A",
        "angle",
        lambda honest, u, v: 2 * np.sin(honest(u, v) / 2),
    ),
    Lie(
        "the margin over the dual norm",
        "measures of two vectors on A",
        "margin",
        lambda honest, X, y, w, norm=2: honest(X, y, w, {1: np.inf, np.inf: 1}.get(norm, norm)),
    ),
    Lie(
        "the margin always over the ℓ2 norm",
        "measures of two vectors on A",
        "margin",
        lambda honest, X, y, w, norm=2: honest(X, y, w),
    ),
    Source(
        "the mean margin for the smallest", "measures of two vectors on A", "margin", ".min(axis=-1)", ".mean(axis=-1)"
    ),
    Source(
        "the log of the summed loss", "measures of two vectors on A", "log_logistic_loss", " - np.log(m.shape[-1])", ""
    ),
    Lie(
        "the exponential loss for the logistic one",
        "measures of two vectors on A",
        "_log_softplus",
        lambda honest, a: a,
    ),
    Source(
        "shares of the exponential loss",
        "measures of two vectors on A",
        "log_gradient_shares",
        "-np.logaddexp(0, _margins(X, y, w))",
        "-_margins(X, y, w)",
    ),
    Lie(
        "decimal logarithms of shares",
        "measures of two vectors on A",
        "log_gradient_shares",
        lambda honest, *a: honest(*a) / np.log(10),
    ),
    Lie(
        "shares of the losses, not of their derivatives",
        "measures of two vectors on A",
        "gradient_shares",
        lambda honest, X, y, w: (lambda e: e / e.sum(axis=-1, keepdims=True))(
            np.logaddexp(0, -(w @ (np.asarray(y)[:, None] * X).T))
        ),
    ),
    Source(
        "points pushed half as far apart",
        "max margin of 4000 points",
        "make_separable",
        "X + margin * y",
        "X + margin / 2 * y",
    ),
    Source(
        "labels of another plane",
        "max margin of 4000 points",
        "make_separable",
        "np.where(X @ w >= 0, 1.0, -1.0)",
        "np.where(X @ w >= 0.1, 1.0, -1.0)",
    ),
    # the chapter's own formulas
    Cell(
        "the constant of the margin gap with γ²",
        "margin gap × log t, also in space",
        "svm.margin**3 * (a @ np.log(a))",
        "svm.margin**2 * (a @ np.log(a))",
    ),
    Cell(
        "the constant of the margin gap without its sum",
        "margin gap × log t, also in space",
        " - svm.margin**3 * (a @ np.log(a))",
        "",
    ),
    Cell(
        "the direction's constant with the part along ŵ",
        "direction gap × log t at log t = 1e6",
        "np.linalg.norm(rho - along * svm.w * svm.margin) * svm.margin",
        "np.linalg.norm(rho) * svm.margin",
    ),
    Cell("the loss's constant is γ", "t · L(w(t)), also in space", "[a.sum()]", "[np.sqrt(a.sum())]"),
    Cell(
        "the part off the span added, not squared",
        "the same in space from (0, 0, 5)",
        "np.hypot(limits[0, 0], 5 * svm.margin)",
        "limits[0, 0] + 5 * svm.margin",
    ),
    Cell("the exponent is μ", "exponent of 1/t", "off.min() - 1", "off.min()"),
    Cell("the curvature without multipliers", "exponent of 1/t", "(Z.T * svm.dual) @ Z", "Z.T @ Z"),
    Cell("F without its half", "largest rise of Γ", "np.log1p(-np.exp(log_nL) / 2) - log_nL", "-log_nL"),
    Cell("F with one for one half", "(m − F) / (L²/12)", "np.log1p(-np.exp(log_nL) / 2)", "np.log1p(-np.exp(log_nL))"),
    Cell(
        "F of the mean",
        "min mᵢ − F at log t",
        "ib.log_logistic_loss(Z, ones(len(Z)), w) + np.log(len(Z))",
        "ib.log_logistic_loss(Z, ones(len(Z)), w)",
    ),
    Cell(
        "the comparator with a quarter",
        "left over right of the inequality",
        "c * w_svm - eta * R2 / 2 * w_svm",
        "c * w_svm - eta * R2 / 4 * w_svm",
    ),
    Cell(
        "the losses counted once",
        "left over right of the inequality",
        "squares[1:] + 2 * eta * np.cumsum",
        "squares[1:] + eta * np.cumsum",
    ),
    Cell(
        "κ without its log log",
        "direction gap × κ of",
        "log_inverse - np.log(log_inverse)",
        "log_inverse - 2 * np.log(log_inverse)",
        survives="it is another point of the same path, for a slightly smaller penalty",
    ),
    Cell("descents' time counts steps", "‖w − ŵ log(ηk) − w̃‖, the same", "np.log(small * k)", "np.log(0 * small + k)"),
    Cell(
        "descent's time on A counts steps",
        "‖P_S(w − ŵ log ηk) − w̃‖ on A",
        "np.log(below * descent_A",
        "np.log(0 * below + descent_A",
    ),
    Cell("heavy tails of the next power", "heavy tails k", "log_weight = -(k + 1) / 2", "log_weight = -(k + 2) / 2"),
    Cell("heavy tails: the loss's own power", "heavy tails k", "** -float(k)", "** -float(k + 1)"),
    Cell(
        "another angle between the two SVMs",
        "angle between the two SVMs",
        "np.arctan(1 / 2) + np.arctan(2 / 7)",
        "np.arctan(1 / 2) + np.arctan(2 / 6)",
    ),
    Cell(
        "the hinge's parameter per point",
        "hinge SVM at c",
        "cp.Minimize(cp.sum_squares(w) / 2 + c * hinge)",
        "cp.Minimize(cp.sum_squares(w) / 2 + c / len(Z) * hinge)",
    ),
    Cell("log t for log log t", "direction gap × log t / log log t", "slow = np.log(at) / at", "slow = 1 / at"),
    Cell(
        "the quarter of the signal in the expectation",
        "γ² over its expectation",
        "expected = 4 * (200 - 40 + 1) / 40 + 0.25",
        "expected = 4 * (200 - 40 + 1) / 200 + 0.25",
    ),
    Cell("the loss between at a half", "loss in between", "2 / 3 * np.log(2)", "1 / 2 * np.log(2)"),
    Cell(
        "the kink's second difference over h²",
        "jump of the slope",
        "two_sided = lambda f, x: (f(x + h * turn) + f(x - h * turn) - 2 * f(x)) / h",
        "two_sided = lambda f, x: (f(x + h * turn) + f(x - h * turn) - 2 * f(x)) / h**2",
    ),
    Cell(
        "shares of largest entropy, of any mean",
        "minus its limit by entropy",
        "fits = [q @ Z == svm.margin**2 * svm.w, cp.sum(q) == 1]",
        "fits = [cp.sum(q) == 1]",
    ),
    Cell(
        "the norm's limit with log n‖ŵ‖",
        "minus its limit by entropy",
        "np.log(len(Z) * size**2)",
        "np.log(len(Z) * size)",
    ),
    Cell("half of the entropy", "minus its limit by entropy", "entr(q).sum() - np", "entr(q).sum() / 2 - np"),
    Cell(
        "the loss tends to ‖ŵ‖ / t",
        "t · L / ‖ŵ‖² − 1",
        "np.log(len(Z) * size**2)), size**2",
        "np.log(len(Z) * size**2)), size",
    ),
    Cell(
        "shares of least norm",
        "difference of shares and q*",
        "cp.Maximize(cp.sum(cp.entr(q)))",
        "cp.Minimize(cp.sum_squares(q))",
    ),
    Cell(
        "the gradient sees margins half as large",
        "⟨g, w⟩ less the smallest margin",
        "/ np.log(2 * counts.sum())",
        "/ np.log(2 * counts.sum()) * 2",
    ),
    Cell(
        "burn-in: the bound halved",
        "burn-in over its bound from far",
        "return 2 * np.linalg.norm(w0 - u",
        "return np.linalg.norm(w0 - u",
    ),
    Cell("burn-in: every point pulls", "burn-in over its bound from far", "-np.expm1(-n / x) / n", "-np.expm1(-n / x)"),
    Cell(
        "burn-in: the mean loss on every point",
        "burn-in over its bound from far",
        "-np.expm1(-n / x) / n",
        "-np.expm1(-1 / x)",
    ),
    Cell(
        "the bound on φ with γ²T − R²/2",
        "bound on the mean of φ",
        "(T - squared_ratio(Z)) /",
        "(T - squared_ratio(Z) / 2) /",
    ),
    Cell(
        "the bound on φ doubled",
        "the same on the five points, A, E, V, G, a bound",
        "return eta / 2 * gamma**2 * (T",
        "return eta * gamma**2 * (T",
    ),
    Cell(
        "the angle's bound a twentieth",
        "1 − cos θ over its bound",
        "* k / (1 + np.log(k)) / bound",
        "* 20 * k / (1 + np.log(k)) / bound",
    ),
    Cell(
        "the angle's bound without its overshoot",
        "1 − cos θ over its bound",
        "bound = np.log(len(Z)) / eta / svm.margin**2 + (squared_ratio(Z) - 1) / 2",
        "bound = np.log(len(Z)) / eta / svm.margin**2",
        survives="for long steps the run is far below what remains, too",
    ),
    Cell(
        "perceptron: the best point corrected",
        "corrections of the perceptron",
        "Z[(Z @ w).argmin()]",
        "Z[(Z @ w).argmax()]",
    ),
    Cell(
        "perceptron: half of R²/γ²",
        "corrections of the perceptron",
        "mistakes = [count / squared",
        "mistakes = [2 * count / squared",
    ),
    Cell(
        "the lower bound with N + 1",
        "N over the steps to separate",
        "earliest = [N / separated",
        "earliest = [(N + 1) / separated",
    ),
    Cell(
        "the lower bound's points all once",
        "N over the steps to separate",
        "b ** np.arange(N)[::-1]",
        "b ** np.zeros(N)",
    ),
    Cell(
        "parts: weights that are not negative",
        "points in the separable part",
        "[gain <= Z @ v, gain <= 1]",
        "[gain <= Z @ v, gain <= 1, v >= 0]",
    ),
    Cell("parts: the finite part at zero", "y − ŵ log t − ỹ", "- free[S][:, 0] * x_bar)", ")"),
    Cell(
        "parts: its curvature without the square",
        "t (x − x̄) over its limit",
        "curvature = held[:, 0] ** 2 /",
        "curvature = np.abs(held[:, 0]) /",
    ),
    Cell(
        "parts: the loss's excess of all points",
        "t (L − inf L)",
        "held[:, 0] * x_bar)).sum() / n_mixed",
        "held[:, 0] * x_bar)).mean()",
    ),
    Cell(
        "cycle: tanh w for tanh w/2",
        "amplitude of the cycle",
        "brentq(lambda w: np.tanh(w / 2) - 4",
        "brentq(lambda w: np.tanh(w) - 4",
    ),
    Cell("cycle: 2.2/Λ for 1.8/Λ", "slope where a run", "spread - 1.8 / curve", "spread - 2.2 / curve"),
    Cell(
        "tower: the second floor not projected",
        "on a second floor",
        "ib.max_margin(floors[1:, 1:], ones(2))",
        "ib.max_margin(floors[1:, 1:] + 0.1, ones(2))",
    ),
    Cell(
        "tower: the second floor's residual with two points' weight",
        "on a second floor",
        "-np.log(second.dual))",
        "-np.log(2 * second.dual))",
    ),
    Cell("tower: the second floor blind to the third", "three floors: w₂", " - np.log1p(np.exp(-c)))[1]", ")[1]"),
    Cell(
        "tower: the third floor twice as fast",
        "three floors: slope",
        "np.diff(np.exp(np.minimum(c, 700)) + c)",
        "np.diff(2 * np.exp(np.minimum(c, 700)) + c)",
    ),
    Cell(
        "classes: n pairs for n points",
        "less the limit by entropy, log t = 22",
        "np.log(6 * size_3**2)",
        "np.log(12 * size_3**2)",
    ),
    Cell(
        "classes: the loss's limit is ‖Ŵ‖", "t · L / ‖Ŵ‖²", "loss * np.exp(s) / size_3**2", "loss * np.exp(s) / size_3"
    ),
    Cell(
        "classes: shares from scores of one class",
        "shares of the pairs minus q*",
        "np.outer(one_hot[i] - np.eye(3)[c], X_3[i])",
        "np.outer(one_hot[i], X_3[i])",
    ),
    Cell(
        "bridge: β without labels",
        "direction gap of the squared loss's descent",
        "X @ X.T * np.outer(y, y), ones(40)",
        "X @ X.T, ones(40)",
    ),
]
