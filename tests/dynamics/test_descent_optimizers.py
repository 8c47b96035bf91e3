"""Every optimizer of torch, and small ones for each liberty that its protocol grants, against plain loops in torch."""

import inspect

import numpy as np
import pytest
import torch
from instances import several_classes
from test_descent import PROBLEM, torch_losses

import ibnotes

CLASSES, MULTI = PROBLEM["logistic"], several_classes(0)
SGD = lambda params: torch.optim.SGD(params, lr=0.1)


def losses(problem, w):
    if problem is MULTI:
        X, labels = torch.tensor(MULTI.X), torch.tensor(MULTI.labels)
        return lambda: torch.nn.functional.cross_entropy(X @ w.T, labels)
    return torch_losses(CLASSES.X, CLASSES.y, w)["logistic"]


def plain_loop(make, steps, closure=False, problem=CLASSES, schedule=lambda k: 1):
    """The weights after each step, as one writes it: autograd, zero_grad, backward, step."""
    w = torch.zeros(MULTI.shape if problem is MULTI else 4, dtype=torch.float64, requires_grad=True)
    loss, optimizer, path = losses(problem, w), make([w]), [w.detach().clone()]

    def evaluate():
        optimizer.zero_grad()
        value = loss()
        value.backward()
        return value

    rates = [group.get("lr") for group in optimizer.param_groups]
    for k in range(1, steps + 1):
        for group, rate in zip(optimizer.param_groups, rates, strict=True):
            if rate is not None:
                group["lr"] = rate * schedule(k)
        evaluate()
        optimizer.step(evaluate) if closure else optimizer.step()
        path.append(w.detach().clone())
    return torch.stack(path).numpy()


def descend(make, steps=40, problem=CLASSES, **options):
    return ibnotes.descend(problem, make, steps, records=20 * steps, **options)


# --- all of torch's ---

EXTRAS = {"LBFGS": {"lr": 0.5, "max_iter": 4}}
EVERY = {
    name: each
    for name, each in vars(torch.optim).items()
    if inspect.isclass(each) and issubclass(each, torch.optim.Optimizer) and each is not torch.optim.Optimizer
}


@pytest.mark.parametrize("name", sorted(EVERY.keys() - {"SparseAdam"}))
def test_every_optimizer_of_torch_steps_as_in_a_plain_loop(name):
    problem = MULTI if name == "Muon" else CLASSES  # which takes matrices only
    make = lambda params: EVERY[name](params, **{"lr": 0.05, **EXTRAS.get(name, {})})
    path, exact = descend(make, problem=problem).w, plain_loop(make, 40, closure=name == "LBFGS", problem=problem)
    assert np.abs(exact[-1]).max() > 1e-3
    assert np.abs(path - exact).max() < (1e-2 if name == "Muon" else 1e-9)  # Muon computes in bfloat16


def test_the_list_of_torchs_optimizers_is_not_empty():
    assert len(EVERY) > 12


@pytest.mark.parametrize("options", [{"foreach": True}, {"fused": True}, {"maximize": True}, {"amsgrad": True}])
def test_options_of_adam_are_honoured(options):
    make = lambda params: torch.optim.Adam(params, lr=0.05, **options)
    assert np.abs(descend(make).w - plain_loop(make, 40)).max() < 1e-12


@pytest.mark.parametrize("line_search", [None, "strong_wolfe"])
@pytest.mark.parametrize("loss", ["logistic", "exponential", "squared"])
def test_lbfgs_finds_what_a_plain_loop_finds(loss, line_search):
    problem = PROBLEM[loss]
    make = lambda params: torch.optim.LBFGS(params, lr=0.1, max_iter=5, line_search_fn=line_search, tolerance_grad=0)
    w = torch.zeros(problem.X.shape[1], dtype=torch.float64, requires_grad=True)
    value, optimizer = torch_losses(problem.X, problem.y, w)[loss], make([w])

    def closure():
        optimizer.zero_grad()
        value().backward()
        return value()

    for _ in range(3):
        optimizer.step(closure)
    path = ibnotes.descend(problem, make, 3, loss=loss)
    assert np.abs(path.w[-1] - w.detach().numpy()).max() < 1e-9


def test_the_closure_gives_the_loss_of_several_classes():
    make = lambda params: torch.optim.LBFGS(params, lr=0.1, max_iter=5, line_search_fn="strong_wolfe")
    exact = plain_loop(make, 3, closure=True, problem=MULTI)
    assert np.abs(descend(make, 3, problem=MULTI).w - exact).max() < 1e-9


# --- liberties ---


