"""Plans equal reference implementations, for numeric and mixed tables."""

import warnings
from collections import Counter
from fractions import Fraction

import numpy as np
import pytest
from family import FAMILY, Made, few_levels, tables
from scipy import sparse
from sklearn.cluster import KMeans
from sklearn.metrics import euclidean_distances
from sklearn.svm import SVC

import naive
from contracts import blobs
from skgensample import (
    NumbaADASYN,
    NumbaBorderlineSMOTE,
    NumbaKMeansSMOTE,
    NumbaSMOTE,
    NumbaSMOTEN,
    NumbaSMOTENC,
    NumbaSVMSMOTE,
    ResamplingWarning,
    SafeLevelSMOTE,
)
from skgensample.neighbors._euclidean import points
from skgensample.neighbors._imblearn_draws import exact_counts, imblearn_streams, side_stream
from skgensample.neighbors._plan import Rows


@tables
def test_smote(made):
    base, neighbor, new = made.run(NumbaSMOTE(random_state=0))
    near = made.check_neighbors(base, neighbor, 5)
    made.check_votes(base, new, near)
    assert set(base) <= set(made.members)


@tables
@pytest.mark.parametrize("kind", ["borderline-1", "borderline-2"])
def test_borderline(made, kind):
    sampler = NumbaBorderlineSMOTE(kind=kind, m_neighbors=7, random_state=0)
    base, neighbor, new = made.run(sampler)
    around = {i: naive.others_around(made.squares, made.y, i, 7) for i in made.members}
    danger = [i for i, others in around.items() if 3.5 <= others < 7]
    assert 0 < len(danger) < len(made.members)
    assert sampler.in_danger_indices_[1].tolist() == danger == sampler.in_danger_indices[1].tolist()
    assert set(base) <= set(danger)
    among = made.members if kind == "borderline-1" else np.arange(len(made.y))
    near = made.check_neighbors(base, neighbor, 5, among)
    made.check_votes(base, new, near)
    step, foreign = made.steps(base, neighbor, new), made.y[neighbor] == 0
    assert foreign.any() == (kind == "borderline-2")
    assert (step >= 0).all() and (step[~foreign] < 1).all() and (step[foreign] < 0.5).all()


@tables
def test_svm(made):
    sampler = NumbaSVMSMOTE(m_neighbors=7, out_step=0.25, random_state=0)
    base, neighbor, new = made.run(sampler)
    marks = [made.words[:, [j]] == np.unique(made.words[:, j]) for j in range(made.words.shape[1])]
    where = np.hstack([made.numbers, *(np.sqrt(made.weight / 2) * m for m in marks)])
    np.testing.assert_allclose(euclidean_distances(where) ** 2, made.squares, atol=1e-9)
    support = SVC(gamma="scale").fit(where, made.y).support_
    around = {i: naive.others_around(made.squares, made.y, i, 7) for i in support}
    kept = [i for i in support if made.y[i] == 1 and around[i] < 7]
    assert sampler.support_indices_[1].tolist() == kept
    assert set(base) <= set(kept)
    made.check_votes(base, new, made.check_neighbors(base, neighbor, 5))
    step, danger = made.steps(base, neighbor, new), np.array([around[i] >= 3.5 for i in base])
    assert danger.any() and not danger.all()
    assert (step[danger] >= 0).all() and (step[danger] < 1).all()
    assert (step[~danger] <= 0).all() and (step[~danger] > -0.25).all()


def test_svm_near_rows():
    """The machine sees the class and the rows nearest to it; with enough of them, all rows."""

    class Seen(SVC):
        def fit(self, X, y):
            rows.append({tuple(row) for row in X})
            return super().fit(X, y)

    made, rows = Made(0), []
    NumbaSVMSMOTE(svm_estimator=Seen(), svm_neighbors=3, random_state=0).fit_resample(
        made.X, made.y
    )
    others = np.flatnonzero(made.y == 0)
    wanted = set(made.members)
    for i in made.members:
        wanted |= set(naive.nearest_of(made.squares, i, others, 3))
    assert rows[0] == {tuple(made.X[i]) for i in wanted} and len(wanted) < 70
    few = NumbaSVMSMOTE(svm_neighbors=60, random_state=0).fit_resample(made.X, made.y)[0]
    every = NumbaSVMSMOTE(random_state=0).fit_resample(made.X, made.y)[0]
    assert np.array_equal(few, every)


