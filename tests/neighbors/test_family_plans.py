"""Plans equal reference implementations, for numeric and mixed tables; fallback to plain SMOTE."""

import tracemalloc
import warnings
from collections import Counter
from fractions import Fraction

import imblearn.over_sampling
import numpy as np
import pytest
from scipy import sparse
from sklearn.base import BaseEstimator, clone
from sklearn.cluster import KMeans
from sklearn.datasets import make_classification
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import euclidean_distances
from sklearn.neighbors import NearestNeighbors
from sklearn.preprocessing import OrdinalEncoder
from sklearn.svm import SVC

import naive
from contracts import blobs
from skgensample import (
    NumbaADASYN,
    NumbaBorderlineSMOTE,
    NumbaKMeansSMOTE,
    NumbaNearestNeighbors,
    NumbaSMOTE,
    NumbaSMOTEN,
    NumbaSMOTENC,
    NumbaSVMSMOTE,
    ResamplingWarning,
    SafeLevelSMOTE,
    SmallClassWarning,
)
from skgensample.neighbors import _kmeans, _svm, _value_difference
from skgensample.neighbors._euclidean import points
from skgensample.neighbors._imblearn_draws import exact_counts, imblearn_streams, side_stream
from skgensample.neighbors._plan import Rows
from skgensample.neighbors._value_difference import value_differences

FAMILY = (
    NumbaSMOTE, NumbaBorderlineSMOTE, NumbaSVMSMOTE, NumbaKMeansSMOTE, NumbaADASYN, NumbaSMOTENC,
    SafeLevelSMOTE,
)  # fmt: skip
OF_NUMBERS = [kind for kind in FAMILY if kind is not NumbaSMOTENC]


class Made:
    """A small numeric or mixed table, its distances, and checks of a sampler's result."""

    def __init__(self, n_words, counts=(60, 20), seed=0):
        rng = np.random.RandomState(seed)
        self.numbers, self.y = blobs(counts, d=3, seed=seed)
        self.words = rng.choice(list("abc"), size=(len(self.y), n_words)).astype(object)
        self.X = np.hstack([self.numbers.astype(object), self.words])
        if not n_words:
            self.X = self.numbers
        self.table = self.X, self.y
        self.members = np.flatnonzero(self.y == 1)
        self.weight = np.median(self.numbers[self.members].std(axis=0)) ** 2
        self.squares = naive.mixed_squares(self.numbers, self.words, self.weight)

    def run(self, sampler):
        """Base and neighbour of each new row, and the new rows."""
        X_res, y_res = sampler.fit_resample(self.X, self.y)
        assert np.bincount(y_res).tolist() == [60, 60]
        return *sampler.synthetic_parents_.T, X_res[len(self.y) :]

    def check_neighbors(self, base, neighbor, k, among=None):
        """Each neighbour is one of the k nearest, and votes are theirs."""
        among = self.members if among is None else among
        near = {i: naive.nearest_of(self.squares, i, among, k) for i in set(base.tolist())}
        assert all(j in near[i] for i, j in zip(base.tolist(), neighbor.tolist()))
        return near

    def check_votes(self, base, new, near):
        """Every new word is one that most of the neighbours have."""
        for i, row in zip(base.tolist(), new[:, 3:].tolist()):
            for word, column in zip(row, self.words[near[i]].T):
                counts = Counter(column)
                assert counts[word] == max(counts.values())

    def steps(self, base, neighbor, new):
        """Step of each new row from base (0) to neighbour (1)."""
        start, direction = self.numbers[base], self.numbers[neighbor] - self.numbers[base]
        moved = new[:, :3].astype(float) - start
        step = (moved * direction).sum(axis=1) / (direction * direction).sum(axis=1)
        np.testing.assert_allclose(moved, step[:, None] * direction, atol=1e-9)
        return step


tables = pytest.mark.parametrize("made", [Made(0), Made(2)], ids=["numbers", "mixed"])


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


# where a variant finds nothing to start from, plain SMOTE makes the rows, and says so


def separated():
    """Two classes so far apart that no row is in danger."""
    return blobs((60, 20), shift=100.0)


