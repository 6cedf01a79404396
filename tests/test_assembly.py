"""Assembly of the output: threads, output buffers, text columns and all kinds of frames."""

import numpy as np
import pandas as pd
import pytest

from skgensample import NumbaRandomOverSampler, NumbaSMOTE, NumbaSMOTEN
from skgensample._runtime import threads
from skgensample.table import TableCodec
from skgensample.table._categories import text_levels
from skgensample.table._columns import check_finite
from skgensample.table._output import OutputBuffer, interleave, separate


@pytest.fixture(params=[1, 2], ids=["one thread", "two threads"])
def small_blocks(request, monkeypatch):
    """Blocks so small that small tables need many, on one and on two threads."""
    monkeypatch.setattr(threads, "CELLS", 40)
    monkeypatch.setattr("skgensample.table._output.CELLS", 40)
    monkeypatch.setattr("skgensample.table._containers.CELLS", 40)
    monkeypatch.setattr(threads.numba.config, "NUMBA_NUM_THREADS", request.param)


def test_every_row_is_visited_once(small_blocks):
    seen = np.zeros(103, dtype=int)

    def visit(start, stop):
        seen[start:stop] += 1

    threads.in_blocks(visit, 103, 7)
    assert (seen == 1).all()


def test_errors_in_a_thread_arrive(small_blocks):
    def fail(item):
        if item == 5:
            raise KeyError(item)

    with pytest.raises(KeyError):
        threads.each(fail, range(20))
    with pytest.raises(ZeroDivisionError):
        threads.submit(lambda: 1 / 0)()


def test_columns_apart_and_together(small_blocks, rng):
    rows = rng.standard_normal((57, 6))
    columns = separate(rows, [4, 1])
    assert columns.flags.c_contiguous and np.array_equal(columns, rows[:, [4, 1]].T)
    out = np.zeros((57, 6))
    interleave(columns, [4, 1], out)
    assert np.array_equal(out[:, [4, 1]], rows[:, [4, 1]]) and not out[:, [0, 2, 3, 5]].any()


@pytest.mark.parametrize("dtype", [float, ">f8", object, "U3"])
def test_output_buffer(small_blocks, dtype):
    X = np.arange(120).reshape(40, 3).astype(dtype)
    buffer = OutputBuffer(X, 5)
    buffer.tail[:] = X[:5]
    assert (buffer.head() == X).all()
    whole = buffer.whole()
    assert (whole == np.concatenate([X, X[:5]])).all() and whole.dtype.isnative
    assert not np.shares_memory(whole, X)


@pytest.mark.parametrize("dtype, top", [(np.float32, 3e38), (np.float64, 1.7e308)])
@pytest.mark.parametrize("column", [2, 4])
def test_overflowing_sums_are_accepted_next_to_categories(rng, dtype, top, column):
    X = rng.standard_normal((260, 6)).astype(dtype)
    X[:, 2] = rng.randint(0, 3, 260)
    X[:5, column] = top
    y = np.arange(260) < 60
    found = NumbaSMOTE(random_state=0, categorical_features=[2]).fit_resample(X, y)[0]
    assert found.shape == (400, 6) and np.array_equal(found[:260], X)
    X[7, column] = np.inf
    with pytest.raises(ValueError, match=f"column {column}, row 7"):
        NumbaSMOTE(random_state=0, categorical_features=[2]).fit_resample(X, y)


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_first_bad_cell_is_named_across_blocks(small_blocks, bad):
    X = np.zeros((60, 5))
    X[33, 2] = X[33, 4] = X[50, 0] = bad
    with pytest.raises(ValueError, match=r"column 'c2', row 33\b"):
        check_finite(X, [f"c{j}" for j in range(5)])
    assert not np.any(check_finite(np.full((60, 5), 1e308), range(5)))  # the sum overflows


def test_text_levels():
    cells = np.empty((9_000, 4), dtype=object)
    cells[:, 0] = [f"t{i % 7}" for i in range(9_000)]
    cells[:, 1] = 1.5
    cells[:, 2] = ["a"] * 8_999 + [None]
    cells[:, 3] = ["b"] * 8_998 + [np.str_("a"), []]
    first, *others = text_levels(cells)
    assert first[0].tolist() == [f"t{i}" for i in range(7)]
    assert (first[0][first[1]] == cells[:, 0]).all()
    assert others == [None, None, None]


