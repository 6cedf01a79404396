"""Margins within a class, and what brings a network's rows to them."""

import numpy as np
import pytest
from scipy import stats

torch = pytest.importorskip("torch")

from conftest import random_of
from skgensample.generators._encoding.blocks import ClassQuantileBlock, ModeSpecificBlock
from skgensample.generators._encoding.class_statistics import class_quantiles
from skgensample.generators._encoding.encoder import BlockEncoder
from skgensample.generators._encoding.quantiles import INSET
from skgensample.generators._sampling.calibration import (
    KEPT,
    MarginalCalibrator,
    QuantileMapper,
    empirical_cdf,
)
from skgensample.table import TableCodec


@pytest.fixture
def table():
    """A common, a scarce and a tiny class, each elsewhere; a column in no order of the classes."""
    rng = np.random.RandomState(0)
    group = np.repeat([0, 1, 2], [500, 60, 5])
    Z = np.column_stack([rng.gamma(2, size=565) + 10 * group, rng.normal(size=565) * (1 + group)])
    codec = TableCodec()
    codec.fit_encode(Z)
    return Z, group, codec.columns


def test_each_class_has_normal_scores_and_comes_back(table):
    Z, group, columns = table
    encoder = BlockEncoder(Z, columns, continuous=ClassQuantileBlock, group=group)
    scores, codes = encoder.encode(Z, np.random.RandomState(0), group)
    for g in (0, 1):
        for column in scores[group == g].T:
            assert stats.kstest(column, "norm").statistic < 0.03
    assert scores[group == 2, 0].min() > 2  # the ranks of all rows: this class lies above them
    for g in range(3):
        rows = group == g
        back = encoder.decode(scores[rows], codes[rows], g, None, np.empty_like(Z[rows]))
        np.testing.assert_allclose(back, Z[rows], rtol=0.05, atol=0.05)


def test_a_class_alone_has_its_own_margin_however_small():
    block = ClassQuantileBlock(np.array([3.0, 1.0, 2.0]), np.zeros(3, dtype=int))
    ends = [1 + INSET, 2, 3 - INSET]
    np.testing.assert_allclose(block.decode(np.array([-9.0, 0.0, 9.0]), None, 0, None), ends)


def test_missing_cells_keep_values_beside_their_class(table):
    Z, group, _ = table
    Z = Z.copy()
    Z[::7, 1] = np.nan
    codec = TableCodec(missing=True)
    codec.fit_encode(Z)
    encoder = BlockEncoder(Z, codec.columns, continuous=ClassQuantileBlock, group=group)
    there = ~np.isnan(Z[:, 1]) & (group == 1)
    block = encoder.blocks[1]
    ends = block.decode(np.array([-9.0, 9.0]), None, 1, None)
    own = np.sort(Z[there, 1])
    assert own[0] < ends[0] < own[1] and own[-2] < ends[1] < own[-1]


def test_scores_become_normal_and_keep_their_order_and_dependence(table):
    Z, group, columns = table
    encoder = BlockEncoder(Z, columns, continuous=ClassQuantileBlock, group=group)

    def draw(n, seed):
        u = torch.randn(n, 2, generator=torch.Generator().manual_seed(seed))
        u[:, 1] += 2 * u[:, 0]
        return torch.exp(u)

    margins = MarginalCalibrator(encoder, 1, draw(4_096, 0), None)
    given = draw(5_000, 7)
    made, codes = margins.transform(given, None)
    assert codes.shape == (5_000, 0)
    given = given.numpy()
    for j in range(2):
        assert stats.kstest(made[:, j], "norm").statistic < 0.04
        np.testing.assert_array_equal(made[:, j].argsort(), given[:, j].argsort())
    assert stats.spearmanr(*made.T)[0] == pytest.approx(stats.spearmanr(*given.T)[0], abs=1e-3)
    tiny = MarginalCalibrator(encoder, 2, draw(4_096, 0), None)
    untouched, _ = tiny.transform(draw(5_000, 7), None)
    np.testing.assert_array_equal(untouched, given)


def test_scores_of_modes_are_left_alone(table):
    Z, group, columns = table
    encoder = BlockEncoder(Z, columns, continuous=ModeSpecificBlock, group=group)
    width = encoder.layout.width - encoder.layout.n_scalars
    logits = torch.randn(4_096, encoder.layout.width, generator=torch.Generator().manual_seed(0))
    shares = np.full(width, 0.5)
    given = logits.clone()
    made, _ = MarginalCalibrator(encoder, 0, logits, shares).transform(logits, random_of())
    np.testing.assert_array_equal(made, given[:, : encoder.layout.n_scalars])
    assert torch.equal(logits, given)


