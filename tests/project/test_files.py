"""What a public project promises in files of its own: citation, workflows, dependencies, changelog."""

import re
import tomllib
from pathlib import Path

import pytest
import yaml
from check_jsonschema import main as check_jsonschema
from click.testing import CliRunner
from packaging.requirements import Requirement

import ibnotes

ROOT = Path(__file__).resolve().parent.parent.parent
PINS = ("requirements.txt", "constraints.txt")
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


def read(name):
    return (ROOT / name).read_text(encoding="utf-8")


def schema_accepts(schema, path):
    return CliRunner().invoke(check_jsonschema, ["--quiet", "--builtin-schema", schema, str(path)]).exit_code == 0


@pytest.mark.parametrize(
    ("schema", "name", "broken"),
    [
        ("vendor.citation-file-format", "CITATION.cff", ("authors:", "writers:")),
        ("vendor.github-workflows", ".github/workflows/test.yml", ("runs-on:", "run-on:")),
        ("vendor.github-workflows", ".github/workflows/newest.yml", ("uses:", "use:")),
        ("vendor.github-workflows", ".github/workflows/publish.yml", ("needs:", "need:")),
    ],
)
def test_it_has_the_form_that_its_readers_expect_and_a_slip_is_noticed(schema, name, broken, tmp_path):
    assert schema_accepts(schema, ROOT / name)
    slip = tmp_path / Path(name).name
    text = read(name)
    slip.write_text(text.replace(*broken), encoding="utf-8")
    assert slip.read_text(encoding="utf-8") != text
    assert not schema_accepts(schema, slip)


def test_the_citation_is_of_this_package():
    citation = yaml.safe_load(read("CITATION.cff"))
    assert citation["version"] == ibnotes.__version__
    assert citation["license"] == PYPROJECT["license"]
    assert citation["authors"][0]["name"] in read("LICENSE")


def test_every_supported_python_is_tested_on_linux_and_macos():
    workflow = yaml.safe_load(read(".github/workflows/test.yml"))
    matrix = workflow["jobs"]["test"]["strategy"]["matrix"]
    assert [each.partition("-")[0] for each in matrix["os"]] == ["ubuntu", "macos"]
    assert PYPROJECT["requires-python"] == f">={matrix['python'][0]}"
    named = [each.rpartition(" ")[2] for each in PYPROJECT["classifiers"] if re.search(r":: 3\.\d+$", each)]
    assert named == matrix["python"]


def test_every_pin_is_a_dependency_of_the_package_or_of_an_extra():
    """So that ``pip install .[book,test]`` brings what ``requirements.txt`` does; bounds admit the pins."""
    stated = [*PYPROJECT["dependencies"], *PYPROJECT["optional-dependencies"]["book"]]
    stated += PYPROJECT["optional-dependencies"]["test"]
    bounds = {each.name: each.specifier for each in map(Requirement, stated)}
    assert len(bounds) == len(stated)
    pins, constraints = (dict(re.findall(r"^([\w.-]+)==(\S+)$", read(name), re.MULTILINE)) for name in PINS)
    assert {name: pin for name, pin in pins.items() if constraints.get(name, pin) != pin} == {}
    assert set(pins) <= set(bounds)
    assert [name for name, bound in bounds.items() if not bound.contains((constraints | pins)[name])] == []


def test_the_changelog_has_todays_version_and_the_usual_headings():
    text = read("CHANGELOG.md")
    versions = re.findall(r"^## \[(.+?)\](?: - (\d{4}-\d\d-\d\d))?$", text, re.MULTILINE)
    assert versions[0] == ("Unreleased", "")
    assert versions[1][0] == ibnotes.__version__
    assert all(date for _, date in versions[1:])
    kinds = set(re.findall(r"^### (.+)$", text, re.MULTILINE))
    assert kinds <= {"Added", "Changed", "Deprecated", "Removed", "Fixed", "Security"}
