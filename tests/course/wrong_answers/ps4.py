WRONG = {
    "decay": {
        "the nuclear norm at every depth": """
def least_decay(W, L):
    sigma = np.linalg.svd(W)[1]
    return np.sum(sigma**2) if L == 1 else L * np.sum(sigma)
""",
        "eigenvalues in the place of singular values": """
def least_decay(W, L):
    return L * np.sum(np.abs(np.linalg.eigvals(W[: W.shape[1]])) ** (2 / L))
""",
        "one factor's share": """
def least_decay(W, L):
    return np.sum(np.linalg.svd(W)[1] ** (2 / L))
""",
        "the quasi-norm, not its power": """
def least_decay(W, L):
    return L * ib.schatten_norm(W, 2 / L) ** 2 if L == 1 else L * ib.schatten_norm(W, 2 / L)
""",
    },
    "next": {
        "the exponent of depth three": """
growth = (1 - mu[1] / mu[0]) ** -3
""",
        "exponential, as at depth two": """
growth = 1e12 ** (mu[1] / mu[0])
""",
        "in proportion to its pull": """
growth = mu[1] / mu[0] * (mu[0] / 2) * 1e12
""",
        "a factor of the product, not the product": """
growth = (1 - mu[1] / mu[0]) ** -0.5
""",
        "asked the package": """
flow, times = getattr(ib, "deep_linear_flow"), np.linspace(0, 1e6 / mu[0], 2001)
everything = ib.Completion(np.diag(mu), np.ones((3, 3), dtype=bool))
path = flow(everything, ib.balanced_factors((3, 3), 4, 1e-3), times, symmetric=True).w
growth = path[np.argmax(path[:, 0, 0] >= mu[0] / 2), 1, 1] / 1e-12
""",
    },
    "zero": {
        "the scale of u": """
def limit(X, y, alpha):
    return ib.min_potential_interpolant(X, y, alpha, 2).w
""",
        "a rotation, which shares the scale": """
def limit(X, y, alpha):
    return ib.min_potential_interpolant(X, y, alpha / np.sqrt(2), 2).w
""",
        "the shortest fit": """
def limit(X, y, alpha):
    return np.linalg.pinv(X) @ y
""",
        "the smallest l1 norm": """
def limit(X, y, alpha):
    return ib.min_norm_interpolant(X, y, 1).w if alpha < 1 else np.linalg.pinv(X) @ y
""",
    },
    "scales": {
        "all alike": """
def scales(x):
    return [1e-6, 1e-6, 1e-6]
""",
        "the wrong way round": """
def scales(x):
    return [1e-3, 1e-6, 1e-20]
""",
        "in proportion, not in the exponent": """
def scales(x):
    return [1e-3 * (x[2] / x[0]) ** 4, 1e-3 * (x[2] / x[1]) ** 4, 1e-3]
""",
        "exponents on the edge": """
def scales(x):
    return [1e-3 ** (x[0] / x[2]), 1e-3 ** (x[1] / x[2]), 1e-3]
""",
    },
}
