"""``python -m ibnotes check NOTEBOOK ...``: look at a problem set before handing it in, offline."""

import argparse
import sys
from pathlib import Path

from ibnotes.precheck import complaints


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m ibnotes", description=__doc__)
    parser.add_argument("command", choices=["check"])
    parser.add_argument("notebook", type=Path, nargs="+")
    parser.add_argument("--no-run", action="store_true", help="look at names and cells, and run nothing")
    arguments = parser.parse_args()
    found = {path: list(complaints(path, run=not arguments.no_run)) for path in arguments.notebook}
    for path, lines in found.items():
        print(f"{path}: {'ready to hand in' if not lines else f'{len(lines)} to look at'}")
        for line in lines:
            print(f"  {line}")
    return int(any(found.values()))


if __name__ == "__main__":
    sys.exit(main())
