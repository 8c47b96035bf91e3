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
growth = ((mu[0] - kappa) / (mu[0] - mu[1:])) ** 3
""",
        "the decay forgotten": """
growth = (1 - mu[1:] / mu[0]) ** -2
""",
        "exponential, as at depth two": """
growth = 1e12 ** ((mu[1:] - kappa) / (mu[0] - kappa))
""",
        "in proportion to its pull": """
growth = (mu[1:] - kappa) / (mu[0] - kappa) * (mu[0] / 2) * 1e12
""",
        "a factor of the product, not the product": """
growth = ((mu[0] - kappa) / (mu[0] - mu[1:])) ** 0.5
""",
        "decay of what has grown without it": """
arrival = -np.log1p(-kappa / mu[0]) / (2 * kappa)
growth = (1 - mu[1:] / mu[0]) ** -2 * np.exp(-2 * kappa * arrival)
""",
        "what loses to the decay is gone": """
growth = np.array([((mu[0] - kappa) / (mu[0] - mu[1])) ** 2, 1e-12])
""",
        "asked the package": """
import scipy.integrate as ode
velocity = lambda t, a: np.exp(2 * a) * (mu - np.exp(4 * a)) - kappa * 1e-6
half = lambda t, a: 4 * a[0] - np.log(mu[0] / 2)
half.terminal = True
start = np.full(3, np.log(1e-3))
run = ode.solve_ivp(velocity, (0, 1e7), start, "LSODA", events=half, rtol=1e-9, atol=1e-9)
growth = np.exp(4 * run.y[1:, -1]) / 1e-12
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
