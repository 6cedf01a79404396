"""One step of a class-conditional WGAN-GP on images, and the batches that it draws."""

import copy

import torch

from ..generators._training.optim import clipped_step
from ..generators._training.state import TrainingState, WeightAverage
from ._diff_augment import diff_augment

PENALTY = 10.0


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
    """Steps of the critic, then one of the generator.

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
        self.seed = random.initial_seed()

    def __call__(self):
        """Take one step of each; returns the critic's last loss and the generator's."""
        for _ in range(self.steps):
            real, group = self.draw(self.random)
            with torch.no_grad():
                fake = self.made(group)
            critic_loss = self.critic_step(real, fake, group)
        losses = torch.stack([critic_loss, self.generator_step(self.draw(self.random)[1])])
        self.average.update()
        return losses

    def made(self, group):
        """Generated images of given classes."""
        shape = (len(group), self.generator.latent_dim)
        latent = torch.empty(shape, device=group.device).normal_(generator=self.random)
        return self.generator(latent, group)

    def seen(self, images):
        """Images as the critic sees them."""
        return diff_augment(images, self.random) if self.augment else images

    def critic_step(self, real, fake, group):
        """Optimiser step on the negative distance and the gradient penalty."""
        real, fake = self.seen(real), self.seen(fake)
        weight = torch.empty((len(real), 1, 1, 1), device=real.device)
        weight.uniform_(generator=self.random)
        between = (weight * real + (1 - weight) * fake).requires_grad_(True)
        score = self.critic(torch.cat([real, fake]), torch.cat([group, group]))
        inner = self.critic(between, group)
        (slope,) = torch.autograd.grad(inner.sum(), between, create_graph=True)
        norms = (slope.flatten(1).square().sum(dim=1) + 1e-12).sqrt()
        score_real, score_fake = score.chunk(2)
        loss = score_fake.mean() - score_real.mean() + PENALTY * (norms - 1).square().mean()
        return clipped_step(loss, self.optimizers[0])

    def generator_step(self, group):
        """Optimiser step of the generator; the critic's weights get no gradient."""
        self.critic.requires_grad_(False)
        loss = -self.critic(self.seen(self.made(group)), group).mean()
        self.critic.requires_grad_(True)
        return clipped_step(loss, self.optimizers[1])

    @torch.no_grad()
    def candidate(self):
        """Copy of the generator with averaged weights, on the CPU."""
        net = copy.deepcopy(self.generator)
        self.average.install(net)
        return net.requires_grad_(False).eval().cpu()
