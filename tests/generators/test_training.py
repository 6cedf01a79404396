"""The scope of determinism, the loop, the networks and the two-player step."""

import os
import sys
import threading
import time

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from skgensample.generators import _beside, _nets, _products  # noqa: E402
from skgensample.generators._adversarial import (  # noqa: E402
    Batch,
    BinaryCrossEntropy,
    TwoPlayerStep,
    Wasserstein,
)
from skgensample.generators._beside import beside, helper, later_gradients  # noqa: E402
from skgensample.generators._descent import Adam, as_one  # noqa: E402
from skgensample.generators._encoding import Layout  # noqa: E402
from skgensample.generators._nets import (  # noqa: E402
    ConditionedLinear,
    Critic,
    Generator,
    Head,
    _slopes,
)
from skgensample.generators._training import (  # noqa: E402
    WeightAverage,
    default_max_steps,
    in_threads,
    one_thread,
    resolve_device,
    seeded,
)

CPU = torch.device("cpu")


def random_of(seed=0):
    return torch.Generator().manual_seed(seed)


def test_seeded_leaves_torch_as_it_was():
    state, threads = torch.random.get_rng_state(), torch.get_num_threads()
    with torch.no_grad(), seeded(np.random.RandomState(0), CPU) as random:
        assert torch.is_grad_enabled()
        assert torch.get_num_threads() == 1
        Generator(4, (8,), 3, 2, random)(5, torch.zeros((5, 1), dtype=torch.long), random)
    assert torch.is_grad_enabled()
    assert torch.get_num_threads() == threads
    assert torch.equal(torch.random.get_rng_state(), state)


def test_seeded_restores_threads_after_an_error_and_from_several_threads():
    threads = torch.get_num_threads()
    with pytest.raises(KeyboardInterrupt), seeded(np.random.RandomState(0), CPU):
        raise KeyboardInterrupt
    inside, leave, seen = threading.Barrier(3), threading.Event(), []

    def work():
        with seeded(np.random.RandomState(0), CPU):
            inside.wait()
            leave.wait()
        seen.append(torch.get_num_threads())

    workers = [threading.Thread(target=work) for _ in range(2)]
    for worker in workers:
        worker.start()
    inside.wait()
    leave.set()
    for worker in workers:
        worker.join()
    assert seen == [threads, threads]
    assert torch.get_num_threads() == threads


def test_a_thread_stays_single_when_another_leaves_before_its_first_sum():
    entered, left, seen = threading.Event(), threading.Event(), []

    def first():
        with seeded(np.random.RandomState(0), CPU):
            torch.ones(4).sum()
            entered.wait()
        left.set()

    def second():
        with seeded(np.random.RandomState(0), CPU):
            entered.set()
            left.wait()
            seen.append(torch.get_num_threads())

    threads = torch.get_num_threads()
    torch.set_num_threads(2)
    try:
        workers = [threading.Thread(target=work) for work in (first, second)]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
    finally:
        torch.set_num_threads(threads)
    assert seen == [1]


def test_seeded_draws_follow_the_seed():
    draws = []
    for seed in (0, 0, 1):
        with seeded(np.random.RandomState(seed), CPU) as random:
            draws.append(torch.rand(3, generator=random))
    assert torch.equal(draws[0], draws[1])
    assert not torch.equal(draws[0], draws[2])


def test_default_max_steps_grows_with_the_rows_within_bounds():
    steps = [default_max_steps(n) for n in (2, 100, 300, 10**6)]
    assert steps == sorted(steps)
    assert steps[0] == 500 and steps[-1] == 2_000
    assert steps[1] < steps[2]


def test_unusable_device_is_refused():
    with pytest.raises(ValueError, match="device='abacus'"):
        resolve_device("abacus")
    assert resolve_device("cpu") == CPU


def test_average_of_constant_weights_is_the_weights_and_of_a_line_lies_behind():
    net = torch.nn.Linear(1, 1)
    average = WeightAverage(net)
    for value in range(1, 201):
        with torch.no_grad():
            net.weight.fill_(value)
            net.bias.fill_(3.0)
        average.update()
    average.install(net)
    assert net.bias.item() == pytest.approx(3)
    assert 170 < net.weight.item() < 190


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
    scalars, codes = head.hard(logits, random_of(1))
    rows = head.expand(scalars, codes)
    for k, (start, width) in enumerate(zip(layout.starts, layout.widths)):
        span = rows[:, start : start + width]
        assert torch.equal(span.argmax(dim=1), codes[:, k])
        assert torch.equal(span.sum(dim=1), torch.ones(200))


