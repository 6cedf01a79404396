"""Extremes of single rows are in no fitted model and in no new row; nothing piles up at bounds."""

import pickle

import numpy as np
import pytest

import skgensample
from conftest import GENERATORS, HAS_TORCH, small_nets
from skgensample.generators._encoding.extremes import draw_in, drawn_in_bounds
from skgensample.table._columns import Column

PLANTED = 123456.789
NAMES = [
    pytest.param(name, marks=pytest.mark.skipif(not HAS_TORCH, reason="torch is not installed"))
    for name in GENERATORS
] + ["GaussianCopulaResampler", "SequentialTreesResampler"]


def model(name, y, **changes):
    nets = small_nets(name) | {"max_steps": 3} if name in GENERATORS else {}
    both = {label: int(np.sum(y == label)) + 1 for label in np.unique(y)}
    return getattr(skgensample, name)(
        **nets | {"random_state": 0, "sampling_strategy": both} | changes
    )


def words(value):
    """The bytes of a number in every kind that a model might keep it in."""
    kinds = [np.float64] + [np.int64] * (float(value) == int(value))
    return [np.array(value, dtype=kind).tobytes() for kind in kinds]


@pytest.mark.parametrize("size, sign", [(2, 1), (5, -1), (40, 1)])
@pytest.mark.parametrize("name", NAMES)
def test_no_extreme_of_a_single_row_is_kept_or_repeated(name, sign, size):
    rng = np.random.RandomState(0)
    y = np.repeat([0, 1], [300, size])
    X = rng.normal(size=(len(y), 3)) * 100
    X[:, 1] = X[:, 1].round(1)  # decimal places, restored on the way back
    X[-1] = sign * np.array([PLANTED, 98_765.4, 54_321.0625])
    fitted = model(name, y).fit(X, y)
    stored = pickle.dumps(fitted)
    new = fitted.sample(2_000, y=1)[0]
    own = X[y == 1]
    for j in range(3):
        ends = [own[:, j].min(), own[:, j].max()]
        assert new[:, j].min() > ends[0] and new[:, j].max() < ends[1]
        for value in ends:
            assert not any(word in stored for word in words(value))


@pytest.mark.parametrize("name", NAMES)
def test_no_extreme_of_integers_and_dates_is_repeated(name):
    pd = pytest.importorskip("pandas")
    rng = np.random.RandomState(0)
    y = np.repeat([0, 1], [200, 60])
    count = rng.randint(0, 90, size=260) + 1_000_003
    count[-1], count[-2] = 123_456_789, 1_234
    days = pd.Timestamp("2020-01-01") + pd.to_timedelta(rng.randint(0, 900, 260), unit="D")
    days = days.to_series().reset_index(drop=True)
    days[259], days[258] = pd.Timestamp("2049-07-13"), pd.Timestamp("1931-02-21")
    table = pd.DataFrame({"count": count, "day": days, "x": rng.normal(size=260)})
    fitted = model(name, y).fit(table, y)
    new = fitted.sample(2_000, y=1)[0]
    for column in ("count", "day"):
        ends = table[column][[258, 259]]
        assert new[column].min() > ends.iloc[0] and new[column].max() < ends.iloc[1]


@pytest.mark.parametrize("size", [5, 60])
@pytest.mark.parametrize("name", NAMES)
def test_no_value_piles_up_unless_rows_share_it(name, size):
    rng = np.random.RandomState(0)
    y = np.repeat([0, 1], [400, size])
    X = np.column_stack([rng.normal(size=len(y)), rng.lognormal(size=len(y))])
    X = np.column_stack([X, np.where((rng.uniform(size=len(y)) < 0.3) & (y == 0), 0, X[:, 1] + 1)])
    fitted = model(name, y).fit(X, y)
    new, common = fitted.sample(20_000, y=1)[0], fitted.sample(20_000, y=0)[0]
    for column in (*new.T, *common.T[:2]):
        assert np.unique(column, return_counts=True)[1].max() <= 40
    if name != "CTGANResampler":  # whose small network learns the share of an atom later
        assert np.mean(common[:, 2] == 0) == pytest.approx(np.mean(X[y == 0, 2] == 0), abs=0.05)
    values, counts = np.unique(common[:, 2], return_counts=True)
    assert counts[values != 0].max() <= 40


@pytest.mark.parametrize(
    ("values", "step", "expected"),
    [
        ([4, 5, 6], 1, (4, 6)),  # 5 alone would be one row's value in every row
        ([4, 5, 6, 7], 1, (5, 6)),
        ([3, 4], 1, (3, 4)),
        ([0, 0, 7, 9, 9], 1, (0, 9)),  # rows share both
        ([0, 0, 1], 1, (0, 0)),
        ([2, 2], 1, (2, 2)),
    ],
)
def test_bounds_of_whole_numbers(values, step, expected):
    bounds = drawn_in_bounds(np.array(values, dtype=float), step, np.random.RandomState(0))
    assert bounds == expected


@pytest.mark.parametrize("scale", [5e-324, 1e-9, 1.0, 1e300, 1.7e308])
def test_bounds_shrink_at_any_magnitude(scale):
    values = np.array([-1.0, -0.5, 0.25, 1.0]) * scale
    lo, hi = drawn_in_bounds(values, 0.0, np.random.RandomState(0))
    assert values[0] <= lo <= values[1] and values[2] <= hi <= values[3]


def test_only_extremes_of_continuous_columns_move():
    rng = np.random.RandomState(0)
    group = np.repeat([0, 1, 2], [300, 30, 1])
    Z = np.column_stack([rng.normal(size=331), rng.randint(0, 4, 331), rng.randint(0, 4, 331)])
    Z[rng.uniform(size=331) < 0.2, 0] = np.nan
    Z[330] = 50.0, 3, 3
    columns = [Column("a", 0, "float"), Column("b", 1, "categorical"), Column("c", 2, "integer")]
    made = draw_in(Z, group, columns, rng)
    np.testing.assert_array_equal(made[:, 1:], Z[:, 1:])
    np.testing.assert_array_equal(np.isnan(made), np.isnan(Z))
    moved = np.flatnonzero((made[:, 0] != Z[:, 0]) & ~np.isnan(Z[:, 0]))
    assert len(moved) == 5 and 330 in moved
    assert np.nanmax(made[:, 0]) < 50
