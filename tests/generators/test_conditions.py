"""`sample` under conditions and from partial rows, tables without labels, for every generator."""

import warnings

import numpy as np
import pytest
from scipy import stats

import skgensample
from conftest import GENERATORS, HAS_TORCH, small_nets
from skgensample.generators._sequential.particles import complete, sample_conditioned

pd = pytest.importorskip("pandas")

NAMES = ["GaussianCopulaResampler", "SequentialTreesResampler", *(GENERATORS if HAS_TORCH else ())]


def made_model(name, **changes):
    nets = small_nets(name) | {"max_steps": 20} if name in GENERATORS else {}
    return getattr(skgensample, name)(random_state=0, **nets | changes)


@pytest.fixture(scope="module")
def table():
    """Purchases: the amount depends on the channel, the age on both; 10 % fraud."""
    rng = np.random.RandomState(0)
    n = 1_000
    y = np.where(rng.uniform(size=n) < 0.1, "fraud", "ok")
    channel = rng.choice(["web", "shop", "atm"], n, p=[0.3, 0.5, 0.2])
    amount = rng.gamma(2, 40, n) * np.where(channel == "web", 3, 1) * np.where(y == "fraud", 2, 1)
    X = pd.DataFrame(
        {
            "channel": channel,
            "amount": amount.round(2),
            "age": (30 + amount / 20 + rng.normal(0, 5, n)).round().astype(int),
            "day": pd.Timestamp("2024-01-01") + pd.to_timedelta(rng.randint(0, 60, n), "D"),
            "score": np.where(rng.uniform(size=n) < 0.2, np.nan, rng.normal(size=n)),
        }
    )
    return X, y


@pytest.fixture(scope="module")
def fitted(table):
    models = {}

    def of(name):
        if name not in models:
            models[name] = made_model(name, sampling_strategy="all").fit(*table)
        return models[name]

    return of


CONDITIONS = (
    {"channel": "web"},
    {"channel": ["web", "atm"], "age": (30, None)},
    {"day": (pd.Timestamp("2024-01-10"), pd.Timestamp("2024-02-20")), "amount": (None, 200.0)},
)


def holds(frame, conditions):
    found = np.ones(len(frame), dtype=bool)
    for name, wanted in conditions.items():
        cells = frame[name]
        if isinstance(wanted, tuple):
            low, high = wanted
            found &= (cells >= low) if low is not None else True
            found &= (cells <= high) if high is not None else True
        else:
            found &= cells.isin(wanted if isinstance(wanted, list) else [wanted])
    return found


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("conditions", CONDITIONS)
def test_every_row_satisfies_the_conditions(name, conditions, fitted, table):
    model = fitted(name)
    X, y = model.sample(60, conditions=conditions)
    assert len(X) == len(y) == 60 and holds(X, conditions).all()
    assert (X.dtypes == table[0].dtypes).all()
    X, y = model.sample(20, y="fraud", conditions=conditions)
    assert holds(X, conditions).all() and (np.asarray(y) == "fraud").all()
    again, _ = model.sample(20, y="fraud", conditions=conditions)
    pd.testing.assert_frame_equal(X, again)


@pytest.mark.parametrize("name", NAMES)
def test_partial_rows_are_completed_in_their_order(name, fitted, table):
    partial = table[0][["channel"]].iloc[:40].copy()
    partial.loc[partial.index[3], "channel"] = None
    partial.index = np.arange(100, 140)
    X, y = fitted(name).sample(partial=partial)
    assert len(y) == 40 and X.index.equals(partial.index)
    given = partial["channel"].notna()
    np.testing.assert_array_equal(X["channel"][given], partial["channel"][given])
    assert X["channel"].notna().all() and X["amount"].notna().all()


EXACT = ["GaussianCopulaResampler", "SequentialTreesResampler", "AutoregressiveResampler"]


@pytest.mark.parametrize("name", EXACT)
def test_partial_numbers_and_dates(name, fitted, table):
    if name not in NAMES:
        pytest.skip("torch is not installed")
    partial = table[0][["amount", "age", "day", "score"]].iloc[200:230]
    X, _ = fitted(name).sample(partial=partial, y="ok")
    for column in ("amount", "age", "day"):
        np.testing.assert_array_equal(X[column], partial[column])
    there = partial["score"].notna()
    np.testing.assert_array_equal(X["score"][there], partial["score"][there])


