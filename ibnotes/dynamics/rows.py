"""A module of torch as a function of many parameters at once: each of its parameters has a leading axis of B runs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

import numpy as np
import torch
from torch import Tensor, nn

from ibnotes.problems.networks import FlatModule

ENTRYWISE = (nn.Identity, nn.ReLU, nn.LeakyReLU, nn.ELU, nn.GELU, nn.SiLU, nn.Softplus, nn.Sigmoid, nn.Tanh)
Rows = Callable[..., Tensor]  # of parameters (B, ...) by name, and of inputs that all runs share


def as_pieces(flat: FlatModule, rows: Tensor) -> dict[str, Tensor]:
    """The module's parameters in the rows (B, size), by name, (B, ...): views."""
    parts = rows.split([shape.numel() for shape in flat.shapes.values()], dim=1)
    return {name: part.view(-1, *shape) for (name, shape), part in zip(flat.shapes.items(), parts, strict=True)}


def for_rows(flat: FlatModule, inputs: Sequence[Tensor]) -> Rows:
    """The module for many parameters at once, by ``torch.func.vmap``; by products of batches where it is layers."""
    every = {name for name, _ in flat.module.named_parameters(remove_duplicate=False)}
    layers = list(flat.module.named_children())
    known = all(type(layer) in (nn.Linear, *ENTRYWISE) for _, layer in layers)
    if type(flat.module) is nn.Sequential and known and every == set(flat.shapes):
        return partial(_through_layers, layers)
    call = partial(torch.func.functional_call, flat.module, tie_weights=every != set(flat.shapes))
    return torch.func.vmap(lambda pieces, *inputs: call(pieces, inputs), in_dims=(0, *(None for _ in inputs)))


def _through_layers(layers: Sequence[tuple[str, nn.Module]], pieces: dict[str, Tensor], X: Tensor) -> Tensor:
    """Outputs (B, n, k) for inputs (n, d): a third of what vmap takes for small layers."""
    h = X.expand(len(next(iter(pieces.values()))), *X.shape)
    for name, layer in layers:
        if type(layer) is not nn.Linear:
            h = layer(h)
            continue
        weight, bias = pieces[f"{name}.weight"].mT, pieces.get(f"{name}.bias")
        h = h @ weight if bias is None else torch.baddbmm(bias.unsqueeze(-2), h, weight)
    return h


def one_for_all(flats: Sequence[FlatModule], inputs: Sequence[Tensor]) -> bool:
    """Whether all modules are the first as a function of their parameters, and it takes rows: tried near the starts."""
    starts = torch.from_numpy(np.stack([flat.start for flat in flats]))
    noise = torch.from_numpy(np.random.default_rng(0).standard_normal(starts.shape))
    rows = starts + 0.1 * max(starts.abs().max(), 0.1) * noise
    try:
        with torch.no_grad():
            apart = torch.stack([flat(row, *inputs) for flat, row in zip(flats, rows, strict=True)])
            gap = (for_rows(flats[0], inputs)(as_pieces(flats[0], rows), *inputs) - apart).abs().max()
    except RuntimeError:  # what vmap does not take: control flow that looks at data, dropout, state that it updates
        return False
    return bool(gap <= 1e-9 * apart.abs().max())
