"""Residual generator of CTGAN."""

import torch
from torch import nn
from torch.nn import functional as F

from .layers import ConditionedLinear, standard_normal


class Generator(nn.Module):
    """Residual generator: each hidden layer's output is concatenated with its input [1]_.

    Parameters
    ----------
    latent_dim : int
        Width of the noise.
    hidden_dims : sequence of int
        Width of each hidden layer.
    n_out : int
        Width of the output.
    n_conditions : int
        Number of condition indices.
    random : torch.Generator
        Source of the initial weights.

    References
    ----------
    .. [1] L. Xu, M. Skoularidou, A. Cuesta-Infante, K. Veeramachaneni, "Modeling tabular data
       using conditional GAN", NeurIPS 2019, arXiv 1907.00503.
    """

    def __init__(self, latent_dim, hidden_dims, n_out, n_conditions, random):
        super().__init__()
        self.latent_dim = width = latent_dim
        self.hidden, self.norms = nn.ModuleList(), nn.ModuleList()
        for dim in hidden_dims:
            self.hidden.append(ConditionedLinear(width, dim, n_conditions, random))
            self.norms.append(nn.BatchNorm1d(dim, device=random.device, dtype=torch.float32))
            width += dim
        self.out = ConditionedLinear(width, n_out, n_conditions, random)

    def forward(self, n, condition, random):
        """Logits of `n` rows generated from fresh noise."""
        return self.logits(self.noise(n, random), condition)

    def noise(self, n, random):
        """Latent noise of `n` rows."""
        return standard_normal((n, self.latent_dim), random, self.out.weight.dtype)

    def logits(self, noise, condition):
        """Logits of the rows generated from this noise."""
        x = noise
        for layer, norm in zip(self.hidden, self.norms):
            x = torch.cat([F.relu(norm(layer(condition, x))), x], dim=1)
        return self.out(condition, x)

    @torch.no_grad()
    def init_code_bias(self, frequencies):
        """Start with codes at their frequencies: only the dependence is left to learn."""
        self.out.bias[len(self.out.bias) - len(frequencies) :] = frequencies.log()
