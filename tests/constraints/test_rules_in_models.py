"""Every kind of rule holds in the rows of every model, and costs it nothing else."""

import pickle

import numpy as np
import pandas as pd
import pytest
from imblearn.pipeline import make_pipeline
from sklearn.base import clone
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV

import skgensample
from conftest import HAS_TORCH, small_nets
from ruled_tables import RULES, broken, names_of, ruled_table
from skgensample.constraints import Inequality, LinearSum, Predicate, Range

FAST = ["NumbaSMOTE", "NumbaSMOTENC", "GaussianCopulaResampler", "SequentialTreesResampler"]
NETWORKS = ["AutoregressiveResampler", "TVAEResampler", "CTGANResampler", "GANOversampler"]
INTERPOLATORS = ["NumbaBorderlineSMOTE", "NumbaSVMSMOTE", "NumbaADASYN", "NumbaKMeansSMOTE"]
DATES = ["start", "end"]


def sampler_of(name, **options):
    """A small sampler."""
    kind = getattr(skgensample, name)
    if name in NETWORKS:
        options = {**small_nets(name), "max_steps": 10, **options}
    if name == "NumbaKMeansSMOTE":
        options["cluster_balance_threshold"] = 0.0
    return kind(random_state=0, **options)


def table_for(name, n=400):
    """The table of all rules; in days since the first one for those who take no dates."""
    X, y = ruled_table(n)
    if name.startswith(("Numba", "Safe")):
        first = X["start"].min()
        X = X.assign(**{column: (X[column] - first).dt.days for column in DATES})
    return X, y


def made_rows(name, constraints, n_new=200, n=400):
    X, y = table_for(name, n)
    wanted = {1: int((y == 1).sum()) + n_new}
    sampler = sampler_of(name, constraints=constraints, sampling_strategy=wanted)
    rows, labels = sampler.fit_resample(X, y)
    assert (rows.dtypes == X.dtypes).all() and len(rows) == len(labels) == len(X) + n_new
    pd.testing.assert_frame_equal(rows[: len(X)], X)
    return sampler, rows[len(X) :]


@pytest.mark.parametrize("kind", RULES)
@pytest.mark.parametrize("name", FAST)
def test_no_row_breaks_a_rule(name, kind):
    rows = made_rows(name, RULES[kind])[1]
    assert not broken(rows) & names_of(kind)


@pytest.mark.skipif(not HAS_TORCH, reason="needs torch")
@pytest.mark.parametrize("name", NETWORKS)
def test_no_row_of_a_network_breaks_a_rule(name):
    assert not broken(made_rows(name, RULES["all"])[1])


@pytest.mark.parametrize("name", [*INTERPOLATORS, "NumbaSMOTEN", "SafeLevelSMOTE"])
def test_no_row_of_another_interpolator_breaks_a_rule(name):
    assert not broken(made_rows(name, RULES["all"])[1])


def test_without_rules_rows_break_them():
    """The check can fail: the trees know nothing of sums, dates and combinations."""
    lost = broken(made_rows("SequentialTreesResampler", None)[1])
    assert {"inequality", "sum", "chain"} <= lost


@pytest.mark.slow
@pytest.mark.parametrize("kind", RULES)
@pytest.mark.parametrize("name", [*FAST, *INTERPOLATORS, *NETWORKS])
def test_no_row_in_a_hundred_thousand_breaks_a_rule(name, kind):
    if name in NETWORKS and not HAS_TORCH:
        pytest.skip("needs torch")
    rows = made_rows(name, RULES[kind], n_new=100_000, n=1_000)[1]
    assert len(rows) == 100_000 and not broken(rows) & names_of(kind)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["GaussianCopulaResampler", "SequentialTreesResampler"])
def test_other_columns_are_as_good_as_without_rules(name):
    """Marginals and pairs of columns that no rule speaks of, within sampling error."""
    from skgensample.metrics import column_density_error, pair_error

    X, y = ruled_table(4_000)
    others = ["age", "x", "low", "city"]
    errors = []
    for constraints in (None, RULES["together"]):
        sampler = sampler_of(name, constraints=constraints, output="synthetic")
        rows, _ = sampler.fit_resample(X, y)
        errors.append([f(X[others], rows[others]) for f in (column_density_error, pair_error)])
    free, ruled = np.array(errors)
    assert (ruled <= free + 0.02).all()


