"""TVAEResampler: the bound against plain autograd, what it learns, what it is conditioned on."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

torch = pytest.importorskip("torch")

from conftest import random_of, small_nets  # noqa: E402
from skgensample import TVAEResampler  # noqa: E402
from skgensample.generators import _descent, _variational  # noqa: E402
from skgensample.generators._adversarial import Batch  # noqa: E402
from skgensample.generators._beside import beside  # noqa: E402
from skgensample.generators._descent import Adam  # noqa: E402
from skgensample.generators._encoding import Layout  # noqa: E402
from skgensample.generators._nets import Head  # noqa: E402
from skgensample.generators._variational import BoundStep, Decoder, Recognition  # noqa: E402
from skgensample.metrics import beta_recall_score  # noqa: E402


def made_step(layout, n=12, n_conditions=3):
    """A step in float64 whose batch is always the same."""
    random = torch.Generator().manual_seed(0)
    codes = [torch.randint(w, (n, 1), generator=random) for w in layout.widths]
    codes = torch.cat([torch.empty((n, 0), dtype=torch.long), *codes], dim=1)
    scalars = torch.randn(n, layout.n_scalars, generator=random, dtype=torch.float64)
    batch = Batch(scalars, codes, torch.randint(n_conditions, (n, 1), generator=random))
    recognition = Recognition((7, 6), 4, layout, n_conditions, random).double()
    decoder = Decoder((5, 6), 4, layout, n_conditions, random).double()
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
    monkeypatch.setattr(_descent, "advance", lambda optimizer: None)
    monkeypatch.setattr(_variational, "advance", lambda optimizer: None)
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


@pytest.fixture(scope="module")
def mixed():
    """Two classes in which two numbers go together in opposite ways, and a level goes with them."""
    rng = np.random.RandomState(0)
    y = np.repeat([0, 1], [1_600, 400])
    u, v = rng.normal(size=(2, 2_000))
    channel = np.where(u > 0, "web", np.where(rng.rand(2_000) < 0.8, "shop", "phone"))
    X = pd.DataFrame({
        "amount": np.exp(u),
        "delay": np.where(y == 1, u, -u) + 0.4 * v,
        "channel": channel,
        "count": rng.poisson(3, size=2_000),
    })  # fmt: skip
    return X, y


def test_each_class_keeps_its_own_dependence(mixed):
    X, y = mixed
    model = TVAEResampler(max_steps=1_000, random_state=0).fit(X, y)
    for label, sign in ((0, -1), (1, 1)):
        made, labels = model.sample(3_000, y=label)
        assert (labels == label).all()
        given = X[y == label]
        assert sign * stats.spearmanr(made["amount"], made["delay"])[0] > 0.75
        for column in ("amount", "delay"):
            assert stats.ks_2samp(made[column], given[column]).statistic < 0.08
            assert made[column].between(given[column].min(), given[column].max()).all()
        shares = made["channel"].value_counts(normalize=True)
        wanted = given["channel"].value_counts(normalize=True)
        assert (shares - wanted).abs().max() < 0.05
        web = made["amount"][made["channel"] == "web"]
        assert web.median() > 1.3 and made["amount"][made["channel"] != "web"].median() < 0.8
        assert made.dtypes.equals(X.dtypes)


def test_an_empty_layer_is_refused(mixed):
    for name in ("compress_dims", "decompress_dims"):
        with pytest.raises(ValueError, match=name):
            TVAEResampler(**{name: ()}).fit(*mixed)


def test_networks_too_large_are_refused(mixed):
    with pytest.raises(ValueError, match="Leave out or group"):
        TVAEResampler(compress_dims=(10**8,)).fit(*mixed)


def test_history_and_steps(mixed):
    model = TVAEResampler(**small_nets("TVAEResampler"), max_steps=300, random_state=0).fit(*mixed)
    assert list(model.history_) == ["step", "reconstruction_loss", "divergence", "criterion"]
    loss = model.history_["reconstruction_loss"] + model.history_["divergence"]
    assert loss[-50:].mean() < loss[:50].mean()
    assert np.isfinite(model.history_["criterion"]).sum() == 2


@pytest.mark.parametrize("n, steps", [(4, 1_000), (100, 2_000), (10**6, 4_000)])
def test_default_steps(n, steps):
    assert TVAEResampler()._default_steps(n) == steps


def test_the_default_dtype_of_torch_does_not_matter(mixed):
    X, y = mixed
    wanted = TVAEResampler(max_steps=20, random_state=0).fit(X, y).sample(20)[0]
    torch.set_default_dtype(torch.float64)
    try:
        found = TVAEResampler(max_steps=20, random_state=0).fit(X, y).sample(20)[0]
    finally:
        torch.set_default_dtype(torch.float32)
    pd.testing.assert_frame_equal(found, wanted)


@pytest.fixture(scope="module")
def scarce():
    """A scarce class on a line through 16 columns, beside a common one without dependence."""
    rng = np.random.RandomState(0)
    y = np.repeat([0, 1], [1_200, 120])
    X = rng.normal(size=(len(y), 16))
    X[y == 1] = 3 * rng.normal(size=(120, 1)) * rng.choice([-1, 1], size=16) + X[y == 1]
    return X, y


def test_a_scarce_class_is_covered_though_the_common_one_has_no_dependence(scarce):
    """Its noise is its own: with that of the common class its rows would be a cloud about 0."""
    X, y = scarce
    model = TVAEResampler(max_steps=800, early_stopping=False, random_state=0).fit(X, y)
    made, _ = model.sample(1_000, y=1)
    share = [np.linalg.eigvalsh(np.corrcoef(Z.T))[-1] / 16 for Z in (X[y == 1], made)]
    # other seeds: .84 to .94 and .53 to .90; with common deviations .55 to .68 and .08
    assert share[1] > 0.8 * share[0]
    assert beta_recall_score(X[y == 1], made, random_state=0) > 0.5


def test_deviations_are_those_of_the_class_and_shared_by_tiny_classes():
    rng = np.random.RandomState(0)
    y = np.repeat([0, 1, 2], [300, 120, 60])
    u = rng.normal(size=(480, 1))
    X = np.where(y[:, None] == 1, u + 0.1 * rng.normal(size=(480, 5)), rng.normal(size=(480, 5)))
    net = TVAEResampler(max_steps=300, random_state=0).fit(X, y).model_.table.net
    common, scarce, tiny = net.log_scales(torch.tensor([[0, 3], [1, 3], [2, 3]])).exp()
    assert (common > 0.7).all() and (scarce < 0.6 * common).all()
    torch.testing.assert_close(tiny, net.log_scale.exp())
