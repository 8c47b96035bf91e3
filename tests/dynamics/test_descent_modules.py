"""Modules of torch against plain loops by autograd; batches of them against their runs one by one."""

import re

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from instances import several_classes
from test_descent import CLASSES, LINE
from test_descent_optimizers import SAM, ScheduleFree
from torch import nn

import ibnotes
from ibnotes import GradientDescent
from ibnotes.dynamics import descent

MULTI = several_classes(0)
COMPLETION = ibnotes.make_completion(np.random.default_rng(0), (5, 4), 1, 12)
SENSING = ibnotes.Sensing(np.random.default_rng(1).standard_normal((6, 5, 4)), np.ones(6))


class Net(nn.Module):
    def __init__(self, seed, features=4, outputs=1, width=6, activation=torch.tanh):
        super().__init__()
        generator = torch.Generator().manual_seed(seed)
        draw = lambda *shape: nn.Parameter(torch.randn(*shape, generator=generator) / 2)
        self.first, self.bias, self.last = draw(width, features), draw(width), draw(outputs, width)
        self.activation = activation

    def forward(self, X):
        return self.activation(X @ self.first.T + self.bias) @ self.last.T


def layers(seed, activation=nn.Tanh, bias=True):
    torch.manual_seed(seed)
    return nn.Sequential(nn.Linear(4, 5), activation(), nn.Linear(5, 3, bias=bias), nn.ReLU(), nn.Linear(3, 1))


def factors(seed):
    rng = np.random.default_rng(seed)
    return rng.standard_normal((5, 3)) / 2, rng.standard_normal((3, 4)) / 2


MODELS = {
    "logistic": (CLASSES, "logistic", lambda seed: Net(seed)),
    "exponential": (CLASSES, "exponential", lambda seed: Net(seed)),
    "squared": (LINE, "squared", lambda seed: Net(seed, 7)),
    "cross-entropy": (MULTI, "cross-entropy", lambda seed: Net(seed, MULTI.X.shape[1], MULTI.classes)),
    "layers": (CLASSES, "logistic", layers),
    "layers without a bias": (CLASSES, "exponential", lambda seed: layers(seed, nn.Softplus, bias=False)),
    "diagonal network": (LINE, "squared", lambda seed: ibnotes.DiagonalNetwork(7, 2, 0.3 + 0.1 * seed)),
    "deep linear": (COMPLETION, "squared", lambda seed: ibnotes.DeepLinear(factors(seed))),
    "factorization": (SENSING, "squared", lambda seed: ibnotes.Factorization(factors(seed)[0], factors(seed)[1].T)),
}


def loss_of(problem, loss, module):
    """From each loss's definition, for autograd."""
    if isinstance(problem, ibnotes.Completion):
        M, mask = torch.tensor(problem.observed), torch.tensor(problem.mask)
        return lambda: ((module() - M)[mask] ** 2).sum() / 2
    if isinstance(problem, ibnotes.Sensing):
        A, y = torch.tensor(problem.A), torch.tensor(problem.y)
        return lambda: ((torch.einsum("kmn,mn->k", A, module()) - y) ** 2).sum() / 2
    X = torch.tensor(problem.X)
    if loss == "cross-entropy":
        return lambda: nn.functional.cross_entropy(module(X), torch.tensor(problem.labels))
    y = torch.tensor(problem.y)
    outputs = lambda: module(X).reshape(len(y))
    return {
        "logistic": lambda: nn.functional.softplus(-y * outputs()).mean(),
        "exponential": lambda: torch.exp(-y * outputs()).mean(),
        "squared": lambda: ((outputs() - y) ** 2).sum() / 2,
    }[loss]


def plain_loop(name, make, steps=40, seed=0, closure=False, schedule=lambda k: 1):
    problem, loss, build = MODELS[name]
    module = build(seed).double()
    optimizer, value, path = make(list(module.parameters())), loss_of(problem, loss, module), []
    look = lambda: path.append(torch.cat([p.detach().reshape(-1) for p in module.parameters()]).numpy())
    rates = [group["lr"] for group in optimizer.param_groups]

    def evaluate():
        optimizer.zero_grad()
        result = value()
        result.backward()
        return result

    look()
    for k in range(1, steps + 1):
        for group, rate in zip(optimizer.param_groups, rates, strict=True):
            group["lr"] = rate * schedule(k)
        evaluate()
        optimizer.step(evaluate) if closure else optimizer.step()
        look()
    return np.array(path)