@pytest.mark.parametrize("layout", ["C", "F", "stride", "float32", "integer"])
def test_result_does_not_depend_on_blocks(small_blocks, layout, rng):
    X = rng.standard_normal((80, 8))
    X[:, 6:] = rng.randint(0, 4, size=(80, 2))
    X = {
        "C": X,
        "F": np.asfortranarray(X),
        "stride": np.repeat(X, 2, axis=1)[:, ::2],
        "float32": X.astype(np.float32),
        "integer": (X * 10).astype(np.int32),
    }[layout]
    y = np.arange(80) < 20
    sampler = NumbaSMOTE(random_state=0, categorical_features=[6, 7])
    found, _ = sampler.fit_resample(X, y)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(threads, "CELLS", 10**9)
        expected, _ = sampler.fit_resample(np.ascontiguousarray(X), y)
    assert found.dtype == X.dtype and np.array_equal(found, expected)
    assert np.array_equal(found[:80], X)


def mixed_frame(rng, n=60):
    return pd.DataFrame(
        {
            "amount": rng.standard_normal(n),
            "kind": pd.Categorical(rng.choice(list("abc"), n), categories=list("zabc")),
            "count": rng.randint(0, 9, n).astype(np.int16),
            "place": rng.choice(["north", "south"], n).astype(object),
            "flag": rng.randint(0, 2, n).astype(bool),
            "whole": pd.array(rng.randint(0, 9, n), dtype="Int64"),
            "word": pd.array(rng.choice(["x", "y"], n), dtype="string"),
        },
        index=[f"r{i}" for i in range(n)],
    )


def test_frame_is_what_pandas_would_concatenate(rng):
    X = mixed_frame(rng)
    codec = TableCodec(categories="auto")
    Z, buffer = codec.fit_extend(X, 6)
    assert buffer is None
    both = codec.finish(X, Z[:6], buffer)
    expected = pd.concat([X, codec.decode(Z[:6])], ignore_index=True)
    pd.testing.assert_frame_equal(both.reset_index(drop=True), expected)
    assert both.index[:60].equals(X.index) and both.index.is_unique
    assert (both.dtypes == X.dtypes).all()


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_float_frame_equals_array(rng, dtype):
    X, y = rng.standard_normal((60, 4)).astype(dtype), np.arange(60) < 15
    frame = pd.DataFrame(X, columns=list("abcd"), index=np.arange(60) + 7)
    found, _ = NumbaSMOTE(random_state=0).fit_resample(frame, y)
    expected, _ = NumbaSMOTE(random_state=0).fit_resample(X, y)
    assert np.array_equal(found.to_numpy(), expected) and (found.dtypes == dtype).all()
    assert list(found.columns) == list("abcd") and found.index[59] == 66
    found.iloc[0, 0] = 99.0
    assert frame.iloc[0, 0] != 99.0


def test_objects_keep_their_types(rng):
    X = np.empty((40, 3), dtype=object)
    X[:, 0] = rng.choice(["a", "b"], 40)
    X[:, 1] = rng.randint(0, 3, 40).tolist()
    X[:, 2] = rng.choice([0.5, 1.5], 40).tolist()
    found, _ = NumbaSMOTEN(random_state=0).fit_resample(X, np.arange(40) < 10)
    assert [{type(cell) for cell in column} for column in found.T] == [{str}, {int}, {float}]
    assert all((found[40:, j] == found[40 + i, j]).any() for i in range(20) for j in range(3))


def test_rows_are_repeated_in_kind(small_blocks, rng):
    X = rng.standard_normal((50, 9))
    X[3, 2] = np.nan
    sampler = NumbaRandomOverSampler(random_state=0)
    found, _ = sampler.fit_resample(X, np.arange(50) < 12)
    np.testing.assert_array_equal(found, X[sampler.sample_indices_])


@pytest.mark.parametrize("kind", ["pandas", "polars", "objects"])
def test_columns_are_decoded_concurrently(small_blocks, rng, kind):
    """Each column keeps its type and position."""
    X = (
        mixed_frame(rng)
        .reset_index(drop=True)
        .assign(day=pd.Timestamp("2026-01-01") + pd.to_timedelta(range(60), "D"))
    )
    if kind == "polars":
        X = pytest.importorskip("polars").from_pandas(X)
    elif kind == "objects":
        X = X[["amount", "place"]].to_numpy(dtype=object)
    codec = TableCodec(missing=True, learned=True, categories="text")
    again = codec.decode(codec.fit_encode(X))
    assert type(again) is type(X)
    if kind == "objects":
        np.testing.assert_array_equal(again, X)
    elif kind == "polars":
        from polars.testing import assert_frame_equal

        # before 1.32 polars' own `equals` compares the codes of categories, not the categories
        assert_frame_equal(again, X, check_exact=True, categorical_as_str=True)
    else:
        assert again.equals(X)
