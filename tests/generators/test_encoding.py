"""Blocks: round trips, spans, observed values only, bounded memory."""

import numpy as np
import pytest
from scipy import stats

from skgensample.generators._encoding.blocks import (
    MAX_LEVELS,
    DiscreteBlock,
    ModeSpecificBlock,
    QuantileBlock,
)
from skgensample.generators._encoding.encoder import BlockEncoder
from skgensample.generators._encoding.layout import Layout
from skgensample.table import Column


def column(j, kind="float"):
    return Column(f"c{j}", j, kind)


def one_group(n):
    return np.zeros(n, dtype=np.intp)


@pytest.fixture
def table():
    rng = np.random.RandomState(0)
    n = 400
    Z = np.column_stack(
        [
            rng.gamma(2, size=n) * 1e6,
            rng.randint(0, 5, size=n),
            np.full(n, 7.0),
            rng.randint(0, 2, size=n),
            np.where(rng.uniform(size=n) < 0.7, 0, rng.normal(size=n)),
            rng.choice([1.5, 2.5], size=n),
        ]
    )
    kinds = ["float", "categorical", "float", "binary", "float", "float"]
    return Z, [column(j, kind) for j, kind in enumerate(kinds)]


def round_trip(Z, columns, continuous, group=None):
    group = one_group(len(Z)) if group is None else group
    encoder = BlockEncoder(Z, columns, continuous=continuous, group=group)
    rng = np.random.RandomState(1)
    scalars, codes = encoder.encode(Z, rng)
    return encoder, scalars, codes, encoder.decode(scalars, codes, 0, rng, np.empty_like(Z))


def check_between_neighbors(back, x):
    """Each number came back between the next smaller and the next larger one of its column."""
    back, x = back[~np.isnan(x)], x[~np.isnan(x)]
    values = np.unique(x)
    at = np.searchsorted(values, x)
    assert (back >= values[np.maximum(at - 1, 0)]).all()
    assert (back <= values[np.minimum(at + 1, len(values) - 1)]).all()


@pytest.mark.parametrize("continuous", [QuantileBlock, ModeSpecificBlock])
def test_round_trip(table, continuous):
    Z, columns = table
    _, _, _, back = round_trip(Z, columns, continuous)
    np.testing.assert_array_equal(back[:, [1, 2, 3, 5]], Z[:, [1, 2, 3, 5]])
    if continuous is QuantileBlock:
        for j in (0, 4):
            check_between_neighbors(back[:, j], Z[:, j])
        return
    np.testing.assert_allclose(back[:, 0], Z[:, 0], atol=np.ptp(Z[:, 0]) * 1e-5)
    assert np.mean(np.abs(back[:, 4] - Z[:, 4]) < 1e-4) > 0.98


@pytest.mark.parametrize("continuous", [QuantileBlock, ModeSpecificBlock])
def test_layout_covers_the_columns_that_vary(table, continuous):
    Z, columns = table
    encoder, scalars, codes, _ = round_trip(Z, columns, continuous)
    layout = encoder.layout
    assert scalars.dtype == np.float32 and scalars.shape == (len(Z), layout.n_scalars)
    assert codes.shape == (len(Z), len(layout.widths))
    assert layout.n_scalars == 2 and list(encoder.scalar_columns) == [0, 4]
    assert 2 not in encoder.span_columns
    assert (codes < layout.widths).all() and (codes >= 0).all()
    discrete = encoder.span_columns[encoder.discrete_spans]
    assert sorted(discrete) == [1, 3, 5]


def test_layout_positions():
    layout = Layout(3, (2, 2, 5), True)
    assert layout.starts.tolist() == [3, 5, 7]
    assert layout.width == 12
    assert layout.runs == [(2, 2), (1, 5)]
    assert Layout(0, (), False).starts.tolist() == []


def test_normal_scores_are_normal_even_with_a_spike():
    rng = np.random.RandomState(0)
    x = np.r_[np.zeros(800), rng.exponential(size=1_200)]
    score, _ = QuantileBlock(x, None).encode(x, rng)
    assert stats.kstest(score, "norm").statistic < 0.03