def descend(name, optimizer, module=None, steps=40, **options):
    problem, loss, build = MODELS[name]
    module = build(0) if module is None else module
    return ibnotes.descend(problem, optimizer, steps, module=module, loss=loss, records=20 * steps, **options)


SGD = lambda params: torch.optim.SGD(params, lr=0.05)
ADAM = lambda params: torch.optim.Adam(params, lr=0.05)


@pytest.mark.parametrize("make", [SGD, ADAM], ids=["SGD", "Adam"])
@pytest.mark.parametrize("name", MODELS)
def test_a_module_goes_the_way_of_a_plain_loop(name, make):
    exact = plain_loop(name, make)
    assert np.abs(exact[-1] - exact[0]).max() > 0.01
    assert np.abs(descend(name, make).w - exact).max() < 1e-9


@pytest.mark.parametrize("name", MODELS)
def test_gradient_descent_is_sgd(name):
    assert np.abs(descend(name, GradientDescent(0.05)).w - plain_loop(name, SGD)).max() < 1e-12


@pytest.mark.parametrize("closure", [True, False])
def test_optimizers_with_closures_or_for_matrices_train_modules(closure):
    lbfgs = lambda params: torch.optim.LBFGS(params, max_iter=4, line_search_fn="strong_wolfe")
    spectral = lambda params: ibnotes.SteepestDescent(
        [p for p in params if p.ndim == 2], lr=0.05, norm="spectral", normalized=False
    )
    make, steps = (lbfgs, 3) if closure else (spectral, 20)
    exact = plain_loop("logistic", make, steps, closure=closure)
    assert np.abs(descend("logistic", make, steps=steps).w - exact).max() < 1e-9


def test_a_module_gets_its_parameters_back():
    run, module = descend("logistic", SGD), Net(3).double()
    nn.utils.vector_to_parameters(torch.tensor(run.w[-1]), module.parameters())
    exact = Net(0).double()
    loss, optimizer = loss_of(CLASSES, "logistic", exact), SGD(exact.parameters())
    for _ in range(40):
        optimizer.zero_grad()
        loss().backward()
        optimizer.step()
    X = torch.tensor(CLASSES.X)
    assert (module(X) - exact(X)).abs().max() < 1e-12


# --- a batch is as many runs ---


def runs_of(monkeypatch):
    """The run that ``descend`` makes next."""
    made = []
    honest = descent.record
    monkeypatch.setattr(descent, "record", lambda run, *a, **k: made.append(run) or honest(run, *a, **k))
    return made


def several(name, count=3):
    return [MODELS[name][2](seed) for seed in range(count)]


OPTIMIZERS = {
    "SGD": lambda params: torch.optim.SGD(params, lr=0.05, momentum=0.9, nesterov=True, weight_decay=0.01),
    **{
        name: lambda params, name=name: getattr(torch.optim, name)(params, lr=0.05)
        for name in ["Adam", "AdamW", "Adamax", "NAdam", "RAdam", "RMSprop", "Rprop", "Adagrad", "Adadelta", "ASGD"]
    },
}


