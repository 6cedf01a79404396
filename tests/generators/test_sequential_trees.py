"""Sequential trees: codes, leaves, exact probabilities, dependence, borrowing, order, privacy."""

import pickle

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import cross_val_predict

from skgensample import SequentialTreesResampler
from skgensample._runtime import memory
from skgensample.generators._trees.forest import MAX_LEVELS, bootstrap, level_order
from skgensample.generators._trees.leaves import LeafValues, Taste
from skgensample.generators._trees.model import LEAST_ALONE, MOST_ALONE
from skgensample.generators._trees.support import ColumnSupport
from skgensample.table import Column, Condition


def column(kind="float", **changes):
    return Column("a", 0, kind, **changes)


def dependent_rows(rng, n):
    """Three columns of which the second is a noisy square of the first, and a rare class."""
    X = rng.normal(size=(n, 3))
    X[:, 1] = X[:, 0] ** 2 + 0.1 * rng.normal(size=n)
    return X, (X[:, 0] + rng.normal(size=n) > 1).astype(int)


def test_codes_of_a_column_and_back(rng):
    x = np.array([3.0, np.nan, 1.0, 1.0, 7.0, 3.5])
    support = ColumnSupport(x, column(missing=True), observed_only=False)
    assert support.encode(x).tolist() == [1, 4, 0, 0, 3, 2]
    low, high = np.full(2, -np.inf), np.full(2, np.inf)
    values = support.decode(np.array([0] * 50 + [1] * 500 + [4]), low[0], high[0], rng)
    assert (values[:50] == 1).all()  # shared by two rows: an atom
    single = values[50:-1]  # the value of a single row: anything between its neighbours' midpoints
    assert 2 <= single.min() < 2.2 and 3.1 < single.max() <= 3.25 and len(set(single)) == 500
    assert np.isnan(values[-1])
    assert 3.0 not in support.representatives


def test_values_keep_the_resolution_of_the_column(rng):
    for kind, decimals, unit in (("integer", None, 1), ("float", 1, 10)):
        x = rng.choice(5_000, 400, replace=False) / unit
        support = ColumnSupport(x, column(kind, decimals=decimals), observed_only=False)
        values = support.decode(rng.randint(400, size=900), -np.inf, np.inf, rng) * unit
        np.testing.assert_allclose(values, np.rint(values), atol=1e-9)


@pytest.mark.parametrize("wanted", [None, np.array([0, 1, 1, 0], dtype=bool)])
@pytest.mark.parametrize("weights", [None, np.array([1, 3, 2, 5])])
@pytest.mark.parametrize("allowed", [None, np.array([1, 1, 0, 1], dtype=bool)])
def test_draws_have_the_probabilities_that_the_leaf_gives(rng, wanted, weights, allowed):
    """Three rows of the class in a leaf that asks for five: 3 / 5 own, 2 / 5 of the others."""
    own, lent = np.array([1, 1, 3]), np.array([0, 2, 2, 1])
    leaf = np.repeat([0, 1], [7, 4])
    group = np.concatenate([np.ones(3), [0, 0, 2, 2], np.zeros(4)]).astype(int)
    codes = np.concatenate([own, lent, [0, 1, 2, 3]])
    values = LeafValues(leaf, group, codes, (2, 3, 4), 5)
    pools = values.pools(np.zeros(60_000, int), 1, Taste(weights, allowed, wanted))
    weight = np.ones(4) if weights is None else weights
    first = np.bincount(own, minlength=4) * weight
    second = np.bincount(lent, minlength=4) * weight * (1 if allowed is None else allowed)
    expected = 0.6 * first / first.sum() + 0.4 * second / second.sum()
    expected *= 1 if wanted is None else wanted
    np.testing.assert_allclose(pools.probability, expected.sum())
    drawn = np.bincount(pools.draw(rng), minlength=4) / 60_000
    np.testing.assert_allclose(drawn, expected / expected.sum(), atol=0.01)


def test_what_a_leaf_does_not_hold_has_no_probability(rng):
    values = LeafValues(np.zeros(4, int), np.zeros(4, int), np.array([0, 0, 1, 1]), (1, 2, 3), 2)
    leaf = np.zeros(5, int)
    nothing = values.pools(leaf, 0, Taste(wanted=np.array([False, False, True])))
    assert (nothing.probability == 0).all() and (nothing.draw(rng) == -1).all()
    foreign = values.pools(leaf, 1, Taste(allowed=np.array([False, False, True])))
    assert (foreign.draw(rng) == -1).all()  # no row of the class, none that it may borrow


