"""What the explorables of each page compute, beside the package: ``cases(rng)`` yields the code, its arguments, the answer."""
