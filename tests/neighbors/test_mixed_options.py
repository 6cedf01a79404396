"""`category_rule`, `scale` and `datetime_unit` of the interpolators."""

import numpy as np
import pytest
from scipy import sparse
from scipy.stats import ks_2samp

from skgensample import (
    NumbaADASYN,
    NumbaBorderlineSMOTE,
    NumbaKMeansSMOTE,
    NumbaSMOTE,
    NumbaSMOTENC,
    NumbaSVMSMOTE,
    SafeLevelSMOTE,
)
from skgensample.neighbors._space import Quantiles

pd = pytest.importorskip("pandas")
FAMILY = [
    NumbaSMOTE(random_state=0),
    NumbaSMOTENC(random_state=0),
    NumbaBorderlineSMOTE(random_state=0),
    NumbaSVMSMOTE(random_state=0),
    NumbaKMeansSMOTE(random_state=0, kmeans_estimator=3, cluster_balance_threshold=0.05),
    NumbaADASYN(random_state=0),
    SafeLevelSMOTE(random_state=0),
]
N = 300


def of_family(sampler, **options):
    return type(sampler)(**{**sampler.get_params(), **options})


@pytest.fixture
def mixed():
    """Numbers of several scales, one of them mostly 0, and categories that hang together."""
    rng = np.random.RandomState(0)
    y = (np.arange(N) % 5 == 0).astype(int)
    city = rng.choice(["Oslo", "Bari", "Lyon"], N)
    country = pd.Series(city).map({"Oslo": "NO", "Bari": "IT", "Lyon": "FR"})
    X = pd.DataFrame(
        {
            "x": rng.standard_normal(N) + y,
            "money": np.exp(3 * rng.standard_normal(N) + y) * 1_000,
            "gain": np.where(rng.rand(N) < 0.8, 0.0, rng.gamma(2, 1_000, N)),
            "visits": rng.poisson(4, N),
            "city": city,
            "country": country,
        }
    )
    return X, y


def new_rows(sampler, X, y):
    X_all, _ = sampler.fit_resample(X, y)
    return X_all[len(X) :].reset_index(drop=True), sampler.synthetic_parents_


@pytest.mark.parametrize("sampler", FAMILY, ids=lambda sampler: type(sampler).__name__)
def test_categories_are_those_of_one_parent(sampler, mixed):
    X, y = mixed
    new, parents = new_rows(of_family(sampler, category_rule="nearest"), X, y)
    pairs = X[["city", "country"]].to_numpy()
    made = new[["city", "country"]].to_numpy()
    near = [(made == pairs[parents[:, i]]).all(axis=1) for i in (0, 1)]
    assert (near[0] | near[1]).all()
    x = X["x"].to_numpy()
    base, neighbor = x[parents.T]
    step = (new["x"].to_numpy() - base) / np.where(neighbor == base, np.nan, neighbor - base)
    assert near[0][step < 0.49].all() and near[1][step > 0.51].all()


@pytest.mark.parametrize("sampler", FAMILY, ids=lambda sampler: type(sampler).__name__)
def test_defaults_are_named(sampler, mixed):
    X, y = mixed
    plain = sampler.fit_resample(X, y)[0]
    named = of_family(sampler, category_rule="vote", scale=None, datetime_unit=None)
    pd.testing.assert_frame_equal(named.fit_resample(X, y)[0], plain)


@pytest.mark.parametrize("sampler", FAMILY, ids=lambda sampler: type(sampler).__name__)
@pytest.mark.parametrize("scale", ["standard", "quantile"])
def test_units_do_not_matter(sampler, scale, mixed):
    """A column in another unit: the same parents, and values in that unit."""
    X, y = mixed
    new, parents = new_rows(of_family(sampler, scale=scale), X, y)
    in_cents = X.assign(money=X["money"] * 128)
    made, others = new_rows(of_family(sampler, scale=scale), in_cents, y)
    np.testing.assert_array_equal(parents, others)
    np.testing.assert_allclose(made["money"], new["money"] * 128, rtol=1e-9)


def test_standard_is_a_search_among_standardised_columns(mixed):
    X, y = mixed
    X = X[["x", "money", "gain"]]
    _, parents = new_rows(NumbaSMOTE(random_state=0, scale="standard"), X, y)
    _, expected = new_rows(NumbaSMOTE(random_state=0), (X - X.mean()) / X.std(ddof=0), y)
    np.testing.assert_array_equal(parents, expected)
    _, raw = new_rows(NumbaSMOTE(random_state=0), X, y)
    assert (parents != raw).any()


def test_quantiles_do_not_see_monotone_functions(mixed):
    """Ranks are those of the logarithms: the same parents, and values between them in both."""
    X, y = mixed
    X = X[["x", "money"]]
    new, parents = new_rows(NumbaSMOTE(random_state=0, scale="quantile"), X, y)
    logs, others = new_rows(
        NumbaSMOTE(random_state=0, scale="quantile"), X.assign(money=np.log(X["money"])), y
    )
    np.testing.assert_array_equal(parents, others)
    for made, values in ((new["money"], X["money"]), (logs["money"], np.log(X["money"]))):
        a, b = values.to_numpy()[parents.T]
        assert ((made >= np.minimum(a, b)) & (made <= np.maximum(a, b))).all()
    pd.testing.assert_series_equal(logs["x"], new["x"])


