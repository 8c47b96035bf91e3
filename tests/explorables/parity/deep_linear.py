import numpy as np
from scipy.integrate import quad, solve_ivp
from scipy.optimize import brentq

import ibnotes as ib


def cases(rng):
    """The selected solutions by program and by flow, points on the way of the flow, and the potential."""
    selected = "(...given) => ibnotes.minPotentialInterpolant(...given).w"
    constant = """(X, y, scale, depth) => {
        const { w, tops } = ibnotes.minPotentialInterpolant(X, y, scale, depth);
        const relative = (v) => ibnotes.potential(v, scale, depth) / ibnotes.potential(w, scale, depth);
        return ibnotes.levelSet(tops, scale, depth).map(relative);
    }"""
    for depth in (2, 3, 4, 5):
        for scale in (10, 1, 0.3, 0.03):
            X, y = rng.uniform(-3, 3, (1, 2)), rng.uniform(-3, 3, 1)
            yield selected, (X, y, scale, depth), ib.min_potential_interpolant(X, y, scale, depth).w
            yield selected, (X, y, scale, depth), ib.diagonal_flow(X, y, scale, depth)
            yield constant, (X, y, scale, depth), np.ones(50)
            w = rng.uniform(-3, 3, 2)
            yield "ibnotes.potential", (w, scale, depth), sum(potential(abs(w), scale, depth))
        on_the_way = on_the_way_of_the_flow(X, y, 0.3, depth)
        yield selected, (X, X @ on_the_way, 0.3, depth), on_the_way
    yield from stages_cases()


def stages_cases():
    """Singular values of deep linear networks with a diagonal target, and their growth under a constant pull."""
    targets, times = np.array([3.0, 2.0, 1.0]), np.array([0, 0.5, 1, 2, 4, 8])
    flow = "(targets, ...given) => targets.map((target) => ibnotes.singularValueFlow(target, ...given))"
    problem = ib.Completion(np.diag(targets), np.ones((3, 3), dtype=bool))
    for depth in (1, 2, 3, 4):
        for scale in (0.3, 0.03):
            start = ib.balanced_factors((3, 3), depth, scale)
            W = ib.deep_linear_flow(problem, start, times).w
            yield flow, (targets, scale, depth, times), np.diagonal(W, axis1=1, axis2=2).T
    for depth in (1, 2, 3, 4):
        growth = solve_ivp(lambda t, a, L: 2 * a ** (L - 1), (0, 1), [0.3], args=(depth,), rtol=1e-11, atol=1e-13)
        yield "ibnotes.earlyGrowth", (2, 0.3, depth, 1), growth.y[0, -1] ** depth
        yield "(s, ...given) => ibnotes.earlyGrowth(s, ...given, ibnotes.arrival(s, ...given))", (2, 0.3, depth), 2


def on_the_way_of_the_flow(X, y, scale, depth):
    """The weights of a diagonal network that has not arrived yet."""

    def velocity(t, parameters):
        u, v = parameters.reshape(2, -1)
        pull = depth * X.T @ (y - X @ (u**depth - v**depth))
        return np.concatenate([u ** (depth - 1) * pull, -(v ** (depth - 1)) * pull])

    u, v = solve_ivp(velocity, (0, 1), np.full(4, scale), rtol=1e-11, atol=1e-13).y[:, -1].reshape(2, -1)
    return u**depth - v**depth


@np.vectorize
def potential(w, scale, depth):
    """q(w) = wz - (integral of h from 0 to z) at w = h(z), h as in the theorem of the chapter."""
    kappa = depth * (depth - 2) * scale ** (depth - 2)
    if depth == 2:
        h = lambda z: 2 * scale**2 * np.sinh(4 * z)
    else:
        half = lambda z: (1 - kappa * z) ** (-depth / (depth - 2))
        h = lambda z: scale**depth * (half(z) - half(-z))
    z = brentq(lambda z: h(z) - w, 0, (1 - 1e-12) / kappa if kappa else 10, xtol=1e-15, rtol=1e-15)
    return w * z - quad(h, 0, z, epsabs=0, epsrel=1e-11, limit=500)[0]
