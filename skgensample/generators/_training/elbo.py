"""One training step on the negative evidence lower bound (ELBO) of a variational autoencoder."""

import copy
import math

import torch

from .._networks.layers import standard_normal
from .optim import clipped_step
from .state import TrainingState, WeightAverage


class ElboStep(TrainingState):
    """One step of both networks on the evidence lower bound (Kingma and Welling 2014).

    The KL divergence is in closed form, the reconstruction by one sample (reparametrisation).

    Parameters
    ----------
    encoder, decoder : Module
        The networks.
    head : Head
        Interpretation of the decoder's output.
    draw : callable
        ``draw(random)`` gives a `Batch`.
    optimizer : Optimizer
        Optimiser of the weights of both.
    random : torch.Generator
        Source of all draws.
    """

    losses = ("reconstruction_loss", "divergence")

    def __init__(self, encoder, decoder, head, draw, optimizer, random):
        self.encoder, self.decoder, self.head = encoder, decoder, head
        self.draw, self.random = draw, random
        self.nets, self.optimizers = (encoder, decoder), (optimizer,)
        self.average = WeightAverage(decoder)
        self.seed = random.initial_seed()

    def __call__(self):
        """Take one step; returns both terms of the negative ELBO, means over rows."""
        batch = self.draw(self.random)
        shape, dtype = (len(batch), self.decoder.latent_dim), self.decoder.out.weight.dtype
        losses = self.negative_elbo(batch, standard_normal(shape, self.random, dtype))
        clipped_step(losses.sum(), self.optimizers[0])
        self.average.update()
        return losses.detach()

    def negative_elbo(self, batch, noise):
        """Reconstruction loss and KL divergence, means over rows, with their graph."""
        mean, log_variance = self.encoder(batch.scalars, batch.codes, batch.condition)
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
