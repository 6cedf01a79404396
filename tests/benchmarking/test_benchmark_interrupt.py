"""A real Ctrl-C: what is kept, what is shown, and that the rest equals a run without it."""

import csv
import json
import signal
import subprocess
import sys
import time

import numpy as np
import pytest
from sklearn.datasets import make_classification
from sklearn.model_selection import StratifiedKFold

from skgensample.benchmarking import BenchmarkInterrupted, clear_checkpoint, run_benchmark
from skgensample.benchmarking import _runner as runner_module
from skgensample.benchmarking._checkpoint import finished_folds
from skgensample.benchmarking._result import Cell

CV = StratifiedKFold(2)
STUDY = {
    "cv": CV,
    "learners": ["tree", "logistic"],
    "strategies": ["weights", "smote"],
    "ratios": [0.5, 1.0],
    "progress": False,
}
METRICS = ("ap", "auroc", "d_ap", "d_ap_low", "d_ap_high", "verdict")


@pytest.fixture(scope="module")
def data():
    return make_classification(n_samples=500, weights=[0.9], flip_y=0.05, random_state=0)


def _stop_after(monkeypatch, n):
    """Let the n-th further fit end in what Ctrl-C raises; returns what was run."""
    ran, run_cell = [], runner_module.run_cell

    def counted(fold, names, memory, settings):
        if len(ran) == n:
            raise KeyboardInterrupt
        ran.append((fold.number, names))
        return run_cell(fold, names, memory, settings)

    monkeypatch.setattr(runner_module, "run_cell", counted)
    return ran


def test_finished_folds_make_the_table_and_all_fits_are_kept(monkeypatch, data):
    whole = run_benchmark(*data, **STUDY)
    _stop_after(monkeypatch, 11)  # of 8 fits in each of two folds
    with pytest.raises(BenchmarkInterrupted) as stop:
        run_benchmark(*data, **STUDY)
    result = stop.value.result
    assert [row["n_folds"] for row in result.summary] == [1] * 8
    assert len(result.folds) == 11
    first = [record["ap"] for record in whole.folds[:8]]
    assert sorted(row["ap"] for row in result.summary) == sorted(first)
    assert "INCOMPLETE: the run was interrupted after 11 of 16 fits" in result.to_text()
    assert "fold 1 of 2." in result.to_text()


def test_half_a_fold_shows_what_there_is_of_it(monkeypatch, data, tmp_path):
    _stop_after(monkeypatch, 3)
    with pytest.raises(KeyboardInterrupt) as stop:
        run_benchmark(*data, **STUDY)
    result = stop.value.result
    reasons = [row["reason"] for row in result.summary]
    assert reasons.count(None) == 3 and reasons.count("not finished") == 5
    assert "as far as it is finished" in result.to_text()
    assert (tmp_path / "benchmark.txt") in result.save(tmp_path)


def test_before_the_first_fit_there_is_no_result(monkeypatch, data):
    _stop_after(monkeypatch, 0)
    with pytest.raises(BenchmarkInterrupted) as stop:
        run_benchmark(*data, **STUDY)
    assert stop.value.result is None


def test_a_later_call_runs_the_rest_only(monkeypatch, data, tmp_path):
    whole = run_benchmark(*data, **STUDY)
    with monkeypatch.context() as patch:
        _stop_after(patch, 5)
        with pytest.raises(BenchmarkInterrupted):
            run_benchmark(*data, **STUDY, checkpoint=tmp_path / "cells")
    ran = _stop_after(monkeypatch, 100)
    again = run_benchmark(*data, **STUDY, checkpoint=tmp_path / "cells")
    assert len(ran) == 16 - 5
    for old, new in zip(whole.summary, again.summary, strict=True):
        assert [new[name] for name in METRICS] == [old[name] for name in METRICS]
    for key, curve in whole.curves.items():
        np.testing.assert_array_equal(again.curves[key], curve)
    assert "5 of 16 fits are those of an earlier run." in again.notes


@pytest.mark.parametrize(
    "change",
    [
        {"random_state": 1},
        {"max_steps": 3},
        {"n_jobs": 2},
        {"cv": StratifiedKFold(3)},
        {"ratios": [0.6, 0.7]},
        {"learners": ["boosting"]},
        {"data": "cell"},
        {"data": "label"},
        {"version": "0"},
    ],
    ids=str,
)
def test_nothing_is_taken_from_another_study(monkeypatch, data, tmp_path, change):
    study = {**STUDY, "learners": ["tree"], "strategies": ["smote"]}
    folder = tmp_path / "cells"
    run_benchmark(*data, **study, checkpoint=folder)
    X, y = data[0].copy(), data[1].copy()
    change = dict(change)
    if change.get("data") == "cell":
        X[::250] += 1e-9
    if change.pop("data", None) == "label":
        y[np.flatnonzero(y == 0)[[0, -1]]] = 1
    if change.pop("version", None):
        monkeypatch.setattr(runner_module, "__version__", "0")
    ran = _stop_after(monkeypatch, 100)
    found = run_benchmark(X, y, **{**study, **change}, checkpoint=folder)
    # The rows without resampling do not depend on the ratios.
    reused = len(found.folds) - len(ran)
    assert reused == (2 if "ratios" in change else 0)