def test_values_of_a_leaf_are_sorted_and_without_row_numbers(rng):
    leaf, group, codes = (
        rng.randint(4, size=200),
        rng.randint(2, size=200),
        rng.randint(90, size=200),
    )
    values = LeafValues(leaf, group, codes, (4, 2, 90), 5)
    order = rng.permutation(200)
    shuffled = LeafValues(leaf[order], group[order], codes[order], (4, 2, 90), 5)
    np.testing.assert_array_equal(values.codes, shuffled.codes)
    np.testing.assert_array_equal(values.starts, shuffled.starts)


def test_levels_with_like_targets_are_next_to_each_other():
    means = np.array([[0.9, 0.1], [0.1, 0.9], [0.8, 0.2], [0.2, 0.8], [0.0, 0.0]])
    position = level_order(means, np.array([10, 10, 10, 10, 0]))
    assert {abs(position[0] - position[2]), abs(position[1] - position[3])} == {1}
    assert position[4] == 2  # a level without rows: in the middle


def test_bootstrap_draws_each_row_about_once(rng):
    rows, weights = bootstrap(10_000, rng)
    assert weights.sum() == 10_000 and len(rows) == pytest.approx(6_321, abs=150)


def test_leaves_hold_as_many_rows_as_asked_for(rng):
    X, y = dependent_rows(rng, 3_000)
    model = SequentialTreesResampler(random_state=0, min_samples_leaf=30).fit(X, y).model_
    for forest in (one for part in model.forests for one in part):
        for leaves in forest.leaves:
            sizes = np.diff(leaves.starts[:: leaves.n_classes])
            assert sizes.min() >= 30
            assert sizes.sum() == forest.leaves[0].starts[-1]


@pytest.mark.parametrize("n, error", [(600, 0.6), (6_000, 0.2)])  # independent columns: 1.2
def test_dependence_that_no_correlation_shows_is_learnt(rng, n, error):
    X, y = dependent_rows(rng, n)
    model = SequentialTreesResampler(random_state=0, sampling_strategy="all").fit(X, y)
    for label in (0, 1):
        made = model.sample(2_000, y=label)[0]
        real = X[y == label]
        assert np.abs(made[:, 1] - made[:, 0] ** 2).mean() < error
        for j in range(3):
            quantiles = np.linspace(0.05, 0.95, 10)
            np.testing.assert_allclose(
                np.quantile(made[:, j], quantiles), np.quantile(real[:, j], quantiles), atol=0.35
            )


def test_boosted_trees_hardly_tell_the_rows_from_real_ones(rng):
    pd = pytest.importorskip("pandas")
    X, y = dependent_rows(rng, 6_000)
    table = pd.DataFrame(X, columns=list("abc"))
    table["level"] = np.where(X[:, 0] > 0, "up", np.where(X[:, 2] > 1, "side", "down"))
    table["count"] = rng.poisson(np.exp(X[:, 2] / 2))
    real, seen = table[:3_000], table[3_000:].reset_index(drop=True)
    made, _ = SequentialTreesResampler(random_state=0).fit(seen, y[3_000:]).sample(3_000)
    both = pd.concat([real, made]).astype({"level": "category"})
    is_made = np.repeat([0, 1], 3_000)
    judge = HistGradientBoostingClassifier(categorical_features="from_dtype", random_state=0)
    scores = cross_val_predict(judge, both, is_made, cv=3, method="predict_proba")[:, 1]
    assert roc_auc_score(is_made, scores) < 0.58


def test_linear_effects_of_many_columns_reach_small_classes(rng):
    """Twenty equal effects: 25 leaves hold a few of them, one more predictor all."""
    X = rng.normal(size=(300, 21))
    X[:, 20] = X[:, :20].sum(axis=1) / np.sqrt(20)
    y = np.repeat([0, 1], 150)
    made = SequentialTreesResampler(random_state=0).fit(X, y).sample(3_000)[0]
    total = made[:, :20].sum(axis=1)
    assert np.corrcoef(total, made[:, 20])[0, 1] > 0.6


