"""Cached machine code never outlives the sources that it was compiled from, in tests at least."""

import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

import conftest
import skgensample

HELPER = """
import numba
@numba.njit
def helper(): return {}
"""
KERNEL = """
import numba
from helper import helper
@numba.njit("int64()", cache=True)
def kernel(): return helper()
print(kernel())
"""


def later(path, seconds):
    """Move a file's time of change."""
    changed = path.stat().st_mtime + seconds
    os.utime(path, (changed, changed))


def test_a_changed_helper_is_compiled_into_kernels_of_other_files(tmp_path):
    """What numba's own cache misses, and what is mended by dropping what is older."""
    helper, kernel = tmp_path / "helper.py", tmp_path / "kernel.py"
    kernel.write_text(KERNEL)

    def run():
        env = {key: value for key, value in os.environ.items() if key != "NUMBA_CACHE_DIR"}
        done = subprocess.run(
            [sys.executable, "kernel.py"], cwd=tmp_path, env=env, capture_output=True, check=True
        )
        return int(done.stdout)

    helper.write_text(HELPER.format(1))
    assert run() == 1
    helper.write_text(HELPER.format(2))
    later(helper, 60)
    assert run() == 1, "numba watches helpers now: drop_stale_kernels is not needed any more"
    conftest.drop_stale_kernels(tmp_path)
    assert run() == 2


def test_only_older_kernels_are_dropped(tmp_path):
    cache = tmp_path / "room" / "__pycache__"
    cache.mkdir(parents=True)
    source, outside = tmp_path / "room" / "_kernels.py", tmp_path / "compiling.py"
    names = {"old.py311.nbi", "old.py311.1.nbc", "new.py311.nbi", "_kernels.cpython-311.pyc"}
    for path in (source, outside, *(cache / name for name in names)):
        path.touch()
        later(path, -100 if path.name[:3] == "old" else 0)
    later(outside, -200)
    later(source, -50)
    conftest.drop_stale_kernels(source.parent, outside)
    assert {path.name for path in cache.iterdir()} == {"new.py311.nbi", "_kernels.cpython-311.pyc"}
    later(outside, 400)
    conftest.drop_stale_kernels(source.parent, outside)
    assert {path.name for path in cache.iterdir()} == {"_kernels.cpython-311.pyc"}


@pytest.mark.parametrize("worker", [False, True])
def test_the_controller_looks_at_every_folder_with_kernels(worker, monkeypatch):
    looked = []
    monkeypatch.setattr(conftest, "drop_stale_kernels", lambda *paths: looked.append(paths))
    config = SimpleNamespace(workerinput={}) if worker else SimpleNamespace()
    conftest.pytest_sessionstart(SimpleNamespace(config=config))
    package = Path(skgensample.__file__).parent
    using = {path.parent for path in package.rglob("*.py") if "compiled(" in path.read_text()}
    jit = package / "_runtime" / "jit.py"
    expected = set() if worker else {(room, jit) for room in using - {package, jit.parent}}
    assert set(looked) == expected
