"""Tables of the benchmark: CSV files of many kinds, and the card stream with its anchor."""

import numpy as np
import pytest
from sklearn.model_selection import StratifiedKFold, TimeSeriesSplit

from skgensample.benchmarking import _data as tables_module
from skgensample.benchmarking import load_csv_table, load_stream_table
from skgensample.datasets import make_card_transactions

pd = pytest.importorskip("pandas")


@pytest.fixture
def write(tmp_path):
    """Write text to a CSV file and return its path."""

    def to_file(text):
        path = tmp_path / "table.csv"
        path.write_text(text, encoding="utf-8")
        return path

    return to_file


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
def test_separator_is_read_from_the_first_line(write, separator):
    text = "age,home,bad\n30,rent,no\n41,own,yes\n".replace(",", separator)
    table = load_csv_table(write(text), "bad")
    assert table.X.columns.tolist() == ["age", "home"]
    assert table.y.tolist() == ["no", "yes"]
    assert isinstance(table.cv, StratifiedKFold)


def test_columns_without_names_are_numbered(write):
    table = load_csv_table(write("30,rent,1\n41,own,2\n"), "2", header=False)
    assert table.X.columns.tolist() == ["0", "1"]
    assert table.y.tolist() == [1, 2]


def test_dropped_columns_and_gaps(write):
    text = "id,age,home,bad\n1,30,rent,no\n2,,own,yes\n3,33,,no\n"
    X = load_csv_table(write(text), "bad", drop=["id"]).X
    assert X.columns.tolist() == ["age", "home"]
    assert X.isna().sum().tolist() == [1, 1]
    assert X["home"].tolist()[:2] == ["rent", "own"]


@pytest.mark.parametrize("times", [[5, 1, 9], ["2024-03-05", "2024-03-01", "2024-03-09"]])
def test_time_orders_the_rows_and_is_no_feature(write, times):
    lines = [f"{time},{n},{n % 2}" for n, time in enumerate(times)]
    table = load_csv_table(write("when,n,bad\n" + "\n".join(lines)), "bad", time="when", n_splits=2)
    assert table.X.to_dict("list") == {"n": [1, 0, 2]}
    assert table.y.tolist() == [1, 0, 0]
    assert isinstance(table.cv, TimeSeriesSplit)
    assert len(np.unique(table.day)) == 3


def test_rows_of_one_date_share_a_day(write):
    text = "when,n,bad\n2024-03-01 08:00,1,0\n2024-03-01 20:00,2,1\n2024-03-02 01:00,3,0\n"
    day = load_csv_table(write(text), "bad", time="when").day
    assert day.tolist() == sorted(day.tolist())
    assert [day[0] == day[1], day[1] == day[2]] == [True, False]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"target": "worse"}, "No column worse"),
        ({"target": None}, "name of its target"),
        ({"target": "gap"}, "gap has a missing cell in row 1"),
        ({"target": "bad", "drop": ["x"]}, "No column x"),
        ({"target": "bad", "card": "home"}, "needs time as well"),
        ({"target": "bad", "time": "home"}, "not a number or date in row 0"),
        ({"target": "bad", "time": "age", "card": "home"}, "needs dates"),
    ],
)
def test_what_cannot_be_read_is_refused_by_name(write, options, message):
    path = write("age,home,gap,bad\n30,rent,a,no\n41,own,,yes\n")
    with pytest.raises(ValueError, match=message):
        load_csv_table(path, **options)


def _clients(n=300):
    """Clients with names, phone numbers, two columns of dates and gaps among them."""
    rng = np.random.RandomState(0)
    days = pd.Timestamp("2023-01-01") + pd.to_timedelta(rng.randint(90, size=n), "D")
    frame = pd.DataFrame({"age": rng.randint(18, 70, n), "start": days.strftime("%Y-%m-%d")})
    frame["seen"] = days.strftime("%d.%m.%Y")
    frame.loc[3, "start"] = None
    frame["name"] = [f"Ann Lee{chr(97 + i % 26)}{chr(97 + i // 26)}" for i in range(n)]
    frame["phone"], frame["bad"] = rng.randint(6 * 10**9, 10**10, n), np.arange(n) % 9 == 0
    return frame


def test_dates_become_days(write):
    frame = _clients()
    table = load_csv_table(write(frame.to_csv(index=False)), "bad", drop=["name", "phone"])
    days = (pd.to_datetime(frame["start"]) - pd.Timestamp(0)).dt.days
    assert table.X.columns.tolist() == ["age", "start", "seen"]
    np.testing.assert_array_equal(table.X["start"], days)
    assert table.X["seen"].dtype == float and table.X["seen"][5] == days[5]
    assert table.description.endswith("dates as numbers of days: start, seen")


def test_columns_that_identify_people_are_no_features(write):
    path = write(_clients().to_csv(index=False))
    with pytest.raises(ValueError, match="--drop name,phone") as error:
        load_csv_table(path, "bad")
    assert "Lee" not in str(error.value)
    X = load_csv_table(path, "bad", drop=["name"], schema={"phone": "number"}).X
    assert "phone" in X


