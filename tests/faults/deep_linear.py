"""Faults planted in the chapter on deep linear networks and in what it uses."""

from dataclasses import replace
from fractions import Fraction

import numpy as np
from scipy.linalg import null_space

from .plant import Cell, Lie, Source

FLOWS = "ibnotes.dynamics.factored_flows"
CERTIFICATES = "certificates of the smallest nuclear norm"
EARLY = "singular values early on the way"
OWN_EQUATIONS = "eigenvalues of a 24×24 product beside their own equations"
FLOW_AND_PROGRAM = "flow minus program, depth 2, 3, 4"
DUAL = "end of the flow minus h(Xᵀλ)"
MIRROR = "w minus h(z) on the way"
L1 = "distance from the ℓ1 solution at α = 1e-8"
L2 = "distance from the ℓ2 solution at α = 10"
EXCESS = "ℓ1 excess / its formula"
JUMPS = "jump times extrapolated"
POLYGON = "distance of the integrated residual from the polygon"


def moved(honest, M, mask, **options):
    """Every unobserved entry three percent smaller, the old gap."""
    answer = honest(M, mask, **options)
    return replace(answer, W=np.where(mask, answer.W, 0.97 * answer.W))


def along_kernel(size, norm):
    """The interpolant for this norm moved along the kernel by ``size``."""

    def wrong(honest, X, y, p=2):
        answer = honest(X, y, p)
        return replace(answer, w=answer.w + size * (p == norm) * null_space(X)[:, 0])

    return wrong


def flow_along_kernel(honest, X, y, *rest):
    return honest(X, y, *rest) + 1e-7 * null_space(X)[:, 0]


def answer_with(**change):
    """An oracle's answer changed: each of ``change`` takes the honest answer."""
    return lambda honest, *args, **options: (
        lambda answer: replace(answer, **{name: of(answer) for name, of in change.items()})
    )(honest(*args, **options))


