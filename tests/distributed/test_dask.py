"""`DaskResampler` gives the rows that the sampler gives in memory."""

import subprocess
import sys

import numpy as np
import pandas as pd
import pytest
from large_tables import SAMPLERS, cards, in_memory, table_for
from scipy import sparse
from sklearn.base import clone

import skgensample as sg
from skgensample.distributed import DaskResampler, _training

dask = pytest.importorskip("dask")
dd = pytest.importorskip("dask.dataframe")
da = pytest.importorskip("dask.array")


@pytest.fixture(autouse=True)
def synchronous():
    with dask.config.set(scheduler="synchronous"):
        yield


def same(got, want):
    """Whether frames are equal; dask makes its own dtype of text."""
    pd.testing.assert_frame_equal(got.astype({"kind": str}), want.astype({"kind": str}))


@pytest.mark.parametrize("name", SAMPLERS)
def test_same_rows_for_any_partitions(name):
    frame, sampler = table_for(name), clone(SAMPLERS[name])
    want = in_memory(sampler, frame)
    for partitions in (1, 7, 64):
        resampler = DaskResampler(SAMPLERS[name])
        balanced = resampler.fit_resample(dd.from_pandas(frame, npartitions=partitions), "Class")
        same(balanced.compute(), want)
        assert resampler.sampling_strategy_ == sampler.sampling_strategy_
        if hasattr(sampler, "synthetic_parents_"):
            parents = sampler.synthetic_parents_
            np.testing.assert_array_equal(resampler.synthetic_parents_, parents)


def test_pieces_are_bounded_and_the_same(monkeypatch):
    frame = cards()
    want = in_memory(sg.NumbaSMOTE(random_state=0), frame)
    monkeypatch.setattr(_training, "PIECE_BYTES", 8 * 7 * 100)
    given = dd.from_pandas(frame, npartitions=2)
    balanced = DaskResampler(sg.NumbaSMOTE(random_state=0)).fit_resample(given, "Class")
    lengths = balanced.map_partitions(len).compute()[2:]
    assert lengths.max() == 100 and len(lengths) > 10
    same(balanced.compute(), want)


@pytest.mark.parametrize("name", ["rose", "borderline-1", "smoten"])
def test_pieces_of_other_samplers(name, monkeypatch):
    frame = table_for(name)
    want = in_memory(clone(SAMPLERS[name]), frame)
    monkeypatch.setattr(_training, "PIECE_BYTES", 8 * 7 * 150)
    balanced = DaskResampler(SAMPLERS[name]).fit_resample(dd.from_pandas(frame, 3), "Class")
    same(balanced.compute(), want)


def test_divisions_continue_and_given_partitions_are_untouched():
    frame = cards()
    given = dd.from_pandas(frame, npartitions=4)
    balanced = DaskResampler(sg.NumbaSMOTE(random_state=0)).fit_resample(given, "Class")
    assert balanced.divisions[:4] == given.divisions[:4]
    assert balanced.divisions[-1] == len(balanced) - 1
    assert list(balanced.columns) == list(frame.columns)
    same(balanced.partitions[:4].compute(), frame)
    pd.testing.assert_series_equal(balanced._meta.dtypes, given._meta.dtypes)
    assert (balanced._meta.dtypes == balanced.compute().dtypes).all()


def test_index_without_divisions_goes_on_after_its_largest_label():
    frame = cards()
    parts = [dask.delayed(frame.iloc[i : i + 400].reset_index(drop=True)) for i in (0, 400, 800)]
    given = dd.from_delayed(parts, meta=frame.iloc[:0])
    balanced = DaskResampler(sg.NumbaSMOTE(random_state=0)).fit_resample(given, "Class").compute()
    want = in_memory(sg.NumbaSMOTE(random_state=0), pd.concat([frame.iloc[i : i + 400].reset_index(
        drop=True) for i in (0, 400, 800)]))  # fmt: skip
    assert balanced.index[1200] == 400
    same(balanced, want)


