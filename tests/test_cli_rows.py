"""`skgensample synthesize`, `resample`, `sample`, `report` and `schema`, from files to files."""

import inspect
import json
import os
import re
import subprocess
import sys

import numpy as np
import pytest

from skgensample import NumbaSMOTE
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


def test_resample_without_some_columns(marketing, tmp_path):
    given, path = marketing
    out = tmp_path / "balanced.csv"
    arguments = ["resample", path, "--target", "y", "--drop", "Name,Contacts during campaign"]
    assert main([*map(str, arguments), "--output", str(out), "--quiet"]) == 0
    rows = pd.read_csv(out)
    assert list(rows.columns) == [c for c in given if c not in arguments[-1].split(",")]
    assert rows["y"].value_counts().nunique() == 1
    pd.testing.assert_frame_equal(rows[: len(given)], given[rows.columns])


@pytest.mark.parametrize("options", [[], ["--memory", "16GB"]], ids=["whole", "in pieces"])
def test_numbers_of_people_are_refused(tmp_path, capsys, options):
    frame = pd.DataFrame({"phone": 4_915_000_000_000 + 7 * np.arange(200), "a": np.arange(200) % 7})
    frame["y"] = np.arange(200) % 4 == 0
    path, out = tmp_path / "table.csv", tmp_path / "out.csv"
    frame.to_csv(path, index=False)
    arguments = ["resample", str(path), "--target", "y", "--output", str(out), "--quiet", *options]
    assert main(arguments) == 2 and not out.exists()
    error = capsys.readouterr().err
    assert "Column 'phone' (" in error
    assert ("only where the table is in memory" if options else "--drop NAME") in error
    for way_out in ("--drop phone", "--kind phone=number", "--personal fake"):
        assert main([*arguments, *way_out.split()]) == (2 if options else 0)


def test_kinds_let_a_false_alarm_pass(tmp_path, capsys):
    frame = pd.DataFrame({"customer_id": np.arange(10**6, 10**6 + 400), "a": np.arange(400) % 7})
    frame["y"] = np.arange(400) % 2
    path, out = tmp_path / "table.csv", tmp_path / "out.csv"
    frame.to_csv(path, index=False)
    arguments = ["synthesize", str(path), "--target", "y", *MODEL, "--output", str(out), "--quiet"]
    assert main(arguments) == 2
    error = capsys.readouterr().err
    assert "--drop NAME" in error and "--kind NAME=category" in error
    assert "personal=" not in error and "schema=" not in error and "FakeColumns" not in error
    assert main([*arguments, "--kind", "customer_id=number"]) == 0
    assert main([*arguments, "--kind", "customer=number"]) == 2
    assert "--kind names 'customer'" in capsys.readouterr().err
    assert main([*arguments, "--kind", "customer_id=identifier"]) == 2
    assert "personal=" not in capsys.readouterr().err


def _report(path, out, *more):
    """Report of new rows as a dict, and the kept model."""
    from skgensample import load

    numbers, model = out.with_suffix(".json"), out.with_suffix(".skg")
    arguments = ["synthesize", str(path), "--target", "y", *MODEL, "--personal", "fake"]
    arguments += ["--output", str(out), "--report", str(numbers), "--save", str(model)]
    assert main([*arguments, *more]) == 0
    return json.loads(numbers.read_text()), load(model)


