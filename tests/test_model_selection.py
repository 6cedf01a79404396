"""Folds along time: invariants, both ways of passing time and card, validation."""

import warnings

import numpy as np
import pytest
from imblearn.pipeline import make_pipeline
from sklearn import config_context
from sklearn.base import clone
from sklearn.compose import make_column_transformer
from sklearn.dummy import DummyClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import average_precision_score, roc_auc_score
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.tree import DecisionTreeClassifier

from skgensample import ResamplingWarning
from skgensample.datasets import card_transaction_features, load_card_transactions
from skgensample.metrics import card_precision_score
from skgensample.model_selection import PrequentialSplit


@pytest.fixture
def table():
    """3,000 rows in random order over 60 days, 40 cards, 5 % fraudulent."""
    rng = np.random.RandomState(0)
    day = rng.uniform(0, 60, 3000)
    return (
        rng.standard_normal((3000, 2)),
        (rng.rand(3000) < 0.05) * 1,
        day,
        rng.randint(0, 40, 3000),
    )


SIZES = {"n_splits": 3, "train_days": 10, "delay_days": 5, "test_days": 6, "step_days": 4}


def test_folds_hold_the_days_they_should(table):
    X, y, day, _ = table
    folds = list(PrequentialSplit(**SIZES, time=day, card=None).split(X, y))
    assert len(folds) == 3
    whole = np.floor(day)
    for fold, (train, test) in enumerate(folds):
        start = 60 - 21 - 4 * fold
        np.testing.assert_array_equal(train, np.flatnonzero((day >= start) & (day < start + 10)))
        assert set(whole[test]) == set(range(start + 15, start + 21))
        assert whole[train].max() + 5 < whole[test].min()


def test_known_cards_are_out_and_others_are_in(table):
    X, y, day, card = table
    whole = np.floor(day)
    open_folds = PrequentialSplit(**SIZES, time=day, card=None).split(X, y)
    folds = PrequentialSplit(**SIZES, time=day, card=card).split(X, y)
    n_out = 0
    for (train, test), (_, everyone) in zip(folds, open_folds):
        start = whole[train].min()
        for row in everyone:
            past = (whole >= start) & (whole <= whole[row] - 5 - 1)
            known = y[past & (card == card[row])].any()
            assert (row in test) != known
            n_out += known
    assert 0 < n_out


def test_dates_names_and_arrays_give_the_same_folds(table):
    pd = pytest.importorskip("pandas")
    X, y, day, card = table
    when = pd.Timestamp("2018-04-01") + pd.to_timedelta(day, unit="D")
    frame = pd.DataFrame({"TX_DATETIME": when, "CUSTOMER_ID": card})
    expected = list(PrequentialSplit(**SIZES, time=day, card=card).split(X, y))
    start = {"start": "2018-05-10"}
    ways = [
        PrequentialSplit(**SIZES).split(frame, y),
        PrequentialSplit(**SIZES, **start).split(frame, y),
        PrequentialSplit(**SIZES, start=pd.Timestamp("2018-05-10").date()).split(frame, y),
        PrequentialSplit(**SIZES, time=when, card=frame["CUSTOMER_ID"]).split(X, y),
        PrequentialSplit(**SIZES, time=list(when.to_pydatetime()), card=card).split(X, y),
        PrequentialSplit(**SIZES, time=when.astype(str), card=card.astype(str)).split(X, y),
        PrequentialSplit(**SIZES, time=day, start=39, card=None).split(X, y, groups=card),
    ]
    for folds in ways:
        for (train, test), (train_, test_) in zip(folds, expected, strict=True):
            np.testing.assert_array_equal(train, train_)
            np.testing.assert_array_equal(test, test_)


def test_start_moves_the_latest_fold(table):
    X, y, day, _ = table
    train, _ = next(PrequentialSplit(**SIZES, start=20, time=day, card=None).split(X, y))
    assert np.floor(day[train]).min() == 20


