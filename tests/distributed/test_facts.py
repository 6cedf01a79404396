"""Facts of all rows that a few rows decide: units, multiples, integer dates, one-hot groups."""

import numpy as np
import pandas as pd
import pytest
from large_tables import in_memory
from sklearn.base import clone

import skgensample as sg
from skgensample.distributed import DaskResampler, _training, resample_dataset
from skgensample.table._witnesses import Facts, witnesses

dask = pytest.importorskip("dask")
dd = pytest.importorskip("dask.dataframe")
da = pytest.importorskip("dask.array")

SMOTE = sg.NumbaSMOTE(random_state=0)
BORDERLINE = sg.NumbaBorderlineSMOTE(random_state=0)
TREES = sg.SequentialTreesResampler(random_state=0, n_trees=2)
SAMPLED_TREES = clone(TREES).set_params(train_on="sampled", smoothing=True)


@pytest.fixture(autouse=True)
def synchronous():
    with dask.config.set(scheduler="synchronous"):
        yield


def table(n=420, seed=0):
    """Columns with patterns; class 1 is rare and overlaps with class 0."""
    rng = np.random.default_rng(seed)
    y = (rng.random(n) < 0.12).astype(int)
    frame = pd.DataFrame({"V1": (rng.normal(size=n) + y).round(2), "Class": y})
    frame["amount"] = 1000 * rng.integers(1, 60, n)
    days = pd.Timestamp("2021-01-01") + pd.to_timedelta(rng.integers(0, 700, n), unit="D")
    frame["paid"] = days
    frame["booked"] = days.strftime("%Y%m%d").astype(int)
    colour = rng.integers(0, 3, n)
    for i, name in enumerate(["red", "green", "blue"]):
        frame[f"colour_{name}"] = (colour == i).astype(int)
    return frame


def far_row(frame):
    """Label of a row of class 0, as far from the beginning as there is one."""
    return int(np.flatnonzero(frame["Class"] == 0)[-2])


def broken_multiple(frame):
    frame.loc[far_row(frame), "amount"] = 12_500


def broken_further(frame):
    frame.loc[far_row(frame), "amount"] = 12_501


def broken_date(frame):
    frame.loc[far_row(frame), "booked"] = 20_211_305


def broken_group(frame):
    frame.loc[far_row(frame), "colour_red"] = 1
    frame.loc[far_row(frame), "colour_blue"] = 1


def seconds(frame):
    frame.loc[far_row(frame), "paid"] += pd.Timedelta(seconds=7)


def local_midnights(frame):
    frame["paid"] = frame["paid"].dt.tz_localize("Europe/Zurich")


def local_hours(frame):
    local_midnights(frame)
    frame.loc[far_row(frame), "paid"] += pd.Timedelta(hours=5)


def four_places(frame):
    frame.loc[far_row(frame), "V1"] = 0.1234


def flags_as_bools(frame):
    for name in ("red", "green", "blue"):
        frame[f"colour_{name}"] = frame[f"colour_{name}"] == 1


CHANGES = [lambda frame: None, broken_multiple, broken_further, broken_date, broken_group, seconds,
           local_midnights, local_hours, four_places, flags_as_bools]  # fmt: skip
NAMES = ["none", *(change.__name__ for change in CHANGES[1:])]


def check(sampler, frame, partitions=(1, 3, 7)):
    """Compare with the rows in memory; returns these."""
    want = in_memory(clone(sampler), frame)
    for n in partitions:
        got = DaskResampler(sampler).fit_resample(dd.from_pandas(frame, n), "Class").compute()
        pd.testing.assert_frame_equal(got, want)
    return want.iloc[len(frame) :]


@pytest.mark.parametrize("change", CHANGES, ids=NAMES)
@pytest.mark.parametrize(
    "sampler", [SMOTE, BORDERLINE, SAMPLED_TREES], ids=["smote", "border", "trees"]
)
def test_rows_of_the_sampler_in_memory(sampler, change):
    frame = table()
    change(frame)
    new = check(sampler, frame)
    assert len(new) > 200


def test_generator_of_all_rows():
    frame = table(200)
    broken_group(frame)
    check(TREES, frame)


def test_patterns_are_kept():
    new = check(SMOTE, table(), (5,))
    assert (new["amount"] % 1000 == 0).all()
    assert pd.to_datetime(new["booked"].astype(str), format="%Y%m%d").notna().all()
    assert (new[["colour_red", "colour_green", "colour_blue"]].sum(axis=1) == 1).all()


def test_half_thousands_of_one_row_far_away():
    frame = table()
    broken_multiple(frame)
    new = check(SMOTE, frame, (7,))
    assert (new["amount"] % 500 == 0).all() and (new["amount"] % 1000 != 0).any()


