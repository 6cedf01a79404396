"""The simulated stream, the loader, and the features against a reference implementation."""

import numpy as np
import pytest
from scipy.stats import ks_2samp

from skgensample.datasets import (
    card_transaction_features,
    load_card_transactions,
    make_card_transactions,
)

pd = pytest.importorskip("pandas")

DAY = pd.Timedelta(days=1)


@pytest.fixture(scope="module")
def stream():
    """A small world: 200 customers, 60 days."""
    return make_card_transactions(n_customers=200, n_terminals=800, n_days=60, random_state=0)


def test_stream_is_a_table_in_order_of_time(stream):
    assert stream["TX_DATETIME"].is_monotonic_increasing
    assert (stream["TRANSACTION_ID"] == np.arange(len(stream))).all()
    assert stream["CUSTOMER_ID"].between(0, 199).all()
    assert stream["TERMINAL_ID"].between(0, 799).all()
    since = stream["TX_DATETIME"] - pd.Timestamp("2018-04-01")
    assert (since.dt.total_seconds() == stream["TX_TIME_SECONDS"]).all()
    assert (since.dt.days == stream["TX_TIME_DAYS"]).all()
    assert set(stream["TX_TIME_DAYS"]) == set(range(60))
    assert str(stream["TX_FRAUD"].dtype) == "int64"
    assert (stream["TX_AMOUNT"] == stream["TX_AMOUNT"].round(2)).all()
    assert (stream["TX_AMOUNT"] >= 0).all()


def test_frauds_follow_the_rules(stream):
    fraud, scenario = stream["TX_FRAUD"], stream["TX_FRAUD_SCENARIO"]
    assert set(scenario) == {0, 1, 2, 3}
    assert ((scenario > 0) == fraud.astype(bool)).all()
    assert fraud[stream["TX_AMOUNT"] > 220].all()
    assert (stream.loc[scenario == 1, "TX_AMOUNT"] > 220).all()
    cents = (stream.loc[scenario == 3, "TX_AMOUNT"] * 100).round().astype(int)
    assert (cents % 5 == 0).all()


def test_all_rows_of_a_compromised_terminal_are_fraudulent():
    """Both terminals of this simulation are compromised every day."""
    world = {"n_customers": 9, "n_terminals": 2, "n_days": 40, "radius": 150}
    assert set(make_card_transactions(**world, random_state=0)["TX_FRAUD_SCENARIO"]) == {2, 3}


def test_a_terminal_is_compromised_for_28_days():
    stream = make_card_transactions(n_customers=2000, n_terminals=3000, n_days=150, random_state=1)
    days = stream[stream["TX_FRAUD_SCENARIO"] == 2].groupby("TERMINAL_ID")["TX_TIME_DAYS"]
    first, span = days.min(), days.max() - days.min() + 1
    n_of_span = span.value_counts()
    assert n_of_span.idxmax() == 28
    assert n_of_span.get(29, 0) < n_of_span[28] / 5
    once = span.index[span <= 28]
    rows = stream[stream["TERMINAL_ID"].isin(once)]
    since = rows["TX_TIME_DAYS"] - rows["TERMINAL_ID"].map(first)
    inside = since.between(0, rows["TERMINAL_ID"].map(span) - 1)
    assert set(rows["TX_FRAUD_SCENARIO"][inside]) <= {2, 3}
    assert rows["TX_FRAUD"][~inside].mean() < 0.1


def test_int_seed_decides_and_the_global_state_stays():
    before = np.random.get_state()[1].copy()
    small = {"n_customers": 50, "n_days": 40}
    first = make_card_transactions(**small, random_state=3)
    pd.testing.assert_frame_equal(first, make_card_transactions(**small, random_state=3))
    assert not first.equals(make_card_transactions(**small, random_state=4))
    np.testing.assert_array_equal(before, np.random.get_state()[1])


def test_customers_without_a_terminal_in_reach_make_no_transaction():
    kept = {"n_customers": 300, "n_days": 5, "random_state": 0}
    few = make_card_transactions(n_terminals=30, **kept)
    many = make_card_transactions(n_terminals=30, radius=150, **kept)
    assert 0 < few["CUSTOMER_ID"].nunique() < many["CUSTOMER_ID"].nunique()
    none = make_card_transactions(n_terminals=1, radius=0, **kept)
    assert len(none) == 0
    assert list(none.columns) == list(few.columns)
    assert none.dtypes.equals(few.dtypes)


