"""The committed tables are what their generators compute: a sample of the rows is computed again."""

import csv

import data
import numpy as np
import pytest

NAMES = sorted(path.stem for path in data.DATA.glob("*.py"))


@pytest.mark.parametrize("name", NAMES)
def test_a_table_has_a_row_for_every_case(name):
    cases = [{column: str(value) for column, value in case.items()} for case in data.generator(name).CASES]
    assert [{column: row[column] for column in cases[0]} for row in data.read(name)] == cases


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_a_sample_computed_again_agrees(name):
    module, table = data.generator(name), data.read(name)
    assert len(module.SAMPLE) >= 2
    for k in module.SAMPLE:
        figures = {c: float(v) for c, v in module.row(**module.CASES[k]).items()}
        assert set(table[k]) == set(module.CASES[k]) | set(figures)
        stored = [float(table[k][column]) for column in figures]
        np.testing.assert_allclose(list(figures.values()), stored, rtol=module.RTOL, err_msg=f"{name}, row {k}")


def test_every_table_has_its_generator():
    assert {path.stem for path in data.DATA.glob("*.csv")} == set(NAMES)


def test_a_table_is_written_whole_or_not_at_all(tmp_path, monkeypatch):
    monkeypatch.setattr(data, "DATA", tmp_path)
    cases = "CASES = [{'n': 1, 'kind': 'a'}, {'n': 2, 'kind': 'b'}]\n"
    source = cases + "row = lambda n, kind: {'inverse': 1 / (n - %d)}\n"
    (tmp_path / "small.py").write_text(source % 3)
    monkeypatch.setattr(data, "Parallel", lambda **_: list)
    monkeypatch.setattr(data, "delayed", lambda f: f)
    data.write("small")
    assert data.read("small") == [{"n": "1", "kind": "a", "inverse": "-0.5"}, {"n": "2", "kind": "b", "inverse": "-1"}]
    (tmp_path / "small.py").write_text(source % 2 + "\n")  # of another length, or bytecode of this second stands for it
    with pytest.raises(ZeroDivisionError):
        data.write("small")
    with (tmp_path / "small.csv").open() as file:
        assert len(list(csv.reader(file))) == 3
