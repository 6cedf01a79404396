"""Membership inference, closest records, copies: planted copies are found, fresh rows are not."""

import numpy as np
import pytest

from skgensample.metrics import (
    cell_copy_rate,
    closest_record_share,
    copy_rates,
    exact_copy_rate,
    membership_inference_score,
)

pd = pytest.importorskip("pandas")


def mixed(rng, n):
    """Numbers, dates, categories and missing cells."""
    frame = pd.DataFrame(
        {
            "x": rng.standard_normal(n),
            "amount": rng.standard_exponential(n).round(2),
            "day": pd.Timestamp("2024-01-01") + pd.to_timedelta(rng.randint(0, 300, n), "D"),
            "c": rng.choice(list("abcd"), n),
        }
    )
    frame.loc[rng.uniform(size=n) < 0.1, ["amount", "c"]] = None
    return frame


@pytest.fixture
def tables(rng):
    """Training, held-out and fresh rows of one distribution."""
    return [mixed(rng, 1_000) for _ in range(3)]


def few_values(rng, n):
    """Rows that repeat each other: three categories, of which some levels are frequent."""
    return pd.DataFrame(rng.geometric(0.4, (n, 3)), columns=list("abc")).astype(str)


def test_copies_are_found(tables):
    train, holdout, _ = tables
    attack = membership_inference_score(train, holdout, train)
    assert attack.auroc > 0.999 and attack.tpr == 1
    assert closest_record_share(train, holdout, train) > 0.995
    assert closest_record_share(holdout, train, train) < 0.005


def test_fresh_rows_are_not_found(tables):
    attack = membership_inference_score(*tables)
    assert abs(attack.auroc - 0.5) < 0.05  # 3.9 standard errors
    assert attack.tpr < 0.03
    assert abs(closest_record_share(*tables) - 0.5) < 0.06


def test_some_copies_with_noise_are_found(tables):
    """A tenth of the synthetic rows are training rows, moved a little: few, but sure."""
    train, holdout, fresh = tables
    made = pd.concat([train[:100].assign(x=train["x"][:100] + 1e-3), fresh[:900]])
    attack = membership_inference_score(train, holdout, made)
    assert 0.52 < attack.auroc < 0.62
    assert 0.1 <= attack.tpr < 0.2
    assert membership_inference_score(train, holdout, made, max_fpr=0.5).tpr > attack.tpr
    assert 0.52 < closest_record_share(train, holdout, made) < 0.62
    assert exact_copy_rate(train, made) == 0


@pytest.mark.parametrize("n_train", [500, 2_000])
def test_natural_repeats_give_no_advantage(rng, n_train):
    """In a table of few values training rows are no nearer to fresh rows than held-out ones."""
    scores = [
        membership_inference_score(*(few_values(rng, n) for n in (n_train, 2_000, 1_000))).auroc
        for _ in range(10)
    ]
    assert abs(np.mean(scores) - 0.5) < 4 * np.std(scores) / np.sqrt(10) + 0.005
    shares = [
        closest_record_share(*(few_values(rng, n) for n in (n_train, 300, 500))) for _ in range(10)
    ]
    assert abs(np.mean(shares) - 0.5) < 0.03


def test_unequal_repeats_do_not_shift_the_share(tables):
    """A held-out table that repeats its rows has fewer points, as has the training table then."""
    train, holdout, fresh = tables
    twice = pd.concat([holdout[:500]] * 2)
    assert abs(closest_record_share(train, twice, fresh, random_state=0) - 0.5) < 0.06
    assert abs(closest_record_share(twice, train, fresh, random_state=0) - 0.5) < 0.06


def test_held_out_copies_are_no_candidates(tables):
    """Held-out rows that are training rows would hide the leak."""
    train, holdout, _ = tables
    mingled = pd.concat([holdout, train])
    assert membership_inference_score(train, mingled, train).auroc > 0.999
    with pytest.raises(ValueError, match="Every held-out row equals a training row"):
        membership_inference_score(train, train, train)
    with pytest.raises(ValueError, match="Every training row equals another one"):
        membership_inference_score(pd.concat([train, train]), holdout, train)


