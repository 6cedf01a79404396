"""Faults found by feeding the package what nobody thought of; each test fails without its mend."""

import datetime
import pickle

import numpy as np
import pytest
from scipy import sparse

from skgensample import NumbaSMOTE
from skgensample.cli import main
from skgensample.metrics import card_precision_score
from skgensample.model_selection import PrequentialSplit
from skgensample.table import TableCodec

N = 40


@pytest.fixture
def numbers():
    """40 rows of 3 floats and their labels, 10 of them scarce."""
    return np.random.RandomState(0).normal(size=(N, 3)), np.arange(N) % 4 // 3


@pytest.fixture
def ctgan():
    """The smallest conditional model."""
    pytest.importorskip("torch")
    from skgensample import CTGANResampler

    nets = {"embedding_dim": 4, "generator_dim": (8,), "discriminator_dim": (8,)}
    return CTGANResampler(max_steps=3, batch_size=20, random_state=0, **nets)


# Tables


def test_object_cells_that_do_not_compare(numbers):
    pd = pytest.importorskip("pandas")
    X, y = numbers
    X = X.astype(object)
    X[7, 1] = pd.NA
    X_all = NumbaSMOTE(random_state=0).fit_resample(X, y)[0]
    assert X_all[7, 1] is pd.NA
    X[7, 1] = np.array([1, 2])
    with pytest.raises(TypeError, match="Column 1 mixes types"):
        NumbaSMOTE().fit_resample(X, y)


@pytest.mark.parametrize("unit", ["m8[s]", "M8[s]"])
def test_arrays_of_dates_and_durations_are_refused(numbers, unit):
    X, y = numbers
    with pytest.raises(ValueError, match="dates or durations"):
        NumbaSMOTE().fit_resample((X * 1e6).astype(unit), y)


@pytest.mark.parametrize("dtype", [np.int64, np.uint64])
def test_sparse_integers_beyond_exact_floats_are_refused(numbers, dtype):
    X, y = numbers
    huge = np.where(X > 0, np.iinfo(dtype).max, dtype(0)).astype(dtype)
    with pytest.raises(ValueError, match="2\\*\\*53"):
        NumbaSMOTE().fit_resample(sparse.csr_array(huge), y)


def test_a_category_of_names_is_refused_like_text():
    pd = pytest.importorskip("pandas")
    names = pd.Series([f"name {i}" for i in range(N)])
    for column in (names, names.astype("category")):
        with pytest.raises(ValueError, match="identify people or rows"):
            TableCodec(categories="text").fit_encode(pd.DataFrame({"who": column}))
    numbered = pd.DataFrame({"level": pd.Series(range(N)).astype("category")})
    assert TableCodec(categories="text").fit_encode(numbered).shape == (N, 1)


def test_interval_columns_are_refused_by_name():
    pd = pytest.importorskip("pandas")
    frame = pd.DataFrame({"span": pd.interval_range(0, 5)})
    with pytest.raises(TypeError, match="'span' has dtype interval"):
        TableCodec().fit_encode(frame)


def test_polars_tables_that_numpy_cannot_hold(numbers):
    pl = pytest.importorskip("polars")
    X, y = numbers
    frame = pl.DataFrame(X, schema=["a", "b", "c"])
    with pytest.raises(TypeError, match="collect"):
        NumbaSMOTE().fit_resample(frame.lazy(), y)
    wide = frame.with_columns(pl.col("a").cast(pl.Int128))
    with pytest.raises(TypeError, match="'a' has dtype Int128"):
        NumbaSMOTE().fit_resample(wide, y)


def test_row_labels_of_several_types(numbers):
    pd = pytest.importorskip("pandas")
    X, y = numbers
    labels = [*range(N - 1), "last"]
    frame = pd.DataFrame(X, index=labels)
    X_res, _ = NumbaSMOTE(random_state=0).fit_resample(frame, pd.Series(y, index=range(1, N + 1)))
    assert X_res.index[:N].tolist() == labels
    with pytest.raises(ValueError, match="another order"):
        NumbaSMOTE().fit_resample(frame, pd.Series(y, index=labels[::-1]))