def test_no_row_in_danger():
    X, y = separated()
    sampler = NumbaBorderlineSMOTE(random_state=0)
    with pytest.warns(ResamplingWarning, match="no row is in danger"):
        X_res, _ = sampler.fit_resample(X, y)
    assert np.array_equal(X_res, NumbaSMOTE(random_state=0).fit_resample(X, y)[0])
    assert sampler.in_danger_indices_ == {}


def test_no_neighbor_of_another_class():
    X, y = separated()
    with pytest.warns(ResamplingWarning, match="neighbour of another class"):
        X_res, _ = NumbaADASYN(random_state=0).fit_resample(X, y)
    assert np.array_equal(X_res, NumbaSMOTE(random_state=0).fit_resample(X, y)[0])


def test_no_usable_cluster():
    X, y = blobs()
    with pytest.warns(ResamplingWarning, match="no cluster is usable"):
        X_res, _ = NumbaKMeansSMOTE(cluster_balance_threshold=10, random_state=0).fit_resample(X, y)
    plain = NumbaSMOTE(k_neighbors=2, random_state=0)
    # the clustering has a stream of its own, so the draws are plain SMOTE's
    assert np.array_equal(X_res, plain.fit_resample(X, y)[0])


def test_all_support_vectors_noise():
    """The table of imbalanced-learn's test, which expects an error."""
    X, y = make_classification(
        n_classes=3,
        class_sep=0.001,
        weights=[0.004, 0.451, 0.545],
        n_informative=3,
        n_redundant=0,
        flip_y=0,
        n_features=3,
        n_samples=1000,
        random_state=10,
    )
    with pytest.warns(ResamplingWarning, match="not noise"):
        _, y_res = NumbaSVMSMOTE(k_neighbors=3, random_state=42).fit_resample(X, y)
    assert len(set(np.bincount(y_res))) == 1


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("value", [0.1, 0.3, 1 / 3, 1.7, 1e6 / 7])
def test_constant_sparse_tables(value):
    """Whose variance scikit-learn may find a hair below 0: libsvm refuses such a gamma."""
    y = np.repeat([0, 1, 2], [2, 2, 10])
    X = sparse.csr_matrix(np.full((14, 3), value))
    _, y_res = NumbaSVMSMOTE(random_state=0).fit_resample(X, y)
    assert np.bincount(y_res).tolist() == [10, 10, 10]
    pd = pytest.importorskip("pandas")
    flags = pd.DataFrame({"night": np.zeros(14, bool), "amount": np.full(14, value)})
    X_res, _ = NumbaSVMSMOTE(random_state=0).fit_resample(flags, y)
    assert (X_res == flags.iloc[0]).all().all()


def wide(n=300, columns=1_000_000, stored=100):
    """Sparse rows of very many columns, and labels. scipy's `random` would draw from all cells."""
    rng = np.random.RandomState(0)
    cells = rng.uniform(1, 2, n * stored), rng.randint(0, columns, n * stored)
    X = sparse.csr_matrix((*cells, np.arange(0, n * stored + 1, stored)), (n, columns))
    X.sum_duplicates()
    return X, (np.arange(n) % 5 == 0).astype(int)


@pytest.mark.parametrize("kind", OF_NUMBERS)
def test_wide_sparse_tables_stay_sparse(kind):
    """A million columns: 2.4 GB as dense rows, 64 MB for the centres of K-means."""
    X, y = wide()
    tracemalloc.start()
    try:
        X_res, y_res = kind(random_state=0).fit_resample(X, y)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert np.bincount(y_res).tolist() == [240, 240] and X_res.shape == (480, 1_000_000)
    assert sparse.issparse(X_res) and X_res.nnz < 480 * 200
    assert peak < (500e6 if kind is NumbaKMeansSMOTE else 150e6)


@pytest.mark.parametrize("kind", OF_NUMBERS)
def test_row_numbers_of_sparse_tables_may_be_wide(kind):
    """scikit-learn's K-means and support vector machines refuse int64 ones."""
    X, y = wide(columns=5_000)
    given = sparse.csr_array(X)
    given.indices, given.indptr = given.indices.astype(np.int64), given.indptr.astype(np.int64)
    found = kind(random_state=0).fit_resample(given, y)[0]
    assert given.indices.dtype == given.indptr.dtype == np.int64
    assert (found != sparse.csr_array(kind(random_state=0).fit_resample(X, y)[0])).nnz == 0


