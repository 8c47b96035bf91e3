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
    return (Q * (x * np.exp(2 * mu * t) / (1 + x * np.expm1(2 * mu * t)))) @ Q.T
""",
        "needs growth along every eigenvector": """
def product(M, U0, t):
    mu, Q = np.linalg.eigh(M)
    grown = (Q * np.exp(mu * t)) @ Q.T @ U0
    half = np.sqrt(np.expm1(2 * mu * t))[:, None] * (Q.T @ U0)
    return grown @ np.linalg.inv(np.eye(U0.shape[1]) + half.T @ half) @ grown.T
""",
        "needs the inverse of the start": """
def product(M, U0, t):
    mu, Q = np.linalg.eigh(M)
    Y = np.linalg.inv(Q.T @ U0 @ U0.T @ Q) + np.diag(np.expm1(2 * mu * t))
    grown = Q * np.exp(mu * t)
    return grown @ np.linalg.inv(Y) @ grown.T
""",
        "the linear flow near zero": """
def product(M, U0, t):
    mu, Q = np.linalg.eigh(M)
    grown = (Q * np.exp(mu * t)) @ Q.T @ U0
    return grown @ grown.T
""",
        "the chapter's flow": """
from scipy.special import exprel
def product(M, U0, t):
    mu, Q = np.linalg.eigh(M)
    V = Q.T @ U0
    grown, F = np.exp(mu * t)[:, None] * V, 2 * t * exprel(2 * mu * t)
    return Q @ grown @ np.linalg.solve(np.eye(V.shape[1]) + (V.T * F) @ V, grown.T) @ Q.T
""",
        "asked the package": """
import scipy as sp
def product(M, U0, t):
    velocity = lambda t, u: (M @ (U := u.reshape(U0.shape)) - U @ (U.T @ M @ U)).ravel()
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
        "gradient flow's end": """
u1 = (p**2 * (p**2 + q**2) / (p**2 + r**2)) ** 0.25
u = np.array([u1, u1 * r / p, p / u1, q / u1])
end = np.outer(u, u)
""",
        "conserves the products of the pairs": """
u1 = (p**2 * q / r) ** 0.25
u = np.array([u1, u1 * r / p, p / u1, q / u1])
end = np.outer(u, u)
""",
        "conserves the sum of u": """
u1 = np.sqrt(p * (p + r) / (p + q))
u = np.array([u1, u1 * r / p, p / u1, q / u1])
end = np.outer(u, u)
""",
        "zeros where nothing is known": """
end = problem.observed
""",
        "asked the package": """
from scipy.integrate import solve_ivp
velocity = lambda t, a: -problem.gradient(np.exp(np.add.outer(a, a))) @ np.exp(a)
u = np.exp(solve_ivp(velocity, (0, 1e4), np.log(np.full(4, 0.1)), "LSODA", rtol=1e-10, atol=1e-12).y[:, -1])
end = np.outer(u, u)
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