def test_which_classes_have_trees_of_their_own(rng):
    y = np.repeat([0, 1, 2, 3], [MOST_ALONE, MOST_ALONE - 1, LEAST_ALONE, LEAST_ALONE - 1])
    model = SequentialTreesResampler(random_state=0).fit(rng.normal(size=(len(y), 1)), y).model_
    parts = dict(zip(model.labels.tolist(), model.part_of.tolist()))
    assert parts[0] == parts[3] != parts[1] != parts[2] != parts[0]
    assert len(model.forests) == 3


def test_small_classes_borrow_within_their_range(rng):
    X = rng.normal(size=(2_500, 2))
    y = np.repeat([0, 1], [2_490, 10])
    X[y == 1] = rng.uniform(-0.5, 0.5, size=(10, 2))
    made = SequentialTreesResampler(random_state=0).fit(X, y).sample(4_000, y=1)[0]
    assert (made.min(axis=0) >= X[y == 1].min(axis=0)).all()
    assert (made.max(axis=0) <= X[y == 1].max(axis=0)).all()
    assert len(np.unique(made[:, 0])) > 2_000


def test_marginals_of_a_class_are_kept(rng):
    pd = pytest.importorskip("pandas")
    n = 8_000
    a = rng.choice(list("uvwx"), n, p=[0.5, 0.3, 0.15, 0.05])
    b = np.where(rng.uniform(size=n) < 0.7, a, rng.choice(list("uvwx"), n))
    y = (rng.uniform(size=n) < np.where(b == "x", 0.7, 0.3)).astype(int)
    table = pd.DataFrame({"a": a, "b": b, "amount": np.where(b == "u", 0, rng.lognormal(size=n))})
    model = SequentialTreesResampler(random_state=0, sampling_strategy="all").fit(table, y)
    for label in (0, 1):
        made, real = model.sample(40_000, y=label)[0], table[y == label]
        for name in "ab":
            gap = made[name].value_counts(normalize=True) - real[name].value_counts(normalize=True)
            assert gap.abs().max() < 0.01
        assert np.mean(made["amount"] == 0) == pytest.approx(np.mean(real["amount"] == 0), abs=0.01)


def test_missing_cells_come_with_their_reasons(rng):
    pd = pytest.importorskip("pandas")
    n = 4_000
    age, owner = rng.normal(size=n), rng.choice(["yes", "no"], n)
    rent = np.where((owner == "yes") | (age > 1.5), np.nan, age + rng.normal(size=n))
    text = pd.Series(rng.choice(list("pq"), n), dtype=object).mask(age < -1)
    table = pd.DataFrame({"age": age, "owner": owner, "rent": rent, "text": text, "none": np.nan})
    y = (rng.uniform(size=n) < 0.3).astype(int)
    made = SequentialTreesResampler(random_state=0).fit(table, y).sample(4_000)[0]
    assert made["rent"].isna()[made["owner"] == "yes"].mean() > 0.98
    assert made["rent"].isna()[(made["owner"] == "no") & (made["age"] < 1.3)].mean() < 0.03
    assert made["text"].isna()[made["age"] < -1.1].mean() > 0.95
    assert made["none"].isna().all()
    shown = made.dropna(subset=["rent"])
    assert np.corrcoef(shown["age"], shown["rent"])[0, 1] > 0.4


def test_hundreds_of_levels(rng):
    pd = pytest.importorskip("pandas")
    n = 6_000
    level = (300 * rng.beta(1, 3, n)).astype(int)
    value = level % 7 + 0.1 * rng.normal(size=n)
    table = pd.DataFrame({"shop": [f"s{one}" for one in level], "value": value})
    y = (rng.uniform(size=n) < 0.3).astype(int)
    model = SequentialTreesResampler(random_state=0).fit(table, y)
    assert model.model_.order == [1, 0] and table["shop"].nunique() > MAX_LEVELS
    made = model.sample(6_000)[0]
    off = np.abs(made["shop"].str[1:].astype(int) % 7 - made["value"])
    assert set(made["shop"]) <= set(table["shop"]) and np.mean(off < 0.5) > 0.6


