"""One step of a class-conditional GAN on images, and the batches that it draws."""

import copy

import torch
from torch.nn import functional as F

from ..generators._training.optim import clipped_step
from ..generators._training.state import TrainingState, WeightAverage
from ._diff_augment import diff_augment

#: Weight of the gradient penalty of WGAN-GP; of R1, and its steps between two evaluations.
PENALTY = 10.0
R1, R1_EVERY = 0.5, 8


class LabelledBatches:
    """Batches of images and their classes; classes alike, images with replacement.

    Parameters
    ----------
    images : tensor of shape (n, channels, h, w)
        Real images.
    group : tensor of shape (n,)
        Their class indices.
    size : int
        Images of a batch.
    """

    def __init__(self, images, group, size):
        self.images, self.size = images, size
        self.order = torch.argsort(group, stable=True)
        self.count = torch.bincount(group)
        self.start = torch.cumsum(self.count, 0) - self.count

    def __call__(self, random):
        """Draw images and class indices."""
        device = self.images.device
        group = torch.randint(len(self.count), (self.size,), generator=random, device=device)
        draws = torch.empty(self.size, device=device).uniform_(generator=random)
        row = (draws * self.count[group]).long().minimum(self.count[group] - 1)
        return self.images[self.order[self.start[group] + row]], group


class ImageGANStep(TrainingState):
    """Steps of the critic, then one of the generator; subclasses have the losses.

    Parameters
    ----------
    generator, critic : Module
        The networks.
    draw : callable
        ``draw(random)`` gives real images and their class indices.
    optimizers : pair of Optimizer
        The critic's and the generator's.
    random : torch.Generator
        Source of all draws.
    steps : int
        Steps of the critic.
    augment : bool
        Whether the critic sees images through random changes.
    """

    losses = ("critic_loss", "generator_loss")

    def __init__(self, generator, critic, draw, optimizers, random, *, steps, augment):
        self.generator, self.critic, self.draw, self.random = generator, critic, draw, random
        self.nets, self.optimizers = (critic, generator), optimizers
        self.steps, self.augment = steps, augment
        self.average = WeightAverage(generator)
        self.seed, self.number = random.initial_seed(), 0

    def __call__(self):
        """Take one step of each; returns the critic's last loss and the generator's."""
        for _ in range(self.steps):
            real, group = self.draw(self.random)
            with torch.no_grad():
                fake = self.made(group)
            loss = self.critic_loss(self.seen(real), self.seen(fake), group)
            critic_loss = clipped_step(loss, self.optimizers[0])
            self.number += 1
        losses = torch.stack([critic_loss, self.generator_step(self.draw(self.random)[1])])
        self.average.update()
        return losses

    def made(self, group):
        """Generated images of given classes."""
        shape = (len(group), self.generator.latent_dim)
        latent = torch.empty(shape, device=group.device).normal_(generator=self.random)
        return self.generator(latent, group, self.random)

    def seen(self, images):
        """Images as the critic sees them."""
        return diff_augment(images, self.random) if self.augment else images

    def scores(self, real, fake, group):
        """The critic's scores of real and of generated images, in one pass."""
        return self.critic(torch.cat([real, fake]), torch.cat([group, group])).chunk(2)

    def generator_step(self, group):
        """Optimiser step of the generator; the critic's weights get no gradient."""
        self.critic.requires_grad_(False)
        loss = self.generator_loss(self.critic(self.seen(self.made(group)), group))
        self.critic.requires_grad_(True)
        return clipped_step(loss, self.optimizers[1])

    @torch.no_grad()
    def candidate(self):
        """Copy of the generator with averaged weights, on the CPU."""
        net = copy.deepcopy(self.generator)
        self.average.install(net)
        return net.requires_grad_(False).eval().cpu()


class NonSaturatingStep(ImageGANStep):
    """Logistic losses (Goodfellow et al. 2014) with the R1 penalty (Mescheder et al. 2018).

    The penalty is evaluated in every eighth step, with eight times its weight, which halves the
    cost of a step (Karras et al. 2020, arXiv 1912.04958).
    """

    def critic_loss(self, real, fake, group):
        """Cross-entropy of real and generated, and now and then the penalty."""
        penalty = self._penalty(real, group) if self.number % R1_EVERY == 0 else 0.0
        score_real, score_fake = self.scores(real, fake, group)
        return F.softplus(-score_real).mean() + F.softplus(score_fake).mean() + penalty

    def _penalty(self, real, group):
        """R1 as a number; its gradients are added to those that are there.

        The graph of a gradient takes much memory: it is gone before the next one is made.
        """
        real = real.detach().requires_grad_(True)
        score = self.critic(real, group).sum()
        (slope,) = torch.autograd.grad(score, real, create_graph=True)
        penalty = R1_EVERY * R1 / 2 * slope.flatten(1).square().sum(dim=1).mean()
        penalty.backward()
        return penalty.detach()

    def generator_loss(self, score):
        """Cross-entropy of generated images as real ones."""
        return F.softplus(-score).mean()


class WassersteinStep(ImageGANStep):
    """Wasserstein distance with the gradient penalty (Gulrajani et al. 2017)."""

    def critic_loss(self, real, fake, group):
        """Negative distance and the penalty at points between real and generated images."""
        weight = torch.empty((len(real), 1, 1, 1), device=real.device)
        weight.uniform_(generator=self.random)
        between = (weight * real + (1 - weight) * fake).requires_grad_(True)
        score_real, score_fake = self.scores(real, fake, group)
        (slope,) = torch.autograd.grad(
            self.critic(between, group).sum(), between, create_graph=True
        )
        norms = (slope.flatten(1).square().sum(dim=1) + 1e-12).sqrt()
        return score_fake.mean() - score_real.mean() + PENALTY * (norms - 1).square().mean()

    def generator_loss(self, score):
        """Negative score of generated images."""
        return -score.mean()
