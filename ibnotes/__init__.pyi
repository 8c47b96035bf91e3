from .course import hand_in, student_rng
from .dynamics.accelerated import margin_momentum
from .dynamics.balanced_starts import balanced_factors
from .dynamics.descent import GradientDescent, descend
from .dynamics.factored_flows import deep_linear_flow, diagonal_flow
from .dynamics.homogeneous_flow import homogeneous_flow
from .dynamics.logistic_flow import logistic_flow
from .dynamics.optimizers import SteepestDescent
from .dynamics.paths import Path
from .dynamics.stabilized import RKC
from .fingerprints.compare import Comparison, compare_optimizers
from .fingerprints.instrument import fingerprint
from .fingerprints.report import Fingerprint
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
from .plots import label, plot_points, use_style
from .problems.errors import NotConverged, NotSeparable
from .problems.generators import make_completion, make_separable, make_underdetermined, six_entries
from .problems.homogeneity import Homogeneous
from .problems.homogeneous import Diagonal, TwoLayer, log_exponential_loss
from .problems.instances import Classification, Completion, Regression, Sensing
from .problems.models import DeepLinear, DiagonalNetwork, Factorization
from .problems.multiclass import Multiclass
from .problems.networks import ModuleNetwork
from .theory.adam import AdamRegime, adam_regime
from .theory.asymptotics import LogisticAsymptotics, logistic_asymptotics
from .theory.certify import certify
from .theory.complexity import Rademacher, ball_bound, margin_bound, rademacher_of_ball, rademacher_of_finite
from .theory.interpolation import Interpolant, min_norm_interpolant
from .theory.kkt_points import MarginPoint, MarginResiduals, margin_point, margin_residuals
from .theory.max_margin import MaxMargin, max_margin
from .theory.multiclass_margin import MulticlassMargin, max_margin_multiclass
from .theory.newton_schulz import newton_schulz_range
from .theory.norm_residuals import NormResiduals, norm_residuals
from .theory.nuclear import NuclearMinimizer, min_nuclear_norm
from .theory.potentials import PotentialMinimizer, min_potential_interpolant
from .theory.proofs import Proof
from .theory.residuals import Residuals
from .theory.risk import expected_risk, linear_risk, optimal_penalty, ridge_risk, ridgeless_risk
from .theory.saddles import SaddleSequence, saddle_sequence
from .verification.check import Check
from .verification.glue import glue
from .verification.verify import Verification, VerificationError, verify

__version__: str

__all__ = [
    "RKC",
    "AdamRegime",
    "Check",
    "Classification",
    "Comparison",
    "Completion",
    "DeepLinear",
    "Diagonal",
    "DiagonalNetwork",
    "Factorization",
    "Fingerprint",
    "GradientDescent",
    "Homogeneous",
    "Interpolant",
    "LogisticAsymptotics",
    "MarginPoint",
    "MarginResiduals",
    "MaxMargin",
    "ModuleNetwork",
    "Multiclass",
    "MulticlassMargin",
    "NormResiduals",
    "NotConverged",
    "NotSeparable",
    "NuclearMinimizer",
    "Path",
    "PotentialMinimizer",
    "Proof",
    "Rademacher",
    "Regression",
    "Residuals",
    "SaddleSequence",
    "Sensing",
    "SteepestDescent",
    "TwoLayer",
    "Verification",
    "VerificationError",
    "adam_regime",
    "angle",
    "balanced_factors",
    "ball_bound",
    "certify",
    "compare_optimizers",
    "deep_linear_flow",
    "descend",
    "diagonal_flow",
    "direction",
    "direction_gap",
    "effective_rank",
    "expected_risk",
    "fingerprint",
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
    "newton_schulz_range",
    "norm_residuals",
    "nuclear_norm",
    "optimal_penalty",
    "plot_points",
    "principal_angles",
    "rademacher_of_ball",
    "rademacher_of_finite",
    "ridge_risk",
    "ridgeless_risk",
    "saddle_sequence",
    "schatten_norm",
    "singular_values",
    "six_entries",
    "student_rng",
    "use_style",
    "verify",
]
