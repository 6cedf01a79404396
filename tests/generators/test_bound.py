"""The bound of a variational autoencoder: compiled, in a graph, and by torch's distributions."""

import os
import threading

import numpy as np
import pytest
from threadpoolctl import threadpool_info, threadpool_limits

torch = pytest.importorskip("torch")

from conftest import random_of  # noqa: E402
from skgensample.generators import _descent, _variational  # noqa: E402
from skgensample.generators._adversarial import Batch  # noqa: E402
from skgensample.generators._beside import beside  # noqa: E402
from skgensample.generators._blas import hold_one_blas_thread, one_blas_thread  # noqa: E402
from skgensample.generators._descent import Adam  # noqa: E402
from skgensample.generators._encoding import Layout  # noqa: E402
from skgensample.generators._nets import Head  # noqa: E402
from skgensample.generators._variational import BoundStep, Decoder, Recognition  # noqa: E402


def made_step(layout, n=12, n_conditions=3, kind=torch.float64, own_columns=1):
    """A step whose batch is always the same, by default in float64."""
    random = torch.Generator().manual_seed(0)
    codes = [torch.randint(w, (n, 1), generator=random) for w in layout.widths]
    codes = torch.cat([torch.empty((n, 0), dtype=torch.long), *codes], dim=1)
    scalars = torch.randn(n, layout.n_scalars, generator=random, dtype=kind)
    batch = Batch(scalars, codes, torch.randint(n_conditions, (n, own_columns), generator=random))
    recognition = Recognition((7, 6), 4, layout, n_conditions, random).to(kind)
    decoder = Decoder((5, 6), 4, layout, n_conditions, random).to(kind)
    weights = [*recognition.parameters(), *decoder.parameters()]
    step = BoundStep(
        recognition, decoder, Head(layout), lambda _: batch, Adam((weights, 1e-2, 0.0)), random
    )
    return step, batch


@pytest.mark.parametrize("compiled", [True, False])
@pytest.mark.parametrize("n", [1, 12, 13])
@pytest.mark.parametrize(
    "layout", [Layout(2, (2, 3, 3), False), Layout(0, (2, 4), False), Layout(3, (), False)]
)
def test_the_bound_is_that_of_one_hot_rows_and_torch_distributions(
    layout, n, compiled, monkeypatch
):
    """And so are the gradients of all weights; codes and conditions are never expanded in ours."""
    monkeypatch.setattr(_variational, "LEAST_LOG_SCALE", -0.3)
    monkeypatch.setattr(_descent, "advance", lambda *given: None)
    monkeypatch.setattr(_variational, "advance", lambda *given: None)
    step, batch = made_step(layout, n)
    recognition, decoder = step.recognition, step.decoder
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
    step._noise = beside(lambda: noise)
    x = mean + noise * posterior.stddev
    for layer in decoder.hidden:
        x = dense(layer, x, one_hot).relu()
    out = dense(decoder.out, x, one_hot)
    k = layout.n_scalars
    scale = decoder.log_scale + one_hot @ (decoder.own_log_scale * decoder.own)
    scale = scale.clamp_min(_variational.LEAST_LOG_SCALE).exp()
    normal = torch.distributions.Normal(out[:, :k], scale)
    likelihood = normal.log_prob(batch.scalars).sum(dim=1)
    for logits, code in zip(out[:, k:].split(layout.widths, dim=1), batch.codes.T):
        likelihood = likelihood + torch.distributions.Categorical(logits=logits).log_prob(code)
    weights = [w for net in step.nets for w in net.parameters() if w.numel()]
    expected = torch.autograd.grad(divergence - likelihood.mean(), weights, allow_unused=True)

    if not compiled:  # as on another device
        step.compiled = None
    for _ in range(2):  # what an earlier step left is written over
        if compiled:
            [part() for part in step.compiled.parts(batch, noise)]
    reconstruction, found = step()
    torch.testing.assert_close(found, divergence.detach())
    torch.testing.assert_close(reconstruction, -likelihood.mean().detach())
    for weight, gradient in zip(weights, expected):
        gradient = torch.zeros_like(weight) if gradient is None else gradient
        torch.testing.assert_close(weight.grad, gradient)


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
    assert abs(out[:, 1].std() - np.exp(_variational.LEAST_LOG_SCALE)) < 1e-3


