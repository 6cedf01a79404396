"""The two-player game: objectives as data, and one step of both players."""

import copy
from dataclasses import dataclass

import torch
from torch.nn import functional as F

from ._descent import clipped_step
from ._training import WeightAverage, Weights

CALIBRATION_ROWS = 10_000


@dataclass(frozen=True)
class BinaryCrossEntropy:
    """Non-saturating game (Goodfellow et al. 2014) with one-sided label smoothing."""

    real_target: float = 0.9

    def critic_loss(self, critic, real, fake, random):
        """Loss of telling real from fake, from both sides' first-layer outputs."""
        score = critic.judge(torch.cat([real, fake]), random)
        target = torch.zeros_like(score)
        target[: len(real)] = self.real_target
        return 2 * F.binary_cross_entropy_with_logits(score, target)

    def generator_loss(self, score):
        """Loss of not being taken for real."""
        return F.softplus(-score).mean()


@dataclass(frozen=True)
class Wasserstein:
    """Wasserstein distance with gradient penalty (Gulrajani et al. 2017)."""

    penalty: float = 10.0

    def critic_loss(self, critic, real, fake, random):
        """Negative distance plus the penalty on rows mixed from real and fake ones."""
        score_real, score_fake = critic.judge(torch.cat([real, fake]), random).split(
            [len(real), len(fake)]
        )
        share = real.new_empty((len(real), 1)).uniform_(generator=random)
        # The first layer is affine: mixing its outputs is mixing the rows.
        mixed = share * real + (1 - share) * fake
        norms = critic.input_gradient(mixed, random).norm(dim=1)
        return score_fake.mean() - score_real.mean() + self.penalty * (norms - 1).square().mean()

    def generator_loss(self, score):
        """Negative mean score."""
        return -score.mean()


class TwoPlayerStep(Weights):
    """One step of the critic, then one of the generator, on the same drawn rows.

    Parameters
    ----------
    generator, critic : Module
        The players.
    head : Head
        Activations of the generator's output.
    objective : BinaryCrossEntropy or Wasserstein
        The game.
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
        """Play one step; returns the critic's and the generator's loss."""
        batch = self.draw(self.random)
        logits = self.generator(len(batch), batch.condition, self.random)
        fake = self.head.soft(logits, self.head.gumbel(logits, self.random))
        critic_loss = self.critic_step(*self.shown(batch), fake.detach())
        losses = torch.stack([critic_loss, self.generator_step(batch, logits, fake)])
        self.average.update()
        return losses

    @torch.no_grad()
    def candidate(self):
        """Copy of the generator with averaged weights and fresh batch statistics, on the CPU.

        The draws are its own and the same each time: looking on does not change the training.
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

    def shown(self, batch):
        """Real rows as the critic sees them, and what their conditions give it."""
        return self.head.expand(batch.scalars, batch.codes), self.critic.offsets(batch.condition)

    def mismatch(self, batch, logits):
        """Cross-entropy of the levels asked for; zero where none is."""
        if batch.span is None:
            return logits.new_zeros(())
        return self.head.cross_entropy(logits, batch.span, batch.column)

    def critic_step(self, real, offsets, fake):
        """Improve the critic on real rows and on drawn ones, which have no graph."""
        real, fake = self.critic.embed(torch.cat([real, fake]), offsets).chunk(2)
        loss = self.objective.critic_loss(self.critic, real, fake, self.random)
        return clipped_step(loss, self.optimizers[0])

    def generator_step(self, batch, logits, fake):
        """Improve the generator; the critic's weights get no gradient."""
        self.critic.requires_grad_(False)
        score = self.critic(fake, batch.condition, self.random)
        self.critic.requires_grad_(True)
        loss = self.objective.generator_loss(score) + self.mismatch(batch, logits)
        return clipped_step(loss, self.optimizers[1])


@dataclass(frozen=True)
class Batch:
    """Real rows and the condition that they meet.

    Parameters
    ----------
    scalars, codes : tensor
        The rows.
    condition : tensor of shape (n, k) or None
        Condition indices.
    span, column : tensor of shape (n,) or None
        Which span the condition speaks of, and the output column that it asks for.
    """

    scalars: torch.Tensor
    codes: torch.Tensor
    condition: torch.Tensor | None = None
    span: torch.Tensor | None = None
    column: torch.Tensor | None = None

    def __len__(self):
        return len(self.scalars)