def test_small_stream_has_two_folds_and_suits_itself(monkeypatch):
    monkeypatch.setitem(tables_module.SMALL_STREAM, "n_customers", 200)
    table = load_stream_table(small=True)
    folds = list(table.cv.split(table.X, table.y))
    assert len(folds) == 2
    assert table.X.shape == (len(table.y), 15)
    for train, test in folds:
        assert len(np.unique(table.day[train])) == 7
        gap = (table.day[test].min() - table.day[train].max()) / np.timedelta64(1, "D")
        assert gap == 8
    assert table.defaults["learners"] == ["tree", "xgboost", "xgboost-half"]


def _thin_table(n, n_bad):
    """A table in reverse order of time, the minority spread over it."""
    bad = np.zeros(n, dtype=int)
    bad[np.arange(n_bad) * n // n_bad] = 1
    when = np.arange(n)[::-1]
    return "\n".join(["when,x,bad", *(f"{t},{t % 7},{b}" for t, b in zip(when, bad))])


@pytest.mark.parametrize("time", [None, "when"])
@pytest.mark.parametrize(("n_bad", "n_rows"), [(1000, 5000), (100, 20_000), (200, 10_000)])
def test_small_subset_keeps_the_shares_and_spans_the_table(write, time, n_bad, n_rows):
    """5,000 rows, or more up to 100 of the minority class."""
    path = write(_thin_table(20_000, n_bad))
    options = {"time": time, "schema": None if time else {"when": "number"}}
    table = load_csv_table(path, "bad", small=True, **options)
    assert len(table.y) == n_rows
    assert table.y.mean() == pytest.approx(n_bad / 20_000, abs=1e-4)
    assert f"({n_bad / 20_000:.2%})" in table.description
    whole = load_csv_table(path, "bad", **options)
    for label in (0, 1):  # of each class every k-th row, so each tenth of them gives a tenth
        kept, given = (np.flatnonzero(one.y == label) / len(one.y) for one in (table, whole))
        tenths = [0.1, 0.5, 0.9]
        assert np.quantile(kept, tenths) == pytest.approx(np.quantile(given, tenths), abs=0.02)
    again = load_csv_table(path, "bad", small=True, random_state=7, **options)
    pd.testing.assert_frame_equal(table.X, again.X)
    assert table.cv.get_n_splits() == 2
    if time:
        assert len(table.day) == n_rows and (np.diff(table.day) >= 0).all()
        assert len(np.unique(table.day)) == 100


def test_small_of_a_small_table_is_the_table(write):
    path = write(_thin_table(300, 30))
    table = load_csv_table(path, "bad", small=True, schema={"when": "number"})
    assert "table.csv: 300 rows, 2 features, minority class 1 (10.00%)" in table.description
    assert table.defaults["ratios"] == (0.1, 1.0)


def test_small_with_transactions_takes_two_folds(tmp_path):
    path = tmp_path / "stream.csv"
    make_card_transactions(n_customers=100, n_days=60, random_state=0).to_csv(path, index=False)
    table = load_stream_table(path, small=True)
    assert table.cv.get_n_splits() == 2
    assert table.defaults["learners"] == ["tree", "xgboost", "xgboost-half"]
    assert "fraudulent; 2 prequential folds" in table.description


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a, a,bad\n1,2,0\n3,4,1\n", "2 columns have the name a"),
        ("a,b,bad\n1,2,0\n3,4,0\n", "bad has 1 different values"),
        ("a,b,bad\n", "bad has 0 different values"),
        (",".join(f"c{n}" for n in range(30)) + "\n" + ",".join(["1"] * 30), r"c19, \.\.\.\.$"),
        ("a,Bad\n1,0\n", r"No column bad \(did you mean Bad\?\)"),
    ],
)
def test_headers_and_targets_that_do_not_do(write, text, message):
    with pytest.raises(ValueError, match=message):
        load_csv_table(write(text), "bad", drop=["a"] if "a, a" in text else [])


def test_options_win_over_the_defaults_of_a_table(write):
    rng = np.random.default_rng(0)
    lines = "\n".join(f"{x:.3f},{int(x > 1)}" for x in rng.normal(size=200))
    table = load_csv_table(write("x,bad\n" + lines), "bad", n_splits=2)
    table.defaults = {"learners": ["forest"], "strategies": ["none"]}
    found = table.run(learners=["tree"], ratios=None, progress=False)
    assert [(row["learner"], row["strategy"]) for row in found.summary] == [("tree", "none")]


def test_published_anchor_of_the_untouched_tree(shared_data):
    table = load_stream_table(shared_data("fraud-handbook-simulated/transactions.parquet"))
    found = table.run(learners=["tree"], strategies=["none"], progress=False)
    assert found.info["train_rows"] == [67049, 67080, 66975, 67240]
    assert found.info["train_minority"] == [594, 568, 626, 598]
    assert found.info["test_rows"] == [57604, 58337, 57937, 58264]
    assert found.info["test_minority"] == [422, 408, 387, 385]
    row = found.summary[0]
    published = [0.810, 0.600, 0.284]
    assert [row["auroc"], row["ap"], row["alert"]] == pytest.approx(published, abs=0.003)
