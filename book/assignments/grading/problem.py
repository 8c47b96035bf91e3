"""Questions whose answers a computer can judge, and what to say to a wrong one."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

Answers = list[dict[str, object]]  # what `ibnotes.hand_in` wrote: for each input a "value", or an "error"


class Wrong(Exception):
    """An answer that is not right; the message is for its author."""


@dataclass(frozen=True, kw_only=True)
class Problem(ABC):
    """One autograded question.

    Attributes:
        without: names that may not occur in the answer (`grading.shortcuts`).
    """

    without: tuple[str, ...] = ()

    def inputs(self, student: str) -> list[tuple]:
        """The arguments on which a function is tried, one tuple a case; empty where no function is asked for."""
        return []

    @abstractmethod
    def judge(self, student: str, answers: Answers) -> str:
        """What to say to a right answer.

        Raises:
            Wrong: where it is not; says what is wrong with it.
        """


@dataclass(frozen=True)
class Function(Problem):
    """A function is asked for, and tried on inputs that its author has not seen.

    Attributes:
        cases: a student's id to pairs of arguments and of what the function should return there.
        tolerance: largest relative error of a right answer.
    """

    cases: Callable[[str], Iterable[tuple[tuple, object]]]
    tolerance: float = 1e-6

    def inputs(self, student: str) -> list[tuple]:
        return [arguments for arguments, _ in draw(self.cases, student)]

    def judge(self, student: str, answers: Answers) -> str:
        cases = draw(self.cases, student)
        if len(answers) != len(cases):
            raise Wrong(f"a function is due, and its {len(cases)} values; {len(answers)} answers were handed in")
        for number, ((_, right), answer) in enumerate(zip(cases, answers, strict=True), start=1):
            where = f"unseen input {number} of {len(cases)}: "
            if "value" not in answer:
                raise Wrong(where + f"your function raised {answer.get('error', 'something')}")
            complaint = compare(answer["value"], right, self.tolerance)
            if complaint:
                raise Wrong(where + complaint)
        return f"right on {len(cases)} unseen inputs"


@lru_cache(maxsize=64)
def draw(cases: Callable[[str], Iterable[tuple[tuple, object]]], student: str) -> list[tuple[tuple, object]]:
    """The cases; kept, because they are needed before the run and after it."""
    return list(cases(student))


@dataclass(frozen=True)
class Value(Problem):
    """A value is asked for, of the student's own instance.

    Attributes:
        truth: a student's id to the value.
        tolerance: largest relative error of a right answer.
    """

    truth: Callable[[str], object]
    tolerance: float = 1e-6

    def judge(self, student: str, answers: Answers) -> str:
        complaint = compare(the_value(answers), self.truth(student), self.tolerance)
        if complaint:
            raise Wrong(complaint)
        return "right"


@dataclass(frozen=True)
class Example(Problem):
    """An example, or a counterexample, is asked for: whatever has the property will do.

    Attributes:
        check: a student's id and the example; raises `Wrong` (or any other exception, whose text is then shown)
            unless it has the property.
    """

    check: Callable[[str, object], None]

    def judge(self, student: str, answers: Answers) -> str:
        value = the_value(answers)
        try:
            self.check(student, value)
        except Wrong:
            raise
        except Exception as error:  # of whatever the student handed in
            raise Wrong(f"no such example: {error}") from error
        return "right: it has the property"


def the_value(answers: Answers) -> object:
    """The only answer.

    Raises:
        Wrong: where there is none, or more than one.
    """
    if len(answers) != 1 or "value" not in answers[0]:
        raise Wrong("one value is due, and not a function")
    return answers[0]["value"]


def compare(found: object, right: object, tolerance: float) -> str:
    """What is wrong with ``found``, told without giving the right answer away; empty where nothing is."""
    if isinstance(right, str):
        return "" if isinstance(found, str) and found.strip().lower() == right else f"{str(found)[:40]!r} is wrong"
    try:
        found, right = np.asarray(found, dtype=float), np.asarray(right, dtype=float)
    except (OverflowError, TypeError, ValueError):
        return "numbers are due, in a rectangular array"
    if found.shape != right.shape:
        return f"the shape is {found.shape}, and should be {right.shape}"
    if not np.isfinite(found).all():
        return "there are NaN or infinite entries"
    size = np.linalg.norm(right)
    error = np.linalg.norm(found - right) / (size or 1.0)
    if error <= tolerance:
        return ""
    if right.ndim == 0:  # any number is some multiple of it, so the factor would give it away
        return "it is not within the tolerance"
    factor = np.vdot(right, found) / size**2 if size else 0.0
    if factor and np.linalg.norm(found - factor * right) <= tolerance * abs(factor) * size:
        return "the sign is wrong" if np.isclose(factor, -1) else f"{factor:.4g} times what it should be"
    return f"the relative error is {error:.2g}, and at most {tolerance:.0e} is allowed"
