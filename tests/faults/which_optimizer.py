"""Faults planted in the page on what each knob of an optimizer does to the solution."""

from .plant import Cell

FAULTS = [
    Cell("runs end before they rest", "largest weight at rest", "make(lr=lr), 4000)", "make(lr=lr), 400)"),
    Cell(
        "a decay a percent larger",
        "η and η/2",
        "end(adamw(lr=lr), problem)",
        "end(adamw(lr=lr, weight_decay=1.01), problem)",
    ),
    Cell(
        "a penalty a percent larger", "from ridge", "scale * X.T @ X + np.eye(4)", "scale * X.T @ X + 1.01 * np.eye(4)"
    ),
    Cell("the smallest epsilon not so small", "ℓ∞ margin of what is added", "1e-8, 1e-200", "1e-4, 1e-200"),
    Cell("a run that ends at the hand-over", "ℓ2 margin of what is added", "eps=eps), 20_000", "eps=eps), 5_000"),
    Cell("a little decay", "three orders", '"SGD": sgd(),', '"SGD": sgd(weight_decay=1e-6),'),
    Cell("a little decay, half the rate", "half the learning rate", "sgd(lr=0.15)", "sgd(lr=0.15, weight_decay=1e-6)"),
    Cell("a run that is as short as its memory", "after 8000 steps", "(2000, 8000)", "(2000, 800)"),
]
