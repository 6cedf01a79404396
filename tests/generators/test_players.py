"""The two-player game and its gradients against plain autograd."""

import pytest

torch = pytest.importorskip("torch")

from conftest import random_of
from skgensample.generators._encoding.layout import Layout
from skgensample.generators._networks.critic import Critic
from skgensample.generators._networks.generator import Generator
from skgensample.generators._networks.head import Head
from skgensample.generators._training.adversarial import (
    AdversarialStep,
    BinaryCrossEntropy,
    Wasserstein,
)
from skgensample.generators._training.batches import Batch
from skgensample.generators._training.optim import flat_adam


@pytest.fixture(params=[BinaryCrossEntropy(), Wasserstein()], ids=["bce", "wasserstein"])
def step(request):
    layout, random = Layout(2, (3,), True), random_of()
    rows = torch.rand(8, 2), torch.randint(3, (8, 1))
    condition = torch.randint(4, (8, 1))
    generator = Generator(4, (8,), layout.width, 4, random)
    critic = Critic(layout.width, (8,), 4, 2, random)
    batch = Batch(*rows, condition)
    optimizers = [flat_adam((net.parameters(), 1e-2, 0.0)) for net in (critic, generator)]
    players = generator, critic, Head(layout), request.param, lambda random: batch, optimizers
    return AdversarialStep(*players, random)


def weights_of(net):
    return [p.detach().clone() for p in net.parameters()]


def moved(net, before):
    return [not torch.equal(p, old) for p, old in zip(net.parameters(), before)]


def played(step):
    """One batch, the generator's logits and its rows."""
    batch = step.draw(step.random)
    logits = step.generator(len(batch), batch.condition, step.random)
    return batch, logits, step.head.soft(logits, step.head.gumbel(logits, step.random))


def test_critic_step_does_not_reach_the_generator(step):
    critic, generator = weights_of(step.critic), weights_of(step.generator)
    batch, _, fake = played(step)
    step.critic_step(*step.real_inputs(batch), fake.detach())
    assert not any(p.grad.any() for p in step.generator.parameters())
    assert not any(moved(step.generator, generator))
    assert any(moved(step.critic, critic))


def test_generator_step_computes_no_gradient_for_the_critic(step):
    critic, generator = weights_of(step.critic), weights_of(step.generator)
    batch, logits, fake = played(step)
    step.generator_step(batch, logits, fake)
    assert not any(p.grad.any() for p in step.critic.parameters())
    assert all(p.requires_grad for p in step.critic.parameters())
    assert not any(moved(step.critic, critic))
    assert any(moved(step.generator, generator))


def test_a_whole_step_is_that_of_plain_autograd(step):
    """Both players' gradients, from rows, one-hot conditions and double backward, in float64."""
    step.generator.double(), step.critic.double()
    with torch.no_grad():
        step.critic.directions.uniform_(-1, 1, generator=step.random)
    batch, _, fake = played(step)
    real = step.head.expand(batch.scalars.double(), batch.codes)
    fake = fake.detach()
    one_hot = torch.nn.functional.one_hot(batch.condition[:, 0], 4).double()
    drawn = step.random.get_state()
    embedded = step.critic.embed(torch.cat([real, fake]), step.critic.offsets(batch.condition))
    ours = step.objective.critic_loss(step.critic, *embedded.chunk(2), step.random)
    step.random.set_state(drawn)
    theirs = plain_critic_loss(step, real, fake, one_hot)
    torch.testing.assert_close(ours, theirs)
    weights = list(step.critic.parameters())
    grads = [torch.autograd.grad(loss, weights, allow_unused=True) for loss in (ours, theirs)]
    for a, b in zip(*grads):
        torch.testing.assert_close(0 if a is None else a, 0 if b is None else b)


def plain_critic_loss(step, real, fake, one_hot):
    """The same loss by the book: dense conditions, mixed rows, gradient by autograd."""
    first, random = step.critic.first, step.random

    def score(rows):
        packs = rows.reshape(len(rows) // 2, -1)
        conditions = one_hot.reshape(len(one_hot) // 2, -1)
        conditions = conditions.repeat(len(packs) // len(conditions), 1)
        h = packs @ first.weight.T + conditions @ first.table + first.bias
        direction = conditions @ step.critic.directions.repeat(2, 1)
        return step.critic.score(torch.cat([h, direction], 1), random)

    scores = score(torch.cat([real, fake]))
    if isinstance(step.objective, BinaryCrossEntropy):
        return step.objective.critic_loss(
            type("Fixed", (), {"score": lambda self, h, random: h})(), *scores.chunk(2), random
        )
    share = real.new_empty((4, 1)).uniform_(generator=random)
    mixed = share * real.reshape(4, -1) + (1 - share) * fake.reshape(4, -1)
    mixed.requires_grad_(True)
    (gradient,) = torch.autograd.grad(score(mixed.reshape(8, -1)).sum(), mixed, create_graph=True)
    penalty = (gradient.norm(dim=1) - 1).square().mean()
    on_real, on_fake = scores.chunk(2)
    return on_fake.mean() - on_real.mean() + 10 * penalty


def test_generator_gradient_is_that_of_plain_autograd(step):
    """Leaving out the critic's weight gradients changes nothing for the generator."""
    step.generator.double(), step.critic.double()
    batch, _, fake = played(step)
    weights, drawn = list(step.generator.parameters()), step.random.get_state()
    grads = []
    for with_critic in (True, False):
        step.random.set_state(drawn)
        step.critic.requires_grad_(with_critic)
        loss = step.objective.generator_loss(step.critic(fake, batch.condition, step.random))
        grads.append(torch.autograd.grad(loss, weights, retain_graph=True))
    torch.testing.assert_close(*grads)


def test_label_smoothing_moves_the_target_of_real_rows_only():
    class Fixed:
        def score(self, h, random):
            return h

    real, fake = torch.tensor([[2.0]]), torch.tensor([[-1.0]])
    loss = BinaryCrossEntropy(0.9).critic_loss(Fixed(), real, fake, None)
    p, q = torch.sigmoid(real), torch.sigmoid(fake)
    expected = -(0.9 * p.log() + 0.1 * (1 - p).log() + (1 - q).log())
    torch.testing.assert_close(loss, expected.squeeze())


def test_the_candidate_is_the_average_ready_to_draw_and_disturbs_nothing(step):
    for _ in range(5):
        step()
    wanted = [w.clone() for w in step.average.weights]
    before, drawn = step.state(), step.random.get_state()
    net = step.candidate()
    assert torch.equal(step.random.get_state(), drawn)
    torch.testing.assert_close(step.state(), before, rtol=0, atol=0)
    assert all(moved(step.generator, wanted))
    assert not net.training
    assert not any(moved(net, wanted))
    assert not any(p.requires_grad for p in net.parameters())
