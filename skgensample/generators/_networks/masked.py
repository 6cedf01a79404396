"""Masked network: the distribution of every column given those before it, or any others."""

import math

import torch
import torch.nn.functional as F
from torch import nn

#: Scale of the random part of embeddings and output weights that start from smooth features.
NOISE = 0.3


class MaskedNetwork(nn.Module):
    """One hidden block for each column, fed with the embeddings of the columns that it may see.

    In a fixed order these are the columns before it (a masked autoencoder, Germain et al., ICML
    2015, with a block of hidden units of its own for each output). In any order they are given
    with each row, and an embedding of its own stands for a column that is not given.

    Parameters
    ----------
    n_inputs, n_codes : list of int
        Number of input and of output codes of each column.
    features : list of ndarray or None
        Smooth features of the first codes of each column; see `QuantileBins.features`.
    frequencies : list of ndarray
        Frequency of each output code, the initial prediction.
    hidden, embedding : int
        Hidden units of a block, and width of embeddings.
    layers : int
        Hidden layers of a block, the later ones residual.
    dropout : float
        Dropout rate of hidden units in training.
    any_order : bool
        Whether a column may be predicted from any others.
    random : torch.Generator
        Source of initial weights, and of dropout.
    """

    def __init__(
        self, n_inputs, n_codes, features, frequencies, hidden, embedding, layers, dropout,
        any_order, random,
    ):  # fmt: skip
        super().__init__()
        self.d, self.hidden, self.width = len(n_inputs), hidden, embedding
        self.dropout, self.any_order = dropout, any_order

        def normal(*shape):
            return torch.randn(*shape, generator=random, device=random.device, dtype=torch.float32)

        def smooth(j, n):
            """Codes as a random linear map of their features, and noise."""
            if features[j] is None:
                return None
            f = torch.as_tensor(features[j], dtype=torch.float32, device=random.device)
            return f @ normal(f.shape[1], n) / f.square().sum(1).mean().sqrt()

        starts = torch.tensor([0, *n_inputs[:-1]], device=random.device).cumsum(0)
        self.register_buffer("starts", starts)
        tables = []
        for j, n in enumerate(n_inputs):
            table, base = normal(n, embedding), smooth(j, embedding)
            if base is not None:
                table[: len(base)] = base + NOISE * table[: len(base)]
            tables.append(table)
        self.embeddings = nn.Parameter(torch.cat(tables))
        self.absent = nn.Parameter(NOISE * normal(self.d, embedding)) if any_order else None
        self._init_input_layer(normal)
        self.deeper = nn.ParameterList(
            nn.Parameter(normal(self.d, hidden, hidden) / math.sqrt(hidden))
            for _ in range(layers - 1)
        )
        self.deeper_bias = nn.ParameterList(
            nn.Parameter(normal(self.d, 1, hidden) * 0) for _ in range(layers - 1)
        )
        self.out, self.out_bias = nn.ParameterList(), nn.ParameterList()
        for j, n in enumerate(n_codes):
            weight, base = NOISE * normal(n, hidden), smooth(j, hidden)
            if base is not None:
                weight[: len(base)] = base + NOISE * weight[: len(base)]
            self.out.append(nn.Parameter(weight / math.sqrt(hidden)))
            start = torch.as_tensor(frequencies[j], dtype=torch.float32, device=random.device)
            self.out_bias.append(nn.Parameter(start.log()))

    def _init_input_layer(self, normal):
        """Weights from all embeddings to all hidden blocks, zero where a column is not seen."""
        d, width, hidden = self.d, self.width, self.hidden
        weight = normal(d, width, d, hidden)
        seen = torch.ones_like(weight[:, 0, :, 0])
        seen = seen.fill_diagonal_(0.0) if self.any_order else seen.triu(1)
        # on average half of the columns are given in any order
        inputs = (seen.sum(0) * (0.5 if self.any_order else 1.0)).clamp(min=1.0) * width
        mask = seen[:, None, :, None].expand(d, width, d, hidden)
        self.register_buffer("mask", mask.reshape(d * width, d * hidden).contiguous())
        weight = weight * seen[:, None, :, None] / inputs.sqrt()[None, None, :, None]
        self.first = nn.Parameter(weight.reshape(d * width, d * hidden))
        self.first_bias = nn.Parameter(0.1 * normal(d * hidden))

    def embed(self, codes, place):
        """Embeddings of the codes of one column."""
        return self.embeddings[codes + self.starts[place]]

    def states(self, codes, given=None, random=None):
        """Last hidden layer of all blocks, of shape (d, n, hidden); dropout with a generator."""
        n = len(codes)
        x = self.embeddings[codes + self.starts]
        if given is not None:
            x = torch.where(given[:, :, None], x, self.absent)
        h = F.silu(torch.addmm(self.first_bias, x.reshape(n, -1), self.first * self.mask))
        h = self._dropped(h, random).view(n, self.d, self.hidden).transpose(0, 1)
        for weight, bias in zip(self.deeper, self.deeper_bias):
            h = h + self._dropped(F.silu(torch.baddbmm(bias, h, weight)), random)
        return h

    def _dropped(self, h, random):
        """Dropout (Srivastava et al. 2014) with the run's own random numbers."""
        if random is None or not self.dropout:
            return h
        keep = torch.rand(h.shape, generator=random, device=h.device, dtype=h.dtype)
        keep = keep >= self.dropout
        return h * keep / (1 - self.dropout)

    def losses(self, inputs, outputs, given=None, random=None):
        """Cross-entropy of each column, in nats, of shape (d, n)."""
        h = self.states(inputs, given, random)
        return torch.stack(
            [
                F.cross_entropy(self._logits(h[j], j), outputs[:, j].long(), reduction="none")
                for j in range(self.d)
            ]
        )

    def _logits(self, h, place):
        return torch.addmm(self.out_bias[place], h, self.out[place].t())

    @torch.no_grad()
    def column(self, x, place, given=None):
        """Logits of one column.

        Parameters
        ----------
        x : tensor of shape (n, d, embedding)
            Embeddings of the columns before it, or of the given ones in any order.
        place : int
            Position of the column.
        given : tensor of shape (n, d) of bool, default=None
            Which columns are given, in any order.
        """
        block = slice(place * self.hidden, (place + 1) * self.hidden)
        if self.any_order:
            x = torch.where(given[:, :, None], x, self.absent)
            weight = (self.first[:, block] * self.mask[:, block]).contiguous()
        else:
            x = x[:, :place]
            weight = self.first[: place * self.width, block]
        h = F.silu(torch.addmm(self.first_bias[block], x.reshape(len(x), -1), weight))
        for weight, bias in zip(self.deeper, self.deeper_bias):
            h = h + F.silu(torch.addmm(bias[place], h, weight[place]))
        return self._logits(h, place)