def test_dates_money_and_integers_come_back_as_such(rng):
    pd = pytest.importorskip("pandas")
    n = 900
    day = pd.Timestamp("2024-01-01") + pd.to_timedelta(rng.randint(0, 700, n), unit="D")
    amount = rng.lognormal(3, 1, n).round(2)
    table = pd.DataFrame({"day": day, "amount": amount, "visits": rng.poisson(4, n)})
    made = (
        SequentialTreesResampler(random_state=0).fit(table, rng.randint(2, size=n)).sample(500)[0]
    )
    assert (made.dtypes == table.dtypes).all()
    assert (made["day"] == made["day"].dt.normalize()).all()
    np.testing.assert_allclose(made["amount"], made["amount"].round(2))


def test_order(rng):
    pd = pytest.importorskip("pandas")
    table = pd.DataFrame(rng.normal(size=(200, 3)), columns=["age", "income", "risk"])
    y = rng.randint(2, size=200)
    made = SequentialTreesResampler(order=["risk", "age", 1], random_state=0).fit(table, y)
    assert made.model_.order == [2, 0, 1]
    for order, fault in (
        (["rsk", "age", "income"], "column 'rsk' .*did you mean 'risk'"),
        ([7, "age", "income"], "column 7 that the table does not have"),
        (["age", "income"], "each of the 3 columns once, and names 2"),
        (["age", "age", "risk"], "names 3, of which 2 are different"),
    ):
        with pytest.raises(ValueError, match=fault):
            SequentialTreesResampler(order=order).fit(table, y)


def test_rows_do_not_depend_on_the_number_of_threads(rng):
    X, y = dependent_rows(rng, 500)
    made = [
        SequentialTreesResampler(random_state=3, n_jobs=n).fit(X, y).sample(300)[0]
        for n in (1, 2, -1, None)
    ]
    for other in made[1:]:
        np.testing.assert_array_equal(made[0], other)


def test_train_on_sampled_learns_no_other_class(rng):
    X, y = dependent_rows(rng, 400)
    model = SequentialTreesResampler(random_state=0, train_on="sampled").fit(X, y)
    assert model.sample(5, y=1)[1].tolist() == [1] * 5
    for asked in (0, None):
        with pytest.raises(ValueError, match=r"Class 0 was not to be sampled.*train_on='all'"):
            model.sample(5, y=asked)
    assert len(model.fit_resample(X, y)[0]) == 2 * np.sum(y == 0)
    nothing = clone(model).set_params(sampling_strategy={1: int(np.sum(y == 1))})
    assert len(nothing.fit_resample(X, y)[0]) == 400


@pytest.mark.parametrize("smoothing", [True, False])
def test_values_of_single_rows_are_not_repeated(rng, smoothing):
    X, y = dependent_rows(rng, 2_000)
    model = SequentialTreesResampler(random_state=0, smoothing=smoothing).fit(X, y)
    made = model.sample(4_000)[0]
    assert not set(made[:, 0]) & set(X[:, 0])
    assert X[5, 0].tobytes() not in pickle.dumps(model)


def test_smoothing_moves_a_value_up_to_half_way_to_the_next_in_the_leaf(rng):
    codes = np.array([0, 100, 0, 100, 7])
    values = LeafValues(np.array([0, 0, 1, 1, 1]), np.zeros(5, int), codes, (2, 1, 101), 1)
    movable = np.ones(101, dtype=bool)
    movable[20:30] = False  # values that many rows share
    drawn = values.pools(np.zeros(2_000, int), 0, Taste(movable=movable)).draw(rng)
    assert len(set(drawn)) > 40 and set(drawn) <= {*range(20), 30, *range(70, 101)}
    wanted = np.arange(101) < 15
    drawn = values.pools(np.zeros(500, int), 0, Taste(movable=movable, wanted=wanted)).draw(rng)
    assert drawn.max() < 15 and len(set(drawn)) > 10
    assert set(values.pools(np.zeros(500, int), 0, Taste()).draw(rng)) == {0, 100}