@pytest.mark.parametrize("name", MODELS)
def test_step_sizes_and_starts_go_in_pairs_in_one_call(name, monkeypatch):
    made, sizes = runs_of(monkeypatch), [0.01, 0.03, 0.05]
    batch = descend(name, GradientDescent(sizes), several(name)).w
    assert type(made[0]).__name__ == "RowsRun"
    for k, size in enumerate(sizes):
        one = plain_loop(name, lambda params, size=size: torch.optim.SGD(params, lr=size), seed=k)
        assert np.abs(batch[:, k] - one).max() < 1e-11


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_optimizers_that_treat_each_number_by_itself_take_all_runs_at_once(name, monkeypatch):
    made = runs_of(monkeypatch)
    steps = 12 if name == "Rprop" else 40  # it follows signs, of rounding errors in the end
    options = {"schedule": lambda k: k**-0.5, "steps": steps}
    batch = descend("logistic", OPTIMIZERS[name], several("logistic"), **options).w
    assert type(made[0]).__name__ == "RowsRun"
    for k in range(3):
        one = plain_loop("logistic", OPTIMIZERS[name], seed=k, **options)
        assert np.abs(one[-1] - one[0]).max() > 1e-3
        assert np.abs(batch[:, k] - one).max() < 1e-10


def clipped(params):
    optimizer = torch.optim.SGD(params, lr=0.05)

    def clip(*_):
        nn.utils.clip_grad_norm_(params, 0.01)

    optimizer.register_step_pre_hook(clip)
    return optimizer


IN_TURN = {
    "hooks": clipped,
    "normalized steps": lambda params: ibnotes.SteepestDescent(params, lr=0.05),
    "closures": lambda params: torch.optim.LBFGS(params, max_iter=3),
    "groups": lambda params: torch.optim.SGD([{"params": params[:1], "lr": 0.1}, {"params": params[1:]}], lr=0.05),
    "one's own": type("Own", (torch.optim.SGD,), {}),
}


@pytest.mark.parametrize("make", IN_TURN.values(), ids=IN_TURN)
def test_other_optimizers_get_one_each(make, monkeypatch):
    made = runs_of(monkeypatch)
    batch = descend("logistic", make, several("logistic"), steps=10).w
    assert type(made[0]).__name__ == "RunsInTurn"
    for k, module in enumerate(several("logistic")):
        assert np.array_equal(batch[:, k], descend("logistic", make, module, steps=10).w)


class Dropping(Net):
    def forward(self, X):
        return super().forward(nn.functional.dropout(X, 0.5, training=True))


class Normalizing(Net):
    def __init__(self, seed):
        super().__init__(seed)
        self.norm = nn.BatchNorm1d(4)

    def forward(self, X):
        return super().forward(self.norm(X))


class Branching(Net):
    def forward(self, X):
        return super().forward(X) * (2 if self.bias.sum() > 0 else 1)


class Shared(nn.Module):
    """One matrix for two layers."""

    def __init__(self, seed):
        super().__init__()
        self.net = layers(seed)
        self.net[2] = nn.Linear(5, 5)
        self.net[4] = nn.Linear(5, 1)
        self.again = nn.Linear(5, 5)
        self.again.weight = self.net[2].weight

    def forward(self, X):
        return self.net[4](self.again(self.net[:4](X)))


def twice(seed):
    """One layer at two places."""
    torch.manual_seed(seed)
    layer = nn.Linear(4, 4)
    return nn.Sequential(layer, nn.Tanh(), layer, nn.Linear(4, 1))


@pytest.mark.parametrize("build", [Shared, twice])
def test_shared_parameters_are_one(build, monkeypatch):
    made = runs_of(monkeypatch)
    batch = descend("logistic", GradientDescent(0.05), [build(0), build(1)]).w
    assert type(made[0]).__name__ == "RowsRun"
    for k in range(2):
        assert np.abs(batch[:, k] - descend("logistic", GradientDescent(0.05), build(k)).w).max() < 1e-12


DIFFERENT = {
    "layers": lambda: [layers(k, activation) for k, activation in enumerate((nn.Tanh, nn.GELU, nn.ReLU))],
    "depths": lambda: [ibnotes.DiagonalNetwork(4, depth, 0.5) for depth in (1, 2, 3)],  # all are zero at the start
    "activations": lambda: [Net(k, activation=a) for k, a in enumerate((torch.tanh, torch.sin, torch.relu))],
    "branches": lambda: [Branching(k) for k in range(3)],
}


