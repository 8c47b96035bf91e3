"""What the examples in the package's docstrings take for granted: ``ib`` and ``np``.

They are run by pytest's own ``--doctest-modules``: it is here already, and it reports a failing line in its file. No
option is lenient about numbers: an example rounds to what holds on every machine.
"""

import numpy as np
import pytest

import ibnotes


@pytest.fixture(autouse=True)
def names_in_examples(doctest_namespace):
    doctest_namespace.update(ib=ibnotes, np=np)
