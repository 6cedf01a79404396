"""CTGANResampler: conditions, shares, what it learns, and what it must not do."""

import pickle

import numpy as np
import pytest
from scipy import stats

torch = pytest.importorskip("torch")

from skgensample import CTGANResampler
from skgensample.generators._encoding.conditions import ConditionTable
from skgensample.generators._encoding.layout import Layout
from skgensample.generators._sampling.tabular_model import reflect_into
from skgensample.generators._training.batches import TrainingBySampling


def tiny(**changes):
    settings = {"embedding_dim": 8, "generator_dim": (16,), "discriminator_dim": (16,)}
    settings |= {"batch_size": 40, "pac": 4, "max_steps": 10, "random_state": 0}
    return CTGANResampler(**settings | changes)


def random_of(seed=0):
    return torch.Generator().manual_seed(seed)


@pytest.fixture
def encoded():
    """400 rows of a rare and a common class with two discrete columns and one mixture mode."""
    rng = np.random.RandomState(0)
    group = np.repeat([0, 1], [380, 20])
    codes = np.column_stack(
        [
            (rng.uniform(size=400) < 0.1).astype(int),
            rng.randint(0, 3, size=400),
            rng.choice(4, p=[0.7, 0.2, 0.09, 0.01], size=400),
        ]
    ).astype(np.int32)
    scalars = np.arange(400, dtype=np.float32)[:, None]
    return scalars, codes, group, Layout(1, (2, 3, 4), True), [0, 2]


def draw_of(encoded, batch_size=20_000):
    scalars, codes, group, layout, spans = encoded
    cells, rows = ConditionTable.fit(codes, group, layout, spans)
    draw = TrainingBySampling(
        cells, rows, scalars, codes, batch_size=batch_size, device=torch.device("cpu")
    )
    return cells, draw


def test_condition_of_a_column_sets_the_bit_of_that_column(encoded):
    """Row, label, level index and output column of every drawn condition belong together."""
    _, codes, group, layout, _ = encoded
    _, draw = draw_of(encoded)
    batch = draw(random_of())
    row = batch.scalars[:, 0].long().numpy()
    label, level = batch.condition.numpy().T
    first = {0: 2, 2: 4}  # after two labels: span 0 has the indices 2, 3; span 2 has 4 to 7
    for span in (0, 2):
        here = batch.span.numpy() == span
        assert 0.45 < here.mean() < 0.55
        code = codes[row[here], span]
        np.testing.assert_array_equal(level[here], first[span] + code)
        np.testing.assert_array_equal(batch.column.numpy()[here], layout.starts[span] + code)
    np.testing.assert_array_equal(label, group[row])
    np.testing.assert_array_equal(batch.codes.numpy(), codes[row])


def test_training_draws_labels_and_levels_by_log_frequency(encoded):
    _, codes, group, _, _ = encoded
    _, draw = draw_of(encoded)
    batch = draw(random_of())
    label = batch.condition[:, 0].numpy()
    logs = np.log1p([380, 20])
    assert abs(np.mean(label == 1) - logs[1] / logs.sum()) < 0.02
    counts = np.bincount(codes[group == 0, 2], minlength=4)
    here = (label == 0) & (batch.span.numpy() == 2)
    shares = np.bincount(batch.condition[:, 1].numpy()[here] - 4, minlength=4) / here.sum()
    np.testing.assert_allclose(shares, np.log1p(counts) / np.log1p(counts).sum(), atol=0.03)


def test_rows_of_a_condition_are_drawn_evenly(encoded):
    _, draw = draw_of(encoded, batch_size=200_000)
    _, codes, group, _, _ = encoded
    batch = draw(random_of())
    cell = (batch.condition == torch.tensor([1, 4])).all(dim=1)
    rows = np.flatnonzero((group == 1) & (codes[:, 2] == 0))
    seen = np.bincount(batch.scalars[cell, 0].long().numpy(), minlength=400)
    assert seen[rows].sum() == cell.sum()
    assert seen[rows].min() > 0.8 * seen[rows].max()


def test_sampling_draws_levels_with_their_true_shares_in_the_class(encoded):
    cells, _ = draw_of(encoded)
    _, codes, group, _, _ = encoded
    condition = cells.sample(0, 40_000, np.random.RandomState(0))
    assert set(condition[:, 0]) == {0}
    second = condition[condition[:, 1] >= 4, 1] - 4
    assert abs(len(second) / 40_000 - 0.5) < 0.02
    shares = np.bincount(second, minlength=4) / len(second)
    true = np.bincount(codes[group == 0, 2], minlength=4) / 380
    np.testing.assert_allclose(shares, true, atol=0.015)