class Own(torch.optim.Optimizer):
    """Gradient descent with a learning rate that its groups do not show, as its children write it."""

    def __init__(self, params, lr=0.1):
        self.lr = lr
        super().__init__(params, {})

    @property
    def weights(self):
        return self.param_groups[0]["params"][0]

    @torch.no_grad()
    def step(self):
        self.weights.sub_(self.lr * self.weights.grad)


class Replacing(Own):
    def step(self):
        self.weights.data = self.weights.data - self.lr * self.weights.grad.data


class Demanding(Own):
    def step(self):
        assert self.weights.requires_grad
        assert self.weights.is_leaf
        super().step()


class ClearingAfter(Own):
    def step(self):
        super().step()
        self.zero_grad(set_to_none=True)


class ZeroingAfter(Own):
    def step(self):
        super().step()
        self.zero_grad(set_to_none=False)


class Spoiling(Own):
    """Weight decay by writing to the gradient, which the next step must not see."""

    def step(self):
        self.weights.grad.mul_(0.5).mul_(2)
        super().step()
        self.weights.grad.fill_(np.nan)


class Asking(Own):
    """Throws the gradient away and asks for it, under its own name for the closure."""

    def step(self, evaluate):
        self.zero_grad()
        with torch.enable_grad():
            loss = evaluate()
        assert float(loss) > 0
        super().step()


class Duck:
    """No child of torch's class."""

    def __init__(self, params, lr=0.1):
        self.inner = Own(params, lr)
        self.param_groups, self.zero_grad, self.step = self.inner.param_groups, self.inner.zero_grad, self.inner.step


LIBERTIES = [Own, Replacing, Demanding, ClearingAfter, ZeroingAfter, Spoiling, Asking, Duck]


@pytest.mark.parametrize("make", LIBERTIES)
def test_an_optimizer_may_take_liberties(make):
    assert np.abs(descend(make).w - plain_loop(SGD, 40)).max() < 1e-13


class SAM(torch.optim.Optimizer):
    """Sharpness-aware: the gradient from where the gradient that stands there leads uphill (Foret et al. 2021)."""

    def __init__(self, params, lr=0.1, rho=0.05):
        super().__init__(params, {"lr": lr, "rho": rho})

    @torch.no_grad()
    def step(self, closure=None):
        (group,) = self.param_groups
        length = torch.sqrt(sum((p.grad**2).sum() for p in group["params"]))
        uphill = [group["rho"] * p.grad / length for p in group["params"]]
        for p, e in zip(group["params"], uphill, strict=True):
            p.add_(e)
        with torch.enable_grad():
            closure()
        for p, e in zip(group["params"], uphill, strict=True):
            p.sub_(e).sub_(group["lr"] * p.grad)


def test_sam_gets_the_gradient_before_its_step_and_a_closure():
    path, exact = descend(SAM).w, plain_loop(SAM, 40, closure=True)
    assert np.abs(path - exact).max() < 1e-13
    assert np.abs(exact - plain_loop(SGD, 40)).max() > 1e-3


def test_a_schedule_reaches_an_optimizer_with_a_closure():
    root = lambda k: k**-0.5
    path, exact = descend(SAM, schedule=root).w, plain_loop(SAM, 40, closure=True, schedule=root)
    assert np.abs(path - exact).max() < 1e-13


def test_a_closure_stays_on_the_batch_of_its_step():
    """The two halves of a step of SAM see the same points: with rho = 0 it is gradient descent on mini-batches."""
    batches = lambda: {"batch_size": 5, "rng": np.random.default_rng(0)}
    still = lambda params: SAM(params, rho=0.0)
    assert np.abs(descend(still, **batches()).w - descend(SGD, **batches()).w).max() < 1e-14


# --- averaged weights ---


class ScheduleFree(torch.optim.Optimizer):
    """Gradients are taken at y, between z, which moves, and its average x, which ``eval()`` shows (Defazio 2024)."""

    def __init__(self, params, lr=0.5, beta=0.9):
        super().__init__(params, {"lr": lr})
        self.beta, self.count, self.training = beta, 0, False
        (self.y,) = self.param_groups[0]["params"]
        self.z = self.y.detach().clone()

    @torch.no_grad()
    def train(self):
        if not self.training:
            self.y.lerp_(self.z, 1 - self.beta)
        self.training = True

    @torch.no_grad()
    def eval(self):
        if self.training:
            self.y.lerp_(self.z, 1 - 1 / self.beta)
        self.training = False

    @torch.no_grad()
    def step(self, closure=None):
        assert self.training
        self.count += 1
        gradient = self.y.grad.clone()
        x = torch.lerp(self.y, self.z, 1 - 1 / self.beta)
        self.z.sub_(self.param_groups[0]["lr"] * gradient)
        x.lerp_(self.z, 1 / self.count)
        self.y.copy_(torch.lerp(x, self.z, 1 - self.beta))


