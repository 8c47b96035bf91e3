"""Mistakes get the messages that the page "Your own data" shows. Its examples are run in test_readme.py."""

import re
from pathlib import Path

import numpy as np
import pytest
import torch

import ibnotes

ROOT = Path(__file__).resolve().parent.parent.parent
PAGE = (ROOT / "book" / "own_data.md").read_text(encoding="utf-8")
MISTAKES = re.findall(r"^\d+\. \*\*(.+?)\.?\*\* `(.+?)`: `(.+?)`\.", PAGE, re.MULTILINE)


def test_every_numbered_mistake_is_read():
    numbers = re.findall(r"^(\d+)\. ", PAGE, re.MULTILINE)
    assert list(map(int, numbers)) == list(range(1, len(MISTAKES) + 1))
    assert len(MISTAKES) > 10


@pytest.mark.parametrize(("mistake", "code", "message"), MISTAKES)
def test_a_mistake_raises_the_message_that_the_page_shows(mistake, code, message):
    with pytest.raises((ValueError, ibnotes.NotConverged), match=re.escape(message)):
        eval(code, {"ib": ibnotes, "np": np, "torch": torch})


def test_the_run_with_an_intercept_prints_what_the_page_shows(capsys):
    code, output = re.search(
        r"```python\n(import numpy as np\nfrom sklearn.+?)```\n\nprints\n\n```text\n(.+?)```", PAGE, re.DOTALL
    ).groups()
    exec(code, {})
    assert capsys.readouterr().out == output