def test_quantiles_of_fresh_normals_follow_the_column_and_stay_inside():
    rng = np.random.RandomState(0)
    x = np.r_[np.zeros(3_000), rng.standard_t(1, size=7_000)]
    block = QuantileBlock(x, None)
    made = block.decode(rng.normal(size=20_000).astype(np.float32), None, 0, rng)
    assert stats.ks_2samp(x, made).statistic < 0.02
    assert made.min() >= x.min() and made.max() <= x.max()
    assert abs(np.mean(made == 0) - 0.3) < 0.02


@pytest.mark.parametrize("continuous", [QuantileBlock, ModeSpecificBlock])
@pytest.mark.parametrize("scale", [1e-300, 1e-9, 1e9, 1e300])
def test_round_trip_at_any_magnitude(continuous, scale):
    Z = np.random.RandomState(0).normal(size=(300, 1)) * scale
    _, scalars, _, back = round_trip(Z, [column(0)], continuous)
    assert np.isfinite(scalars).all()
    check_between_neighbors(back[:, 0], Z[:, 0])
    if continuous is ModeSpecificBlock:
        np.testing.assert_allclose(back / scale, Z / scale, atol=1e-4)


def test_few_values_are_discrete_and_many_are_not():
    rng = np.random.RandomState(0)
    Z = np.column_stack([rng.randint(0, 16, size=500), rng.randint(0, 100, size=500)]).astype(float)
    columns = [column(0, "integer"), column(1, "integer")]
    encoder = BlockEncoder(Z, columns, continuous=QuantileBlock, group=one_group(500))
    assert [type(block) for block in encoder.blocks] == [DiscreteBlock, QuantileBlock]


def test_two_rows_are_no_levels():
    Z = np.array([[1.0, 5.0, 3.0], [2.0, 9.0, 3.0]])
    encoder, _, _, back = round_trip(Z, [column(j) for j in range(3)], QuantileBlock)
    assert encoder.layout.n_scalars == 2
    assert (back >= Z.min(axis=0)).all() and (back <= Z.max(axis=0)).all()


def test_rare_levels_share_a_code_and_keep_their_frequencies_within_the_group():
    rng = np.random.RandomState(0)
    common = rng.randint(0, 200, size=20_000)
    rare = rng.randint(1_000, 3_000, size=2_000)
    x = np.r_[common, rare].astype(float)
    group = np.r_[one_group(20_000), np.repeat([0, 1], 1_000)]
    block = DiscreteBlock(x, group)
    codes = block.encode(x, rng)[1]
    assert block.width == MAX_LEVELS == codes.max() + 1
    shared = np.full(5_000, MAX_LEVELS - 1)
    for g in (0, 1):
        made = block.decode(None, shared, g, rng)
        assert np.isin(made, x[(group == g)]).all()
        assert np.isin(block.codes[np.searchsorted(block.values, made)], MAX_LEVELS - 1).all()
    kept = codes < MAX_LEVELS - 1
    np.testing.assert_array_equal(block.decode(None, codes[kept], 0, rng), x[kept])


def test_fifteen_thousand_categories_need_little_memory():
    import tracemalloc

    x = np.random.RandomState(0).permutation(20_000) % 15_000.0
    tracemalloc.start()
    encoder, _, _, _ = round_trip(x[:, None], [column(0, "categorical")], ModeSpecificBlock)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert encoder.layout.width == MAX_LEVELS
    assert peak < 20e6


def test_another_cap(monkeypatch):
    monkeypatch.setattr(DiscreteBlock, "max_levels", 10)
    x = np.repeat(np.arange(50.0), np.arange(50, 0, -1))
    block = DiscreteBlock(x, one_group(len(x)))
    codes = block.encode(x, None)[1]
    assert block.width == 10 == codes.max() + 1
    rng = np.random.RandomState(0)
    made = block.decode(None, np.full(2_000, 9), 0, rng)
    assert set(made) == set(range(9, 50))
    np.testing.assert_array_equal(block.decode(None, codes[codes < 9], 0, rng), x[codes < 9])