def test_parents_are_those_of_the_rows_that_were_kept():
    """Rows generated anew carry their own parents: each lies on the line between them."""
    X, y = table_for("NumbaSMOTE")
    X = X[["x", "a", "age"]].astype(float)
    half = Predicate(lambda rows: np.asarray(rows["age"]) % 1 < 0.5, name="lower half")
    sampler = sampler_of("NumbaSMOTE", constraints=[half], sampling_strategy={1: 300})
    rows, _ = sampler.fit_resample(X, y)
    rows, parents = rows[len(X) :].to_numpy(), sampler.synthetic_parents_
    assert parents.shape == (len(rows), 2) and (rows[:, 2] % 1 < 0.5).all()
    a, b = X.to_numpy()[parents[:, 0]], X.to_numpy()[parents[:, 1]]
    step = (rows - a)[:, 0] / np.where(a[:, 0] == b[:, 0], 1, b[:, 0] - a[:, 0])
    np.testing.assert_allclose(rows, a + step[:, None] * (b - a), atol=1e-8)


def test_indices_of_smoothed_rows():
    X, y = table_for("NumbaRandomOverSampler")
    X = X[["x", "a"]]
    rule = Range("x", None, 3.9)
    sampler = skgensample.NumbaRandomOverSampler(
        shrinkage=2.0, constraints=[rule], random_state=0, sampling_strategy={1: 390}
    )
    rows, _ = sampler.fit_resample(X, y)
    assert rows["x"].max() <= 3.9 and len(sampler.sample_indices_) == len(rows)
    free = clone(sampler).set_params(constraints=None).fit_resample(X, y)[0]
    assert free["x"].max() > 3.9  # the rule did something


def test_repeated_rows_are_checked():
    X, y = ruled_table()
    sampler = skgensample.NumbaRandomOverSampler(constraints=RULES["all"], random_state=0)
    assert not broken(sampler.fit_resample(X, y)[0])
    X.loc[3, "total"] += 1
    with pytest.raises(ValueError, match=r"LinearSum\('total'.*row 3 breaks it, and 1 of 400"):
        sampler.fit_resample(X, y)


@pytest.mark.parametrize("name", FAST[:3])
def test_an_impossible_rule_is_an_error(name):
    """A rule that holds in the table and in no new row ends after a bounded number of rows."""
    X, y = table_for(name)
    seen = set(X["x"])
    rule = Predicate(lambda rows: [x in seen for x in rows["x"]], name="seen before")
    with pytest.raises(ValueError, match=r"'seen before'.*acceptance rate"):
        sampler_of(name, constraints=[rule]).fit_resample(X, y)


def test_the_mask_of_a_predicate_is_checked():
    X, y = table_for("NumbaSMOTE")
    rule = Predicate(lambda rows: rows["x"])
    with pytest.raises(TypeError, match="mask of bools"):
        sampler_of("NumbaSMOTE", constraints=[rule]).fit_resample(X, y)


@pytest.mark.parametrize("name", ["SequentialTreesResampler", "NumbaSMOTE"])
def test_seed_clone_and_pickle(name):
    X, y = table_for(name)
    sampler = sampler_of(name, constraints=RULES["all"])
    first = sampler.fit_resample(X, y)[0]
    for other in (clone(sampler), pickle.loads(pickle.dumps(sampler))):
        assert other.constraints == sampler.constraints
        pd.testing.assert_frame_equal(other.fit_resample(X, y)[0], first)


def test_a_fitted_model_survives_pickling():
    X, y = ruled_table()
    model = sampler_of("SequentialTreesResampler", constraints=RULES["all"]).fit(X, y)
    again = pickle.loads(pickle.dumps(model))
    pd.testing.assert_frame_equal(again.sample(50)[0], model.sample(50)[0])


def test_grid_search_over_constraints():
    X, y = table_for("NumbaSMOTE")
    X = X.drop(columns=["city", "country"])
    pipeline = make_pipeline(sampler_of("NumbaSMOTE"), LogisticRegression(max_iter=2_000))
    choices = {"numbasmote__constraints": [None, RULES["sum"], RULES["chain"]]}
    search = GridSearchCV(pipeline, choices, cv=2, error_score="raise").fit(X, y)
    assert len(search.cv_results_["params"]) == 3


def test_order_of_trees_names_columns_of_the_table():
    X, y = ruled_table()
    order = list(X.columns)[::-1]
    model = sampler_of("SequentialTreesResampler", constraints=RULES["all"], order=order)
    assert not broken(model.fit(X, y).sample(50)[0])