def test_a_frame_without_rows_says_so(numbers):
    pd = pytest.importorskip("pandas")
    X, y = numbers
    with pytest.raises(ValueError, match="at least 1 row"):
        NumbaSMOTE().fit_resample(pd.DataFrame(X)[:0], pd.Series(y)[:0])


# Targets


def test_labels_above_signed_integers(numbers):
    X, y = numbers
    y = y.astype(np.uint64) + np.uint64(2**63)
    _, y_res = NumbaSMOTE(random_state=0).fit_resample(X, y)
    assert np.unique(y_res, return_counts=True)[1].tolist() == [30, 30]


def test_targets_come_back_in_their_own_kind(numbers):
    X, y = numbers
    _, y_res = NumbaSMOTE(random_state=0).fit_resample(X, y.astype(object))
    assert y_res.dtype == object
    _, y_res = NumbaSMOTE(random_state=0).fit_resample(X, np.eye(2, dtype=int)[y].tolist())
    assert isinstance(y_res, list) and y_res[-1] == [0, 1]


@pytest.mark.parametrize("cell", [float("nan"), "NA"])
def test_missing_labels_among_text_name_their_row(numbers, cell):
    pd = pytest.importorskip("pandas")
    X, y = numbers
    labels = np.array(["no", "yes"], dtype=object)[y]
    labels[5] = pd.NA if cell == "NA" else cell
    with pytest.raises(ValueError, match="row 5"):
        NumbaSMOTE().fit_resample(X, labels)


def test_masked_labels_are_missing(numbers):
    X, y = numbers
    with pytest.raises(ValueError, match="row 3"):
        NumbaSMOTE().fit_resample(X, np.ma.masked_array(y, mask=np.arange(N) == 3))


def test_the_error_for_complex_labels_quotes_none(numbers):
    X, y = numbers
    with pytest.raises(ValueError, match="Complex") as error:
        NumbaSMOTE().fit_resample(X, y * 7j)
    assert "7" not in str(error.value)


# Conditional models


def test_a_class_of_one_row_is_not_copied(numbers, ctgan):
    X, y = numbers
    y = y.copy()
    lone = np.argmin(np.abs(X).max(axis=1))
    y[lone] = 2
    ctgan.set_params(sampling_strategy={1: 20}).fit_resample(X, y)
    assert not np.isclose(ctgan.sample(5, y=2)[0], X[lone]).any()
    assert not any(cell.tobytes() in pickle.dumps(ctgan) for cell in X[lone])


def test_sample_takes_one_label_and_a_seed(numbers, ctgan):
    ctgan.fit(*numbers)
    for y in ([0, 1], [1], np.array([1, 0, 1])):
        with pytest.raises(ValueError, match="not a class seen by fit"):
            ctgan.sample(3, y=y)
    with pytest.raises(ValueError, match="cannot be used to seed"):
        ctgan.sample(3, random_state=np.random.default_rng(0))


# Folds and metrics


