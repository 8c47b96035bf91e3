"""A network that is not what it declares is refused, with what is wrong and the remedy."""

import numpy as np
import pytest

import ibnotes
from ibnotes.problems.homogeneity import check_homogeneous

X, Y = np.random.default_rng(0).standard_normal((6, 3)), np.array([1.0, -1, 1, -1, 1, 1])
GOOD = {
    "ReLU": ibnotes.TwoLayer(X, Y, 4, 1),
    "a convolution": ibnotes.TwoLayer(X.reshape(2, 3, 3), Y[:2], 5, 3),
    "fixed outer weights": ibnotes.TwoLayer(X, Y, 200, 2, outer=np.ones(200)),
    "linear": ibnotes.Diagonal(X, Y, 1),
    "deep": ibnotes.Diagonal(X, Y, 90),
    "large data": ibnotes.TwoLayer(X * 1e12, Y, 4, 2),
    "columns of different size": ibnotes.TwoLayer(X * [1, 1e-9, 1e6], Y, 4, 1),
    "a point that is zero": ibnotes.TwoLayer(np.vstack([X, 0 * X[:1]]), np.append(Y, 1), 4, 2),
}


@pytest.mark.parametrize("network", GOOD.values(), ids=GOOD)
def test_the_package_s_networks_pass(network):
    check_homogeneous(network)


class Own:
    """``f(x) = a max(<w, x>, 0)``, right as it stands; the cases below spoil it."""

    degree, size, bias = 2, 4, 0.0

    def margins(self, theta):
        return Y * (theta[3] * np.maximum(X @ theta[:3], 0) + self.bias * theta[3])

    def jacobian(self, theta):
        h = X @ theta[:3]
        return Y[:, None] * np.column_stack([theta[3] * (h > 0)[:, None] * X, np.maximum(h, 0) + self.bias])


def spoilt(**changes):
    return type("Spoilt", (Own,), changes)()


def then(name, change):
    """The network, with ``change`` applied to what a method returns."""
    return spoilt(**{name: lambda self, theta: change(getattr(Own, name)(self, theta))})


def without(name):
    kept = {"margins", "jacobian", "degree", "size"} - {name}
    return type("Without", (), {each: getattr(Own(), each) for each in kept})()


def shifted(self, theta):
    theta += 1
    return Own.margins(self, theta)


RNG = np.random.default_rng(0)
BAD = {
    "degree": (spoilt(degree=3), r"^network declares degree 3, but .* is 2 q .*: set degree = 2$"),
    "one column": (then("jacobian", lambda J: J * [1, 1, 1, 1.001]), "jacobian is not the derivative of its margins"),
    "no slope": (then("jacobian", np.zeros_like), "jacobian is not the derivative"),
    "half the slope": (then("jacobian", lambda J: J / 2), "jacobian is not the derivative"),
    "bias": (spoilt(bias=1.0), "^network is not homogeneous .* leave out biases"),
    "no size": (without("size"), "^network lacks size: write all of degree, size, margins, jacobian"),
    "no margins": (without("margins"), "^network lacks margins"),
    "float32": (then("margins", np.float32), "margins must return a NumPy array of float64.* float32"),
    "float32 slope": (then("jacobian", np.float32), "jacobian must return a NumPy array of float64.* float32"),
    "a list": (then("margins", np.ndarray.tolist), "must return a NumPy array .* found list"),
    "transposed": (then("jacobian", np.transpose), r"shape \(n, size\) = \(6, 4\), found \(4, 6\)"),
    "a column": (then("margins", lambda q: q[:, None]), r"one number per point, \(n,\), found shape \(6, 1\)"),
    "nan": (then("margins", lambda q: q * np.nan), "^network.margins must be finite"),
    "in place": (spoilt(margins=shifted), "^network.margins changes the parameters"),
    "noise": (then("margins", lambda q: q * RNG.random(6)), "^network.margins differ when asked again"),
    "dead": (ibnotes.TwoLayer(0 * X, Y, 4), "margins of zero .* cut off from its data"),
    "degree in words": (spoilt(degree="two"), "^network.degree must be positive and finite, found 'two'"),
    "size of zero": (spoilt(size=0), "^network.size must be a positive integer"),
    "wrong pull": (spoilt(pull=lambda self, theta, c: 2 * c @ self.jacobian(theta)), r"^network.pull\(theta, c\) is"),
}
ASKED = {
    "flow": lambda network: ibnotes.homogeneous_flow(network, [1.0, 1, 1, 1], [1.0]),
    "residuals": lambda network: ibnotes.margin_residuals(network, [1.0, 1, 1, 1]),
    "in a norm": lambda network: ibnotes.norm_residuals(network, [1.0, 1, 1, 1], np.inf),
    "point": lambda network: ibnotes.margin_point(network, [1.0, 1, 1, 1]),
}


def test_what_is_spoilt_below_is_right_as_it_stands():
    check_homogeneous(Own())
    check_homogeneous(spoilt(pull=lambda self, theta, c: c @ self.jacobian(theta)))


@pytest.mark.parametrize(("network", "message"), BAD.values(), ids=BAD)
def test_what_is_not_as_declared_is_named(network, message):
    with pytest.raises(ValueError, match=message):
        check_homogeneous(network)


@pytest.mark.parametrize("ask", ASKED.values(), ids=ASKED)
@pytest.mark.parametrize("case", ["degree", "half the slope", "bias", "no size", "float32"])
def test_it_is_looked_for_before_any_work(case, ask):
    network, message = BAD[case]
    with pytest.raises(ValueError, match=message):
        ask(network)


class Root:
    """``f(x) = w^degree``, one positive weight."""

    size = 1

    def __init__(self, degree):
        self.degree = degree

    def margins(self, theta):
        return np.abs(theta) ** self.degree

    def jacobian(self, theta):
        return np.diag(self.degree * np.abs(theta) ** (self.degree - 1) * np.sign(theta))


@pytest.mark.parametrize("degree", [1 / 3, 2 / 3, 4 / 3, np.pi, 100 / 7])
def test_a_degree_may_be_a_fraction(degree):
    check_homogeneous(Root(degree))
    network = Root(degree)
    network.degree, network.margins, network.jacobian = 1.01 * degree, Root(degree).margins, Root(degree).jacobian
    with pytest.raises(ValueError, match="set degree = ") as refused:
        check_homogeneous(network)
    network.degree = float(str(refused.value).split("= ")[-1])
    check_homogeneous(network)


def test_the_loss_needs_all_of_it_too():
    with pytest.raises(ValueError, match=BAD["no size"][1]):
        ibnotes.log_exponential_loss(without("size"), np.ones(4))
