"""Memory is estimated before it is taken."""

import subprocess
import sys

import numpy as np
import pytest
from scipy import sparse

import skgensample as sg
from skgensample._runtime import memory


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


@pytest.mark.slow
@pytest.mark.parametrize("name", ["NumbaSMOTE", "NumbaBorderlineSMOTE", "NumbaADASYN",
                                  "SafeLevelSMOTE", "NumbaRandomOverSampler",
                                  "SequentialTreesResampler"])  # fmt: skip
def test_15_000_categories_take_less_than_1_gb(name):
    pytest.importorskip("pandas")
    code = f"""
import resource
import numpy as np, pandas as pd, skgensample as sg
rng = np.random.default_rng(0)
n = 60_000
X = pd.DataFrame(rng.normal(size=(n, 3)), columns=list("abc"))
X["shop"] = [f"shop {{i}}" for i in rng.integers(0, 15_000, n)]
y = (rng.random(n) < 0.02).astype(int)
sg.{name}(random_state=0).fit_resample(X, y)
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""
    done = subprocess.run([sys.executable, "-c", code], check=True, stdout=subprocess.PIPE)
    assert int(done.stdout) < 1_000_000  # kilobytes


@pytest.mark.slow
def test_a_wide_sparse_table_stays_sparse():
    rng = np.random.default_rng(0)
    place = np.repeat(np.arange(300), 10), rng.integers(0, 1_000_000, 3_000)
    X = sparse.csr_matrix((rng.normal(size=3_000), place), shape=(300, 1_000_000))
    y = (np.arange(300) % 5 == 0).astype(int)
    X_all, y_all = sg.NumbaSMOTE(random_state=0).fit_resample(X, y)
    assert sparse.issparse(X_all) and X_all.shape == (480, 1_000_000) and y_all.sum() == 240
    with pytest.raises(MemoryError, match="dense rows and would need 2400000000 bytes"):
        sg.SequentialTreesResampler(random_state=0).fit_resample(X, y)
