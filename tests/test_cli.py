"""The command line, from arguments to files."""

import csv
import gzip
import json
import re
import subprocess
import sys

import numpy as np
import pytest

import skgensample
from skgensample.benchmarking import LEARNERS, Learner
from skgensample.benchmarking import _data as tables_module
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


GIVEN = ["--csv", "LOANS", "--target", "verdict"]


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
    assert "Seed 3, " in " ".join(printed.split())
    names = {"benchmark.txt", "benchmark.csv", "benchmark_folds.csv", "benchmark.json"}
    assert names <= {path.name for path in out.iterdir()}
    written = (out / "benchmark.txt").read_text(encoding="utf-8")
    summary, details = written.split("\n\n\n")
    assert summary in printed and "Decision tree, depth 5" in details
    with open(out / "benchmark.csv", newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 2 * 6
    content = json.loads((out / "benchmark.json").read_text(encoding="utf-8"))
    assert content["info"]["command"].startswith("skgensample benchmark --quiet --csv")
    assert content["info"]["random_state"] == 3
    assert content["info"]["minority_class"] == "fraud"


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
    names = ("xgboost-half", "numba-smote", "ctgan", "tvae", "copula", "smotenc", "leak")
    for name in (*names, "WGANOversampler", "SVMSMOTE", "TomekLinks"):
        assert name in printed
    assert "* autoregressive AutoregressiveResampler" in printed
    assert "QualityReport" not in printed


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--csv", "LOANS"], "needs the name of its target"),
        (["--csv", "LOANS", "--target", "nope"], "No column nope"),
        (["--csv", "LOANS", "--target", "Verdikt"], "No column Verdikt (did you mean verdict?)"),
        (["--csv", "LOANS", "--target", "home"], "Target home has a missing cell in row 0"),
        (["--csv", "LOANS", "--target", "when"], "Target when has 24 different values"),
        ([*GIVEN, "--time", "amount", "--card", "when"], "dates"),
        ([*GIVEN, "--learners", "oracle"], "Unknown learner"),
        (
            [*GIVEN, "--learners", "xgbost"],
            "Unknown learner xgbost (did you mean xgboost?)",
        ),
        (
            [*GIVEN, "--samplers", "numbasmot"],
            "Unknown sampler numbasmot (did you mean NumbaSMOTE?)",
        ),
        ([*GIVEN, "--start", "2024-01-01"], "does not go with"),
        (["--target", "verdict"], "--target needs --csv"),
        (["--csv", "no-such-file.csv", "--target", "y"], "No such file or directory: no-such-file"),
        (["--csv", "BINARY", "--target", "y"], "is not text in UTF-8"),
        (["--csv", "EMPTY", "--target", "y"], "cannot be read as a table"),
        (["--csv", "RAGGED", "--target", "y"], "cannot be read as a table"),
        (["--csv", "NAMELESS", "--target", "y"], "--no-header"),
        (["--csv", "FOLDER", "--target", "y"], "is a folder"),
        (["--transactions", "no-such-file.parquet"], "no-such-file.parquet"),
        (["--transactions", "TORN.csv.gz"], "cannot be read as a table: Compressed file ended"),
        (["--transactions", "TORN.parquet"], "cannot be read as a table"),
        (["--transactions", "LOANS"], "Card transactions need the columns"),
        ([*GIVEN, "--output", "LOANS"], "File exists"),
    ],
)
def test_mistakes_end_with_one_sentence(damaged, capsys, arguments, message):
    assert _run(*[damaged.get(part, part) for part in arguments]) == 2
    error = capsys.readouterr().err
    assert message in error
    assert error.startswith("skgensample: ")
    assert error.count("\n") == 1


