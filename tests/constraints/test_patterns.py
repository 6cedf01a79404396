"""One-hot groups, dates as integers and multiples are kept without being asked."""

import numpy as np
import pandas as pd
import pytest

import skgensample
from skgensample import GaussianCopulaResampler, NumbaSMOTE, SequentialTreesResampler
from skgensample.constraints import Inequality
from skgensample.constraints._codec import ConstrainedCodec
from skgensample.table import TableCodec

GROUPS = (["red", "green", "blue"], ["kind=a", "kind=b"])


def integers(dates):
    return (10_000 * dates.year + 100 * dates.month + dates.day).astype(np.int64)


def patterned(n=500, seed=0):
    """A frame of one-hot groups (integers, bools), dates as integers and amounts in thousands."""
    rng = np.random.default_rng(seed)
    opened = pd.Timestamp("2019-11-03") + pd.to_timedelta(rng.integers(0, 900, n), "D")
    closed = opened + pd.to_timedelta(rng.integers(0, 40, n), "D")
    frame = pd.DataFrame({"opened": integers(opened), "closed": integers(closed)})
    frame["limit"] = 500 + 1_000 * rng.integers(1, 80, n)
    color, kind = rng.integers(0, 3, n), rng.integers(0, 2, n)
    for i, name in enumerate(GROUPS[0]):
        frame[name] = (color == i).astype(np.int16)
    for i, name in enumerate(GROUPS[1]):
        frame[name] = kind == i
    frame["flag"] = rng.integers(0, 2, n)
    frame["x"] = rng.normal(size=n) + color
    return frame, (rng.random(n) < 0.3).astype(int)


def lost(rows):
    """What some row has lost."""
    found = {str(group) for group in GROUPS if (rows[group].sum(axis=1) != 1).any()}
    for name in ("opened", "closed"):
        days = pd.to_datetime(rows[name].astype(str), format="%Y%m%d", errors="coerce")
        found |= {name} if days.isna().any() else set()
    return found | ({"limit"} if (rows["limit"] % 1_000 != 500).any() else set())


@pytest.mark.parametrize(
    "name",
    ["GaussianCopulaResampler", "SequentialTreesResampler", "NumbaSMOTE", "NumbaSMOTENC",
     "NumbaBorderlineSMOTE", "NumbaADASYN", "NumbaSVMSMOTE", "SafeLevelSMOTE"],
)  # fmt: skip
def test_patterns_are_kept(name):
    X, y = patterned()
    rule = Inequality("opened", "<=", "closed")
    sampler = getattr(skgensample, name)(random_state=0)
    for constraints in (None, [rule]):
        rows = sampler.set_params(constraints=constraints).fit_resample(X, y)[0]
        assert (rows.dtypes == X.dtypes).all() and len(rows) > len(X) and not lost(rows)
    assert (rows["opened"] <= rows["closed"]).all()


def test_smoothed_rows_keep_patterns():
    X, y = patterned()
    rows = skgensample.NumbaRandomOverSampler(shrinkage=1.0, random_state=0).fit_resample(X, y)[0]
    assert not lost(rows)


def test_interpolation_without_categories_keeps_none():
    """The check can fail, and there is a way to have imbalanced-learn's rows."""
    X, y = patterned()
    X = X.drop(columns=GROUPS[1])
    rows = NumbaSMOTE(random_state=0, categorical_features=None).fit_resample(X, y)[0]
    assert {"opened", "closed", "limit"} <= lost(rows.assign(**dict.fromkeys(GROUPS[1], 0.5)))


def test_floats_are_interpolated_as_before():
    """A group of floats stays as it is: the rows are those of imbalanced-learn."""
    from imblearn.over_sampling import SMOTE

    X, y = patterned()
    X = X.astype(float)
    for rows in (X, X.to_numpy()):
        made, theirs = (s(random_state=0).fit_resample(rows, y)[0] for s in (NumbaSMOTE, SMOTE))
        np.testing.assert_allclose(np.asarray(made), np.asarray(theirs))


def test_generators_keep_groups_of_floats_and_integer_arrays():
    X, y = patterned()
    names = [*GROUPS[0], "x"]
    rows = GaussianCopulaResampler(random_state=0).fit_resample(X[names].astype(float), y)[0]
    assert (rows[GROUPS[0]].sum(axis=1) == 1).all()
    whole = X[["opened", "limit", "red", "green", "blue"]].to_numpy()
    made = GaussianCopulaResampler(random_state=0).fit_resample(whole, y)[0]
    frame = pd.DataFrame(made, columns=["opened", "limit", *GROUPS[0]])
    assert made.dtype == whole.dtype
    assert not lost(frame.assign(closed=frame["opened"], **{"kind=a": 1, "kind=b": 0}))


def test_no_group_where_one_row_breaks_it():
    X, _ = patterned()
    X.loc[7, "red"] = 1 - X.loc[7, "red"]
    codec = ConstrainedCodec(TableCodec(categories="text", learned=True), detect=True)
    Z = codec.fit_encode(X)
    assert [c.name for c in codec.columns if c.stands_for] == ["kind=a"]
    assert Z.shape[1] == X.shape[1] - 1
    pd.testing.assert_frame_equal(codec.decode(Z), X)


def test_text_of_two_levels_is_no_flag():
    X = pd.DataFrame({"sex": ["f", "m"] * 20, "title": ["Ms", "Mr"] * 20})
    codec = ConstrainedCodec(TableCodec(categories="text", learned=True), detect=True)
    codec.fit_encode(X)
    assert codec.is_trivial


def test_conditions_on_dates_as_integers_and_multiples():
    X, y = patterned()
    model = SequentialTreesResampler(random_state=0).fit(X, y)
    wanted = {"opened": (20200101, 20200331), "limit": [2_500, 3_500], "kind=a": True}
    rows = model.sample(50, conditions=wanted)[0]
    assert rows["opened"].between(20200101, 20200331).all() and not lost(rows)
    assert rows["limit"].isin([2_500, 3_500]).all() and rows["kind=a"].all()
    for wanted, text in (({"opened": 20200230}, "is none"), ({"limit": 2_600}, "between two")):
        with pytest.raises(ValueError, match=text):
            model.sample(5, conditions=wanted)


@pytest.mark.parametrize("dtype", ["int32", "Int64", "int64"])
def test_dates_and_multiples_come_back(dtype):
    X = patterned()[0][["opened", "limit"]].astype(dtype)
    if dtype == "Int64":
        X = X.mask(np.random.default_rng(0).random(X.shape) < 0.1)
    for learned in (True, False):
        codec = TableCodec(missing=True, learned=learned, patterns=True)
        Z = codec.fit_encode(X)
        pd.testing.assert_frame_equal(codec.decode(Z), X)
        assert np.nanmax(Z[:, 0]) == 899 or np.nanmax(Z[:, 0]) < 900
        assert np.nanmax(Z[:, 1]) == (79 if learned else 79_000) - (1 if learned else 1_000)


def test_few_values_are_no_pattern():
    X = pd.DataFrame({"a": np.tile([10, 20, 30], 20), "b": np.arange(60) * 3})
    codec = TableCodec(learned=True)
    Z = codec.fit_encode(X)
    assert Z[:, 0].max() == 20 and Z[:, 1].max() == 59
