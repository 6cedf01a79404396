"""TVAEResampler: what it learns, and what it is conditioned on."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

torch = pytest.importorskip("torch")

from conftest import small_nets
from skgensample import TVAEResampler
from skgensample.metrics import beta_recall_score


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
    with pytest.raises(ValueError, match="compress_dims and decompress_dims"):
        TVAEResampler(compress_dims=(10**10,)).fit(*mixed)


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
    net = TVAEResampler(max_steps=500, random_state=0).fit(X, y).model_.tabular.net
    common, scarce, tiny = net.log_scales(torch.tensor([[0, 3], [1, 3], [2, 3]])).exp()
    assert (common > 0.7).all() and (scarce < 0.6 * common).all()
    torch.testing.assert_close(tiny, net.log_scale.exp())
