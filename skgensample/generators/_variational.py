"""A variational autoencoder of encoded rows: its two networks, and one step on their bound.

Codes are row look-ups on the way in and grouped cross-entropies on the way out: no batch is ever
expanded to one-hot columns.
"""

import copy
import math
from itertools import pairwise

import torch
from torch import nn
from torch.nn import functional as F

from ._descent import clipped_step
from ._nets import ConditionedLinear, standard_normal
from ._training import WeightAverage, Weights

#: Least logarithm of a deviation: a column that the others give away would send it to -inf.
LEAST_LOG_SCALE = -5.0

#: Deviations learn so many times as fast as the other weights: all else is weighed by them, and
#: each of them is one number that at the common pace takes a thousand steps to halve.
SCALE_RATE = 10


class Recognition(nn.Module):
    """Maps rows and their conditions to means and log variances of their latent variables.

    Parameters
    ----------
    hidden_dims : sequence of int
        Width of each hidden layer.
    latent_dim : int
        Number of latent variables.
    layout : Layout
        What a row consists of.
    n_conditions : int
        Number of condition indices.
    random : torch.Generator
        Source of the initial weights.
    """

    def __init__(self, hidden_dims, latent_dim, layout, n_conditions, random):
        super().__init__()
        starts = torch.as_tensor(layout.starts - layout.n_scalars, device=random.device)
        self.register_buffer("starts", starts, persistent=False)
        self.n_codes = layout.width - layout.n_scalars
        self.first = ConditionedLinear(
            layout.n_scalars, hidden_dims[0], self.n_codes + n_conditions, random
        )
        self.rest = nn.ModuleList(
            ConditionedLinear(a, b, 0, random) for a, b in pairwise(hidden_dims)
        )
        self.last = ConditionedLinear(hidden_dims[-1], 2 * latent_dim, 0, random)

    def forward(self, scalars, codes, condition):
        """Means and log variances."""
        # what is 1 of all codes and conditions
        active = torch.cat([codes + self.starts, condition + self.n_codes], dim=1)
        x = self.first(active, scalars)
        for layer in [*self.rest, self.last]:
            x = layer(None, F.relu(x))
        return x.chunk(2, dim=1)


class Decoder(nn.Module):
    """Maps latent variables and conditions to the distribution of a row.

    Scalars are normal around their outputs, with learnt deviations; codes are categorical with the
    softmax of theirs. Deviations weigh the reconstruction against the divergence (Rybkin et al.
    2021): those of the common classes would drown what the columns of a scarce one have in common,
    and leave its latent variables without use. So each class has its own.

    Parameters
    ----------
    hidden_dims : sequence of int
        Width of each hidden layer.
    latent_dim : int
        Number of latent variables.
    layout : Layout
        What a row consists of.
    n_conditions : int
        Number of condition indices.
    random : torch.Generator
        Source of the initial weights.
    own : ndarray of shape (n_conditions,) of bool, default=None
        Which conditions have deviations of their own; all by default. A class of few rows would
        shrink them onto its rows.

    References
    ----------
    .. [1] O. Rybkin, K. Daniilidis, S. Levine, "Simple and effective VAE training with calibrated
       decoders", ICML 2021, arXiv 2006.13202.
    """

    norms = ()

    def __init__(self, hidden_dims, latent_dim, layout, n_conditions, random, own=None):
        super().__init__()
        self.latent_dim, self.n_scalars = latent_dim, layout.n_scalars
        own = torch.ones(n_conditions) if own is None else torch.as_tensor(own)
        self.register_buffer("own", own[:, None].to(random.device, torch.float32), persistent=False)
        widths = pairwise((latent_dim, *hidden_dims))
        self.hidden = nn.ModuleList(
            ConditionedLinear(a, b, n_conditions, random) for a, b in widths
        )
        self.out = ConditionedLinear(hidden_dims[-1], layout.width, n_conditions, random)
        scale = torch.zeros(n_conditions + 1, layout.n_scalars, device=random.device)
        self.log_scale = nn.Parameter(scale[0].float())
        self.own_log_scale = nn.Parameter(scale[1:].float())

    def forward(self, n, condition, random):
        """Scalars and logits of `n` rows of fresh latent variables."""
        dtype = self.out.weight.dtype
        out = self.decode(standard_normal((n, self.latent_dim), random, dtype), condition)
        noise = standard_normal((n, self.n_scalars), random, dtype)
        out[:, : self.n_scalars] += noise * self.log_scales(condition).exp()
        return out

    def scales(self):
        """The weights of the deviations."""
        return [self.log_scale, self.own_log_scale]

    def weights(self):
        """All others."""
        return [*self.hidden.parameters(), *self.out.parameters()]

    def log_scales(self, condition):
        """Logarithms of the scalars' deviations, of shape (n, n_scalars)."""
        own = F.embedding_bag(condition, self.own_log_scale * self.own, mode="sum")
        return (own + self.log_scale).clamp_min(LEAST_LOG_SCALE)

    def decode(self, z, condition):
        """Means of the scalars and logits of the codes."""
        for layer in self.hidden:
            z = F.relu(layer(condition, z))
        return self.out(condition, z)


class BoundStep(Weights):
    """One step of both networks on the evidence lower bound (Kingma and Welling 2014).

    Parameters
    ----------
    recognition, decoder : Module
        The networks.
    head : Head
        Meaning of the decoder's output.
    draw : callable
        ``draw(random)`` gives a `Batch`.
    optimizer : Optimizer
        Of the weights of both.
    random : torch.Generator
        Source of all draws.
    """

    losses = ("reconstruction_loss", "divergence")

    def __init__(self, recognition, decoder, head, draw, optimizer, random):
        self.recognition, self.decoder, self.head = recognition, decoder, head
        self.draw, self.random = draw, random
        self.nets, self.optimizers = (recognition, decoder), (optimizer,)
        self.average = WeightAverage(decoder)
        self.seed = random.initial_seed()

    def __call__(self):
        """Take one step; returns both parts of the negative bound, a row's means."""
        batch = self.draw(self.random)
        shape, dtype = (len(batch), self.decoder.latent_dim), self.decoder.out.weight.dtype
        losses = self.bound(batch, standard_normal(shape, self.random, dtype))
        clipped_step(losses.sum(), self.optimizers[0])
        self.average.update()
        return losses.detach()

    def bound(self, batch, noise):
        """Both losses, with their graph."""
        mean, log_variance = self.recognition(batch.scalars, batch.codes, batch.condition)
        variance = log_variance.exp()
        out = self.decoder.decode(mean + noise * variance.sqrt(), batch.condition)
        scale = self.decoder.log_scales(batch.condition)
        off = (out[:, : self.decoder.n_scalars] - batch.scalars) * (-scale).exp()
        constant = 0.5 * math.log(2 * math.pi) * scale.numel()
        reconstruction = 0.5 * off.square().sum() + scale.sum() + constant
        reconstruction = reconstruction + self.head.code_loss(out, batch.codes)
        divergence = 0.5 * (mean.square() + variance - log_variance - 1).sum()
        return torch.stack([reconstruction, divergence]) / len(batch)

    @torch.no_grad()
    def candidate(self):
        """Copy of the decoder with averaged weights, on the CPU."""
        net = copy.deepcopy(self.decoder)
        self.average.install(net)
        return net.requires_grad_(False).eval().cpu()
