"""The 18 invariants of every sampler, as properties over generated tables (numbers in brackets).

`contracts.resample` already fails where given rows or dtypes change, counts are missed, inputs
are touched, or new cells are not finite, of a class's range or observed: (1) to (5), (7), (12).
"""

import functools
import random
import sys
import warnings

import numpy as np
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from sklearn.base import clone

from conftest import ONE_NETWORK, slow_except
from contracts import Refused, repeats_rows, resample, wants_both_kinds

pytestmark = slow_except(ONE_NETWORK)


def hold(sampler, *inputs, most=40):
    """Run the decorated property at once; a generator trains on each example, so it gets few."""
    slow = {"max_steps": 5, "kmeans_estimator": 10, "svm_estimator": 20}
    examples = min([most, *(slow[name] for name in sampler.get_params() if name in slow)])

    def run(check):
        if wants_both_kinds(sampler):
            check = of_two_columns(check)
        settings(
            max_examples=examples,
            deadline=None,
            derandomize=True,
            database=None,
            suppress_health_check=list(HealthCheck),
        )(given(*inputs)(check))()

    return run


def of_two_columns(check):
    """The property for tables of two columns and more."""

    @functools.wraps(check)
    def wide_enough(**drawn):
        for value in drawn.values():
            assume(not isinstance(value, tuple) or value[0].shape[1] > 1)
        check(**drawn)

    return wide_enough


#: Numbers whose distances neither overflow nor vanish, with plenty of ties.
plain_floats = st.integers(-(10**6), 10**6).map(lambda i: i / 1024)
any_floats = st.floats(-1e9, 1e9, width=32)
seeds = st.integers(0, 2**31)
two_or_three = st.integers(2, 3)


@st.composite
def labels(draw, n_classes=two_or_three):
    """Classes 0, 1, ... of 2 to 14 rows each, mixed."""
    counts = [draw(st.integers(2, 14)) for _ in range(draw(n_classes))]
    return np.array(draw(st.permutations(np.repeat(np.arange(len(counts)), counts).tolist())))


@st.composite
def tables(draw, elements=any_floats, dtype=np.float64, n_classes=two_or_three):
    """A table of 1 to 4 columns and its labels."""
    y = draw(labels(n_classes))
    shape = (len(y), draw(st.integers(1, 4)))
    return draw(arrays(dtype, shape, elements=elements)), y


integers = tables(st.integers(-100, 100), np.int64)
any_table = st.one_of(tables(), tables(dtype=np.float32), integers)


def is_interpolating(sampler):
    return hasattr(type(sampler), "_plan")


def test_result(sampler):
    """(1) (2) (4) (5) (7) (12) for tables of floats of both widths and of integers."""

    @hold(sampler, any_table, seeds)
    def check(table, seed):
        resample(sampler, *table, random_state=seed)


def test_dict_targets(sampler):
    """(3) Exactly the rows asked for, class by class."""

    @hold(sampler, any_table, st.lists(st.integers(0, 25), min_size=3, max_size=3))
    def check(table, extra):
        X, y = table
        target = {c: int(np.sum(y == c)) + extra[c] for c in np.unique(y).tolist()}
        _, y_res = resample(sampler, X, y, counts=target, sampling_strategy=target)
        new = [c for c in target for _ in range(extra[c])]
        assert y_res[len(y) :].tolist() == new


def test_segments(sampler):
    """(6) Every interpolated row lies on the segment between two rows of its class, or, with
    SVM-SMOTE, on its extension by `out_step` beyond the first."""
    if not is_interpolating(sampler) or sampler._categories == "all":
        pytest.skip("does not interpolate")
    furthest = -sampler.get_params().get("out_step", 0)

    @hold(sampler, tables(plain_floats), seeds)
    def check(table, seed):
        X, y = table
        fresh = clone(sampler).set_params(random_state=seed)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)
            X_res, y_res = fresh.fit_resample(X, y)
        base, neighbor = fresh.synthetic_parents_.T
        new, new_labels = X_res[fresh.is_synthetic_], y_res[fresh.is_synthetic_]
        numbers = getattr(fresh, "continuous_features_", slice(None))
        X, new = X[:, numbers], new[:, numbers]
        assert np.array_equal(y[base], new_labels) and np.array_equal(y[neighbor], new_labels)
        start, step = X[base], X[neighbor] - X[base]
        longest = np.abs(step).argmax(axis=1)[:, None]
        length = np.take_along_axis(step, longest, axis=1)
        moved = np.take_along_axis(new - start, longest, axis=1)
        gap = np.divide(moved, length, out=np.zeros_like(length), where=length != 0)
        assert (gap >= furthest).all() and (gap <= 1).all()
        np.testing.assert_allclose(new, start + gap * step, rtol=1e-9, atol=1e-9)


def test_deterministic(sampler):
    """(8) The same int seed gives the same rows, on one instance or two."""

    @hold(sampler, any_table, seeds)
    def check(table, seed):
        first, _ = resample(sampler, *table, random_state=seed)
        second, _ = resample(sampler, *table, random_state=seed)
        assert first.tobytes() == second.tobytes()


def test_renamed_labels(sampler):
    """(9) Other names: the same rows. Three names keep their order, as the first class drawn is
    the one that gets the seed's own stream; two may change places."""
    pairs = st.sampled_from([["no", "yes"], ["yes", "no"], [7, -7], [False, True], [1.0, 0.0]])
    triples = st.sampled_from([["a", "b", "c"], [-3, 5, 2**60]])

    @hold(sampler, tables(n_classes=st.just(2)), pairs, tables(n_classes=st.just(3)), triples)
    def check(two, pair, three, triple):
        for (X, y), names in ((two, pair), (three, triple)):
            plain, y_plain = resample(sampler, X, y)
            renamed, y_renamed = resample(sampler, X, np.array(names)[y])
            assert renamed.tobytes() == plain.tobytes()
            assert np.array_equal(y_renamed, np.array(names)[y_plain])