def test_string_labels(table):
    X, y, day, card = table
    expected = list(PrequentialSplit(time=day, card=card).split(X, y))
    labels = np.where(y == 1, "fraud", "fine")
    folds = list(PrequentialSplit(time=day, card=card, pos_label="fraud").split(X, labels))
    for (_, test), (_, test_) in zip(folds, expected, strict=True):
        np.testing.assert_array_equal(test, test_)
    with pytest.raises(ValueError, match="pos_label"):
        next(PrequentialSplit(time=day, card=card).split(X, labels))


def test_in_cross_val_score_and_grid_search(table):
    X, y, day, card = table
    cv = PrequentialSplit(time=day, card=card)
    assert len(cross_val_score(LogisticRegression(), X, y, cv=cv)) == 4
    groups = PrequentialSplit(time=day, card=None)
    scores = cross_val_score(LogisticRegression(), X, y, cv=groups, groups=card)
    np.testing.assert_array_equal(scores, cross_val_score(LogisticRegression(), X, y, cv=cv))
    with config_context(enable_metadata_routing=True):
        routed = cross_val_score(LogisticRegression(), X, y, cv=groups, params={"groups": card})
    np.testing.assert_array_equal(scores, routed)
    search = GridSearchCV(LogisticRegression(), {"C": [0.1, 1]}, cv=cv, scoring="average_precision")
    assert clone(search).fit(X, y).n_splits_ == 4


def test_nested_search_takes_names_of_columns(table):
    pd = pytest.importorskip("pandas")
    X, y, day, card = table
    frame = pd.DataFrame(X, columns=["a", "b"]).assign(day=day, card=card)
    names = {"time": "day", "card": "card"}
    features = make_column_transformer(("passthrough", ["a", "b"]))
    inner = PrequentialSplit(1, train_days=2, delay_days=1, test_days=2, **names)
    model = make_pipeline(features, DummyClassifier())
    search = GridSearchCV(model, {"dummyclassifier__strategy": ["prior", "uniform"]}, cv=inner)
    scores = cross_val_score(search, frame, y, cv=PrequentialSplit(**names), error_score="raise")
    assert np.isfinite(scores).all()


def test_repr_is_short(table):
    _, _, day, card = table
    shown = repr(PrequentialSplit(time=day, card=list(card)))
    assert "time=<3000 values>, card=<3000 values>" in shown
    assert len(shown) < 200
    assert "card=None" in repr(PrequentialSplit(card=None))


@pytest.mark.parametrize(
    ("changed", "match"),
    [
        ({"n_splits": 9}, "need 77 days: they begin 17 days before"),
        ({"start": 55}, "end 16 days after"),
        ({"start": "2018-05-01"}, "start must be a date if"),
        ({"time": "when"}, "no column 'when'"),
        ({"time": np.arange(9.0)}, "time must hold one value for each of the 3000 rows"),
        ({"card": [1, 2]}, "card must hold"),
        ({"time": np.full(3000, np.nan)}, "row 0"),
        ({"time": ["noon"] * 3000}, "neither numbers nor datetimes"),
        ({"card": [None, *"ab"] * 1000}, "several types"),
        ({"card": np.r_[np.zeros(2999), np.nan]}, "row 2999"),
        ({"time": None}, "at least one"),
        ({"train_days": 0}, "train_days"),
    ],
)
def test_errors_say_what_is_wrong(table, changed, match):
    X, y, day, card = table
    with pytest.raises(ValueError, match=match):
        next(PrequentialSplit(**{"time": day, "card": card, **changed}).split(X, y))


def test_labels_are_needed_where_cards_are_left_out(table):
    X, y, day, card = table
    with pytest.raises(ValueError, match="pass y"):
        next(PrequentialSplit(time=day, card=card).split(X))
    with pytest.raises(ValueError, match="y must hold"):
        next(PrequentialSplit(time=day, card=card).split(X, y[:9]))
    assert len(list(PrequentialSplit(time=day, card=None).split(X))) == 4


def test_a_fold_without_rows_is_refused():
    day = np.r_[0:7, 30:37]
    with pytest.raises(ValueError, match="Fold 0 has no row to train"):
        list(PrequentialSplit(1, time=day, card=None).split(day.reshape(-1, 1)))


