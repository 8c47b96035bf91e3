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
