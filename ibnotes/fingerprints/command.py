"""``python -m ibnotes fingerprint torch.optim.AdamW lr=1e-2 weight_decay=0.1``."""

from __future__ import annotations

import ast
import importlib
import inspect
import math
from collections.abc import Callable, Sequence
from pathlib import Path

CONSTANTS = ("true", "false", "none")


def look_up(name: str) -> Callable:
    """The class by its dotted name.

    Raises:
        ValueError: where there is none.
    """
    module, _, attribute = name.rpartition(".")
    try:
        found = getattr(importlib.import_module(module), attribute)
    except (ImportError, AttributeError, ValueError) as error:
        raise ValueError(
            f"optimizer must be a dotted name such as torch.optim.AdamW, found {name!r}: {error}"
        ) from None
    if not callable(found):
        raise ValueError(f"optimizer must be a class such as torch.optim.AdamW, found {name!r}, {found!r}")
    return found


def options(pairs: Sequence[str]) -> dict[str, object]:
    """``lr=1e-2`` and the like as keyword arguments, true, false and none in any case; what is no literal is text.

    Raises:
        ValueError: where a pair has no ``=``, nothing after it, or was there before.
    """
    found = {}
    for pair in pairs:
        name, equals, value = pair.partition("=")
        if not (equals and value and name.isidentifier()):
            raise ValueError(f"options are written lr=1e-2, found {pair!r}")
        if name in found:
            raise ValueError(f"{name} is given twice, as {found[name]!r} and as {value}")
        try:
            found[name] = ast.literal_eval(value.title() if value.lower() in CONSTANTS else value)
        except (ValueError, SyntaxError):
            found[name] = value
    return found


def check_options(name: str, make: Callable, how: dict[str, object]) -> None:
    """Raise ValueError where the class has no such option, or a default that the value is not like."""
    accepted = inspect.signature(make).parameters
    anything = any(each.kind is each.VAR_KEYWORD for each in accepted.values())
    for option, value in how.items():
        if option not in accepted and not anything:
            raise ValueError(f"{name} has no option {option!r}; it has {', '.join(list(accepted)[1:]) or 'none'}")
        default = accepted[option].default if option in accepted else None
        if isinstance(value, str) and option in accepted and "bool" in str(accepted[option].annotation):
            raise ValueError(f"{option} must be True, False or {default!r}, found {value!r}")
        if default is not inspect.Parameter.empty and not _is_like(value, default):
            raise ValueError(f"{option} must be like its default {default!r}, found {value!r}")


def _is_like(value: object, default: object) -> bool:
    """Whether a finite number stands for a number, a truth value for one, a text for one, and so on in tuples."""
    if default is None or value is None:
        return True
    if isinstance(default, tuple | list):
        same = isinstance(value, tuple | list) and len(value) == len(default)
        return same and all(map(_is_like, value, default))
    if isinstance(default, int | float) and not isinstance(default, bool):
        return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
    return isinstance(value, type(default))


def run(name: str, pairs: Sequence[str], steps: int, json: Path | None) -> int:
    """Print the fingerprint, and write its record where one is asked for.

    Raises:
        ValueError: where an argument does not fit, before anything is measured.
    """
    from ibnotes.fingerprints.instrument import fingerprint

    make, how = look_up(name), options(pairs)
    check_options(name, make, how)
    if json is not None and not json.resolve().parent.is_dir():
        raise ValueError(f"--json must be a file in a folder that exists, found {str(json)!r}")

    def made(parameters):
        try:
            return make(parameters, **how)
        except TypeError as error:
            given = ", ".join(f"{option}={value!r}" for option, value in how.items())
            raise ValueError(f"{name} cannot be made of the weights and {given or 'no options'}: {error}") from error

    found = fingerprint(made, steps=steps)
    print(found)
    if json is not None:
        json.write_text(found.to_json() + "\n", encoding="utf-8")
    return 0
