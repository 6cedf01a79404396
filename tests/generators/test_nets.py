"""Networks, their head and the critic, against plain layers and autograd."""

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from conftest import random_of
from skgensample.generators._encoding.layout import Layout
from skgensample.generators._networks.critic import Critic, _slopes
from skgensample.generators._networks.generator import Generator
from skgensample.generators._networks.head import Head
from skgensample.generators._networks.layers import ConditionedLinear


def test_condition_look_up_is_a_one_hot_product():
    layer = ConditionedLinear(3, 4, 5, random_of()).double()
    x, condition = torch.rand(6, 3, dtype=torch.float64), torch.randint(5, (6, 2))
    one_hot = torch.nn.functional.one_hot(condition, 5).sum(dim=1).double()
    expected = x @ layer.weight.T + layer.bias + one_hot @ layer.table
    torch.testing.assert_close(layer(condition, x[:, :1], x[:, 1:]), expected)


def test_critic_keeps_the_conditions_of_a_pack_apart():
    critic = Critic(3, (8,), 5, 2, random_of()).double()
    rows, condition = (
        torch.rand(4, 3, dtype=torch.float64),
        torch.tensor([[0, 1], [2, 3], [2, 3], [0, 1]]),
    )
    table = critic.first.table
    expected = rows.reshape(2, 6) @ critic.first.weight.T + critic.first.bias
    expected[0] += table[0] + table[1] + table[5 + 2] + table[5 + 3]
    expected[1] += table[2] + table[3] + table[5 + 0] + table[5 + 1]
    torch.testing.assert_close(critic.embed(rows, critic.offsets(condition))[:, :8], expected)


@pytest.mark.parametrize("dims", [(7,), (7, 5), (7, 5, 6)])
@pytest.mark.parametrize("n_conditions", [0, 2])
def test_closed_gradient_equals_double_backward(dims, n_conditions):
    """Same norm penalty and same gradient of it for the weights as autograd's own."""
    critic = Critic(4, dims, n_conditions, 3, random_of(), dropout=0.3).double()
    with torch.no_grad():
        critic.directions.uniform_(-1, 1, generator=random_of(2))
    condition = torch.tensor([[0], [1], [0], [1], [1], [1]]) if n_conditions else None
    rows = torch.rand(6, 4, dtype=torch.float64, requires_grad=True)
    ours = critic.input_gradient(critic.embed(rows, critic.offsets(condition)), random_of(1))
    score = critic(rows, condition, random_of(1)).sum()
    (theirs,) = torch.autograd.grad(score, rows, create_graph=True)
    torch.testing.assert_close(ours, theirs.reshape(2, 12))
    weights = [p for name, p in critic.named_parameters() if name.endswith("weight")]
    weights += [critic.directions] * bool(n_conditions)
    grads = [
        torch.autograd.grad((g.norm(dim=1) - 1).square().mean(), weights)
        for g in (ours, theirs.reshape(2, 12))
    ]
    torch.testing.assert_close(*grads)
    assert all((grad != 0).any() for grad in grads[0])


def test_mixing_embedded_rows_is_embedding_mixed_rows():
    critic = Critic(3, (8, 8), 4, 2, random_of()).double()
    with torch.no_grad():
        critic.directions.uniform_(-1, 1, generator=random_of(2))
    real, fake = torch.rand(2, 6, 3, dtype=torch.float64)
    condition, share = torch.randint(4, (6, 2)), torch.rand(3, 1, dtype=torch.float64)
    ours = share * critic.embed(real, critic.offsets(condition)) + (1 - share) * critic.embed(
        fake, critic.offsets(condition)
    )
    by_row = share.repeat_interleave(2, dim=0)
    theirs = critic.embed(by_row * real + (1 - by_row) * fake, critic.offsets(condition))
    torch.testing.assert_close(ours, theirs)


def test_the_condition_turns_the_last_layer():
    """Without a hidden layer between, a class reverses what another class's critic likes."""
    critic = Critic(1, (1,), 2, 1, random_of(), dropout=0.0)
    with torch.no_grad():
        for weight in critic.parameters():
            weight.zero_()
        critic.first.weight.fill_(1)
        critic.directions.copy_(torch.tensor([[1.0], [-1.0]]))
    score = critic(torch.tensor([[2.0], [2.0]]), torch.tensor([[0], [1]]), random_of())
    assert score.flatten().tolist() == [2.0, -2.0]


def test_slopes_are_those_of_leaky_relu_with_dropout():
    h = torch.tensor([[1.0, -1.0]]).repeat(5_000, 1)
    slopes = _slopes(h, 0.5, random_of())
    assert set(_slopes(h, 0.0, random_of())[0].tolist()) == {1.0, np.float32(0.2)}
    assert set(slopes[:, 0].tolist()) == {0.0, 2.0}
    assert np.allclose(sorted(set(slopes[:, 1].tolist())), [0, 0.4])
    assert abs((slopes[:, 0] > 0).float().mean() - 0.5) < 0.03