def test_time_zones_are_refused(table):
    pd = pytest.importorskip("pandas")
    X, y, day, _ = table
    when = pd.Series(pd.Timestamp("2018-04-01", tz="UTC") + pd.to_timedelta(day, unit="D"))
    with pytest.raises(ValueError, match="time zone"):
        next(PrequentialSplit(time=when, card=None).split(X, y))


@pytest.fixture(scope="module")
def published(shared_data):
    """The handbook's stream."""
    pytest.importorskip("pyarrow")
    return load_card_transactions(shared_data("fraud-handbook-simulated/transactions.parquet"))


def test_rows_of_the_published_protocol(published):
    """Rows and fraudulent transactions of the four folds of the handbook's stream, as published."""
    y = published["TX_FRAUD"].to_numpy()
    folds = PrequentialSplit(start="2018-08-15").split(published, y)
    sizes = [(len(train), y[train].sum(), len(test), y[test].sum()) for train, test in folds]
    assert sizes == [
        (67_049, 594, 57_604, 422),
        (67_080, 568, 58_337, 408),
        (66_975, 626, 57_937, 387),
        (67_240, 598, 58_264, 385),
    ]


@pytest.mark.slow  # the benchmark's anchor, in test_benchmark_tables.py, is the same tree
def test_a_tree_reaches_the_published_figures(published):
    """Stream, features, folds and metric together: AUROC, AP and CP@100 of a tree of depth 5."""
    X, y = card_transaction_features(published).to_numpy(), published["TX_FRAUD"].to_numpy()
    day, card = published["TX_TIME_DAYS"].to_numpy(), published["CUSTOMER_ID"].to_numpy()
    figures = []
    for train, test in PrequentialSplit(start="2018-08-15").split(published, y):
        tree = DecisionTreeClassifier(max_depth=5, random_state=0).fit(X[train], y[train])
        score = tree.predict_proba(X[test])[:, 1]
        figures.append(
            [
                roc_auc_score(y[test], score),
                average_precision_score(y[test], score),
                card_precision_score(y[test], score, day=day[test], card=card[test]),
            ]
        )
    np.testing.assert_allclose(np.mean(figures, axis=0), [0.810, 0.600, 0.284], atol=0.003)


@pytest.mark.parametrize("unit", [1, 1e3, 1e9], ids=["seconds", "milliseconds", "nanoseconds"])
def test_numbers_that_are_no_days_are_refused(unit):
    """Seconds of two days are 473 years of days; as datetimes or days they are two days."""
    seconds = np.sort(np.random.RandomState(0).uniform(0, 2 * 86_400, 5_000))
    y = np.arange(5_000) % 100 == 0
    sizes = {"n_splits": 1, "train_days": 1, "delay_days": 0, "test_days": 1, "card": None}
    with pytest.raises(ValueError, match=r"are days, and these span .* unit='s'"):
        next(PrequentialSplit(**sizes, time=seconds * unit).split(seconds.reshape(-1, 1), y))
    for days in (seconds / 86_400, (seconds * 1e9).astype("datetime64[ns]")):
        train, test = next(PrequentialSplit(**sizes, time=days).split(seconds.reshape(-1, 1), y))
        assert len(train) + len(test) == 5_000


def test_folds_without_a_positive_row_warn():
    """Of the fold and the part; not where y has no positive row at all, or none is given."""
    day = np.repeat(np.arange(4), 50)
    y = (day == 3).astype(int)
    sizes = {"n_splits": 2, "train_days": 1, "delay_days": 0, "test_days": 1, "step_days": 1}
    cv = PrequentialSplit(**sizes, time=day, card=None)
    with (
        pytest.warns(ResamplingWarning, match="Fold 0 has 50 train rows, none of them with"),
        pytest.warns(ResamplingWarning, match="Fold 1 has 50 test rows, none of them with"),
    ):
        list(cv.split(day.reshape(-1, 1), y))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        list(cv.split(day.reshape(-1, 1)))
        list(cv.split(day.reshape(-1, 1), np.zeros(200)))