def test_hard_codes_follow_the_softmax():
    logits = torch.tensor([[0.0, 1.0, 2.0]]).repeat(20_000, 1)
    _, codes = Head(Layout(0, (3,), False)).hard(logits, random_of())
    shares = torch.bincount(codes[:, 0], minlength=3) / len(codes)
    torch.testing.assert_close(shares, logits[0].softmax(0), atol=0.015, rtol=0)


def test_cross_entropy_is_that_of_the_span_asked_for():
    layout = Layout(1, (2, 3), True)
    logits = torch.randn(4, 6, generator=random_of())
    span, column = torch.tensor([0, 1, 1, 0]), torch.tensor([2, 3, 5, 1])
    two, three = logits[:, 1:3].log_softmax(1), logits[:, 3:6].log_softmax(1)
    expected = -(two[0, 1] + three[1, 0] + three[2, 2] + two[3, 0]) / 4
    torch.testing.assert_close(Head(layout).cross_entropy(logits, span, column), expected)


@pytest.fixture(params=[BinaryCrossEntropy(), Wasserstein()], ids=["bce", "wasserstein"])
def step(request):
    layout, random = Layout(2, (3,), True), random_of()
    rows = torch.rand(8, 2), torch.randint(3, (8, 1))
    condition = torch.randint(4, (8, 1))
    generator = Generator(4, (8,), layout.width, 4, random)
    critic = Critic(layout.width, (8,), 4, 2, random)
    batch = Batch(*rows, condition)
    optimizers = Adam((critic.parameters(), 1e-2, 0.0)), Adam((generator.parameters(), 1e-2, 0.0))
    players = generator, critic, Head(layout), request.param, lambda random: batch, optimizers
    return TwoPlayerStep(*players, random)


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
    step.critic_step(*step.shown(batch), fake.detach())
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
        return step.critic.judge(torch.cat([h, direction], 1), random)

    scores = score(torch.cat([real, fake]))
    if isinstance(step.objective, BinaryCrossEntropy):
        return step.objective.critic_loss(
            type("Fixed", (), {"judge": lambda self, h, random: h})(), *scores.chunk(2), random
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


@pytest.mark.parametrize("with_helper", [False, True])
def test_gradients_left_for_later_are_those_of_plain_autograd(step, monkeypatch, with_helper):
    """Halves, several uses of one weight, biases, tables: in float64, with and without a helper."""
    monkeypatch.setattr(_products, "LARGE", 0)
    monkeypatch.setattr(_products, "LONG", 0)
    for net in (step.critic, step.generator):
        net.double()
        as_one(net.parameters())
    with torch.no_grad():
        step.critic.directions.uniform_(-1, 1, generator=step.random)
    batch, _, _ = played(step)
    drawn = step.random.get_state()

    def losses():
        step.random.set_state(drawn)
        fake = played(step)[2]
        rows = step.head.expand(batch.scalars.double(), batch.codes)
        embedded = step.critic.embed(torch.cat([rows, fake]), step.critic.offsets(batch.condition))
        return step.objective.critic_loss(step.critic, *embedded.chunk(2), step.random)

    weights = [*step.critic.parameters(), *step.generator.parameters()]
    theirs = torch.autograd.grad(losses(), weights, allow_unused=True)
    with one_thread(), helper(with_helper), later_gradients():
        losses().backward()
    for weight, expected in zip(weights, theirs):
        expected = torch.zeros_like(weight) if expected is None else expected
        torch.testing.assert_close(weight.grad, expected)


@pytest.mark.parametrize("conditions", [True, False])
@pytest.mark.parametrize("dims", [(48,), (48, 40), (40, 48, 56)])
def test_generator_is_that_of_plain_layers(monkeypatch, dims, conditions):
    """Values and gradients of batch norm, ReLU and concatenation, by torch's own, in float64."""
    monkeypatch.setattr(_products, "LONG", 0)
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


def test_running_moments_are_those_of_batch_norm(monkeypatch):
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
    monkeypatch.setattr(_nets, "narrowest", lambda like: like.dtype)
    h = norm(net.hidden[0](None, noise)).relu()
    torch.testing.assert_close(net.logits(noise, None), net.out(None, h, noise))


@pytest.mark.parametrize("conditions", [True, False])
@pytest.mark.parametrize("n_scalars", [0, 4, 12])
def test_drawn_rows_are_those_of_plain_layers(monkeypatch, n_scalars, conditions):
    """In float64 to the last digits; in bfloat16 to a few per mille, and scalars do not clump."""
    net = Generator(16, (48, 40), 12, 3 * conditions, random_of())
    net.start_from(torch.full((12 - n_scalars,), 0.5))
    condition = torch.randint(3, (3_000, 2), generator=random_of()) if conditions else None
    noise = net.noise(3_000, random_of())
    with torch.no_grad():
        for _ in range(3):
            net.logits(noise, condition)  # moments of batch norm
        net.eval()
        x = noise.double()
        for layer, norm in zip(net.hidden, net.norms):
            h = torch.nn.functional.linear(x, layer.weight.double(), layer.bias.double())
            h = h + (layer.table[condition].sum(dim=1) if conditions else 0)
            h = (h - norm.running_mean) / (norm.running_var + norm.eps).double().sqrt()
            x = torch.cat([(h * norm.weight + norm.bias).relu(), x], dim=1)
        wanted = torch.nn.functional.linear(x, net.out.weight.double(), net.out.bias.double())
        wanted = wanted + (net.out.table[condition].sum(dim=1) if conditions else 0)
        monkeypatch.setattr(_nets, "narrowest", lambda like: torch.bfloat16)
        found = net.logits(noise, condition)
        assert found.dtype == torch.float32
        assert (found - wanted).abs().mean() < 0.01 * wanted.std()
        assert all(len(column.unique()) > 2_500 for column in found[:, :n_scalars].T)
        monkeypatch.undo()
        torch.testing.assert_close(net.double().logits(noise.double(), condition), wanted)


def test_products_are_in_full_precision_whatever_the_caller_asked_for():
    torch.set_float32_matmul_precision("medium")
    try:
        with one_thread():
            assert torch.get_float32_matmul_precision() == "highest"
            with one_thread():
                pass
            assert torch.get_float32_matmul_precision() == "highest"
        assert torch.get_float32_matmul_precision() == "medium"
    finally:
        torch.set_float32_matmul_precision("highest")


def test_label_smoothing_moves_the_target_of_real_rows_only():
    class Fixed:
        def judge(self, h, random):
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


def test_a_scope_inside_another_leaves_torch_on_one_thread():
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    try:
        with one_thread():
            with one_thread() as outside:
                assert outside == 2 and torch.get_num_threads() == 1
            assert torch.get_num_threads() == 1
        assert torch.get_num_threads() == 2
    finally:
        torch.set_num_threads(before)


@pytest.mark.parametrize("with_helper", [False, True])
def test_jobs_are_done_once_in_their_order_and_raise_where_they_are_wanted(with_helper):
    done = []
    with one_thread(), helper(with_helper):
        first = beside(lambda: done.append(1))
        second = beside(lambda: done.append(2) or threading.current_thread(), after=first)
        fault = beside(lambda: 1 / 0)
        who = second.result()
        second.run()
        with pytest.raises(ZeroDivisionError):
            fault.result()
    assert done == [1, 2]
    assert with_helper or who is threading.current_thread()


def test_a_helper_computes_on_one_thread_and_ends_with_its_scope():
    before = threading.active_count()
    with one_thread(), helper():
        jobs = [beside(torch.get_num_threads) for _ in range(50)]
        while not jobs[-1].begun.locked():  # leave all of them to the helper
            pass
        assert {job.result() for job in jobs} == {1}
        assert threading.active_count() == before + 1
    assert threading.active_count() == before


@pytest.mark.skipif(sys.platform != "linux", reason="asks Linux for its threads")
def test_threads_are_waited_for_until_the_system_has_ended_them(monkeypatch):
    slow = threading.Thread(target=time.sleep, args=(0.1,))
    slow.start()
    _beside.wait_for_end([slow.native_id])
    assert not os.path.exists(f"/proc/self/task/{slow.native_id}")
    monkeypatch.setattr(_beside, "PATIENCE", 0.05)
    start = time.monotonic()
    _beside.wait_for_end([threading.get_native_id()])  # which will not end
    assert 0.04 < time.monotonic() - start < 1


@pytest.mark.skipif(sys.platform != "linux", reason="asks Linux for its threads")
def test_no_thread_is_left_after_threads_worked():
    def tasks():
        return set(os.listdir("/proc/self/task"))

    before = tasks()
    threads = torch.get_num_threads()
    try:
        torch.set_num_threads(2)
        seen = []
        in_threads(lambda _: seen.append(tasks() - before), range(8))
    finally:
        torch.set_num_threads(threads)
    assert set().union(*seen) and not tasks() - before
