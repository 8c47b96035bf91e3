"""What a page quotes is plain text that a format can read."""

import numpy as np
import pytest

from ibnotes.verification import glue


@pytest.mark.parametrize("value", [0.25, np.float64(0.25), np.float32(0.25), np.array(0.25)[()]])
def test_the_text_of_a_number_is_a_number(monkeypatch, value):
    shown = []
    monkeypatch.setattr(glue, "display", lambda data, raw, metadata: shown.append((data, metadata)))
    glue.glue("share", value)
    ((data, metadata),) = shown
    assert float(data["application/papermill.record/text/plain"]) == 0.25
    assert metadata["scrapbook"]["name"] == "share"