@pytest.fixture
def damaged(loans, tmp_path):
    """Paths of a good table and of files that are no tables, by their name in capitals."""
    torn = gzip.compress(b"a,b\n" + bytes(range(48, 58)) * 5000)
    contents = {
        "BINARY": b"\xff\xfe\x00\x81",
        "EMPTY": b"",
        "RAGGED": b"x,y\n1,0\n2,1,5\n",
        "NAMELESS": b"3,0.5,a\n4,1.5,b\n",
        "TORN.csv.gz": torn[: len(torn) // 2],
        "TORN.parquet": b"PAR1 and nothing more",
    }
    paths = {"LOANS": loans, "FOLDER": str(tmp_path)}
    for name, content in contents.items():
        path = tmp_path / name.lower()
        path.write_bytes(content)
        paths[name] = str(path)
    return paths


def test_a_first_row_of_data_is_not_repeated(damaged, capsys):
    assert _run("--csv", damaged["NAMELESS"], "--target", "y") == 2
    assert "0.5" not in capsys.readouterr().err


@pytest.mark.parametrize(
    "arguments", [["--ratios", "x"], ["--seed", "-1"], ["--max-steps", "0"], ["--folds", "x"]]
)
def test_options_that_cannot_be_read_are_refused(capsys, arguments):
    with pytest.raises(SystemExit, match="2"):
        _run(*arguments)
    error = capsys.readouterr().err
    assert "expected" in error or "invalid int value" in error


def test_small_of_a_table_of_ones_own(tmp_path, capsys, monkeypatch):
    """A quick study: 2 folds, three learners, and a subset with the table's share of positives."""
    monkeypatch.setattr(tables_module, "SMALL_ROWS", 600)
    path = tmp_path / "table.csv"
    rng = np.random.default_rng(0)
    rows = [f"{x:.3f},{int(x > 0.85)}" for x in rng.normal(size=2000)]
    path.write_text("x,bad\n" + "\n".join(rows), encoding="utf-8")
    assert _run("--csv", str(path), "--target", "bad", "--small", "--strategies", "none") == 0
    printed = capsys.readouterr().out
    assert "table.csv: 600 of 2000 rows (--small)" in printed
    assert "2 stratified folds" in printed
    assert "Decision tree" in printed and "Logistic regression" not in printed


def test_a_table_of_which_no_row_could_be_run_is_a_failure(loans, capsys, monkeypatch):
    def refuse(*_):
        raise RuntimeError("not today")

    monkeypatch.setitem(LEARNERS, "refusing", Learner("Refusing", refuse))
    arguments = ["--csv", loans, "--target", "verdict", "--folds", "2", "--learners", "refusing"]
    assert _run(*arguments, "--strategies", "none") == 1
    printed = capsys.readouterr()
    assert "n/a: failed: RuntimeError: not today" in printed.out
    assert "no row of the table could be run" in printed.err


#: Makes modules look as if they were not installed, to `import` and to `find_spec`.
HIDER = """
import sys

class Hider:
    def __init__(self, finder):
        self.finder = finder

    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in {hidden!r}:
            return None
        return self.finder.find_spec(name, path, target)

sys.meta_path[:] = [Hider(finder) for finder in sys.meta_path]
from skgensample.cli import main
sys.exit(main({arguments!r}))
"""


def _without(hidden, arguments):
    """The finished process of the command line where some modules are not installed."""
    code = HIDER.format(hidden=hidden, arguments=arguments)
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)


@pytest.mark.parametrize(
    ("module", "arguments", "extra"),
    [
        ("pandas", GIVEN, "benchmark"),
        ("pandas", ["--small"], "pandas"),
        ("pyarrow", ["--transactions", "TORN.parquet"], "pandas"),
        ("xgboost", [*GIVEN, "--learners", "xgboost"], "benchmark"),
    ],
)
def test_a_missing_package_is_named_with_its_extra(damaged, module, arguments, extra):
    arguments = ["benchmark", *(damaged.get(part, part) for part in arguments)]
    found = _without([module], arguments)
    assert found.returncode == 2, found.stderr
    assert found.stderr.startswith("skgensample: ") and found.stderr.count("\n") == 1
    assert module in found.stderr and f"pip install 'skgensample[{extra}]'" in found.stderr


def test_a_study_runs_without_what_it_can_do_without(loans, tmp_path):
    modules = ["torch", "xgboost", "tqdm", "matplotlib", "pyarrow", "polars"]
    arguments = ["benchmark", "--csv", loans, "--target", "verdict", "--folds", "2"]
    arguments += ["--samplers", "CopulaGANResampler,TVAEResampler,NumbaSMOTENC", "--ratios", "1"]
    arguments += ["--learners", "tree,xgboost", "--output", str(tmp_path / "out")]
    found = _without(modules, arguments)
    assert found.returncode == 0, found.stderr
    assert "no progress bar: tqdm is not installed" in found.stderr
    assert "no plot: matplotlib is not installed" in found.stderr
    text = " ".join(found.stdout.split())
    for name in ("xgboost", "CopulaGANResampler", "tvae"):
        assert f"Note: {name} is left out" in text
    assert re.search(r"NumbaSMOTENC 1 \d+\.\d", text)
    assert not (tmp_path / "out" / "benchmark.png").exists()


def test_help_names_every_option_with_a_sentence(capsys):
    with pytest.raises(SystemExit, match="0"):
        main(["benchmark", "--help"])
    text = capsys.readouterr().out
    assert "frauds" not in text and "scarce" not in text
    for name in ("GAN, CTGAN,", "needs --target", "examples:"):
        assert name in text


def test_data_sources_exclude_each_other(capsys):
    with pytest.raises(SystemExit, match="2"):
        main(["benchmark", "--transactions", "x.parquet", "--csv", "x.csv"])
    assert "not allowed with" in capsys.readouterr().err


def test_module_is_the_command():
    found = subprocess.run(
        [sys.executable, "-m", "skgensample", "--version"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert found.stdout == f"skgensample {skgensample.__version__}\n"
