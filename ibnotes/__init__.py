"""ibnotes: which of the infinitely many models that fit the data does the optimizer pick?

The package behind the executable lecture notes on implicit bias. The imports run one way:
problems -> models, descent | flows -> Path -> measures -> verify, plots, with the oracles and the
predictions beside them as the independent truth.
"""

from ibnotes.descent import GradientDescent, descend
from ibnotes.factored_flows import balanced_factors, deep_linear_flow, diagonal_flow
from ibnotes.flows import logistic_flow
from ibnotes.kkt import NotConverged, Residuals
from ibnotes.measures import (
    angle,
    direction,
    direction_gap,
    effective_rank,
    gradient_shares,
    imbalance,
    log_gradient_shares,
    log_logistic_loss,
    margin,
    nuclear_norm,
    principal_angles,
    schatten_norm,
    singular_values,
)
from ibnotes.models import DeepLinear, DiagonalNetwork, Factorization
from ibnotes.nuclear import NuclearMinimizer, min_nuclear_norm
from ibnotes.oracles import Interpolant, MaxMargin, max_margin, min_norm_interpolant
from ibnotes.paths import Path
from ibnotes.plots import label, plot_points, use_style
from ibnotes.potentials import PotentialMinimizer, min_potential_interpolant
from ibnotes.predictions import LogisticAsymptotics, logistic_asymptotics
from ibnotes.problems import (
    Classification,
    Completion,
    NotSeparable,
    Regression,
    Sensing,
    make_completion,
    make_separable,
    make_underdetermined,
)
from ibnotes.stabilized import RKC
from ibnotes.verify import Check, Verification, VerificationError, verify

__version__ = "0.1.0"

__all__ = [
    "RKC",
    "Check",
    "Classification",
    "Completion",
    "DeepLinear",
    "DiagonalNetwork",
    "Factorization",
    "GradientDescent",
    "Interpolant",
    "LogisticAsymptotics",
    "MaxMargin",
    "NotConverged",
    "NotSeparable",
    "NuclearMinimizer",
    "Path",
    "PotentialMinimizer",
    "Regression",
    "Residuals",
    "Sensing",
    "Verification",
    "VerificationError",
    "angle",
    "balanced_factors",
    "deep_linear_flow",
    "descend",
    "diagonal_flow",
    "direction",
    "direction_gap",
    "effective_rank",
    "gradient_shares",
    "imbalance",
    "label",
    "log_gradient_shares",
    "log_logistic_loss",
    "logistic_asymptotics",
    "logistic_flow",
    "make_completion",
    "make_separable",
    "make_underdetermined",
    "margin",
    "max_margin",
    "min_norm_interpolant",
    "min_nuclear_norm",
    "min_potential_interpolant",
    "nuclear_norm",
    "plot_points",
    "principal_angles",
    "schatten_norm",
    "singular_values",
    "use_style",
    "verify",
]
