"""AutoregressiveResampler: codes, the network's masks, likelihood, marginals, scores."""

import numpy as np
import pytest
from scipy import stats

torch = pytest.importorskip("torch")

from conftest import random_of
from skgensample import AutoregressiveResampler
from skgensample.generators._encoding.bins import BinEncoder, QuantileBins
from skgensample.generators._networks.masked import MaskedNetwork
from skgensample.generators._training.likelihood import random_orders
from skgensample.table import TableCodec


def tiny(**changes):
    settings = {"embedding_dim": 4, "hidden_dim": 8, "max_steps": 20, "random_state": 0}
    return AutoregressiveResampler(**settings | changes)


def network(any_order=False, n_codes=(2, 5, 3, 4)):
    frequencies = [np.full(n, 1 / n) for n in n_codes]
    sizes = list(n_codes)
    return MaskedNetwork(
        sizes, sizes, [None] * 4, frequencies, 6, 3, 2, 0.0, any_order, random_of()
    )


def test_bins_have_equal_counts_and_frequent_values_one_of_their_own(rng):
    x = np.concatenate([rng.normal(size=900), np.zeros(100)])
    block = QuantileBins(x, 20)
    codes = block.encode(x)
    counts = np.bincount(codes, minlength=block.n_codes)
    assert 15 <= block.n_codes <= 25 and counts.max() == 100 and counts.min() > 0
    assert (x[codes == codes[-1]] == 0).all()
    rest = np.sort(counts)[:-1]
    assert np.median(rest) == pytest.approx(50, abs=10)


def test_values_come_back_from_their_bins(rng):
    x = rng.gamma(2, size=2_000)
    x[::5] = np.nan
    block = QuantileBins(x, 40)
    codes = block.encode(x)
    made = block.decode(codes, 0, rng)
    np.testing.assert_array_equal(np.isnan(made), np.isnan(x))
    there = ~np.isnan(x)
    assert (
        np.abs(made - x)[there].max()
        <= np.diff(block.quantiles.decode(block.probabilities)).max() * 1.1
    )
    assert stats.ks_2samp(made[there], x[there]).statistic < 0.03
    assert np.isin(made[there], x[there]).mean() < 0.05  # no value of a single row is kept


def test_columns_that_repeat_earlier_ones_have_a_code_for_it(rng):
    bill = rng.gamma(2, 1_000, size=600).round(2)
    payment = np.where(rng.uniform(size=600) < 0.3, bill, rng.gamma(2, 500, size=600).round(2))
    Z = np.column_stack([bill, payment])
    columns = _columns(Z)
    group = np.zeros(600, dtype=int)
    encoder = BinEncoder(Z, columns, group, 30, range(2))
    _, outputs = encoder.encode(Z, group)
    block = encoder.blocks[1]
    assert block.copied == (0,)
    np.testing.assert_array_equal(outputs[:, 2] == block.n_inputs, bill == payment)
    X, y = Z, np.arange(600) % 2
    made = AutoregressiveResampler(max_steps=300, random_state=0).fit(X, y).sample(2_000)[0]
    assert np.mean(made[:, 0] == made[:, 1]) == pytest.approx(0.3, abs=0.05)


def _columns(Z):
    codec = TableCodec(categories="text", learned=True, missing=True)
    codec.fit_encode(Z)
    return codec.columns


@pytest.mark.parametrize("any_order", [False, True])
def test_no_column_sees_itself_or_what_it_must_not(any_order):
    net, codes = network(any_order), torch.zeros(1, 4, dtype=torch.long)
    given = torch.tensor([[True, False, True, False]]) if any_order else None
    before = net.states(codes, given)
    for j in range(4):
        other = codes.clone()
        other[:, j] = 1
        moved = (net.states(other, given) != before).any(2)[:, 0].tolist()
        seen = given[0, j].item() if any_order else True
        wanted = [seen and (k != j if any_order else k > j) for k in range(4)]
        assert moved == wanted


@pytest.mark.parametrize("any_order", [False, True])
def test_sampling_uses_the_distribution_that_training_learns(any_order):
    net = network(any_order)
    codes = torch.tensor([[1, 4, 2, 3]])
    given = torch.tensor([[True, True, True, False]]) if any_order else None
    losses = net.losses(codes, codes, given)
    x = torch.stack([net.embed(codes[:, j], j) for j in range(4)], dim=1)
    logits = net.column(x, 3, given)
    expected = -torch.log_softmax(logits, 1)[0, 3]
    torch.testing.assert_close(losses[3, 0], expected)


def test_random_orders_weigh_each_column_alike():
    given, weights = random_orders(20_000, 5, random_of())
    assert given[:, 0].all() and not given[:, 1:].all(1).any()
    np.testing.assert_allclose(weights.mean(1).numpy(), [0, 1, 1, 1, 1], atol=0.05)


def test_learns_dependence_and_marginals_of_each_class(rng):
    n = 3_000
    y = (rng.uniform(size=n) < 0.2).astype(int)
    x = rng.normal(size=n)
    X = np.column_stack([x, np.where(y == 1, -x, x) + 0.3 * rng.normal(size=n), rng.poisson(3, n)])
    model = AutoregressiveResampler(max_steps=600, random_state=0).fit(X, y)
    for label, sign in ((0, 1), (1, -1)):
        made = model.sample(2_000, y=label)[0]
        given = X[y == label]
        for j in range(3):
            assert stats.ks_2samp(made[:, j], given[:, j]).statistic < 0.06
        assert sign * stats.spearmanr(made[:, 0], made[:, 1])[0] > 0.85