def test_a_report_holds_rows_back(marketing, tmp_path, capsys):
    given, path = marketing
    found, model = _report(path, tmp_path / "made.csv")
    counts = given["y"].value_counts().sort_index()
    n_out = sum(n // 5 for n in counts)
    assert model.class_prior_ == pytest.approx((counts - counts // 5) / (N - n_out))
    assert found["counts"]["real"] == N - n_out and found["counts"]["holdout"] == n_out
    assert f"{n_out} of {N} rows are held back" in capsys.readouterr().err
    assert len(pd.read_csv(tmp_path / "made.csv")) == N
    assert "privacy.membership" in found["measures"]
    assert found["verdict"]["utility"]["level"] != "unknown"
    again, _ = _report(path, tmp_path / "made.csv")
    assert again["measures"] == found["measures"]


def test_a_report_with_other_rows_trains_on_all(marketing, tmp_path, capsys):
    given, path = marketing
    found, model = _report(path, tmp_path / "made.csv", "--holdout", str(path))
    assert model.class_prior_ == pytest.approx(given["y"].value_counts(normalize=True).sort_index())
    assert found["counts"]["real"] == found["counts"]["holdout"] == N
    assert "held back" not in capsys.readouterr().err


def test_a_report_on_a_small_table_says_what_is_missing(marketing, tmp_path, capsys):
    given, _ = marketing
    path = tmp_path / "small.csv"
    given[:80].to_csv(path, index=False)
    found, _ = _report(path, tmp_path / "made.csv")
    assert "80 rows are too few to hold some back" in capsys.readouterr().err
    assert found["verdict"]["utility"]["level"] == found["verdict"]["privacy"]["level"] == "unknown"


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
    assert main([*[part for part in arguments if part != "--quiet"], "--drop", "start,end"]) == 0
    printed = capsys.readouterr()
    assert "--holdout FILE" in printed.out and "holdout=" not in printed.out
    assert printed.err == ""  # no progress bar in a pipe


def test_the_seed_of_a_sample_is_explained(capsys):
    with pytest.raises(SystemExit):
        main(["sample", "--help"])
    assert "the same seed gives the same rows" in " ".join(capsys.readouterr().out.split())


@pytest.mark.parametrize("error", [TypeError("no such thing"), KeyError("no such thing")])
def test_errors_of_any_kind_are_sentences(marketing, monkeypatch, capsys, error):
    def fails(*arguments, **options):
        raise error

    monkeypatch.setattr("skgensample.table_schema", fails)
    assert main(["schema", str(marketing[1])]) == 2
    assert capsys.readouterr().err == "skgensample: no such thing\n"


def test_a_pipe_is_refused_by_name(marketing, tmp_path, capsys):
    if not hasattr(os, "mkfifo"):
        pytest.skip("no named pipes here")
    os.mkfifo(tmp_path / "pipe")
    arguments = ["report", str(marketing[1]), str(marketing[1]), "--holdout"]
    for name, kind in ((tmp_path / "pipe", "a pipe or a device"), (tmp_path, "a folder")):
        assert main([*arguments, str(name)]) == 2
        error = capsys.readouterr().err
        assert f"{name} is {kind}" in error and error.count("\n") == 1
    assert main(["benchmark", "--csv", str(tmp_path / "pipe"), "--target", "y"]) == 2
    assert "give the name of a file" in capsys.readouterr().err


def test_schema(marketing, capsys):
    assert main(["schema", str(marketing[1])]) == 0
    printed = capsys.readouterr().out
    assert "personal (name)" in printed and "date" in printed
    assert "'start <= end'" in printed


def test_rules_of_the_schema_are_taken(tmp_path, capsys):
    rng = np.random.RandomState(0)
    frame = pd.DataFrame({"a": rng.randint(1, 99, N), "b": rng.randint(1, 99, N)})
    frame["sum"], frame["net-1"] = frame["a"] + frame["b"], frame["a"] - frame["b"]
    frame["city"] = rng.choice(list("uvwx"), N)
    frame["land"] = frame["city"].map(dict(zip("uvwx", "FFGG")))
    path, out = tmp_path / "table.csv", tmp_path / "out.csv"
    frame.to_csv(path, index=False)
    assert main(["schema", str(path)]) == 0
    rules = re.findall(r"^'(.*?)'  ", capsys.readouterr().out, re.MULTILINE)
    assert "sum = a + b" in rules and "together(city, land)" in rules
    arguments = ["synthesize", str(path), *MODEL, "--output", str(out), "--quiet"]
    assert main([*arguments, *(part for rule in rules for part in ("--constraint", rule))]) == 0
    made = pd.read_csv(out)
    assert (made["sum"] == made["a"] + made["b"]).all()
    assert (made["net-1"] == made["a"] - made["b"]).all()
    assert set(zip(made["city"], made["land"])) <= set(zip(frame["city"], frame["land"]))


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
        (["resample", "FILE", "--target", "y", "--ratio", "3"], "--ratio must be above 0"),
        (["synthesize", "FILE", "--drop", "Nmae"], "--drop: The table has no column 'Nmae'"),
        (["synthesize", "FILE", "--drop", "y", "--target", "y"], "no column 'y'"),
        (["resample", "FILE", "--target", "y", "--kind", "age=nmber"], "did you mean 'number'?"),
    ],
)
def test_mistakes_end_with_one_sentence(marketing, tmp_path, capsys, arguments, message):
    arguments = [str(marketing[1]) if part == "FILE" else part for part in arguments]
    output = [] if arguments[0] == "schema" else ["--output", str(tmp_path / "out.csv"), "--quiet"]
    assert main([*arguments, *output]) == 2
    error = capsys.readouterr().err
    assert message in error and error.count("\n") == 1
    assert not (tmp_path / "out.csv").exists()


def test_files_larger_than_memory_give_the_same_rows(tmp_path):
    pytest.importorskip("pyarrow")
    rng = np.random.default_rng(0)
    frame = pd.DataFrame(rng.normal(size=(500, 3)), columns=["a", "b", "c"])
    frame["y"] = (rng.random(500) < 0.1).astype(int)
    given, whole, pieces = (tmp_path / f"{name}.parquet" for name in ("given", "whole", "pieces"))
    frame.to_parquet(given)
    arguments = ["resample", str(given), "--target", "y", "--ratio", ".5", "--quiet", "--output"]
    assert main([*arguments, str(whole)]) == 0
    assert main([*arguments, str(pieces), "--memory", "4GB"]) == 0
    made, same = pd.read_parquet(whole), pd.read_parquet(pieces)
    assert len(made) > 600
    np.testing.assert_array_equal(made.to_numpy(float), same.to_numpy(float))
    assert main([*arguments, str(pieces), "--memory", "4GB", "--drop", "a"]) == 2
    assert main([*arguments, str(pieces), "--memory", "lots"]) == 2


@pytest.mark.parametrize("index", ["number", "text"])
@pytest.mark.parametrize("memory", [(), ("--memory", "8GB")])
def test_index_columns_of_pandas_are_no_features(index, memory, tmp_path):
    pytest.importorskip("pyarrow")
    rng = np.random.default_rng(0)
    frame = pd.DataFrame(rng.normal(size=(200, 2)), columns=["a", "b"])
    frame["y"] = rng.choice(2, 200, p=[0.8, 0.2])
    labels = np.arange(200) * 3 if index == "number" else rng.choice(["p", "q"], 200)
    frame.index = pd.Index(labels, name="key")
    given, output = tmp_path / "given.parquet", tmp_path / "all.parquet"
    frame.to_parquet(given)
    arguments = ["resample", str(given), "--target", "y", "--output", str(output), *memory]
    assert main([*arguments, "--quiet"]) == 0
    got = pd.read_parquet(output)
    want = NumbaSMOTE(random_state=0).fit_resample(frame[["a", "b"]], frame["y"])[0]
    np.testing.assert_array_equal(got[["a", "b"]].to_numpy(), want.to_numpy())
    assert got.index[:200].equals(pd.read_parquet(given).index) and got.index.name == "key"
    new = got.index[200:]
    assert new[0] == 598 and new.is_unique if index == "number" else new.isna().all()


def test_sample_to_train_on(tmp_path, capsys):
    pytest.importorskip("pyarrow")
    rng = np.random.default_rng(0)
    frame = pd.DataFrame(rng.normal(size=(300, 2)), columns=["a", "b"])
    frame["y"] = rng.choice(2, 300, p=[0.8, 0.2])
    given, output = tmp_path / "given.parquet", tmp_path / "all.parquet"
    frame.to_parquet(given)
    arguments = ["resample", str(given), "--target", "y", "--output", str(output), "--max-rows"]
    arguments += ["100", "--sampler", "GaussianCopulaResampler"]
    assert main(arguments) == 2 and "goes with --memory" in capsys.readouterr().err
    assert main([*arguments, "--memory", "8GB"]) == 0
    assert pd.read_parquet(output)["y"].value_counts().nunique() == 1


@pytest.mark.parametrize("memory", [(), ("--memory", "8GB")])
def test_samplers_without_torch_do_not_import_it(memory, tmp_path):
    pytest.importorskip("pyarrow")
    given, output = tmp_path / "given.csv", tmp_path / "all.csv"
    given.write_text("a,y\n" + "".join(f"{i}.5,{int(i < 9)}\n" for i in range(40)))
    arguments = ["resample", str(given), "--target", "y", "--output", str(output), *memory]
    code = f"""
        import sys
        from skgensample.cli import main
        assert main({arguments!r}) == 0 and "torch" not in sys.modules
    """
    subprocess.run([sys.executable, "-c", inspect.cleandoc(code)], check=True)
    assert output.read_text().count("\n") == 63
