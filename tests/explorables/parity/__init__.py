"""What explorables compute, beside the package: ``cases(rng)`` of a page yields code, arguments and answer."""