REFUSED = (
    ({"chanel": "web"}, "did you mean 'channel'"),
    ({"channel": "wep"}, "did you mean 'web'"),
    ({"channel": ("a", "b")}, "no order"),
    ({"channel": []}, "empty"),
    ({"age": (500, 600)}, "observed range"),
    ({"age": (40, 30)}, "lower one first"),
    ({"age": (1, 2, 3)}, "3 items"),
    ({"age": ("a", None)}, "own type"),
    ({"amount": ("a", None)}, "numbers as ends"),
    ({"amount": None}, "no missing cell"),
    ({}, "at least one column"),
    ("channel", "must be a dict"),
)


@pytest.mark.parametrize("conditions, cause", REFUSED)
def test_conditions_that_cannot_be_are_refused(conditions, cause, fitted):
    for name in ("GaussianCopulaResampler", "CTGANResampler"):
        if name in NAMES:
            with pytest.raises(ValueError, match=cause):
                fitted(name).sample(5, conditions=conditions)


def test_other_misuse_is_refused(fitted, table):
    model = fitted("GaussianCopulaResampler")
    partial = table[0][["channel"]].iloc[:4]
    for kwargs, cause in (
        ({"partial": partial, "n_samples": 3}, "leave n_samples out"),
        ({"partial": partial, "conditions": {"age": 40}}, "not both"),
        ({"partial": [1, 2]}, "must be a frame"),
        ({"partial": partial.iloc[:0]}, "one or more rows"),
        (
            {"partial": partial.assign(channel=["web", "x", "web", "atm"])},
            "Row 1: Column 'channel'",
        ),
        ({}, "n_samples must be a positive integer"),
    ):
        with pytest.raises(ValueError, match=cause):
            model.sample(**kwargs)


@pytest.mark.parametrize("name", EXACT[1:])
def test_numbers_far_outside_the_range_are_refused(name, fitted):
    if name not in NAMES:
        pytest.skip("torch is not installed")
    model = fitted(name)
    for wanted in (1e6, [50.0, 1e6], (1e6, None)):
        with pytest.raises(ValueError, match="'amount' has no such value"):
            model.sample(5, conditions={"amount": wanted})


@pytest.mark.skipif(not HAS_TORCH, reason="torch is not installed")
def test_rejection_that_does_not_end_names_its_rate(fitted):
    with pytest.raises(ValueError, match=r"acceptance rate .*AutoregressiveResampler"):
        fitted("CTGANResampler").sample(10, y="ok", conditions={"amount": 33.33, "age": 77})


@pytest.mark.parametrize("name", NAMES)
def test_tables_without_labels(name, table):
    X = table[0]
    model = made_model(name).fit(X)
    made, labels = model.sample(30)
    assert labels is None and model.classes_ is None and model.class_prior_ is None
    assert len(made) == 30 and (made.dtypes == X.dtypes).all()
    only = made_model(name).fit(X, np.full(len(X), "one"))
    made_too, labels = only.sample(30)
    assert (labels == "one").all() and only.classes_.tolist() == ["one"]
    pd.testing.assert_frame_equal(made, made_too)
    made, labels = model.sample(10, conditions={"channel": "web"})
    assert (made["channel"] == "web").all() and labels is None
    with pytest.raises(ValueError, match="fit got no labels"):
        model.sample(3, y="one")
    with pytest.raises(ValueError):
        made_model(name).fit_resample(X, None)


@pytest.mark.parametrize("order", ["fixed", "any", "trees"])
def test_conditions_agree_with_rejection_sampling(order, rng):
    """Three planted dependences; the conditioned column is the last one generated."""
    n = 4_000
    a = rng.normal(size=n)
    b = rng.choice(3, n)
    c = np.abs(a) + 0.3 * rng.normal(size=n)
    last = (a + b + 0.3 * rng.normal(size=n)).round(2)
    X = np.column_stack([a, b, c, last])
    if order == "trees":
        model = skgensample.SequentialTreesResampler(random_state=0)
    elif not HAS_TORCH:
        pytest.skip("torch is not installed")
    else:
        model = skgensample.AutoregressiveResampler(max_steps=500, order=order, random_state=0)
    model.fit(X)
    free, _ = model.sample(40_000)
    expected = free[(free[:, 3] >= 1.5) & (free[:, 3] <= 2.5)]
    made, _ = model.sample(3_000, conditions={3: (1.5, 2.5)})
    assert ((made[:, 3] >= 1.5) & (made[:, 3] <= 2.5)).all()
    # twice the two-sample critical value at .001: "any" is not calibrated under conditions
    limit = (2 if order == "any" else 1) * 1.95 * np.sqrt(1 / 3_000 + 1 / len(expected)) + 0.01
    for j in (0, 2, 3):
        assert stats.ks_2samp(made[:, j], expected[:, j]).statistic < limit
    probabilities = [
        np.bincount(rows[:, 1].astype(int), minlength=3) / len(rows) for rows in (made, expected)
    ]
    np.testing.assert_allclose(*probabilities, atol=1.5 * limit)
    assert 0.2 < model.effective_share_ <= 1