@pytest.mark.parametrize("place", [0, 1, 2])
def test_conditions_hold_and_their_probabilities_are_frequencies(rng, place):
    X, y = dependent_rows(rng, 3_000)
    X[::7, 2] = np.nan
    model = SequentialTreesResampler(random_state=0, sampling_strategy="all").fit(X, y).model_
    low, high = np.nanquantile(X[:, place], [0.3, 0.6])
    conditions = [Condition(place, place, None, low, high)]
    if place == 2:
        conditions.append(Condition(place, place, np.array([np.nan])))
    for condition in conditions:
        rows, free = (model.begin(np.arange(20_000) % 2) for _ in range(2))
        for j in model.order[: place + 1]:
            mass = rows.advance(j, condition if j == place else None, rng)
            assert free.advance(j, None, rng) is None
        assert condition.mask(rows.Z[:, place]).all()
        found = condition.mask(free.Z[:, place]).mean()
        # a free value of a single row may be drawn just outside an interval that holds its code's
        assert found == pytest.approx(mass.mean(), abs=0.015)


def test_columns_one_by_one_are_the_rows_that_are_drawn(rng):
    """With and without the codes of earlier columns at hand."""
    X, y = dependent_rows(rng, 400)
    model = SequentialTreesResampler(random_state=0).fit(X, y).model_
    whole = model.draw(1, np.random.RandomState(5), np.empty((50, 3)))
    again, source = np.zeros((50, 3)), np.random.RandomState(5)
    group = np.full(50, model.index(1))
    for place, j in enumerate(model.order):
        again[:, j] = model.column(place, again, group, source)[0]
    np.testing.assert_array_equal(whole, again)


@pytest.mark.parametrize("order", [["Name", "a", "b", "c"], [3, 2, 1, 0], ["c", "Name", 1, "b"]])
@pytest.mark.parametrize("ruled", [False, True])
def test_order_names_columns_of_the_given_table(rng, order, ruled):
    from skgensample.constraints import Inequality

    pd = pytest.importorskip("pandas")
    pytest.importorskip("faker")
    table = pd.DataFrame(rng.normal(size=(200, 3)), columns=["a", "b", "c"])
    table["b"] = table["a"] + np.abs(table["b"])
    table.insert(0, "Name", [f"Ann Lee{chr(97 + i % 26)}{chr(97 + i // 26)}" for i in range(200)])
    rules = [Inequality("a", "<=", "b")] * ruled
    model = SequentialTreesResampler(
        order=order, personal="fake", random_state=0, constraints=rules
    ).fit(table)
    names = [order_name if isinstance(order_name, str) else table.columns[order_name]
             for order_name in order]  # fmt: skip
    if not ruled:
        wanted = [name for name in names if name != "Name"]
        assert [table.columns[1:][j] for j in model.model_.order] == wanted
    assert model.sample(5)[0].shape == (5, 4)
    with pytest.raises(ValueError, match="did you mean 'Name'"):
        SequentialTreesResampler(order=["Nane", "a", "b", "c"], personal="fake").fit(table)


def test_whole_rows_of_a_small_table_hardly_come_back():
    """Integers and dates of 800 rows: 22 of 9,000 rows were training rows once."""
    pd = pytest.importorskip("pandas")
    repeated = 0
    for seed in (3, 4, 5):
        rng = np.random.RandomState(seed)
        table = pd.DataFrame({"a": rng.randint(18, 80, 800)})
        table["b"] = (table["a"] * 2 + rng.normal(0, 15, 800)).round().astype(int)
        table["c"] = rng.randint(0, 100, 800)
        days = pd.to_timedelta(rng.randint(0, 250, 800), unit="D")
        table["d"] = pd.Timestamp("2023-01-01") + days
        made, _ = SequentialTreesResampler(random_state=seed).fit(table).sample(3_000)
        given = set(table.itertuples(index=False, name=None))
        repeated += sum(row in given for row in made.itertuples(index=False, name=None))
    assert repeated <= 8


def test_trees_that_do_not_fit_in_memory_are_refused(monkeypatch):
    y = np.arange(200) % 4 == 0
    X = np.random.RandomState(0).normal(size=(200, 3)) + y[:, None]
    monkeypatch.setattr(memory, "NEVER_REFUSED", 0)
    monkeypatch.setattr(memory, "available_memory", lambda: 600 * 155)
    SequentialTreesResampler(random_state=0).fit(X, y)
    with pytest.raises(MemoryError, match="6 trees for each of 3 columns would need about 102,000"):
        SequentialTreesResampler(random_state=0, n_trees=6).fit(X, y)
