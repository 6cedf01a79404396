"""Layers with condition indices, and random draws from explicit generators.

A condition is an index into a table of embeddings: the product of a one-hot matrix with a weight
matrix, without the zeros. Every random draw takes an explicit generator, so torch's global random
state is neither read nor changed.
"""

import torch
from torch import nn
from torch.nn import functional as F


class ConditionedLinear(nn.Module):
    """Linear layer over a dense input and a few condition indices.

    Parameters
    ----------
    n_in, n_out : int
        Dense width and output width.
    n_conditions : int
        Width that a dense one-hot condition would have.
    random : torch.Generator
        Source of the initial weights; its device is the layer's.
    """

    def __init__(self, n_in, n_out, n_conditions, random):
        super().__init__()
        bound = max(n_in + n_conditions, 1) ** -0.5
        shapes = {"weight": (n_out, n_in), "bias": (n_out,), "table": (n_conditions, n_out)}
        for name, shape in shapes.items():
            values = torch.empty(shape, device=random.device, dtype=torch.float32)
            self.register_parameter(
                name, nn.Parameter(values.uniform_(-bound, bound, generator=random))
            )

    def forward(self, condition, *parts):
        """Affine map of the concatenated parts plus the rows of `table` named by `condition`."""
        x = torch.cat(parts, dim=1) if len(parts) > 1 else parts[0]
        out = F.linear(x, self.weight, self.bias)
        return out if condition is None else out + embedding_sum(self.table, condition)


def embedding_sum(table, rows):
    """Sum of the rows of a table that each row of indices names: a multi-hot product."""
    return F.embedding_bag(rows, table, mode="sum")


def standard_normal(shape, random, dtype):
    """Standard normal noise from an explicit generator, on its device."""
    return torch.randn(shape, generator=random, device=random.device, dtype=dtype)
