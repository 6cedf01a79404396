"""Adversarial training: objectives as data, and one step of critic and generator."""

import copy
from dataclasses import dataclass

import torch
from torch.nn import functional as F

from .optim import clipped_step
from .state import TrainingState, WeightAverage

CALIBRATION_ROWS = 10_000


@dataclass(frozen=True)
class BinaryCrossEntropy:
    """Non-saturating GAN objective (Goodfellow et al. 2014) with one-sided label smoothing."""

    real_target: float = 0.9

    def critic_loss(self, critic, real, fake, random):
        """Binary cross-entropy, from the first-layer outputs of real and fake rows."""
        score = critic.score(torch.cat([real, fake]), random)
        target = torch.zeros_like(score)
        target[: len(real)] = self.real_target
        return 2 * F.binary_cross_entropy_with_logits(score, target)

    def generator_loss(self, score):
        """Non-saturating generator loss."""
        return F.softplus(-score).mean()


@dataclass(frozen=True)
class Wasserstein:
    """Wasserstein distance with gradient penalty, WGAN-GP (Gulrajani et al. 2017)."""

    penalty: float = 10.0

    def critic_loss(self, critic, real, fake, random):
        """Negative distance plus the gradient penalty on interpolates of real and fake rows."""
        score_real, score_fake = critic.score(torch.cat([real, fake]), random).split(
            [len(real), len(fake)]
        )
        weight = real.new_empty((len(real), 1)).uniform_(generator=random)
        # The first layer is affine: interpolating its outputs is interpolating the rows.
        interpolates = weight * real + (1 - weight) * fake
        norms = critic.input_gradient(interpolates, random).norm(dim=1)
        return score_fake.mean() - score_real.mean() + self.penalty * (norms - 1).square().mean()

    def generator_loss(self, score):
        """Negative mean score."""
        return -score.mean()


class AdversarialStep(TrainingState):
    """One step of the critic, then one of the generator, on the same generated rows.

    Parameters
    ----------
    generator, critic : Module
        The networks.
    head : Head
        Activations of the generator's output.
    objective : BinaryCrossEntropy or Wasserstein
        Losses of both.
    draw : callable
        ``draw(random)`` gives a `Batch`.
    optimizers : pair of Optimizer
        The critic's and the generator's.
    random : torch.Generator
        Source of all draws.
    """

    losses = ("critic_loss", "generator_loss")

    def __init__(self, generator, critic, head, objective, draw, optimizers, random):
        self.generator, self.critic, self.head = generator, critic, head
        self.objective, self.draw, self.random = objective, draw, random
        self.nets, self.optimizers = (critic, generator), optimizers
        self.average = WeightAverage(generator)
        self.seed = random.initial_seed()

    def __call__(self):
        """Take one step; returns the critic's and the generator's loss."""
        batch = self.draw(self.random)
        logits = self.generator(len(batch), batch.condition, self.random)
        fake = self.head.soft(logits, self.head.gumbel(logits, self.random))
        critic_loss = self.critic_step(*self.real_inputs(batch), fake.detach())
        losses = torch.stack([critic_loss, self.generator_step(batch, logits, fake)])
        self.average.update()
        return losses

    @torch.no_grad()
    def candidate(self):
        """Copy of the generator with averaged weights and recomputed batch statistics, on the CPU.

        It uses a random stream of its own, the same each time, so that evaluating does not change
        the training.
        """
        net = copy.deepcopy(self.generator)
        self.average.install(net)
        random = torch.Generator(self.random.device).manual_seed(self.seed)
        for norm in net.norms:
            norm.reset_running_stats()
            norm.momentum = None  # a plain mean over the batches below
        done = 0
        while done < CALIBRATION_ROWS:
            batch = self.draw(random)
            net(len(batch), batch.condition, random)
            done += len(batch)
        return net.requires_grad_(False).eval().cpu()

    def real_inputs(self, batch):
        """Real rows as the critic's input, and the offsets of their conditions."""
        return self.head.expand(batch.scalars, batch.codes), self.critic.offsets(batch.condition)

    def condition_loss(self, batch, logits):
        """Cross-entropy between generated and requested level; 0 without a requested level."""
        if batch.span is None:
            return logits.new_zeros(())
        return self.head.cross_entropy(logits, batch.span, batch.column)

    def critic_step(self, real, offsets, fake):
        """Optimiser step of the critic on real and on generated rows, these without a graph."""
        real, fake = self.critic.embed(torch.cat([real, fake]), offsets).chunk(2)
        loss = self.objective.critic_loss(self.critic, real, fake, self.random)
        return clipped_step(loss, self.optimizers[0])

    def generator_step(self, batch, logits, fake):
        """Optimiser step of the generator; the critic's weights get no gradient."""
        self.critic.requires_grad_(False)
        score = self.critic(fake, batch.condition, self.random)
        self.critic.requires_grad_(True)
        loss = self.objective.generator_loss(score) + self.condition_loss(batch, logits)
        return clipped_step(loss, self.optimizers[1])