def test_head_activations_and_expansion():
    layout = Layout(2, (2, 3, 3), True)
    head, logits = Head(layout), torch.randn(200, 10, generator=random_of())
    soft = head.soft(logits, head.gumbel(logits, random_of(1)))
    torch.testing.assert_close(soft[:, :2], torch.tanh(logits[:, :2]))
    for start, width in zip(layout.starts, layout.widths):
        span = soft[:, start : start + width]
        assert (span >= 0).all()
        torch.testing.assert_close(span.sum(dim=1), torch.ones(200))
    codes = torch.stack([torch.randint(w, (200,), generator=random_of()) for w in layout.widths], 1)
    rows = head.expand(head.scalars(logits), codes)
    torch.testing.assert_close(rows[:, :2], torch.tanh(logits[:, :2]))
    for k, (start, width) in enumerate(zip(layout.starts, layout.widths)):
        span = rows[:, start : start + width]
        assert torch.equal(span.argmax(dim=1), codes[:, k])
        assert torch.equal(span.sum(dim=1), torch.ones(200))


def test_cross_entropy_is_that_of_the_span_asked_for():
    layout = Layout(1, (2, 3), True)
    logits = torch.randn(4, 6, generator=random_of())
    span, column = torch.tensor([0, 1, 1, 0]), torch.tensor([2, 3, 5, 1])
    two, three = logits[:, 1:3].log_softmax(1), logits[:, 3:6].log_softmax(1)
    expected = -(two[0, 1] + three[1, 0] + three[2, 2] + two[3, 0]) / 4
    torch.testing.assert_close(Head(layout).cross_entropy(logits, span, column), expected)


@pytest.mark.parametrize("conditions", [True, False])
@pytest.mark.parametrize("dims", [(48,), (48, 40), (40, 48, 56)])
def test_generator_is_that_of_plain_layers(dims, conditions):
    """Values and gradients of batch norm, ReLU and concatenation, by torch's own, in float64."""
    net = Generator(4, dims, 41, 3 * conditions, random_of()).double()
    with torch.no_grad():
        for weight in net.parameters():
            weight.uniform_(-1, 1, generator=random_of(weight.numel()))
    condition = torch.randint(3, (30, 2), generator=random_of()) if conditions else None
    noise = net.noise(30, random_of())

    def plain(layer, x):
        h = torch.nn.functional.linear(x, layer.weight, layer.bias)
        return h + layer.table[condition].sum(dim=1) if conditions else h

    x = noise
    for layer, norm in zip(net.hidden, net.norms):
        h = torch.nn.functional.batch_norm(
            plain(layer, x), None, None, norm.weight, norm.bias, training=True
        )
        x = torch.cat([h.relu(), x], dim=1)
    ours, theirs = net.logits(noise, condition), plain(net.out, x)
    torch.testing.assert_close(ours, theirs)
    with torch.no_grad():
        torch.testing.assert_close(net.logits(noise, condition), theirs)
    weights = [weight for weight in net.parameters() if weight.numel()]
    grads = [torch.autograd.grad(out.cos().sum(), weights) for out in (ours, theirs)]
    torch.testing.assert_close(*grads)


def test_running_moments_are_those_of_batch_norm():
    net, norm = Generator(4, (5,), 3, 0, random_of()), torch.nn.BatchNorm1d(5)
    for momentum in (0.1, None):
        net.norms[0].momentum = norm.momentum = momentum
        net.norms[0].reset_running_stats(), norm.reset_running_stats()
        for seed in range(3):
            noise = net.noise(20, random_of(seed))
            norm(net.hidden[0](None, noise)), net.logits(noise, None)
        for mine, theirs in zip(net.norms[0].buffers(), norm.buffers()):
            torch.testing.assert_close(mine, theirs)
    net.eval(), norm.eval()
    h = norm(net.hidden[0](None, noise)).relu()
    torch.testing.assert_close(net.logits(noise, None), net.out(None, h, noise))


def poisoned(n):
    """Have the allocator hand out memory of `n` numbers that holds NaN, as freed memory may."""
    for k in (n // 4, n // 2, n, 2 * n):
        blocks = [torch.full((max(k, 1),), torch.nan) for _ in range(8)]
        del blocks


@pytest.mark.parametrize("embedding_dim", [16, 32, 50, 64, 100, 128])
@pytest.mark.parametrize("hidden", [(50, 50), (64, 64), (48,)])
def test_memory_that_was_not_written_is_never_read(embedding_dim, hidden):
    """Freed memory full of NaN does not reach a row: in training, and when rows are generated."""
    net = Generator(embedding_dim, hidden, 12, 3, random_of())
    condition = torch.randint(3, (500, 2), generator=random_of())
    for training in (True, False):
        net.train(training)
        poisoned(500 * (embedding_dim + sum(hidden)))
        with torch.set_grad_enabled(training):
            assert torch.isfinite(net(500, condition, random_of())).all()


def test_codes_follow_the_softmax_of_their_span():
    """Frequencies are the probabilities, offsets count, and certain codes are certain."""
    head = Head(Layout(1, (2, 3, 3), True))
    logits = torch.tensor([[0.0, 0.0, 1.0, 0.5, -1.0, 0.0, -1e9, 1e9, 0.0]]).repeat(40_000, 1)
    offsets = torch.tensor([0.5, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0])
    codes = head.sample_codes(logits, offsets, random_of())
    assert codes.shape == (40_000, 3) and codes.dtype == torch.int64
    for k, (start, width) in enumerate(zip(head.layout.starts, head.layout.widths)):
        wanted = (logits[0, start : start + width] + offsets[start - 1 :][:width]).softmax(0)
        found = torch.bincount(codes[:, k], minlength=width) / len(codes)
        torch.testing.assert_close(found, wanted, rtol=0, atol=0.012)
    assert set(codes[:, 2].tolist()) == {1}
    correlation = np.corrcoef(codes[:, 0], codes[:, 1])[0, 1]
    assert abs(correlation) < 0.03