def test_codes_come_in_their_shares_and_keep_their_dependence():
    rng = np.random.RandomState(0)
    Z = np.column_stack([rng.rand(400) < 0.1, rng.rand(400) < 0.7]).astype(float)
    codec = TableCodec()
    codec.fit_encode(Z)
    encoder = BlockEncoder(
        Z, codec.columns, continuous=ClassQuantileBlock, group=np.zeros(400, dtype=int)
    )
    u = 2 * torch.randn(4_096, generator=torch.Generator().manual_seed(0))
    logits = torch.stack([-u, u, -u, u], dim=1)  # both columns 1 in half of the rows, together
    margins = MarginalCalibrator(encoder, 0, logits, np.array([0.9, 0.1, 0.3, 0.7]))
    shifted = logits + torch.as_tensor(margins.offsets)
    one = shifted.unflatten(1, (2, 2)).softmax(dim=2)[:, :, 1]
    np.testing.assert_allclose(one.mean(dim=0), [0.1, 0.7], atol=0.005)
    assert stats.spearmanr(*one.T)[0] > 0.999
    _, codes = margins.transform(logits, random_of())
    np.testing.assert_allclose(codes.mean(axis=0), [0.1, 0.7], atol=0.02)


@pytest.fixture
def valued():
    """Numbers, whole numbers with a spike and missing cells of three classes, by their values."""
    rng = np.random.RandomState(0)
    group = np.repeat([0, 1, 2], [500, 200, 5])
    Z = np.column_stack([rng.normal(size=705), rng.poisson(40, size=705), rng.normal(size=705)])
    Z *= 1 + group[:, None]
    Z[rng.uniform(size=705) < 0.3, 1] = 0
    Z[::5, 2] = np.nan
    codec = TableCodec(missing=True)
    codec.fit_encode(Z)
    encoder = BlockEncoder(Z, codec.columns, continuous=ModeSpecificBlock, group=group)
    return Z, group, encoder


def test_drawn_numbers_take_the_margins_of_the_class_and_keep_their_order(valued):
    Z, group, _ = valued
    rng, quantiles = np.random.RandomState(1), class_quantiles(*valued)
    assert [sorted(found) for found in quantiles] == [[0, 1, 2], [0, 1, 2], []]
    drawn = 3 + 7 * rng.normal(size=(6_000, 3))
    drawn[:, 1] = np.where(drawn[:, 0] > 3, 5, drawn[:, 1])  # a spike of another height
    drawn[::3, 2] = np.nan
    made = drawn[4_096:].copy()
    QuantileMapper(drawn[:4_096], quantiles[1]).transform_(made, rng)
    np.testing.assert_array_equal(np.isnan(made), np.isnan(drawn[4_096:]))
    for j in range(3):
        own = Z[group == 1, j]
        there = ~np.isnan(made[:, j])
        x, own = made[there, j], own[~np.isnan(own)]
        assert stats.ks_2samp(x, own).statistic < 0.06
        assert own.min() <= x.min() and x.max() <= own.max()
        before = drawn[4_096:][there, j]
        inner = (before > np.nanmin(drawn[:4_096, j])) & (before < np.nanmax(drawn[:4_096, j]))
        order = before[inner].argsort()
        rises = np.diff(x[inner][order])[np.diff(before[inner][order]) > 0]
        assert (rises >= 0).all()
    assert abs((made[:, 1] == 0).mean() - (Z[group == 1, 1] == 0).mean()) < 0.03


def test_of_many_drawn_numbers_as_many_are_kept_as_tell_the_margin(valued):
    rng, quantiles = np.random.RandomState(1), class_quantiles(*valued)[1]
    drawn = rng.gamma(1, size=(16_384, 3))
    drawn[:, 1] = np.where(drawn[:, 0] < 1, 0.5, drawn[:, 1])
    margins = QuantileMapper(drawn, quantiles)
    for j, kept, _ in margins.columns:
        assert len(kept) == KEPT and (np.diff(kept) >= 0).all()
        assert stats.ks_2samp(kept, drawn[:, j]).statistic < 1 / KEPT
    few = QuantileMapper(drawn[:KEPT], quantiles).columns
    np.testing.assert_array_equal(few[0][1], np.sort(drawn[:KEPT, 0]))


def test_a_column_of_which_only_missing_cells_are_drawn_stays_missing(valued):
    drawn = np.full((50, 3), np.nan)
    margins = QuantileMapper(drawn, class_quantiles(*valued)[0])
    margins.transform_(drawn, np.random.RandomState(0))
    assert np.isnan(drawn).all()


def test_shares_below_interpolate_spread_ties_and_stand_huge_numbers():
    rng, column = np.random.RandomState(0), np.r_[np.zeros(5), np.arange(1, 6.0)]
    column = np.sort(column)
    found = empirical_cdf(column, np.array([0.5, 1, 1.5, 5]), rng)
    np.testing.assert_allclose(found, [0.5, 0.55, 0.6, 0.95])
    spread = empirical_cdf(column, np.zeros(4_000), rng)
    assert stats.kstest(spread, stats.uniform(0, 0.5).cdf).statistic < 0.03
    below, above = (empirical_cdf(column, np.full(4_000, x), rng) for x in (-9, 9))
    assert stats.kstest(below, stats.uniform(0, 0.05).cdf).statistic < 0.03
    assert stats.kstest(above, stats.uniform(0.95, 0.05).cdf).statistic < 0.03
    huge = np.array([-1.7e308, 0.0, 1.7e308])
    np.testing.assert_allclose(empirical_cdf(huge[[0, 2]], huge, rng), [0.25, 0.5, 0.75])