def test_without_discrete_columns_the_label_is_the_condition(encoded):
    scalars, codes, group, layout, _ = encoded
    cells, draw = draw_of((scalars, codes, group, layout, []), batch_size=2_000)
    batch = draw(random_of())
    assert cells.n_conditions == 3 and batch.span is None
    row = batch.scalars[:, 0].long().numpy()
    np.testing.assert_array_equal(batch.condition[:, 0].numpy(), group[row])
    assert set(cells.sample(1, 10, np.random.RandomState(0))[:, 0]) == {1}


@pytest.fixture
def mixed():
    rng = np.random.RandomState(0)
    y = np.repeat(["ok", "fraud"], [900, 60])
    fraud = y == "fraud"
    amount = np.where(fraud, rng.normal(50, 5, size=960), rng.normal(10, 2, size=960))
    kind = np.where(rng.uniform(size=960) < np.where(fraud, 0.9, 0.2), 4.0, 7.0)
    return np.column_stack([amount, kind, rng.normal(size=960)]), y


@pytest.fixture
def trained(mixed):
    settings = {"generator_dim": (64, 64), "discriminator_dim": (64, 64), "embedding_dim": 32}
    settings |= {"batch_size": 200, "pac": 2, "learning_rate": 1e-3, "max_steps": 300}
    return CTGANResampler(random_state=0, **settings).fit(*mixed)


def test_learns_each_class_and_its_categories(mixed, trained):
    X, y = mixed
    for label in ("ok", "fraud"):
        made, labels = trained.sample(2_000, y=label)
        given = X[y == label]
        assert (labels == label).all() and len(made) == 2_000
        assert abs(made[:, 0].mean() - given[:, 0].mean()) < 2
        assert 0.4 < made[:, 0].std() / given[:, 0].std() < 1.6
        assert set(made[:, 1]) <= {4.0, 7.0}
        assert abs(np.mean(made[:, 1] == 4) - np.mean(given[:, 1] == 4)) < 0.15


def test_labels_at_sampling_have_the_observed_shares(trained):
    _, labels = trained.sample(20_000)
    assert abs(np.mean(labels == "fraud") - 60 / 960) < 0.01


def test_rows_stay_in_the_box_of_their_class(mixed):
    X, y = mixed
    model = tiny(max_steps=3).fit(X, y)
    for label in ("ok", "fraud"):
        made, _ = model.sample(500, y=label)
        given = X[y == label]
        assert (made >= given.min(axis=0)).all() and (made <= given.max(axis=0)).all()


def test_bounds_are_no_matter_of_category_codes_and_keep_discrete_numbers_observed():
    pd = pytest.importorskip("pandas")
    rng = np.random.RandomState(0)
    y = np.repeat([0, 1], [300, 60])
    number = np.where(y == 1, rng.choice([2.5, 4.0], size=360), rng.choice([1.0, 9.5], size=360))
    text = np.where(y == 1, rng.choice(["b", "c"], size=360), rng.choice(list("abcde"), size=360))
    X = pd.DataFrame({"number": number, "text": text})
    made, _ = tiny(max_steps=1).fit(X, y).sample(5_000, y=1)
    assert set(made["number"]) == {2.5, 4.0}
    # texts that the class lacks are as rare as one row of the whole table makes them
    assert {"a", "e"} <= set(made["text"]) and np.isin(made["text"], ["b", "c"]).mean() > 0.98


@pytest.mark.parametrize("lo, hi", [(2.0, 5.0), (0.0, 1e-12), (3.0, 3.0), (-1.7e308, 1.7e308)])
def test_folding_mirrors_into_the_range(lo, hi):
    x = np.array([lo - 0.25 * (hi / 4 - lo / 4), lo, hi, hi + (hi / 4 - lo / 4), 1e9, -1e9])
    given = x.copy()
    reflect_into(x, lo, hi, np.random.RandomState(0))
    np.clip(x, lo, hi, out=x)
    assert (x >= lo).all() and (x <= hi).all()
    np.testing.assert_array_equal(x[1:3], given[1:3])
    if (lo, hi) == (2.0, 5.0):
        np.testing.assert_allclose(x[[0, 3]], [2.1875, 4.25])


def test_networks_draw_in_evaluation_mode(mixed):
    net = tiny().fit(*mixed).model_.tabular.net
    assert not any(module.training for module in net.modules())
    assert all(norm.num_batches_tracked > 10 for norm in net.norms)


def test_a_loaded_model_draws_the_same_rows(mixed):
    model = tiny().fit(*mixed)
    loaded = pickle.loads(pickle.dumps(model))
    np.testing.assert_array_equal(model.sample(30)[0], loaded.sample(30)[0])
    text = pickle.dumps(model)
    assert not any(row.tobytes() in text for row in mixed[0])