def test_the_effective_share_is_that_of_all_rows(rng):
    """It was that of the class sampled last; the class of most rows has few independent ones."""
    b = rng.normal(size=3_000)
    X = pd.DataFrame({"a": b + 0.2 * rng.normal(size=3_000), "b": b})
    y = (rng.uniform(size=3_000) < 0.03).astype(int)
    model = skgensample.SequentialTreesResampler(random_state=0).fit(X, y)
    with pytest.warns(skgensample.ResamplingWarning, match="conditioned columns first"):
        made, _ = model.sample(500, conditions={"b": (2.3, None)})
    assert model.effective_share_ < 0.1 and made["a"].nunique() < 250
    first = skgensample.SequentialTreesResampler(order=["b", "a"], random_state=0).fit(X, y)
    made, _ = first.sample(500, conditions={"b": (2.3, None)})
    assert first.effective_share_ == 1 and made["a"].nunique() > made["b"].nunique() / 4


def test_the_label_is_not_a_condition(table):
    X, y = table
    model = made_model("GaussianCopulaResampler").fit(X, pd.Series(y, name="fraud"))
    for given in ({"conditions": {"fraud": "ok"}}, {"partial": {"fraud": ["ok"]}}):
        with pytest.raises(ValueError, match="'fraud' is the label, which is given by y="):
            model.sample(1, **given)


@pytest.mark.parametrize("name", EXACT)
def test_repeated_numbers_and_resolution(name, rng):
    """A column that repeats another, whole numbers, and a table of few numbers."""
    if name not in NAMES:
        pytest.skip("torch is not installed")
    a = rng.normal(size=2_000)
    b = np.where(rng.uniform(size=2_000) < 0.3, a, rng.normal(size=2_000))
    X = np.column_stack([a, b, rng.randint(0, 5_000, 2_000)])
    model = getattr(skgensample, name)(random_state=0).fit(X)
    made, _ = model.sample(2_000, conditions={1: (None, None)})
    if name == "AutoregressiveResampler":
        assert np.mean(made[:, 0] == made[:, 1]) == pytest.approx(0.3, abs=0.05)
    made, _ = model.sample(900, conditions={2: (2_000, 2_002)})
    counts = np.array([np.sum(made[:, 2] == value) for value in (2_000, 2_001, 2_002)])
    assert counts.sum() == 900 and (counts > 150).all()
    for wanted in (777, (777, 777), [777, 4_000]):
        made, _ = model.sample(50, conditions={2: wanted})
        assert np.isin(made[:, 2], [777, 4_000] if isinstance(wanted, list) else [777]).all()
    for wanted in (0.5, [0.5, -0.5], float(X[3, 0])):
        if name == "GaussianCopulaResampler" or np.ndim(wanted) == 0:
            made, _ = model.sample(40, conditions={0: wanted})
            assert np.isin(made[:, 0], wanted).all()


def test_listed_numbers_that_few_rows_have(rng):
    """Values drawn within an interval were rounded into the next one, and not replaced."""
    X = np.column_stack([rng.gamma(2, 20_000, 400).round(-1), rng.normal(size=400)])
    model = skgensample.SequentialTreesResampler(random_state=0).fit(X)
    listed = X[:3, 0].tolist() + [float(X[5, 0]) + 10]
    made, _ = model.sample(5_000, conditions={0: listed})
    assert set(made[:, 0]) <= set(listed)


@pytest.mark.parametrize("name", EXACT)
def test_small_tables_take_their_own_numbers(name, rng):
    if name not in NAMES:
        pytest.skip("torch is not installed")
    x = rng.normal(size=(200, 2)).round(1)
    X = np.column_stack([x[:, 0], x.sum(axis=1)])
    model = getattr(skgensample, name)(random_state=0).fit(X)
    made, _ = model.sample(100, conditions={0: float(X[7, 0])})
    assert (made[:, 0] == X[7, 0]).all()
    made, _ = model.sample(partial={0: X[:50, 0]})
    np.testing.assert_array_equal(made[:, 0], X[:50, 0])
    with pytest.raises(ValueError, match="no such value"):
        model.sample(partial={0: [1e9]})


