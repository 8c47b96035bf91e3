"""The claims ledger: the post's claims beside the records that the chapters' checks left behind."""

import html
import json
import tomllib
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from ibnotes.verification.table import anchor, proved
from ibnotes.verification.typeset import typeset
from ibnotes.verification.verify import RECORD

UNFOLDED = 4  # so many checks of a claim are listed at once
VERDICTS = ("true", "true with hypotheses", "imprecise", "false")


@dataclass(frozen=True)
class Claim:
    """One claim of the post and the checks that speak to it.

    Attributes:
        number: its name, such as "C5a". post: what the post says. verdict: ours.
        statement: what holds. exempt: why no computation can decide it, or empty.
        refuting: records of the checks that contradict the post, each with the ``link`` of its table.
        confirming: records of the checks that bear out ``statement``.
    """

    number: str
    post: str
    verdict: str
    statement: str
    exempt: str
    refuting: tuple[dict, ...]
    confirming: tuple[dict, ...]

    @property
    def checks(self) -> tuple[dict, ...]:
        return self.refuting + self.confirming

    @property
    def decided(self) -> bool:
        """Whether a check speaks to it, or a reason says why none can."""
        return bool(self.checks) != bool(self.exempt)


def read_records(book: Path) -> list[dict]:
    """The records of every verification in the executed notebooks of ``book``, each with its link."""
    records = []
    for path in sorted(book.glob("*.ipynb")):
        cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
        outputs = [output.get("data", {}) for cell in cells for output in cell.get("outputs", [])]
        for table in (data[RECORD] for data in outputs if RECORD in data):
            link = f"{path.stem}.html#{anchor(table['theorem'])}"
            records += [{**check, "theorem": table["theorem"], "link": link} for check in table["checks"]]
    return records


def read_ledger(book: Path) -> "Ledger":
    """Join ``claims.toml`` with the records of the notebooks in ``book``.

    An entry's ``refuted_by`` lists parts of the quantities of those checks that contradict the post; the claim's
    other checks confirm the statement.

    Raises:
        ValueError: where a check names a claim that the file does not have, or the file no check or several.
    """
    entries = tomllib.loads((book / "claims.toml").read_text(encoding="utf-8"))
    records = read_records(book)
    unknown = {number for record in records for number in record["claim"].split()} - set(entries)
    if unknown:
        raise ValueError(f"claims.toml lacks {sorted(unknown)}, which checks name")
    return Ledger(tuple(_join(number, entry, records) for number, entry in entries.items()))


def _join(number: str, entry: dict, records: list[dict]) -> Claim:
    checks = [record for record in records if number in record["claim"].split()]
    refuting = []
    for part in entry.get("refuted_by", []):
        named = [check for check in checks if part in check["quantity"]]
        if len(named) != 1:
            raise ValueError(f"{number} is refuted by {part!r}, which {len(named)} of its checks are called")
        refuting += named
    return Claim(
        number=number,
        post=entry["post"],
        verdict=entry["verdict"],
        statement=entry["statement"],
        exempt=entry.get("exempt", ""),
        refuting=tuple(refuting),
        confirming=tuple(check for check in checks if check not in refuting),
    )


@dataclass(frozen=True)
class Ledger:
    """The claims in the post's order; shows itself as a page of entries."""

    claims: tuple[Claim, ...]

    def section(self, letter: str) -> "Ledger":
        """The claims whose number starts with ``letter``."""
        return Ledger(tuple(claim for claim in self.claims if claim.number.startswith(letter)))

    def verdicts(self) -> "Verdicts":
        """How many claims got each verdict."""
        return Verdicts(claim.verdict for claim in self.claims)

    def __repr__(self) -> str:
        return "\n".join(f"{claim.number} {claim.verdict}: {len(claim.checks)} checks" for claim in self.claims)

    def _repr_html_(self) -> str:
        return '<div class="ledger">' + "".join(_entry(claim) for claim in self.claims) + "</div>"


class Verdicts(Counter):
    """Counts; shows itself as a choice of which claims the page shows, which the style sheet obeys."""

    def _repr_html_(self) -> str:
        choices = [("all", self.total()), *((verdict, self[verdict]) for verdict in VERDICTS)]
        buttons = "".join(
            f'<label><input type="radio" name="verdict" value="{_slug(name)}" autocomplete="off"'
            f"{' checked' * (name == 'all')}> {name} ({count})</label>"
            for name, count in choices
        )
        return f'<fieldset class="verdicts"><legend>Show the claims that are</legend>{buttons}</fieldset>'


def _slug(verdict: str) -> str:
    return verdict.replace(" ", "-")


def _entry(claim: Claim) -> str:
    evidence = _checks("Refutes the post", claim.refuting) + _checks("Confirms what holds", claim.confirming)
    if claim.exempt:
        evidence = f"<p>No computation decides it: {typeset(claim.exempt)}.</p>"
    if len(claim.checks) > UNFOLDED:
        share = f", {len(claim.refuting)} refute the post" if claim.refuting else ""
        evidence = f"<details><summary>{len(claim.checks)} checks{share}</summary>{evidence}</details>"
    return (
        f'<section id="claim-{claim.number}" class="{_slug(claim.verdict)}">'
        f'<h3><span class="claims">{claim.number}</span> <span class="verdict">{claim.verdict}</span></h3>'
        f"<p><em>{typeset(claim.post)}</em></p><p>{typeset(claim.statement)}</p>{evidence}</section>"
    )


def _checks(what: str, checks: tuple[dict, ...]) -> str:
    lines = "".join(
        f"<li>{typeset(check['quantity'])}: predicted {typeset(check['predicted'])}, "
        f'<a href="{html.escape(check["link"])}">measured {typeset(check["measured"])}</a>, '
        f"tolerance {typeset(check['tolerance'])}; control {typeset(check['control'])}"
        + "".join(f'; <span class="proved">{typeset(mark)}</span>' for mark in proved(check))
        + "</li>"
        for check in checks
    )
    return f"<p>{what}:</p><ul>{lines}</ul>" if checks else ""
