"""Row labels of pandas frames: given ones stay exact, new ones are unused numbers or missing."""

import numpy as np
import pytest

from skgensample import NumbaRandomOverSampler, NumbaSMOTE

pd = pytest.importorskip("pandas")

pytestmark = pytest.mark.filterwarnings("ignore::skgensample.SmallClassWarning")

N, N_NEW, TOP = 12, 4, 2**64 - 1
SMALL = [*range(N - 1)]
#: Labels that float64 cannot hold, nor int64 the larger ones.
LARGE = [2**53 + 1, *range(1, N - 1), 2**60 + 1]
HUGE = [*LARGE[:-1], TOP]


def of_type(labels, dtype):
    """An index of one type; types of Arrow where it is installed."""
    if "pyarrow" in dtype:
        pytest.importorskip("pyarrow")
    if dtype == "category":
        return pd.CategoricalIndex(np.array(labels, dtype=np.uint64))
    if dtype[0].isupper() or "pyarrow" in dtype:
        return pd.Index(pd.array(labels, dtype=dtype), name="id")
    return pd.Index(np.array(labels, dtype=dtype), name="id")


def extended(index, kind=NumbaSMOTE):
    """The index of the result, whose target goes with it."""
    X = np.random.RandomState(0).normal(size=(N, 2))
    y = np.repeat([0, 1], [8, 4])
    frame = pd.DataFrame(X, columns=["a", "b"], index=index)
    made = kind(random_state=0)
    X_res, y_res = made.fit_resample(frame, pd.Series(y, index=index))
    assert X_res.index.equals(y_res.index) and X_res.index.names == index.names
    _, alone = made.fit_resample(X, pd.Series(y, index=index))
    assert alone.index.equals(X_res.index)
    return X_res.index


@pytest.mark.parametrize("kind", [NumbaSMOTE, NumbaRandomOverSampler])
@pytest.mark.parametrize(
    ("labels", "dtype", "start"),
    [
        (LARGE, "uint64", 2**60 + 2),
        (LARGE, "UInt64", 2**60 + 2),
        (LARGE, "int64", 2**60 + 2),
        (LARGE, "Int64", 2**60 + 2),
        (LARGE, "uint64[pyarrow]", 2**60 + 2),
        (LARGE, "int64[pyarrow]", 2**60 + 2),
        (LARGE, "category", 2**60 + 2),
        ([*SMALL, 127], "int8", 128),
        ([*SMALL, 127], "Int8", 128),
        ([*SMALL, 127], "int8[pyarrow]", 128),
        ([*SMALL, 2**32 - 1], "uint32", 2**32),
        ([*SMALL, 2**31 - 1], "Int32", 2**31),
        ([-(2**63), *SMALL], "int64", N - 1),
    ],
)
def test_numbers_go_on_after_the_largest(labels, dtype, start, kind):
    got = extended(of_type(labels, dtype), kind)
    assert got.tolist() == [*labels, *range(start, start + N_NEW)]
    assert got.dtype.kind in "iu"


@pytest.mark.parametrize(
    ("labels", "dtype"),
    [
        (HUGE, "uint64"),
        (HUGE, "UInt64"),
        (HUGE, "uint64[pyarrow]"),
        (HUGE, "category"),
        ([*LARGE[:-1], 2**63 - 2], "int64"),
        ([*LARGE[:-1], 2**63 - 1], "Int64"),
        ([*LARGE[:-1], 2**63 - 1], "int64[pyarrow]"),
        ([*LARGE[:-1], TOP - 2], "uint64"),
    ],
)
def test_without_room_the_smallest_free_numbers_are_taken(labels, dtype):
    got = extended(of_type(labels, dtype))
    assert got.tolist() == [*labels, 0, N - 1, N, N + 1]
    assert got.is_unique and got.dtype.kind in "iu"


def test_a_range_without_room():
    got = extended(pd.RangeIndex(2**63 - 1 - N, 2**63 - 1))
    assert got.tolist() == [*range(2**63 - 1 - N, 2**63 - 1), 0, 1, 2, 3]


@pytest.mark.parametrize("dtype", ["Int64", "UInt64", "category"])
def test_missing_labels_stay_missing(dtype):
    codes = [*range(N - 1), -1]
    if dtype == "category":
        index = pd.CategoricalIndex(pd.Categorical.from_codes(codes, np.array(LARGE)))
    else:
        index = pd.Index(pd.array([*LARGE[:-1], None], dtype=dtype))
    got = extended(index).tolist()
    assert got[: N - 1] == LARGE[:-1] and pd.isna(got[N - 1])
    assert got[N:] == [*range(2**53 + 2, 2**53 + 2 + N_NEW)]


def test_no_label_but_missing_ones():
    got = extended(pd.Index(pd.array([None] * N, dtype="Int64")))
    assert got[N:].tolist() == [0, 1, 2, 3]


def test_negative_numbers_with_numbers_above_int64():
    labels = [-5, *HUGE[1:]]
    got = extended(pd.Index(labels, dtype=object)).tolist()
    assert got[:N] == labels and pd.isna(got[N:]).all()


@pytest.mark.parametrize(
    ("labels", "dtype"),
    [(LARGE, "uint64"), (HUGE, "uint64"), (LARGE, "int64"), (HUGE, "UInt64"), (HUGE, "category")],
)
def test_levels_stay_exact(labels, dtype):
    index = pd.MultiIndex.from_arrays(
        [of_type(labels, dtype), [*"abcdefghijkl"]], names=["id", "shop"]
    )
    got = extended(index)
    assert got.tolist()[:N] == index.tolist() == [*zip(labels, "abcdefghijkl", strict=True)]
    assert got.get_level_values(0).tolist()[:N] == labels
    assert all(pd.isna(label) for labels in got.tolist()[N:] for label in labels)


def test_nothing_new_changes_no_label():
    index = of_type(HUGE, "uint64")
    frame = pd.DataFrame(np.eye(N)[:, :2], index=index)
    made = NumbaSMOTE(sampling_strategy={1: 6})
    got = made.fit_resample(frame, np.repeat([0, 1], 6))[0].index
    assert got.equals(index) and got.dtype == index.dtype and got is not index