@pytest.fixture
def gaps():
    """Two columns that miss the same rows, one that misses others, a category, an empty one."""
    rng = np.random.RandomState(0)
    n = 500
    both, other = rng.uniform(size=(2, n)) < [[0.3], [0.1]]
    Z = np.column_stack(
        [
            np.where(both, np.nan, rng.normal(size=n)),
            np.where(both, np.nan, rng.gamma(2, size=n)),
            np.where(other, np.nan, rng.normal(size=n)),
            np.where(other, np.nan, rng.randint(0, 3, size=n)),
            np.full(n, np.nan),
            rng.normal(size=n),
            np.where(both, np.nan, 4.5),
        ]
    )
    kinds = ["float", "float", "integer", "categorical", "float", "float", "float"]
    return Z, [column(j, kind) for j, kind in enumerate(kinds)]


@pytest.mark.parametrize("continuous", [QuantileBlock, ModeSpecificBlock])
def test_missing_cells_come_back(gaps, continuous):
    Z, columns = gaps
    encoder, scalars, codes, back = round_trip(Z, columns, continuous)
    np.testing.assert_array_equal(np.isnan(back), np.isnan(Z))
    for j in range(6):
        check_between_neighbors(back[:, j], Z[:, j])
    np.testing.assert_array_equal(back[:, [3, 6]], Z[:, [3, 6]])
    assert np.isfinite(scalars).all() and encoder.layout.n_scalars == 4
    # one code for each pattern of missing cells, one for each discrete column
    assert len(encoder.patterns) == 2 and encoder.patterns[0].columns == [0, 1]
    assert len(encoder.discrete_spans) == 4
    assert (codes >= 0).all() and (codes < encoder.layout.widths).all()


def test_the_value_of_a_missing_cell_looks_like_the_others(gaps):
    Z, columns = gaps
    _, scalars, _, _ = round_trip(Z, columns, QuantileBlock)
    gap = np.isnan(Z[:, 0])
    assert stats.ks_2samp(scalars[gap, 0], scalars[~gap, 0]).pvalue > 0.01
    assert abs(np.corrcoef(scalars[gap, 0], scalars[gap, 1])[0, 1]) < 0.25


def test_codes_drawn_anyhow_give_whole_patterns_of_missing_cells(gaps):
    Z, columns = gaps
    encoder, scalars, codes, _ = round_trip(Z, columns, QuantileBlock)
    rng = np.random.RandomState(2)
    shuffled = np.column_stack([rng.permutation(code) for code in codes.T])
    made = encoder.decode(scalars, shuffled, 0, rng, np.empty_like(Z))
    np.testing.assert_array_equal(np.isnan(made[:, 0]), np.isnan(made[:, 1]))
    assert np.isnan(made[:, 0]).sum() == np.isnan(Z[:, 0]).sum()
    assert np.isnan(made[:, 4]).all() and not np.isnan(made[:, 5]).any()


def test_rare_levels_with_missing_cells():
    rng = np.random.RandomState(0)
    x = np.where(rng.uniform(size=5_000) < 0.2, np.nan, rng.randint(0, 2_000, size=5_000))
    encoder, _, _, back = round_trip(x[:, None], [column(0, "categorical")], QuantileBlock)
    np.testing.assert_array_equal(np.isnan(back[:, 0]), np.isnan(x))
    assert encoder.layout.widths == (MAX_LEVELS,)


def test_distances_from_modes_have_the_scale_of_codes():
    """What a critic of slope 1 sees of them is then no less than what it sees of the modes."""
    rng = np.random.RandomState(0)
    x = np.where(rng.uniform(size=4_000) < 0.5, rng.normal(size=4_000), 50 + rng.normal(size=4_000))
    block = ModeSpecificBlock(x, np.zeros(4_000, dtype=int))
    scalar, code = block.encode(x, None)
    assert set(code) == {0, 1}
    for k in (0, 1):
        assert scalar[code == k].std() == pytest.approx(1, abs=0.05)
    np.testing.assert_allclose(block.decode(scalar, code, 0, None), x, atol=1e-9)
    far = block.decode(np.array([-1e9, 1e9]), np.array([0, 1]), 0, None)
    assert x.min() <= far.min() and far.max() <= x.max()