def test_text_index():
    frame = cards().rename(index=lambda i: f"row{i:05}")
    given = dd.from_pandas(frame, npartitions=3)
    balanced = DaskResampler(sg.NumbaSMOTE(random_state=0)).fit_resample(given, "Class")
    assert not balanced.known_divisions
    want = in_memory(sg.NumbaSMOTE(random_state=0), frame)
    assert list(balanced.compute().index) == list(want.index)


def test_series_as_labels():
    frame = cards()
    given = dd.from_pandas(frame, npartitions=5)
    X, y = DaskResampler(sg.NumbaSMOTE(random_state=0)).fit_resample(
        given.drop(columns="Class"), given["Class"]
    )
    want = in_memory(sg.NumbaSMOTE(random_state=0), frame)
    same(X.compute(), want.drop(columns="Class"))
    pd.testing.assert_series_equal(y.compute(), want["Class"])


@pytest.mark.parametrize("dtype", [np.float64, np.float32, np.int64])
def test_arrays(dtype):
    rng = np.random.default_rng(0)
    X = (10 * rng.normal(size=(1000, 4))).astype(dtype)
    y = (rng.random(1000) < 0.1).astype(int)
    sampler = sg.NumbaBorderlineSMOTE(random_state=0)
    X_want, y_want = sampler.fit_resample(X, y)
    blocks = da.from_array(X, chunks=(130, 2)), da.from_array(y, chunks=130)
    X_all, y_all = DaskResampler(sg.NumbaBorderlineSMOTE(random_state=0)).fit_resample(*blocks)
    np.testing.assert_array_equal(X_all.compute(), X_want)
    np.testing.assert_array_equal(y_all.compute(), y_want)
    assert X_all.dtype == dtype and X_all.shape == X_want.shape


def test_ties_and_duplicates_of_other_classes():
    rng = np.random.default_rng(3)
    X, y = rng.integers(0, 3, (900, 3)).astype(float), (rng.random(900) < 0.06).astype(int)
    for sampler in (sg.NumbaBorderlineSMOTE(random_state=0), sg.NumbaADASYN(random_state=0),
                    sg.SafeLevelSMOTE(random_state=0),
                    sg.NumbaSVMSMOTE(random_state=0, svm_neighbors=5)):  # fmt: skip
        want = clone(sampler).fit_resample(X, y)[0]
        for chunks in (900, 50):
            blocks = da.from_array(X, chunks=(chunks, 3)), da.from_array(y, chunks=chunks)
            got = DaskResampler(sampler).fit_resample(*blocks)[0]
            np.testing.assert_array_equal(got.compute(), want)


def test_early_stop_in_partitions_changes_no_count(monkeypatch):
    from skgensample.search import _knn

    monkeypatch.setattr(_knn, "MAX_NUMPY_PAIRS", 100)
    monkeypatch.setattr(_knn, "MIN_KERNEL_PAIRS", 100)
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(6000, 5)), (rng.random(6000) < 0.02).astype(int)
    sampler = sg.NumbaBorderlineSMOTE(random_state=0)
    want = clone(sampler).fit_resample(X, y)[0]
    blocks = da.from_array(X, chunks=(900, 5)), da.from_array(y, chunks=900)
    np.testing.assert_array_equal(DaskResampler(sampler).fit_resample(*blocks)[0].compute(), want)


def test_empty_partitions_and_partitions_of_one_class():
    frame = cards().sort_values("Class", ignore_index=True)
    given = dd.concat([dd.from_pandas(frame.iloc[:0], 1), dd.from_pandas(frame, 9)])
    balanced = DaskResampler(sg.NumbaBorderlineSMOTE(random_state=0)).fit_resample(given, "Class")
    same(balanced.compute(), in_memory(sg.NumbaBorderlineSMOTE(random_state=0), frame))


def test_numbers_as_categories():
    frame = cards()
    sampler = sg.NumbaSMOTENC(categorical_features=["hour", "kind", "shop"], random_state=0)
    want = in_memory(clone(sampler), frame)
    balanced = DaskResampler(sampler).fit_resample(dd.from_pandas(frame, 8), "Class")
    same(balanced.compute(), want)


