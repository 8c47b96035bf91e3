WRONG = {
    "clock": {
        "momentum forgotten": """
def clock(lr, momentum, dampening, power, steps):
    return lr * np.sum(np.arange(1, steps + 1) ** -power)
""",
        "dampening forgotten": """
def clock(lr, momentum, dampening, power, steps):
    return lr * np.sum(np.arange(1, steps + 1) ** -power) / (1 - momentum)
""",
        "constant steps": """
def clock(lr, momentum, dampening, power, steps):
    return lr * steps * (1 - dampening) / (1 - momentum)
""",
        "steps times the last step size": """
def clock(lr, momentum, dampening, power, steps):
    return lr * steps ** (1 - power) * (1 - dampening) / (1 - momentum)
""",
        "hard-coded": """
def clock(lr, momentum, dampening, power, steps):
    return 1980.0
""",
    },
    "watched": {
        "always gradient descent": """
def limit(gradients, steps, X, y):
    return ib.direction(ib.max_margin(X, y).w)
""",
        "P in place of its root": """
def limit(gradients, steps, X, y):
    P = np.linalg.lstsq(gradients, -steps)[0]
    return ib.direction(P @ ib.max_margin(X @ P, y).w)
""",
        "the wrong side of the root": """
def limit(gradients, steps, X, y):
    P = np.linalg.lstsq(gradients, -steps)[0]
    A = np.linalg.cholesky((P + P.T) / 2).T
    return ib.direction(A @ ib.max_margin(X @ A, y).w)
""",
        "the max margin, preconditioned": """
def limit(gradients, steps, X, y):
    P = np.linalg.lstsq(gradients, -steps)[0]
    return ib.direction(P @ ib.max_margin(X, y).w)
""",
        "a run that is too short": """
def limit(gradients, steps, X, y):
    P, w = np.linalg.lstsq(gradients, -steps)[0], np.zeros(X.shape[1])
    P = P / np.linalg.norm(P)
    if np.allclose(P, P[0, 0] * np.eye(len(P))):
        return ib.direction(ib.max_margin(X, y).w)
    for _ in range(20_000):
        w -= P @ (X.T @ (-y * np.exp(-np.logaddexp(0, y * (X @ w))) / len(y)))
    return ib.direction(w)
""",
    },
    "turned": {
        "the identity": """
def turn():
    return np.eye(3)
""",
        "a permutation": """
def turn():
    return np.array([[0.0, 1.0, 0.0], [0.0, 0.0, -1.0], [1.0, 0.0, 0.0]])
""",
        "the point alone turned over": """
def turn():
    return -np.eye(3)
""",
        "not orthogonal": """
def turn():
    return np.diag([10.0, 1.0, 0.1])
""",
        "hardly turned": """
def turn():
    c, s = np.cos(1e-4), np.sin(1e-4)
    return np.array([[c, s, 0.0], [-s, c, 0.0], [0.0, 0.0, 1.0]])
""",
    },
    "stopping": {
        "never": """
sigma = np.linalg.svd(design, compute_uv=False)
stopping = [10_000, noise * np.sum(sigma**-2), noise * np.sum(sigma**-2)]
""",
        "the same for ridge as for descent": """
_, sigma, axes = np.linalg.svd(design, full_matrices=False)
kept = 1 - (1 - (sigma / sigma[0]) ** 2) ** np.arange(10_000)[:, None]
errors = np.sum((1 - kept) ** 2 * (axes @ truth) ** 2 + noise * (kept / sigma) ** 2, axis=1)
stopping = [errors.argmin(), errors.min(), errors.min()]
""",
        "the flow in place of descent": """
_, sigma, axes = np.linalg.svd(design, full_matrices=False)
kept = 1 - np.exp(-((sigma / sigma[0]) ** 2) * np.arange(10_000)[:, None])
errors = np.sum((1 - kept) ** 2 * (axes @ truth) ** 2 + noise * (kept / sigma) ** 2, axis=1)
stopping = [errors.argmin(), errors.min(), errors.min()]
""",
        "the training error": """
stopping = [9999, 0.0, 0.0]
""",
    },
}
