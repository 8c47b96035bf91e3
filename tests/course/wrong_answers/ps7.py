WRONG = {
    "start": {
        "the whole start counts": """
def mean_risk(n, d, signal, noise, c, v, a):
    start, seen = (1 - c) ** 2 * signal, min(n, d) / d
    return start * (1 - seen + (1 - a) ** 2 * seen) + v**2 * d + a**2 * noise * min(n, d) / (abs(d - n) - 1)
""",
        "the end alone": """
def mean_risk(n, d, signal, noise, c, v, a):
    start = (1 - c) ** 2 * signal + v**2 * d
    return start * (1 - min(n, d) / d) + noise * min(n, d) / (abs(d - n) - 1)
""",
        "the mean of the risks, not the risk of the mean": """
def mean_risk(n, d, signal, noise, c, v, a):
    start = (1 - c) ** 2 * signal + v**2 * d
    return (1 - a) * start + a * (start * (1 - min(n, d) / d) + noise * min(n, d) / (abs(d - n) - 1))
""",
        "as if start and end erred independently": """
def mean_risk(n, d, signal, noise, c, v, a):
    start = (1 - c) ** 2 * signal + v**2 * d
    end = start * (1 - min(n, d) / d) + noise * min(n, d) / (abs(d - n) - 1)
    return (1 - a) ** 2 * start + a**2 * end
""",
        "the limit for large n and d": """
def mean_risk(n, d, signal, noise, c, v, a):
    start, seen = (1 - c) ** 2 * signal + v**2 * d, min(n, d) / d
    return start * (1 - seen + (1 - a) ** 2 * seen) + a**2 * noise * min(n, d) / abs(d - n)
""",
        "as far from the truth as c is from zero": """
def mean_risk(n, d, signal, noise, c, v, a):
    start, seen = (1 - c**2) * signal + v**2 * d, min(n, d) / d
    return start * (1 - seen + (1 - a) ** 2 * seen) + a**2 * noise * min(n, d) / (abs(d - n) - 1)
""",
        "right with the visible signal and noise only": """
def mean_risk(n, d, signal, noise, c, v, a):
    start, seen = (1 - c) ** 2 * 4 + v**2 * d, min(n, d) / d
    return start * (1 - seen + (1 - a) ** 2 * seen) + a**2 * 0.25 * min(n, d) / (abs(d - n) - 1)
""",
        "asked the package": """
def mean_risk(n, d, signal, noise, c, v, a):
    start, seen = (1 - c) ** 2 * signal + v**2 * d, min(n, d) / d
    return start * (1 - seen + (1 - a) ** 2 * seen) + a**2 * ib.expected_risk(n, d, 0.0, noise)
""",
    },
    "complexity": {
        "the ball around zero that holds it": """
def complexity(X, w0, radius, p):
    signs = np.array(list(product([-1, 1], repeat=len(X))))
    dual = {1: np.inf, 2: 2, np.inf: 1}[p]
    largest = radius + (np.linalg.norm(w0, p) if radius else 0)
    return largest / len(X) * np.linalg.norm(signs @ X, dual, axis=1).mean()
""",
        "the norm itself, not its dual": """
def complexity(X, w0, radius, p):
    signs = np.array(list(product([-1, 1], repeat=len(X))))
    return radius / len(X) * np.linalg.norm(signs @ X, p, axis=1).mean()
""",
        "the bound": """
def complexity(X, w0, radius, p):
    return ib.ball_bound(X, radius) if radius else 0.0
""",
        "Euclidean, whatever the norm": """
def complexity(X, w0, radius, p):
    signs = np.array(list(product([-1, 1], repeat=len(X))))
    return radius / len(X) * np.linalg.norm(signs @ X, axis=1).mean()
""",
        "drawn signs": """
def complexity(X, w0, radius, p):
    signs = np.random.default_rng(3).choice([-1, 1], (100_000, len(X)))
    dual = {1: np.inf, 2: 2, np.inf: 1}[p]
    return radius / len(X) * np.linalg.norm(signs @ X, dual, axis=1).mean()
""",
    },
    "fewer": {
        "all of them, in one fit": "fewer = [1, available, noise * d / (available - d - 1)]",
        "more points than there are": "fewer = [2, available, noise * d / (available - d - 1) / 2]",
        "a point each": "fewer = [available, 1, (1 - 1 / d) ** 2]",
        "one fit, to fewer": """
risks = {n: 1 - n / d + noise * n / (d - n - 1) for n in range(1, d - 1)}
fewer = [1, min(risks, key=risks.get), min(risks.values())]
""",
        "all of the error is averaged away": """
choices = [(m, n) for m in range(1, available + 1) for n in range(1, available // m + 1) if abs(n - d) > 1]
risk_of = lambda m, n: (max(1 - n / d, 0) + noise * min(n, d) / (abs(n - d) - 1)) / m
best = min(choices, key=lambda choice: risk_of(*choice))
fewer = [*best, risk_of(*best)]
""",
        "the limit for large n and d": """
choices = [(m, n) for m in range(1, available + 1) for n in range(1, available // m + 1) if abs(n - d) > 1]
missed = lambda n: max(1 - n / d, 0)
risk_of = lambda m, n: (missed(n) + noise * min(n, d) / abs(n - d)) / m + (1 - 1 / m) * missed(n) ** 2
best = min(choices, key=lambda choice: risk_of(*choice))
fewer = [*best, risk_of(*best)]
""",
        "only the noise is averaged away": """
choices = [(m, n) for m in range(1, available + 1) for n in range(1, available // m + 1) if abs(n - d) > 1]
risk_of = lambda m, n: max(1 - n / d, 0) + noise * min(n, d) / (abs(n - d) - 1) / m
best = min(choices, key=lambda choice: risk_of(*choice))
fewer = [*best, risk_of(*best)]
""",
        "read off a simulation": """
choices = [(m, n) for m in range(1, available + 1) for n in range(1, available // m + 1) if abs(n - d) > 1]
missed, draws = lambda n: max(1 - n / d, 0), np.random.default_rng(5)
risk_of = lambda m, n: (missed(n) + noise * min(n, d) / (abs(n - d) - 1)) / m + (1 - 1 / m) * missed(n) ** 2
m, n = min(choices, key=lambda choice: risk_of(*choice))
errors = [ib.linear_risk(draws.standard_normal((n, d)), np.eye(d)[0], noise) for _ in range(40)]
fewer = [m, n, np.mean(errors) / m + (1 - 1 / m) * missed(n) ** 2]
""",
        "asked the package": """
choices = [(m, n) for m in range(1, available + 1) for n in range(1, available // m + 1) if abs(n - d) > 1]
risk_of = lambda m, n: ib.expected_risk(n, d, 1, noise) / m + (1 - 1 / m) * max(1 - n / d, 0) ** 2
best = min(choices, key=lambda choice: risk_of(*choice))
fewer = [*best, float(risk_of(*best))]
""",
    },
    "penalty": {
        "an isotropic risk": """
def honest():
    return [[1.0, 1.0]], [1.0, 1.0], [1.0, 0.0], 0.1
""",
        "an isotropic risk, where only a large penalty is too large": """
def honest():
    return [[8**0.5, 0.0]], [1.0, 1.0], [1.0, 0.0], 0.1
""",
        "no noise": """
def honest():
    return [[1.0, 1.0]], [1.0, 0.01], [1.0, 0.0], 0.0
""",
        "points as long as it takes": """
def honest():
    return [[100.0, 1.0]], [1.0, 0.01], [1.0, 0.0], 0.1
""",
        "the idle feature is rare in the sample": """
def honest():
    return [[1.0, 0.1]], [1.0, 0.01], [1.0, 0.0], 0.1
""",
    },
}
