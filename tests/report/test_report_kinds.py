"""Kinds of columns that a user declares, in the report and on its command line."""

import json
from pathlib import Path

import numpy as np
import pytest

from skgensample import QualityReport, TableSchema
from skgensample.cli import main
from skgensample.exceptions import PersonalColumnsError

pd = pytest.importorskip("pandas")


def tables(n=150):
    """Real and synthetic rows with names of shops that look like those of people."""
    made = []
    for seed in (0, 1):
        rng = np.random.RandomState(seed)
        frame = pd.DataFrame({"amount": rng.gamma(2, 20, n).round(2)})
        frame["plan"] = rng.randint(4, size=n)
        frame["customer_name"] = [f"Shop {i}" for i in rng.randint(40, size=n)]
        frame["note"] = [f"told {i * 7 + seed} of it" for i in range(n)]
        made.append(frame)
    return made


KINDS = {"customer_name": "category", "note": "text", "plan": "category"}


def test_declared_kinds():
    real, synthetic = tables()
    with pytest.raises(PersonalColumnsError, match=r"schema=\{name: 'category'\}"):
        QualityReport(real, synthetic)
    report = QualityReport(real, synthetic, schema=KINDS)
    kinds = {column.name: column.kind for column in report._tables.columns}
    assert kinds == {"amount": "float", "plan": "categorical", "customer_name": "categorical"}
    assert "Left out: note." in report.notes
    assert "schema={'customer_name': 'category', 'plan': 'category'}" in report.reproduce["call"]
    given = TableSchema({**KINDS, "customer_name": "identifier"})
    report = QualityReport(real, synthetic, ignore=["note"], schema=given)
    assert "Left out: note, customer_name." in report.notes


def test_bad_schemas():
    real, synthetic = tables()
    for schema, message in (
        ({"plam": "category"}, "schema names 'plam'.*did you mean 'plan'"),
        ({"plan": "categry"}, "did you mean 'category'"),
        ({"note": "number"}, "calls column 'note' a number, and it holds text"),
    ):
        with pytest.raises(ValueError, match=message):
            QualityReport(real, synthetic, ignore=["customer_name"], schema=schema)


def test_arrays_by_position():
    rng = np.random.RandomState(0)
    real, synthetic = (np.c_[rng.normal(size=80), rng.randint(3, size=80)] for _ in range(2))
    columns = QualityReport(real, synthetic, schema={1: "category"})._tables.columns
    assert [column.kind for column in columns] == ["float", "categorical"]


def test_on_the_command_line(tmp_path, capsys):
    paths = [str(tmp_path / name) for name in ("real.csv", "synthetic.csv", "report.json")]
    for frame, path in zip(tables(), paths):
        frame.to_csv(path, index=False)
    arguments = ["report", *paths[:2], "--output", paths[2], "--quiet"]
    assert main(arguments) == 0
    assert "Left out: customer_name, note." in json.loads(Path(paths[2]).read_text())["notes"]
    declared = ["--kind", "customer_name=category", "--kind", "plan=identifier"]
    assert main([*arguments, *declared]) == 0
    found = json.loads(Path(paths[2]).read_text())
    assert "Left out: note, plan." in found["notes"] and found["counts"]["columns"] == 2
    capsys.readouterr()
    assert main([*arguments, "--kind", "customer=category"]) == 2
    assert "--kind names 'customer'" in capsys.readouterr().err
    assert main([*arguments, "--kind", "note=number"]) == 2
    assert "--kind calls column 'note' a number" in capsys.readouterr().err
