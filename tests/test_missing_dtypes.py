"""Every dtype of pandas, with gaps and without, through the interpolators and back."""

from datetime import date
from decimal import Decimal

import numpy as np
import pytest

from skgensample import NumbaADASYN, NumbaRandomOverSampler, NumbaSMOTE, NumbaSMOTEN

pd = pytest.importorskip("pandas")

N = 120
RNG = np.random.RandomState(0)
Y = (np.arange(N) % 4 == 0).astype(int)
GAP = RNG.rand(N) < 0.25
WORDS = RNG.choice(["chip", "online", "swipe"], N)
WHOLE = RNG.randint(-3, 90, N)
DAYS = [date(2024, 1, 1 + int(day)) for day in RNG.randint(0, 30, N)]

COLUMNS = {
    "float32": pd.Series(RNG.normal(size=N), dtype="float32"),
    "Float64": pd.Series(RNG.normal(size=N), dtype="Float64"),
    "Int8": pd.Series(WHOLE, dtype="Int8"),
    "Int64": pd.Series(2**54 + WHOLE, dtype="Int64"),
    "boolean": pd.Series(WHOLE > 40, dtype="boolean"),
    "string": pd.Series(WORDS, dtype="string"),
    "object": pd.Series(WORDS, dtype=object),
    "objects of integers": pd.Series(WHOLE.tolist(), dtype=object),
    "category": pd.Series(pd.Categorical(WORDS, categories=["never", *sorted(set(WORDS))])),
    "ordered": pd.Series(pd.Categorical(WHOLE // 30, ordered=True)),
    "datetime": pd.Series(pd.to_datetime(DAYS)),
    "zoned": pd.Series(pd.to_datetime(DAYS).tz_localize("America/New_York")),
    "timedelta": pd.Series(pd.to_timedelta(WHOLE, unit="h")),
    "sparse": pd.Series(pd.arrays.SparseArray(np.where(WHOLE > 40, 1.5, 0.0))),
}
ARROW = {
    "int32": WHOLE.tolist(),
    "double": RNG.normal(size=N).tolist(),
    "bool": (WHOLE > 40).tolist(),
    "string": WORDS.tolist(),
    "large_string": WORDS.tolist(),
    "date32": DAYS,
    "timestamp": pd.to_datetime(DAYS).tz_localize("Europe/Berlin").tolist(),
    "duration": pd.to_timedelta(WHOLE, unit="h").tolist(),
    "decimal128": [Decimal(int(cents)) / 100 for cents in WHOLE],
}
ARGUMENTS = {"timestamp": ("ms", "Europe/Berlin"), "duration": ("s",), "decimal128": (9, 2)}


def column_of(name):
    """A column of pandas, or of a type of pyarrow."""
    if name in COLUMNS:
        return COLUMNS[name]
    pa = pytest.importorskip("pyarrow")
    kind = name.removeprefix("arrow ")
    dtype = pd.ArrowDtype(
        getattr(pa, {"double": "float64", "bool": "bool_"}.get(kind, kind))(
            *ARGUMENTS.get(kind, ())
        )
    )
    return pd.Series(ARROW[kind], dtype=dtype)


#: Columns whose values are not interpolated.
CATEGORIES = {
    "string", "object", "category", "ordered", "boolean",
    "arrow string", "arrow large_string", "arrow bool",
}  # fmt: skip
NAMES = [*COLUMNS, *(f"arrow {kind}" for kind in ARROW)]
SAMPLERS = [
    NumbaSMOTE(),
    NumbaADASYN(scale="quantile", category_rule="nearest"),
    NumbaSMOTEN(),
    NumbaRandomOverSampler(shrinkage=0.5),
]


@pytest.mark.parametrize("sampler", SAMPLERS, ids=lambda sampler: type(sampler).__name__)
@pytest.mark.parametrize("holes", [False, True])
@pytest.mark.parametrize("name", NAMES)
def test_columns_come_back(name, holes, sampler):
    column = column_of(name).copy()
    if holes and name == "sparse":
        column = pd.Series(pd.arrays.SparseArray(np.where(GAP, np.nan, column)))
    elif holes:
        column[GAP] = None
    X = pd.DataFrame({"x": RNG.normal(size=N) + Y, "column": column, "other": WORDS})
    sampler.set_params(random_state=0)
    X_all, _ = sampler.fit_resample(X, pd.Series(Y))
    pd.testing.assert_frame_equal(X_all[:N], X, check_index_type=False)
    given, new = X["column"], X_all["column"][N:]
    assert new.dtype == given.dtype
    numbers = getattr(sampler, "synthetic_parents_", None)
    base = sampler.sample_indices_[N:] if numbers is None else numbers[:, 0]
    assert (new.isna().to_numpy() == given.isna().to_numpy()[base]).all()
    if name in CATEGORIES:
        assert set(new.dropna()) <= set(given.dropna())
    elif not isinstance(sampler, NumbaRandomOverSampler):
        own = given[Y == 1].dropna()
        assert own.min() <= new.dropna().min() <= new.dropna().max() <= own.max()


def test_several_levels_of_names_and_of_rows():
    X = pd.DataFrame(RNG.normal(size=(N, 3)))
    X.columns = pd.MultiIndex.from_tuples([("a", 1), ("a", 2), ("b", 1)], names=["first", None])
    X.index = pd.MultiIndex.from_product([["u", "v"], range(N // 2)], names=["shop", "day"])
    X.iloc[::3, 1] = np.nan
    y = pd.Series(np.where(Y, "fraud", "legit"), index=X.index, dtype="string", name="label")
    X_all, y_all = NumbaSMOTE(random_state=0).fit_resample(X, y)
    assert X_all.columns.equals(X.columns) and X_all.columns.names == X.columns.names
    assert X_all.index.nlevels == 2 and X_all.index[:N].equals(X.index)
    assert X_all.index.names == X.index.names and y_all.index.equals(X_all.index)
    assert y_all.dtype == y.dtype and y_all.name == "label"
    pd.testing.assert_frame_equal(X_all[:N], X)


@pytest.mark.parametrize("dtype", ["object", "string", "category", "string[pyarrow]", "Int64"])
def test_targets_come_back(dtype):
    if "pyarrow" in dtype:
        pytest.importorskip("pyarrow")
    labels = Y + 3 if dtype == "Int64" else np.where(Y, "fraud", "legit")
    X, y = pd.DataFrame({"x": RNG.normal(size=N)}), pd.Series(labels, name="y").astype(dtype)
    X.loc[GAP, "x"] = np.nan
    y_all = NumbaSMOTE(random_state=0).fit_resample(X, y)[1]
    assert y_all.dtype == y.dtype and y_all.name == "y"
    assert y_all.value_counts().nunique() == 1