@pytest.mark.skipif(not HAS_TORCH, reason="needs torch")
def test_scores_under_rules():
    X, y = ruled_table()
    model = sampler_of("AutoregressiveResampler", constraints=RULES["together"]).fit(X, y)
    wrong = X[:4].assign(city="Paris", country="DE")
    assert np.isfinite(model.score_samples(X[:4])).all()
    assert np.isneginf(model.score_samples(wrong)).all()
    assert np.isneginf(model.score_samples(wrong, y[:4])).all()


def test_constraints_are_a_list_of_rules():
    X, y = table_for("NumbaSMOTE")
    for constraints in (Inequality("low", "<", "middle"), ["low < middle"], "low"):
        with pytest.raises(TypeError, match="constraints must"):
            sampler_of("NumbaSMOTE", constraints=constraints).fit_resample(X, y)


def test_arrays_and_sparse_matrices():
    """Columns by position; floats come back as floats, sparse as sparse."""
    from scipy import sparse

    X, y = table_for("NumbaSMOTE")
    rows = X[["a", "b", "total", "x"]].to_numpy()
    rules = [LinearSum(2, [0, 1]), Range(3, None, 4.0), Inequality(0, "<=", 2)]
    dense = sampler_of("NumbaSMOTE", constraints=rules).fit_resample(rows, y)[0]
    assert np.allclose(dense[:, 2], dense[:, 0] + dense[:, 1], rtol=1e-12)
    np.testing.assert_array_equal(dense[: len(rows)], rows)
    made = sampler_of("NumbaSMOTE", constraints=rules).fit_resample(sparse.csr_matrix(rows), y)[0]
    assert sparse.issparse(made)
    np.testing.assert_allclose(made.toarray(), dense, atol=1e-9)


def test_sparse_integers_stay_in_range():
    """Their values are clipped when decoded: a sum beyond the range must not be."""
    from scipy import sparse

    rng = np.random.default_rng(0)
    rows = rng.integers(0, 9, (300, 2))
    rows = np.column_stack([rows, rows.sum(axis=1)])[rows.sum(axis=1) < 10]
    y = (np.arange(len(rows)) % 4 == 0).astype(int)
    X = sparse.csr_matrix(rows)
    for name in ("NumbaSVMSMOTE", "GaussianCopulaResampler"):
        sampler = sampler_of(name, constraints=[LinearSum(2, [0, 1])])
        made = sampler.fit_resample(X, y)[0].toarray()
        assert (made[:, 2] == made[:, :2].sum(axis=1)).all() and made[:, 2].max() < 10


def test_float32_and_integers():
    rng = np.random.default_rng(0)
    low = rng.normal(size=(200, 1)).astype(np.float32)
    rows = np.hstack([low, low + rng.gamma(1, 0.1, (200, 1)).astype(np.float32)])
    y = np.r_[np.zeros(150, int), np.ones(50, int)]
    for X in (rows, (100 * rows).astype(np.int32), (100 * rows).astype(np.int64) + 2**40):
        for name in ("NumbaSMOTE", "GaussianCopulaResampler", "NumbaSVMSMOTE"):
            sampler = sampler_of(name, constraints=[Inequality(0, "<=", 1)])
            made = sampler.fit_resample(X, y)[0]
            assert made.dtype == X.dtype and (made[:, 0] <= made[:, 1]).all()


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("name", ["NumbaSMOTE", "NumbaBorderlineSMOTE"])
def test_sums_hold_in_as_many_places_as_are_written(name, dtype):
    """Interpolation made 14 decimals: rounded ones did not add up."""
    rng, n = np.random.RandomState(0), 400
    X = pd.DataFrame({"a": rng.gamma(2, 30, n).round(2), "b": rng.gamma(2, 5, n).round(1)})
    X["total"], X["c"] = (X["a"] + X["b"]).round(2), rng.normal(size=n)
    X["low"] = rng.rand(n).round(1)
    X["high"] = (X["low"] + 0.1 + rng.rand(n).round(1)).round(1)
    rules = [LinearSum("total", ["a", "b"]), Inequality("low", "<", "high")]
    sampler = sampler_of(name, constraints=rules)
    made = sampler.fit_resample(X.astype(dtype), rng.rand(n) < 0.3)[0].iloc[n:].astype("float64")
    assert len(made) > 50 and not np.array_equal(made["c"], made["c"].round(3))
    cents = (100 * made[["a", "b", "total"]]).round().astype(int)
    assert (cents["total"] == cents["a"] + cents["b"]).all() and (cents["b"] % 10 == 0).all()
    np.testing.assert_allclose(cents / 100, made[cents.columns], rtol=1e-6)
    assert (made["low"].round(1) < made["high"].round(1)).all()
