"""ibnotes: which of the infinitely many models that fit the data does the optimizer pick?

The package behind the executable lecture notes on implicit bias. The imports run one way:
problems -> descent | flows -> Path -> measures -> verify, plots, with the oracles and the
predictions beside them as the independent truth.
"""

from ibnotes.descent import GradientDescent, descend
from ibnotes.flows import logistic_flow
from ibnotes.kkt import NotConverged, Residuals
from ibnotes.measures import (
    angle,
    direction,
    direction_gap,
    gradient_shares,
    log_gradient_shares,
    log_logistic_loss,
    margin,
)
from ibnotes.oracles import Interpolant, MaxMargin, max_margin, min_norm_interpolant
from ibnotes.paths import Path
from ibnotes.plots import label, plot_points, use_style
from ibnotes.predictions import LogisticAsymptotics, logistic_asymptotics
from ibnotes.problems import Classification, NotSeparable, Regression, make_separable, make_underdetermined
from ibnotes.verify import Check, Verification, VerificationError, verify

__version__ = "0.1.0"

__all__ = [
    "Check",
    "Classification",
    "GradientDescent",
    "Interpolant",
    "LogisticAsymptotics",
    "MaxMargin",
    "NotConverged",
    "NotSeparable",
    "Path",
    "Regression",
    "Residuals",
    "Verification",
    "VerificationError",
    "angle",
    "descend",
    "direction",
    "direction_gap",
    "gradient_shares",
    "label",
    "log_gradient_shares",
    "log_logistic_loss",
    "logistic_asymptotics",
    "logistic_flow",
    "make_separable",
    "make_underdetermined",
    "margin",
    "max_margin",
    "min_norm_interpolant",
    "plot_points",
    "use_style",
    "verify",
]
