"""Ranking metrics under block weights: scikit-learn's values, and its values on repeated rows."""

import numpy as np
import pytest
from sklearn.metrics import average_precision_score, roc_auc_score

from skgensample.benchmarking._ranking import (
    N_BLOCKS,
    RankedBlocks,
    block_draws,
    blocks_of,
    interval,
)
from skgensample.benchmarking._runs import RECALL_GRID, _curve


def _fold(seed, n=200, n_blocks=4, levels=None):
    """Labels, scores (rounded to `levels` values, so that some tie) and blocks."""
    rng = np.random.default_rng(seed)
    y = (rng.random(n) < 0.2).astype(int)
    y[:2] = 0, 1
    score = rng.normal(size=n) + y
    if levels:
        score = np.round(score * levels) / levels
    return y, score, rng.integers(n_blocks, size=n)


def _recall(y, score, fpr):
    """Largest recall over all thresholds with a small enough share of false positives."""
    best = 0.0
    for threshold in np.unique(score):
        alarm = score >= threshold
        if alarm[y == 0].mean() <= fpr:
            best = max(best, alarm[y == 1].mean())
    return best


@pytest.mark.parametrize("levels", [None, 2])
@pytest.mark.parametrize("seed", range(5))
def test_block_weights_are_repeated_rows(seed, levels):
    y, score, blocks = _fold(seed, levels=levels)
    ranked = RankedBlocks(y, score, blocks)
    for weights in ([1, 1, 1, 1], [2, 0, 1, 1], [0, 3, 1, 0]):
        rows = np.repeat(np.arange(len(y)), np.array(weights)[blocks])
        drawn = np.array([weights], dtype=float)
        expected = average_precision_score(y[rows], score[rows])
        assert ranked.average_precision(drawn)[0] == pytest.approx(expected, abs=1e-12)
        expected = roc_auc_score(y[rows], score[rows])
        assert ranked.auroc(drawn)[0] == pytest.approx(expected, abs=1e-12)
        expected = _recall(y[rows], score[rows], 0.05)
        assert ranked.recall(drawn, 0.05)[0] == pytest.approx(expected, abs=1e-12)


def test_parts_do_not_change_the_values(monkeypatch):
    y, score, blocks = _fold(0)
    weights = block_draws(4, np.random.default_rng(0))
    whole = RankedBlocks(y, score, blocks).auroc(weights)
    monkeypatch.setattr("skgensample.benchmarking._ranking._CELLS", 500)
    np.testing.assert_allclose(RankedBlocks(y, score, blocks).auroc(weights), whole, rtol=1e-13)


def test_draw_without_a_positive_is_left_out_of_the_interval():
    y, score = np.array([1, 0, 0, 0]), np.array([0.9, 0.1, 0.2, 0.3])
    ranked = RankedBlocks(y, score, np.array([0, 0, 1, 1]))
    draws = ranked.auroc(np.array([[1.0, 1.0], [0.0, 2.0]]))
    assert np.isnan(draws[1])
    assert interval(draws) == (1.0, 1.0)
    assert np.isnan(interval(np.array([np.nan]))).all()


def test_blocks_are_days_or_even_groups():
    rng = np.random.default_rng(0)
    assert blocks_of(4, np.array([9, 7, 7, 8]), rng).tolist() == [2, 0, 0, 1]
    sizes = np.bincount(blocks_of(523, None, rng))
    assert len(sizes) == N_BLOCKS
    assert np.ptp(sizes) <= 1


def test_draws_keep_the_number_of_blocks():
    weights = block_draws(7, np.random.default_rng(0))
    assert (weights.sum(axis=1) == 7).all()
    assert weights.mean(axis=0) == pytest.approx(np.ones(7), abs=0.15)


def test_interval_of_a_mean_has_the_width_of_theory():
    values = np.random.default_rng(1).normal(size=400)
    draws = block_draws(400, np.random.default_rng(0)) @ values / 400
    low, high = interval(draws)
    assert high - low == pytest.approx(2 * 1.96 * values.std() / 20, rel=0.1)


@pytest.mark.parametrize("levels", [None, 2])
def test_curve_reads_precision_at_the_first_threshold_that_reaches_a_recall(levels):
    y, score, _ = _fold(3, levels=levels)
    curve = _curve(y, score)
    thresholds = np.unique(score)[::-1]
    recalls = np.array([(score >= t)[y == 1].mean() for t in thresholds])
    for recall, precision in zip(RECALL_GRID, curve):
        threshold = thresholds[np.argmax(recalls >= recall - 1e-12)]
        assert precision == pytest.approx(y[score >= threshold].mean())
