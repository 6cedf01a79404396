"""pyarrow Tables and arrays: every type comes back, with schema, chunks and metadata."""

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

import numpy as np
import pytest
from sklearn.base import clone

from skgensample import (
    GaussianCopulaResampler,
    NumbaADASYN,
    NumbaRandomOverSampler,
    NumbaSMOTE,
    NumbaSMOTEN,
    SequentialTreesResampler,
    synthesize,
)
from skgensample.metrics import column_density_error
from skgensample.table import TableCodec

pa = pytest.importorskip("pyarrow")
N = 160
RNG = np.random.RandomState(0)
Y = (np.arange(N) % 4 == 0).astype(int)


def with_gaps(cells):
    return [None if RNG.rand() < 0.15 else cell for cell in cells]


def many(step, start, high):
    return with_gaps([start + int(i) * step for i in RNG.randint(0, high, N)])


WORDS = RNG.choice(["red", "green", "blue"], N).tolist()
COLUMNS = {
    "float": pa.array(with_gaps(RNG.normal(size=N).tolist())),
    "float32": pa.array(RNG.normal(size=N), pa.float32()),
    "NaN": pa.array(np.where(RNG.rand(N) < 0.2, np.nan, RNG.normal(size=N)), from_pandas=False),
    "int8": pa.array(with_gaps(RNG.randint(-5, 9, N).tolist()), pa.int8()),
    "uint64": pa.array((2**63 + RNG.randint(0, 9, N).astype(np.uint64)), pa.uint64()),
    "bool": pa.array(with_gaps((RNG.rand(N) < 0.3).tolist())),
    "string": pa.array(with_gaps(WORDS)),
    "large_string": pa.array(WORDS, pa.large_string()),
    "dictionary": pa.array(with_gaps(WORDS)).dictionary_encode(),
    "ordered": pa.DictionaryArray.from_arrays(
        pa.array(RNG.randint(0, 2, N), pa.int8()), ["low", "high", "never"], ordered=True
    ),
    "zoned": pa.array(
        many(timedelta(minutes=15), datetime(2024, 3, 1, tzinfo=UTC), 9_000),
        pa.timestamp("us", "Europe/Berlin"),
    ),
    "midnights": pa.array(
        [datetime(2024, 3, 1, 23, tzinfo=UTC) + timedelta(days=int(i)) for i in range(N)],
        pa.timestamp("s", "+01:00"),
    ),
    "nanoseconds": pa.array(RNG.randint(0, 10**12, N), pa.timestamp("ns")),
    "date32": pa.array(many(timedelta(days=1), date(2024, 1, 1), 400)),
    "date64": pa.array(many(timedelta(days=1), date(2024, 1, 1), 400), pa.date64()),
    "time32": pa.array(RNG.randint(0, 86_400, N).astype("i4"), pa.time32("s")),
    "time64": pa.array(with_gaps([time(int(h)) for h in RNG.randint(0, 24, N)]), pa.time64("us")),
    "duration": pa.array(many(timedelta(seconds=1), timedelta(0), 400), pa.duration("ms")),
    "decimal": pa.array(
        with_gaps([Decimal(int(c)) / 100 for c in RNG.randint(-9_999, 10**5, N)]),
        pa.decimal128(12, 2),
    ),
    "nothing": pa.nulls(N),
    "no float": pa.nulls(N, pa.float64()),
}


@pytest.fixture(scope="module")
def table():
    """Two chunks, with metadata of columns and table, and columns that must not be null."""
    fields = [
        pa.field(name, column.type, nullable=column.null_count > 0, metadata={"column": name})
        for name, column in COLUMNS.items()
    ]
    schema = pa.schema(fields, metadata={"source": "bank"})
    whole = pa.Table.from_arrays(list(COLUMNS.values()), schema=schema)
    return pa.concat_tables([whole.slice(0, 50), whole.slice(50)])