def test_many_levels_are_not_taken_for_identifiers():
    frame = pd.concat([cards(4000)] * 2, ignore_index=True)
    frame["shop"] = [f"shop {i % 2000}" for i in range(len(frame))]
    sampler = sg.NumbaSMOTE(random_state=0)
    want = in_memory(clone(sampler), frame)
    balanced = DaskResampler(sampler).fit_resample(dd.from_pandas(frame, 4), "Class").compute()
    assert (balanced["shop"] == want["shop"]).all()


def test_identifiers_are_refused_as_in_memory():
    frame = cards().assign(name=[f"Anna{i} Muster{i}" for i in range(1200)])
    sampler = sg.NumbaSMOTE(random_state=0)
    with pytest.raises(ValueError, match="name"):
        in_memory(clone(sampler), frame)
    with pytest.raises(ValueError, match=r"Column 'name'.*identify people"):
        DaskResampler(sampler).fit_resample(dd.from_pandas(frame, 3), "Class")


def test_synthetic_output():
    frame = cards()
    sampler = sg.GaussianCopulaResampler(random_state=0, output="synthetic")
    want = in_memory(clone(sampler), frame)
    made = DaskResampler(sampler).fit_resample(dd.from_pandas(frame, 3), "Class")
    same(made.compute(), want)


def test_stratified_sample_does_not_depend_on_partitions():
    frame = cards()
    made = []
    for partitions in (1, 6):
        resampler = DaskResampler(sg.GaussianCopulaResampler(random_state=0), max_rows=400)
        given = dd.from_pandas(frame, npartitions=partitions)
        made.append(resampler.fit_resample(given, "Class").compute())
        assert 390 <= resampler.n_gathered_ <= 400
    same(*made)
    assert made[0]["Class"].nunique() == 3


def test_generated_rows_in_several_draws(monkeypatch):
    monkeypatch.setattr(_training, "GENERATED_ROWS", 100)
    frame = cards()
    balanced = DaskResampler(sg.GaussianCopulaResampler(random_state=0)).fit_resample(
        dd.from_pandas(frame, 2), "Class"
    )
    counts = balanced.compute()["Class"].value_counts()
    assert counts.nunique() == 1
    new = balanced.compute().iloc[len(frame) :]
    assert not new.duplicated().any()


def test_errors_come_early_and_say_what_to_do():
    frame = cards()
    given = dd.from_pandas(frame, npartitions=4)
    smote = sg.NumbaSMOTE(random_state=0)
    with pytest.raises(ValueError, match=r"is none of|must be the name of a column"):
        DaskResampler(smote).fit_resample(given, "label")
    with pytest.raises(TypeError, match="pandas DataFrame: use the sampler itself"):
        DaskResampler(smote).fit_resample(frame, "Class")
    with pytest.raises(TypeError, match="take NumbaSMOTE"):
        from imblearn.over_sampling import SMOTE

        DaskResampler(SMOTE()).fit_resample(given, "Class")
    with pytest.raises(ValueError, match="max_rows is for generators"):
        DaskResampler(smote, max_rows=10).fit_resample(given, "Class")
    with pytest.raises(ValueError, match="give an int as random_state"):
        shared = sg.NumbaSMOTE(random_state=np.random.RandomState(0))
        DaskResampler(shared).fit_resample(given, "Class")
    with pytest.raises(ValueError, match="give the number of neighbours"):
        search = sg.NumbaBorderlineSMOTE(m_neighbors=sg.NumbaNearestNeighbors(n_neighbors=5))
        DaskResampler(search).fit_resample(given, "Class")
    with pytest.raises(ValueError, match="greater or equal to the original"):
        DaskResampler(sg.NumbaSMOTE(sampling_strategy={1: 3})).fit_resample(given, "Class")