def test_quantiles_keep_the_marginals(rng):
    """Where neighbours say nothing of a column, interpolation loses its zeros and its tail."""
    y = (np.arange(N) < N // 2).astype(int)
    money = np.exp(2 * rng.standard_normal(N))
    X = np.column_stack([rng.standard_normal(N) * 1e9, np.where(rng.rand(N) < 0.7, 0, money)])
    far = {}
    for scale in (None, "quantile"):
        sampler = NumbaSMOTE(random_state=0, sampling_strategy={1: 4_000}, scale=scale)
        new = sampler.fit_resample(X, y)[0][N:]
        far[scale] = ks_2samp(new[:, 1], X[y == 1, 1]).statistic
    assert far["quantile"] < 0.08 and far[None] > 0.15, far


def test_quantile_function_and_its_inverse(rng):
    values = np.array([5.0, 1, 1, 1, 9, np.nan, 7, 7])
    scale = Quantiles(values)
    np.testing.assert_array_equal(scale.values(scale.scores(values)), values)
    grid = scale.values(np.linspace(-9, 9, 1_001))
    assert (np.diff(grid) >= 0).all() and grid[0] == 1 and grid[-1] == 9
    drawn = scale.values(rng.standard_normal(40_000))
    assert abs((drawn == 1).mean() - (3 - 0.5) / 7) < 0.01  # the last half of a rank is sloped
    assert np.isnan(Quantiles(np.full(3, np.nan)).values(np.zeros(2))).all()


def test_sparse_tables():
    rng = np.random.RandomState(0)
    X = np.where(rng.rand(80, 4) < 0.5, 0, rng.standard_normal((80, 4))) * [1, 100, 1, 1e-3]
    y = (np.arange(80) % 4 == 0).astype(int)
    dense, wide = (NumbaSMOTE(random_state=0, scale="standard") for _ in range(2))
    expected = dense.fit_resample(X, y)[0]
    found = wide.fit_resample(sparse.csr_matrix(X), y)[0]
    np.testing.assert_allclose(found.toarray(), expected, atol=1e-12)
    with pytest.raises(ValueError, match="scale='standard'"):
        NumbaSMOTE(scale="quantile").fit_resample(sparse.csr_matrix(X), y)


# dates


def dated(unit, freq, zone=None):
    rng = np.random.RandomState(0)
    y = (np.arange(N) % 5 == 0).astype(int)
    start = pd.Timestamp("2024-03-01", tz=zone).as_unit(unit)
    when = start + pd.to_timedelta(rng.randint(0, 60, N), unit=freq)
    long = pd.to_timedelta(rng.randint(0, 500, N), unit="min").as_unit("s")
    X = pd.DataFrame({"when": when, "long": long, "x": rng.standard_normal(N)})
    return X, y


@pytest.mark.parametrize("scale", [None, "standard", "quantile"])
@pytest.mark.parametrize("unit, freq, zone", [("s", "D", None), ("us", "h", "Europe/Berlin")])
def test_dates_lie_between_their_parents(unit, freq, zone, scale):
    X, y = dated(unit, freq, zone)
    new, parents = new_rows(NumbaSMOTE(random_state=0, scale=scale), X, y)
    assert new.dtypes.equals(X.dtypes)
    for name in ("when", "long"):
        a, b = (X[name].iloc[rows].reset_index(drop=True) for rows in parents.T)
        low, high = a.where(a < b, b), a.where(a > b, b)
        assert ((new[name] >= low) & (new[name] <= high)).all()
        assert (new[name] != a).any() and (new[name] != b).any()
    assert (new["when"] == new["when"].dt.floor(freq)).all()
    assert (new["long"].dt.total_seconds() % 60 == 0).all()


def test_the_unit_of_dates_sets_their_weight():
    """Dates are counted in days by themselves, here; in hours they are 24 times as far apart."""
    X, y = dated("s", "D")
    found = {
        unit: new_rows(NumbaSMOTE(random_state=0, datetime_unit=unit), X, y)[1]
        for unit in (None, "D", "h", "min")
    }
    days = (X["when"] - X["when"].min()).dt.days.astype(float)
    minutes = X["long"].dt.total_seconds() / 60
    for unit, per_day in {None: 1, "D": 1, "h": 24, "min": 1_440}.items():
        numbers = X.assign(
            when=days * per_day, long=minutes if unit is None else minutes * per_day / 1_440
        )
        expected = new_rows(NumbaSMOTE(random_state=0), numbers, y)[1]
        np.testing.assert_array_equal(found[unit], expected)
    assert (found["h"] != found["D"]).any()


def test_gaps_in_dates_and_durations():
    X, y = dated("s", "D", "Europe/Berlin")
    X.loc[::3, "when"] = pd.NaT
    X.loc[1::4, "long"] = pd.NaT
    new, parents = new_rows(NumbaADASYN(random_state=0), X, y)
    for name in ("when", "long"):
        base = X[name].iloc[parents[:, 0]].reset_index(drop=True)
        assert (new[name].isna() == base.isna()).all() and new[name].isna().any()


@pytest.mark.parametrize(
    "options", [{"category_rule": "mode"}, {"scale": "minmax"}, {"datetime_unit": "years"}]
)
def test_other_values_are_refused(options, mixed):
    with pytest.raises(ValueError, match=next(iter(options))):
        NumbaSMOTE(**options).fit_resample(*mixed)
