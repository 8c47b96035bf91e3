"""ibnotes: which of the infinitely many models that fit the data does the optimizer pick?

The package behind the executable lecture notes on implicit bias, in two wings that share no code: ``dynamics``, what
a run does, and ``theory``, what should come out. Both stand on ``problems``; ``verification`` compares them.

The public names stand in ``__init__.pyi``; each is imported at its first use, so that a notebook which only asks
an oracle does not wait for torch.
"""

import lazy_loader

__version__ = "0.1.0"

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
