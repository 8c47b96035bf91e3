WRONG = {
    "gradient": {
        "sum in place of the mean": """
def gradient(w, X, y):
    return -X.T @ (y * expit(-y * (X @ w)))
""",
        "wrong sign": """
def gradient(w, X, y):
    return X.T @ (y * expit(-y * (X @ w))) / len(y)
""",
        "overflows": """
def gradient(w, X, y):
    e = np.exp(-y * (X @ w))
    return -X.T @ (y * e / (1 + e)) / len(y)
""",
        "right on the visible instance only": """
X_seen, y_seen = X, y
def gradient(w, X, y):
    return -X_seen.T @ (y_seen * expit(-y_seen * (X_seen @ w))) / len(y_seen)
""",
    },
    "limit": {
        "always the Euclidean one": """
def limit(iterates, X, y):
    w = ib.max_margin(X, y).w
    return w / np.linalg.norm(w)
""",
        "the last iterate": """
def limit(iterates, X, y):
    return iterates[-1] / np.linalg.norm(iterates[-1])
""",
        "hard-coded": """
answer = ib.direction(ib.max_margin(X, y).w).tolist()
def limit(iterates, X, y):
    return answer
""",
    },
    "residual": {
        "the number of points forgotten": """
def residual(X, y):
    svm = ib.max_margin(X, y)
    Z = y[svm.support, None] * X[svm.support]
    return np.linalg.solve(Z, -np.log(svm.dual[svm.support]))
""",
        "wrong sign": """
def residual(X, y):
    svm = ib.max_margin(X, y)
    Z = y[svm.support, None] * X[svm.support]
    return np.linalg.solve(Z, np.log(len(y) * svm.dual[svm.support]))
""",
        "read off a run that is too short": """
def residual(X, y):
    flow = ib.logistic_flow(X, y, log_times=[200.0])
    return flow.w[0] - ib.max_margin(X, y).w * 200 * (1 + 1e-6)
""",
        "asked the package": """
from ibnotes import logistic_asymptotics as ask
def residual(X, y):
    return ask(X, y).residual
""",
    },
    "intercept": {
        "no label -1": """
def counterexample():
    return [[10.0, 0.5], [5.0, 1.0]], [1.0, 1.0]
""",
        "the two lines agree": """
def counterexample():
    return [[1.0, 1.0], [-1.0, -1.0]], [1.0, -1.0]
""",
        "five points": """
def counterexample():
    return [[10.0, 0.5], [5.0, -0.5], [11.0, 0.6], [12.0, 0.6], [13.0, 0.6]], [1.0, -1.0, 1.0, 1.0, 1.0]
""",
    },
}
