"""Critic (discriminator) with PacGAN packing and projection onto the condition."""

from itertools import pairwise

import torch
from torch import nn

from .layers import ConditionedLinear, embedding_sum

LEAK = 0.2


class Critic(nn.Module):
    """Critic of packs of `pac` rows (PacGAN [1]_) with leaky ReLU and dropout.

    Conditions enter twice: concatenated with the rows, and as a projection of the last layer [2]_.
    Without the projection term the critic barely detects a dependence whose sign changes between
    classes.

    Parameters
    ----------
    n_in : int
        Width of one row.
    hidden_dims : sequence of int
        Width of each hidden layer.
    n_conditions : int
        Number of condition indices.
    pac : int
        Rows scored together.
    random : torch.Generator
        Source of the initial weights.
    dropout : float, default=0.5
        Probability that a unit is dropped.

    References
    ----------
    .. [1] Z. Lin, A. Khetan, G. Fanti, S. Oh, "PacGAN: the power of two samples in generative
       adversarial networks", NeurIPS 2018, arXiv 1712.04086.
    .. [2] T. Miyato, M. Koyama, "cGANs with projection discriminator", ICLR 2018,
       arXiv 1802.05637.
    """

    def __init__(self, n_in, hidden_dims, n_conditions, pac, random, *, dropout=0.5):
        super().__init__()
        self.pac, self.dropout = pac, dropout
        slots = torch.arange(pac, device=random.device)[:, None] * n_conditions
        self.register_buffer("slots", slots, persistent=False)
        self.first = ConditionedLinear(n_in * pac, hidden_dims[0], n_conditions * pac, random)
        self.rest = nn.ModuleList(
            ConditionedLinear(a, b, 0, random) for a, b in pairwise(hidden_dims)
        )
        self.last = ConditionedLinear(hidden_dims[-1], 1, 0, random)
        self.directions = nn.Parameter(torch.zeros_like(self.last.weight).repeat(n_conditions, 1))

    def forward(self, rows, condition, random):
        """Score of each pack, of shape (packs, 1)."""
        return self.score(self.embed(rows, self.offsets(condition)), random)

    def offsets(self, condition):
        """First-layer offsets and projections of the packs' conditions; None without conditions."""
        if condition is None:
            return None
        condition = condition.unflatten(0, (-1, self.pac))
        by_slot = (condition + self.slots).flatten(1)
        return embedding_sum(self.first.table, by_slot), embedding_sum(
            self.directions, condition.flatten(1)
        )

    def embed(self, rows, offsets):
        """First layer, before its activation, and the direction: affine in the rows.

        Real and fake rows share their conditions: with several times as many rows as offsets, the
        offsets are repeated.
        """
        packs = self.first(None, rows.reshape(len(rows) // self.pac, -1))
        if offsets is None:
            return packs
        times = len(packs) // len(offsets[0])
        offset, direction = (table.repeat(times, 1) for table in offsets)
        return torch.cat([packs + offset, direction], dim=1)

    def score(self, embedded, random):
        """Score of each pack from what `embed` returned."""
        h, direction = self._parts(embedded)
        for layer in self.rest:
            h = layer(None, h * _slopes(h, self.dropout, random))
        h = h * _slopes(h, self.dropout, random)
        return (h * direction).sum(dim=1, keepdim=True) + self.last.bias

    def input_gradient(self, embedded, random):
        """Gradient of the scores with respect to the rows, given what `embed` returned there.

        The network is piecewise linear: the gradient is a product of weights and slopes, itself
        differentiable with respect to the weights, so the gradient penalty needs no second
        backward pass.
        """
        h, direction = self._parts(embedded)
        with torch.no_grad():
            slopes = [_slopes(h, self.dropout, random)]
            for layer in self.rest:
                h = layer(None, h * slopes[-1])
                slopes.append(_slopes(h, self.dropout, random))
        gradient = direction * slopes[-1]
        for layer, slope in zip(reversed(self.rest), reversed(slopes[:-1])):
            gradient = gradient @ layer.weight * slope
        return gradient @ self.first.weight

    def _parts(self, embedded):
        """First layer, and the direction onto which the last one is projected."""
        width = len(self.first.bias)
        return embedded[:, :width], self.last.weight + (
            embedded[:, width:] if embedded.shape[1] > width else 0
        )


def _slopes(h, dropout, random):
    """Slope of leaky ReLU followed by dropout at `h`: multiplying by it applies both.

    The network is piecewise linear, so the same slopes serve the forward pass and the closed-form
    gradient of the penalty.
    """
    with torch.no_grad():
        kept = torch.ones_like(h)
        if dropout:
            # 16 random bits per unit, four units per 64-bit draw: a quarter of `bernoulli_`'s draws
            words = torch.empty(-(-h.numel() // 4), dtype=torch.int64, device=h.device)
            bits = words.random_(-(2**63), None, generator=random).view(torch.int16)
            shown = bits[: h.numel()].view(h.shape) >= round((dropout - 0.5) * 2**16)
            kept = shown.to(h.dtype).div_(1 - dropout)
        return torch.ops.aten.leaky_relu_backward(kept, h, LEAK, False)
