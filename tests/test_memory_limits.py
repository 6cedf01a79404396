"""Memory is estimated before it is taken."""

import os
import subprocess
import sys
import tracemalloc

import numpy as np
import pytest
from scipy import sparse

import skgensample as sg
from skgensample._runtime import memory
from skgensample.table import RowCodec, TableCodec


def test_available_memory_is_that_of_the_machine():
    psutil = pytest.importorskip("psutil")
    available = memory.available_memory()
    assert 0 < available <= psutil.virtual_memory().total
    assert memory._system_memory() == pytest.approx(psutil.virtual_memory().available, rel=0.5)


def test_resident_memory_follows_an_allocation():
    before = memory.resident_memory()
    block = np.ones(20_000_000)
    assert memory.resident_memory() - before > 0.9 * block.nbytes


@pytest.mark.parametrize(
    ("files", "left"),
    [
        ({"memory.max": "1000", "memory.current": "400", "memory.stat": "inactive_file 100"}, 700),
        ({"memory.max": "1000", "memory.current": "1400"}, 0),
        ({"memory.max": "max", "memory.current": "400"}, None),
        (
            {"memory/memory.limit_in_bytes": "900", "memory/memory.usage_in_bytes": "300",
             "memory/memory.stat": "cache 5\ninactive_file 50"}, 650,
        ),
        ({"memory/memory.limit_in_bytes": str(2**63), "memory/memory.usage_in_bytes": "3"}, None),
        ({}, None),
    ],
)  # fmt: skip
def test_control_groups(files, left, tmp_path):
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    assert memory._group_memory(tmp_path) == left


@pytest.mark.parametrize(
    ("lines", "left"), [("0::/job/step", 50), ("0::/job", 300), ("0::/", 700), ("", 700)]
)
def test_control_groups_above_that_of_the_process(lines, left, tmp_path):
    for group, limit in (("", 700), ("job", 300), ("job/step", 50)):
        (tmp_path / group).mkdir(exist_ok=True)
        (tmp_path / group / "memory.max").write_text(str(limit))
        (tmp_path / group / "memory.current").write_text("0")
    (tmp_path / "own").write_text(f"{lines}\n" if lines else "")
    assert memory._group_memory(tmp_path, tmp_path / "own") == left


@pytest.mark.parametrize(
    ("text", "n"),
    [("1GB", 10**9), ("1.5 GiB", 3 * 2**29), ("512mb", 512_000_000), (2048, 2048), ("3e3", 3_000)],
)  # fmt: skip
def test_amounts(text, n):
    assert memory.parse_bytes(text) == n


@pytest.mark.parametrize("text", ["", "GB", "-1GB", "1 pound", "0", None, True, "0.1"])
def test_amounts_that_are_none(text):
    with pytest.raises(ValueError, match="memory must be an amount"):
        memory.parse_bytes(text)


def test_more_than_there_is_is_refused():
    memory.refuse_beyond(100, "It", "take less.", limit=100)
    with pytest.raises(sg.MemoryLimitError, match=r"It would need about 1,001 bytes .* 1,000 are"):
        memory.refuse_beyond(1001, "It", "take less.", limit=1000)
    assert issubclass(sg.MemoryLimitError, MemoryError)


def many_rows(X, **options):
    y = np.arange(X.shape[0]) % 3 == 0
    sampler = sg.NumbaSMOTE(sampling_strategy={True: 10**12}, random_state=0, **options)
    with pytest.raises(MemoryError, match=r"new rows of \d+ columns would need .*resample_dataset"):
        sampler.fit_resample(X, y)


def test_new_rows_that_do_not_fit_are_refused_before_they_are_made():
    X = np.random.default_rng(0).normal(size=(60, 5))
    many_rows(X)
    many_rows(sparse.csr_matrix(X))
    pd = pytest.importorskip("pandas")
    many_rows(pd.DataFrame(X, columns=list("abcde")).assign(text="a"))


def test_generators_refuse_too():
    X = np.random.default_rng(0).normal(size=(60, 5))
    sampler = sg.GaussianCopulaResampler(sampling_strategy={1: 10**12})
    with pytest.raises(MemoryError, match="ask for fewer with sampling_strategy"):
        sampler.fit_resample(X, np.arange(60) % 3 == 0)


def test_nothing_is_looked_up_for_small_results(monkeypatch):
    def fail():
        raise AssertionError

    monkeypatch.setattr(memory, "available_memory", fail)
    X = np.random.default_rng(0).normal(size=(60, 5))
    sg.NumbaSMOTE().fit_resample(X, np.arange(60) % 3 == 0)


SAMPLERS = [name for name in sg.__all__ if hasattr(getattr(sg, name), "fit_resample")]
SAMPLERS.remove("DaskResampler")
GENERATORS = [name for name in SAMPLERS if hasattr(getattr(sg, name), "sample")]
NETWORKS = [name for name in GENERATORS if "max_steps" in getattr(sg, name)().get_params()]


def small(name, **options):
    """A sampler that trains for a few steps only."""
    steps = {"max_steps": 5} if name in NETWORKS else {}
    return getattr(sg, name)(random_state=0, **steps, **options)


def table_for(name, n=600):
    """Codes for SMOTEN, which has no other columns; numbers for the others."""
    rng = np.random.default_rng(0)
    X = rng.normal(size=(n, 5)) if name != "NumbaSMOTEN" else rng.integers(0, 9, (n, 5))
    return X, (np.arange(n) % 6 == 0).astype(int)


