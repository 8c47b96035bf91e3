"""What nbval compares of a verification: its text. Figures after ≈ are rounding; record and picture repeat them.

It executes a notebook itself in CI, and wherever the build has no execution of it as it is now (``replay``).
"""

import os
from pathlib import Path

import replay
from nbval.plugin import IPyNbFile

from ibnotes.verification.check import FIGURE
from ibnotes.verification.table import STRIP
from ibnotes.verification.verify import RECORD

ROOT = Path(__file__).resolve().parent.parent


def pytest_collectstart(collector):
    if isinstance(collector, IPyNbFile):
        collector.skip_compare += (RECORD,)
        collector.sanitize_patterns |= {FIGURE: "≈", STRIP: ""}
        start_kernel = collector.setup

        def setup():
            executed = None if os.environ.get("CI") else replay.execution(collector.path, ROOT)
            if executed is None:
                return start_kernel()
            collector.kernel = replay.Replay(executed)
            collector.setup_sanitize_files()

        collector.setup = setup