def test_few_rows_of_a_class():
    frame = table(300)
    frame["Class"] = 0
    frame.loc[[5, 100, 200, 290], "Class"] = 1
    check(clone(SMOTE).set_params(k_neighbors=2), frame)
    check(clone(BORDERLINE).set_params(k_neighbors=2), frame)


@pytest.mark.parametrize("sampler", [SMOTE, BORDERLINE, sg.NumbaRandomOverSampler(random_state=0)])
def test_nothing_to_sample(sampler):
    frame = table(40)[["V1", "Class"]].assign(Class=np.arange(40) % 2)
    assert not len(check(sampler, frame, (3,)))


@pytest.mark.parametrize("sampler", [SMOTE, BORDERLINE, sg.NumbaRandomOverSampler(random_state=0)])
def test_classes_of_equal_size(sampler):
    frame = table(200)[["V1", "Class"]].assign(Class=np.arange(200) % 2)
    frame.loc[20:39, "Class"] = 2
    assert frame["Class"].value_counts().to_dict() == {0: 90, 1: 90, 2: 20}
    check(sampler, frame, (3,))


def test_few_different_integers_in_the_rows_of_a_class():
    frame = table(300)[["V1", "amount", "Class"]]
    frame["Class"] = 0
    frame.loc[[5, 100, 290], "Class"] = 1
    new = check(clone(SMOTE).set_params(k_neighbors=2), frame)
    assert (new["amount"] % 1000 == 0).all()


@pytest.mark.parametrize("seed", range(4))
def test_flags_that_are_nearly_groups(seed):
    """Columns next to each other that sum to 1 in many rows, and runs that overlap."""
    rng, frame = np.random.default_rng(seed), table(seed=seed)[["V1", "Class"]]
    kind = rng.integers(0, 6, len(frame))
    for i in range(6):
        frame[f"{'ab'[i % 2]}_{i}"] = (kind == i).astype(int)
    for row in rng.choice(len(frame), seed, replace=False):
        frame.loc[row, ["a_0", "b_1", "a_2"]] = rng.integers(0, 2, 3)
    frame["c"], frame["d"] = rng.integers(0, 2, (2, len(frame)))
    frame["e"] = 1 - frame["d"]
    for sampler in (SMOTE, BORDERLINE):
        check(sampler, frame, (1, 6))


def test_category_counts_with_groups():
    frame = table()[["Class", "colour_red", "colour_green", "colour_blue"]].assign(
        hour=np.arange(420) % 5
    )
    for change in (lambda frame: None, broken_group):
        change(frame)
        check(sg.NumbaSMOTEN(random_state=0), frame)


@pytest.mark.parametrize("unit", [None, "h", "D"])
def test_unit_of_dates(unit):
    frame = table()
    seconds(frame)
    new = check(clone(BORDERLINE).set_params(datetime_unit=unit), frame)
    assert (new["paid"].dt.second != 0).any()


def test_category_rule():
    frame = table()
    frame["kind"] = pd.Categorical(np.array(["chip", "swipe"])[np.arange(420) % 2])
    for sampler in (SMOTE, BORDERLINE, sg.NumbaSMOTENC(random_state=1)):
        check(clone(sampler).set_params(category_rule="nearest"), frame)


@pytest.mark.parametrize("n_bytes", [32_000_000, 4_000])
def test_scale_where_all_rows_are_read(n_bytes, monkeypatch):
    monkeypatch.setattr(_training, "PIECE_BYTES", n_bytes)
    sampler = sg.NumbaSVMSMOTE(random_state=0, scale="standard")
    frame = table()
    frame["amount"] *= 1_000
    new = check(sampler, frame)
    plain = in_memory(clone(sampler).set_params(scale=None), frame).iloc[len(frame) :]
    assert not np.array_equal(new["V1"], plain["V1"])


def test_scale_is_refused():
    quantiles = sg.NumbaSVMSMOTE(random_state=0, scale="quantile")
    with pytest.raises(ValueError, match="scale= looks at the whole table"):
        DaskResampler(quantiles).fit_resample(dd.from_pandas(table(), 2), "Class")
    with pytest.raises(ValueError, match="scale= looks at the whole table"):
        DaskResampler(clone(SMOTE).set_params(scale="standard")).fit_resample(
            dd.from_pandas(table(), 2), "Class"
        )


def with_gaps():
    frame = table()
    rng = np.random.default_rng(1)
    for name in ("V1", "paid"):
        frame.loc[rng.choice(420, 40, replace=False), name] = None
    frame["age"] = pd.array(1000 * rng.integers(20, 60, 420), dtype="Int64")
    frame.loc[rng.choice(420, 40, replace=False), "age"] = pd.NA
    kinds = pd.Series(np.array(["chip", "swipe", "web"])[rng.integers(0, 3, 420)])
    kinds[rng.choice(420, 40, replace=False)] = None
    return frame.assign(kind=kinds.astype("category"))