def test_unknown_categories_are_refused():
    given = dd.from_pandas(cards(), npartitions=4)
    unknown = given.assign(shop=given["shop"].cat.as_unknown())
    with pytest.raises(ValueError, match=r"\['shop'\]. Call X.categorize\(\) first"):
        DaskResampler(sg.NumbaSMOTE(random_state=0)).fit_resample(unknown, "Class")
    balanced = DaskResampler(sg.NumbaSMOTE(random_state=0)).fit_resample(
        unknown.categorize(), "Class"
    )
    same(balanced.compute(), in_memory(sg.NumbaSMOTE(random_state=0), cards()))


def test_missing_cells_are_located():
    frame = cards()
    frame.loc[[700, 900], "V2"] = np.nan
    resampler = DaskResampler(sg.NumbaBorderlineSMOTE(random_state=0))
    with pytest.raises(ValueError, match=r"column 'V2', row 700\b"):
        resampler.fit_resample(dd.from_pandas(frame, 4), "Class")
    frame.loc[[700, 900], "V2"] = 0, -np.inf
    with pytest.raises(ValueError, match=r"Partition 3: .*column 'V2', row 0\b"):
        resampler.fit_resample(dd.from_pandas(frame, 4), "Class")


@pytest.mark.parametrize("name", ["svm", "kmeans"])
def test_missing_cells_of_samplers_that_read_all_rows(name):
    sampler = clone(SAMPLERS[name])
    sampler.set_params(**{"svm_neighbors": None} if name == "svm" else {})
    frame = cards()
    frame.loc[frame.index % 9 == 0, "V2"] = np.nan
    want = in_memory(clone(sampler), frame)
    resampler = DaskResampler(sampler)
    same(resampler.fit_resample(dd.from_pandas(frame, 5), "Class").compute(), want)
    assert resampler.synthetic_parents_.shape == (len(want) - len(frame), 2)


NO_SAMPLERS = [
    (sg.NumbaSMOTE, r"the class NumbaSMOTE .* NumbaSMOTE\(\)"),
    (None, "NoneType is none: give one such as"),
    ("NumbaSMOTE", "str is none: give one such as"),
]


@pytest.mark.parametrize(("given", "message"), NO_SAMPLERS)
def test_what_is_no_sampler(given, message):
    with pytest.raises(TypeError, match=message):
        DaskResampler(given).fit_resample(dd.from_pandas(cards(), 2), "Class")


@pytest.mark.parametrize("max_rows", [0, -1, 2.5, True, "10"])
def test_max_rows_that_are_no_count(max_rows):
    resampler = DaskResampler(sg.GaussianCopulaResampler(), max_rows=max_rows)
    with pytest.raises(ValueError, match="max_rows must be a positive int or None"):
        resampler.fit_resample(dd.from_pandas(cards(), 2), "Class")


def test_max_rows_that_leave_too_few_of_a_class():
    resampler = DaskResampler(sg.GaussianCopulaResampler(), max_rows=9)
    with pytest.raises(ValueError, match=r"max_rows=9 leaves 1 row\(s\) of class 1"):
        resampler.fit_resample(dd.from_pandas(cards(), 2), "Class")


def test_labels_that_are_no_collection_are_not_shown():
    frame = cards()
    secret = frame["Class"].map({0: "anna", 1: "bert", 2: "carl"})
    given = dd.from_pandas(frame.drop(columns="Class"), 2)
    for labels in (secret, secret.tolist(), secret.to_numpy()):
        with pytest.raises(ValueError, match="or a dask Series, got") as caught:
            DaskResampler(sg.NumbaSMOTE()).fit_resample(given, labels)
        assert "anna" not in str(caught.value)


def test_columns_that_are_no_table():
    frame = cards()
    with pytest.raises(ValueError, match="no column but that of the labels"):
        DaskResampler(sg.NumbaSMOTE()).fit_resample(dd.from_pandas(frame[["Class"]], 2), "Class")
    frame.columns = ["V1", "V1", *frame.columns[2:]]
    with pytest.raises(ValueError, match=r"not unique: rename the repeated ones, \['V1'\]"):
        DaskResampler(sg.NumbaSMOTE()).fit_resample(dd.from_pandas(frame, 2), "Class")


