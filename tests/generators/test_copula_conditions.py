"""The Gaussian copula under conditions: intervals, labels, every kind of table, errors."""

import numpy as np
import pytest
from copula_tables import CORRELATION, normal_rows
from scipy import stats

from skgensample import GaussianCopulaResampler
from skgensample.generators._copula.multivariate_normal import (
    ConditionalNormal,
    truncated_normal,
)
from skgensample.table import TableCodec


def test_truncated_draws():
    rng = np.random.RandomState(0)
    z, log_mass = truncated_normal(np.full(20_000, 0.5), np.full(20_000, 2.0), rng)
    assert stats.kstest(z, stats.truncnorm(0.5, 2.0).cdf).pvalue > 0.01
    assert np.exp(log_mass[0]) == pytest.approx(stats.norm.cdf(2) - stats.norm.cdf(0.5))
    z, _ = truncated_normal(np.array([30.0, -np.inf, 60.0]), np.array([31.0, -30.0, np.inf]), rng)
    assert 30 <= z[0] <= 31 and z[1] <= -30 and z[2] >= 60


def test_given_points_the_rest_is_the_conditional_normal():
    rng = np.random.RandomState(0)
    given = ConditionalNormal(CORRELATION, np.array([0]), np.array([1.2]), np.array([1.2]))
    z = given.draw(40_000, rng)
    assert (z[0] == 1.2).all()
    np.testing.assert_allclose(z[1:].mean(axis=1), CORRELATION[1:, 0] * 1.2, atol=0.02)
    rest = CORRELATION[1:, 1:] - np.outer(CORRELATION[1:, 0], CORRELATION[1:, 0])
    np.testing.assert_allclose(np.cov(z[1:]), rest, atol=0.02)


@pytest.mark.parametrize("spans", [[0], [0, 2], [0, 2, 3]])
def test_given_intervals_as_rejection_finds(spans):
    """Draws with components in intervals are those of all draws that fall into these."""
    rng = np.random.RandomState(1)
    low, high = (
        np.array([0.3, -0.5, -np.inf])[: len(spans)],
        np.array([1.5, 0.2, 0.0])[: len(spans)],
    )
    z = ConditionalNormal(CORRELATION, np.array(spans), low, high).draw(20_000, rng)
    every = normal_rows(rng, CORRELATION, 600_000)
    inside = ((every[:, spans] > low) & (every[:, spans] < high)).all(axis=1)
    for j in range(4):
        assert stats.ks_2samp(z[j], every[inside, j]).statistic < 0.025


def test_probability_of_intervals():
    rng = np.random.RandomState(0)
    low, high = np.array([0.3, -0.5]), np.array([1.5, 0.2])
    found = np.exp(ConditionalNormal(CORRELATION, np.array([0, 2]), low, high).log_likelihood(rng))
    every = normal_rows(rng, CORRELATION, 600_000)[:, [0, 2]]
    assert found == pytest.approx(((every > low) & (every < high)).all(axis=1).mean(), rel=0.03)
    point = ConditionalNormal(
        CORRELATION, np.array([0, 1]), np.array([0.5, 1.0]), np.array([0.5, 1.0])
    )
    joint = stats.multivariate_normal(cov=CORRELATION[:2, :2]).pdf([0.5, 1.0])
    alone = stats.norm.pdf(0.5) * stats.norm.pdf(1.0)
    assert np.exp(point.log_likelihood(rng)) == pytest.approx(joint / alone)


def pairs_of(rng, n, rho, shift):
    z = normal_rows(rng, np.array([[1, rho], [rho, 1]]), n)
    return np.column_stack([z[:, 0] + shift, np.exp(z[:, 1])])


def test_conditions_hold_and_move_the_rest(rng):
    X, y = pairs_of(rng, 20_000, 0.8, 0.0), np.repeat([0, 1], 10_000)
    model = GaussianCopulaResampler(random_state=0).fit(X, y)
    made, _ = model.sample(5_000, y=1, conditions={0: 1.0})
    assert (made[:, 0] == 1.0).all()
    logs = np.log(made[:, 1])
    assert logs.mean() == pytest.approx(0.8, abs=0.05) and logs.std() == pytest.approx(
        0.6, abs=0.04
    )


def test_labels_follow_bayes_rule(rng):
    """At equal distance of two classes a number leaves the proportions; elsewhere it tells them."""
    X = np.concatenate([pairs_of(rng, 9_000, 0.0, 0.0), pairs_of(rng, 3_000, 0.0, 2.0)])
    y = np.repeat(["a", "b"], [9_000, 3_000])
    model = GaussianCopulaResampler(random_state=0).fit(X, y)
    for value in (0.0, 1.0, 2.0):
        _, labels = model.sample(4_000, conditions={0: value})
        densities = np.array([9_000 * stats.norm.pdf(value), 3_000 * stats.norm.pdf(value - 2)])
        wanted = densities[1] / densities.sum()
        assert np.mean(labels == "b") == pytest.approx(wanted, abs=0.03)


