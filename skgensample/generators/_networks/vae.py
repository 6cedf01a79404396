"""Encoder and decoder of a variational autoencoder of encoded rows.

Categories are embedding look-ups on the way in and grouped cross-entropies on the way out: no batch
is ever expanded to one-hot columns.
"""

from itertools import pairwise

import torch
from torch import nn
from torch.nn import functional as F

from .layers import ConditionedLinear, standard_normal

#: Lower bound of the log standard deviation, which would go to -inf for a column that is a function
#: of the others.
MIN_LOG_SCALE = -5.0


class EncoderNetwork(nn.Module):
    """Encoder (recognition network): rows and conditions to means and log variances.

    Parameters
    ----------
    hidden_dims : sequence of int
        Width of each hidden layer.
    latent_dim : int
        Number of latent variables.
    layout : Layout
        Layout of the encoded rows.
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
        # indices of the ones in the one-hot row of codes and conditions
        active = torch.cat([codes + self.starts, condition + self.n_codes], dim=1)
        x = self.first(active, scalars)
        for layer in [*self.rest, self.last]:
            x = layer(None, F.relu(x))
        return x.chunk(2, dim=1)


class DecoderNetwork(nn.Module):
    """Decoder: latent variables and conditions to the distribution of a row.

    Scalars are normal around their outputs with learnt standard deviations; codes are categorical.
    The standard deviations weigh the reconstruction against the KL divergence [1]_. Those of the
    majority class can be so large that the dependence between the columns of a minority class is
    treated as noise, and its latent variables collapse to the prior (posterior collapse). So each
    class has its own.

    Parameters
    ----------
    hidden_dims : sequence of int
        Width of each hidden layer.
    latent_dim : int
        Number of latent variables.
    layout : Layout
        Layout of the encoded rows.
    n_conditions : int
        Number of condition indices.
    random : torch.Generator
        Source of the initial weights.
    own : ndarray of shape (n_conditions,) of bool, default=None
        Which conditions have standard deviations of their own; all by default. Those of a class of
        few rows would become too small (overfitting).

    References
    ----------
    .. [1] O. Rybkin, K. Daniilidis, S. Levine, "Simple and effective VAE training with calibrated
       decoders", ICML 2021, arXiv 2006.13202.
    """

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
        """Parameters of the log standard deviations."""
        return [self.log_scale, self.own_log_scale]

    def weights(self):
        """All parameters except the log standard deviations."""
        return [*self.hidden.parameters(), *self.out.parameters()]

    def log_scales(self, condition):
        """Log standard deviations of the scalars, of shape (n, n_scalars)."""
        own = F.embedding_bag(condition, self.own_log_scale * self.own, mode="sum")
        return (own + self.log_scale).clamp_min(MIN_LOG_SCALE)

    def decode(self, z, condition):
        """Means of the scalars and logits of the codes."""
        for layer in self.hidden:
            z = F.relu(layer(condition, z))
        return self.out(condition, z)
