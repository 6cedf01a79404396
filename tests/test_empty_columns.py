"""Columns of nothing but missing cells stay such columns, of their own dtype, in every sampler."""

import numpy as np
import pytest
from packaging.version import Version
from sklearn.utils import get_tags

from contracts import blobs, check_same_kind, columns_of, missing, same_cells
from skgensample import NumbaSMOTENC
from skgensample.neighbors._base import BaseNeighborSampler

pd = pytest.importorskip("pandas")

PANDAS = {
    "category": lambda n: pd.Categorical([None] * n, categories=["u", "v"]),
    "category without levels": lambda n: pd.Categorical([None] * n),
    "ordered numbers": lambda n: pd.Categorical([None] * n, categories=[1, 2], ordered=True),
    "None": lambda n: np.full(n, None),
    "NA": lambda n: pd.Series([pd.NA] * n, dtype=object),
    "NaN as objects": lambda n: np.full(n, np.nan).astype(object),
    "float": lambda n: np.full(n, np.nan),
    "sparse": lambda n: pd.arrays.SparseArray([np.nan] * n),
    **{
        dtype: lambda n, dtype=dtype: pd.Series([None] * n, dtype=dtype)
        for dtype in (
            "string", "Int64", "Float64", "boolean", "float32",
            "datetime64[ns]", "datetime64[ns, UTC]", "timedelta64[ns]",
        )
    },
}  # fmt: skip
POLARS = (
    "Categorical", "String", "Float64", "Int32", "Boolean", "Date", "Time", "Datetime", "Duration",
    "Null",
)  # fmt: skip


def takes_gaps(sampler):
    if not get_tags(sampler).input_tags.allow_nan:
        pytest.skip("takes no missing cell")
    if "max_steps" in sampler.get_params():
        sampler.set_params(max_steps=2)
    if isinstance(sampler, NumbaSMOTENC):
        sampler.set_params(categorical_features="auto")
    return sampler


def check(sampler, X, y, empty):
    """The rows of `fit_resample` and of `sample` have these columns, empty, and their dtypes."""
    results = [sampler.fit_resample(X, y)[0]]
    assert len(results[0]) == 120
    if hasattr(sampler, "sample"):
        results.append(sampler.sample(5, y=1)[0])
    if "output" in sampler.get_params():
        results.append(sampler.set_params(output="synthetic").fit_resample(X, y)[0])
    for table in results:
        check_same_kind(X, table)
        cells = columns_of(table)
        for j in range(X.shape[1]):
            assert missing(cells[j]).all() == (j in empty), j
    own = zip(columns_of(X), columns_of(results[0]))
    assert all(same_cells(given, cells[: len(y)]) for given, cells in own)


@pytest.mark.parametrize("others", ["numbers and words", "nothing"])
def test_pandas(sampler, others):
    X, y = blobs()
    empty = {name: make(len(y)) for name, make in PANDAS.items()}
    if Version(pd.__version__) < Version("3"):  # its concat makes None of other missing objects
        del empty["NA"], empty["NaN as objects"]
    words = np.random.RandomState(0).choice(list("abc"), len(y))
    other = {"amount": X[:, 0], "word": words} if others != "nothing" else {}
    frame = pd.DataFrame(empty | other)
    if not other and isinstance(sampler, BaseNeighborSampler):
        with pytest.raises(ValueError, match=r"no two of its rows|only with numerical"):
            takes_gaps(sampler).fit_resample(frame, y)
        return
    check(takes_gaps(sampler), frame, y, range(len(empty)))


def test_polars(sampler):
    pl = pytest.importorskip("polars")
    X, y = blobs()
    empty = {name: pl.Series([None] * len(y), dtype=getattr(pl, name)) for name in POLARS}
    words = np.random.RandomState(0).choice(list("abc"), len(y))
    frame = pl.DataFrame(empty | {"amount": X[:, 0], "word": words.tolist()})
    check(takes_gaps(sampler), frame, y, range(len(POLARS)))


@pytest.mark.parametrize("gap, dtype", [(None, object), (np.nan, object), (np.nan, float)])
def test_arrays(sampler, gap, dtype):
    X, y = blobs(d=2)
    table = X.astype(dtype)
    table[:, 1] = gap
    sampler = takes_gaps(sampler)
    if isinstance(sampler, NumbaSMOTENC):
        table = np.column_stack([table, np.arange(len(y)) % 3]).astype(dtype)
        sampler.set_params(categorical_features=[2])
    check(sampler, table, y, [1])