def test_the_source_of_the_package_counts(monkeypatch, data, tmp_path):
    from skgensample.benchmarking import _checkpoint

    study = {**STUDY, "strategies": []}
    run_benchmark(*data, **study, checkpoint=tmp_path)
    monkeypatch.setattr(_checkpoint, "_source_hash", lambda: "changed")
    ran = _stop_after(monkeypatch, 100)
    run_benchmark(*data, **study, checkpoint=tmp_path)
    assert len(ran) == 4


def test_damaged_files_are_run_again_and_cleared(monkeypatch, data, tmp_path):
    study, folder = {**STUDY, "strategies": []}, tmp_path / "cells"
    whole = run_benchmark(*data, **study, checkpoint=folder)
    files = sorted(folder.iterdir())
    files[0].write_bytes(files[0].read_bytes()[:100])
    files[1].write_bytes(b"")
    ran = _stop_after(monkeypatch, 100)
    again = run_benchmark(*data, **study, checkpoint=folder)
    assert len(ran) == 2
    assert [row["ap"] for row in again.summary] == [row["ap"] for row in whole.summary]
    (folder / "notes.txt").write_text("mine")
    clear_checkpoint(folder)
    assert [path.name for path in folder.iterdir()] == ["notes.txt"]


def test_what_failed_is_tried_again(monkeypatch, data, tmp_path):
    study = {**STUDY, "strategies": [], "learners": ["tree"]}

    def failing(fold, names, memory, settings):
        record = {"learner": names[0], "strategy": names[1], "ratio": names[2]}
        return Cell({**record, "fold": fold.number, "reason": "failed: memory"})

    with monkeypatch.context() as patch:
        patch.setattr(runner_module, "run_cell", failing)
        run_benchmark(*data, **study, checkpoint=tmp_path)
    ran = _stop_after(monkeypatch, 100)
    run_benchmark(*data, **study, checkpoint=tmp_path)
    assert len(ran) == 2


def test_the_fold_that_is_nearest_to_its_end_is_shown():
    plan = [(fold, ("tree", name, None)) for fold in (0, 1) for name in "abc"]
    done = [0, 3, 4]
    cells = [
        Cell({"fold": plan[n][0], "learner": "tree", "strategy": plan[n][1][1], "ratio": None})
        for n in done
    ]
    kept, numbers = finished_folds(cells, plan)
    assert numbers == [1]
    assert [cell.record.get("reason") for cell in kept] == [None, None, "not finished"]


@pytest.fixture
def command(tmp_path):
    """A study of some seconds as a command line, without its output folder."""
    pytest.importorskip("pandas")
    rng = np.random.default_rng(0)
    lines = ["x,z,home,bad"]
    for x, z in rng.normal(size=(700, 2)):
        lines.append(f"{x:.4f},{z:.4f},{rng.choice(['a', 'b'])},{int(x + z > 2)}")
    path = tmp_path / "table.csv"
    path.write_text("\n".join(lines), encoding="utf-8")
    command = [sys.executable, "-m", "skgensample", "benchmark", "--csv", str(path)]
    command += ["--target", "bad", "--learners", "forest,tree", "--folds", "2"]
    return [*command, "--strategies", "none,weights,smote"]


def _interrupt(command, tmp_path, ready):
    """Send SIGINT as soon as it is time: status, standard output and error of the process."""
    error = tmp_path / "error.txt"
    with open(error, "wb") as file:
        child = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=file, text=True)
        end = time.monotonic() + 120
        while not ready() and child.poll() is None and time.monotonic() < end:
            time.sleep(0.01)
        child.send_signal(signal.SIGINT)
        out, _ = child.communicate(timeout=120)
    return child.returncode, out, error.read_text(encoding="utf-8")


def _records(folder):
    with open(folder / "benchmark_folds.csv", newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    return {(r["learner"], r["strategy"], r["ratio"], r["fold"]): r for r in rows}


def test_ctrl_c_keeps_finished_fits_and_the_same_command_goes_on(command, tmp_path):
    out = tmp_path / "out"
    command = [*command, "--output", str(out)]
    unfinished = out / "unfinished"

    def some_are_finished():
        return len(list(unfinished.glob("*.npz"))) > 2

    status, printed, error = _interrupt(command, tmp_path, some_are_finished)
    assert status == 130, error
    assert "Traceback" not in error
    assert "INCOMPLETE: the run was interrupted after" in printed
    assert "the same command goes on from there" in error and str(unfinished) in error
    before = _records(out)
    assert 2 < len(before) < 20
    content = json.loads((out / "benchmark.json").read_text(encoding="utf-8"))
    assert content["info"]["incomplete"].startswith("INCOMPLETE")

    again = subprocess.run(command, capture_output=True, text=True, check=True)
    assert f"{len(before)} of 20 fits are those of an earlier run." in again.stdout
    assert "INCOMPLETE" not in again.stdout
    after = _records(out)
    assert len(after) == 20
    # Seconds differ from run to run: the same ones are those of the first run.
    assert all(after[key]["fit_s"] == record["fit_s"] for key, record in before.items())
    assert not unfinished.exists()


def test_ctrl_c_without_a_folder_says_that_nothing_is_kept(command, tmp_path):
    pytest.importorskip("tqdm")  # whose bar shows that the study has begun
    error_file = tmp_path / "error.txt"

    def begun():
        return error_file.exists() and error_file.stat().st_size > 0

    status, _, error = _interrupt(command, tmp_path, begun)
    assert status == 130, error
    assert "Traceback" not in error
    assert error.splitlines()[-1].startswith("skgensample: interrupted, INCOMPLETE")
    assert "--output was not given" in error