def test_known_answers():
    """On a line: candidates at known distances, ties half."""
    train, holdout = np.array([[0.0], [1.0], [2.0]]), np.array([[0.5], [10.0], [1.5]])
    made = np.array([[0.0], [1.0]])
    # distances .0 .0 .1 against .05 .9 .05, in ranges: 2 of 3 beat 3, the third beats 1
    attack = membership_inference_score(train, holdout, made, max_fpr=0.5)
    assert attack.auroc == pytest.approx(7 / 9)
    # from (0, 2/3) straight up to two held-out rows at the same distance, (2/3, 2/3)
    assert attack.tpr == pytest.approx(2 / 3)
    made = np.array([[0.2], [0.25], [9.0], [1.75]])  # closer to 0, tied, to 10, tied
    assert closest_record_share(train, holdout, made) == pytest.approx((1 + 0.5 + 0 + 0.5) / 4)


def test_rows_of_equal_size_and_seed(tables):
    """The larger real table is sampled; the seed decides which rows."""
    train, holdout, fresh = tables
    for measure in (membership_inference_score, closest_record_share):
        found = [
            measure(train, holdout[:200], fresh, max_rows=100, random_state=seed)
            for seed in (0, 0, 1)
        ]
        assert found[0] == found[1] != found[2]
    small = [closest_record_share(train, holdout[:100], fresh, random_state=s) for s in range(9)]
    assert abs(np.mean(small) - 0.5) < 0.08  # not 10 : 1


def test_copies_next_to_the_natural_rate(tables):
    train, holdout, fresh = tables
    rates = copy_rates(train, holdout, pd.concat([train[:500], fresh[:500]]))
    assert rates.rows == 0.5 and rates.natural_rows == 0
    both = [cell_copy_rate(train, holdout, average=False), cell_copy_rate(train, train)]
    np.testing.assert_array_equal(np.isnan(both[0]), [False, False, True, True])
    assert both[0][0] == 0 and both[0][1] > 0.5 and both[1] == 1
    assert rates.natural_cells == pytest.approx(both[0][:2].mean())
    assert rates.natural_cells + 0.2 < rates.cells < 1


def test_natural_copies(rng):
    """Rows of few values are copies as often as held-out ones; no column is continuous."""
    rates = copy_rates(*(few_values(rng, 2_000) for _ in range(3)))
    assert rates.rows > 0.8 and abs(rates.rows - rates.natural_rows) < 0.05
    assert np.isnan(rates.cells) and np.isnan(rates.natural_cells)


def test_cells_are_compared_within_their_column():
    train = np.array([[1.0, 4.0], [2.0, 5.0], [3.0, -0.0]])
    made = np.array([[4.0, 0.0], [2.0, np.nan]])
    np.testing.assert_array_equal(cell_copy_rate(train, made, average=False), [0.5, 1])
    assert np.isnan(cell_copy_rate(train[:, :1], made[:, 1:] * np.nan))


def test_containers_agree(tables):
    """pandas, polars and, of numbers, NumPy."""
    pl = pytest.importorskip("polars")
    frames = [pl.from_pandas(table) for table in tables]
    arrays = [table[["x", "amount"]].to_numpy() for table in tables]
    numbers = [table[["x", "amount"]] for table in tables]
    for measure in (membership_inference_score, closest_record_share):
        assert measure(*tables, random_state=0) == measure(*frames, random_state=0)
        assert measure(*numbers, random_state=0) == measure(*arrays, random_state=0)
    assert copy_rates(*tables) == copy_rates(*frames)
    assert copy_rates(*numbers) == copy_rates(*arrays)


def test_far_cells(tables):
    """Values near the largest float are far away, not an error."""
    train, holdout, fresh = (table[["x"]].to_numpy() for table in tables)
    fresh = np.concatenate([fresh, [[1e308], [-1e308]]])
    assert abs(membership_inference_score(train, holdout, fresh).auroc - 0.5) < 0.05
    assert abs(closest_record_share(train, holdout, fresh) - 0.5) < 0.06


@pytest.mark.parametrize("measure", [membership_inference_score, closest_record_share, copy_rates])
def test_tables_that_do_not_fit_are_refused(measure):
    with pytest.raises(ValueError, match="different columns"):
        measure(np.eye(6), np.eye(6), np.eye(7))
    with pytest.raises(ValueError, match="no row"):
        measure(np.eye(6), np.empty((0, 6)), np.eye(6))


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("scale", [1.0, 1e38])
def test_floats_of_32_bits_need_no_wider_range(rng, scale):
    parts = [(scale * rng.uniform(-3, 3, (200, 2))).astype(np.float32) for _ in range(3)]
    found = closest_record_share(*parts, random_state=0)
    wide = closest_record_share(*(part.astype(float) for part in parts), random_state=0)
    assert found == pytest.approx(wide, abs=0.02)
    assert 0 <= membership_inference_score(*parts, random_state=0)[0] <= 1
