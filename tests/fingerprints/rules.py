"""Step rules written out: known ones, foreign ones, and small changes that an instrument must see."""

import torch


class Rule(torch.optim.Optimizer):
    """``w <- w - lr * rule(gradient, w, state)`` for each tensor."""

    def __init__(self, params, rule, lr=0.01):
        super().__init__(params, {"lr": lr})
        self.rule = rule

    @torch.no_grad()
    def step(self):
        for group in self.param_groups:
            for w in group["params"]:
                w.sub_(group["lr"] * self.rule(w.grad, w, self.state[w]))


def by(rule, lr=0.01):
    return lambda params: Rule(params, rule, lr)


def power(p):
    """Steepest descent in l_p."""

    def rule(g, w, state):
        v = (g.abs() / g.abs().max()) ** (1 / (p - 1)) * g.sign()
        return v / torch.linalg.vector_norm(v, p)

    return by(rule)


def schatten(p):
    """Steepest descent in the Schatten norm p, of matrices; l_p of vectors."""

    def rule(g, w, state):
        if g.ndim != 2:
            return (g.abs() / g.abs().max()) ** (1 / (p - 1)) * g.sign()
        U, s, Vh = torch.linalg.svd(g, full_matrices=False)
        return (U * (s / s[0]) ** (1 / (p - 1))) @ Vh

    return by(rule)


def weighted(g, w, state):
    """Descent preconditioned by fixed weights: the bias is in a weighted l2."""
    return torch.linspace(0.3, 3, g.numel(), dtype=g.dtype).view(g.shape) * g


def half_sign(g, w, state):
    return g.sign() + g / g.norm()


def rows(g, w, state):
    return g / g.norm(dim=-1, keepdim=True)


class Lion(torch.optim.Optimizer):
    """Ten lines of it; ``inside`` puts the decay into the sign."""

    def __init__(self, params, lr=0.01, betas=(0.9, 0.99), weight_decay=0.1, inside=False):
        super().__init__(params, {"lr": lr, "betas": betas, "weight_decay": weight_decay})
        self.inside = inside

    @torch.no_grad()
    def step(self):
        for group in self.param_groups:
            (b1, b2), shrink = group["betas"], group["weight_decay"]
            for w in group["params"]:
                m = self.state[w].setdefault("m", torch.zeros_like(w))
                c = b1 * m + (1 - b1) * w.grad
                if self.inside:
                    c = c + shrink * w
                else:
                    w.mul_(1 - group["lr"] * shrink)
                w.sub_(group["lr"] * c.sign())
                m.mul_(b2).add_(w.grad, alpha=1 - b2)


def normalized(g):
    return g / g.norm()


def polar(g):
    """Not zero at a zero gradient."""
    U, _, Vh = torch.linalg.svd(g, full_matrices=False)
    return U @ Vh


class Decayed(torch.optim.Optimizer):
    """A rule without memory, the decay beside it, or ``inside`` of it."""

    def __init__(self, params, rule, lr=0.01, weight_decay=0.1, inside=False):
        super().__init__(params, {"lr": lr, "weight_decay": weight_decay})
        self.rule, self.inside = rule, inside

    @torch.no_grad()
    def step(self):
        for group in self.param_groups:
            for w in group["params"]:
                shrunk = group["weight_decay"] * w
                step = self.rule(w.grad + shrunk) if self.inside else self.rule(w.grad) + shrunk
                w.sub_(group["lr"] * step)


class Adam(torch.optim.Optimizer):
    """By hand, with the changes that happen."""

    def __init__(self, params, lr=0.01, betas=(0.9, 0.999), eps=1e-8, root=False, corrected=True):
        super().__init__(params, {"lr": lr, "betas": betas, "eps": eps})
        self.root, self.corrected = root, corrected

    @torch.no_grad()
    def step(self):
        for group in self.param_groups:
            (b1, b2), eps = group["betas"], group["eps"]
            for w in group["params"]:
                state = self.state[w]
                if not state:
                    state.update(m=torch.zeros_like(w), v=torch.zeros_like(w), k=0)
                state["k"] += 1
                state["m"].lerp_(w.grad, 1 - b1)
                state["v"].lerp_(w.grad**2, 1 - b2)
                c1, c2 = (1 - b1 ** state["k"], 1 - b2 ** state["k"]) if self.corrected else (1, 1)
                m, v = state["m"] / c1, state["v"] / c2
                w.sub_(group["lr"] * m / ((v + eps).sqrt() if self.root else v.sqrt() + eps))


def signum(before):
    """Momentum of the gradients and then the sign, or momentum of the signs."""

    def rule(g, w, state):
        m = state.setdefault("m", torch.zeros_like(g)).mul_(0.9).add_(g if before else g.sign(), alpha=0.1)
        return m.sign() if before else m.clone()

    return by(rule)
