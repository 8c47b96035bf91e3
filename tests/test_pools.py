"""Everything public goes to another process and back: answers, errors, functions that name the package."""

import ast
import os
import pickle
import sys

import cloudpickle
import nbformat
import numpy as np
import pytest
from joblib import Parallel, delayed, parallel_config
from nbclient import NotebookClient

import ibnotes as ib

X, Y = np.array([[1.0, 0.3], [0.5, -1.2], [-2.0, -1.0]]), np.array([1.0, 1.0, -1.0])
M = np.array([[1.0, 2.0], [3.0, 4.0]])
RNG = np.random.default_rng(0)
ANSWERS = {
    "max_margin": lambda: ib.max_margin(X, Y),
    "min_norm_interpolant": lambda: ib.min_norm_interpolant(X[:2], Y[:2], 1),
    "min_nuclear_norm": lambda: ib.min_nuclear_norm(M, M > 1),
    "logistic_asymptotics": lambda: ib.logistic_asymptotics(X, Y),
    "logistic_flow": lambda: ib.logistic_flow(X, Y, [1.0, 10.0]),
    "descend": lambda: ib.descend((X, Y), ib.GradientDescent(0.1), 10),
    "Completion": lambda: ib.Completion(M, M > 1),
    "TwoLayer": lambda: ib.TwoLayer(X, Y, 2).margins(np.ones(6)),
    "Verification": lambda: ib.verify("x", ib.Check("C1", "x", 0, 0, 1e-3, 1, "one", slack="exact")),
}


@pytest.mark.parametrize("make", ANSWERS.values(), ids=ANSWERS)
@pytest.mark.parametrize("module", [pickle, cloudpickle])
def test_an_answer_survives(make, module):
    answer = make()
    assert repr(module.loads(module.dumps(answer))) == repr(answer)


def test_an_error_survives_with_its_certificate():
    with pytest.raises(ib.NotSeparable) as caught:
        ib.max_margin([[1.0], [-1.0]], [1, 1])
    again = pickle.loads(pickle.dumps(caught.value))
    assert str(again) == str(caught.value)
    np.testing.assert_array_equal(again.certificate, [0.5, 0.5])


def test_a_function_that_names_the_package_survives():
    assert cloudpickle.loads(cloudpickle.dumps(lambda w: ib.margin(X, Y, w)))([1.0, 0.0]) == 0.5


# --- sweeps in other processes ---


def sweep(seed):
    """One point of a sweep: the margin, or the certificate of its absence."""
    Z = np.random.default_rng(seed).standard_normal((4, 2))
    return ib.max_margin(Z, np.ones(4)).margin


GRID = [(depth, seed) for depth in (1, 2) for seed in (0, 1)]


def ends(depth, seed):
    """Where diagonal networks of three scales and step sizes end, in one call."""
    problem = ib.make_separable(np.random.default_rng(seed), 8, 3)
    networks = [ib.DiagonalNetwork(3, depth, scale) for scale in (0.1, 0.5, 1.0)]
    return ib.descend(problem, ib.GradientDescent([0.1, 0.2, 0.3]), 50, module=networks).w[-1]


@pytest.mark.slow
def test_a_pool_of_processes_hands_answers_and_errors_back():
    assert Parallel(2)(delayed(sweep)(seed) for seed in (3, 4, 6)) == [sweep(seed) for seed in (3, 4, 6)]
    np.testing.assert_array_equal(Parallel(2)(delayed(ends)(*point) for point in GRID), [ends(*p) for p in GRID])
    with pytest.raises(ib.NotSeparable) as caught:
        Parallel(2)(delayed(sweep)(seed) for seed in (3, 0))
    assert caught.value.certificate.shape == (4,)


@pytest.fixture(scope="module")
def cluster():
    distributed = pytest.importorskip("distributed")
    options = {"n_workers": 2, "threads_per_worker": 1, "dashboard_address": None, "silence_logs": 50}
    with distributed.LocalCluster(**options) as local, distributed.Client(local) as client:
        for function in (sweep, ends):
            cloudpickle.register_pickle_by_value(sys.modules[function.__module__])
        yield client


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
def test_a_dask_cluster_runs_the_same_sweep(cluster):
    with parallel_config(backend="dask"):
        found = Parallel()(delayed(ends)(*point) for point in GRID)
        margins = Parallel()(delayed(sweep)(seed) for seed in (3, 4, 6))
    np.testing.assert_array_equal(found, [ends(*point) for point in GRID])
    assert margins == [sweep(seed) for seed in (3, 4, 6)]
    pids = set(cluster.run(os.getpid).values())
    assert len(pids) == 2
    assert os.getpid() not in pids


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
def test_a_dask_cluster_hands_errors_back_with_their_certificates(cluster):
    futures = cluster.map(sweep, [3, 0])
    assert futures[0].result() == sweep(3)
    with pytest.raises(ib.NotSeparable) as caught:
        futures[1].result()
    assert caught.value.certificate.shape == (4,)


IN_A_NOTEBOOK = """
import ibnotes as ib, numpy as np
from joblib import Parallel, delayed
def ends(depth, seed):
    problem = ib.make_separable(np.random.default_rng(seed), 8, 3)
    networks = [ib.DiagonalNetwork(3, depth, scale) for scale in (0.1, 0.5, 1.0)]
    return ib.descend(problem, ib.GradientDescent([0.1, 0.2, 0.3]), 50, module=networks).w[-1]
found = Parallel(2)(delayed(ends)(depth, seed) for depth in (1, 2) for seed in (0, 1))
np.array(found).tolist()
"""


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
def test_a_sweep_from_a_notebook_gives_the_same():
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(IN_A_NOTEBOOK)])
    NotebookClient(notebook, timeout=120, kernel_name="python3").execute()
    (output,) = notebook.cells[0].outputs
    np.testing.assert_array_equal(ast.literal_eval(output.data["text/plain"]), [ends(*point) for point in GRID])
