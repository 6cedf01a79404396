"""Files that are damaged, altered or made to harm: a clear error, and never anything else."""

import builtins
import hashlib
import io
import json
import pickle
import resource
import sys
import warnings
import zipfile
from pathlib import Path

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).parent))

from made_models import fitted

import skgensample
from skgensample import ModelFileError
from skgensample.persistence import _archive
from skgensample.persistence._archive import ARRAYS, FORMAT, MANIFEST, MODEL


@pytest.fixture(scope="module")
def data():
    """A file of sequential trees."""
    file = io.BytesIO()
    fitted("SequentialTreesResampler").save(file)
    return file.getvalue()


def load(data):
    return skgensample.load(io.BytesIO(data))


def members(data):
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def zipped(parts, **options):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, **options) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return file.getvalue()


def resealed(data, **changed):
    """The file with other members and right digests, as a hostile writer would make it."""
    parts = members(data)
    manifest = json.loads(parts[MANIFEST])
    manifest.update(changed.pop("manifest", {}))
    del manifest["sha256_manifest"]
    parts.update({{"model": MODEL, "arrays": ARRAYS}[name]: one for name, one in changed.items()})
    manifest["sha256"] = {name: hashlib.sha256(parts[name]).hexdigest() for name in (MODEL, ARRAYS)}
    manifest["sha256_manifest"] = _archive._own_digest(manifest)
    return zipped({**parts, MANIFEST: json.dumps(manifest)})


def with_nodes(data, nodes, **fitted):
    """The file with these nodes in place of the model's."""
    model = {"parameters": {}, "fitted": fitted, "nodes": nodes}
    return resealed(data, model=json.dumps(model).encode())


def test_resealing_is_faithful(data):
    model = load(resealed(data))
    np.testing.assert_array_equal(model.sample(9)[0], load(data).sample(9)[0])


def test_newer_format_names_the_version(data):
    newer = resealed(data, manifest={"format": FORMAT + 1, "library": {"skgensample": "9.8"}})
    with pytest.raises(ModelFileError, match=rf"format {FORMAT + 1}, written by skgensample 9.8"):
        load(newer)


