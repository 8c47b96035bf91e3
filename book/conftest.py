"""What nbval compares of a verification: its text. Figures after ≈ are rounding; record and picture repeat them."""

from nbval.plugin import IPyNbFile

from ibnotes.verification.check import FIGURE
from ibnotes.verification.table import STRIP
from ibnotes.verification.verify import RECORD


def pytest_collectstart(collector):
    if isinstance(collector, IPyNbFile):
        collector.skip_compare += (RECORD,)
        collector.sanitize_patterns[FIGURE] = "≈"
        collector.sanitize_patterns[STRIP] = ""