@pytest.mark.skipif(not HAS_TORCH, reason="torch is not installed")
def test_labels_follow_a_given_late_column(rng):
    """A far value of the last column tells the label and the columns before it."""
    x = rng.normal(size=4_000)
    X = np.column_stack([x, rng.normal(size=4_000), x + 0.1 * rng.normal(size=4_000)]).round(3)
    y = (rng.uniform(size=4_000) < 1 / (1 + np.exp(-2 * x))).astype(int)
    for model in (
        skgensample.SequentialTreesResampler(random_state=0),
        skgensample.AutoregressiveResampler(max_steps=400, random_state=0),
    ):
        made, labels = model.fit(X, y).sample(partial={2: [1.5] * 300})
        assert abs(made[:, 0].mean() - 1.5) < 0.35 and labels.mean() > 0.85


def test_classes_that_were_not_learnt_are_named(table):
    X, y = table
    for name in EXACT[1:]:
        if name in NAMES:
            model = made_model(name, train_on="sampled").fit(X, y)
            with pytest.raises(ValueError, match="'ok' was not to be sampled"):
                model.sample(5, y="ok", conditions={"channel": "web"})
            with pytest.raises(ValueError, match="'ok' was not to be sampled"):
                model.sample(partial={"channel": ["web"]}, y="ok")


def test_many_conditions_do_not_underflow(rng):
    X = rng.normal(size=(300, 60))
    model = skgensample.SequentialTreesResampler(n_trees=1, random_state=0).fit(X)
    conditions = dict.fromkeys(range(60), (-0.3, 0.3))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", skgensample.ResamplingWarning)
        made, _ = model.sample(20, conditions=conditions)
    assert (np.abs(made) <= 0.3).all() and 0 < model.effective_share_ <= 1


class Chain:
    """A model of two columns with known distributions: x uniform on 0, 1, 2; y = 1 with p(x)."""

    PROBABILITY = np.array([0.01, 0.3, 0.9])

    def begin(self, group):
        self.group, self.Z = group, np.empty((len(group), 2))
        return self

    def order(self, conditioned):
        return [0, 1]

    def advance(self, j, condition, rng):
        n = len(self.Z)
        if j == 0:
            self.Z[:, 0] = rng.choice(3, n)
            return None
        p = self.PROBABILITY[self.Z[:, 0].astype(int)]
        self.Z[:, 1] = rng.uniform(size=n) < p
        if condition is None:
            return None
        self.Z[:, 1] = 1.0
        return p

    def give(self, j, values, rng):
        self.advance(j, None, rng)
        given = ~np.isnan(values)
        self.Z[given, j] = values[given]
        p = self.PROBABILITY[self.Z[:, 0].astype(int)] if j else np.full(len(self.Z), 1 / 3)
        return np.where(self.Z[:, 1] == 1, p, 1 - p) if j else p

    def take(self, index):
        self.Z, self.group = self.Z[index], self.group[index]


class One:
    index = 1


def test_particles_follow_the_posterior(rng):
    posterior = Chain.PROBABILITY / Chain.PROBABILITY.sum()
    groups = lambda n: np.zeros(n, dtype=int)  # noqa: E731
    found = sample_conditioned(Chain(), [One()], 5_000, groups, rng)
    probabilities = np.bincount(found.Z[:, 0].astype(int), minlength=3) / 5_000
    np.testing.assert_allclose(probabilities, posterior, atol=0.02)
    assert np.exp(found.rate) == pytest.approx(Chain.PROBABILITY.mean(), rel=0.05)
    cells = np.column_stack([np.full(3_000, np.nan), np.arange(3_000) % 2])
    found = complete(Chain(), cells, groups, rng)
    np.testing.assert_array_equal(found.Z[:, 1], cells[:, 1])
    ones = found.Z[cells[:, 1] == 1, 0].astype(int)
    np.testing.assert_allclose(np.bincount(ones, minlength=3) / 1_500, posterior, atol=0.04)
    zeros = found.Z[cells[:, 1] == 0, 0].astype(int)
    other = (1 - Chain.PROBABILITY) / (1 - Chain.PROBABILITY).sum()
    np.testing.assert_allclose(np.bincount(zeros, minlength=3) / 1_500, other, atol=0.04)
