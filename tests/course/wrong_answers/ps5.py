WRONG = {
    "chain": {
        "powers in place of their roots": """
def chain(powers, start):
    degree = powers.sum()
    end = ib.direction(powers)
    return np.array([end, degree * end * (start**2 / powers - start @ start / degree) / 2])
""",
        "the start's length forgotten": """
def chain(powers, start):
    degree = powers.sum()
    end = np.sqrt(powers / degree)
    return np.array([end, degree * end * start**2 / powers / 2])
""",
        "twice the deviation": """
def chain(powers, start):
    degree = powers.sum()
    end = np.sqrt(powers / degree)
    return np.array([end, degree * end * (start**2 / powers - start @ start / degree)])
""",
        "right for powers of 1, 1, 2 only": """
def chain(powers, start):
    end = np.sqrt(powers / 4)
    return np.array([end, 2 * end * (start**2 / powers - start @ start / 4)])
""",
        "read off a run": """
def chain(powers, start):
    theta = ib.homogeneous_flow(Monomial(powers), start, [1e6]).w[0]
    end, r = np.sqrt(powers / powers.sum()), np.linalg.norm(theta)
    return np.array([end, r**2 * (theta / r - end)])
""",
    },
    "rates": {
        "rates do not matter": """
def cheapest(X, y, eta, zeta):
    return ib.max_margin(X, y, norm=1).w
""",
        "the norm without the root": """
def cheapest(X, y, eta, zeta):
    scale = eta * zeta
    return scale * ib.max_margin(scale * X, y, norm=1).w
""",
        "the mean of the rates": """
def cheapest(X, y, eta, zeta):
    scale = (eta + zeta) / 2
    return scale * ib.max_margin(scale * X, y, norm=1).w
""",
        "the rate of the first layer alone": """
def cheapest(X, y, eta, zeta):
    return eta * ib.max_margin(eta * X, y, norm=1).w
""",
    },
    "gaps": {
        "equal": "gaps = np.zeros(4)",
        "wrong sign": """
dual = ib.max_margin(problem.X, problem.y).dual[support]
gaps = np.log(dual / dual.min())
""",
        "twice, for two layers": """
dual = ib.max_margin(problem.X, problem.y).dual[support]
gaps = 2 * np.log(dual.max() / dual)
""",
        "read off a run": """
net = ib.TwoLayer(problem.X, problem.y, width=3, power=1, rectified=False)
end = ib.homogeneous_flow(net, np.random.default_rng(0).standard_normal(net.size), [1e3]).w[0]
gaps = net.margins(end)[support] - net.margins(end)[support].min()
""",
    },
    "stationary": {
        "the optimum": """
def stationary():
    w = ib.max_margin(X, y, norm=1).w
    return np.sqrt(np.concatenate([np.maximum(w, 0), np.maximum(-w, 0)]))
""",
        "the optimum, scaled up": """
def stationary():
    w = 2.1 * ib.max_margin(X, y, norm=1).w
    return np.sqrt(np.concatenate([np.maximum(w, 0), np.maximum(-w, 0)]))
""",
        "u and v both in use": """
def stationary():
    w = ib.max_margin(X, y, norm=1).w
    return np.sqrt(np.concatenate([np.maximum(w, 0), np.maximum(-w, 0)]) + np.abs(w).max())
""",
        "not feasible": """
def stationary():
    return np.full(8, 0.1)
""",
    },
}
