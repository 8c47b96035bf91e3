"""ibnotes: which of the infinitely many models that fit the data does the optimizer pick?

The package behind the executable lecture notes on implicit bias. The imports run one way:
problems -> models, optimizers, descent | flows -> Path -> measures -> verify, plots, with the oracles and the
predictions beside them as the independent truth.

The public names stand in ``__init__.pyi``; each is imported at its first use, so that a notebook which only asks
an oracle does not wait for torch.
"""

import lazy_loader

from ibnotes.verify import verify as verify  # now: later, its module would take the place of the function

__version__ = "0.1.0"

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