@pytest.mark.parametrize("missing", [np.nan, np.datetime64("NaT")])
def test_missing_cards_are_not_folded_over(missing):
    card = (np.arange(84) % 7).astype(object)
    if isinstance(missing, np.datetime64):
        card = np.datetime64("2020-01-01") + card.astype(int)
    card[40] = missing
    cv = PrequentialSplit(1, time=np.arange(84) // 3, card=card)
    with pytest.raises(ValueError, match="card is missing in row 40"):
        next(cv.split(np.zeros((84, 1)), np.arange(84) % 2))


def test_days_as_digits_in_text_are_not_numbers():
    time = np.array(["20200131", "20200201", "20200202"])
    cv = PrequentialSplit(1, train_days=1, delay_days=0, test_days=1, time=time, card=None)
    with pytest.raises(ValueError, match="digits as text"):
        next(cv.split(np.zeros((3, 1))))


@pytest.mark.parametrize("name", ["day", "card"])
@pytest.mark.parametrize("missing", [np.nan, None])
def test_card_precision_refuses_missing_days_and_cards(name, missing):
    columns = {"day": [0, 0, 1], "card": [1, 2, 2]}
    columns[name] = np.array([*columns[name][:2], missing], dtype=object)
    with pytest.raises(ValueError, match=f"{name} is missing in row 2"):
        card_precision_score([0, 1, 1], [0.1, 0.2, 0.3], **columns)


# Card transactions


@pytest.mark.parametrize("start", ["2262-04-10", "1600-01-01", None, 20180401])
def test_first_days_that_nanoseconds_cannot_count(start):
    pytest.importorskip("pandas")
    from skgensample.datasets import make_card_transactions

    with pytest.raises(ValueError, match=r"start_date|overflow"):
        make_card_transactions(n_customers=5, n_days=10, start_date=start, random_state=0)


def test_a_zoned_first_day_starts_at_its_own_midnight():
    pytest.importorskip("pandas")
    from skgensample.datasets import make_card_transactions

    zone = datetime.timezone(datetime.timedelta(hours=9))
    start = datetime.datetime(2018, 4, 1, tzinfo=zone)
    stream = make_card_transactions(n_days=1, start_date=start, random_state=0)
    assert stream["TX_DATETIME"].dt.date.unique().tolist() == [datetime.date(2018, 4, 1)]


def test_windows_and_delays_that_nanoseconds_cannot_count():
    pytest.importorskip("pandas")
    from skgensample.datasets import card_transaction_features, make_card_transactions

    stream = make_card_transactions(n_customers=20, n_days=2, random_state=0)
    for options in ({"windows": (10**7,)}, {"delay": float("inf")}):
        with pytest.raises(ValueError, match="must be <="):
            card_transaction_features(stream, **options)


# Command line


def study(tmp_path, capsys, table, *options):
    """Exit status, output and error of a small study of a table of 'time,card,x,y' lines."""
    pytest.importorskip("pandas")
    path = tmp_path / "table.csv"
    path.write_text("time,card,x,y\n" + "".join(",".join(map(str, row)) + "\n" for row in table))
    small = ["--learners", "tree", "--strategies", "none", "--folds", "2", "--quiet"]
    status = main(["benchmark", "--csv", str(path), "--target", "y", *small, *options])
    return status, *capsys.readouterr()


def lines(n=60, target=lambda i: i % 3 // 2, card=lambda i: f"c{i % 9}"):
    """Rows of a table, one a day."""
    first = datetime.date(2020, 1, 1)
    return [(first + datetime.timedelta(i), card(i), i % 7, target(i)) for i in range(n)]


@pytest.mark.parametrize("target", [lambda i: int(i > 40), lambda i: int(i < 20)])
def test_a_window_of_one_class_is_refused(tmp_path, capsys, target):
    status, _, error = study(tmp_path, capsys, lines(target=target), "--time", "time")
    assert status == 2 and "one class only" in error


def test_a_missing_card_is_refused(tmp_path, capsys):
    table = lines(card=lambda i: "" if i == 55 else f"c{i % 9}")
    status, _, error = study(tmp_path, capsys, table, "--time", "time", "--card", "card")
    assert status == 2 and "missing cell in row 55" in error


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--drop", "time,card,x"), "No column is left"),
        (("--folds", "0"), "n_splits"),
        (("--ratios", "0"), "ratios"),
        (("--ratios", "nan"), "ratios"),
    ],
)
def test_options_that_leave_nothing_to_do(tmp_path, capsys, options, message):
    status, _, error = study(tmp_path, capsys, lines(), *options)
    assert status == 2 and message in error


def test_an_output_that_is_no_folder_is_seen_before_the_study(tmp_path, capsys):
    (tmp_path / "taken").write_text("")
    status, out, _ = study(tmp_path, capsys, lines(), "--output", str(tmp_path / "taken"))
    assert status == 2 and not out
