"""The evidence lower bound of the variational autoencoder, against torch's distributions."""

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from conftest import random_of
from skgensample.generators._encoding.layout import Layout
from skgensample.generators._networks import vae
from skgensample.generators._networks.head import Head
from skgensample.generators._networks.vae import DecoderNetwork, EncoderNetwork
from skgensample.generators._training.batches import Batch
from skgensample.generators._training.elbo import ElboStep
from skgensample.generators._training.optim import flat_adam


def made_step(layout, n=12, n_conditions=3, kind=torch.float64, own_columns=1):
    """A step whose batch is always the same, by default in float64."""
    random = torch.Generator().manual_seed(0)
    codes = [torch.randint(w, (n, 1), generator=random) for w in layout.widths]
    codes = torch.cat([torch.empty((n, 0), dtype=torch.long), *codes], dim=1)
    scalars = torch.randn(n, layout.n_scalars, generator=random, dtype=kind)
    batch = Batch(scalars, codes, torch.randint(n_conditions, (n, own_columns), generator=random))
    recognition = EncoderNetwork((7, 6), 4, layout, n_conditions, random).to(kind)
    decoder = DecoderNetwork((5, 6), 4, layout, n_conditions, random).to(kind)
    weights = [*recognition.parameters(), *decoder.parameters()]
    step = ElboStep(
        recognition, decoder, Head(layout), lambda _: batch, flat_adam((weights, 1e-2, 0.0)), random
    )
    return step, batch


@pytest.mark.parametrize("n", [1, 12])
@pytest.mark.parametrize(
    "layout", [Layout(2, (2, 3, 3), False), Layout(0, (2, 4), False), Layout(3, (), False)]
)
def test_the_bound_is_that_of_one_hot_rows_and_torch_distributions(layout, n, monkeypatch):
    """And so are the gradients of all weights; codes and conditions are never expanded in ours."""
    monkeypatch.setattr(vae, "MIN_LOG_SCALE", -0.3)
    step, batch = made_step(layout, n)
    recognition, decoder = step.encoder, step.decoder
    with torch.no_grad():
        decoder.log_scale.uniform_(-1, 1, generator=step.random)
        decoder.own_log_scale.uniform_(-1, 1, generator=step.random)
        decoder.own[1] = 0.0

    def dense(layer, x, extra):
        return x @ layer.weight.T + layer.bias + extra @ layer.table

    one_hot = torch.nn.functional.one_hot(batch.condition[:, 0], 3).double()
    spans = [torch.nn.functional.one_hot(c, w) for c, w in zip(batch.codes.T, layout.widths)]
    h = dense(recognition.first, batch.scalars, torch.cat([*spans, one_hot], dim=1)).relu()
    h = torch.nn.functional.linear(h, recognition.rest[0].weight, recognition.rest[0].bias).relu()
    h = torch.nn.functional.linear(h, recognition.last.weight, recognition.last.bias)
    mean, log_variance = h.chunk(2, dim=1)
    posterior = torch.distributions.Normal(mean, (log_variance / 2).exp())
    prior = torch.distributions.Normal(torch.zeros(()).double(), 1.0)
    divergence = torch.distributions.kl_divergence(posterior, prior).sum(dim=1).mean()
    noise = torch.empty_like(mean).normal_(generator=random_of(9))
    x = mean + noise * posterior.stddev
    for layer in decoder.hidden:
        x = dense(layer, x, one_hot).relu()
    out = dense(decoder.out, x, one_hot)
    k = layout.n_scalars
    scale = decoder.log_scale + one_hot @ (decoder.own_log_scale * decoder.own)
    scale = scale.clamp_min(vae.MIN_LOG_SCALE).exp()
    normal = torch.distributions.Normal(out[:, :k], scale)
    likelihood = normal.log_prob(batch.scalars).sum(dim=1)
    for logits, code in zip(out[:, k:].split(layout.widths, dim=1), batch.codes.T):
        likelihood = likelihood + torch.distributions.Categorical(logits=logits).log_prob(code)
    weights = [w for net in step.nets for w in net.parameters() if w.numel()]
    expected = torch.autograd.grad(divergence - likelihood.mean(), weights, allow_unused=True)

    losses = step.negative_elbo(batch, noise)
    torch.testing.assert_close(losses, torch.stack([-likelihood.mean(), divergence]))
    found = torch.autograd.grad(losses.sum(), weights, allow_unused=True)
    for weight, *pair in zip(weights, found, expected):
        ours, theirs = (torch.zeros_like(weight) if g is None else g for g in pair)
        torch.testing.assert_close(ours, theirs)


def test_rows_come_with_the_noise_of_their_distribution():
    """Scalars scatter by the learnt deviations around the decoded means."""
    step, _ = made_step(Layout(2, (3,), False))
    net = step.decoder
    with torch.no_grad():
        net.out.weight[:2].zero_(), net.out.table[:, :2].zero_()
        net.out.bias[:2] = torch.tensor([5.0, -3.0])
        net.log_scale[:] = torch.tensor([0.7, -9.0])
        out = net(40_000, torch.zeros((40_000, 1), dtype=torch.long), step.random)
    assert abs(out[:, 0].mean() - 5) < 0.05 and abs(out[:, 0].std() - np.exp(0.7)) < 0.05
    assert abs(out[:, 1].std() - np.exp(vae.MIN_LOG_SCALE)) < 1e-3


@pytest.mark.parametrize("scale", [30.0, 1e5])
def test_far_logits_neither_overflow_nor_vanish(scale):
    step, batch = made_step(Layout(1, (4, 5), False))
    with torch.no_grad():
        step.decoder.out.weight.mul_(scale)
    losses = step.negative_elbo(
        batch, torch.randn(12, 4, generator=random_of(1), dtype=torch.float64)
    )
    weight = step.decoder.out.weight
    (gradient,) = torch.autograd.grad(losses.sum(), [weight])
    assert torch.isfinite(losses).all() and torch.isfinite(gradient).all()
    assert gradient[1:].abs().max() > 1e-3


def test_steps_lower_the_bound():
    step, _ = made_step(Layout(3, (2, 4), False), n=64)
    losses = [step().sum().item() for _ in range(100)]
    assert np.mean(losses[-10:]) < np.mean(losses[:10]) - 0.3
