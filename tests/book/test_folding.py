"""The line under which code folds says what it does, in the words that stand in the code."""

import folding
import pytest


@pytest.mark.parametrize(
    ("code", "line"),
    [
        ("# the path of descent\nw = run()", "the path of descent"),
        ('def f(w):\n    """Smallest margin of ``w``. Of all points."""\n    return w', "Smallest margin of w"),
        ('def f():\n    """One."""\ndef g():\n    """Two."""', "One; Two"),
        ('def area(w):\n    """Of the ball of ``w``."""', "Area of the ball of w"),
        ('# the path,\n# and its end\ndef f():\n    """One."""\n    # inside', "the path, and its end"),
        ("w = run()\n# its end\nend = w[-1]", ""),
        ("def largest_rise(w):\n    return w", ""),
        ("import numpy as np", "imports"),
    ],
)
def test_what_a_fold_says(code, line):
    assert folding.saying(code) == line


def test_a_long_line_leaves_out_what_does_not_fit():
    functions = "".join(f'def f{k}():\n    """{"word " * 10}{k}."""\n' for k in range(4))
    assert len(folding.saying(functions)) <= folding.LONGEST
