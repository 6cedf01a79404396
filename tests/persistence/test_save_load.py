"""A generator saved and loaded samples the same rows; what is in the file, and what is not."""

import io
import json
import pickle
import subprocess
import sys
import zipfile
from pathlib import Path

import numpy as np
import pytest
from sklearn.exceptions import NotFittedError

sys.path.insert(0, str(Path(__file__).parent))

from frames_to_keep import pandas_table, polars_table
from made_models import HERE, KEPT, array_table, fitted

import skgensample
from conftest import GENERATORS, HAS_TORCH
from skgensample.persistence._tensors import tensors_from_bytes, tensors_to_bytes

FAST = ("GaussianCopulaResampler", "SequentialTreesResampler")
NAMES = [name for name in KEPT if HAS_TORCH or name not in GENERATORS]


def saved(sampler):
    file = io.BytesIO()
    sampler.save(file)
    return file.getvalue()


def reloaded(sampler):
    return skgensample.load(io.BytesIO(saved(sampler)))


def object_table():
    rng = np.random.RandomState(0)
    X = np.empty((90, 2), object)
    X[:, 0], X[:, 1] = rng.normal(size=90), rng.choice(["a", "b", "ü\ud800"], 90)
    return X, np.repeat([0, 1], 45).tolist()


def one_hot_table():
    from scipy import sparse

    X, y = array_table()
    return X, sparse.csr_matrix(np.eye(2, dtype=int)[y])


def float_frame():
    pd = pytest.importorskip("pandas")
    X, y = array_table()
    return pd.DataFrame(X, columns=pd.MultiIndex.from_product([["k"], [*"abc"]])), y == 1


def unlabelled():
    return (array_table()[0],)


TABLES = {
    "array": array_table,
    "objects": object_table,
    "one-hot": one_hot_table,
    "floats": float_frame,
    "pandas": pandas_table,
    "polars": polars_table,
    "unlabelled": unlabelled,
}


def assert_same(given, found):
    """Tables or targets that agree in kind, types and values."""
    assert type(given) is type(found)
    if given is None:
        return
    kind = type(given).__module__.split(".")[0]
    if kind == "pandas":
        import pandas as pd

        frame = isinstance(given, pd.DataFrame)
        (pd.testing.assert_frame_equal if frame else pd.testing.assert_series_equal)(given, found)
    elif kind == "polars":
        assert given.equals(found, null_equal=True)
        assert given.dtype == found.dtype if hasattr(given, "dtype") else True
        assert getattr(given, "schema", None) == getattr(found, "schema", None)
    elif kind == "scipy":
        assert given.dtype == found.dtype and (given != found).nnz == 0
    else:
        np.testing.assert_array_equal(given, found)
        assert getattr(given, "dtype", None) == getattr(found, "dtype", None)


@pytest.mark.parametrize("table", TABLES)
@pytest.mark.parametrize(
    "name", [pytest.param(n, marks=[] if n in FAST else [pytest.mark.slow]) for n in NAMES]
)
def test_same_rows(name, table):
    if table in ("pandas", "polars"):
        pytest.importorskip(table)
    model = fitted(name, TABLES[table])
    # the last class of the two is the one that every generator has learnt
    label = None if model.classes_ is None else model.classes_[-1]
    for one, other in zip(
        model.sample(50, y=label, random_state=4),
        reloaded(model).sample(50, y=label, random_state=4),
    ):
        assert_same(one, other)


