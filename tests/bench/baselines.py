"""What one writes without ibnotes: plain torch loops, and the SVM from a solver or a library as it comes."""

from functools import reduce

import clarabel
import cvxpy as cp
import numpy as np
import torch
from scipy.integrate import solve_ivp
from scipy.sparse import csc_matrix, identity
from sklearn.svm import SVC
from torch.nn.functional import softplus


def torch_loop(X, y, step_size, steps, optimizer=torch.optim.SGD):
    """Gradient descent, or another optimizer, on the mean logistic loss, from zero. Returns w (d,)."""
    X, y = torch.tensor(X), torch.tensor(y)
    w = torch.zeros(X.shape[1], dtype=torch.float64, requires_grad=True)
    optimizer = optimizer([w], lr=step_size)
    for _ in range(steps):
        optimizer.zero_grad()
        loss = softplus(-y * (X @ w)).mean()
        loss.backward()
        optimizer.step()
    return w.detach().numpy()


def batched_torch_loop(X, y, step_size, steps, starts):
    """The same from many starts (B, d) at once: the sum of their losses has each one's own gradient."""
    X, y = torch.tensor(X), torch.tensor(y)
    W = torch.tensor(starts, requires_grad=True)
    optimizer = torch.optim.SGD([W], lr=step_size)
    for _ in range(steps):
        optimizer.zero_grad()
        loss = softplus(-y * (W @ X.T)).mean(dim=1).sum()
        loss.backward()
        optimizer.step()
    return W.detach().numpy()


def svm_by_clarabel(X, y):
    """The hard-margin SVM through the origin, as cvxpy hands it back."""
    w = cp.Variable(X.shape[1])
    cp.Problem(cp.Minimize(cp.sum_squares(w) / 2), [cp.multiply(y, X @ w) >= 1]).solve(solver=cp.CLARABEL)
    return w.value


def svm_by_clarabel_itself(X, y):
    """The same without cvxpy."""
    settings = clarabel.DefaultSettings()
    settings.verbose = False
    n, d = X.shape
    cone = [clarabel.NonnegativeConeT(n)]
    rows = csc_matrix(-y[:, None] * X)
    solver = clarabel.DefaultSolver(identity(d, format="csc"), np.zeros(d), rows, -np.ones(n), cone, settings)
    return np.array(solver.solve().x)


def svm_by_sklearn(X, y):
    """A soft margin so stiff that it is hard. It fits an intercept, and cannot be told not to."""
    return SVC(kernel="linear", C=1e8).fit(X, y).coef_[0]


def nuclear_by_scs(M, mask):
    """Relative duality gap of the nuclear-norm completion as cvxpy and SCS hand it back, made feasible."""
    W = cp.Variable(M.shape)
    fits = W[mask] == M[mask]
    cp.Problem(cp.Minimize(cp.normNuc(W)), [fits]).solve(solver=cp.SCS)
    dual = np.zeros(M.shape)
    dual[mask] = -fits.dual_value
    dual /= max(1, np.linalg.norm(dual, 2))
    value = np.linalg.norm(np.where(mask, M, W.value), "nuc")
    return (value - np.sum(dual[mask] * M[mask])) / value


def factor_gradients(M, mask, factors):
    """Gradients of ``||mask * (A_1 ... A_L - M)||^2 / 2`` for two or three factors, and the mean squared error."""
    if len(factors) == 2:
        A, B = factors
        E = (A @ B - M) * mask
        return (E @ B.T, A.T @ E), np.sum(E * E) / mask.sum()
    A, B, C = factors
    BC = B @ C
    E = (A @ BC - M) * mask
    AE = A.T @ E
    return (E @ BC.T, AE @ C.T, B.T @ AE), np.vdot(E, E) / mask.sum()


def numpy_descent(M, mask, start, step_size, mse, most=np.inf):
    """Gradient descent on the factors until the observed entries are fitted. Returns the product and the step count."""
    factors, steps, error = [A.copy() for A in start], 0, 1.0
    while mse < error < np.inf and steps < most:
        gradients, error = factor_gradients(M, mask, factors)
        for A, G in zip(factors, gradients, strict=True):
            A -= step_size * G
        steps += 1
    return reduce(np.matmul, factors), steps


def reference_flow(M, mask, start, mse):
    """Where the flow fits the observed entries, by an explicit method of order eight at a tolerance of 1e-7."""
    shape = np.shape(start)
    velocity = lambda t, y: -np.array(factor_gradients(M, mask, y.reshape(shape))[0]).ravel()
    fitted = lambda t, y: factor_gradients(M, mask, y.reshape(shape))[1] - mse
    fitted.terminal = True
    run = solve_ivp(velocity, (0, 1e6), np.ravel(start), "DOP853", t_eval=[], events=fitted, rtol=1e-7, atol=1e-9)
    return reduce(np.matmul, run.y_events[0][0].reshape(shape))


def two_layers(seed, features, width=8):
    """A small network from a seed."""
    torch.manual_seed(seed)
    layers = torch.nn.Linear(features, width), torch.nn.ReLU(), torch.nn.Linear(width, 1)
    return torch.nn.Sequential(*layers).double()


def loop_over_runs(X, y, seeds, step_sizes, steps, foreach):
    """Networks trained one after the other on the mean logistic loss, the plain loop. Returns parameters (B, size)."""
    X, y, ends = torch.tensor(X), torch.tensor(y), []
    for seed, step_size in zip(seeds, step_sizes, strict=True):
        network = two_layers(seed, X.shape[1])
        optimizer = torch.optim.SGD(network.parameters(), lr=step_size, foreach=foreach)
        for _ in range(steps):
            optimizer.zero_grad()
            softplus(-y * network(X).squeeze(1)).mean().backward()
            optimizer.step()
        ends.append(torch.cat([p.detach().flatten() for p in network.parameters()]))
    return torch.stack(ends).numpy()


def ensemble_of_runs(X, y, seeds, step_sizes, steps):
    """The same at once, as torch's tutorial on ensembles has it: gradients by ``vmap(grad)`` of stacked networks."""
    X, y = torch.tensor(X), torch.tensor(y)
    networks = [two_layers(seed, X.shape[1]) for seed in seeds]
    stacked, buffers = torch.func.stack_module_state(networks)
    parameters = {name: value.detach() for name, value in stacked.items()}
    rates = torch.tensor(step_sizes)
    call = lambda p: torch.func.functional_call(networks[0], (p, buffers), (X,))
    gradients = torch.func.vmap(torch.func.grad(lambda p: softplus(-y * call(p).squeeze(1)).mean()))
    for _ in range(steps):
        for name, gradient in gradients(parameters).items():
            parameters[name] -= rates.view(-1, *[1] * (gradient.ndim - 1)) * gradient
    return torch.cat([value.flatten(1) for value in parameters.values()], dim=1).numpy()


def torch_squared_relu(X, y, width, theta, step_size, steps):
    """Descent on the summed exponential loss of a squared-ReLU network, outer layer trained: the plain loop."""
    X, y = torch.tensor(X), torch.tensor(y)
    inner = width * X.shape[1]
    theta = torch.tensor(theta, requires_grad=True)
    optimizer = torch.optim.SGD([theta], lr=step_size)
    for _ in range(steps):
        optimizer.zero_grad()
        hidden = (X @ theta[:inner].reshape(width, -1).T).clamp(min=0) ** 2
        torch.exp(-y * (hidden @ theta[inner:])).sum().backward()
        optimizer.step()
    return theta.detach().numpy()
