from .accelerated import margin_momentum
from .complexity import Rademacher, ball_bound, margin_bound, rademacher_of_ball, rademacher_of_finite
from .course import hand_in, student_rng
from .descent import GradientDescent, descend
from .factored_flows import balanced_factors, deep_linear_flow, diagonal_flow
from .flows import logistic_flow
from .homogeneous import Diagonal, Homogeneous, TwoLayer, log_exponential_loss
from .homogeneous_flows import homogeneous_flow
from .kkt import NotConverged, Residuals
from .margin_kkt import MarginPoint, MarginResiduals, margin_point, margin_residuals
from .measures import (
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
from .models import DeepLinear, DiagonalNetwork, Factorization
from .multiclass import Multiclass, MulticlassMargin, max_margin_multiclass
from .nuclear import NuclearMinimizer, min_nuclear_norm
from .optimizers import SteepestDescent
from .oracles import Interpolant, MaxMargin, max_margin, min_norm_interpolant
from .paths import Path
from .plots import label, plot_points, use_style
from .potentials import PotentialMinimizer, min_potential_interpolant
from .predictions import LogisticAsymptotics, logistic_asymptotics
from .problems import (
    Classification,
    Completion,
    NotSeparable,
    Regression,
    Sensing,
    make_completion,
    make_separable,
    make_underdetermined,
    six_entries,
)
from .records import glue
from .risk import expected_risk, linear_risk, optimal_penalty, ridge_risk, ridgeless_risk
from .stabilized import RKC
from .verify import Check, Verification, VerificationError, verify

__version__: str

__all__ = [
    "RKC",
    "Check",
    "Classification",
    "Completion",
    "DeepLinear",
    "Diagonal",
    "DiagonalNetwork",
    "Factorization",
    "GradientDescent",
    "Homogeneous",
    "Interpolant",
    "LogisticAsymptotics",
    "MarginPoint",
    "MarginResiduals",
    "MaxMargin",
    "Multiclass",
    "MulticlassMargin",
    "NotConverged",
    "NotSeparable",
    "NuclearMinimizer",
    "Path",
    "PotentialMinimizer",
    "Rademacher",
    "Regression",
    "Residuals",
    "Sensing",
    "SteepestDescent",
    "TwoLayer",
    "Verification",
    "VerificationError",
    "angle",
    "balanced_factors",
    "ball_bound",
    "deep_linear_flow",
    "descend",
    "diagonal_flow",
    "direction",
    "direction_gap",
    "effective_rank",
    "expected_risk",
    "glue",
    "gradient_shares",
    "hand_in",
    "homogeneous_flow",
    "imbalance",
    "label",
    "linear_risk",
    "log_exponential_loss",
    "log_gradient_shares",
    "log_logistic_loss",
    "logistic_asymptotics",
    "logistic_flow",
    "make_completion",
    "make_separable",
    "make_underdetermined",
    "margin",
    "margin_bound",
    "margin_momentum",
    "margin_point",
    "margin_residuals",
    "max_margin",
    "max_margin_multiclass",
    "min_norm_interpolant",
    "min_nuclear_norm",
    "min_potential_interpolant",
    "nuclear_norm",
    "optimal_penalty",
    "plot_points",
    "principal_angles",
    "rademacher_of_ball",
    "rademacher_of_finite",
    "ridge_risk",
    "ridgeless_risk",
    "schatten_norm",
    "singular_values",
    "six_entries",
    "student_rng",
    "use_style",
    "verify",
]