@tables
def test_kmeans(made):
    sampler = NumbaKMeansSMOTE(
        kmeans_estimator=KMeans(n_clusters=4, n_init=1, random_state=1),
        cluster_balance_threshold=0.1,
        density_exponent=3,
        random_state=0,
    )
    base, neighbor, new = made.run(sampler)
    rows = Rows(*_encoded(made))
    clusters = KMeans(n_clusters=4, n_init=1, random_state=1).fit_predict(points(rows, 1))
    quota = {}
    for c in range(4):
        own = [i for i in made.members if clusters[i] == c]
        if len(own) < 3 or len(own) / np.sum(clusters == c) < 0.1:
            continue
        mean = np.mean([np.sqrt(made.squares[i][j]) for i in own for j in own if i != j])
        quota[c] = mean**3 / len(own)
    assert len(quota) > 1 and set(clusters[base]) == set(quota)
    got = Counter(clusters[base].tolist())
    for c, share in quota.items():
        assert abs(got[c] - 40 * share / sum(quota.values())) < 1
    assert np.array_equal(clusters[base], clusters[neighbor])
    near = {}
    for i in set(base.tolist()):
        own = [j for j in made.members if clusters[j] == clusters[i]]
        near[i] = naive.nearest_of(made.squares, i, own, 2)
    assert all(j in near[i] for i, j in zip(base.tolist(), neighbor.tolist()))
    made.check_votes(base, new, near)


def _encoded(made):
    """Numbers and codes, labels and the columns of codes, as a sampler sees them."""
    codes = [np.unique(column, return_inverse=True)[1] for column in made.words.T]
    Z = np.column_stack([made.numbers, *codes])
    return Z, made.y, np.arange(3, Z.shape[1])


def test_points_keep_the_distances_of_the_search():
    made = Made(2)
    where = points(Rows(*_encoded(made)), 1)
    np.testing.assert_allclose(euclidean_distances(where) ** 2, made.squares, atol=1e-9)
    for scale in (2.0**900, 2.0**-900):
        huge = points(Rows(made.numbers * scale, made.y, np.array([], int)), 1)
        with np.errstate(over="raise"):
            apart = euclidean_distances(huge)
        reference = euclidean_distances(made.numbers)
        np.testing.assert_allclose(apart / apart.max(), reference / reference.max(), atol=1e-7)


@pytest.mark.parametrize("kind", FAMILY)
@pytest.mark.parametrize("power", [-700, 900])
def test_mixed_tables_of_any_magnitude(kind, power):
    """A power of two moves every number, and no choice of neighbours and categories."""
    made = Made(2)
    params = {"cluster_balance_threshold": 0} if kind is NumbaKMeansSMOTE else {}
    plain = kind(random_state=0, **params)
    expected = plain.fit_resample(made.X, made.y)[0]
    scaled = kind(random_state=0, **params)
    made.X = np.hstack([np.ldexp(made.numbers, power).astype(object), made.words])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        result = scaled.fit_resample(made.X, made.y)[0]
    if kind is not NumbaKMeansSMOTE:  # whose density exponent shifts rows between clusters
        assert np.array_equal(scaled.synthetic_parents_, plain.synthetic_parents_)
        assert np.array_equal(result[:, 3:], expected[:, 3:])
        moved = np.ldexp(expected[:, :3].astype(float), power)
        np.testing.assert_allclose(result[:, :3].astype(float), moved, rtol=1e-12)


@tables
def test_adasyn(made):
    base, neighbor, new = made.run(NumbaADASYN(n_neighbors=7, random_state=0))
    around = {i: naive.others_around(made.squares, made.y, i, 7) for i in made.members}
    total = sum(around.values())
    got = Counter(base.tolist())
    assert sum(got.values()) == 40
    for i, others in around.items():
        assert abs(got[i] - Fraction(40 * int(others), int(total))) < 1
        assert got[i] == 0 or others > 0
    made.check_votes(base, new, made.check_neighbors(base, neighbor, 7))


@tables
def test_safe_level(made):
    base, neighbor, new = made.run(SafeLevelSMOTE(random_state=0))
    near = made.check_neighbors(base, neighbor, 5)
    made.check_votes(base, new, near)
    level = {i: 5 - naive.others_around(made.squares, made.y, i, 5) for i in made.members}
    step = made.steps(base, neighbor, new)
    kinds = set()
    for i, j, where in zip(base.tolist(), neighbor.tolist(), step.tolist()):
        a, b = int(level[i]), int(level[j])
        assert a + b > 0
        low, high = (naive.safe_gap(a, b, u) for u in (0, 1))
        assert low - 1e-9 <= where <= high + 1e-9
        kinds.add(np.sign(a - b))
    assert kinds == {-1, 0, 1}


