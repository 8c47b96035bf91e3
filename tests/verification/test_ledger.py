"""Every claim of the post is decided by a check, or says why none can decide it."""

import json
import shutil
from pathlib import Path

import nbformat
import pytest

import ibnotes
from ibnotes.verification.ledger import VERDICTS, Ledger, read_ledger, read_records

BOOK = Path(__file__).resolve().parents[2] / "book"
NUMBERS = (
    [f"I{i}" for i in range(1, 6)]
    + [f"S{i}" for i in range(1, 7)]
    + [*(f"C{i}" for i in range(1, 6)), "C5a", "C5b", *(f"C{i}" for i in range(6, 18))]
    + [f"M{i}" for i in range(1, 18)]
    + [f"N{i}" for i in range(1, 12)]
    + [f"D{i}" for i in range(1, 7)]
)


@pytest.fixture(scope="module")
def ledger():
    return read_ledger(BOOK)


def test_every_claim_is_there_in_order(ledger):
    assert [claim.number for claim in ledger.claims] == NUMBERS


def test_every_claim_is_decided(ledger):
    assert [claim.number for claim in ledger.claims if not claim.decided] == []


def test_a_false_claim_is_refuted_by_a_check_and_a_true_one_is_not(ledger):
    refuted = {claim.number for claim in ledger.claims if claim.refuting}
    assert {claim.number for claim in ledger.claims if claim.verdict == "false"} <= refuted
    assert not {claim.number for claim in ledger.claims if claim.verdict.startswith("true")} & refuted


def test_exemptions_are_few_and_named(ledger):
    assert [claim.number for claim in ledger.claims if claim.exempt] == ["S5", "S6", "D6"]


def test_every_recorded_check_held(ledger):
    assert {check["verdict"] for claim in ledger.claims for check in claim.checks} == {"holds"}


def test_verdicts_are_the_known_ones(ledger):
    assert set(ledger.verdicts()) == set(VERDICTS)


def test_the_choice_of_a_verdict_says_how_many_there_are(ledger):
    page = ledger.verdicts()._repr_html_()
    assert page.count("checked") == 1
    assert f'value="all" autocomplete="off" checked> all ({len(NUMBERS)})</label>' in page
    for verdict in VERDICTS:
        slug = verdict.replace(" ", "-")
        count = ledger._repr_html_().count(f' class="{slug}"><h3>')
        assert f'value="{slug}" autocomplete="off"> {verdict} ({count})</label>' in page


def claim_of(folder, extra="", **options):
    """A claim to which two checks of a notebook speak."""
    quantities = ("the first quantity", "the second quantity")
    checks = [ibnotes.Check("C1", quantity, 0.5, 0, 1, 20, "a hypothesis", **options) for quantity in quantities]
    output = nbformat.v4.new_output("display_data", ibnotes.verify("Theorem", *checks)._repr_mimebundle_())
    nbformat.write(nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(outputs=[output])]), folder / "a.ipynb")
    (folder / "claims.toml").write_text(f'[C1]\npost = "p"\nverdict = "false"\nstatement = "s"\n{extra}\n')
    return read_ledger(folder).claims[0]


def test_a_check_that_refutes_the_post_is_told_from_those_that_confirm(tmp_path):
    assert [record["quantity"] for record in claim_of(tmp_path).confirming] == [
        "the first quantity",
        "the second quantity",
    ]
    claim = claim_of(tmp_path, 'refuted_by = ["second"]')
    assert [record["quantity"] for record in claim.refuting] == ["the second quantity"]
    assert [record["quantity"] for record in claim.confirming] == ["the first quantity"]
    page = Ledger((claim,))._repr_html_()
    assert "<p>Refutes the post:</p><ul><li>the second" in page
    assert "<p>Confirms what holds:</p><ul><li>the first" in page


def test_the_ledger_marks_what_is_proved_in_exact_arithmetic(tmp_path):
    problem = ibnotes.six_entries()
    proof = ibnotes.certify(ibnotes.min_nuclear_norm(problem.M, problem.mask))
    claim = claim_of(tmp_path, proof=proof)
    assert [record["proved"] for record in claim.checks] == [[proof.statement]] * 2
    mark = f'; <span class="proved">proved: {proof.statement}</span></li>'
    assert Ledger((claim,))._repr_html_().count(mark) == 2
    assert "proved" not in Ledger((claim_of(tmp_path),))._repr_html_()


def test_no_chapter_makes_a_proof_by_hand():
    for path in BOOK.glob("*.ipynb"):
        cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
        assert not any("Proof(" in "".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"), path.name


@pytest.mark.parametrize("part", ["third", "quantity"])
def test_a_refutation_names_one_check(tmp_path, part):
    with pytest.raises(ValueError, match="C1 is refuted by"):
        claim_of(tmp_path, f'refuted_by = ["{part}"]')


def test_the_committed_page_shows_the_committed_records(ledger):
    cells = json.loads((BOOK / "claims.ipynb").read_text(encoding="utf-8"))["cells"]
    data = [output.get("data", {}) for cell in cells for output in cell.get("outputs", [])]
    pages = ["".join(each["text/html"]) for each in data if "text/html" in each]
    assert pages == [ledger.verdicts()._repr_html_(), *(ledger.section(letter)._repr_html_() for letter in "ISCMND")]


def test_a_tolerance_that_is_hardly_used_has_a_reason():
    assert [record["quantity"] for record in read_records(BOOK) if record["loose"]] == []


def test_a_claim_without_a_check_is_not_decided(tmp_path):
    (tmp_path / "claims.toml").write_text('[C1]\npost = "p"\nverdict = "true"\nstatement = "s"\n')
    assert not read_ledger(tmp_path).claims[0].decided


def test_a_check_of_an_unknown_claim_is_refused(tmp_path):
    shutil.copy(BOOK / "max_margin.ipynb", tmp_path)
    (tmp_path / "claims.toml").write_text('[C1]\npost = "p"\nverdict = "true"\nstatement = "s"\n')
    with pytest.raises(ValueError, match="C5"):
        read_ledger(tmp_path)


def test_records_link_to_their_tables():
    for record in read_records(BOOK):
        page, anchor = record["link"].split("#")
        assert (BOOK / page).with_suffix(".ipynb").exists()
        assert anchor.startswith("verify-")
