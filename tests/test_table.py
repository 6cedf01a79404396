"""The codec: containers and dtypes in, one matrix out, and back."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from scipy import sparse

from skgensample.table import TableCodec, Target, stack

INTEGERS = ["i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8"]


@settings(max_examples=60, derandomize=True, deadline=None)
@given(
    st.sampled_from([*INTEGERS, ">i4", "?", "f2", "f4", "f8"]).flatmap(
        lambda dtype: hnp.arrays(
            dtype,
            st.tuples(st.integers(1, 8), st.integers(1, 3)),
            elements={"allow_nan": False, "allow_infinity": False} if dtype[0] == "f" else None,
        )
    )
)
def test_arrays_come_back(X):
    codec = TableCodec()
    Z = codec.fit_encode(X)
    assert Z.dtype == (np.float32 if X.dtype == np.float32 else np.float64)
    assert np.isfinite(Z).all() and Z.flags.c_contiguous
    back = codec.decode(Z)
    assert back.dtype == X.dtype.newbyteorder("=")
    # offsets beyond 2**53 lose digits in Z, by at most half a unit in the last place
    if X.dtype.itemsize < 8 or X.dtype.kind == "f":
        np.testing.assert_array_equal(back, X)
    else:
        assert (back >= X.min(axis=0)).all() and (back <= X.max(axis=0)).all()


def test_identifiers_above_2_53_are_exact():
    ids = np.array([[2**60 + 1], [2**60 + 2], [2**60 + 9]])
    codec = TableCodec()
    np.testing.assert_array_equal(codec.decode(codec.fit_encode(ids)), ids)


@pytest.mark.parametrize("dtype", INTEGERS)
def test_integers_are_rounded_and_kept_in_range(dtype):
    info = np.iinfo(dtype)
    codec = TableCodec()
    Z = codec.fit_encode(np.array([[info.min], [info.max]], dtype))
    back = codec.decode(np.array([[-5.0], [0.4], [0.6], [Z[1, 0] * 2]])).ravel()
    assert back.tolist() == [info.min, info.min, info.min + 1, info.max]


def test_columns_say_what_they_are():
    frame = pd.DataFrame(
        {
            "amount": [1.5, 2.5, 3.5],
            "count": [3, 9, 4],
            "flag": [0, 1, 0],
            "seen": [True, True, True],
            "kind": pd.Categorical(["b", "c", "b"], categories=["a", "b", "c"]),
            "name": ["x", "y", "x"],
        }
    )
    codec = TableCodec(categories="text")
    Z = codec.fit_encode(frame)
    kinds = [(c.name, c.kind, c.n_levels) for c in codec.columns]
    assert kinds == [
        ("amount", "float", 0),
        ("count", "integer", 0),
        ("flag", "binary", 2),
        ("seen", "binary", 1),
        ("kind", "categorical", 2),
        ("name", "categorical", 2),
    ]
    assert Z[:, 1].tolist() == [0, 6, 1] and Z[:, 4].tolist() == [0, 1, 0]
    pd.testing.assert_frame_equal(codec.decode(Z), frame)


@pytest.mark.parametrize(
    "values",
    [
        pd.array([1, 2, 3], dtype="Int64"),
        pd.array([1.5, 2.5, 3.5], dtype="Float64"),
        pd.array([True, False, True], dtype="boolean"),
        pd.array(["a", "b", "a"], dtype="string"),
        pd.array([1, 2, 3], dtype="int32[pyarrow]"),
        pd.array(["a", "b", "a"], dtype="string[pyarrow]"),
        pd.arrays.SparseArray([0.0, 1.0, 0.0]),
        pd.Categorical([10, 30, 10], categories=[30, 20, 10], ordered=True),
        np.array(["a", "b", "a"], dtype=object),
        np.array([1, 2, 3], dtype=object),
        np.array([True, False, True], dtype=object),
    ],
    ids=lambda v: str(v.dtype),
)
def test_frame_columns_come_back(values):
    frame = pd.DataFrame({"c": values})
    codec = TableCodec(categories="text")
    pd.testing.assert_frame_equal(codec.decode(codec.fit_encode(frame)), frame)


def test_polars_comes_back():
    pl = pytest.importorskip("polars")
    frame = pl.DataFrame({"a": [1, 2], "b": [1.5, 2.5], "c": ["x", "y"], "d": [True, False]})
    frame = frame.with_columns(pl.col("a").cast(pl.Int16))
    codec = TableCodec(categories="text")
    assert codec.decode(codec.fit_encode(frame)).equals(frame)


@pytest.mark.parametrize(
    ("values", "text"),
    [
        ([1.0, None, 2.0], "column 'c', row 1"),
        ([1.0, 2.0, np.inf], "infinity: column 'c', row 2"),
        (pd.array([1, None, 2], dtype="Int64"), "column 'c', row 1"),
        (["a", None, "b"], "column 'c', row 1"),
        (pd.Categorical(["a", "b", None]), "column 'c', row 2"),
    ],
)
def test_missing_cells_are_named(values, text):
    with pytest.raises(ValueError, match=text):
        TableCodec(categories="text").fit_encode(pd.DataFrame({"b": range(3), "c": values}))


@pytest.mark.parametrize(
    "values",
    [
        ["a", 1, 2.5],
        [True, 2, 3],
        pd.date_range("2020", periods=3),
        pd.to_timedelta([1, 2, 3], unit="s"),
        pd.period_range("2020", periods=3),
        [{"k": 1}] * 3,
    ],
    ids=str,
)
def test_unsupported_columns_are_named(values):
    with pytest.raises(TypeError, match="'c'"):
        TableCodec(categories="text").fit_encode(pd.DataFrame({"c": values}))


def test_text_is_refused_by_name_where_numbers_are_wanted():
    frame = pd.DataFrame({"a": [1, 2], "job": ["x", "y"]})
    with pytest.raises(TypeError, match="'job'") as caught:
        TableCodec().fit_encode(frame)
    assert "'a'" not in str(caught.value)


def test_a_column_that_identifies_rows_is_refused():
    frame = pd.DataFrame({"name": [f"person {i}" for i in range(40)]})
    with pytest.raises(ValueError, match="'name'") as caught:
        TableCodec(categories="text").fit_encode(frame)
    assert "person " not in str(caught.value)


def test_sparse_stays_sparse():
    X = sparse.csc_array(np.array([[0, 2], [0, 0], [4, 0]]))
    codec = TableCodec()
    Z = codec.fit_encode(X)
    assert Z.format == "csr" and Z.dtype == np.float64
    back = stack(X, codec.decode(Z * 0.6))
    assert back.format == "csc" and back.dtype == X.dtype and isinstance(back, sparse.csc_array)
    assert back.toarray().tolist() == [[0, 2], [0, 0], [4, 0], [0, 1], [0, 0], [2, 0]]


@pytest.mark.parametrize(
    ("index", "tail"),
    [
        (pd.RangeIndex(3), [3, 4]),
        (pd.Index([7, 3, 5]), [8, 9]),
        (pd.Index(["a", "b", "synthetic_1"]), ["_synthetic_0", "_synthetic_1"]),
        (pd.Index([0.5, 1.5, 2.5]), [np.nan, np.nan]),
        (pd.date_range("2020", periods=3), [pd.NaT, pd.NaT]),
        (pd.MultiIndex.from_product([["a"], [1, 2, 3]]), [(np.nan, np.nan)] * 2),
    ],
    ids=lambda v: type(v).__name__,
)
def test_index_labels_stay_and_go_on(index, tail):
    frame = pd.DataFrame({"a": [1.0, 2.0, 3.0]}, index=index)
    codec = TableCodec()
    codec.fit_encode(frame)
    both = stack(frame, codec.decode(np.ones((2, 1))))
    pd.testing.assert_frame_equal(both.iloc[:3], frame, check_freq=False)
    assert str(both.index[3:].tolist()) == str(tail)


@pytest.mark.parametrize(
    "y",
    [
        ["a", "b", "a"],
        np.array([3, 17, 3], dtype="u1"),
        np.array([2**60, 2**60 + 1, 2**60]),
        pd.Series(["a", "b", "a"], dtype="category", name="t"),
        pd.Series([1, 0, 1], dtype="Int64"),
        pd.Series(["a", "b", "a"], dtype="string"),
        pd.Series([True, False, True]),
        pd.DataFrame({"t": [1, 0, 1]}),
    ],
    ids=lambda v: type(v).__name__,
)
def test_targets_are_extended_in_kind(y):
    target = Target(y)
    longer = target.extended(target.labels[1:])
    assert type(longer) is type(y) and len(longer) == 5
    assert str(longer[:3]) == str(y) or longer[:3].equals(y)
    again = Target(longer)
    assert again.labels.tolist() == [*target.labels, *target.labels[1:]]
    assert getattr(longer, "dtype", None) == getattr(y, "dtype", None)


def test_one_hot_target():
    y = np.array([[1, 0, 0], [0, 0, 1], [0, 1, 0]])
    longer = Target(y).extended(np.array([2, 0]))
    assert longer.tolist() == [*y.tolist(), [0, 0, 1], [1, 0, 0]] and longer.dtype == y.dtype


@pytest.mark.parametrize(
    ("y", "text"),
    [
        ([0.0, np.nan, 1.0], "row 1"),
        (np.array(["a", "b", None], dtype=object), "row 2"),
        (pd.Series([1, None, 0], dtype="Int64"), "row 1"),
        (["a", 1, "b"], "mixes"),
        (None, "y is None"),
    ],
)
def test_bad_targets_are_refused(y, text):
    with pytest.raises(ValueError, match=text):
        Target(y)