@pytest.mark.parametrize("name", ["n_customers", "n_terminals", "n_days"])
def test_worlds_of_nothing_are_refused(name):
    with pytest.raises(ValueError, match=name):
        make_card_transactions(**{name: 0})


def test_marginals_agree_with_the_published_stream(shared_data):
    """The published world is one draw: rates of 5,000 customers alone move counts by 1 %."""
    real = load_card_transactions(shared_data("fraud-handbook-simulated/transactions.parquet"))
    made = make_card_transactions(random_state=0)
    assert len(made) == pytest.approx(len(real), rel=0.03)
    frequencies = [
        frame["TX_FRAUD_SCENARIO"].value_counts(normalize=True) for frame in (made, real)
    ]
    for scenario, spread in {1: 0.15, 2: 0.08, 3: 0.12}.items():
        assert frequencies[0][scenario] == pytest.approx(frequencies[1][scenario], rel=spread)

    def by(key):
        return [frame.groupby(key)["TX_AMOUNT"] for frame in (made, real)]

    # 5,000 independent customers each: a distance of 0.039 has a chance of 0.1 %.
    customers = by("CUSTOMER_ID")
    assert ks_2samp(*(rows.size() for rows in customers)).statistic < 0.039
    assert ks_2samp(*(rows.median() for rows in customers)).statistic < 0.039
    middle = [0.25, 0.5, 0.75]
    np.testing.assert_allclose(*(r.size().quantile(middle) for r in by("TERMINAL_ID")), rtol=0.05)
    points = [*middle, 0.95, 0.99, 0.999]
    # From seed to seed the quantiles of amounts spread by up to 2.5 %, with the customers' means.
    np.testing.assert_allclose(*(d["TX_AMOUNT"].quantile(points) for d in (made, real)), rtol=0.1)
    seconds = [frame["TX_TIME_SECONDS"] % 86_400 for frame in (made, real)]
    np.testing.assert_allclose(*(s.quantile(points) for s in seconds), rtol=0.01)


# Loader ------------------------------------------------------------------------------------


@pytest.mark.parametrize("suffix", [".parquet", ".csv", ".CSV", ".csv.gz"])
def test_files_come_back_as_they_were(stream, tmp_path, suffix):
    path = tmp_path / f"stream{suffix}"
    if suffix == ".parquet":
        pytest.importorskip("pyarrow")
        stream.to_parquet(path)
    else:
        stream.to_csv(path, index=False)
    pd.testing.assert_frame_equal(load_card_transactions(path), stream)


def test_rows_are_sorted_stably(stream, tmp_path):
    shuffled = stream.head(50).sample(frac=1, random_state=0)
    shuffled["TX_DATETIME"] = shuffled["TX_DATETIME"].dt.floor("D")
    shuffled.to_csv(tmp_path / "s.csv", index=False)
    loaded = load_card_transactions(tmp_path / "s.csv")
    assert list(loaded["TRANSACTION_ID"]) == list(shuffled["TRANSACTION_ID"])
    assert list(loaded.index) == list(range(50))


def test_missing_columns_are_named(stream, tmp_path):
    stream.drop(columns=["TERMINAL_ID", "TX_FRAUD"]).to_csv(tmp_path / "s.csv")
    with pytest.raises(ValueError, match=r"TERMINAL_ID', 'TX_FRAUD"):
        load_card_transactions(tmp_path / "s.csv")


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("TX_DATETIME", "yesterday"),
        ("TX_AMOUNT", "secret"),
        ("TX_AMOUNT", np.inf),
        ("TX_FRAUD", 2),
        ("CUSTOMER_ID", None),
    ],
)
def test_wrong_cells_are_named_and_not_quoted(stream, tmp_path, column, value):
    wrong = stream.head(9).astype({column: object})
    wrong.loc[4, column] = value
    wrong.to_csv(tmp_path / "s.csv", index=False)
    with pytest.raises(ValueError, match=rf"'{column}', row 4") as caught:
        load_card_transactions(tmp_path / "s.csv")
    assert str(value) not in str(caught.value)


def test_times_as_numbers_and_other_files_are_refused(stream):
    with pytest.raises(ValueError, match="holds numbers"):
        card_transaction_features(stream.assign(TX_DATETIME=stream["TX_TIME_SECONDS"]))
    with pytest.raises(ValueError, match=r"\.parquet, \.csv"):
        load_card_transactions("stream.xlsx")
    with pytest.raises(TypeError, match="ndarray"):
        card_transaction_features(stream.to_numpy())


