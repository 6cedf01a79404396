"""Model files of tables and labels of every kind: pyarrow, its types in pandas, sparse."""

import datetime
import io
import json
import zipfile
from decimal import Decimal

import numpy as np
import pytest
from scipy import sparse

import skgensample
from skgensample import GaussianCopulaResampler, SequentialTreesResampler, synthesize
from skgensample.exceptions import ModelFileError

pa = pytest.importorskip("pyarrow")
pd = pytest.importorskip("pandas")

N = 120
RNG = np.random.default_rng(0)
WORDS = np.where(RNG.random(N) < 0.4, "u", "v")
A = RNG.normal(size=N).round(2)
WHOLE = RNG.integers(0, 300, N).tolist()

LABELS = {
    "dictionary": pa.array(WORDS).dictionary_encode(),
    "ordered": pa.DictionaryArray.from_arrays(
        pa.array((WORDS == "u").astype(np.int8)), pa.array(["v", "u", "never"]), ordered=True
    ),
    "chunks": pa.chunked_array([WORDS[:50], WORDS[50:]]),
    "chunks of dictionaries": pa.chunked_array(
        [
            pa.array(WORDS[:50]).dictionary_encode(),
            pa.array(WORDS[50:]).dictionary_encode(),
        ]
    ),
    "large text": pa.array(WORDS.tolist(), pa.large_string()),
    "numbers": pa.array((WORDS == "u").astype(np.int16)),
}


def arrow_columns():
    """Cells of each type of pyarrow that a model takes."""
    day, moment = datetime.date(2020, 1, 1), datetime.datetime(2020, 1, 1)
    delta = datetime.timedelta
    return {
        "timestamp": pa.array([moment + delta(hours=k) for k in WHOLE], pa.timestamp("us")),
        "nanoseconds": pa.array([moment + delta(hours=k) for k in WHOLE], pa.timestamp("ns")),
        "zoned": pa.array(
            [moment + delta(hours=k) for k in WHOLE], pa.timestamp("ms", "Europe/Paris")
        ),
        "date32": pa.array([day + delta(days=k) for k in WHOLE], pa.date32()),
        "duration": pa.array([delta(minutes=k) for k in WHOLE], pa.duration("s")),
        "time": pa.array([datetime.time(k % 24) for k in WHOLE], pa.time32("s")),
        "decimal": pa.array([Decimal(k) / 100 for k in WHOLE], pa.decimal128(10, 2)),
        "dictionary": pa.array(WORDS).dictionary_encode(),
        "text": pa.array(WORDS),
    }


def saved(model):
    file = io.BytesIO()
    model.save(file)
    return file.getvalue()


def same(given, loaded):
    """Whether two tables, or labels, are equal in cells and types."""
    assert type(given) is type(loaded)
    for fact in ("schema", "type", "dtype"):
        assert getattr(given, fact, None) == getattr(loaded, fact, None)
    if isinstance(given, pd.DataFrame):
        assert list(given.dtypes) == list(loaded.dtypes)
    if sparse.issparse(given):
        return (given != loaded).nnz == 0
    return given.equals(loaded) if hasattr(given, "equals") else np.array_equal(given, loaded)


def check_round_trip(X, y, sampler=GaussianCopulaResampler):
    model = sampler(random_state=0).fit(X, y)
    loaded = skgensample.load(io.BytesIO(saved(model)))
    rows, labels = model.sample(20, random_state=1)
    again, labels_again = loaded.sample(20, random_state=1)
    assert same(rows, again) and same(labels, labels_again)
    assert not getattr(labels_again, "null_count", 0)


@pytest.mark.parametrize("kind", LABELS)
def test_arrow_labels(kind):
    check_round_trip(pa.table({"a": A}), LABELS[kind])


@pytest.mark.parametrize("encoded", [False, True])
def test_a_model_of_synthesize(encoded):
    label = pa.array(WORDS).dictionary_encode() if encoded else pa.array(WORDS)
    frame = pa.table({"a": A, "y": label})
    model = synthesize(frame, "y", random_state=0, return_model=True)[1]
    labels = skgensample.load(io.BytesIO(saved(model))).sample(40)[1]
    assert labels.type == label.type and set(labels.to_pylist()) == {"u", "v"}


@pytest.mark.parametrize("kind", arrow_columns())
def test_arrow_types_in_pandas(kind):
    column = pd.Series(pd.arrays.ArrowExtensionArray(arrow_columns()[kind]))
    check_round_trip(pd.DataFrame({"a": A, "c": column}), WORDS == "u")
    check_round_trip(pd.DataFrame({"a": A, "c": column.astype("category")}), WORDS == "u")
    if kind in ("dictionary", "text"):  # labels of other types are refused by fit
        check_round_trip(pd.DataFrame({"a": A}), column)


def test_a_table_of_all_arrow_types():
    check_round_trip(pa.table({**arrow_columns(), "a": A}), WORDS)


@pytest.mark.parametrize("sampler", [GaussianCopulaResampler, SequentialTreesResampler])
@pytest.mark.parametrize("form", ["csr", "csc", "coo"])
def test_sparse_tables(sampler, form):
    X = (RNG.random((N, 4)) < 0.4) * RNG.normal(size=(N, 4)).round(1)
    check_round_trip(sparse.csr_matrix(X).asformat(form), WORDS, sampler)
    check_round_trip(sparse.csr_array((X > 0).astype(int)), WORDS, sampler)


def test_a_damaged_dictionary_is_refused():
    data = saved(GaussianCopulaResampler(random_state=0).fit(pa.table({"a": A}), LABELS["ordered"]))
    from skgensample.persistence._arrow_kinds import ArrowArray
    from skgensample.persistence._graph import Reader

    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        names = archive.namelist()
        text = next(n for n in names if n.endswith(".json") and b"arrow_array" in archive.read(n))
        nodes = json.loads(archive.read(text))
    found = [node for node in nodes["nodes"] if node[0] == "arrow_array"]
    schema = next(content[0] for _, content in found if content[-1] == "dictionary")

    class Given(Reader):
        def __init__(self, value):
            self.given = value

        def value(self, value):
            return self.given

    good = Given([[1, 0, None], pa.array(["v", "u"])])
    read = ArrowArray().read([schema, [0], "dictionary"], good)
    assert read.to_pylist() == ["u", "v", None] and read.type.ordered
    for bad in (
        [[7], pa.array(["v"])],
        [[-1], pa.array(["v"])],
        [["x"], pa.array(["v"])],
        [[0], 3],
    ):
        with pytest.raises(ModelFileError):
            ArrowArray().read([schema, [0], "dictionary"], Given(bad))


def test_no_message_has_the_name_of_an_internal_class():
    class Own:
        pass

    Own.__module__ = "skgensample.table._somewhere"
    model = GaussianCopulaResampler(random_state=0).fit(np.column_stack([A, A**2]), WORDS)
    model.model_.extra = Own()
    with pytest.raises(TypeError, match="cannot be saved") as caught:
        saved(model)
    assert "Own" not in str(caught.value) and "skgensample" not in str(caught.value)
