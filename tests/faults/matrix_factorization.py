"""Faults planted in the chapter on matrix factorization and in what it uses."""

from dataclasses import replace
from fractions import Fraction

import numpy as np

from .plant import Cell, Lie, Source

CERTIFICATES = "certificates of the smallest nuclear norms"
HALF_TIMES = "eigenvalue / its target at the predicted half times"
BY_LAMBDA = "W at t = 0.5, 2 and 8 beside the equation of λ"
OTHER_INTEGRATOR = "largest distance from one half of the same, 24×24"
FLOWS = "ibnotes.dynamics.factored_flows"
ENTROPY = "distance from the entropy program's minimizer"


def moved(honest, M, mask, **options):
    """Every unobserved entry three percent smaller, the old gap."""
    answer = honest(M, mask, **options)
    return replace(answer, W=np.where(mask, answer.W, 0.97 * answer.W))


def first_dropped(honest, M, mask, **options):
    """The answer for one entry fewer."""
    fewer = np.array(mask)
    fewer[np.unravel_index(np.flatnonzero(fewer)[0], fewer.shape)] = False
    return honest(np.where(fewer, M, 0.0), fewer, **options)


def slower(honest, problem, factors, times, **options):
    return honest(problem, factors, [1.01 * t for t in times], **options)


def path_with(**change):
    """A flow whose path is changed: each of ``change`` takes the honest path."""
    return lambda honest, *args, **options: (
        lambda path: replace(path, **{name: of(path) for name, of in change.items()})
    )(honest(*args, **options))


