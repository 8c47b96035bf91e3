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
def residual(X, y, c):
    svm = ib.max_margin(X, y)
    Z = y[svm.support, None] * X[svm.support]
    return np.linalg.solve(Z, -np.log(svm.dual[svm.support] / c[svm.support]))
""",
        "wrong sign": """
def residual(X, y, c):
    svm = ib.max_margin(X, y)
    Z = y[svm.support, None] * X[svm.support]
    return np.linalg.solve(Z, np.log(len(y) * svm.dual[svm.support] / c[svm.support]))
""",
        "the weights forgotten": """
def residual(X, y, c):
    svm = ib.max_margin(X, y)
    Z = y[svm.support, None] * X[svm.support]
    return np.linalg.solve(Z, -np.log(len(y) * svm.dual[svm.support]))
""",
        "weights on the points' coordinates": """
def residual(X, y, c):
    svm = ib.max_margin(c[:, None] * X, y)
    Z = (y * c)[svm.support, None] * X[svm.support]
    return np.linalg.lstsq(Z, -np.log(len(y) * svm.dual[svm.support]))[0]
""",
        "copies of the points, for whole weights only": """
def residual(X, y, c):
    copies = np.repeat(np.arange(len(y)), np.maximum(1, np.round(c)).astype(int))
    svm, twins = ib.max_margin(X, y), np.bincount(copies)
    Z = y[svm.support, None] * X[svm.support]
    return np.linalg.solve(Z, -np.log(len(y) * svm.dual[svm.support] / twins[svm.support]))
""",
        "read off a run that is too short": """
def residual(X, y, c):
    svm = ib.max_margin(X, y)
    Z = y[svm.support, None] * X[svm.support]
    flow = ib.logistic_flow(X, y, log_times=[200.0])
    return flow.w[0] - svm.w * 200 * (1 + 1e-6) + np.linalg.solve(Z, np.log(c[svm.support]))
""",
        "asked the package": """
from ibnotes import logistic_asymptotics as ask
def residual(X, y, c):
    S = ib.max_margin(X, y).support
    return ask(X, y).residual + np.linalg.solve(y[S, None] * X[S], np.log(c[S]))
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