def test_renaming_labels_changes_nothing_else(mixed):
    X, y = mixed
    renamed = np.where(y == "ok", "z", "a")
    other = np.where(y == "ok", "a", "z")
    made = [tiny().fit_resample(X, labels)[0] for labels in (renamed, other)]
    np.testing.assert_array_equal(*made)


def test_same_rows_on_any_number_of_threads(mixed):
    before, results = torch.get_num_threads(), []
    try:
        for threads in (1, 2):
            torch.set_num_threads(threads)
            results.append(tiny().fit_resample(*mixed)[0])
    finally:
        torch.set_num_threads(before)
    np.testing.assert_array_equal(*results)


def test_max_steps_counts_optimiser_steps(mixed):
    model = tiny(max_steps=7).fit(*mixed)
    np.testing.assert_array_equal(model.history_["step"], np.arange(1, 8))
    assert {name: len(column) for name, column in model.history_.items()} == dict.fromkeys(
        ("step", "critic_loss", "generator_loss", "criterion"), 7
    )
    assert np.isfinite(model.history_["critic_loss"]).all()


def test_synthetic_output_has_the_counts_of_the_augmented(mixed):
    X, y = mixed
    made, labels = tiny(output="synthetic", max_steps=3).fit_resample(X, y)
    assert len(made) == 1_800 and np.mean(labels == "fraud") == 0.5
    assert not any((row == X).all(axis=1).any() for row in made)


@pytest.mark.parametrize(
    "batch_size, pac, n", [(40, 7, 300), (2, 10, 300), (500, 10, 9), (3, 1, 2)]
)
def test_any_batch_size_becomes_whole_packs(batch_size, pac, n):
    rows = tiny(batch_size=batch_size, pac=pac)._batch_rows(n)
    assert rows % pac == 0 and rows >= max(pac, 2)
    assert rows <= max(batch_size, pac) and rows <= max(n, 64)


def test_any_batch_size_trains(mixed):
    model = tiny(batch_size=2, pac=7, max_steps=2).fit(*mixed)
    assert len(model.sample(5, y="fraud")[0]) == 5


def test_class_of_one_row_beside_those_sampled():
    rng = np.random.RandomState(0)
    X, y = rng.normal(size=(61, 2)), np.repeat([0, 1, 2], [40, 20, 1])
    y_new = tiny(sampling_strategy={1: 40}, max_steps=3).fit_resample(X, y)[1]
    np.testing.assert_array_equal(np.bincount(y_new), [40, 40, 1])


def test_fifteen_thousand_categories():
    pd = pytest.importorskip("pandas")
    rng = np.random.RandomState(0)
    names = np.array([f"level{i}" for i in range(15_000)])
    X = pd.DataFrame({"a": rng.normal(size=20_000), "b": names[np.arange(20_000) % 15_000]})
    y = np.repeat([0, 1], [15_000, 5_000])
    model = tiny(max_steps=3).fit(X, y)
    made, _ = model.sample(2_000, y=1)
    assert made["b"].isin(X["b"]).all()
    assert len(pickle.dumps(model.model_)) < 3e6


def test_mixed_frame_keeps_dtypes_and_levels():
    pd = pytest.importorskip("pandas")
    rng = np.random.RandomState(0)
    n = 200
    X = pd.DataFrame(
        {
            "text": rng.choice(["a", "b", "c"], size=n),
            "cat": pd.Categorical(rng.choice(["x", "y"], size=n), categories=["y", "x", "never"]),
            "flag": rng.uniform(size=n) < 0.2,
            "count": rng.randint(0, 500, size=n),
            "amount": rng.gamma(2, size=n).astype("float32"),
        }
    )
    y = pd.Series(np.repeat([0, 1], [150, 50]), name="target")
    made, labels = tiny(max_steps=3).fit(X, y).sample(100, y=1)
    assert (made.dtypes == X.dtypes).all() and labels.name == "target"
    assert set(made["text"]) <= {"a", "b", "c"}
    assert set(made["cat"]) <= {"x", "y"}
    assert made["count"].between(0, 499).all()


def test_numbers_of_each_class_have_its_margins_however_short_the_training():
    """Whatever modes and distances the networks make, ranks within the class are set at the end."""
    rng = np.random.RandomState(0)
    y = np.repeat([0, 1], [500, 100])
    X = np.column_stack([rng.normal(size=600) + 4 * y, rng.exponential(size=600) * (1 + 3 * y)])
    model = tiny().fit(X, y)
    for label in (0, 1):
        made, _ = model.sample(2_000, y=label)
        for x, given in zip(made.T, X[y == label].T):
            assert stats.ks_2samp(x, given).statistic < 0.06
            assert given.min() <= x.min() and x.max() <= given.max()
            assert not np.isin(x, given).any()