def test_labels_given_categories_as_rejection_finds(mixed_frame):
    X, y = mixed_frame
    y = ((X["channel"] == "chip") ^ (np.arange(len(X)) % 5 == 0)).astype(int)
    model = GaussianCopulaResampler(random_state=0).fit(X, y)
    every, labels = model.sample(60_000)
    for conditions in ({"channel": "chip"}, {"channel": "online", "foreign": True}):
        inside = np.all([every[c] == value for c, value in conditions.items()], axis=0)
        made, found = model.sample(6_000, conditions=conditions)
        assert found.mean() == pytest.approx(labels[inside].mean(), abs=0.03)
        for column in ("amount", "visits"):
            assert stats.ks_2samp(made[column], every[column][inside]).statistic < 0.05


def test_conditions_in_every_kind_of_table(mixed_frame):
    X, y = mixed_frame
    model = GaussianCopulaResampler(random_state=0)
    cells = {"amount": 1.5, "visits": 3, "foreign": True, "channel": "online", "country": "UK"}
    made, _ = model.fit(X, y).sample(7, y=1, conditions=cells)
    assert all((made[column] == value).all() for column, value in cells.items())
    assert (made.dtypes == X.dtypes).all()
    pl = pytest.importorskip("polars")
    frame = pl.DataFrame({column: X[column].to_list() for column in X})
    made, _ = model.fit(frame, y.to_numpy()).sample(
        7, y=1, conditions={"country": "DE", "visits": 2}
    )
    assert set(made["country"]) == {"DE"} and set(made["visits"]) == {2}
    big = 2**60 + np.arange(80).reshape(-1, 1) % 7
    made, _ = model.fit(big, y).sample(3, y=0, conditions={0: 2**60 + 5})
    assert made.ravel().tolist() == [2**60 + 5] * 3


@pytest.mark.parametrize(
    "conditions, cause",
    [
        ({"no such": 1}, "no column 'no such': give the name"),
        ({"Amout": 1.0}, "no column 'Amout': did you mean 'amount'"),
        ({"country": "XX"}, "'country' has no such level"),
        ({"visits": 2.5}, "'visits' holds whole steps"),
        ({"visits": 1000}, "'visits' has no such value"),
        ({"visits": "3"}, "'visits'.*column's type"),
        ({"amount": np.nan}, "'amount' has no missing cell"),
        ({"amount": np.inf}, "'amount' holds finite numbers"),
        ({"amount": "1"}, "'amount' holds finite numbers"),
        ({}, "at least one column"),
        ([("visits", 3)], "must be a dict"),
    ],
)
def test_impossible_conditions_are_refused(mixed_frame, conditions, cause):
    model = GaussianCopulaResampler(random_state=0).fit(*mixed_frame)
    with pytest.raises(ValueError, match=cause):
        model.sample(5, conditions=conditions)


@pytest.fixture(scope="module")
def priced():
    """A model of cents, of few values, of narrow floats, of gaps, and the table itself."""
    pd = pytest.importorskip("pandas")
    rng, n = np.random.RandomState(0), 400
    X = pd.DataFrame(
        {
            "cents": rng.gamma(2, 20, n).round(2),
            "two": rng.choice([1.5, 2.5], n),
            "narrow": rng.choice([1.1, 2.2, 3.3], n).astype("f4"),
            "wide": rng.normal(size=n),
            "steps": rng.choice([1, 5, 9], n),
            "whole": rng.randint(0, 1_000, n).astype(float),
            "gone": np.full(n, np.nan),
            "half": np.where(np.arange(n) % 2, np.nan, rng.normal(size=n)),
        }
    )
    return GaussianCopulaResampler(random_state=0).fit(X, np.arange(n) % 2), X


@pytest.mark.parametrize("label", [0, 1, None])
def test_a_condition_is_met_exactly(priced, label):
    model, X = priced
    values = {
        "cents": [12.34, 20, np.float32(12.34), X["cents"].min(), X["cents"].max()],
        "two": [1.5, 2.5],
        "narrow": [1.1, np.float32(2.2)],
        "wide": [0.123456789012345, X["wide"].min(), X["wide"].max()],
        "steps": [1, 5, 9.0],
        "whole": [7, 7.0],
        "half": [0.25],  # of which class 1 has no cell
    }
    for name, cells in values.items():
        for value in cells:
            made = model.sample(5, y=label, conditions={name: value})[0][name]
            assert (made == X[name].dtype.type(value)).all() or np.allclose(made, value, 1e-7)
            assert made.round(2).equals(made) or name in ("wide", "narrow")


