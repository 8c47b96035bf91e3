"""Faults planted in the atlas and in the instrument that it uses."""

from .plant import Cell, Source

HERE = "ibnotes.fingerprints"
FAULTS = [
    Cell(
        "a Lion leans when it is told to decay inside",
        "two Lions without decay",
        "+ self.inside * shrink * w",
        "+ self.inside * (shrink * w + 1e-3)",
    ),
    Cell("an Adam with another memory", "tensor by tensor", "foreach=False", "foreach=False, betas=(0.9, 0.99)"),
    Source(
        "the run is turned the other way",
        "deviation under a rotation",
        f"{HERE}.symmetries",
        "plain @ Q,",
        "plain @ Q.T,",
    ),
    Source(
        "matrices are turned back",
        "from the left, from the right",
        f"{HERE}.symmetries",
        "left @ plain",
        "left.T @ plain",
    ),
    Source(
        "max margins of vectors a percent too large",
        "ℓ2 share",
        f"{HERE}.bench",
        "max_margin(Z, y, p).margin for",
        "1.01 * max_margin(Z, y, p).margin for",
    ),
    Source(
        "the spectral max margin a percent too large", "spectral share", f"{HERE}.bench", "1 / float(", "1.01 / float("
    ),
    Source(
        "the quotient turns elsewhere",
        "over its ε",
        f"{HERE}.epsilon",
        "(np.abs(g) + 10.0**-exponent)",
        "(np.abs(g) + 1.05 * 10.0**-exponent)",
    ),
]
