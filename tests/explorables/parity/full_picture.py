import numpy as np

import ibnotes as ib


def cases(rng):
    """One X below, at and beyond the peak; averages and limits."""
    n, noise = 20, 0.25
    for d in (2, 10, 18, 19, 20, 21, 22, 40, 120):
        X, w_star = rng.standard_normal((n, d)), rng.standard_normal(d)
        yield "ibnotes.singularValues", (X,), np.linalg.svd(X, compute_uv=False)
        if abs(d - n) > 1:  # elsewhere it is infinite
            yield "ibnotes.expectedRisk", (n, d, 1.5, noise), ib.expected_risk(n, d, 1.5, noise)
        yield "ibnotes.optimalPenalty", (d / n, 1.5, noise), ib.optimal_penalty(d / n, 1.5, noise)
        for penalty in (0, 1e-3, 0.3, 20):
            yield "ibnotes.linearRisk", (X, w_star, noise, penalty), ib.linear_risk(X, w_star, noise, penalty)
        for penalty in (1e-6, 0.3, 20):
            yield "ibnotes.ridgeRisk", (d / n, 1.5, noise, penalty), ib.ridge_risk(d / n, 1.5, noise, penalty)
