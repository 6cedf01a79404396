"""Contracts D: frames, their names, indexes and column types (types of text: see _frame_types)."""

import numpy as np
import pytest

from conftest import ONE_NETWORK, slow_except
from contracts import Contracts, blobs, judge, resample

pd = pytest.importorskip("pandas")

CASES = contract = Contracts()


@slow_except(ONE_NETWORK)
@pytest.mark.parametrize("code", CASES)
def test_contract(code, sampler):
    judge(CASES[code], sampler)


def floats(columns=("amount", "age", "hour", "risk"), **options):
    """The blobs as a frame and a Series."""
    X, y = blobs(d=len(columns))
    index = options.get("index")
    frame = pd.DataFrame(X, columns=columns, index=index)
    return frame, pd.Series(y, name="fraud", index=index)


def with_column(values):
    """The blobs as a frame with one more column, and the labels."""
    X, y = floats(("amount", "age"))
    return X.assign(extra=values), y


def flags(n=80, share=0.3):
    return np.random.RandomState(1).rand(n) < share


def keeps_row_labels(sampler, X, y):
    """Given rows keep their index labels; X and y come back with one index."""
    X_res, y_res = resample(sampler, X, y)
    assert X_res.index[: len(X)].equals(X.index)
    assert X_res.index.equals(y_res.index)
    assert X_res.index.names == X.index.names


@contract("D01", "ok", "DataFrame and Series, plain")
def plain(sampler):
    X, y = floats()
    X_res, y_res = resample(sampler, X, y)
    assert X_res.index.equals(pd.RangeIndex(120)) and y_res.index.equals(X_res.index)
    assert np.array_equal(X_res.to_numpy(), resample(sampler, X.to_numpy(), y.to_numpy())[0])


@contract("D02", "ok", "string row index")
def string_index(sampler):
    keeps_row_labels(sampler, *floats(index=[f"card-{i}" for i in range(80)]))


@contract("D03", "ok", "shuffled integer index")
def shuffled_index(sampler):
    keeps_row_labels(sampler, *floats(index=np.random.RandomState(0).permutation(80)))


@contract(
    "D04", "either", "X and y with the same labels in another order", cause="index|order|align"
)
def misaligned(sampler):
    X, y = floats()
    resample(sampler, X, y.sample(frac=1, random_state=0))


@contract("D05", "either", "MultiIndex columns", cause="column|feature name|MultiIndex")
def multi_columns(sampler):
    resample(sampler, *floats(pd.MultiIndex.from_product([["now", "then"], ["n", "mean"]])))


@contract("D06", "ok", "MultiIndex rows")
def multi_index(sampler):
    index = pd.MultiIndex.from_product([range(8), list("abcdefghij")], names=["day", "shop"])
    keeps_row_labels(sampler, *floats(index=index))


@contract("D07", "ok", "integer column names")
def integer_names(sampler):
    resample(sampler, *floats((3, 1, 0, 7)))


@contract("D08", "either", "mixed string and integer column names", cause="column|feature name")
def mixed_names(sampler):
    resample(sampler, *floats(("amount", 1, "hour", 7)))


@contract("D09", "either", "duplicate column names, same dtype", cause="unique|duplicate")
def duplicate_names(sampler):
    resample(sampler, *floats(("amount", "amount", "hour", "risk")))


@contract("D10", "either", "duplicate column names, different dtypes", cause="unique|duplicate")
def duplicate_names_dtypes(sampler):
    X, y = with_column(np.arange(80))
    resample(sampler, X.set_axis(["amount", "age", "amount"], axis=1), y)


@contract("D11", "ok", "awkward column names")
def awkward_names(sampler):
    names = ["", " ", "a.b", "line\nbreak", "index", "sum", "__class__", "y", "Betrag €"]
    resample(sampler, *floats(names))


@contract("D12", "ok", "float32 and float64 and int64 columns")
def three_dtypes(sampler):
    X, y = with_column(np.arange(80))
    resample(sampler, X.astype({"amount": np.float32}), y)


@contract("D13", "ok", "int32 column: synthetic values integral")
def int32_column(sampler):
    X, y = with_column(np.random.RandomState(0).poisson(4, 80).astype(np.int32))
    X_res, _ = resample(sampler, X, y)
    assert X_res["extra"].dtype == np.int32


@contract("D14", "either", "bool column stays bool and is not all True", cause="bool")
def bool_column(sampler):
    X, y = with_column(flags())
    X_res, _ = resample(sampler, X, y)
    assert X_res["extra"].dtype == bool and not X_res["extra"][80:].all()


@contract("D15", "either", "nullable Int64, no NA", cause="Int64|nullable")
def nullable_int(sampler):
    resample(sampler, *with_column(pd.array(np.arange(80) % 9, dtype="Int64")))


