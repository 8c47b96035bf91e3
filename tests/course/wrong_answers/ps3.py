WRONG = {
    "gradient": {
        "as if everything were symmetric": """
def gradient(U, M, mask):
    return 2 * np.where(mask, U @ U.T - M, 0) @ U
""",
        "one of the two terms": """
def gradient(U, M, mask):
    return np.where(mask, U @ U.T - M, 0) @ U
""",
        "the mask on M only": """
def gradient(U, M, mask):
    E = U @ U.T - np.where(mask, M, 0)
    return (E + E.T) @ U
""",
        "an entry observed if its mirror image is": """
def gradient(U, M, mask):
    E = np.where(mask | mask.T, U @ U.T - M, 0)
    return (E + E.T) @ U
""",
    },
    "product": {
        "a logistic curve along each eigenvector of M": """
def product(M, U0, t):
    mu, Q = np.linalg.eigh(M)
    x = np.diag(Q.T @ U0 @ U0.T @ Q)
    return (Q * (x * np.exp(2 * mu * t) / (1 + x * 2 * t * exprel(2 * mu * t)))) @ Q.T
""",
        "needs the inverse of M": """
def product(M, U0, t):
    mu, Q = np.linalg.eigh(M)
    grown = (Q * np.exp(mu * t)) @ Q.T @ U0
    F = np.linalg.inv(M) @ ((Q * np.exp(2 * mu * t)) @ Q.T - np.eye(len(M)))
    return grown @ np.linalg.inv(np.eye(U0.shape[1]) + U0.T @ F @ U0) @ grown.T
""",
        "needs the inverse of the start": """
def product(M, U0, t):
    mu, Q = np.linalg.eigh(M)
    Y = np.linalg.inv(Q.T @ U0 @ U0.T @ Q) + np.diag(2 * t * exprel(2 * mu * t))
    shrunk = Q * np.exp(mu * t)
    return shrunk @ np.linalg.inv(Y) @ shrunk.T
""",
        "the linear flow near zero": """
def product(M, U0, t):
    mu, Q = np.linalg.eigh(M)
    grown = (Q * np.exp(mu * t)) @ Q.T @ U0
    return grown @ grown.T
""",
        "asked the package": """
import scipy as sp
def product(M, U0, t):
    velocity = lambda t, u: ((M - (U := u.reshape(U0.shape)) @ U.T) @ U).ravel()
    run = sp.integrate.solve_ivp(velocity, (0, t), U0.ravel(), "DOP853", rtol=1e-13, atol=1e-15)
    U = run.y[:, -1].reshape(U0.shape)
    return U @ U.T
""",
    },
    "end": {
        "as if the pairs were alike": """
u = np.array([1, r / p, p, q])
end = np.outer(u, u)
""",
        "the least trace": """
left, sigma, right = np.linalg.svd([[p, q], [r, p]])
B = np.array([[p, q], [r, p]])
end = np.block([[(left * sigma) @ left.T, B], [B.T, (right.T * sigma) @ right]])
""",
        "a start that is not small": """
start = ib.balanced_factors((4, 4), 2, 0.1)
end = ib.deep_linear_flow(problem, start, [0, 1e6], symmetric=True).w[-1]
""",
        "conserves the length of u": """
u1 = (p**2 * (p**2 + r**2) / (p**2 + q**2)) ** 0.25
u = np.array([u1, u1 * r / p, p / u1, q / u1])
end = np.outer(u, u)
""",
        "zeros where nothing is known": """
end = problem.observed
""",
        "asked the package": """
start = ib.balanced_factors((4, 4), 2, 1e-8)
end = ib.deep_linear_flow(problem, start, [0, 1e9], symmetric=True).w[-1]
""",
    },
    "starts": {
        "one start, twice": """
def starts():
    return [[1.0, 0.0, 1.0], [1.0, 0.0, 1.0]]
""",
        "signs turned: another start, the same end": """
def starts():
    return [[0.1, 0.0, 10.0], [-0.1, 0.0, -10.0]]
""",
        "too close": """
def starts():
    return [[1.0, 0.0, 1.0], [0.5, 0.0, 2.0]]
""",
        "never leaves zero": """
def starts():
    return [[0.1, 0.0, 10.0], [0.0, 1.0, 1.0]]
""",
    },
}
