"""`resample_dataset` on lazy frames: one snapshot of the query, the sampler's rows, no traces."""

import datetime as dt
import os
import shutil
import sys
import warnings
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal

import numpy as np
import pandas as pd
import pytest
from large_tables import SAMPLERS, cards, in_memory, read_csv
from packaging.version import Version
from sklearn.base import clone

import skgensample as sg
from skgensample.distributed import _dataset, _lazy, resample_dataset

pa = pytest.importorskip("pyarrow")
nw = pytest.importorskip("narwhals")
pl = pytest.importorskip("polars")
duckdb = pytest.importorskip("duckdb")
pq = pytest.importorskip("pyarrow.parquet")
#: polars' own notes about levels, copied by pyarrow, are errors when polars reads them.
OLD = Version(pl.__version__) < Version("2") or Version(pa.__version__) < Version("20")
SMOTE = sg.NumbaSMOTE(random_state=0)
READ = {".parquet": pd.read_parquet, ".feather": pd.read_feather, "": pd.read_parquet,
        ".csv": read_csv}  # fmt: skip
TEXT = dict.fromkeys(("kind", "shop"), str)


@pytest.fixture(autouse=True)
def small_batches(monkeypatch):
    monkeypatch.setattr(_dataset, "BATCH_ROWS", (100, 300))


def relation(frame):
    """A DuckDB relation of a frame."""
    table = pa.Table.from_pandas(frame) if isinstance(frame, pd.DataFrame) else frame.to_arrow()
    return duckdb.from_arrow(table)


LAZY = {
    "polars": lambda frame: pl.from_pandas(frame).lazy(),
    "narwhals": lambda frame: nw.from_native(pl.from_pandas(frame)).lazy(),
    "duckdb": relation,
}


def resampled(lazy, output, sampler=SMOTE, **options):
    """Result of a run as a frame."""
    options = {"memory": "8GB", "target": "Class", **options}
    resample_dataset(lazy, output, sampler=sampler, **options)
    return READ[output.suffix](output)


def same(got, want):
    """Equal but for the dtype of text and categories."""
    pd.testing.assert_frame_equal(got.astype(TEXT), want.astype(TEXT), check_exact=True)


@pytest.mark.parametrize("name", ["smote", "smotenc", "borderline-1", "adasyn", "copula"])
@pytest.mark.parametrize("engine", LAZY)
def test_rows_are_those_in_memory(engine, name, tmp_path):
    frame = cards()
    got = resampled(LAZY[engine](frame), tmp_path / "all.parquet", SAMPLERS[name])
    same(got, in_memory(clone(SAMPLERS[name]), frame))
    assert os.listdir(tmp_path) == ["all.parquet"]


def test_a_query_is_taken_in_its_order(tmp_path):
    frame = cards()
    query = pl.from_pandas(frame).lazy().filter(pl.col("V1") > -1).sort("V2", descending=True)
    want = frame[frame["V1"] > -1].sort_values("V2", ascending=False, ignore_index=True)
    same(resampled(query, tmp_path / "all.parquet"), in_memory(clone(SMOTE), want))
    ordered = relation(frame).filter("V1 > -1").order("V2 DESC")
    same(resampled(ordered, tmp_path / "all.parquet"), in_memory(clone(SMOTE), want))


def test_all_passes_see_one_snapshot(tmp_path):
    """A query that gives other rows on every run."""
    frame = cards()
    query = relation(frame).project("* REPLACE (V1 + random() AS V1)")
    sampler = sg.NumbaBorderlineSMOTE(random_state=0)
    got = resampled(query, tmp_path / "all.parquet", sampler)
    given = got.iloc[: len(frame)]
    assert not np.array_equal(given["V1"], frame["V1"])
    same(got, in_memory(clone(sampler), given.astype({"shop": "category"})))


@pytest.mark.parametrize("output", ["all.parquet", "all.feather", "all.csv", "all"])
def test_formats_and_places(output, tmp_path):
    place = tmp_path / "a b [c] 'd' %20é"
    place.mkdir()
    for engine in LAZY.values():
        same(resampled(engine(cards()), place / output), in_memory(clone(SMOTE), cards()))
        if output == "all":
            names = sorted(os.listdir(place / output))
            assert names == ["given.parquet", "synthetic.parquet"]
            shutil.rmtree(place / output)
    assert os.listdir(place) == [output] * (output != "all")