@pytest.mark.parametrize("name", SAMPLERS)
def test_every_sampler_refuses_more_rows_than_fit(name, monkeypatch):
    """Before it encodes anything."""
    sampler = small(name, sampling_strategy={1: 10**8})

    def fail(*given):
        raise AssertionError

    for codec in (TableCodec, RowCodec):
        monkeypatch.setattr(codec, "fit_extend", fail)
    monkeypatch.setattr(memory, "available_memory", lambda: 2_000_000_000)
    with pytest.raises(MemoryError, match=r"99,999,900 new rows of 5 columns would need about "):
        sampler.fit_resample(*table_for(name))


@pytest.mark.parametrize("name", GENERATORS)
def test_samples_that_do_not_fit_are_refused(name, monkeypatch):
    model = small(name).fit(*table_for(name))

    def fail(*given):
        raise AssertionError

    monkeypatch.setattr(model, "_draw", fail)
    monkeypatch.setattr(memory, "available_memory", lambda: 2_000_000_000)
    with pytest.raises(MemoryError, match="1,000,000,000 rows of 5 columns would need about 80,"):
        model.sample(10**9, y=1)
    with pytest.raises(MemoryError, match="another random_state in each"):
        model.sample(10**9, y=1, conditions={0: (0, None)})


def rows_that_fit(sampler, X, available, monkeypatch):
    """Whether a sampler's estimate for a table is below what is available."""
    monkeypatch.setattr(memory, "NEVER_REFUSED", 0)
    monkeypatch.setattr(memory, "available_memory", lambda: available)
    try:
        sampler.fit_resample(X, np.arange(X.shape[0]) % 4 == 0)
    except MemoryError:
        return False
    return True


def test_estimates_follow_the_table(monkeypatch):
    """A result of 1,500 rows: of numbers in one array, of other tables next to its encoding."""
    X = np.random.default_rng(0).normal(size=(1_000, 10))
    smote, repeat = sg.NumbaSMOTE(random_state=0), sg.NumbaRandomOverSampler(random_state=0)
    result = 1_500 * 80
    for sampler in (smote, repeat):
        assert rows_that_fit(sampler, X, result, monkeypatch)
        assert not rows_that_fit(sampler, X, result - 1, monkeypatch)
        assert rows_that_fit(sampler, X.astype(np.float32), result / 2, monkeypatch)
    narrow = sparse.csr_matrix(X * (X > 1))
    row = narrow.nnz / 1_000 * 12 + 8
    assert rows_that_fit(smote, narrow, 3_000 * row, monkeypatch)
    assert not rows_that_fit(smote, narrow, 3_000 * row - 1, monkeypatch)


@pytest.mark.parametrize("frames", ["pandas", "polars", "pyarrow"])
def test_estimates_of_frames(frames, monkeypatch):
    module = pytest.importorskip(frames)
    columns = {str(j): np.arange(1_000, dtype="f4") * (j + 1) for j in range(10)}
    make = module.table if frames == "pyarrow" else module.DataFrame
    needed = 1_500 * (40 + 40)  # the result, and all rows encoded
    assert rows_that_fit(sg.NumbaSMOTE(random_state=0), make(columns), needed, monkeypatch)
    assert not rows_that_fit(sg.NumbaSMOTE(random_state=0), make(columns), needed - 1, monkeypatch)


CATEGORIES = """
import warnings
import numpy as np, pandas as pd, skgensample as sg
warnings.simplefilter("ignore")

def field(name):
    return next(int(line.split()[1]) for line in open("/proc/self/status") if name in line)

rng = np.random.default_rng(0)
n = 20_000
X = pd.DataFrame(rng.normal(size=(n, 3)), columns=list("abc"))
if {name!r} == "NumbaSMOTEN":
    X = X.round().astype(int).astype(str)
X["shop"] = [f"shop {{i}}" for i in rng.permutation(np.arange(n) % 15_000)]
y = (rng.random(n) < 0.02).astype(int)
sampler = sg.{name}(random_state=0, schema={{"shop": "category"}}, **{options})
before = field("VmRSS")
assert len(sampler.fit_resample(X, y)[0]) > 39_000
print(field("VmHWM") - before)
"""


@pytest.mark.slow
@pytest.mark.skipif(not os.path.exists("/proc/self/status"), reason="no /proc to read memory from")
@pytest.mark.parametrize("name", SAMPLERS)
def test_15_000_categories_take_less_than_1_gb(name):
    pytest.importorskip("pandas")
    code = CATEGORIES.format(name=name, options={"max_steps": 20} if name in NETWORKS else {})
    done = subprocess.run([sys.executable, "-c", code], check=True, stdout=subprocess.PIPE)
    assert int(done.stdout) < 1_000_000  # kilobytes


#: Samplers of dense rows only.
DENSE = [*GENERATORS, "NumbaSMOTEN", "NumbaSMOTENC"]


@pytest.mark.parametrize("name", SAMPLERS)
def test_a_wide_sparse_table_stays_sparse(name):
    rng = np.random.default_rng(0)
    place = np.repeat(np.arange(300), 10), rng.integers(0, 1_000_000, 3_000)
    X = sparse.csr_matrix((rng.normal(size=3_000), place), shape=(300, 1_000_000))
    y = (np.arange(300) % 10 == 0).astype(int)
    options = {"categorical_features": [0]} if name == "NumbaSMOTENC" else {}
    sampler = small(name, **options)
    if name in DENSE:
        with pytest.raises(MemoryError, match="dense rows and would need 2400000000 bytes"):
            sampler.fit_resample(X, y)
        return
    tracemalloc.start()
    try:
        X_all, y_all = sampler.fit_resample(X, y)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert sparse.issparse(X_all) and X_all.shape == (540, 1_000_000) and y_all.sum() == 270
    assert peak < 200_000_000
