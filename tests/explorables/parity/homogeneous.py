import numpy as np

import ibnotes as ib


def cases(rng):
    """Two neurons and their mirror images, before and after they let go: the closed form against the integrator."""
    let_go = []
    for c, s in rng.uniform(0.3, 1.2, (16, 2)):
        start = np.array([10 ** rng.uniform(-3, -0.5), 0.5])
        pair = ib.TwoLayer([[c, s], [-c, s]], [1, 1], width=2, power=2, outer=[1, 1])
        path = ib.homogeneous_flow(pair, [*start, -start[0], start[1]], [1, 3, 10, 100, 1000]).w
        depths = -ib.log_exponential_loss(pair, path)
        residuals = [[own.angle, own.margin] for own in (ib.margin_residuals(pair, theta) for theta in path)]
        yield "ibnotes.twoNeuronFlow", ([c, s], start, depths), path[:, :2]
        angle_and_margin = "(({ angle, margin }) => [angle, margin])(ibnotes.pairResiduals(x, w))"
        yield f"(x, ws) => ws.map((w) => {angle_and_margin})", ([c, s], path[:, :2]), residuals
        released = path[:, 0] * c > path[:, 1] * s
        yield (
            "(x, w0, ells) => ells.map((ell) => +(ell > ibnotes.releaseDepth(x, w0)))",
            ([c, s], start, depths),
            released,
        )
        let_go.extend(released)
    assert {True, False} <= set(let_go)