@pytest.mark.parametrize("table", ["sparse", "mixed"])
def test_a_kernel_computed_before_gives_the_support_vectors_of_libsvm(table, monkeypatch):
    X, y = wide(200, 500, 20) if table == "sparse" else Made(2).table
    found = [NumbaSVMSMOTE(random_state=0).fit(X, y) for _ in range(2)]
    for sampler, limit in zip(found, (2**30, 0)):
        monkeypatch.setattr(_svm, "KERNEL_LIMIT", limit)
        sampler.fit_resample(X, y)
    assert len(found[0].support_indices_[1])
    for name in ("support_indices_", "synthetic_parents_"):
        np.testing.assert_equal(*(getattr(sampler, name) for sampler in found))


def test_centres_of_sparse_clusters_have_a_limit(monkeypatch):
    X, y = wide()
    monkeypatch.setattr(_kmeans, "CENTRES_LIMIT", 20_000_000)
    message = "3 clusters in 1000000 sparse columns would need 24000000 bytes.*kmeans_estimator"
    with pytest.raises(ValueError, match=message):
        NumbaKMeansSMOTE(kmeans_estimator=3).fit_resample(X, y)
    with pytest.raises(ValueError, match="3 clusters"):
        NumbaKMeansSMOTE(kmeans_estimator=KMeans(3, n_init=1)).fit_resample(X, y)


def test_safe_support_vectors_alone_get_all_rows():
    """Far from other classes all are safe: every row is extrapolated."""
    X, y = separated()
    sampler = NumbaSVMSMOTE(random_state=0)
    X_res, y_res = sampler.fit_resample(X, y)
    assert np.bincount(y_res).tolist() == [60, 60]
    base, neighbor = sampler.synthetic_parents_.T
    step = X[neighbor] - X[base]
    assert (((X_res[80:] - X[base]) * step).sum(axis=1) <= 0).all()


def test_more_clusters_than_rows():
    X, y = blobs((4, 3))
    with pytest.warns(ResamplingWarning, match="n_clusters"):
        _, y_res = NumbaKMeansSMOTE(random_state=0).fit_resample(X, y)
    assert np.bincount(y_res).tolist() == [4, 4]


def test_one_cluster_is_plain_smote():
    """imbalanced-learn's own test: with one cluster there is nothing to choose."""
    X, y = blobs()
    sampler = NumbaKMeansSMOTE(kmeans_estimator=1, k_neighbors=5, random_state=42)
    X_res, _ = sampler.fit_resample(X, y)
    assert sampler.kmeans_estimator_.n_clusters == 1
    assert sampler.cluster_balance_threshold_ == -np.inf
    np.testing.assert_allclose(X_res, NumbaSMOTE(random_state=42).fit_resample(X, y)[0])


def test_identical_rows_share_by_size():
    """Clusters without spread would be weighed zero by zero."""
    X = np.repeat([[0.0, 0.0], [5.0, 5.0], [9.0, 0.0]], [9, 6, 40], axis=0)
    y = np.repeat([1, 1, 0], [9, 6, 40])
    sampler = NumbaKMeansSMOTE(kmeans_estimator=KMeans(3, n_init=1, random_state=0), random_state=0)
    X_res, _ = sampler.fit_resample(X, y)
    assert Counter(X_res[55:, 0].tolist()) == {0.0: 15, 5.0: 10}


@pytest.mark.parametrize("kind", FAMILY)
def test_tiny_classes(kind):
    X, y = blobs((30, 3))
    params = {kind._neighbor_parameters[-1]: 5}
    if kind is NumbaSMOTENC:
        params["categorical_features"] = [0]
    with pytest.warns(SmallClassWarning, match="only"):
        _, y_res = kind(**params).fit_resample(X, y)
    assert np.bincount(y_res).tolist() == [30, 30]
    X, y = blobs((30, 1))
    with pytest.raises(ValueError, match=r"1 row.*NumbaRandomOverSampler"):
        kind().fit_resample(X, y)


