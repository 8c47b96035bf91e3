"""The right answers, one module a problem set: ``PROBLEMS``, by the id of the cell that hands each in."""