def test_no_safe_row():
    """A class that is all noise."""
    X = np.arange(64.0)[:, None]
    y = (np.arange(64) % 8 == 4).astype(int)
    with pytest.warns(ResamplingWarning, match="no row has a neighbour of its class"):
        X_res, _ = SafeLevelSMOTE(k_neighbors=3, random_state=0).fit_resample(X, y)
    plain = NumbaSMOTE(k_neighbors=3, random_state=0)
    assert np.array_equal(X_res, plain.fit_resample(X, y)[0])


def test_smotenc_weighs_a_category_by_the_median_std():
    made = Made(2)
    sampler = NumbaSMOTENC(random_state=0)
    base, neighbor, new = made.run(sampler)
    made.check_votes(base, new, made.check_neighbors(base, neighbor, 5))
    assert sampler.median_std_ == {1: pytest.approx(np.sqrt(made.weight))}
    assert sampler.categorical_features_.tolist() == [3, 4]
    assert sampler.continuous_features_.tolist() == [0, 1, 2]


@pytest.mark.parametrize("container", ["array", "integers", "frame", "sparse"])
@pytest.mark.parametrize("columns", ["auto", None, [], [False] * 4])
def test_smotenc_refuses_tables_without_categories(columns, container):
    """It would interpolate the codes of categories that nobody declared."""
    X, y = blobs()
    kinds = {"integers": lambda X: X.astype(int), "sparse": sparse.csr_matrix}
    if container == "frame":
        kinds["frame"] = pytest.importorskip("pandas").DataFrame
    X = kinds.get(container, np.asarray)(X)
    with pytest.raises(ValueError, match=r"no column is categorical .*NumbaSMOTE for numbers"):
        NumbaSMOTENC(columns).fit_resample(X, y)


def test_smotenc_refuses_tables_without_numbers():
    X, y = few_levels()
    with pytest.raises(ValueError, match=r"every column is categorical \(n_features = 4\).*SMOTEN"):
        NumbaSMOTENC().fit_resample(X, y)


def test_smoten():
    rng = np.random.RandomState(0)
    X, y = rng.choice(list("abcdefgh"), (80, 5)).astype(object), np.repeat([0, 1], [60, 20])
    sampler = NumbaSMOTEN(random_state=0)
    new = sampler.fit_resample(X, y)[0][80:]
    members = np.arange(60, 80)
    apart = naive.value_differences(X, y, members)
    slot = np.random.RandomState(0).choice(20, size=40)
    for i, row in zip(slot.tolist(), new.tolist()):
        voters = sorted(range(20), key=lambda j: (round(apart[i][j], 12), j))[:6]
        assert voters[0] == i
        for cell, column in zip(row, X[members[voters]].T):
            counts = Counter(column)
            assert counts[cell] == max(counts.values())


def test_smoten_takes_the_category_that_goes_with_the_class():
    """imbalanced-learn's own example: blue goes with "not apple", so its new rows are blue."""
    X = np.array(["green"] * 5 + ["red"] * 10 + ["blue"] * 7, dtype=object).reshape(-1, 1)
    y = np.repeat(["apple", "not apple", "apple", "not apple", "apple"], [5, 3, 7, 5, 2])
    X_res, y_res = NumbaSMOTEN(random_state=0).fit_resample(X, y.astype(object))
    assert set(X_res[22:, 0]) == {"blue"} and set(y_res[22:]) == {"not apple"}


# draws and counts


def test_exact_counts():
    rng = np.random.RandomState(0)
    for n in (1, 7, 300):
        quota = rng.dirichlet(np.full(12, 0.3)) * n
        for rounded in (np.rint(quota).astype(int), np.ceil(quota).astype(int)):
            counts = exact_counts(quota, rounded, n)
            assert counts.sum() == n and (counts >= 0).all()
            assert np.abs(counts - quota).max() < 1
            moved = np.abs(rounded - quota)[counts != rounded]
            left = np.abs(rounded - quota)[(counts == rounded) & (rounded > quota)]
            if counts.sum() < rounded.sum() and len(moved) and len(left):
                assert moved.min() >= left.max()  # those that gained most by rounding


def test_imblearn_streams_restart_for_an_int_seed_only():
    draw = imblearn_streams(4, np.random.RandomState(4))
    assert draw().uniform() == draw().uniform() == np.random.RandomState(4).uniform()
    for seed, rng in ((4, np.random.RandomState(5)), (None, np.random.RandomState(5))):
        draw = imblearn_streams(seed, rng)
        assert draw() is rng and draw() is rng


def test_a_side_stream_does_not_advance_the_stream():
    rng = np.random.RandomState(3)
    first, second = side_stream(rng).uniform(), side_stream(rng).uniform()
    assert first == second != np.random.RandomState(3).uniform()
    assert rng.uniform() == np.random.RandomState(3).uniform()