@pytest.mark.parametrize("build", DIFFERENT.values(), ids=DIFFERENT)
def test_modules_that_are_not_one_function_of_their_parameters_step_in_turn(build, monkeypatch):
    made = runs_of(monkeypatch)
    batch = descend("logistic", GradientDescent(0.05), build()).w
    assert type(made[0]).__name__ == "RunsInTurn"
    for k, module in enumerate(build()):
        assert np.array_equal(batch[:, k], descend("logistic", GradientDescent(0.05), module).w)
    assert np.abs(batch[-1] - batch[0]).max() > 1e-3


def test_what_a_module_keeps_of_the_data_it_has_seen_is_its_own():
    batch = descend("logistic", GradientDescent(0.05), [Normalizing(k) for k in range(3)]).w
    for k in range(3):
        assert np.abs(batch[:, k] - descend("logistic", GradientDescent(0.05), Normalizing(k)).w).max() < 1e-12


def test_dropout_steps_in_turn(monkeypatch):
    made = runs_of(monkeypatch)
    descend("logistic", SGD, [Dropping(0), Dropping(1)], steps=3)
    assert type(made[0]).__name__ == "RunsInTurn"


@pytest.mark.parametrize("make", [SGD, SAM], ids=["rows", "in turn"])
def test_all_runs_see_the_same_batches(make):
    draw = lambda: {"batch_size": 5, "rng": np.random.default_rng(3)}
    batch = descend("logistic", make, several("logistic"), **draw()).w
    for k, module in enumerate(several("logistic")):
        assert np.abs(batch[:, k] - descend("logistic", make, module, **draw()).w).max() < 1e-12
    assert np.abs(batch[-1] - descend("logistic", make, several("logistic")).w[-1]).max() > 1e-4


def test_averages_of_a_module_are_recorded():
    class EachTensor(torch.optim.Optimizer):
        """``ScheduleFree`` for every tensor."""

        def __init__(self, params):
            super().__init__(params, {"lr": 0.5})
            self.each = [ScheduleFree([p]) for p in self.param_groups[0]["params"]]

        def train(self):
            for one in self.each:
                one.train()

        def eval(self):
            for one in self.each:
                one.eval()

        def step(self, closure=None):
            for one in self.each:
                one.step()

    averages, points = (descend("logistic", EachTensor, recorded=which).w for which in ("eval", "train"))
    assert np.abs(averages - points)[-1].max() > 1e-3


def test_one_module_serves_every_step_size_and_one_step_size_every_module():
    sizes = [0.02, 0.05]
    assert np.array_equal(
        descend("logistic", GradientDescent(sizes)).w, descend("logistic", GradientDescent(sizes), [Net(0), Net(0)]).w
    )
    assert np.array_equal(
        descend("logistic", GradientDescent([0.05]), several("logistic")).w,
        descend("logistic", GradientDescent(0.05), several("logistic")).w,
    )


def test_a_list_of_one_keeps_its_axis():
    assert descend("logistic", SGD, [Net(0)]).w.shape == (41, 1, 36)
    assert descend("logistic", GradientDescent([0.05])).w.shape == (41, 1, 36)
    assert descend("logistic", SGD).w.shape == (41, 36)


@pytest.mark.parametrize("module", [lambda: Net(0), lambda: [Net(0), Net(1)], lambda: Normalizing(0)])
def test_modules_are_copied_and_single_precision_is_raised(module):
    module = module()
    first = module[0] if isinstance(module, list) else module
    before = {name: value.clone() for name, value in first.state_dict().items()}
    path = descend("logistic", SGD, module)
    assert path.w.dtype == np.float64
    for name, value in first.state_dict().items():
        assert torch.equal(value, before[name])
        assert value.dtype in (torch.float32, torch.int64)
    assert all(p.grad is None for p in first.parameters())


@pytest.mark.parametrize("frozen", ["last", "0.weight", "2.bias"])
def test_frozen_parameters_stay_and_are_not_recorded(frozen, monkeypatch):
    modules = [Net(0), Net(0)] if frozen == "last" else [layers(0), layers(0)]
    for module in modules:
        module.get_parameter(frozen).requires_grad_(False)
    made, one = runs_of(monkeypatch), descend("logistic", SGD, modules[0]).w
    assert one.shape == (41, sum(p.numel() for p in modules[0].parameters() if p.requires_grad))
    batch = descend("logistic", SGD, modules).w
    assert type(made[-1]).__name__ == "RowsRun"
    assert np.abs(batch - one[:, None]).max() < 1e-12