def test_wrong_estimators():
    X, y = blobs()
    with pytest.raises(TypeError, match="support_"):
        NumbaSVMSMOTE(svm_estimator=LogisticRegression()).fit_resample(X, y)
    for wrong in ({"svm_estimator": 3}, {"out_step": 1.5}, {"svm_neighbors": 0}):
        with pytest.raises(ValueError, match=next(iter(wrong))):
            NumbaSVMSMOTE(**wrong).fit_resample(X, y)
    with pytest.raises(ValueError, match="kmeans_estimator"):
        NumbaKMeansSMOTE(kmeans_estimator=0).fit_resample(X, y)
    with pytest.raises(ValueError, match="kind"):
        NumbaBorderlineSMOTE(kind="borderline-3").fit_resample(X, y)


SEARCHES = {
    "brute": lambda k: NearestNeighbors(n_neighbors=k, algorithm="brute"),
    "auto": lambda k: NearestNeighbors(n_neighbors=k),
    "ours": lambda k: NumbaNearestNeighbors(n_neighbors=k),
    "mixed": lambda k: NumbaNearestNeighbors(n_neighbors=k, metric="mixed"),
}


@pytest.mark.filterwarnings("ignore:cannot use tree with sparse input")
@tables
@pytest.mark.parametrize("search", SEARCHES)
@pytest.mark.parametrize("kind", FAMILY)
def test_estimators_find_the_neighbours_of_a_number(kind, search, made):
    """An estimator stands for its n_neighbors less one, in every parameter, categories or none."""
    counts = dict.fromkeys(kind._neighbor_parameters, 5)
    given = {name: SEARCHES[search](k + 1) for name, k in counts.items()}
    others = {"random_state": 0}
    if kind is NumbaKMeansSMOTE:
        others |= {"cluster_balance_threshold": 0.0, "kmeans_estimator": 2}
    if kind is NumbaSMOTENC and not made.words.size:
        others |= {"categorical_features": [2]}
    X_res, y_res = kind(**counts, **others).fit_resample(*made.table)
    X_est, y_est = kind(**given, **others).fit_resample(*made.table)
    np.testing.assert_array_equal(y_est, y_res)
    np.testing.assert_array_equal(X_est[:, 3:], X_res[:, 3:])
    np.testing.assert_allclose(X_est[:, :3].astype(float), X_res[:, :3].astype(float), rtol=1e-12)
    assert not any(hasattr(estimator, "n_samples_fit_") for estimator in given.values())


def test_smotenc_takes_an_estimator_as_its_peer_does():
    made = Made(2)
    params = {"categorical_features": [3, 4], "random_state": 0}
    for search in (NearestNeighbors(n_neighbors=4), NearestNeighbors(n_neighbors=6, p=1)):
        new = NumbaSMOTENC(k_neighbors=search, **params).fit_resample(made.X, made.y)[0]
        peer = imblearn.over_sampling.SMOTENC(k_neighbors=search, **params)
        numbers = [rows[:, :3].astype(float) for rows in (new, peer.fit_resample(*made.table)[0])]
        np.testing.assert_allclose(*numbers, rtol=1e-9)


def test_an_estimators_own_weight_of_categories_is_kept():
    """With categories that weigh nothing, neighbours are those of the numbers alone."""
    made = Made(2)
    search = NumbaNearestNeighbors(6, metric="mixed", category_weight=0.0)
    sampler = NumbaSMOTE(k_neighbors=search, random_state=0)
    numbers = sampler.fit_resample(made.X, made.y)[0][:, :3].astype(float)
    alone = NumbaSMOTE(random_state=0).fit_resample(made.numbers, made.y)[0]
    np.testing.assert_allclose(numbers, alone, rtol=1e-12)


def few_levels(n=150, n_minority=40):
    """Words with many equal distances between rows, and labels."""
    rng = np.random.RandomState(0)
    y = np.repeat([0, 1], [n - n_minority, n_minority])
    return rng.choice(list("abcd"), (n, 4)).astype(object), y


