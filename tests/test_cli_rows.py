"""`skgensample synthesize`, `resample`, `sample`, `report` and `schema`, from files to files."""

import subprocess
import sys

import numpy as np
import pytest

from skgensample.cli import main

pd = pytest.importorskip("pandas")
pytest.importorskip("faker")

N = 300


@pytest.fixture
def marketing(tmp_path):
    """Clients of a bank as a CSV file: names, phone numbers, dates, a rule, a rare class."""
    rng = np.random.default_rng(0)
    start = rng.integers(0, 300, N)
    day = pd.Timestamp("2023-01-01")
    first, last = rng.choice(["Ravi", "Anita", "Sunil"], N), rng.choice(["Rao", "Das", "Iyer"], N)
    frame = pd.DataFrame(
        {
            "Name": [f"{a} {b}{chr(97 + i % 26)}" for i, (a, b) in enumerate(zip(first, last))],
            "age": rng.integers(18, 80, N),
            "Job type": rng.choice(["management", "technician", "services"], N),
            "Contacts during campaign": rng.integers(6 * 10**9, 10**10 - 1, N),
            "start": (day + pd.to_timedelta(start, "D")).strftime("%Y-%m-%d"),
            "end": (day + pd.to_timedelta(start + rng.integers(0, 60, N), "D")).strftime(
                "%Y-%m-%d"
            ),
        }
    )
    frame["y"] = np.where(rng.random(N) < 0.1 + 0.2 * (frame["age"] > 60), "yes", "no")
    path = tmp_path / "marketing.csv"
    frame.to_csv(path, index=False)
    return frame, path


MODEL = ["--model", "GaussianCopulaResampler"]


def test_synthesize_then_sample(marketing, tmp_path, capsys):
    given, path = marketing
    made, model, more = (tmp_path / name for name in ("made.csv", "model.skg", "more.csv"))
    arguments = ["synthesize", path, "--target", "y", "--rows", "200", *MODEL, "--personal", "fake"]
    arguments += ["--where", "Job type=management", "--where", "age>=30", "--locale", "en_IN"]
    arguments += ["--constraint", "start <= end", "--save", model, "--output", made]
    assert main([*map(str, arguments)]) == 0
    rows = pd.read_csv(made)
    assert list(rows.columns) == list(given.columns) and len(rows) == 200
    assert set(rows["Job type"]) == {"management"} and rows["age"].min() >= 30
    assert (rows["start"] <= rows["end"]).all() and rows["start"].str.fullmatch(
        r"\d{4}-\d\d-\d\d"
    ).all()
    assert not set(rows["Name"]) & set(given["Name"])
    assert not set(rows["Contacts during campaign"]) & set(given["Contacts during campaign"])
    assert "generated 200 rows by GaussianCopulaResampler" in capsys.readouterr().err
    arguments = ["sample", model, "--rows", "50", "--class", "yes", "--output", more, "--quiet"]
    subprocess.run([sys.executable, "-m", "skgensample", *map(str, arguments)], check=True)
    rows = pd.read_csv(more)
    assert set(rows["y"]) == {"yes"} and len(rows) == 50 and (rows["start"] <= rows["end"]).all()
    from skgensample import load

    again, _ = load(model).sample(50, y="yes", random_state=0)
    assert rows["age"].tolist() == again["age"].tolist()
    assert rows["Name"].tolist() == again["Name"].tolist()


def test_resample_copies_the_given_lines(marketing, tmp_path):
    _, path = marketing
    out = tmp_path / "balanced.csv"
    arguments = ["resample", path, "--target", "y", "--ratio", ".8", "--personal", "fake", "--set"]
    assert main([*map(str, arguments), "k_neighbors=3", "--output", str(out), "--quiet"]) == 0
    assert out.read_text().startswith(path.read_text())
    counts = pd.read_csv(out)["y"].value_counts()
    assert counts["yes"] == int(0.8 * counts["no"])


def test_report_and_limits(marketing, tmp_path, capsys):
    _, path = marketing
    page, numbers = tmp_path / "report.html", tmp_path / "report.json"
    arguments = ["report", str(path), str(path), "--target", "y", "--quiet"]
    assert main([*arguments, "--output", str(page)]) == 0
    assert (
        page.read_text().lstrip().startswith("<!") and "Left out: Name" in capsys.readouterr().out
    )
    limits = ["--fail-under", "privacy.copies=.01"]
    assert main([*arguments, "--output", str(numbers), *limits]) == 1
    assert "FAILED: privacy.copies" in capsys.readouterr().err


def test_schema(marketing, capsys):
    assert main(["schema", str(marketing[1])]) == 0
    printed = capsys.readouterr().out
    assert "personal (name)" in printed and "date" in printed


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["synthesize", "FILE", "--target", "yy"], "did you mean 'y'?"),
        (["synthesize", "FILE", "--target", "y"], "personal"),
        (["synthesize", "FILE", "--target", "y", "--where", "aeg=3"], "did you mean 'age'?"),
        (["synthesize", "FILE", "--target", "y", "--where", "age~3"], "COLUMN=VALUE"),
        (["synthesize", "FILE", "--target", "y", "--where", "age=old"], "no value of column 'age'"),
        (["synthesize", "FILE", "--target", "y", "--constraint", "start"], "cannot be read"),
        (
            [
                "synthesize",
                "FILE",
                "--target",
                "y",
                "--personal",
                "fake",
                "--constraint",
                "end <= start",
            ],
            "'end'",
        ),
        (["synthesize", "FILE", "--target", "y", "--model", "Trees"], "not a generator"),
        (["synthesize", "FILE", "--locale", "de_DE"], "--locale needs --personal fake"),
        (["resample", "FILE", "--target", "Y"], "did you mean 'y'?"),
        (["resample", "FILE", "--target", "y", "--sampler", "NumbaSMOT"], "did you mean"),
        (["resample", "FILE", "--target", "y", "--set", "k=2"], "Invalid parameter"),
        (["resample", "no-such-file.csv", "--target", "y"], "No such file"),
        (["sample", "FILE", "--rows", "3"], "model"),
        (["schema", "no-such-file.csv"], "No such file"),
    ],
)
def test_mistakes_end_with_one_sentence(marketing, tmp_path, capsys, arguments, message):
    arguments = [str(marketing[1]) if part == "FILE" else part for part in arguments]
    output = [] if arguments[0] == "schema" else ["--output", str(tmp_path / "out.csv"), "--quiet"]
    assert main([*arguments, *output]) == 2
    error = capsys.readouterr().err
    assert message in error and error.count("\n") == 1
    assert not (tmp_path / "out.csv").exists()
