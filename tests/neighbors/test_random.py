"""NumbaRandomOverSampler: rows in kind, whatever the table holds, and the smoothed bootstrap."""

import datetime

import numpy as np
import pytest
from imblearn.over_sampling import RandomOverSampler
from scipy import sparse

from contracts import blobs, same_cells
from skgensample import NumbaRandomOverSampler


def test_rows_are_given_rows_and_their_numbers_are_told():
    X, y = blobs((60, 30, 20))
    sampler = NumbaRandomOverSampler(random_state=0)
    X_res, y_res = sampler.fit_resample(X, y)
    assert np.array_equal(X_res, X[sampler.sample_indices_])
    assert np.array_equal(y_res, y[sampler.sample_indices_])
    assert sampler.sample_indices_[:110].tolist() == list(range(110))
    peer = RandomOverSampler(random_state=np.random.RandomState(0))
    sampler.set_params(random_state=np.random.RandomState(0))
    assert np.array_equal(sampler.fit_resample(X, y)[0], peer.fit_resample(X, y)[0])
    assert np.array_equal(sampler.sample_indices_, peer.sample_indices_)


ARRAYS = {
    "object": lambda: np.array([["xxx", 1, 1.0], ["yyy", None, 2], ["zzz", 3, b"3"]], object),
    "text": lambda: np.array([["a", "b"], ["c", "d"], ["e", "f"]]),
    "integers": lambda: np.array([[2**63, 1], [2**64 - 1, 2], [3, 4]], np.uint64),
    "NaN": lambda: np.array([[np.nan, 1], [np.inf, 2], [3, -np.inf]]),
    "big-endian": lambda: np.arange(6.0).reshape(3, 2).astype(">f4"),
    "bool": lambda: np.array([[True, False], [False, False], [True, True]]),
}


@pytest.mark.parametrize("kind", ARRAYS)
def test_arrays_of_anything(kind):
    X, y = ARRAYS[kind](), np.array([0, 0, 1])
    X_res, y_res = NumbaRandomOverSampler(random_state=0).fit_resample(X, y)
    assert X_res.dtype == X.dtype.newbyteorder("=")
    assert all(same_cells(a, b) for a, b in zip(X_res[:3].T, X.T))
    assert all(same_cells([a], [b]) for a, b in zip(X_res[3], X[2]))
    assert y_res.tolist() == [0, 0, 1, 1]


def test_frames_of_anything():
    """Dates, missing dates, lists, categories with unused levels, nullable integers."""
    pd = pytest.importorskip("pandas")
    X = pd.DataFrame(
        {
            "when": [datetime.datetime(2024, 5, day) for day in (1, 2, 3, 4)],
            "took": pd.to_timedelta([np.nan] * 4),
            "zone": pd.date_range("2024-01-01", periods=4, tz="Europe/Berlin"),
            "who": [None, "a", "b", "c"],
            "what": [[1, 2], {"a": 1}, (3,), "x"],
            "kind": pd.Categorical(["u", "v", None, "u"], categories=["v", "u", "w"], ordered=True),
            "many": pd.array([1, None, 2**62 + 1, 4], dtype="Int64"),
            "span": pd.interval_range(0, 4),
        },
        index=list("pqrs"),
    )
    y = pd.Series([0, 1, 1, 1], index=X.index)
    sampler = NumbaRandomOverSampler(random_state=0)
    X_res, y_res = sampler.fit_resample(X, y)
    pd.testing.assert_frame_equal(X_res[:4], X)
    pd.testing.assert_frame_equal(X_res[4:].set_axis(["p", "p"]), X.iloc[[0, 0]])
    assert X_res.index.tolist() == [*"pqrs", "synthetic_0", "synthetic_1"]
    assert y_res.index.equals(X_res.index)


def test_polars():
    pl = pytest.importorskip("polars")
    X = pl.DataFrame(
        {"when": [datetime.date(2024, 5, day) for day in (1, 2, 3)], "tags": [["a"], None, ["b"]]}
    )
    X_res, _ = NumbaRandomOverSampler(random_state=0).fit_resample(X, np.array([0, 1, 1]))
    assert X_res.schema == X.schema and X_res.rows() == [*X.rows(), X.row(0)]


@pytest.mark.parametrize("make", [sparse.csr_matrix, sparse.csc_array, sparse.lil_matrix])
def test_sparse(make):
    X, y = blobs(d=6)
    given = make(np.where(X > 0, X, 0.0))
    sampler = NumbaRandomOverSampler(random_state=0)
    X_res, _ = sampler.fit_resample(given, y)
    assert type(X_res) is type(given) and X_res.format == given.format
    assert np.array_equal(X_res.toarray(), given.toarray()[sampler.sample_indices_])


