"""What a page quotes is plain text that a format can read."""

import numpy as np
import pytest
from IPython.utils.capture import capture_output

import ibnotes as ib


@pytest.mark.parametrize("value", [0.25, np.float64(0.25), np.float32(0.25), np.array(0.25)[()]])
def test_the_text_of_a_number_is_a_number(value):
    with capture_output() as captured:
        ib.glue("share", value)
    (output,) = captured.outputs
    assert float(output.data["application/papermill.record/text/plain"]) == 0.25
    assert output.metadata["scrapbook"]["name"] == "share"