@pytest.mark.parametrize(
    "name, value, cause",
    [
        ("cents", 12.345, "2 decimal places"),
        ("cents", 0.1 + 0.2, "2 decimal places"),
        ("cents", 9_999, "observed range"),
        ("cents", -0.01, "observed range"),
        ("cents", 10**400, "finite numbers"),
        ("two", 2.0, "2 different values"),
        ("two", 9.5, "2 different values"),
        ("narrow", 1.2, "3 different values"),
        ("narrow", 1e300, "32-bit floats"),
        ("wide", 1e6, "observed range"),
        ("steps", 3, "3 different values"),
        ("whole", 7.5, "whole numbers"),
        ("gone", 1.0, "missing cells only"),
    ],
)
def test_a_condition_that_cannot_be_met_is_an_error(priced, name, value, cause):
    """The message names the column and quotes no training cell."""
    model, X = priced
    for label in (0, None):
        with pytest.raises(ValueError, match=f"'{name}' .*{cause}") as caught:
            model.sample(5, y=label, conditions={name: value})
        words = set(str(caught.value).replace(",", " ").replace(":", " ").split())
        assert not words & set(X[name].map(str))


def test_conditions_of_arrays_are_checked_too(rng):
    X = np.column_stack([rng.normal(size=200).round(1), rng.choice([0.5, 2.5], 200)])
    X = np.column_stack([X, np.full(200, np.nan)])
    model = GaussianCopulaResampler(random_state=0).fit(X, np.arange(200) % 2)
    for conditions, cause in (
        ({0: 0.15}, "Column 0 holds numbers of 1 decimal"),
        ({0: 50.0}, "Column 0 has no such value"),
        ({1: 1.5}, "Column 1 holds 2 different values"),
        ({2: 1.0}, "Column 2 has missing cells only"),
        ({3: 1.5}, "no column 3: its columns are called 0 to 2"),
    ):
        with pytest.raises(ValueError, match=cause):
            model.sample(5, conditions=conditions)
    assert (model.sample(5, conditions={0: 0.1, 1: 2.5})[0][:, :2] == [0.1, 2.5]).all()


def test_a_value_that_the_class_never_had(rng):
    """The condition holds all the same; the class's distribution is taken at its edge."""
    X = np.concatenate([rng.standard_normal((200, 2)), 5 + rng.standard_normal((50, 2))])
    y = np.repeat([0, 1], [200, 50])
    model = GaussianCopulaResampler(random_state=0).fit(X, y)
    made, _ = model.sample(10, y=1, conditions={0: -1.0})
    assert (made[:, 0] == -1.0).all() and np.isfinite(made).all()
    assert (model.sample(200, conditions={0: -1.0})[1] == 0).mean() > 0.9


def test_conditions_on_dates_and_missing_cells(rng):
    pd = pytest.importorskip("pandas")
    day = pd.Timestamp("2024-03-01") + pd.to_timedelta(rng.randint(40, size=300), unit="D")
    amount = np.where(rng.uniform(size=300) < 0.3, np.nan, rng.uniform(size=300).round(2))
    X = pd.DataFrame({"day": day, "amount": amount, "bank": rng.choice(["a", None], 300)})
    model = GaussianCopulaResampler(random_state=0).fit(X, np.arange(300) % 3)
    made, _ = model.sample(50, y=1, conditions={"day": pd.Timestamp("2024-03-05"), "bank": None})
    assert (made["day"] == pd.Timestamp("2024-03-05")).all() and made["bank"].isna().all()
    assert 0.1 < made["amount"].isna().mean() < 0.5 and (made.dtypes == X.dtypes).all()
    assert model.sample(9, conditions={"amount": np.nan})[0]["amount"].isna().all()
    assert (model.sample(9, conditions={"amount": 0.25})[0]["amount"] == 0.25).all()
    with pytest.raises(ValueError, match="'day' holds whole steps"):
        model.sample(9, conditions={"day": pd.Timestamp("2024-03-05 12:00")})


def test_encoded_cells_decode_to_themselves(mixed_frame):
    X, _ = mixed_frame
    codec = TableCodec(categories="text")
    Z = codec.fit_encode(X)
    for name in X:
        for row in (0, 17):
            index, number = codec.encode_cell(name, X[name].iloc[row])
            assert number == Z[row, index]
