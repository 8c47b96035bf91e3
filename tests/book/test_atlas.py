"""The atlas: its records are what the instrument finds, its page has a row and a mark for each."""

import json

import numpy as np
import pytest
from browser import HTML, soup
from test_extensions import EXTENSIONS, load

page, tool = load("atlas"), load("atlas", EXTENSIONS.parent / "tools")
RECORDS = json.loads(tool.FILE.read_text(encoding="utf-8"))["records"]
NORMS = {"vector": ("l1", "l2", "linf", "undecided"), "matrix": ("frobenius", "spectral", "max", "undecided")}
MEASURED = {name: record for name, record in RECORDS.items() if "refused" not in record}


def test_every_optimizer_of_the_list_has_its_record():
    assert list(RECORDS) == list(tool.CASES)
    assert sum(name.startswith("pytorch_optimizer") for name in MEASURED) >= 25
    for record in MEASURED.values():
        assert all(record[f"{kind}_norm"] in names for kind, names in NORMS.items())
        assert {"batch", "order", "history"} <= set(record["symmetries"])


@pytest.mark.slow
@pytest.mark.parametrize("name", tool.SAMPLE)
def test_a_sample_measured_again_agrees(name):
    found, stored = tool.record(name), RECORDS[name]
    for part in ("vector_norm", "matrix_norm", "options"):
        assert found[part] == stored[part]
    for part in ("vector", "matrix"):
        for norm, values in stored[part].items():
            assert found[part][norm] == pytest.approx(values, rel=1e-2)
    for part in ("kind", "normalized", "ball", "law"):
        assert found["decay"][part] == stored["decay"][part]
    assert found["decay"]["radius"] == pytest.approx(stored["decay"]["radius"], rel=1e-2)
    assert found["epsilon"]["threshold"] == pytest.approx(stored["epsilon"]["threshold"], rel=1e-2)
    assert found["regression"] == pytest.approx(stored["regression"], rel=1e-2, abs=1e-5, nan_ok=True)


def test_marks_stand_at_the_corners_that_their_shares_reach_and_apart():
    corners = np.eye(3) * 0.5 + 0.5
    assert [int(np.linalg.norm(page.CORNERS - page.place(shares), axis=1).argmin()) for shares in corners] == [0, 1, 2]
    spots = page.spread(np.zeros((20, 2)))
    gaps = np.linalg.norm(spots[:, None] - spots[None], axis=2) + 100 * np.eye(20)
    assert gaps.min() >= page.APART


@pytest.mark.book
def test_the_page_has_a_row_and_a_mark_for_each():
    article = soup(HTML / "book" / "atlas.html").article
    assert len(article.select("table.atlas tbody tr")) == len(RECORDS)
    assert len(article.select("table.atlas details")) == len(MEASURED)
    vectors = [name for name, record in MEASURED.items() if None not in [v[-1] for v in record["vector"].values()]]
    assert len(article.select("svg.atlas-map circle")) == len(vectors)
