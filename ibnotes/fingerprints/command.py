"""``python -m ibnotes fingerprint torch.optim.AdamW lr=1e-2 weight_decay=0.1``."""

from __future__ import annotations

import ast
import importlib
from collections.abc import Callable, Sequence
from pathlib import Path


def look_up(name: str) -> Callable:
    """The class by its dotted name.

    Raises:
        ValueError: where there is none.
    """
    module, _, attribute = name.rpartition(".")
    try:
        return getattr(importlib.import_module(module), attribute)
    except (ImportError, AttributeError, ValueError) as error:
        raise ValueError(
            f"optimizer must be a dotted name such as torch.optim.AdamW, found {name!r}: {error}"
        ) from None


def options(pairs: Sequence[str]) -> dict[str, object]:
    """``lr=1e-2`` and the like as keyword arguments; what is no Python literal is text.

    Raises:
        ValueError: where a pair has no ``=``.
    """
    found = {}
    for pair in pairs:
        name, equals, value = pair.partition("=")
        if not (equals and name.isidentifier()):
            raise ValueError(f"options are written lr=1e-2, found {pair!r}")
        try:
            found[name] = ast.literal_eval(value)
        except (ValueError, SyntaxError):
            found[name] = value
    return found


def run(name: str, pairs: Sequence[str], steps: int, json: Path | None) -> int:
    """Print the fingerprint, and write its record where one is asked for."""
    from ibnotes.fingerprints.instrument import fingerprint

    make, how = look_up(name), options(pairs)
    found = fingerprint(lambda parameters: make(parameters, **how), steps=steps)
    print(found)
    if json is not None:
        json.write_text(found.to_json() + "\n", encoding="utf-8")
    return 0
