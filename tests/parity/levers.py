import numpy as np
import torch

import ibnotes as ib
from tests.parity.points import labelled


def cases(rng):
    """Every optimizer, its weights at log-spaced steps: where the figure starts, and on other points."""
    start = np.array([[2.5, 0.7], [-2.6, 1.7], [0.7, 0.6], [-0.7, -0.3], [2.6, -1.5], [-1.2, -1.1]])
    labels = np.array([1.0, -1, 1, -1, 1, -1])
    yield from optimizer_cases(start, labels, 3000, epsilons=(1e-8, 1e-2))
    yield from optimizer_cases(start, labels, 100, epsilons=(1e-200,))
    for _ in range(4):
        X, y = labelled(rng)
        yield from optimizer_cases(X / 3, y, 1000, epsilons=(1e-2,))
        yield from optimizer_cases(X / 3, y, 100, epsilons=(1e-200, 1e-8))


def optimizer_cases(X, y, steps, epsilons):
    """In a thousand steps without a noticeable epsilon Adam amplifies roundings to 1e-5: no long runs of that."""
    root = {"schedule": lambda k: k**-0.5}
    steepest = lambda p: lambda params: ib.SteepestDescent(params, lr=0.2, norm=p)
    adam = lambda eps: lambda params: torch.optim.Adam(params, lr=0.2, betas=(0.9, 0.95), eps=eps)
    decaying = [(f"steepestDescent(0.2, {js})", steepest(p)) for js, p in ((1, 1), (2, 2), ("Infinity", np.inf))]
    decaying += [(f"adam({{ lr: 0.2, betas: [0.9, 0.95], eps: {eps} }})", adam(eps)) for eps in epsilons]
    optimizers = [("gradientDescent(0.1)", ib.GradientDescent(0.1), {}), *((*pair, root) for pair in decaying)]
    for js, optimizer, options in optimizers:
        schedule = "(k) => 1 / Math.sqrt(k)" if options else "() => 1"
        run = f"(X, y) => ibnotes.descend(X, y, ibnotes.{js}, {steps}, {{ records: 60, schedule: {schedule} }})"
        path = ib.descend((X, y), optimizer, steps, loss="exponential", records=60, **options)
        yield f"{run}.w", (X, y), path.w
    yield f"{run}.steps", (X, y), path.steps