def typed(n=400):
    """A polars frame of many types, with missing cells."""
    hours, rng = cards(n)["hour"].tolist(), np.random.default_rng(0)
    gap = rng.random(n) < 0.1
    day = dt.datetime(2024, 3, 1, 5, 6, 7, 89)
    columns = {
        "enum": pl.Series(rng.choice(["b", "a"], n), dtype=pl.Enum(["b", "a", "c"])),
        "category": pl.Series(rng.choice(["y", "x"], n)).cast(pl.Categorical),
        "flag": pl.Series(rng.random(n) < 0.5),
        "price": pl.Series([Decimal(h) / 100 for h in hours], dtype=pl.Decimal(12, 2)),
        "day": pl.Series([day.date() + dt.timedelta(h) for h in hours]),
        "moment": pl.Series([day + dt.timedelta(0, h) for h in hours], dtype=pl.Datetime("us")),
        "zoned": pl.Series([day + dt.timedelta(0, 3600 * h) for h in hours]),
        "clock": pl.Series([dt.time(h % 24, 30) for h in hours]),
        "small": pl.Series(hours, dtype=pl.Int8),
        "large": pl.Series([2**63 + 2**12 * (h + 3) for h in hours], dtype=pl.UInt64),
        "single": pl.Series(hours, dtype=pl.Float32),
    }
    frame = pl.DataFrame(columns).with_columns(
        pl.col("zoned").dt.replace_time_zone("UTC"),
        pl.when(pl.Series(~gap)).then(pl.col("small", "flag", "price", "moment", "enum")),
    )
    return frame.with_columns(Class=pl.Series(cards(n)["Class"]))


@pytest.mark.parametrize("name", ["smote", "copula"])
def test_types_of_polars_are_kept(name, tmp_path):
    frame, output = typed(), tmp_path / "all.parquet"
    if name == "smote":
        frame = frame.drop("enum", "category", "flag")
    elif OLD:
        frame = frame.drop("enum", "category")
    resample_dataset(frame.lazy(), output, target="Class", sampler=SAMPLERS[name], memory="8GB")
    got = pl.read_parquet(output)
    assert got.schema == frame.schema and got.head(len(frame)).equals(frame)
    table = pq.read_table(output).slice(0, len(frame))
    X, y = clone(SAMPLERS[name]).fit_resample(table.drop_columns("Class"), table["Class"])
    assert pl.from_arrow(X).rows() == got.drop("Class").rows()
    assert y.to_pylist() == got["Class"].to_list()


def test_types_of_duckdb_are_kept(tmp_path):
    frame, output = typed().drop("enum", "clock"), tmp_path / "all.parquet"
    given = relation(frame)
    resample_dataset(given, output, target="Class", sampler=SAMPLERS["copula"], memory="8GB")
    got = duckdb.read_parquet(str(output))
    assert got.limit(len(frame)).fetchall() == given.fetchall()
    assert dict(zip(got.columns, got.types)) == dict(zip(given.columns, given.types))


@pytest.mark.parametrize(
    ("column", "message"),
    [
        ("sum(hour) OVER ()", "'new'.*128 bits"),
        ("INTERVAL 1 DAY", "'new' of type Duration.*cast it first"),
        ("uuid()", "'new' of type Unknown.*cast it first"),
        ("CAST('10:00:00+01' AS TIMETZ)", "'new' of type Unknown.*cast it first"),
        ("V2 AS V2, 1", "a name of its own"),
    ],
)
def test_types_that_parquet_changes_are_refused(column, message, tmp_path):
    with pytest.raises(ValueError, match=message):
        resampled(relation(cards()).project(f"*, {column} AS new"), tmp_path / "all.parquet")
    assert not os.listdir(tmp_path)


def test_times_that_lose_their_zone_are_refused():
    zoned = {"at": nw.Datetime("us", "UTC")}
    with pytest.raises(ValueError, match=r"'at'.*TIMESTAMP_MICROS"):
        _lazy._refuse_changes(zoned, pa.schema([("at", pa.timestamp("ns"))]))
    _lazy._refuse_changes(zoned, pa.schema([("at", pa.timestamp("ns", "Etc/UTC"))]))


def in_memory_tables():
    frame = cards()
    polars = pl.from_pandas(frame)
    return [frame, polars, polars.to_arrow(), nw.from_native(polars), frame["V1"], [1], None, b"x"]


@pytest.mark.parametrize("table", in_memory_tables(), ids=lambda table: type(table).__name__)
def test_tables_in_memory_are_refused(table, tmp_path):
    with pytest.raises(TypeError, match=r"fit_resample\(X, y\).*or write the table to a file"):
        resampled(table, tmp_path / "all.parquet")


def test_dask_has_its_own_class(tmp_path):
    dd = pytest.importorskip("dask.dataframe")
    with pytest.raises(TypeError, match=r"got dask DataFrame: .*DaskResampler"):
        resampled(dd.from_pandas(cards(), npartitions=2), tmp_path / "all.parquet")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)  # narwhals moves dask to another package
        wrapped = nw.from_native(dd.from_pandas(cards(), npartitions=2))
    with pytest.raises(TypeError, match="DaskResampler"):
        resampled(wrapped, tmp_path / "all.parquet")


def test_parameters_are_refused_before_the_query_runs(tmp_path):
    frame = cards()
    query = relation(frame).project("*, error('the query runs') AS bad")
    output = tmp_path / "all.parquet"
    with pytest.raises(ValueError, match="no column 'label'"):
        resampled(query, output, target="label")
    with pytest.raises(TypeError, match="sampler of skgensample is needed"):
        resampled(query, output, object())
    with pytest.raises(ValueError, match="max_rows"):
        resampled(query, output, max_rows=10)
    with pytest.raises(ValueError, match="RandomState"):
        resampled(query, output, sg.NumbaSMOTE(random_state=np.random.RandomState(0)))
    with pytest.raises(MemoryError, match="give more memory"):
        resampled(query, output, memory="10MB")
    with pytest.raises(ValueError, match="no known format"):
        resampled(query, tmp_path / "all.xlsx")
    with pytest.raises(duckdb.Error, match="the query runs"):
        resampled(query, output)
    assert not os.listdir(tmp_path)