def test_noise_has_the_width_that_is_documented():
    rng = np.random.RandomState(0)
    X, y = rng.standard_normal((2_100, 3)) * [1, 10, 0], np.repeat([0, 1], [2_000, 100])
    sampler = NumbaRandomOverSampler(shrinkage=2.0, random_state=0)
    X_res, _ = sampler.fit_resample(X, y)
    noise = (X_res - X[sampler.sample_indices_])[2_100:]
    width = 2.0 * (4 / ((3 + 2) * 2_100)) ** (1 / 7)
    np.testing.assert_allclose(noise.std(axis=0), width * X[y == 1].std(axis=0), rtol=0.05)
    assert np.abs(noise.mean(axis=0)).max() < 0.3
    assert sampler.shrinkage_ == {1: 2.0}


def test_no_width_no_noise():
    X, y = blobs((60, 30, 20))
    plain = NumbaRandomOverSampler(random_state=0).fit_resample(X, y)[0]
    for shrinkage in (0, {1: 0, 2: 0.0}):
        sampler = NumbaRandomOverSampler(shrinkage=shrinkage, random_state=0)
        assert np.array_equal(sampler.fit_resample(X, y)[0][:110], plain[:110])
        assert np.array_equal(sampler.fit_resample(X, y)[0][110:140], plain[110:140])


def test_a_width_for_each_class():
    X, y = blobs((60, 30, 20))
    sampler = NumbaRandomOverSampler(shrinkage={1: 0, 2: 3}, random_state=0)
    X_res, y_res = sampler.fit_resample(X, y)
    moved = (X_res != X[sampler.sample_indices_]).all(axis=1)[110:]
    assert np.array_equal(moved, y_res[110:] == 2)


def test_categories_stay_with_their_row():
    pd = pytest.importorskip("pandas")
    rng = np.random.RandomState(0)
    numbers, y = blobs(d=2)
    X = pd.DataFrame(numbers, columns=["amount", "age"])
    X["shop"], X["foreign"] = rng.choice(["x", "y"], 80), rng.rand(80) < 0.5
    X["visits"] = rng.randint(0, 9, 80)
    sampler = NumbaRandomOverSampler(shrinkage=1.0, random_state=0)
    X_res, _ = sampler.fit_resample(X, y)
    base = X.iloc[sampler.sample_indices_[80:]].reset_index(drop=True)
    new = X_res[80:].reset_index(drop=True)
    assert (new[["shop", "foreign"]] == base[["shop", "foreign"]]).all(axis=None)
    assert (new["amount"] != base["amount"]).all() and new["visits"].between(0, 8).all()
    coded = NumbaRandomOverSampler(shrinkage=1.0, categorical_features=[0], random_state=0)
    new = coded.fit_resample(numbers, y)[0][80:]
    assert set(new[:, 0]) <= set(numbers[:, 0]) and not set(new[:, 1]) & set(numbers[:, 1])


def test_one_row():
    X, y = blobs((10, 1))
    for shrinkage in (None, 1.0):
        sampler = NumbaRandomOverSampler(shrinkage=shrinkage, random_state=0)
        X_res, _ = sampler.fit_resample(X, y)
        assert (X_res[11:] == X[y == 1]).all() and len(X_res) == 20


def test_large_magnitudes_stay_finite():
    X, y = blobs()
    for scale in (1e300, 0.99 * np.finfo(float).max / np.abs(X).max()):
        X_res, _ = NumbaRandomOverSampler(shrinkage=5.0, random_state=0).fit_resample(X * scale, y)
        assert np.isfinite(X_res).all()


@pytest.mark.parametrize(
    "shrinkage, text",
    [
        ({}, "shrinkage factor for each class"),
        ({1: -1}, "needs to be >= 0"),
        ({1: "a"}, "needs to be >= 0"),
        (-1, "shrinkage"),
        ("1", "shrinkage"),
    ],
)
def test_wrong_shrinkage(shrinkage, text):
    with pytest.raises(ValueError, match=text):
        NumbaRandomOverSampler(shrinkage=shrinkage).fit_resample(*blobs())


def test_noise_keeps_gaps_and_needs_finite_numbers():
    X, y = blobs()
    X[::2, 1] = np.nan
    sampler = NumbaRandomOverSampler(shrinkage=1.0, random_state=0)
    new, chosen = sampler.fit_resample(X, y)[0][len(y) :], sampler.sample_indices_[len(y) :]
    np.testing.assert_array_equal(np.isnan(new), np.isnan(X[chosen]))
    assert 0 < np.isnan(new).sum() < len(new)
    X[5, 1] = np.inf
    with pytest.raises(ValueError, match="column 1, row 5"):
        NumbaRandomOverSampler(shrinkage=1.0).fit_resample(X, y)
