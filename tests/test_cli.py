"""The command line, from arguments to files."""

import csv
import json
import subprocess
import sys

import numpy as np
import pytest

import skgensample
from skgensample.cli import main

pytest.importorskip("pandas")


@pytest.fixture
def loans(tmp_path):
    """A small CSV file with text, gaps and a target of words."""
    rng = np.random.default_rng(0)
    lines = ["amount;home;age;when;verdict"]
    for n in range(240):
        amount = rng.normal()
        age = "" if n % 11 == 0 else rng.integers(20, 70)
        home = "" if n % 13 == 0 else rng.choice(["rent", "own", "with parents"])
        verdict = "fraud" if amount + rng.normal() > 1.9 else "fine"
        lines.append(f"{amount:.4f};{home};{age};2024-01-{1 + n // 10:02};{verdict}")
    path = tmp_path / "loans.csv"
    path.write_text("\n".join(lines), encoding="utf-8")
    return str(path)


def _run(*arguments):
    return main(["benchmark", "--quiet", *arguments])


def test_table_and_files_of_a_csv_with_text_and_gaps(loans, tmp_path, capsys):
    out = tmp_path / "made" / "here"
    arguments = ["--csv", loans, "--target", "verdict", "--learners", "tree,logistic"]
    arguments += ["--strategies", "none,tuned,smote,numba-smote", "--ratios", ".01,1"]
    arguments += ["--folds", "2", "--drop", "when", "--seed", "3", "--output", str(out)]
    assert _run(*arguments) == 0
    printed = capsys.readouterr().out
    assert "Decision tree, depth 5" in printed
    assert "n/a: the training window already has a ratio" in printed
    assert "one-hot encoded" in printed
    assert "Command: skgensample benchmark --quiet" in printed
    assert "Seed 3, " in printed
    names = {"benchmark.txt", "benchmark.csv", "benchmark_folds.csv", "benchmark.json"}
    assert names <= {path.name for path in out.iterdir()}
    assert (out / "benchmark.txt").read_text(encoding="utf-8") in printed
    with open(out / "benchmark.csv", newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 2 * 6
    content = json.loads((out / "benchmark.json").read_text(encoding="utf-8"))
    assert content["info"]["command"].startswith("skgensample benchmark --quiet --csv")
    assert content["info"]["random_state"] == 3
    assert content["info"]["scarce_class"] == "fraud"


def test_time_gives_chronological_folds(loans, capsys):
    arguments = ["--csv", loans, "--target", "verdict", "--time", "when", "--folds", "2"]
    assert _run(*arguments, "--learners", "tree", "--strategies", "none") == 0
    assert "2 folds in order of when" in capsys.readouterr().out


def test_leak_is_shown_when_asked_for(loans, capsys):
    arguments = ["--csv", loans, "--target", "verdict", "--folds", "2", "--show-leak"]
    assert _run(*arguments, "--learners", "tree", "--strategies", "none") == 0
    printed = capsys.readouterr().out
    assert "SMOTE, LEAKED" in printed
    assert "DEMONSTRATION ONLY" in printed


def test_list_names_learners_and_strategies(capsys):
    assert main(["benchmark", "--list"]) == 0
    printed = capsys.readouterr().out
    for name in ("xgboost-half", "numba-smote", "ctgan", "leak"):
        assert name in printed


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--csv", "LOANS"], "needs the name of its target"),
        (["--csv", "LOANS", "--target", "nope"], "No column nope"),
        (["--csv", "LOANS", "--target", "verdict", "--learners", "oracle"], "Unknown learner"),
        (["--transactions", "no-such-file.parquet"], "no-such-file.parquet"),
    ],
)
def test_mistakes_end_with_one_sentence(loans, capsys, arguments, message):
    assert _run(*[loans if part == "LOANS" else part for part in arguments]) == 2
    error = capsys.readouterr().err
    assert message in error
    assert error.startswith("skgensample: ")
    assert "Traceback" not in error


def test_data_options_exclude_each_other(capsys):
    with pytest.raises(SystemExit, match="2"):
        main(["benchmark", "--small", "--csv", "x.csv"])
    assert "not allowed with" in capsys.readouterr().err


def test_module_is_the_command():
    found = subprocess.run(
        [sys.executable, "-m", "skgensample", "--version"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert found.stdout == f"skgensample {skgensample.__version__}\n"