def test_nothing_to_resample(tmp_path):
    lazy = pl.from_pandas(cards()).lazy()
    with pytest.raises(ValueError, match="no rows"):
        resampled(lazy.filter(pl.lit(False)), tmp_path / "all.parquet")
    with pytest.raises(ValueError, match="no rows"):
        resampled(relation(cards()).filter("false"), tmp_path / "all.parquet")
    with pytest.raises(ValueError, match="more than 1 class"):
        resampled(lazy.filter(pl.col("Class") == 1), tmp_path / "all.parquet")
    assert not os.listdir(tmp_path)


@pytest.mark.parametrize("error", [KeyboardInterrupt, MemoryError])
def test_a_failing_run_leaves_nothing(error, tmp_path, monkeypatch):
    def fail(*_):
        assert list(tmp_path.glob(".all.parquet.given.*.partial/given.parquet"))
        raise error

    monkeypatch.setattr(_dataset, "_write_new", fail)
    with pytest.raises(error):
        resampled(pl.from_pandas(cards()).lazy(), tmp_path / "all.parquet")
    assert not os.listdir(tmp_path)


def test_a_snapshot_of_a_killed_run_is_removed(tmp_path):
    """By the next run on a file, too."""
    cards().to_parquet(tmp_path / "given.parquet")
    kept = tmp_path / f".all.parquet.given.{os.getppid()}.partial"
    for folder in (tmp_path / ".all.parquet.given.999999999.partial", kept):
        folder.mkdir()
        (folder / "given.parquet").write_text("half")
    resampled(tmp_path / "given.parquet", tmp_path / "all.parquet")
    assert sorted(os.listdir(tmp_path)) == [kept.name, "all.parquet", "given.parquet"]


def test_threads_with_the_same_output(tmp_path):
    (
        tmp_path / f".all.parquet.given.7.{os.getpid()}.partial"
    ).mkdir()  # of a process of this number
    lazy = pl.from_pandas(cards()).lazy()
    link = tmp_path / "link"
    link.symlink_to(tmp_path)
    places = [tmp_path / "all.parquet", link / "all.parquet", tmp_path / "all.parquet"]
    with ThreadPoolExecutor(3) as threads:
        for got in threads.map(lambda output: resampled(lazy, output), places):
            same(got, in_memory(clone(SMOTE), cards()))
    assert sorted(os.listdir(tmp_path)) == ["all.parquet", "link"]


def test_an_engine_that_writes_elsewhere(tmp_path, monkeypatch):
    monkeypatch.setattr(nw.LazyFrame, "sink_parquet", lambda *_: None)
    with pytest.raises(FileNotFoundError, match="another file system"):
        resampled(pl.from_pandas(cards()).lazy(), tmp_path / "all.parquet")
    assert not os.listdir(tmp_path)


def test_without_narwhals(tmp_path, monkeypatch):
    lazy = pl.from_pandas(cards()).lazy()
    monkeypatch.setitem(sys.modules, "narwhals", None)
    with pytest.raises(sg.MissingExtraError, match=r"got polars LazyFrame.*skgensample\[lazy\]"):
        resampled(lazy, tmp_path / "all.parquet")


@pytest.fixture(scope="module")
def spark():
    sql = pytest.importorskip("pyspark.sql", reason="pyspark is not installed")
    if not shutil.which("java"):
        pytest.skip("Spark needs Java")
    builder = sql.SparkSession.builder.master("local[1]").config("spark.ui.enabled", "false")
    session = builder.config("spark.driver.memory", "512m").getOrCreate()
    yield session
    session.stop()


@pytest.mark.slow
def test_spark(spark, tmp_path):
    frame = cards().astype(TEXT)
    given = spark.createDataFrame(frame.to_dict("records"), schema=None).select(*frame.columns)
    same(resampled(given, tmp_path / "all.parquet"), in_memory(clone(SMOTE), frame))
    assert os.listdir(tmp_path) == ["all.parquet"]
    parts = given.repartitionByRange(3, "V1").sortWithinPartitions("V1")
    want = frame.sort_values("V1", ignore_index=True)
    same(resampled(parts, tmp_path / "all"), in_memory(clone(SMOTE), want))
    names = sorted(os.listdir(tmp_path / "all"))
    assert [name[:10] for name in names] == ["part-00000", "part-00001", "part-00002", "synthetic."]
    with pytest.raises(ValueError, match=r"'at'.*TIMESTAMP_MICROS"):
        resampled(given.selectExpr("*", "current_timestamp() AS at"), tmp_path / "new.parquet")
    with pytest.raises(ValueError, match="no rows"):
        resampled(given.where("false"), tmp_path / "new.parquet")
