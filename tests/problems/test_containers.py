"""Data as people keep them: the same answer, or an error that names the argument and says what to do."""

import numpy as np
import pandas as pd
import pytest
import torch
from scipy import sparse

import ibnotes as ib

X, Y = np.array([[1.0, 3.0], [2.0, -1.0], [-1.0, -2.0]]), np.array([1, 1, -1])
SAME = {
    "lists": X.tolist(),
    "a frame": pd.DataFrame(X),
    "a frame of nullable numbers": pd.DataFrame(X).convert_dtypes(),
    "a frame of categories": pd.DataFrame(X).astype("category"),
    "a sparse array": sparse.csr_array(X),
    "a sparse matrix": sparse.csc_matrix(X),
    "a masked array without a mask": np.ma.array(X),
    "a tensor": torch.tensor(X),
    "a tensor with a gradient": torch.tensor(X, requires_grad=True),
    "a sparse tensor": torch.tensor(X).to_sparse(),
    "bfloat16": torch.tensor(X, dtype=torch.bfloat16),
    "integers": torch.tensor(X).to(torch.int32),
    "half precision": X.astype(np.float16),
    "read-only": np.broadcast_to(X, X.shape),
}
LABELS = {
    "integers": Y,
    "a series": pd.Series(Y),
    "a nullable series": pd.Series(Y, dtype="Int64"),
    "a tensor": torch.tensor(Y),
    "a list": Y.tolist(),
}
REFUSED = {
    "a masked entry": (np.ma.array(X, mask=np.eye(3, 2)), r"^X is masked at index \(0, 0\): fill or drop"),
    "a masked entry of one of the rows": (
        [X[0], np.ma.array(X[1], mask=[0, 1])],
        r"^X is masked at index \(1, 1\)",
    ),
    "dates among numbers": (
        pd.DataFrame({"a": X[:, 0], "when": pd.to_datetime(["2020-01-01", "2021-06-01", "2022-01-01"])}),
        "^X must hold real numbers",
    ),
    "durations among numbers": (
        pd.DataFrame({"a": X[:, 0], "took": pd.to_timedelta([1, 2, 3], unit="D")}),
        "^X must hold real numbers",
    ),
    "a missing value": (
        pd.DataFrame(X).convert_dtypes().mask(X > 2),
        r"^X must be finite, found nan at index \(0, 1\)",
    ),
    "texts": (pd.DataFrame(X).astype(str), "^X must hold real numbers.*texts or missing values"),
    "a huge sparse matrix": (sparse.csr_array((10**5, 10**5)), "^X is sparse.*take fewer columns or rows"),
    "ragged rows": ([[1.0], [2.0, 3.0]], "^X must be a rectangular array"),
    "complex numbers": (X * 1j, "^X must hold real numbers, found dtype complex128"),
}


@pytest.mark.parametrize("points", SAME.values(), ids=SAME)
def test_points_in_any_container_give_the_same_answer(points):
    np.testing.assert_array_equal(ib.max_margin(points, Y).w, ib.max_margin(X, Y).w)


@pytest.mark.parametrize("labels", LABELS.values(), ids=LABELS)
def test_labels_in_any_container_give_the_same_answer(labels):
    np.testing.assert_array_equal(ib.max_margin(X, labels).w, ib.max_margin(X, Y).w)
    classes = labels if isinstance(labels, list) else labels + 1
    if not isinstance(labels, list):
        np.testing.assert_array_equal(ib.Multiclass(X, (classes + 1) // 2).labels, [1, 1, 0])


@pytest.mark.parametrize(("points", "message"), REFUSED.values(), ids=REFUSED)
def test_what_cannot_be_read_is_refused_with_a_remedy(points, message):
    with pytest.raises(ValueError, match=message):
        ib.max_margin(points, Y)


def test_the_data_are_copied():
    tensor, frame = torch.tensor(X), pd.DataFrame(X)
    problem, other = ib.Classification(tensor, Y), ib.Classification(frame, Y)
    tensor[:], frame.iloc[:] = 0, 0
    np.testing.assert_array_equal(problem.X, X)
    np.testing.assert_array_equal(other.X, X)


def test_a_file_may_be_mapped(tmp_path):
    np.save(tmp_path / "X.npy", X)
    np.testing.assert_array_equal(ib.max_margin(np.load(tmp_path / "X.npy", mmap_mode="r"), Y).support, [1, 2])


def half_hidden(values):
    return np.ma.array(values, mask=np.arange(np.size(values)).reshape(np.shape(values)) == 1)


V, W = np.array([1.0, 2.0]), np.array([[1.0, 2.0], [3.0, 4.0]])
MEASURES = {
    "direction": (lambda w: ib.direction(w), "w", V),
    "direction_gap": (lambda w: ib.direction_gap(V, w), "v", V),
    "angle": (lambda w: ib.angle(w, V), "u", V),
    "margin": (lambda w: ib.margin(X, Y, w), "w", V),
    "log_logistic_loss": (lambda w: ib.log_logistic_loss(X, Y, w), "w", V),
    "gradient_shares": (lambda w: ib.gradient_shares(X, Y, w), "w", V),
    "singular_values": (lambda w: ib.singular_values(w), "W", W),
    "nuclear_norm": (lambda w: ib.nuclear_norm(w), "W", W),
    "effective_rank": (lambda w: ib.effective_rank(w), "W", W),
    "imbalance": (lambda w: ib.imbalance([W, w]), "factors", W),
    "principal_angles": (lambda w: ib.principal_angles(W, w, 1), "M", W),
    "margins of classes": (lambda w: ib.Multiclass(X, [0, 0, 1]).margins(w), "W", W),
    "log_exponential_loss": (lambda w: ib.log_exponential_loss(ib.Diagonal([[1.0]], [1], 2), w), "theta", V),
}


@pytest.mark.parametrize(("measure", "name", "value"), MEASURES.values(), ids=MEASURES)
@pytest.mark.filterwarnings("error")
def test_weights_are_read_as_data_are(measure, name, value):
    np.testing.assert_array_equal(measure(torch.tensor(value, requires_grad=True)), measure(value))
    np.testing.assert_array_equal(measure(value.astype(object)), measure(value))
    if value.ndim == 2:
        np.testing.assert_array_equal(measure(sparse.csr_array(value)), measure(value))
    for wrong, message in (
        (half_hidden(value), "is masked at index"),
        (value * 1j, "must hold real numbers, found dtype complex128"),
        (value.astype(str), "must hold real numbers"),
    ):
        with pytest.raises(ValueError, match=f"^{name} {message}"):
            measure(wrong)


def test_columns_of_several_kinds_and_fractions_are_numbers():
    frame = pd.DataFrame({"a": [True, True, False], "b": [3.0, -1.0, -2.0]})
    mixed, plain = ib.max_margin(frame.values, Y), ib.max_margin(frame.astype(float), Y)
    np.testing.assert_array_equal(mixed.w, plain.w)
    np.testing.assert_array_equal(
        ib.direction(ib.certify(plain).w), ib.direction([float(x) for x in ib.certify(plain).w])
    )


def test_a_mask_of_nullable_truth_values():
    mask = np.array([[True, False], [True, True]])
    assert np.array_equal(ib.Completion(np.eye(2), pd.DataFrame(mask).astype("boolean")).mask, mask)