def test_majority_order(sampler):
    """(10) Rows of a class that is not sampled may stand in any order."""
    if not is_interpolating(sampler):
        pytest.skip("training draws batches from the table's order")
    params = sampler.get_params()
    if "kmeans_estimator" in params or "svm_estimator" in params:
        pytest.skip("clusterings and solvers start from the first rows")
    # which of two rows at one distance is nearer goes by their order, so none are given
    all_rows = {"m_neighbors", "n_neighbors"} & set(params) or type(
        sampler
    ).__name__ == "SafeLevelSMOTE"
    ties = not all_rows

    @hold(sampler, tables(plain_floats), seeds)
    def check(table, seed):
        X, y = table
        if not ties:
            X = np.random.RandomState(seed).standard_normal(X.shape)
        majority = np.flatnonzero(y == np.bincount(y).argmax())
        order = np.arange(len(y))
        order[majority] = np.random.RandomState(seed).permutation(majority)
        first, _ = resample(sampler, X, y)
        second, _ = resample(sampler, X[order], y)
        assert np.array_equal(first[len(y) :], second[len(y) :])


def test_scale(sampler):
    """(11) A power of two scales the new rows exactly."""
    if not is_interpolating(sampler):
        pytest.skip("training standardises, which rounds")
    if "density_exponent" in sampler.get_params():
        pytest.skip("the exponent of a cluster's mean distance depends on its rows")

    @hold(sampler, tables(plain_floats), st.integers(-900, 900))
    def check(table, power):
        X, y = table
        first, _ = resample(sampler, X, y)
        second, _ = resample(sampler, X * 2.0**power, y)
        assert np.array_equal(second, first * 2.0**power)


def test_layouts(sampler):
    """(13) Order, strides, byte order and write permission of the array make no difference."""

    @hold(sampler, tables())
    def check(table):
        X, y = table
        plain, _ = resample(sampler, X, y)
        frozen, wide = X.copy(), np.zeros((2 * X.shape[0], X.shape[1] + 3))
        frozen.flags.writeable = False
        wide[::2, 1:-2] = X
        views = (np.asfortranarray(X), frozen, wide[::2, 1:-2], X[::-1][::-1], X.astype(">f8"))
        for view in views:
            assert np.array_equal(resample(sampler, view, y)[0], plain)


def test_global_rng(sampler):
    """(14) The states of numpy's, Python's and torch's global generators stay."""

    def states():
        torch = sys.modules.get("torch")
        _, keys, *rest = np.random.get_state()
        of_torch = torch.get_rng_state().tolist() if torch else None
        return keys.tolist(), rest, random.getstate(), of_torch

    @hold(sampler, tables())
    def check(table):
        before = states()
        resample(sampler, *table)
        assert states() == before


def test_frames(sampler):
    """(15) A frame comes back as a frame, with the rows that its array gives."""
    pd = pytest.importorskip("pandas")
    dtypes = st.lists(st.sampled_from(["f8", "f4", "i8", "i4", "u1", "?"]), min_size=4, max_size=4)

    @hold(sampler, tables(st.integers(0, 200), np.int64), dtypes)
    def check(table, dtypes):
        X, y = table
        if wants_both_kinds(sampler):  # a table of bools alone has no numbers
            dtypes = ["f8", *dtypes[1:]]
        names = [f"column {j}" for j in range(X.shape[1])]
        mixed = pd.DataFrame({c: X[:, j].astype(dtypes[j]) for j, c in enumerate(names)})
        resample(sampler, mixed, pd.Series(y, name="fraud"))
        plain = pd.DataFrame(X.astype(float), columns=names)
        X_res, _ = resample(sampler, plain, y)
        assert np.array_equal(X_res.to_numpy(), resample(sampler, X.astype(float), y)[0])


@st.composite
def category_frames(draw):
    """A frame of one float and one category column of up to 4 levels, more of them declared."""
    pd = pytest.importorskip("pandas")
    y = draw(labels())
    levels = draw(st.lists(st.text(max_size=5), min_size=2, max_size=6, unique=True))
    used = st.sampled_from(levels[: max(1, len(levels) - 2)])
    values = draw(st.lists(used, min_size=len(y), max_size=len(y)))
    kind = pd.CategoricalDtype(levels, ordered=draw(st.booleans()))
    amount = np.random.RandomState(len(y)).rand(len(y))
    return pd.DataFrame({"amount": amount, "channel": pd.Series(values, dtype=kind)}), y


def test_categories(sampler):
    """(16) (17) New cells are observed levels; order and unused levels stay."""

    @hold(sampler, category_frames())
    def check(table):
        X, y = table
        X_res, _ = resample(sampler, X, y)
        assert set(X_res["channel"]) <= set(X["channel"])
        assert X_res["channel"].dtype == X["channel"].dtype


def test_identifiers(sampler):
    """(18) A text that differs in every row is refused by name, and no value is quoted."""
    if repeats_rows(sampler):
        pytest.skip("repeats whole rows, names and all")
    pd = pytest.importorskip("pandas")

    @hold(sampler, seeds, most=5)
    def check(seed):
        rng = np.random.RandomState(seed)
        people = [f"Citizen {i}" for i in rng.choice(10**6, 40, replace=False)]
        X = pd.DataFrame({"amount": rng.rand(40), "name": pd.Series(people, dtype=object)})
        with pytest.raises(Refused, match="'name'") as refusal:
            resample(sampler, X, np.repeat([0, 1], [30, 10]))
        assert "Citizen" not in str(refusal.value)
