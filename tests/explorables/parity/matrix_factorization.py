import numpy as np

import ibnotes as ib


def cases(rng):
    """The flow from balanced starts, the largest of them last, and singular values down to zero."""
    times = [0, 0.5, 1, 2, 4, 8]
    for scale in (1e-6, 1e-3, 0.1, 1):
        problem = ib.make_completion(rng, (4, 4), rank=2, observed=12)
        for start in (ib.balanced_factors((4, 4), 2, scale), ib.balanced_factors((4, 4), 2, scale, rng)):
            W = ib.deep_linear_flow(problem, start, times).w
            yield "ibnotes.factorizationFlow", (problem.M, problem.mask, np.array(start), times), W
        yield "ibnotes.singularValues", (problem.M,), ib.singular_values(problem.M)
        yield "ibnotes.singularValues", (W[-1],), ib.singular_values(W[-1])