@pytest.mark.parametrize("learned", [False, True])
def test_cells_come_back(table, learned):
    codec = TableCodec(categories="text", missing=True, learned=learned, times=True)
    columns = [name for name in table.column_names if name not in ("uint64", "midnights")]
    table = table.select(columns)
    Z = codec.fit_encode(table)
    back = codec.decode(Z)
    assert back.schema.equals(table.schema, check_metadata=True)
    nan_columns = ["NaN"]
    assert back.drop(nan_columns).equals(table.drop(nan_columns).combine_chunks())
    np.testing.assert_array_equal(back["NaN"].to_numpy(), table["NaN"].to_numpy())
    missing = [column.null_count > 0 for column in table.itercolumns()]
    described = [column.missing for column in codec.columns]
    assert described == [has or name == "NaN" for has, name in zip(missing, columns)]
    assert codec.decode(Z[:0]).schema == table.schema


@pytest.mark.parametrize(
    "sampler",
    [
        NumbaSMOTE(),
        NumbaSMOTE(scale="quantile", category_rule="nearest"),
        NumbaADASYN(datetime_unit="h"),
        NumbaSMOTEN(),
        NumbaRandomOverSampler(),
        NumbaRandomOverSampler(shrinkage=1.0),
        GaussianCopulaResampler(),
        pytest.param(SequentialTreesResampler(), marks=pytest.mark.slow),
    ],
    ids=str,
)
def test_samplers_return_tables(table, sampler):
    made, y = clone(sampler).set_params(random_state=0).fit_resample(table, Y)
    assert made.schema.equals(table.schema, check_metadata=True)
    made.validate(full=True)
    given = made.slice(0, N)
    assert given.drop(["NaN"]).equals(table.drop(["NaN"]))
    assert given["NaN"].to_numpy().tobytes() == table["NaN"].to_numpy().tobytes()
    assert made.num_rows == len(y) == 2 * (Y == 0).sum()
    new = made.slice(N)
    for name in ("float", "decimal", "date32", "zoned", "duration", "time64", "nanoseconds"):
        own = [cell for cell in table[name].to_pylist() if cell is not None]
        cells = [cell for cell in new[name].to_pylist() if cell is not None]
        noisy = sampler.get_params().get("shrinkage") and name == "float"
        assert noisy or min(own) <= min(cells) <= max(cells) <= max(own)
    assert new["nothing"].null_count == new.num_rows
    assert set(new["ordered"].to_pylist()) <= {"low", "high"}


def test_rows_are_those_of_a_pandas_frame(table):
    pytest.importorskip("pandas")
    names = ["float", "float32", "int8", "bool", "string", "zoned", "duration"]
    X = table.select(names)
    ours = NumbaSMOTE(random_state=0).fit_resample(X, Y)[0]
    frame = X.to_pandas().astype({"int8": "Int8", "bool": "boolean"})
    theirs = NumbaSMOTE(random_state=0).fit_resample(frame, Y)[0]
    np.testing.assert_array_equal(ours["float"].to_numpy(), theirs["float"].to_numpy())
    assert ours["zoned"].to_pandas().equals(theirs["zoned"])
    words = theirs["string"].astype(object)
    assert ours["string"].to_pylist() == words.where(words.notna(), None).tolist()


@pytest.mark.parametrize("chunked", [False, True])
@pytest.mark.parametrize("coded", [False, True])
def test_targets(chunked, coded):
    X = pa.table({"x": RNG.normal(size=N)})
    y = pa.array(np.where(Y, "bad", "good"))
    y = y.dictionary_encode() if coded else y
    y = pa.chunked_array([y.slice(0, 30), y.slice(30)]) if chunked else y
    y_all = NumbaSMOTE(random_state=0).fit_resample(X, y)[1]
    assert type(y_all) is type(y) and y_all.type == y.type
    assert y_all.slice(0, N).equals(y)
    assert y_all.slice(N).to_pylist() == ["bad"] * 80
    made, labels = GaussianCopulaResampler(random_state=0).fit(X, y).sample(12)
    assert isinstance(made, pa.Table) and type(labels) is type(y) and len(labels) == 12


def test_targets_with_a_missing_label():
    X = pa.table({"x": RNG.normal(size=4)})
    with pytest.raises(ValueError, match="missing label at row 2"):
        NumbaSMOTE().fit_resample(X, pa.array([0, 0, None, 1]))