def test_fresh_process_draws_the_same_rows(tmp_path):
    """Where no class was imported, and torch is only if the model is a network."""
    wanted = {}
    for name in NAMES:
        model = fitted(name)
        model.save(tmp_path / f"{name}.skg")
        wanted[name] = model.sample(30, y=1)[0].tobytes().hex()
    names = sorted(NAMES, key=lambda name: name in GENERATORS)
    code = (
        "import sys, json, skgensample\n"
        "found = {}\n"
        f"for name in {names}:\n"
        f"    assert (name in {GENERATORS}) or 'torch' not in sys.modules\n"
        "    model = skgensample.load(name + '.skg')\n"
        "    found[name] = model.sample(30, y=1)[0].tobytes().hex()\n"
        "assert 'polars' not in sys.modules\n"
        "print(json.dumps(found))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == wanted


@pytest.mark.parametrize("path", sorted(HERE.glob("format*/*.skg")), ids=lambda path: path.stem)
def test_files_of_every_format_load(path):
    if path.stem in GENERATORS:
        pytest.importorskip("torch")
    model = skgensample.load(path)
    assert type(model).__name__ == path.stem
    rows, labels = model.sample(40, y=1)
    X, _ = array_table()
    assert rows.shape == (40, 3) and (labels == 1).all()
    assert (rows[:, 2] == rows[:, 2].round()).all()
    assert (rows >= X.min(axis=0)).all() and (rows <= X.max(axis=0)).all()
    assert rows[:, :2].std(axis=0).min() > 0.1
    assert model.get_params().keys() == type(model)().get_params().keys()


def test_every_class_has_a_file_of_every_format():
    for folder in HERE.glob("format*"):
        assert {path.stem for path in folder.glob("*.skg")} >= set(KEPT)


def test_conditions_and_another_fit_after_loading():
    model = fitted("SequentialTreesResampler")
    kept = reloaded(model)
    given = {"conditions": {2: [3.0, 4.0]}, "random_state": 1}
    assert_same(model.sample(20, **given)[0], kept.sample(20, **given)[0])
    assert set(kept.sample(20, **given)[0][:, 2]) <= {3.0, 4.0}
    X, y = array_table(seed=1)
    assert_same(model.fit_resample(X, y)[0], kept.fit_resample(X, y)[0])


def test_shared_state_of_a_random_state():
    model = fitted("GaussianCopulaResampler", random_state=np.random.RandomState(5))
    kept = reloaded(model)
    assert_same(model.sample(5)[0], kept.sample(5)[0])
    assert_same(model.sample(5)[0], kept.sample(5)[0])


@pytest.mark.skipif(not HAS_TORCH, reason="torch is not installed")
def test_what_belongs_to_a_program_is_left_out_with_a_warning(tmp_path):
    model = fitted("TVAEResampler", max_steps=3, callbacks=[print], warm_start=True)
    model.set_params(memory=str(tmp_path), sampling_strategy=len)
    with pytest.warns(skgensample.ResamplingWarning, match=r"callbacks.*memory|memory.*callbacks"):
        kept = reloaded(model)
    assert kept.callbacks is None and kept.memory is None and kept.sampling_strategy == "auto"
    assert model.callbacks == [print] and model.model_.checkpoint is not None
    assert kept.model_.checkpoint is None
    kept.fit(*array_table())


@pytest.mark.skipif(not HAS_TORCH, reason="torch is not installed")
def test_networks_are_loaded_on_the_cpu():
    import torch

    model = fitted("TVAEResampler", max_steps=3)
    model.device = "cuda"  # as if it had been trained there
    kept = reloaded(model)
    assert all(one.device == torch.device("cpu") for one in kept.model_.tabular.net.parameters())
    assert len(kept.sample(3, y=1)[0]) == 3


def test_paths_and_file_objects(tmp_path):
    model = fitted("GaussianCopulaResampler")
    for path in (tmp_path / "a.skg", str(tmp_path / "b.skg")):
        model.save(path)
        assert_same(skgensample.load(path).sample(3)[0], model.sample(3)[0])
    with open(tmp_path / "c.skg", "wb") as file:
        model.save(file)
    assert (tmp_path / "c.skg").read_bytes() == (tmp_path / "a.skg").read_bytes()
    assert {path.name for path in tmp_path.iterdir()} == {"a.skg", "b.skg", "c.skg"}
    with pytest.raises(TypeError, match="binary"):
        skgensample.load(io.StringIO("PK"))
    with pytest.raises(FileNotFoundError):
        skgensample.load(tmp_path / "none.skg")


def test_an_interrupted_save_leaves_the_old_file(tmp_path, monkeypatch):
    model, path = fitted("GaussianCopulaResampler"), tmp_path / "model.skg"
    path.write_bytes(b"old")

    def fail(handle):
        raise OSError("disk full")

    monkeypatch.setattr("skgensample.persistence._archive.os.fsync", fail)
    with pytest.raises(OSError, match="disk full"):
        model.save(path)
    assert path.read_bytes() == b"old" and len(list(tmp_path.iterdir())) == 1


def test_what_cannot_be_saved_says_so(tmp_path):
    with pytest.raises(NotFittedError):
        skgensample.GaussianCopulaResampler().save(tmp_path / "model.skg")

    class Own(skgensample.GaussianCopulaResampler):
        pass

    with pytest.raises(TypeError, match="Own cannot be saved"):
        Own().fit(*array_table()).save(tmp_path / "model.skg")
    model = fitted("GaussianCopulaResampler")
    model.model_.extra = object()
    with pytest.raises(TypeError, match="of type object cannot be saved"):
        model.save(tmp_path / "model.skg")
    assert not list(tmp_path.iterdir())


def test_the_manifest_describes_the_model():
    model = fitted("SequentialTreesResampler")
    with zipfile.ZipFile(io.BytesIO(saved(model))) as archive:
        manifest = json.loads(archive.read("manifest.json"))
    assert manifest["format"] == 1 and manifest["class"] == "SequentialTreesResampler"
    assert manifest["library"]["skgensample"] == skgensample.__version__
    assert [column["kind"] for column in manifest["columns"]] == ["float", "float", "float"]
    assert manifest["parameters"]["random_state"] == 0


@pytest.mark.parametrize(
    "name", [pytest.param(n, marks=[] if n in FAST else [pytest.mark.slow]) for n in NAMES]
)
def test_no_canary_in_file_pickle_repr_or_error(name):
    """A unique number, and a unique name in the index or in a column that is refused."""
    pd = pytest.importorskip("pandas")
    canary, person = 8.271828459045, "Zuzanna Quibblewick"
    rng = np.random.RandomState(0)
    for place in ("middle", "top"):
        frame = pd.DataFrame(rng.normal(size=(150, 2)) * 5, columns=["a", "b"])
        frame.loc[7, "a"] = canary if place == "middle" else 100 * canary
        number = frame.loc[7, "a"]
        frame.index = [person if i == 7 else f"row {i}" for i in range(150)]
        model = fitted(name, lambda frame=frame: (frame, np.repeat([0, 1], [75, 75])))
        kept = reloaded(model)
        with zipfile.ZipFile(io.BytesIO(saved(model))) as archive:
            parts = [archive.read(member) for member in archive.namelist()]
        texts = b"".join([*parts, pickle.dumps(kept), repr(kept).encode()])
        spellings = [repr(number).encode(), person.encode(), person.split()[1].encode()]
        spellings += [np.array([number], kind).tobytes() for kind in ("<f8", ">f8")]
        assert not [spelling for spelling in spellings if spelling in texts]
    frame = frame.reset_index(names="name")
    frame.loc[:, "name"] = [f"{person} {i}" for i in range(150)]
    with pytest.raises(ValueError) as error:
        model.fit(frame, np.repeat([0, 1], 75))
    assert "Quibblewick" not in str(error.value)


@pytest.mark.parametrize("order", "CF")
@pytest.mark.parametrize("dtype", ["?", "<i2", ">f4", "<u8", "<f2", "<f8"])
def test_arrays_as_safetensors(dtype, order):
    array = np.asarray(np.arange(12).reshape(3, 4) % 5, dtype, order=order)
    little = {"a": array.astype(array.dtype.newbyteorder("<"), order="C"), "b": np.empty((0, 2))}
    data = tensors_to_bytes(little)
    found = tensors_from_bytes(data, json.loads)
    for name in little:
        np.testing.assert_array_equal(found[name], little[name])
        assert found[name].flags.writeable
    own = pytest.importorskip("safetensors.numpy")
    for name, value in own.load(data).items():
        np.testing.assert_array_equal(value, little[name])
    again = tensors_from_bytes(own.save(little), json.loads)
    np.testing.assert_array_equal(again["a"], little["a"])


def test_makers_of_invented_values_are_registered():
    """Whatever draws values of a personal column is part of models that are saved."""
    import inspect
    import pkgutil
    from importlib import import_module

    from skgensample.persistence._registry import PARTS
    from skgensample.table import _invent

    makers = {}
    for module in pkgutil.iter_modules(_invent.__path__):
        name = f"{_invent.__name__}.{module.name}"
        for kind, member in inspect.getmembers(import_module(name), inspect.isclass):
            if member.__module__ == name:
                makers[kind] = name.removeprefix("skgensample.")
    assert len(makers) > 8
    assert makers.items() <= PARTS.items()
