"""Next to which KKT points 60 flows of smooth networks are when the loss is exp(-100 000): its smallest exponent.

Networks of polynomials, whose second derivatives exist everywhere; five data sets a network, four starts each. The
program of `margin_point`, which minimizes, would leave a saddle: Newton's method on the KKT equations does not.
"""

import numpy as np
from scipy.linalg import null_space
from scipy.optimize import root

import ibnotes as ib

NETWORKS = ("squares", "cubes", "convolution of squares")
CASES = [
    {"network": name, "data": data, "start": start} for name in NETWORKS for data in range(5) for start in range(4)
]
SAMPLE = (0, 21, 44)
RTOL = 1e-4
LOG_TIMES = (1e5, 5e5)  # the point is the one next to the flow at the first
ACTIVE = 1e-3  # a margin above the smallest by no more than this is active, relative; shares of e^-100 are not
STEP = 1e-5  # of central differences


def instance(name: str, data: int) -> ib.TwoLayer:
    """A network on six random points with random labels; all weights are trained."""
    rng = np.random.default_rng(data)
    y = np.sign(rng.standard_normal(6))
    if name == "convolution of squares":
        windows = np.lib.stride_tricks.sliding_window_view(rng.standard_normal((6, 6)), 3, axis=1)
        return ib.TwoLayer(windows, y, width=4, rectified=False)
    return ib.TwoLayer(rng.standard_normal((6, 4)), y, width=4, power=2 if name == "squares" else 3, rectified=False)


def hessian(net: ib.TwoLayer, theta: np.ndarray, multipliers: np.ndarray) -> np.ndarray:
    """Of the Lagrangian ``||theta||^2 / 2 - sum_i multipliers_i (q_i - 1)``."""

    def gradient(w):
        return w - multipliers @ net.jacobian(w)

    steps = STEP * np.linalg.norm(theta) * np.eye(net.size)
    rows = [(gradient(theta + h) - gradient(theta - h)) / (2 * np.linalg.norm(h)) for h in steps]
    return (np.array(rows) + np.transpose(rows)) / 2


def newton(net: ib.TwoLayer, end: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The KKT point next to ``end``: theta, its multipliers, and which margins are active.

    Raises:
        NotConverged: where there is none next to it.
    """
    at = ib.margin_residuals(net, end)
    active = net.margins(at.theta) < 1 + ACTIVE

    def spread(unknowns):
        multipliers = np.zeros(len(active))
        multipliers[active] = unknowns[net.size :]
        return unknowns[: net.size], multipliers

    def equations(unknowns):
        theta, multipliers = spread(unknowns)
        return np.append(theta - multipliers @ net.jacobian(theta), net.margins(theta)[active] - 1)

    def slope(unknowns):
        J = net.jacobian(unknowns[: net.size])[active]
        return np.block([[hessian(net, *spread(unknowns)), -J.T], [J, np.zeros((len(J), len(J)))]])

    solution = root(equations, np.append(at.theta, at.multipliers[active]), jac=slope, tol=1e-12)
    theta, multipliers = spread(solution.x)
    if np.abs(equations(solution.x)).max() > 1e-9 or multipliers.min() < 0:
        raise ib.NotConverged("Newton's method found no KKT point")
    return theta, multipliers, active


def row(network: str, data: int, start: int) -> dict[str, float]:
    """``learned`` is 0 where some point is never learned; what is not known is nan.

    ``ahead`` is the log of the flow's smoothed margin at the second time over the point's margin: positive, it never
    comes back.
    """
    net = instance(network, data)
    begin = 0.5 * np.random.default_rng(100 + start).standard_normal(net.size)
    figures = dict.fromkeys(("learned", "angle", "gap", "margin", "multiplier", "exponent", "ahead"), np.nan)
    try:
        end, later = ib.homogeneous_flow(net, begin, LOG_TIMES).w
    except ib.NotConverged:
        return {**figures, "learned": 0}
    figures |= {"learned": 1, "angle": ib.margin_residuals(net, end).angle}
    try:
        theta, multipliers, active = newton(net, end)
    except ib.NotConverged:
        return figures
    tangent = null_space(net.jacobian(theta)[active])
    margin = np.linalg.norm(theta) ** -net.degree
    smoothed = -ib.log_exponential_loss(net, later) / np.linalg.norm(later) ** net.degree
    return figures | {
        "gap": ib.direction_gap(end, theta),
        "margin": margin,
        "multiplier": multipliers[active].min(),
        "exponent": np.linalg.eigvalsh(tangent.T @ hessian(net, theta, multipliers) @ tangent)[0],
        "ahead": np.log(smoothed / margin),
    }