def test_one_call_and_metrics(table):
    table = table.select(["float", "string", "date32", "decimal"])
    whole = table.append_column("label", pa.array(np.where(Y, "bad", "good")).dictionary_encode())
    made = synthesize(whole, "label", n=60, random_state=0)
    assert made.schema.equals(whole.schema, check_metadata=True) and made.num_rows == 60
    assert made["label"].to_pylist().count("bad") == 15
    assert 0 < column_density_error(table, made.drop(["label"])) < 0.5
    conditions = {"string": "red", "date32": (date(2024, 2, 1), date(2024, 4, 1))}
    made = synthesize(whole, "label", n=20, conditions=conditions, random_state=0)
    assert set(made["string"].to_pylist()) == {"red"}
    assert all(date(2024, 2, 1) <= day <= date(2024, 4, 1) for day in made["date32"].to_pylist())


def test_conditions_on_decimals(table):
    sampler = GaussianCopulaResampler(random_state=0).fit(table.select(["float", "decimal"]))
    made = sampler.sample(20, conditions={"decimal": (Decimal(100), Decimal("250.5"))})[0]
    assert all(100 <= cell <= Decimal("250.5") for cell in made["decimal"].to_pylist())
    made = sampler.sample(5, conditions={"decimal": Decimal("12.25")})[0]
    assert set(made["decimal"].to_pylist()) == {Decimal("12.25")}
    with pytest.raises(ValueError, match="rounded"):
        sampler.sample(5, conditions={"decimal": Decimal("12.251")})


def test_partial_rows(table):
    table = table.select(["float", "string", "date32"])
    sampler = GaussianCopulaResampler(random_state=0).fit(table)
    partial = pa.table({"string": ["red", "blue", None]})
    made = sampler.sample(partial=partial)[0]
    assert made["string"].to_pylist()[:2] == ["red", "blue"]


def test_what_is_refused():
    X = pa.table({"x": np.arange(8.0), "lists": [[1]] * 8})
    y = np.arange(8) % 2
    with pytest.raises(TypeError, match="'lists' has dtype list"):
        NumbaSMOTE().fit_resample(X, y)
    with pytest.raises(TypeError, match=r"Table\.from_batches"):
        NumbaSMOTE().fit_resample(X.to_batches()[0], y)
    huge = pa.array([Decimal(10) ** 20] * 8, pa.decimal128(30, 2))
    with pytest.raises(TypeError, match=r"'sum' has dtype decimal.*float64"):
        NumbaSMOTE().fit_resample(pa.table({"sum": huge}), y)
    text = pa.array([f"{i},5" for i in range(40)])
    with pytest.raises(ValueError, match=r"pc\.cast"):
        NumbaSMOTE().fit_resample(pa.table({"x": text}), np.arange(40) % 2)
    with pytest.raises(ValueError, match="infinity: column 'x', row 1"):
        NumbaSMOTE().fit_resample(pa.table({"x": [0.0, np.inf, 1.0, 2.0]}), y[:4])
    polars = pytest.importorskip("polars")
    with pytest.raises(TypeError, match="collect"):
        NumbaSMOTE().fit_resample(polars.LazyFrame({"x": np.arange(8.0)}), y)


@pytest.mark.parametrize("unit", ["s", "ns"])
@pytest.mark.parametrize("zone, ahead", [("+01:00", 60), ("-03:30", -210), ("+00:00", 0)])
def test_zones_without_a_name(zone, ahead, unit):
    """Whole days of the zone's clock stay whole days, also between two given ones."""
    days = 86_400 * (19_000 + RNG.randint(0, 400, 60)) - 60 * ahead
    ticks = days * {"s": 1, "ns": 10**9}[unit]
    table = pa.table({"day": pa.array(ticks, pa.timestamp(unit, zone)), "x": RNG.normal(size=60)})
    y = np.arange(60) % 4 == 0
    made = NumbaSMOTE(random_state=0).fit_resample(table, y)[0]
    assert made.schema == table.schema
    found = made["day"].cast("int64").to_numpy() // (ticks[0] // days[0])
    assert ((found + 60 * ahead) % 86_400 == 0).all()
    assert len(set(found[60:].tolist()) - set(days.tolist())) > 5
