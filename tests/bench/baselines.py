"""What one writes without ibnotes: plain torch loops, and the SVM from a solver or a library as it comes."""

import cvxpy as cp
import numpy as np
import torch
from scipy.optimize import nnls
from sklearn.svm import SVC
from torch.nn.functional import softplus


def torch_loop(X, y, step_size, steps):
    """Gradient descent on the mean logistic loss, from zero. Returns w (d,)."""
    X, y = torch.tensor(X), torch.tensor(y)
    w = torch.zeros(X.shape[1], dtype=torch.float64, requires_grad=True)
    optimizer = torch.optim.SGD([w], lr=step_size)
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


def svm_by_sklearn(X, y):
    """A soft margin so stiff that it is hard. It fits an intercept, and cannot be told not to."""
    return SVC(kernel="linear", C=1e10).fit(X, y).coef_[0]


def svm_by_lawson_hanson(X, y):
    """min ||w|| s.t. Zw >= 1 as a least-distance problem: the residual r of ``min ||[Z 1]' u - e||, u >= 0`` (e the
    last unit vector) gives w = -r[:d] / r[d]. An active-set method, exact up to rounding: the judge of the others.

    Source: Lawson & Hanson 1974, ch. 23.
    """
    E = np.column_stack([y[:, None] * X, np.ones(len(X))]).T
    e = np.eye(len(E))[-1]
    r = E @ nnls(E, e)[0] - e
    return -r[:-1] / r[-1]