@pytest.mark.parametrize(
    "search", [NearestNeighbors(n_neighbors=4), NearestNeighbors(algorithm="brute")]
)
def test_smoten_takes_an_estimator_as_its_peer_does(search):
    """Votes with one winner are the peer's, ties between equal distances included."""
    X, y = few_levels()
    members = np.flatnonzero(y == 1)
    sampler = NumbaSMOTEN(k_neighbors=search, random_state=0)
    new = sampler.fit_resample(X, y)[0][len(y) :]
    peer = imblearn.over_sampling.SMOTEN(k_neighbors=search, random_state=0)
    new_peer = peer.fit_resample(X, y)[0][len(y) :]
    rows = Rows(OrdinalEncoder().fit_transform(X), y, np.arange(4))
    apart = value_differences(rows, 1, members)
    np.testing.assert_allclose(apart, naive.value_differences(X, y, members))
    found = clone(search).set_params(metric="precomputed").fit(apart).kneighbors(apart)[1]
    slot = np.random.RandomState(0).choice(len(members), size=len(new))
    clear = 0
    for place, row, row_peer in zip(slot, new, new_peer):
        for cell, cell_peer, column in zip(row, row_peer, X[members[found[place]]].T):
            (top, most), *others = Counter(column).most_common(2)
            if not others or others[0][1] < most:
                assert cell == cell_peer == top
                clear += 1
    assert clear > 0.5 * new.size
    assert sampler.k_neighbors_ == {1: search.n_neighbors - 1}


def test_smoten_searches_itself_in_place_of_our_estimator(monkeypatch):
    """Any metric, no matrix of distances: a limit of nothing refuses other estimators alone."""
    X, y = few_levels()
    monkeypatch.setattr(_value_difference, "MATRIX_LIMIT", 0)
    expected = NumbaSMOTEN(k_neighbors=3, random_state=0).fit_resample(X, y)[0]
    for search in (NumbaNearestNeighbors(4), NumbaNearestNeighbors(4, metric="mixed", n_jobs=1)):
        found = NumbaSMOTEN(k_neighbors=search, random_state=0).fit_resample(X, y)[0]
        np.testing.assert_array_equal(found, expected)
    with pytest.raises(ValueError, match=r"40 rows of class 1.*38400 bytes.*NumbaNearestNeighbors"):
        NumbaSMOTEN(k_neighbors=NearestNeighbors(n_neighbors=4)).fit_resample(X, y)


def test_smoten_with_the_row_itself_alone():
    """n_neighbors=1 is the row itself: new rows repeat rows of the class, as the peer's do."""
    X, y = few_levels()
    alone = NearestNeighbors(n_neighbors=1)
    new = NumbaSMOTEN(k_neighbors=alone, random_state=0).fit_resample(X, y)[0]
    peer = imblearn.over_sampling.SMOTEN(k_neighbors=alone, random_state=0).fit_resample(X, y)[0]
    np.testing.assert_array_equal(new, peer)


class NoMetric(BaseEstimator):
    """A search that cannot be given distances."""

    def __init__(self, n_neighbors=5):
        self.n_neighbors = n_neighbors

    def kneighbors(self):
        """Never called."""

    kneighbors_graph = kneighbors


def test_estimators_that_cannot_serve():
    X, y = few_levels()
    with pytest.raises(ValueError, match="NoMetric has no parameter metric"):
        NumbaSMOTEN(k_neighbors=NoMetric()).fit_resample(X, y)
    with pytest.raises(ValueError, match="n_jobs"):
        NumbaSMOTEN(k_neighbors=NumbaNearestNeighbors(n_jobs=0)).fit_resample(X, y)
    for kind in FAMILY:
        name = kind._neighbor_parameters[-1]
        with pytest.raises(ValueError, match=rf"{name} has n_neighbors=1.*at least 2"):
            kind(**{name: NearestNeighbors(n_neighbors=1)}).fit_resample(*Made(2).table)


def test_seeds_reach_estimators_and_no_global_state():
    """An estimator without a seed would draw from NumPy's global one."""
    X, y = blobs((200, 60), d=2)
    state = np.random.get_state()[1].copy()
    samplers = [
        NumbaKMeansSMOTE(kmeans_estimator=KMeans(5, n_init=1), cluster_balance_threshold=0),
        NumbaSVMSMOTE(svm_estimator=SVC()),
    ]
    for sampler in samplers:
        for seed in (3, None, np.random.RandomState(3)):
            sampler.set_params(random_state=seed).fit_resample(X, y)
        first, second = (sampler.set_params(random_state=3).fit_resample(X, y)[0] for _ in "ab")
        assert np.array_equal(first, second)
    assert np.array_equal(np.random.get_state()[1], state)