def test_modules_frozen_at_different_values_step_in_turn(monkeypatch):
    modules, made = [Net(0), Net(1)], runs_of(monkeypatch)
    for module in modules:
        module.last.requires_grad_(False)
    batch = descend("logistic", SGD, modules).w
    assert type(made[0]).__name__ == "RunsInTurn"
    assert np.array_equal(batch[:, 1], descend("logistic", SGD, modules[1]).w)


def test_the_slope_of_a_confident_network_is_accurate():
    """At margins of 100 a probability rounds to one, and the loss still has a gradient of exp(-100)."""
    module = nn.Linear(1, 1, bias=False)
    nn.init.constant_(module.weight, 100.0)
    w = ibnotes.descend(([[1.0]], [1]), GradientDescent(np.exp(100)), 1, module=module).w
    assert w[1, 0] - 100 == pytest.approx(1, rel=1e-12)


@settings(max_examples=10)
@given(st.integers(1, 5), st.integers(1, 5), st.integers(1, 4), st.integers(0, 2**31))
def test_any_batch_is_as_many_runs(runs, width, points, seed):
    rng = np.random.default_rng(seed)
    problem = ibnotes.Regression(rng.standard_normal((points, 4)), rng.standard_normal(points))
    modules, sizes = [Net(seed + k, width=width) for k in range(runs)], rng.uniform(0.001, 0.05, runs)
    batch = ibnotes.descend(problem, GradientDescent(sizes), 20, module=modules).w
    for k, module in enumerate(modules):
        alone = ibnotes.descend(problem, GradientDescent(sizes[k]), 20, module=module).w
        assert np.abs(batch[:, k] - alone).max() < 1e-11


def test_a_diverged_run_leaves_the_others_alone():
    batch = descend("squared", GradientDescent([1e-3, 100.0]), steps=500, divergence="record").w
    alone = descend("squared", GradientDescent(1e-3), steps=500).w
    assert np.abs(batch[:, 0] - alone).max() < 1e-10
    assert not np.isfinite(batch[-1, 1]).all()


def test_a_diverged_run_of_a_batch_is_named():
    with pytest.raises(ibnotes.NotConverged, match="weights of run 1 are finite"):
        descend("squared", GradientDescent([1e-3, 100.0]), steps=500)


# --- networks that know their gradient ---


NETWORK = ibnotes.TwoLayer(CLASSES.X, CLASSES.y, width=3, power=2)
THETA = np.random.default_rng(0).standard_normal((3, NETWORK.size)) / 3


@pytest.mark.parametrize("loss", ["logistic", "exponential"])
def test_a_homogeneous_network_goes_the_way_of_its_module(loss):
    class Squares(nn.Module):
        def __init__(self, theta):
            super().__init__()
            W, a = NETWORK.weights(theta)
            self.W, self.a = nn.Parameter(torch.tensor(W)), nn.Parameter(torch.tensor(a))

        def forward(self, X):
            return torch.relu(X @ self.W.T) ** 2 @ self.a

    sizes = [0.02, 0.05, 0.1]
    batch = ibnotes.descend(NETWORK, GradientDescent(sizes), 50, loss=loss, w0=THETA)
    modules = list(map(Squares, THETA))
    exact = ibnotes.descend(CLASSES, GradientDescent(sizes), 50, loss=loss, module=modules)
    assert np.abs(batch.w[-1] - batch.w[0]).max() > 0.1
    assert np.abs(batch.w - exact.w).max() < 1e-12
    adam = ibnotes.descend(NETWORK, ADAM, 50, loss=loss, w0=THETA[0]).w
    assert np.abs(adam - ibnotes.descend(CLASSES, ADAM, 50, loss=loss, module=modules[0]).w).max() < 1e-9


# --- bad input ---


