"""Every claim of the post is decided by a check, or says why none can decide it."""

import json
import shutil
from pathlib import Path

import pytest

from ibnotes.verification.ledger import read_ledger, read_records

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


def test_exemptions_are_few_and_named(ledger):
    assert [claim.number for claim in ledger.claims if claim.exempt] == ["S5", "S6", "D6"]


def test_every_recorded_check_held(ledger):
    assert {check["verdict"] for claim in ledger.claims for check in claim.checks} == {"holds"}


def test_verdicts_are_the_known_ones(ledger):
    assert set(ledger.verdicts()) == {"true", "true with hypotheses", "imprecise", "false"}


def test_the_committed_page_shows_the_committed_records(ledger):
    cells = json.loads((BOOK / "claims.ipynb").read_text(encoding="utf-8"))["cells"]
    pages = ["".join(o["data"]["text/html"]) for c in cells for o in c.get("outputs", []) if "data" in o]
    assert pages == [ledger.section(letter)._repr_html_() for letter in "ISCMND"]


def test_a_claim_without_a_check_is_not_decided(tmp_path):
    shutil.copy(BOOK / "claims.toml", tmp_path)
    assert not any(claim.decided for claim in read_ledger(tmp_path).claims if not claim.exempt)


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