FAULTS = [
    # what the package answers
    Lie("the minimizer moved along the unobserved entries, with its old gap", CERTIFICATES, "min_nuclear_norm", moved),
    Lie("the dual a thousandth larger", CERTIFICATES, "min_nuclear_norm", answer_with(dual=lambda a: 1.001 * a.dual)),
    Lie("the dual a hundredth smaller", CERTIFICATES, "min_nuclear_norm", answer_with(dual=lambda a: 0.99 * a.dual)),
    Lie("half the gap is told", "duality gap told", "min_nuclear_norm", answer_with(gap=lambda a: a.gap / 2)),
    Lie("the ℓ1 solution moved along the kernel", L1, "min_norm_interpolant", along_kernel(1e-9, 1)),
    Lie("the ℓ2 solution moved along the kernel", L2, "min_norm_interpolant", along_kernel(1e-4, 2)),
    Lie(
        "the program's answer moved along the kernel",
        FLOW_AND_PROGRAM,
        "min_potential_interpolant",
        lambda honest, X, y, *a: (lambda m: replace(m, w=m.w + 1e-7 * null_space(X)[:, 0]))(honest(X, y, *a)),
    ),
    Lie(
        "the program's dual a thousandth larger",
        DUAL,
        "min_potential_interpolant",
        answer_with(dual=lambda m: 1.001 * m.dual),
    ),
    Lie(
        "the program solved for the next depth",
        FLOW_AND_PROGRAM,
        "min_potential_interpolant",
        lambda honest, X, y, scale, depth: honest(X, y, scale, depth + (scale > 1e-3)),
    ),
    Lie(
        "the program solved for a start a percent larger",
        FLOW_AND_PROGRAM,
        "min_potential_interpolant",
        lambda honest, X, y, scale, depth: honest(X, y, 1.01 * scale, depth),
    ),
    Lie(
        "the diagonal flow moved along the kernel", "end of the flow in plain time", "diagonal_flow", flow_along_kernel
    ),
    Lie(
        "the diagonal flow from a start a percent larger",
        "end of the flow in plain time",
        "diagonal_flow",
        lambda honest, X, y, scale, depth: honest(X, y, 1.01 * scale, depth),
    ),
    Source("the diagonal flow stops early", FLOW_AND_PROGRAM, "diagonal_flow", "<= FITTED *", "<= 1e-6 *"),
    Lie(
        "times shifted by a percent",
        "relative error of the singular values' velocity",
        "deep_linear_flow",
        lambda honest, problem, factors, times, **k: honest(problem, factors, [1.01 * t for t in times], **k),
    ),
    Lie(
        "the flow from factors a percent larger",
        EARLY,
        "balanced_factors",
        lambda honest, shape, depth, scale, *a: honest(shape, depth, 1.01 * scale, *a),
    ),
    Lie(
        "random factors that are not balanced",
        "relative error of the end-to-end velocity",
        "balanced_factors",
        lambda honest, shape, depth, scale, rng=None: [
            A * (1.1 if rng and i == 0 else 1.0) for i, A in enumerate(honest(shape, depth, scale, rng))
        ],
    ),
    Source("the stabilized integrator at rtol 5e-2", OWN_EQUATIONS, FLOWS, '"rtol": rtol', '"rtol": 5e-2'),
    Source(
        "LSODA at a loose tolerance",
        "relative error of the singular values' velocity",
        FLOWS,
        '"rtol": 1e-10',
        '"rtol": 1e-5',
    ),
    Source(
        "the gradients of all factors but the last halved",
        "relative error of the end-to-end velocity",
        "product_gradients",
        "pulled @ tails.pop().T",
        "pulled @ tails.pop().T * 0.5",
    ),
    Source(
        "the stopping rule a hundred times looser",
        "relative error of recovery",
        "_deep_linear_flow",
        "goal = max(mse, FITTED**2 * nothing)",
        "goal = max(1e4 * mse, FITTED**2 * nothing)",
    ),
    Source("the gradient of the loss without its half", EARLY, "Completion.gradient", "W - self.M", "2 * (W - self.M)"),
    Source(
        "the first measurement weighted twice",
        "relative error of the end-to-end velocity",
        "Sensing.gradient",
        "self._misfit(W)",
        "self._misfit(W) * np.append(2.0, np.ones(len(self.y) - 1))",
    ),
    Source(
        "the effective rank of the squares",
        "effective rank, depth 3",
        "effective_rank",
        "sigma / total",
        "sigma**2 / (sigma**2).sum(axis=-1, keepdims=True)",
    ),
    Source(
        "the Frobenius norm for the nuclear",
        "Six entries at depth three and four: smallest nuclear norm",
        "nuclear_norm",
        "schatten_norm(W, 1)",
        "schatten_norm(W, 2)",
    ),
    Lie(
        "singular values squared",
        "relative error of the singular values' velocity",
        "singular_values",
        lambda honest, W: honest(W) ** 2,
    ),
    Lie(
        "singular values in increasing order",
        "relative error of the singular values' velocity",
        "singular_values",
        lambda honest, W: honest(W)[..., ::-1],
    ),
    Source(
        "a diagonal network of cubes",
        "torch SGD, extrapolated",
        "DiagonalNetwork.end_to_end",
        "self.u**self.depth - self.v**self.depth",
        "self.u**3 - self.v**3",
    ),
    Source(
        "the second path with the sign of the first",
        "torch SGD, extrapolated",
        "DiagonalNetwork.end_to_end",
        "- self.v**self.depth",
        "+ self.v**self.depth",
    ),
    Lie(
        "matrices of twice the rank",
        "relative error of recovery",
        "make_completion",
        lambda honest, rng, shape, rank, observed: honest(rng, shape, 2 * rank, observed),
    ),
    Lie(
        "another value of the six entries",
        "nuclear norm for the six entries, depth 3 and 4",
        "six_entries",
        lambda honest: replace(honest(), M=1.01 * honest().M),
    ),
    Lie("targets of another draw", L1, "min_norm_interpolant", lambda honest, X, y, *norm: honest(X, y[::-1], *norm)),
    # the chapter's own predictions
    Cell(
        "the velocity without its middle summands",
        "relative error of the end-to-end velocity",
        "return -sum(middle) - ends",
        "return -ends",
    ),
    Cell(
        "the exponent 2 − 1/L",
        "relative error of the singular values' velocity",
        "s ** (2 - 2 / power) * pull",
        "s ** (2 - 1 / power) * pull",
    ),
    Cell("the factor L missing", "relative error of the singular values' velocity", "-power * s **", "-s **"),
    Cell("growth at depth two at half the rate", EARLY, "np.exp(2 * targets * t)", "np.exp(targets * t)"),
    Cell(
        "growth with the exponent 1/(L − 2)", EARLY, "targets * t) ** (-L / (L - 2))", "targets * t) ** (-1 / (L - 2))"
    ),
    Cell("growth without the factor L − 2", EARLY, "(1 - (L - 2) * scale ** (L - 2)", "(1 - scale ** (L - 2)"),
    Cell("what is left behind to the power −2", "σ₂ and σ₃ over ε³", "targets[0]) ** -3", "targets[0]) ** -2"),
    Cell(
        "the scalar equations without L",
        OWN_EQUATIONS,
        "L * s ** (2 - 2 / L) * (mu - s)",
        "2 * s ** (2 - 2 / L) * (mu - s)",
    ),
    Cell(
        "the error in proportion to ε",
        "exponent of ε in the error",
        "power_of(3, [2, 3]), 3, 0.2",
        "power_of(3, [2, 3]), 1, 0.2",
    ),
    Cell(
        "the truth's effective rank by the sum of squares",
        "effective rank, depth 3",
        "np.prod(share**-share), 0.02",
        "1 / np.sum(share**2), 0.02",
    ),
    Cell(
        "the bound without the power",
        "σ₁(W − Ŵ) over the bound",
        "np.linalg.norm(W, 2) ** ((L - 1) / L)",
        "np.linalg.norm(W, 2) ** -1",
    ),
    Cell("the mirror map with 2z", MIRROR, "np.sinh(4 * z)", "np.sinh(2 * z)"),
    Cell("the mirror map with α² once", MIRROR, "return 2 * s**2 * np.sinh", "return s**2 * np.sinh"),
    Cell(
        "κ without the depth",
        MIRROR,
        "D * (D - 2) * s ** (D - 2), -D / (D - 2)",
        "(D - 2) * s ** (D - 2), -D / (D - 2)",
    ),
    Cell("the mirror map's exponent", MIRROR, "s ** (D - 2), -D / (D - 2)", "s ** (D - 2), -1 / (D - 2)"),
    Cell("ties decided by the sum of squares", "distance from the tie-break", "np.sum(w * np.log(w))", "np.sum(w**2)"),
    Cell("ties at depth three decided by roots", "distance from the tie-break", "w ** (2 / 3)", "w ** (1 / 2)"),
    Cell("the excess at depth two without ν", EXCESS, "* np.exp(off_support)", "* 1.0"),
    Cell("the excess with the exponent 1 − |x|", EXCESS, "s ** (2 - 2 * np.abs(x))", "s ** (1 - np.abs(x))"),
    Cell(
        "the bracket with a plus",
        EXCESS,
        "(1 - np.abs(x)) ** (-D / (D - 2)) - (1",
        "(1 - np.abs(x)) ** (-D / (D - 2)) + (1",
    ),
    Cell(
        "the trace excess with the power of depth four", "trace excess / ε³", "np.sum(cost**-2.0)", "np.sum(cost**-1.0)"
    ),
    Cell(
        "torch extrapolated with the wrong weights",
        "torch SGD, extrapolated",
        "off_program(2 * fine - coarse)",
        "off_program(1.5 * fine - 0.5 * coarse)",
    ),
    Lie(
        "what is proved to be the least nuclear norm is a thousandth too large",
        "nuclear norm / the lower bound proved",
        "certify",
        lambda honest, answer: replace(proof := honest(answer), lower=proof.lower * Fraction(1001, 1000)),
    ),
    # saddle to saddle
    Lie("jump times one percent late", JUMPS, "saddle_sequence", answer_with(times=lambda a: 1.01 * a.times)),
    Lie("multipliers one percent large", POLYGON, "saddle_sequence", answer_with(dual=lambda a: 1.01 * a.dual)),
    Lie(
        "saddles a thousandth off",
        "distance of w from the saddle",
        "saddle_sequence",
        answer_with(w=lambda a: 1.001 * a.w),
    ),
    Lie(
        "the last saddle a ten-billionth off",
        "ℓ1 norm of the last saddle",
        "saddle_sequence",
        answer_with(w=lambda a: (1 + 1e-10) * a.w),
    ),
    Cell("a start of α to the power 1.1", JUMPS, "D * (logs + np.log(alpha))", "D * (logs + 1.1 * np.log(alpha))"),
    Cell("slow time of depth D - 1 and not D - 2", JUMPS, "300.0)) / (D - 2)", "300.0)) / (D - 1)"),
    # phases
    Cell(
        "depth one leaves the share that is seen",
        "median error of depth 1",
        "np.sqrt(1 - counts / 100), 1, 0.09",
        "np.sqrt(counts / 100), 1, 0.09",
    ),
    Cell("twice the degrees of freedom", "share of draws recovered", "2 * (10 + 10 - 2)", "4 * (10 + 10 - 2)"),
    Cell(
        "a start a hundred times as large",
        "two complete blocks",
        "for s in (0.3, 1e-2, 1e-4)",
        "for s in (0.3, 1e-2, 1e-2)",
    ),
    Cell(
        "a quarter of the bound",
        "excess of the nuclear norm over its bound",
        "np.sum(np.square(start)) / 2",
        "np.sum(np.square(start)) / 8",
    ),
]
