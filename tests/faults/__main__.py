"""Try the planted faults: ``python -m tests.faults [CHAPTER ...] [--only PATTERN | --write]``.

The exit status is 1 where an outcome is not as expected.
"""

import argparse
import os
import sys
from time import perf_counter

for _library in ("OMP", "OPENBLAS", "MKL"):
    os.environ[f"{_library}_NUM_THREADS"] = "1"  # before numpy is imported
os.environ["MPLBACKEND"] = "agg"

from tests.faults.outcomes import CHAPTERS, Outcome, faults_of, is_current, try_faults, write  # noqa: E402

PROCESSES = int(os.environ.get("IBNOTES_PROCESSES", "2"))


def show(outcome: Outcome) -> None:
    mark = "  " if outcome.expected else "!!"
    print(f"{mark} {outcome.chapter}: {outcome.fault.words}: {outcome.result}", flush=True)
    if not outcome.expected:
        print(f"     must be noticed by: {outcome.fault.notices}\n     {outcome.remark}", flush=True)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("chapters", nargs="*", help="all, if none is named")
    parser.add_argument("--only", default="", metavar="PATTERN", help="faults whose words contain it")
    parser.add_argument("--write", action="store_true", help="bring outcomes.json up to date, chapter by chapter")
    arguments = parser.parse_args()
    if unknown := set(arguments.chapters) - set(CHAPTERS):
        parser.error(f"no faults are planted in {sorted(unknown)}")
    if arguments.only and arguments.write:
        parser.error("a part of a chapter is not written")
    begin, outcomes = perf_counter(), []
    chosen = {
        chapter: [fault for fault in faults_of(chapter) if arguments.only in fault.words]
        for chapter in arguments.chapters or CHAPTERS
        if not (arguments.write and is_current(chapter))
    }
    for outcome in try_faults(chosen, PROCESSES):
        show(outcome)
        outcomes.append(outcome)
        ours = [other for other in outcomes if other.chapter == outcome.chapter]
        if len(ours) == len(chosen[outcome.chapter]):
            results = [other.result for other in ours]
            print(f"{outcome.chapter}: {len(results)} faults, {results.count('caught')} caught", flush=True)
            if arguments.write:
                write(outcome.chapter, ours)
    print(f"{perf_counter() - begin:.0f} s")
    return any(not outcome.expected for outcome in outcomes)


if __name__ == "__main__":
    sys.exit(main())
