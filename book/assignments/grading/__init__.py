"""The grader's side of the problem sets; nothing here is released."""

import sys

# jsonschema, by which notebooks are validated, would at its import compile a grammar of addresses that no notebook
# has, which takes as long as all the rest
sys.modules.setdefault("rfc3987_syntax", None)
