"""``python -m ibnotes check NOTEBOOK ...``: look at a problem set before handing it in, offline.

``python -m ibnotes fingerprint torch.optim.AdamW lr=1e-2 weight_decay=0.1``: what an optimizer does to the solution.
"""

import argparse
import sys
from pathlib import Path

from ibnotes.precheck import complaints
from ibnotes.problems.plain import SPELL


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m ibnotes")
    commands = parser.add_subparsers(dest="command", required=True)
    check = commands.add_parser("check", help="look at a problem set before handing it in, offline")
    check.add_argument("notebook", type=Path, nargs="+")
    check.add_argument("--no-run", action="store_true", help="look at names and cells, and run nothing")
    measure = commands.add_parser("fingerprint", help="what an optimizer does to the solution")
    measure.add_argument("optimizer", help="its dotted name, such as torch.optim.AdamW")
    measure.add_argument("option", nargs="*", help="such as lr=1e-2")
    measure.add_argument("--steps", type=int, default=3000, help="of each run")
    measure.add_argument("--json", type=Path, help="file for the record")
    arguments = parser.parse_args()
    if hasattr(sys.stdout, "reconfigure"):
        sys.stdout.reconfigure(errors=SPELL)  # a terminal that lacks a sign has it spelled
    if arguments.command == "check":
        return check_notebooks(arguments.notebook, run=not arguments.no_run)
    from ibnotes.fingerprints.command import run

    try:
        return run(arguments.optimizer, arguments.option, arguments.steps, arguments.json)
    except (ValueError, TypeError, OSError) as error:
        print(f"{parser.prog} fingerprint: {error}", file=sys.stderr)
        return 2


def check_notebooks(paths: list[Path], run: bool) -> int:
    found = {path: list(complaints(path, run=run)) for path in paths}
    for path, lines in found.items():
        print(f"{path}: {'ready to hand in' if not lines else f'{len(lines)} to look at'}")
        for line in lines:
            print(f"  {line}")
    return int(any(found.values()))


if __name__ == "__main__":
    sys.exit(main())
