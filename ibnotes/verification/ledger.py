"""The claims ledger: the post's claims beside the records that the chapters' checks left behind."""

import html
import json
import tomllib
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from ibnotes.verification.verify import RECORD, anchor

UNFOLDED = 4  # so many checks of a claim are listed at once


@dataclass(frozen=True)
class Claim:
    """One claim of the post and the checks that speak to it.

    Attributes:
        number: its name, such as "C5a". post: what the post says. verdict: ours.
        statement: what holds. exempt: why no computation can decide it, or empty.
        checks: records of `ibnotes.verify`, each with the ``link`` of its table.
    """

    number: str
    post: str
    verdict: str
    statement: str
    exempt: str
    checks: tuple[dict[str, str], ...]

    @property
    def decided(self) -> bool:
        """Whether a check speaks to it, or a reason says why none can."""
        return bool(self.checks) != bool(self.exempt)


def read_records(book: Path) -> list[dict[str, str]]:
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

    Raises:
        ValueError: where a check names a claim that the file does not have.
    """
    entries = tomllib.loads((book / "claims.toml").read_text(encoding="utf-8"))
    records = read_records(book)
    unknown = {number for record in records for number in record["claim"].split()} - set(entries)
    if unknown:
        raise ValueError(f"claims.toml lacks {sorted(unknown)}, which checks name")
    return Ledger(
        tuple(
            Claim(
                number=number,
                post=entry["post"],
                verdict=entry["verdict"],
                statement=entry["statement"],
                exempt=entry.get("exempt", ""),
                checks=tuple(record for record in records if number in record["claim"].split()),
            )
            for number, entry in entries.items()
        )
    )


@dataclass(frozen=True)
class Ledger:
    """The claims in the post's order; shows itself as a page of entries."""

    claims: tuple[Claim, ...]

    def section(self, letter: str) -> "Ledger":
        """The claims whose number starts with ``letter``."""
        return Ledger(tuple(claim for claim in self.claims if claim.number.startswith(letter)))

    def verdicts(self) -> Counter:
        """How many claims got each verdict."""
        return Counter(claim.verdict for claim in self.claims)

    def __repr__(self) -> str:
        return "\n".join(f"{claim.number} {claim.verdict}: {len(claim.checks)} checks" for claim in self.claims)

    def _repr_html_(self) -> str:
        return '<div class="ledger">' + "".join(_entry(claim) for claim in self.claims) + "</div>"


def _entry(claim: Claim) -> str:
    text = html.escape
    checks = "".join(
        f"<li>{text(check['quantity'])}: predicted {text(check['predicted'])}, "
        f'<a href="{text(check["link"])}">measured {text(check["measured"])}</a>, '
        f"tolerance {text(check['tolerance'])}; control {text(check['control'])}</li>"
        for check in claim.checks
    )
    evidence = f"<ul>{checks}</ul>" if checks else f"<p>No computation decides it: {text(claim.exempt)}.</p>"
    if len(claim.checks) > UNFOLDED:
        evidence = f"<details><summary>{len(claim.checks)} checks</summary>{evidence}</details>"
    return (
        f'<section id="claim-{claim.number}"><h3><span class="claims">{claim.number}</span> '
        f'<span class="verdict {claim.verdict.split()[0]}">{claim.verdict}</span></h3>'
        f"<p><em>{text(claim.post)}</em></p><p>{text(claim.statement)}</p>{evidence}</section>"
    )