def test_labels_of_several_types():
    def changed(part):
        return part.assign(Class=part["Class"].astype(str)) if part.index[0] else part

    given = dd.from_pandas(cards(), 3).map_partitions(changed, meta=cards(0))
    with pytest.raises(TypeError, match=r"several types \(int, str\)"):
        DaskResampler(sg.NumbaSMOTE()).fit_resample(given, "Class")


def test_labels_in_other_blocks_than_the_array():
    X, y = cards()[["V1", "V2"]].to_numpy(), cards()["Class"].to_numpy()
    want = sg.NumbaSMOTE(random_state=0).fit_resample(X, y)
    given = da.from_array(X, chunks=(100, 1)), da.from_array(y, chunks=350)
    got = DaskResampler(sg.NumbaSMOTE(random_state=0)).fit_resample(*given)
    for one, other in zip(got, want):
        np.testing.assert_array_equal(one.compute(), other)
    with pytest.raises(ValueError, match="X has 1200 rows and y 1000"):
        DaskResampler(sg.NumbaSMOTE()).fit_resample(given[0], given[1][:1000])


def test_numpy_integers_as_column_names():
    frame = cards()[["V1", "V2", "Class"]].set_axis([0, 1, 2], axis=1)
    resampler = DaskResampler(sg.NumbaSMOTE(random_state=0))
    want = resampler.fit_resample(dd.from_pandas(frame, 3), 2).compute()
    got = resampler.fit_resample(dd.from_pandas(frame, 3), np.int64(2)).compute()
    pd.testing.assert_frame_equal(got, want)


def test_sparse_blocks():
    X, y = cards()[["V1", "V2"]].to_numpy(), cards()["Class"].to_numpy()
    blocks = da.from_array(X, chunks=(100, 2)).map_blocks(sparse.csr_matrix)
    with pytest.raises(TypeError, match="make them dense first"):
        DaskResampler(sg.NumbaSMOTE()).fit_resample(blocks, da.from_array(y, chunks=100))


def test_memory_is_estimated_before_rows_are_gathered():
    given = dd.from_pandas(cards(), npartitions=4)
    with pytest.raises(MemoryError, match=r"rows of the sampled classes .* [\d,]+ bytes"):
        DaskResampler(sg.NumbaSMOTE(random_state=0), memory=10_000).fit_resample(given, "Class")
    with pytest.raises(MemoryError, match="give max_rows="):
        sampler = sg.GaussianCopulaResampler(random_state=0)
        DaskResampler(sampler, memory="50KB").fit_resample(given, "Class")
    with pytest.raises(MemoryError, match="set svm_neighbors"):
        sampler = sg.NumbaSVMSMOTE(random_state=0)
        DaskResampler(sampler, memory="50KB").fit_resample(given, "Class")


def test_threads_give_the_same_rows():
    frame = cards()
    given = dd.from_pandas(frame, npartitions=9)
    with dask.config.set(scheduler="threads"):
        balanced = DaskResampler(sg.NumbaBorderlineSMOTE(random_state=0)).fit_resample(
            given, "Class"
        )
        same(balanced.compute(), in_memory(sg.NumbaBorderlineSMOTE(random_state=0), frame))


def test_clone():
    resampler = DaskResampler(sg.NumbaSMOTE(random_state=0), max_rows=5, memory="1GB")
    copied = clone(resampler)
    assert copied.get_params(deep=False).keys() == resampler.get_params(deep=False).keys()
    assert (copied.max_rows, copied.memory) == (
        5,
        "1GB",
    ) and copied.sampler is not resampler.sampler


def test_dask_is_imported_late():
    code = "import sys, skgensample.distributed; assert 'dask' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True)


def test_missing_dask(monkeypatch):
    monkeypatch.setitem(sys.modules, "dask.dataframe", None)
    monkeypatch.setitem(sys.modules, "dask.array", None)
    with pytest.raises(sg.MissingExtraError, match=r"skgensample\[dask\]"):
        DaskResampler(sg.NumbaSMOTE()).fit_resample(None, "Class")
