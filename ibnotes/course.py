"""The student's side of a problem set: data of one's own, and handing in.

Nothing is decided here. What a cell hands in is judged outside the student's kernel (``book/assignments``), where
nothing that the student's code does can reach.
"""

from __future__ import annotations

import hashlib
import json
import os
import unicodedata
from collections.abc import Callable
from pathlib import Path

import numpy as np
from IPython.display import display

from ibnotes.problems.containers import to_array

ANSWERS = "application/vnd.ibnotes.answers+json"  # the output that a cell hands in
STUDENT = "IBNOTES_STUDENT"  # set by the grader: the submission's owner, whatever the notebook says
INPUTS = "IBNOTES_INPUTS"  # set by the grader: a file with the inputs on which functions are tried


def student_rng(student: str, name: str) -> np.random.Generator:
    """The generator that draws this student's instance of ``name``, the same on every machine.

    Raises:
        ValueError: where ``student`` or ``name`` is no text, or blank.

    Example:
        >>> ib.student_rng("ada", "1a").integers(10, size=5)  # hers, on every machine
        array([1, 7, 6, 0, 8])
    """
    student = os.environ.get(STUDENT, student)
    for argument, value in {"student": student, "name": name}.items():
        if not isinstance(value, str) or not value.strip():
            raise ValueError(f"{argument} must be a text that is not blank (your id, as the course knows it)")
    key = unicodedata.normalize("NFC", f"{student.strip()}\n{name}")
    return np.random.default_rng(list(hashlib.sha256(key.encode()).digest()))


def hand_in(problem: str, answer: object) -> None:
    """Put an answer into the cell's output, for the grader to judge.

    Args:
        problem: its name.
        answer: numbers, arrays or texts, or lists of them; or a function, which is then called on each input that
            the grader has drawn.

    Raises:
        TypeError: where the answer holds anything else.

    Example:
        >>> ib.hand_in("1a", {"answer": 1})
        Traceback (most recent call last):
            ...
        TypeError: hand in numbers, arrays or texts, not dict
    """
    if callable(answer):
        inputs = json.loads(Path(os.environ[INPUTS]).read_text())[problem] if INPUTS in os.environ else []
        record = [_try_on(answer, [as_arrays(argument) for argument in arguments]) for arguments in inputs]
    else:
        record = [{"value": as_plain(answer)}]
    # as text: a kernel's messages carry no NaN
    display({ANSWERS: json.dumps({"problem": problem, "answers": record})}, raw=True)


def _try_on(function: Callable, arguments: list) -> dict[str, object]:
    try:
        return {"value": as_plain(function(*arguments))}
    except Exception as error:  # reported to its author by the grader, input by input
        return {"error": f"{type(error).__name__}: {error}"}


def as_plain(value: object) -> object:
    """Arrays (of torch too) to nested lists of numbers; what JSON can write.

    Raises:
        TypeError: where there is anything but numbers, arrays, texts and lists.
    """
    if isinstance(value, str):
        return value
    if isinstance(value, (list, tuple)):
        return [as_plain(entry) for entry in value]
    array = to_array("answer", value)
    if array.dtype.kind == "U":
        return array.tolist()
    if array.dtype.kind not in "biuf":
        raise TypeError(f"hand in numbers, arrays or texts, not {type(value).__name__}")
    return array.tolist()


def as_arrays(value: object) -> object:
    """Lists of numbers back to arrays."""
    return np.asarray(value) if isinstance(value, list) else value
