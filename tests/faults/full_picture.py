"""Faults planted in the chapter on the full picture and in what it uses."""

from .plant import Cell, Lie, Source

FAULTS = [
    Source(
        "the best penalty is a fifth larger",
        "penalty of least risk",
        "optimal_penalty",
        "noise * aspect /",
        "1.2 * noise * aspect /",
    ),
    Source(
        "the margin bound with half the complexity",
        "the bound holds for 20 separators",
        "margin_bound",
        "2 * ball_bound",
        "ball_bound",
    ),
    Source(
        "a signal of 2 in the limit's bias",
        "Ridge regression: risk over its limit",
        "ridge_risk",
        "signal *",
        "2 * signal *",
    ),
    Lie("the SVM is turned", "direction gap of the flow", "max_margin", lambda honest, X, y: honest(X, -y)),
    Lie(
        "the flow's times are shifted by a percent",
        "direction gap of the flow",
        "logistic_flow",
        lambda honest, X, y, times: honest(X, y, [1.01 * t for t in times]),
    ),
    Cell(
        "the law of the noise part with k = |n − d| + 2",
        "distance of the noise part",
        "abs(n - d) + 1",
        "abs(n - d) + 2",
    ),
    Cell("the kernel part without its cross term", "risk minus that from zero", " - 2 * starts @ K @ w1", ""),
]