class Doubled(Net):
    def forward(self, X):
        return super().forward(X).repeat(2, 1)


class Single(Net):
    def forward(self, X):
        return super().forward(X).float()


class Detached(Net):
    def forward(self, X):
        return X[:, 0] * 1.0


class Infinite(Net):
    def forward(self, X):
        return super().forward(X) / 0


D = ibnotes.DeepLinear([np.eye(2)])
BAD = {
    "no module": (CLASSES, {"module": 3}, "module must be a torch.nn.Module, found 3"),
    "no module in a list": (CLASSES, {"module": [Net(0), None]}, "module must be a torch.nn.Module, found None"),
    "none": (CLASSES, {"module": []}, "module is empty"),
    "nothing to train": (CLASSES, {"module": nn.ReLU()}, "module must have real parameters to train"),
    "features": (CLASSES, {"module": Net(0, 3)}, "module does not run on X in float64: mat1 and mat2"),
    "outputs": (
        CLASSES,
        {"module": Net(0, outputs=2)},
        "module must return shape (12,) on X in float64, found (12, 2)",
    ),
    "rows": (CLASSES, {"module": Doubled(0)}, "module must return shape (12,) on X in float64, found (24, 1)"),
    "classes": (MULTI, {"module": Net(0)}, "module must return shape (12, 3) on X in float64, found (12, 1)"),
    "precision": (CLASSES, {"module": Single(0)}, "module must return a tensor and compute in the dtype of its input"),
    "cut off": (CLASSES, {"module": Detached(0)}, "module: its outputs do not depend on its parameters"),
    "not finite": (CLASSES, {"module": Infinite(0)}, "module must return finite numbers at its start"),
    "a matrix for points": (
        CLASSES,
        {"module": D},
        "module does not run on X in float64: DeepLinear.forward() takes 1",
    ),
    "points for a matrix": (
        COMPLETION,
        {"module": Net(0)},
        "module does not run without arguments: Net.forward() missing",
    ),
    "matrix of another shape": (
        COMPLETION,
        {"module": D},
        "module must return shape (5, 4) without arguments, found (2, 2)",
    ),
    "sizes": (
        CLASSES,
        {"module": [Net(0), Net(0, width=7)]},
        "module: all must have as many parameters, found [36, 42]",
    ),
    "step sizes": (
        CLASSES,
        {"module": [Net(0)] * 3, "optimizer": GradientDescent([0.1, 0.2])},
        "module holds 3 networks but there are 2",
    ),
    "a start": (CLASSES, {"module": Net(0), "w0": np.zeros(36)}, "w0: a module starts at its own parameters"),
    "completion alone": (COMPLETION, {}, "module is needed for a Completion"),
    "batches of a matrix": (
        COMPLETION,
        {"module": D, "batch_size": 1, "rng": np.random.default_rng(0)},
        "batch_size needs points",
    ),
    "network in a network": (NETWORK, {"module": Net(0)}, "problem must be data where there is a module"),
    "network without start": (NETWORK, {}, "w0 is needed: at zero a homogeneous network stays"),
    "network's start": (NETWORK, {"w0": np.ones(3)}, "w0 must have shape (15,), found (3,)"),
    "networks' start": (
        NETWORK,
        {"w0": np.ones(3), "optimizer": GradientDescent(0.1)},
        "w0 must have one entry per parameter, found 3 for 15",
    ),
    "batches of a network": (
        NETWORK,
        {"w0": THETA[0], "batch_size": 1, "rng": np.random.default_rng(0)},
        "batch_size needs points",
    ),
    "a bad network": (type("Half", (), {"jacobian": None})(), {}, "network lacks degree"),
}


@pytest.mark.parametrize(("problem", "options", "message"), BAD.values(), ids=BAD)
def test_bad_input_is_named_before_any_step(problem, options, message, monkeypatch):
    monkeypatch.setattr(descent, "record", lambda *_, **__: pytest.fail("it ran"))
    with pytest.raises(ValueError, match="^" + re.escape(message)):
        ibnotes.descend(problem, **{"optimizer": SGD, "steps": 5, **options})
