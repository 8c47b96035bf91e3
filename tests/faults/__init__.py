"""Planted faults: wrong versions of formulas, each with the check of a chapter that must notice. See README.md."""