def test_truncated_and_altered(data):
    for end in [*range(40), *range(40, len(data), len(data) // 60), len(data) - 1]:
        with pytest.raises(ModelFileError):
            load(data[:end])
    parts = members(data)
    for name in parts:
        changed = (
            parts[name].replace(b"0", b"3", 1) if name == MANIFEST else parts[name][:-1] + b"!"
        )
        with pytest.raises(ModelFileError, match="altered"):
            load(zipped({**parts, name: changed}))


class Bomb:
    """Runs code when it is unpickled."""

    def __reduce__(self):
        return exec, ("import sys; sys.bomb = True",)


def test_a_pickle_is_refused(tmp_path, data):
    path = tmp_path / "model.skg"
    for content in (pickle.dumps(Bomb()), zipped({"data.pkl": pickle.dumps(Bomb())})):
        path.write_bytes(content)
        with pytest.raises(ModelFileError, match=r"not a model file|exactly the members"):
            skgensample.load(path)
    with pytest.raises(ModelFileError):
        load(resealed(data, arrays=pickle.dumps(Bomb())))
    assert not hasattr(sys, "bomb")


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04", b"name,age\n", b"\x89HDF", b"{}"])
def test_other_files_are_refused(content):
    with pytest.raises(ModelFileError):
        load(content)


def test_no_name_in_a_file_is_imported(data, monkeypatch):
    real, seen = builtins.__import__, []

    def watched(name, *args, **kwargs):
        seen.append(name)
        return real(name, *args, **kwargs)

    nodes = [["object", ["antigravity", {}]]]
    monkeypatch.setattr(builtins, "__import__", watched)
    for name in ("antigravity", "os.system", "skgensample.cli", "..cli", "load"):
        nodes[0][1][0] = name
        with pytest.raises(ModelFileError, match="does not load"):
            load(with_nodes(data, nodes))
        with pytest.raises(ModelFileError, match="does not load"):
            load(resealed(data, manifest={"class": name}))
    assert "antigravity" not in {*seen, *sys.modules}


def test_a_bomb_is_refused_before_it_is_unpacked(data):
    parts = members(data)
    heavy = zipped({**parts, MODEL: b" " * 300_000_000}, compresslevel=9)
    assert len(heavy) < 2_000_000
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(ModelFileError, match="not as this package writes it"):
        load(heavy)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 100_000  # kilobytes


def test_a_member_longer_than_it_says_is_refused(data):
    parts = members(data)
    size = len(parts[MODEL]).to_bytes(4, "little")
    for claimed in (b"\x05\0\0\0", (len(parts[MODEL]) + 9).to_bytes(4, "little")):
        with pytest.raises(ModelFileError):
            load(data.replace(size, claimed))


def test_a_highly_compressible_model_is_saved_and_loaded():
    model = fitted("GaussianCopulaResampler")
    model.model_.extra = np.zeros(2_000_000)
    file = io.BytesIO()
    model.save(file)
    assert (load(file.getvalue()).model_.extra == 0).all()


HOSTILE = {
    "deep": b'{"nodes":' + b"[" * 200_000 + b"]" * 200_000 + b"}",
    "no object": b"[]",
    "no json": b"{",
    "long number": b'{"nodes": [' + b"9" * 100_000 + b"]}",
    "not finite": b'{"nodes": [["list", [NaN]]], "parameters": {"a": Infinity}}',
}


@pytest.mark.parametrize("kind", HOSTILE)
def test_hostile_json(data, kind):
    with pytest.raises(ModelFileError):
        load(resealed(data, model=HOSTILE[kind]))


def doubling(kind, n=200):
    """Containers of which each holds the one before twice."""
    return [[kind, []], *([kind, [[i], [i]]] for i in range(n))]


NODES = {
    "unknown kind": [["eval", "1"]],
    "later node": [["list", [[1]]], ["list", []]],
    "own node": [["list", [[0]]]],
    "negative": [["list", []], ["list", [[-1]]]],
    "bool": [["list", []], ["list", [[False]]]],
    "tuples doubled": [*doubling("tuple"), ["set", [[200]]]],
    "lists doubled": [*doubling("list"), ["tensor", [200]]],
    "lists in index": [*doubling("list"), ["pandas_index", ["plain", [[200], None, None]]]],
    "lists as levels": [*doubling("list"), ["pandas_index", ["multi", [[200], [200], [200]]]]],
    "lists as names": [*doubling("list"), ["pandas_empty", ["frame", [[200], [200]]]]],
    "zone path": [["ZoneInfo", "../../etc/passwd"]],
    "zone import": [["ZoneInfo", "a.b/c"]],
    "dtype": [["dtype", "O8,O8"]],
    "wide text": [["array", {"dtype": "<U9999999", "turned": False, "shape": [1], "values": [""]}]],
    "wide target": [["sparse", ["csc_matrix", 10**12, "<f8"]]],
    "no array": [["array", {"dtype": "<f8", "turned": False, "shape": [1], "data": "none"}]],
    "python's own": [["object", ["Target", {"__class__": 1}]]],
    "no attribute": [["object", ["Target", {"a b": 1}]]],
    "no module": [["network", {"class": "Sequential"}]],
}  # fmt: skip


@pytest.mark.parametrize("kind", NODES)
def test_hostile_nodes(data, kind):
    with pytest.raises(ModelFileError):
        load(with_nodes(data, NODES[kind]))


def test_trees_that_lead_astray_are_refused(data):
    """scikit-learn would follow them in compiled code, out of its memory or for ever."""
    parts = members(data)
    model, header, body = json.loads(parts[MODEL]), *_arrays(parts[ARRAYS])
    tree = next(node for node in model["nodes"] if node[0] == "tree" and _size(model, node) > 2)
    for field, value in (
        ("left_child", 0), ("left_child", 10**6), ("right_child", -5), ("feature", 99),
        ("feature", -1),
    ):  # fmt: skip
        name = model["nodes"][tree[1][2][field][0]][1]["data"]
        start = header[name]["data_offsets"][0]
        changed = bytearray(body)
        changed[start : start + 8] = value.to_bytes(8, "little", signed=True)
        with pytest.raises(ModelFileError, match="lead nowhere"):
            load(resealed(data, arrays=parts[ARRAYS][: -len(body)] + bytes(changed)))
    tree[1][0] += 1
    with pytest.raises(ModelFileError, match="more features"):
        load(resealed(data, model=json.dumps(model).encode()))


def _arrays(data):
    length = int.from_bytes(data[:8], "little")
    return json.loads(data[8 : 8 + length]), data[8 + length :]


def _size(model, node):
    return model["nodes"][node[1][2]["left_child"][0]][1]["shape"][0]


def mutated(data, rng):
    """Some bytes changed, removed, inserted or repeated."""
    data = bytearray(data)
    for _ in range(rng.randint(1, 5)):
        at, n = rng.randint(len(data)), rng.randint(1, 9)
        part = rng.randint(256, size=n).astype(np.uint8).tobytes()
        way = rng.randint(4)
        if way == 0:
            data[at : at + n] = part[: len(data[at : at + n])]
        elif way == 1:
            del data[at : at + n]
        elif way == 2:
            data[at:at] = part
        else:
            data[at:at] = data[at : at + n]
    return bytes(data)


def fuzz(data, n, seed):
    """Load mutated files, half of them with right digests; count errors and successes."""
    rng, parts = np.random.RandomState(seed), members(data)
    modules, counts = set(sys.modules), {"error": 0, "loaded": 0}
    for i in range(n):
        if i % 2:
            file = mutated(data, rng)
        else:
            name = ("model", "arrays")[i // 2 % 2]
            content = parts[{"model": MODEL, "arrays": ARRAYS}[name]]
            head = int.from_bytes(content[:8], "little") + 8 if name == "arrays" else len(content)
            file = resealed(data, **{name: mutated(content[:head], rng) + content[head:]})
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                load(file)
            counts["loaded"] += 1
        except ModelFileError as error:
            assert len(str(error)) < 600
            counts["error"] += 1
    new = {name for name in set(sys.modules) - modules if not name.startswith("encodings.")}
    assert not {name for name in new if name.split(".")[0] not in ("sklearn", "scipy", "numpy")}
    return counts


def test_mutated_files_are_errors(data):
    small = io.BytesIO()
    fitted("GaussianCopulaResampler").save(small)
    counts = fuzz(small.getvalue(), 300, seed=0)
    assert counts["error"] > 200


@pytest.mark.slow
def test_many_mutated_files_are_errors(data):
    small = io.BytesIO()
    fitted("GaussianCopulaResampler").save(small)
    assert fuzz(small.getvalue(), 90_000, seed=1)["error"] > 60_000
    assert fuzz(data, 10_000, seed=2)["error"] > 6_000