@contract("D16", "either", "nullable Int64 with NA", cause="missing|NaN|NA")
def nullable_int_missing(sampler):
    resample(sampler, *with_column(pd.array([None, *range(79)], dtype="Int64")))


@contract("D17", "either", "nullable Float64 with NA", cause="missing|NaN|NA")
def nullable_float_missing(sampler):
    resample(sampler, *with_column(pd.array([None, *range(79)], dtype="Float64")))


@contract("D18", "either", "nullable boolean", cause="boolean|nullable")
def nullable_bool(sampler):
    X_res, _ = resample(sampler, *with_column(pd.array(flags(), dtype="boolean")))
    assert not X_res["extra"][80:].all()


@contract("D32", "either", "sparse DataFrame", cause="sparse")
def sparse_frame(sampler):
    X, y = floats()
    resample(sampler, X.where(X > 0, 0.0).astype(pd.SparseDtype(float, 0.0)), y)


@contract("D33", "either", "polars DataFrame", cause="polars")
def polars_frame(sampler):
    pl = pytest.importorskip("polars")
    X, y = blobs(d=3)
    X_res, _ = resample(sampler, pl.DataFrame(X, schema=["amount", "age", "hour"]), y)
    assert X_res.columns == ["amount", "age", "hour"]


@contract("D34", "either", "polars X and polars Series y", cause="polars")
def polars_both(sampler):
    pl = pytest.importorskip("polars")
    X, y = blobs(d=2)
    frame = pl.DataFrame({"amount": X[:, 0].astype(np.float32), "visits": np.rint(X[:, 1] * 9)})
    frame = frame.with_columns(pl.col("visits").cast(pl.Int32))
    _, y_res = resample(sampler, frame, pl.Series("fraud", y))
    assert y_res.name == "fraud"


@contract("D35", "either", "pyarrow Table", cause="pyarrow|arrow|Table")
def arrow_table(sampler):
    pa = pytest.importorskip("pyarrow")
    X, y = blobs(d=2)
    resample(sampler, pa.table({"amount": X[:, 0], "age": X[:, 1]}), y)


@contract("D37", "ok", "DataFrame not modified, names kept on input")
def frame_untouched(sampler):
    X, y = floats()
    X.attrs["source"], X.columns.name, X.index.name = "bank", "feature", "row"
    before, y_before = X.copy(deep=True), y.copy(deep=True)
    resample(sampler, X, y)
    pd.testing.assert_frame_equal(X, before)
    pd.testing.assert_series_equal(y, y_before)
    assert X.attrs == before.attrs and X.columns.name == "feature" and X.index.name == "row"


def with_target(sampler, dtype, names=("legit", "fraud")):
    """The target as a Series of another dtype comes back with it."""
    X, y = floats()
    target = pd.Series(np.array(names)[y], name="fraud").astype(dtype)
    _, y_res = resample(sampler, X, target)
    assert y_res.dtype == target.dtype and y_res.name == "fraud"


@contract("D38", "ok", "y Series of dtype category")
def category_target(sampler):
    with_target(sampler, "category")


@contract("D39", "ok", "y Series category with an unused level")
def unused_target_level(sampler):
    with_target(sampler, pd.CategoricalDtype(["unknown", "legit", "fraud"], ordered=True))


@contract("D40", "ok", "y Series of nullable Int64")
def nullable_target(sampler):
    with_target(sampler, "Int64", names=(0, 1))


@contract("D41", "ok", "y Series of pandas string")
def string_target(sampler):
    with_target(sampler, "string")


@contract("D42", "ok", "y Series bool")
def bool_target(sampler):
    with_target(sampler, bool, names=(False, True))


class CardFrame(pd.DataFrame):
    """A subclass as GeoPandas and others make them."""

    @property
    def _constructor(self):
        return CardFrame


@contract("D43", "either", "DataFrame subclass", cause="CardFrame|subclass")
def frame_subclass(sampler):
    X, y = floats()
    resample(sampler, CardFrame(X), y)


@contract(
    "D44", "either", "int64 account id above 2**53 beside a float column", cause="exact|identif"
)
def account_id(sampler):
    X, y = with_column(2**53 + 1 + 2 * np.arange(80))
    X_res, _ = resample(sampler, X, y)
    assert X_res["extra"][:80].tolist() == X["extra"].tolist()


@contract("D45", "ok", "200 columns of frame: per-column dtypes kept")
def two_hundred_columns(sampler):
    X, y = blobs(d=200)
    dtypes = [np.float64, np.float32, np.int64, np.int16, np.bool_]
    names = [f"c{j}" for j in range(200)]
    made = {c: np.rint(X[:, j] * 9).astype(dtypes[j % 5]) for j, c in enumerate(names)}
    resample(sampler, pd.DataFrame(made), pd.Series(y))
