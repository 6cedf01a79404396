"""Column and pair errors, two-sample test: known answers and reference implementations."""

import numpy as np
import pandas as pd
import pytest

import naive
from skgensample.metrics import _fidelity, c2st_auroc, column_density_error, pair_error
from skgensample.metrics._tables import encoded_pair


def test_equal_tables_are_at_zero(mixed_frame):
    frame, _ = mixed_frame
    assert column_density_error(frame, frame) == 0


def test_known_distances():
    real = pd.DataFrame({"x": [1.0, 2, 3, 4], "c": list("aabb"), "far": [0.0] * 4})
    made = pd.DataFrame({"x": [3.0, 4, 5, 6], "c": list("abbb"), "far": [9.0] * 4})
    np.testing.assert_allclose(column_density_error(real, made, average=False), [0.5, 0.25, 1])
    assert column_density_error(real, made) == pytest.approx(1.75 / 3)


def test_sizes_may_differ(rng):
    X = rng.standard_normal((4000, 3))
    assert column_density_error(X, rng.standard_normal((1000, 3))) < 0.06
    assert column_density_error(X, rng.standard_normal((1000, 3)) + 1) > 0.3


def test_other_columns_are_refused():
    with pytest.raises(ValueError, match="different columns"):
        column_density_error(np.eye(3), np.eye(4))


def mixed_table(rng, n):
    """Two dependent numbers and a category that goes with them."""
    x = rng.standard_normal(n)
    level = np.searchsorted([-0.5, 0.8], x + 0.3 * rng.standard_normal(n))
    return pd.DataFrame(
        {"x": x, "z": x**3 + rng.standard_normal(n), "c": np.array(list("abc"))[level]}
    )


def shuffled(table, rng):
    return table.apply(lambda column: column.to_numpy()[rng.permutation(len(table))])


def test_pair_error_known_answers():
    x = np.arange(12.0)
    assert pair_error(np.column_stack([x, x]), np.column_stack([x, x])) == 0
    assert pair_error(np.column_stack([x, x]), np.column_stack([x, -x])) == pytest.approx(1)
    flat = np.column_stack([x, np.zeros(12)])
    assert pair_error(np.column_stack([x, x]), flat) == pytest.approx(0.5)
    real = pd.DataFrame({"a": list("xxyy"), "b": list("uvuv")})
    made = pd.DataFrame({"a": list("xxyy"), "b": list("uuvv")})
    assert column_density_error(real, made) == 0 and pair_error(real, made) == 0.5
    errors = pair_error(real, made, average=False)
    np.testing.assert_array_equal(errors, [[0, 0.5], [0.5, 0]])


def test_pair_error_as_its_naive_twin(rng):
    real, made = mixed_table(rng, 97), shuffled(mixed_table(rng, 60), rng)
    codes = [t.assign(c=t["c"].map(ord)).to_numpy(dtype=float) for t in (real, made)]
    assert pair_error(real, made) == pytest.approx(naive.pair_error(*codes, [True, True, False]))


def test_pair_error_sees_what_columns_do_not(rng):
    real = mixed_table(rng, 2_000)
    apart = shuffled(real, rng)
    assert column_density_error(real, apart) == 0
    assert pair_error(real, apart) > 0.3 > 0.05 > pair_error(real, mixed_table(rng, 2_000))


def test_c2st_of_equal_and_of_shuffled_tables(rng):
    real = mixed_table(rng, 1_500)
    assert abs(c2st_auroc(real, mixed_table(rng, 900), random_state=0) - 0.5) < 0.06
    assert c2st_auroc(real, shuffled(real, rng), random_state=0) > 0.8
    few, apart = real[:100], shuffled(real[:100], rng)
    again = [c2st_auroc(few, apart, n_splits=2, random_state=1) for _ in "ab"]
    assert again[0] == again[1]


def test_c2st_draws_as_many_rows_of_each(rng):
    """A larger table is no easier to tell from a smaller one."""
    X = rng.standard_normal((3_000, 2))
    assert abs(c2st_auroc(X[:500], X[500:], max_rows=400, random_state=0) - 0.5) < 0.08


def bills(rng, n, gap):
    """A bill, the next one a little later, text, and an unrelated number."""
    bill = rng.standard_exponential(n)
    frame = pd.DataFrame({"bill": bill, "c": rng.choice(list("ab"), n), "z": rng.randn(n)})
    return frame.assign(next=bill + gap)


def test_c2st_with_differences_sees_a_lost_small_difference(rng):
    """Half of the real bills repeat exactly; half of the synthetic ones do so nearly."""
    n = 600
    step = np.where(rng.rand(2, n) < 0.5, 0, 0.05 * rng.randn(2, n))
    real, made = bills(rng, n, step[0]), bills(rng, n, step[1] + 0.002 * rng.randn(n))
    plain, harder = (c2st_auroc(real, made, differences=d, random_state=0) for d in (False, True))
    assert plain < 0.6 and harder > 0.7
    again = bills(rng, n, rng.permutation(step[0]))
    assert abs(c2st_auroc(real, again, differences=True, random_state=0) - 0.5) < 0.08


def test_c2st_shows_differences_of_related_columns_only(rng):
    """Related by Pearson or by ranks, in the rows where both are known; times too."""
    x = rng.randn(400)
    tail = np.exp(6 * x)
    frame = pd.DataFrame(
        {
            "x": x,
            "c": rng.choice(list("ab"), 400),
            "day": pd.Timestamp("2024-01-01") + pd.to_timedelta(x + 0.5 * rng.randn(400), "D"),
            "tail": np.where(rng.rand(400) < 0.3, np.nan, tail),
            "z": rng.randn(400),
            "constant": 0.1,
            "huge": 1e307 * x,
            "empty": np.nan,
        }
    )
    pair = encoded_pair(frame, frame)
    assert np.abs(np.corrcoef(x, tail)[0, 1]) < 0.5
    assert set(_fidelity._related_pairs(pair)) == {(0, 2), (0, 3), (0, 6), (2, 3), (2, 6), (3, 6)}
    assert _fidelity._related_pairs(pair)[0] == (0, 6)
    assert 0 <= c2st_auroc(frame, frame, differences=True, random_state=0) <= 1
    without = frame[["c", "z"]]
    scores = [c2st_auroc(without, without, differences=d, random_state=0) for d in (False, True)]
    assert scores[0] == scores[1]


@pytest.mark.parametrize("measure", [pair_error, c2st_auroc, column_density_error])
def test_tables_that_do_not_fit_are_refused(measure):
    with pytest.raises(ValueError, match="different columns"):
        measure(np.eye(6), np.eye(7))
    with pytest.raises(ValueError, match="no row"):
        measure(np.eye(6), np.empty((0, 6)))


def test_too_few_rows_or_columns_are_refused():
    with pytest.raises(ValueError, match="two columns"):
        pair_error(np.ones((3, 1)), np.ones((3, 1)))
    with pytest.raises(ValueError, match="5 folds"):
        c2st_auroc(np.eye(4), np.eye(4))


def test_missing_cells_are_one_more_value():
    real = pd.DataFrame({"x": [1.0, 2, 3, np.nan], "c": ["a", "a", "b", None], "z": [1, 2, 3, 4]})
    made = pd.DataFrame({"x": [1.0, 2, 3, 4], "c": ["a", "a", "b", "b"], "z": [1, 2, 3, 4]})
    errors = column_density_error(real, made, average=False)
    np.testing.assert_allclose(errors, [0.25, 0.25, 0])
    assert pair_error(real, real) == 0 < pair_error(real, made)
    assert c2st_auroc(real, made, n_splits=2, random_state=0) >= 0