# Features ----------------------------------------------------------------------------------


def naive_features(rows, windows=(1, 7, 30), delay=7):
    """One row at a time, from the definition."""
    out = []
    for _, row in rows.iterrows():
        now = row["TX_DATETIME"]
        features = [row["TX_AMOUNT"], now.weekday() >= 5, now.hour <= 6]
        for key, lag in (("CUSTOMER_ID", 0), ("TERMINAL_ID", delay)):
            own = rows[rows[key] == row[key]]
            for window in windows:
                end = now - lag * DAY
                times = own["TX_DATETIME"]
                past = own[(times > end - window * DAY) & (times <= end)]
                value = past["TX_FRAUD" if lag else "TX_AMOUNT"].mean()
                features += [len(past), 0 if np.isnan(value) else value]
        out.append(features)
    return np.array(out, dtype=float)


@pytest.fixture
def busy():
    """200 rows of few customers on hourly times: equal times and exact distances in days."""
    rng = np.random.RandomState(0)
    hours = rng.randint(0, 24 * 45, 200)
    return pd.DataFrame(
        {
            "TX_DATETIME": pd.Timestamp("2018-04-01") + pd.to_timedelta(hours, unit="h"),
            "CUSTOMER_ID": rng.choice(["a", "b", "c"], 200),
            "TERMINAL_ID": rng.randint(0, 4, 200),
            "TX_AMOUNT": rng.uniform(0, 300, 200).round(2),
            "TX_FRAUD": rng.randint(0, 2, 200),
        },
        index=rng.permutation(200) + 1000,
    )


def test_features_equal_their_naive_twin(busy):
    features = card_transaction_features(busy)
    assert features.index.equals(busy.index)
    assert (features.dtypes == np.float64).all()
    np.testing.assert_allclose(features, naive_features(busy), rtol=1e-13)


def test_other_windows_and_delays_equal_the_twin(busy):
    features = card_transaction_features(busy, windows=(2, 10), delay=0.5)
    assert features.columns[-1] == "TERMINAL_ID_RISK_10DAY_WINDOW"
    np.testing.assert_allclose(features, naive_features(busy, (2, 10), 0.5), rtol=1e-13)


def test_amounts_finer_than_cents_keep_their_digits(busy):
    busy["TX_AMOUNT"] = busy["TX_AMOUNT"] / 7e4
    np.testing.assert_allclose(
        card_transaction_features(busy), naive_features(busy), rtol=1e-10, atol=1e-15
    )


def test_order_of_rows_does_not_matter(busy):
    features = card_transaction_features(busy)
    reverse = card_transaction_features(busy[::-1])
    pd.testing.assert_frame_equal(reverse[::-1], features)


def test_names_are_those_of_the_handbook(stream):
    names = list(card_transaction_features(stream).columns)
    assert names[:5] == [
        "TX_AMOUNT",
        "TX_DURING_WEEKEND",
        "TX_DURING_NIGHT",
        "CUSTOMER_ID_NB_TX_1DAY_WINDOW",
        "CUSTOMER_ID_AVG_AMOUNT_1DAY_WINDOW",
    ]
    assert names[-2:] == ["TERMINAL_ID_NB_TX_30DAY_WINDOW", "TERMINAL_ID_RISK_30DAY_WINDOW"]
    assert len(names) == len(set(names)) == 15


def test_labels_younger_than_the_delay_are_not_used(stream):
    """Flipping all labels of the last week changes no feature."""
    last = stream["TX_DATETIME"] > stream["TX_DATETIME"].max() - 7 * DAY
    flipped = stream.assign(TX_FRAUD=np.where(last, 1 - stream["TX_FRAUD"], stream["TX_FRAUD"]))
    pd.testing.assert_frame_equal(
        card_transaction_features(stream), card_transaction_features(flipped)
    )
    with pytest.raises(ValueError, match="delay"):
        card_transaction_features(stream, delay=0)


def test_time_zone_means_local_time(stream):
    rows = stream.head(300)
    local = rows.assign(TX_DATETIME=rows["TX_DATETIME"].dt.tz_localize("America/New_York"))
    pd.testing.assert_frame_equal(card_transaction_features(local), card_transaction_features(rows))