def gradients(step, batch, noise, compiled):
    """Both losses and all gradients, compiled or by autograd."""
    weights = [w for net in step.nets for w in net.parameters()]
    if compiled:
        for part in step.compiled.parts(batch, noise):
            part()
        losses, _ = step.compiled.joined()
    else:
        losses = step.bound(batch, noise)
        losses.sum().backward()
    found = [weight.grad.clone() for weight in weights]
    for weight in weights:
        weight.grad.zero_()
    return losses.detach(), found


@pytest.mark.parametrize("own_columns", [1, 2])
@pytest.mark.parametrize("n", [1, 2, 97, 1_801])
def test_single_precision_and_several_conditions(n, own_columns):
    layout = Layout(3, (2, 9, 9), False)
    step, batch = made_step(layout, n, kind=torch.float32, own_columns=own_columns)
    noise = torch.randn(n, 4, generator=random_of(1))
    found, expected = (gradients(step, batch, noise, compiled) for compiled in (True, False))
    torch.testing.assert_close(found, expected)


@pytest.mark.parametrize("scale", [30.0, 1e5])
def test_far_logits_neither_overflow_nor_vanish(scale):
    step, batch = made_step(Layout(1, (4, 5), False))
    with torch.no_grad():
        step.decoder.out.weight.mul_(scale)
    noise = torch.randn(12, 4, generator=random_of(1), dtype=torch.float64)
    found, expected = (gradients(step, batch, noise, compiled) for compiled in (True, False))
    torch.testing.assert_close(found, expected)


@pytest.mark.parametrize("where", ["recognition", "decoder"])
@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_a_bad_weight_shows_in_the_losses_or_gradients(where, value):
    step, batch = made_step(Layout(2, (3,), False))
    with torch.no_grad():
        getattr(step, where).layers()[0].weight[0, 0] = value
    losses, found = gradients(step, batch, torch.zeros(12, 4, dtype=torch.float64), True)
    assert not all(torch.isfinite(one).all() for one in (losses, *found))


def test_steps_are_the_same_with_and_without_a_helper_and_in_a_graph():
    """A hundred steps: compiled and by autograd, in one thread and in two."""
    from skgensample.generators._beside import helper
    from skgensample.generators._scope import one_thread

    after = []
    for compiled, with_helper in ((True, False), (True, True), (False, False)):
        step, batch = made_step(Layout(3, (2, 4), False), n=64)
        step.draw = lambda random, batch=batch: batch
        step.draw.batch_size = 64
        step.compiled = step.compiled if compiled else None
        with one_thread(), step.scope(), helper(with_helper):
            losses = [step() for _ in range(100)]
        step.settle()
        after.append((torch.stack(losses), [*step.average.means]))
    assert torch.equal(after[0][0], after[1][0])
    torch.testing.assert_close(after[0], after[2])
    assert after[0][0][-1].sum() < after[0][0][0].sum()


def blas_threads():
    return [pool["num_threads"] for pool in threadpool_info() if pool["user_api"] == "blas"]


def test_blas_threads_come_back_when_the_last_scope_ends():
    before, inside, ready, leave = blas_threads(), [], threading.Event(), threading.Event()

    def other():
        with one_blas_thread():
            ready.set()
            leave.wait(10)
            inside.append(blas_threads())

    thread = threading.Thread(target=other)
    with pytest.raises(KeyError), one_blas_thread():
        thread.start()
        ready.wait(10)
        inside.append(blas_threads())
        raise KeyError
    inside.append(blas_threads())  # the other is still inside
    leave.set()
    thread.join()
    assert len(inside) == 3 and all(set(counts) <= {1} for counts in inside)
    assert blas_threads() == before


def test_a_limit_of_others_that_ends_inside_is_over_afterwards():
    """And does not let BLAS compute on more threads inside."""
    limit = threadpool_limits(1, "blas")
    before = limit.get_original_num_threads()["blas"]
    with one_blas_thread():
        limit.restore_original_limits()
        hold_one_blas_thread()
        assert set(blas_threads()) == {1}
    hold_one_blas_thread()  # outside there is nothing to hold
    assert set(blas_threads()) == {before}


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork")
def test_a_child_forked_inside_has_the_counts_from_before():
    before = blas_threads()
    with one_blas_thread():
        child = os.fork()
        if not child:
            with one_blas_thread():
                inside = blas_threads()
            os._exit(not (set(inside) == {1} and blas_threads() == before))
        assert os.waitpid(child, 0)[1] == 0
    assert blas_threads() == before