@pytest.mark.parametrize("sampler", [SMOTE, sg.NumbaSMOTENC(random_state=1), SAMPLED_TREES],
                         ids=["smote", "smotenc", "trees"])  # fmt: skip
def test_missing_cells(sampler):
    new = check(sampler, with_gaps())
    assert new[["V1", "age", "kind"]].isna().any().all()
    assert (new["age"].dropna() % 1000 == 0).all()


@pytest.mark.parametrize("sampler", [BORDERLINE, sg.NumbaADASYN(), sg.SafeLevelSMOTE()])
def test_missing_cells_are_located_where_all_rows_are_searched(sampler):
    frame = with_gaps()
    row = int(np.flatnonzero(frame["V1"].isna())[0])
    with pytest.raises(ValueError, match=rf"column 'V1', row {row}\. Impute first"):
        DaskResampler(sampler).fit_resample(dd.from_pandas(frame, 5), "Class")


@pytest.mark.parametrize("dtype", ["int32[pyarrow]", "Int64", "uint64"])
def test_types_of_integers(dtype):
    pytest.importorskip("pyarrow")
    frame = table()
    broken_further(frame)
    frame["amount"] = frame["amount"].astype(dtype)
    frame["booked"] = frame["booked"].astype(dtype)
    check(SMOTE, frame, (3,))


@pytest.mark.parametrize("dtype", ["timestamp[s][pyarrow]", "timestamp[ns, Europe/Zurich][pyarrow]",
                                   "date32[day][pyarrow]", "datetime64[s]"])  # fmt: skip
def test_types_of_dates(dtype):
    pytest.importorskip("pyarrow")
    frame = table()
    if "Zurich" in dtype:
        local_midnights(frame)
    frame["paid"] = frame["paid"].astype(dtype)
    check(SMOTE, frame, (3,))
    check(BORDERLINE, frame, (3,))


def test_arrays_that_a_model_learns():
    frame = table()[["amount", "booked", "colour_red", "colour_green", "colour_blue", "Class"]]
    broken_multiple(frame)
    X, y = frame.drop(columns="Class").to_numpy(), frame["Class"].to_numpy()
    want = clone(SAMPLED_TREES).fit_resample(X, y)[0]
    blocks = da.from_array(X, chunks=(100, 5)), da.from_array(y, chunks=100)
    got = DaskResampler(SAMPLED_TREES).fit_resample(*blocks)[0].compute()
    np.testing.assert_array_equal(got, want)


def test_files(tmp_path):
    pytest.importorskip("pyarrow")
    frame = table()
    for change in CHANGES[1:6]:
        change(frame)
    frame.to_parquet(tmp_path / "given.parquet", row_group_size=60)
    for sampler in (SMOTE, BORDERLINE):
        resample_dataset(tmp_path / "given.parquet", tmp_path / "all.parquet", target="Class",
                         sampler=sampler, memory="8GB")  # fmt: skip
        got = pd.read_parquet(tmp_path / "all.parquet")
        pd.testing.assert_frame_equal(got, in_memory(clone(sampler), frame))


@pytest.mark.parametrize("learned", [False, True])
def test_witnesses_of_witnesses_are_few(learned):
    frame, facts = table(3000).drop(columns="Class"), Facts("auto", learned)
    rows = witnesses(frame, facts)
    few = frame.iloc[rows]
    assert len(rows) < 80
    again = few.iloc[witnesses(few, facts)]
    assert np.gcd.reduce(np.diff(again["amount"])) == 1000
    assert again["amount"].nunique() >= 10


def test_decimals_and_times_of_day_are_no_levels():
    """Of numbers only the extremes are gathered, not a row for each value."""
    pa = pytest.importorskip("pyarrow")
    cents = pa.array(range(500), pa.int64()).cast(pa.decimal128(20, 0))
    clock = pa.array(range(500), pa.time32("s"))
    frame = pa.table({"cents": cents, "clock": clock}).to_pandas(types_mapper=pd.ArrowDtype)
    rows = witnesses(frame, Facts("auto"))
    assert {0, 499} <= set(rows.tolist()) and len(rows) < 100


@pytest.mark.parametrize("sampler", [SMOTE, BORDERLINE], ids=["smote", "border"])
def test_numbers_of_people_and_of_rows(sampler):
    """Phone numbers are refused; numbers that only the rows gathered do not share are not."""
    frame = table()
    shops = np.random.default_rng(0).permutation(np.arange(len(frame)) % 200)
    frame["merchant_id"] = 1_000 + shops
    check(sampler, frame, (4,))
    frame["phone"] = 4_915_000_000_000 + 7_919 * shops
    with pytest.raises(sg.exceptions.PersonalColumnsError, match=r"Column 'phone' \("):
        in_memory(clone(sampler), frame)
    with pytest.raises(sg.exceptions.PersonalColumnsError, match=r"Column 'phone' \("):
        DaskResampler(sampler).fit_resample(dd.from_pandas(frame, 4), "Class")