def schedule_free_by_hand(steps, lr=0.5, beta=0.9):
    """x and y after each step, from the definition."""
    x = z = y = np.zeros(4)
    averages, points = [x], [y]
    for k in range(1, steps + 1):
        p = 1 / (1 + np.exp(CLASSES.Z @ y))
        z = z + lr * p @ CLASSES.Z / len(CLASSES.Z)
        x = (1 - 1 / k) * x + z / k
        y = beta * x + (1 - beta) * z
        averages.append(x)
        points.append(y)
    return np.array(averages), np.array(points)


def test_averages_are_recorded_unless_the_weights_in_training_are_asked_for():
    averages, points = schedule_free_by_hand(40)
    assert np.abs(averages - points).max() > 1e-3
    assert np.abs(descend(ScheduleFree).w - averages).max() < 1e-13
    assert np.abs(descend(ScheduleFree, recorded="train").w - points).max() < 1e-13


def test_looking_at_the_averages_leaves_the_run_alone():
    often, once = (ibnotes.descend(CLASSES, ScheduleFree, 200, records=records).w[-1] for records in (200, 1))
    assert np.array_equal(often, once)


# --- what cannot work ---


class Frozen(Own):
    def step(self):
        pass


copied = lambda params: torch.optim.SGD([params[0].detach().clone().requires_grad_()], lr=0.1)
REFUSED = {
    "sparse gradients": (torch.optim.SparseAdam, {}, r"^optimizer: SparseAdam takes sparse .* take torch\.optim\.Adam"),
    "another tensor": (copied, {}, r"^optimizer must hold the tensors that it is handed, found SGD of others"),
    "no optimizer": (lambda params: 3, {}, r"^optimizer .*found a function that makes 3, no torch\.optim\.Optimizer"),
    "schedule without lr": (Own, {"schedule": lambda k: 1 / k}, r"^schedule multiplies .*'lr', and Own has none"),
    "recorded": (SGD, {"recorded": "mean"}, r"^recorded must be one of \('eval', 'train'\), found 'mean'"),
    "divergence": (SGD, {"divergence": None}, r"^divergence must be one of \('raise', 'record'\), found None"),
}


@pytest.mark.parametrize(("make", "options", "message"), REFUSED.values(), ids=REFUSED)
def test_what_cannot_work_is_refused_before_the_first_step(make, options, message, monkeypatch):
    monkeypatch.setattr("ibnotes.dynamics.descent.record", lambda *_, **__: pytest.fail("it ran"))
    with pytest.raises(ValueError, match=message):
        descend(make, **options)


def test_weights_that_never_move_are_an_error():
    with pytest.raises(ValueError, match=r"^optimizer: Frozen has not moved the weights in 40 steps.* size 0\.\d+"):
        descend(Frozen)


def test_a_frozen_optimizer_is_noticed_early():
    with pytest.raises(ValueError, match=r"has not moved the weights in 1\d\d\d steps"):
        ibnotes.descend(CLASSES, Frozen, 10**9)


def test_a_learning_rate_of_zero_moves_nothing_and_a_warm_up_does():
    with pytest.raises(ValueError, match="is its learning rate zero"):
        descend(lambda params: torch.optim.SGD(params, lr=0.0))
    late = descend(SGD, schedule=lambda k: float(k > 30)).w
    assert not late[30].any()
    assert np.abs(late[-1] - plain_loop(SGD, 10)[-1]).max() < 1e-14


def test_weights_may_stay_where_the_gradient_is_zero_or_below_rounding():
    solved = ibnotes.descend(ibnotes.Regression([[1.0, 0.0]], [2.0]), SGD, 5, w0=[2.0, 1.0]).w
    assert (solved == [2.0, 1.0]).all()
    far = ibnotes.descend(([[1.0]], [1]), SGD, 5, w0=[300.0]).w  # the gradient is e^-300
    assert (far == 300).all()


def test_divergence_of_an_optimizer_raises_unless_asked_to_be_recorded():
    line = PROBLEM["squared"]
    steep = lambda params: torch.optim.SGD(params, lr=10.0)
    with pytest.raises(ibnotes.NotConverged, match=r"finite at step \d+ and not at step \d+; take a smaller"):
        ibnotes.descend(line, steep, 1000)
    assert not np.isfinite(ibnotes.descend(line, steep, 1000, divergence="record").w[-1]).any()
