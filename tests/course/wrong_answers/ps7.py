WRONG = {
    "start": {
        "the whole start counts": """
def mean_risk(n, d, signal, noise, c, v):
    if d < n:
        return noise * d / (n - d - 1)
    return (1 - c) ** 2 * signal * (1 - n / d) + v**2 * d + noise * n / (d - n - 1)
""",
        "the start matters with more points than features, too": """
def mean_risk(n, d, signal, noise, c, v):
    return (1 - c) ** 2 * signal * abs(1 - n / d) + v**2 * abs(d - n) + noise * min(n, d) / (abs(d - n) - 1)
""",
        "the limit for large n and d": """
def mean_risk(n, d, signal, noise, c, v):
    if d < n:
        return noise * d / (n - d)
    return (1 - c) ** 2 * signal * (1 - n / d) + v**2 * (d - n) + noise * n / (d - n)
""",
        "as far from the truth as c is from zero": """
def mean_risk(n, d, signal, noise, c, v):
    if d < n:
        return noise * d / (n - d - 1)
    return (1 - c**2) * signal * (1 - n / d) + v**2 * (d - n) + noise * n / (d - n - 1)
""",
        "right with the visible signal and noise only": """
def mean_risk(n, d, signal, noise, c, v):
    if d < n:
        return 0.25 * d / (n - d - 1)
    return (1 - c) ** 2 * 4 * (1 - n / d) + v**2 * (d - n) + 0.25 * n / (d - n - 1)
""",
        "asked the package": """
def mean_risk(n, d, signal, noise, c, v):
    return ib.expected_risk(n, d, (1 - c) ** 2 * signal, noise) + v**2 * max(d - n, 0)
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
        "all of them": "fewer = [available, noise * d / (available - d - 1)]",
        "as many as features": "fewer = [d, np.inf]",
        "none of the noise": "fewer = [d - 2, 2 / d]",
        "the limit for large n and d": """
best = min(range(1, d), key=lambda n: 1 - n / d + noise * n / (d - n))
fewer = [best, 1 - best / d + noise * best / (d - best)]
""",
        "read off a simulation": """
draws = np.random.default_rng(5)
best = min(range(1, d - 1), key=lambda n: 1 - n / d + noise * n / (d - n - 1))
fewer = [best, np.mean([ib.linear_risk(draws.standard_normal((best, d)), np.eye(d)[0], noise) for _ in range(20)])]
""",
        "asked the package": """
risks = [float(ib.expected_risk(n, d, 1, noise)) for n in range(1, available + 1)]
fewer = [np.argmin(risks) + 1, min(risks)]
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
