"""The subject index is in order, leads to every statement, and sends nobody to a word that it does not have."""

import re
import tomllib
from pathlib import Path

BOOK = Path(__file__).resolve().parents[2] / "book"
TEXT = (BOOK / "subjects.md").read_text(encoding="utf-8")
SUBJECTS = re.findall(r"\n([^\n:]+)\n: ", TEXT)


def test_it_is_in_order():
    order = sorted(SUBJECTS, key=str.lower)
    assert order == SUBJECTS
    assert len(set(SUBJECTS)) == len(SUBJECTS) > 60


def test_it_leads_to_every_statement():
    theorems = tomllib.loads((BOOK / "theorems.toml").read_text(encoding="utf-8"))
    labels = {label for chapter in theorems.values() for label in chapter}
    assert labels - set(re.findall(r"\{prf:ref\}`([\w-]+)`", TEXT)) == set()


def test_it_sends_nobody_to_a_word_that_it_lacks():
    seen = [word.lower() for line in re.findall(r": see (.*)", TEXT) for word in re.findall(r"\*([^*]+)\*", line)]
    assert seen
    assert [word for word in seen if not any(subject.lower().startswith(word) for subject in SUBJECTS)] == []