def test_scores_are_log_densities(rng):
    """The mean score of a known distribution is near minus its entropy."""
    X = rng.multivariate_normal([0, 0], [[1, 0.8], [0.8, 1]], size=6_000)
    model = AutoregressiveResampler(random_state=0, max_steps=800).fit(X[:5_000])
    truth = stats.multivariate_normal([0, 0], [[1, 0.8], [0.8, 1]]).logpdf(X[5_000:])
    scores = model.score_samples(X[5_000:])
    assert scores.mean() == pytest.approx(truth.mean(), abs=0.2)
    assert np.corrcoef(scores, truth)[0, 1] > 0.8
    scaled = AutoregressiveResampler(random_state=0, max_steps=100).fit(1_000 * X[:5_000])
    plain = AutoregressiveResampler(random_state=0, max_steps=100).fit(X[:5_000])
    shift = plain.score_samples(X[5_000:]) - scaled.score_samples(1_000 * X[5_000:])
    assert np.median(shift) == pytest.approx(2 * np.log(1_000), abs=0.1)


def test_scores_with_labels_and_without(rng):
    y = np.repeat([0, 1], [300, 100])
    X = rng.normal(size=(400, 2)) + 4 * y[:, None]
    model = tiny(max_steps=300).fit(X, y)
    joint = np.array([model.score_samples(X, np.full(400, label)) for label in (0, 1)])
    mixed = np.logaddexp(joint[0] + np.log(0.75), joint[1] + np.log(0.25))
    np.testing.assert_allclose(model.score_samples(X), mixed, rtol=1e-6)
    assert ((joint[1] > joint[0]) == y).mean() > 0.95
    with pytest.raises(ValueError, match="not a class seen by fit"):
        model.score_samples(X, np.full(400, 2))
    with pytest.raises(ValueError, match="expecting 2 features"):
        model.score_samples(X[:, :1])


def test_scores_of_rows_that_cannot_be(rng):
    X, y = rng.normal(size=(400, 2)), np.arange(400) % 2
    model = tiny(max_steps=100).fit(X, y)
    far, out, usual, gap = model.score_samples([[1e6, 0], [7.9, 0], [0, 0], [np.nan, 0]])
    assert far < -1e4 and out < usual - 4 and gap == -np.inf
    few = np.column_stack([rng.choice([0, 1, 2, 10], 400), X[:, 0]])
    model = tiny().fit(few, y)
    unknown, known = model.score_samples([[5, 0], [10, 0]])
    assert unknown == -np.inf and np.isfinite(known)
    sampled = tiny(train_on="sampled").fit(X, np.repeat([0, 1], [300, 100]))
    with pytest.raises(ValueError, match="Class 0 was not to be sampled"):
        sampled.score_samples(X, np.repeat([0, 1], [300, 100]))


@pytest.mark.parametrize("order", ["fixed", "any"])
def test_scores_do_not_depend_on_the_other_rows(order, rng):
    a = rng.normal(size=300).round(1)
    X = np.column_stack(
        [a, np.where(rng.uniform(size=300) < 0.4, a, a + 1), rng.gamma(2, size=300)]
    )
    model = tiny(order=order, max_steps=50).fit(X)
    scores = model.score_samples(X)
    np.testing.assert_allclose(model.score_samples(X[::-1]), scores[::-1], rtol=1e-9)
    np.testing.assert_allclose(model.score_samples(np.repeat(X[:5], 80, axis=0))[::80], scores[:5])


def test_scores_of_frames_name_what_is_wrong(mixed_frame):
    X, y = mixed_frame
    model = tiny().fit(X, y)
    assert np.isfinite(model.score_samples(X, y)).all()
    with pytest.raises(ValueError, match="feature names should match"):
        model.score_samples(X.drop(columns="country"))
    other = X.assign(country="XX")
    with pytest.raises(ValueError, match="Row 0: Column 'country' has no such level"):
        model.score_samples(other)


def test_held_out_likelihood_ends_training(rng):
    X, y = rng.normal(size=(1_200, 3)), np.arange(1_200) % 2
    model = AutoregressiveResampler(random_state=0, max_steps=2_000).fit(X, y)
    criterion = model.history_["criterion"]
    found = criterion[~np.isnan(criterion)]
    assert len(criterion) < 2_000 and np.argmin(found) < len(found) - 1


def test_training_continues_as_if_it_had_not_stopped(blobs):
    X, y = blobs
    whole = tiny(max_steps=30, warm_start=True).fit(X, y)
    parts = tiny(max_steps=15, warm_start=True).fit(X, y).fit(X, y)
    np.testing.assert_array_equal(whole.sample(20)[0], parts.sample(20)[0])


def test_wide_tables_get_narrow_blocks_and_too_wide_ones_an_error(rng):
    y = np.arange(80) % 2
    model = AutoregressiveResampler(max_steps=1, random_state=0)
    net = model.fit(rng.normal(size=(80, 120)), y).model_.net
    assert net.hidden < 64 and model.fit(rng.normal(size=(80, 10)), y).model_.net.hidden == 64
    with pytest.raises(ValueError, match="hidden_dim"):
        AutoregressiveResampler(hidden_dim=512, max_steps=1).fit(rng.normal(size=(80, 400)), y)
