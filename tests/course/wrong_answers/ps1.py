WRONG = {
    "extremes": {
        "the whole input, not its unseen part": """
def extremes(X, y, x, R):
    w = np.linalg.pinv(X) @ y
    swing = np.linalg.norm(x) * np.sqrt(R**2 - w @ w)
    return [x @ w - swing, x @ w + swing]
""",
        "the whole budget, not what the fit leaves of it": """
def extremes(X, y, x, R):
    w = np.linalg.pinv(X) @ y
    swing = np.linalg.norm(x - np.linalg.pinv(X) @ X @ x) * R
    return [x @ w - swing, x @ w + swing]
""",
        "the inputs that X leaves out, not its kernel": """
def extremes(X, y, x, R):
    w, unseen = np.linalg.pinv(X) @ y, np.where(np.any(X != 0, axis=0), 0, x)
    swing = np.linalg.norm(unseen) * np.sqrt(R**2 - w @ w)
    return [x @ w - swing, x @ w + swing]
""",
        "a search among random fits": """
def extremes(X, y, x, R):
    w, rng = np.linalg.pinv(X) @ y, np.random.default_rng(0)
    v = rng.standard_normal((100_000, len(x)))
    v -= v @ np.linalg.pinv(X) @ X
    v *= np.sqrt(R**2 - w @ w) / np.linalg.norm(v, axis=1)[:, None]
    return [x @ w + (v @ x).min(), x @ w + (v @ x).max()]
""",
        "asked the package": """
import cvxpy as cp
def extremes(X, y, x, R):
    w = cp.Variable(len(x))
    ball = [np.linalg.pinv(X) @ (X @ w - y) == 0, cp.norm(w) <= R]
    return [cp.Problem(goal(x @ w), ball).solve(cp.CLARABEL) for goal in (cp.Minimize, cp.Maximize)]
""",
    },
    "steps": {
        "the distance, not the loss": """
u, sigma, _ = np.linalg.svd(A, full_matrices=False)
r = b - A @ start
steps = np.log(1e6 * abs(u[:, -1] @ r) / np.linalg.norm(r)) / (eta * sigma[-1] ** 2)
""",
        "all of the loss along the slowest direction": """
steps = np.log(1e6) / (2 * eta * np.linalg.svd(A)[1][-1] ** 2)
""",
        "the singular value, not its square": """
u, sigma, _ = np.linalg.svd(A, full_matrices=False)
r = b - A @ start
steps = np.log(1e6 * (u[:, -1] @ r) ** 2 / (r @ r)) / (2 * eta * sigma[-1])
""",
        "ten million steps, and then a straight line": """
r, step = A @ start - b, np.eye(3) - eta * A @ A.T
for _ in range(7):
    step = np.linalg.matrix_power(step, 10)
steps = 1e7 * np.log(1e-6) / np.log(np.sum((step @ r) ** 2) / (r @ r))
""",
    },
    "multiplicative": {
        "the shortest fit": """
def limit(X, y, w0):
    return np.linalg.pinv(X) @ y
""",
        "the nearest fit": """
def limit(X, y, w0):
    return w0 + np.linalg.pinv(X) @ (y - X @ w0)
""",
        "the nearest in the metric of the start, right to first order": """
def limit(X, y, w0):
    root = np.sqrt(w0)
    return w0 + root * (np.linalg.pinv(X * root) @ (y - X @ w0))
""",
        "a run of ten thousand steps": """
def limit(X, y, w0):
    w = np.array(w0, dtype=float)
    for _ in range(10_000):
        w *= np.exp(-0.01 * X.T @ (X @ w - y))
    return w
""",
        "asked the package": """
from scipy.integrate import solve_ivp
def limit(X, y, w0):
    velocity = lambda t, a: -X.T @ (X @ np.exp(a) - y)
    jacobian = lambda t, a: -(X.T @ X) * np.exp(a)
    run = solve_ivp(velocity, (0, 1e10), np.log(w0), "Radau", jac=jacobian, rtol=1e-8, atol=1e-10)
    return np.exp(run.y[:, -1])
""",
    },
    "geometry": {
        "no geometry": """
def preconditioner(X, y, fit):
    return np.eye(6)
""",
        "the fit's own square, and a little more": """
def preconditioner(X, y, fit):
    return np.outer(fit, fit) + 1e-3 * np.eye(6)
""",
        "not positive definite": """
def preconditioner(X, y, fit):
    a = X.T @ y
    return (np.outer(fit, a) + np.outer(a, fit)) / (a @ a) - (a @ fit) * np.outer(a, a) / (a @ a) ** 2
""",
        "the metric and its inverse confused": """
def preconditioner(X, y, fit):
    a = X.T @ y
    return np.linalg.inv(np.outer(fit, fit) / (a @ fit) + np.eye(6) - np.outer(a, a) / (a @ a))
""",
    },
}