FAULTS = [
    # the oracle
    Lie("the minimizer moved along the unobserved entries, with its old gap", CERTIFICATES, "min_nuclear_norm", moved),
    Lie(
        "the minimizer's dual three percent smaller",
        CERTIFICATES,
        "min_nuclear_norm",
        lambda honest, *a, **k: (lambda n: replace(n, dual=0.97 * n.dual))(honest(*a, **k)),
    ),
    Lie(
        "the minimizer's dual a thousandth larger",
        CERTIFICATES,
        "min_nuclear_norm",
        lambda honest, *a, **k: (lambda n: replace(n, dual=1.001 * n.dual))(honest(*a, **k)),
    ),
    Lie(
        "unobserved entries filled with zeros instead of the minimizer",
        "Smallest nuclear norms: smallest nuclear norm for the six entries",
        "min_nuclear_norm",
        lambda honest, M, mask, **k: (lambda n: replace(n, W=np.where(mask, n.W, 0.0)))(honest(M, mask, **k)),
    ),
    Lie("the minimizer of the problem with an entry fewer", CERTIFICATES, "min_nuclear_norm", first_dropped),
    Lie(
        "the interpolant moved along the kernel",
        "distance of descent on W from the least Frobenius norm",
        "min_norm_interpolant",
        lambda honest, X, y, *a, **k: (
            lambda answer: replace(answer, w=answer.w + 1e-6 * (np.abs(X).sum(axis=0) == 0))
        )(honest(X, y, *a, **k)),
    ),
    # starts and flows
    Lie(
        "a start one percent larger",
        ENTROPY,
        "balanced_factors",
        lambda honest, shape, depth, scale, *a, **k: honest(shape, depth, 1.01 * scale, *a, **k),
    ),
    Lie(
        "factors that are not balanced",
        "relative error of the closed form, balanced factors",
        "balanced_factors",
        lambda honest, shape, depth, scale, rng=None: [
            A * (1.1 if rng and i == 0 else 1.0) for i, A in enumerate(honest(shape, depth, scale, rng))
        ],
    ),
    Lie("times shifted by a percent", HALF_TIMES, "deep_linear_flow", slower),
    Lie(
        "the product a ten-thousandth too large",
        "trace for the six entries",
        "deep_linear_flow",
        path_with(w=lambda path: 1.0002 * path.w),
    ),
    Lie(
        "the factors that are told are those of the start",
        "drift / step size under SGD minus its integral",
        "deep_linear_flow",
        path_with(factors=lambda path: tuple(np.repeat(A[:1], len(A), axis=0) for A in path.factors)),
    ),
    Lie(
        "the factors rescaled against each other",
        "largest change of UᵀU − VᵀV along the flow",
        "deep_linear_flow",
        path_with(factors=lambda path: (1.001 * path.factors[0], *path.factors[1:-1], path.factors[-1] / 1.001)),
    ),
    Source("LSODA at a loose tolerance", HALF_TIMES, FLOWS, '"rtol": 1e-10', '"rtol": 1e-6'),
    Source("the stabilized integrator at rtol 5e-2", OTHER_INTEGRATOR, FLOWS, '"rtol": rtol', '"rtol": 5e-2'),
    Source("the flow has arrived where it has not", ENTROPY, "_deep_linear_flow", "FITTED**2", "1e-8"),
    Source(
        "the first residual of a sensing problem weighted twice",
        BY_LAMBDA,
        "Sensing.gradient",
        "self._misfit(W)",
        "self._misfit(W) * np.append(2.0, np.ones(len(self.y) - 1))",
    ),
    Source("the gradient of the loss without its half", BY_LAMBDA, "Sensing.gradient", "axes=1)", "axes=1) * 2"),
    Source(
        "the gradient of the loss without its half, for entries",
        "relative errors of −EV and −EᵀU against complex steps",
        "Completion.gradient",
        "W - self.M",
        "2 * (W - self.M)",
    ),
    Source(
        "the mean over all entries",
        "W₁₁ · √(2 loss)",
        "Completion.mean_squared_error",
        "self.mask.sum()",
        "self.mask.size",
    ),
    Source(
        "the product of twice the factors",
        "drift / step size under SGD minus its integral",
        "Factorization.end_to_end",
        "self.U @",
        "2 * self.U @",
    ),
    Lie(
        "descent takes half the step",
        "distance of descent on W from the least Frobenius norm",
        "descend",
        lambda honest, problem, optimizer, steps, **k: honest(problem, type(optimizer)(0.5 * 2.0), steps, **k),
    ),
    Lie(
        "descent starts at zero whatever it is told",
        "distance of descent on W from the least Frobenius norm",
        "descend",
        lambda honest, problem, optimizer, steps, w0=None, **k: honest(problem, optimizer, steps, w0=0 * w0, **k),
    ),
    Lie(
        "matrices of twice the rank",
        "relative error of the smallest nuclear norm on unseen entries",
        "make_completion",
        lambda honest, rng, shape, rank, observed: honest(rng, shape, 2 * rank, observed),
    ),
    # measures
    Source(
        "the effective rank of the squares",
        "effective rank at the end",
        "effective_rank",
        "sigma / total",
        "sigma**2 / (sigma**2).sum(axis=-1, keepdims=True)",
    ),
    Lie(
        "the root of the imbalance", "imbalance of the post's start", "imbalance", lambda honest, A: np.sqrt(honest(A))
    ),
    Source(
        "the spectral norm of the imbalance",
        "imbalance of the post's start",
        "imbalance",
        "np.linalg.norm(gap, axis=(-2, -1))",
        "np.linalg.norm(gap, 2, axis=(-2, -1))",
    ),
    Source(
        "the Frobenius norm for the nuclear",
        "least (‖U‖² + ‖V‖²)/2",
        "nuclear_norm",
        "schatten_norm(W, 1)",
        "schatten_norm(W, 2)",
    ),
    Source(
        "a Schatten quasi-norm for the nuclear",
        "least (‖U‖² + ‖V‖²)/2",
        "nuclear_norm",
        "schatten_norm(W, 1)",
        "schatten_norm(W, 0.99)",
    ),
    Lie(
        "singular values squared",
        "singular values of W under weight decay",
        "singular_values",
        lambda honest, W: honest(W) ** 2,
    ),
    Lie(
        "singular values in increasing order",
        "singular values of W under weight decay",
        "singular_values",
        lambda honest, W: honest(W)[..., ::-1],
    ),
    # the chapter's own predictions
    Cell("the sign in the drift's integral", "drift / step size under SGD", "E @ V - U.mT", "E @ V + U.mT"),
    Cell("the drift not extrapolated", "drift / step size under SGD", "return 2 * fine - coarse", "return fine"),
    Cell(
        "the roots on the wrong sides",
        "relative error of the closed form",
        "E @ root_of(W.T) + root_of(W) @ E",
        "E @ root_of(W) + root_of(W.T) @ E",
    ),
    Cell(
        "the factors on the wrong sides",
        "relative error of the two-sided product flow",
        "-(E @ V @ V.T + U @ U.T @ E)",
        "-(E @ U @ U.T + V @ V.T @ E)",
    ),
    Cell(
        "weight decay takes half as much off",
        "singular values of W under weight decay",
        "np.linalg.svd(W)[1] - penalty",
        "np.linalg.svd(W)[1] - penalty / 2",
    ),
    Cell(
        "lengths in the Frobenius norm",
        "length in nuclear norm / straight distance",
        "ib.nuclear_norm(np.diff(X, axis=0)).sum()",
        "np.linalg.norm(np.diff(X, axis=0), axis=(1, 2)).sum()",
    ),
    Cell(
        "the Bures distance with one overlap",
        "length in the Bures metric / geodesic distance, 1×1 matrix",
        "- 2 * overlap",
        "- overlap",
    ),
    Cell(
        "the closed form runs at half speed",
        "diag(3, 1), against its closed form",
        "(100 * mu - 1) * np.exp(-2 * mu * t)",
        "(100 * mu - 1) * np.exp(-mu * t)",
    ),
    Cell(
        "the smallest trace over indefinite fits",
        "excess of the trace at ε = 1e-12",
        "bounds=(0, None)",
        "bounds=(-1, None)",
    ),
    Cell("λ moves at half its speed", BY_LAMBDA, "2 * (commuting.y - a @ x(lam))", "commuting.y - a @ x(lam)"),
    Cell(
        "the entropy program for ε instead of ε²",
        ENTROPY,
        "return scale**2 * (V * np.exp(mu)) @ V.T",
        "return scale * (V * np.exp(mu)) @ V.T",
    ),
    Cell(
        "the excess without the solution's logarithm",
        "excess / its asymptotic formula",
        "np.exp(nu_1 @ a))[~S]",
        "1)[~S]",
    ),
    Cell(
        "the excess without the reduced cost",
        "excess / its asymptotic formula",
        "(cost * s ** (2 * cost)",
        "(s ** (2 * cost)",
    ),
    Cell(
        "the excess's exponent is the reduced cost",
        "exponent of the excess",
        "2 * cost[~S].min(), 1e-3",
        "cost[~S].min(), 1e-3",
    ),
    Cell(
        "the exponent of U instead of X",
        "exponent of ε in the distance from uuᵀ",
        "greedy_exponent = 2 * (1",
        "greedy_exponent = (1",
    ),
    Cell("the eigenvalues' ratio upside down", "exponent of ε in the distance from uuᵀ", "low / high", "high / low"),
    Cell(
        "the rank-one fit's trace without the mirror entries",
        "trace for the six entries",
        "2 + 2 * R**2, 1e-3",
        "2 + R**2, 1e-3",
    ),
    Cell("twice the time in the growth", "W₁₁ / (2(D+1)t)^(D/(2(D+1))), depth", "2 * (L + 1) * t", "4 * (L + 1) * t"),
    Cell("the growth's exponent D/(2D + 1)", "W₁₁ / (2(D+1)t)^(D/(2(D+1))), depth", "(2 * (L + 1)))", "(2 * L + 1))"),
    Cell("the loss counted over two entries", "W₁₁ · √(2 loss)", "1.5 * corner", "1.0 * corner"),
    Cell(
        "the determinant's constant upside down",
        "over its limit, depth 3 and 4",
        "(L + 2) / (L - 2)",
        "(L - 2) / (L + 2)",
    ),
    Cell(
        "the determinant falls like W₁₁ to the −2/(D−2)",
        "over its limit, depth 3 and 4",
        "(4 / (L - 2))",
        "(2 / (L - 2))",
    ),
    Cell("a cube root of 3t from random starts", "|W₁₁| / (6t)^⅓", "(6 * t)", "(3 * t)"),
    Cell("the logarithm of the determinant without its two", "log det W / (−W₁₁²/2)", "W, 2 * (np", "W, (np"),
    Cell("the frame does not turn", "in the frame that turns along minus", "nu = -pull[0]", "nu = 0 * pull[0]"),
    Cell(
        "the rotation turns a thousandth too fast",
        "in the frame that turns along minus",
        "turn[0, 1] - turn[1, 0]",
        "1.001 * (turn[0, 1] - turn[1, 0])",
    ),
    Cell(
        "fits with a one in the seen corner",
        "distance of W from [[W₁₁, 1], [1, 0]] at t = 1e6, rows",
        "[1.0, 0.0]])",
        "[1.0, 1e-9]])",
    ),
    Cell(
        "the saddle transposed",
        "distance of W from e₁e₂ᵀ",
        "saddle_bound - [[0, 1], [0, 0]]",
        "saddle_bound - [[0, 0], [1, 0]]",
    ),
    Cell(
        "determinants of the other sign",
        "W₁₁| / (2(D+1)t)^(D/(2(D+1))) at t = 1e6, four",
        "if sign * np.prod",
        "if -sign * np.prod",
    ),
    Cell(
        "the determinant decays at half the rate",
        "log(det W(t) / det W(0))",
        "log_det[0] + 2 * integral",
        "log_det[0] + integral",
    ),
    Cell("half times without the half", HALF_TIMES, "/ s**2) / (2 * eigenvalues)", "/ s**2) / eigenvalues"),
    Cell("half times from a start of size ε", HALF_TIMES, "(eigenvalues - s**2) / s**2", "(eigenvalues - s) / s"),
    Cell(
        "the effective rank by the sum of squares",
        "effective rank at the end",
        "np.prod(shares**-shares)",
        "1 / np.sum(shares**2)",
    ),
    Cell("the closed form of a scalar flow twice as fast", "W for M = −1 at t = 10", "np.exp(20)", "np.exp(40)"),
    Lie(
        "what is proved to be the least nuclear norm is a thousandth too large",
        "lower and upper bound proved for the six entries",
        "certify",
        lambda honest, answer: replace(proof := honest(answer), lower=proof.lower * Fraction(1001, 1000)),
    ),
]
