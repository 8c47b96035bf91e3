import numpy as np
import torch
from scipy.integrate import solve_ivp

import ibnotes as ib
from tests.explorables.parity.points import labelled

START = np.array([[0.7, 0.6], [-0.7, -0.3], [2.5, 0.7], [-2.6, 1.7], [2.6, -1.5], [-1.2, -1.1]])
LABELS = np.array([1.0, -1, 1, -1, 1, -1])


def cases(rng):
    """Every optimizer, its weights at log-spaced steps: where the figure starts, and on other points."""
    yield from optimizer_cases(START, LABELS, 2000, epsilons=(1e-8, 1e-2))
    yield from optimizer_cases(START, LABELS, 100, epsilons=(1e-200,))
    for _ in range(4):
        X, y = labelled(rng)
        yield from optimizer_cases(X / 3, y, 1000, epsilons=(1e-2,))
        yield from optimizer_cases(X / 3, y, 100, epsilons=(1e-200, 1e-8))
    for X, y in ((3 * START, LABELS), *(labelled(rng) for _ in range(3))):
        yield from memory_and_batch_cases(X / 3, y)
    yield from stability_cases(rng)


class InOrder(np.random.Generator):
    """Shuffles nothing."""

    def permutation(self, x, axis=0):
        return np.arange(x)


def racer(name, momentum, eps):
    """The optimizer of the figure, and the power of k in its steps."""
    if name == "descent":
        return lambda params: torch.optim.SGD(params, lr=0.1 * (1 - momentum), momentum=momentum), 0
    if name == "Adam":
        return lambda params: torch.optim.Adam(params, lr=0.2, betas=(0.9, 0.95), eps=eps), -0.5
    norm = {"coordinate": 1, "normalized": 2, "sign": np.inf}[name]
    return lambda params: ib.SteepestDescent(params, lr=0.2, norm=norm, momentum=momentum), -0.5


def run_of(name, X, y, steps, momentum=0, eps=1e-200, one=False, records=40):
    optimizer, power = racer(name, momentum, eps)
    how = {"batch_size": 1, "rng": InOrder(np.random.PCG64(0))} if one else {}
    schedule = lambda k: k**power
    return ib.descend((X, y), optimizer, steps, loss="exponential", records=records, schedule=schedule, **how).w


def memory_and_batch_cases(X, y):
    """With momentum, with one point a step, and with both."""
    for momentum in (0, 0.9):
        page = {
            "descent": f"gradientDescent({0.1 * (1 - momentum)}, {momentum})",
            "coordinate": f"steepestDescent(0.2, 1, {momentum})",
            "normalized": f"steepestDescent(0.2, 2, {momentum})",
            "sign": f"steepestDescent(0.2, Infinity, {momentum})",
            "Adam": "adam({ lr: 0.2, betas: [0.9, 0.95], eps: 1e-3 })",
        }
        for name, js in page.items():
            _, power = racer(name, momentum, 1e-3)
            for one in (False, True):
                given = f"{{ records: 40, schedule: (k) => k ** {power}, inTurn: {str(one).lower()} }}"
                path = run_of(name, X, y, 500, momentum, 1e-3, one)
                yield f"(X, y) => ibnotes.descend(X, y, ibnotes.{js}, 500, {given}).w", (X, y), path


def margins_of_the_race():
    """Per cent of the max margin after 2000 steps, for each button of the figure, by optimizer and norm."""
    norms = {"1": 1, "2": 2, "∞": np.inf}
    own = {"coordinate": "1", "normalized": "2", "descent": "2", "sign": "∞", "Adam": "∞2"}
    best = {norm: ib.max_margin(START, LABELS, p).margin for norm, p in norms.items()}
    settings = {
        "Adam hands over": (("descent", "sign", "Adam"), {"eps": 1e-3}),
        "batch of one": (("normalized", "descent", "sign", "Adam"), {"one": True}),
        "momentum": (own, {"momentum": 0.9}),
    }
    found = {}
    for button, (racers, how) in settings.items():
        ends = {name: run_of(name, START, LABELS, 2000, **how)[-1] for name in racers}
        found[button] = {
            (name, norm): 100 * ib.margin(START, LABELS, w, norms[norm]) / best[norm]
            for name, w in ends.items()
            for norm in own[name]
        }
    return found


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


def stability_cases(rng):
    """One weight: where the figure starts, on both sides of the limit, and from random points."""
    starts = np.vstack([np.tile([1.0, 1.0], (4, 1)), rng.uniform(-1.2, 1.2, (8, 2))])
    for start, step_size in zip(starts, [0.1, 0.24, 0.3, 0.4, *rng.uniform(0.05, 0.4, 8)], strict=True):
        path = network_steps(start, step_size, 12)
        yield "ibnotes.trainScalar", (start, step_size, 12), path
        yield "(points) => points.map(ibnotes.scalarSharpness)", (path,), [sharpness(point) for point in path]
        yield "ibnotes.scalarFlow", (start,), flow_end(start)


def scalar_loss(u, v):
    return (u * u - v * v - 1) ** 2 / 2


def network_steps(start, step_size, steps):
    """Points (u, v) of ibnotes.DiagonalNetwork under torch's SGD and autograd."""
    network = ib.DiagonalNetwork(1, 2, 1.0)
    for parameter, value in zip((network.u, network.v), start, strict=True):
        parameter.data.fill_(value)
    optimizer = torch.optim.SGD(network.parameters(), lr=step_size)
    path = [start]
    for _ in range(steps):
        optimizer.zero_grad()
        loss = (network(torch.ones(1, 1, dtype=torch.float64)) - 1).square().sum() / 2
        loss.backward()
        optimizer.step()
        path.append((network.u.item(), network.v.item()))
    return np.array(path)


def sharpness(point):
    """Largest eigenvalue of autograd's Hessian."""
    hessian = torch.autograd.functional.hessian(scalar_loss, tuple(torch.tensor(point)))
    return np.linalg.eigvalsh(np.array(hessian))[-1]


def flow_end(start):
    """Where gradient flow is after a long time."""
    pull = lambda t, p: 2 * (1 - p[0] ** 2 + p[1] ** 2) * np.array([p[0], -p[1]])
    return solve_ivp(pull, (0, 1000), start, "LSODA", rtol=1e-11, atol=1e-13).y[:, -1]
