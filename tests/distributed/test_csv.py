"""CSV files of `resample_dataset`: types of columns, and new rows spelled as the given ones."""

import io

import numpy as np
import pandas as pd
import pytest

import skgensample as sg
from skgensample.cli import main
from skgensample.distributed import resample_dataset

pa = pytest.importorskip("pyarrow")
N = 300


def lines(name="z", cell=None, label=str):
    """Lines of a file with three numbers, a column of text cells, and labels."""
    rng = np.random.default_rng(0)
    numbers, y = rng.normal(size=(N, 3)).round(6), rng.choice(2, N, p=[0.85, 0.15])
    header = ["a", "b", "c", *([name] if cell else []), "Class"]
    rows = [
        [*map(str, numbers[i]), *([cell(i)] if cell else []), label(int(y[i]))] for i in range(N)
    ]
    return [",".join(row) for row in (header, *rows)]


def resampled(path, data, **options):
    """Bytes of the result for a file of these bytes."""
    path.write_bytes(data)
    output = path.with_name("all.csv")
    resample_dataset(path, output, target="Class", sampler=sg.NumbaSMOTE(random_state=0),
                     memory="8GB", **options)  # fmt: skip
    return output.read_bytes()


def text(given, end="\n"):
    return (end.join(given) + end).encode()


SPELLED = {
    "zip code": lambda i: f"{i % 28 + 1:05d}",
    "True": lambda i: "True" if i % 3 else "False",
    "yes": lambda i: "yes" if i % 3 else "no",
    "cents": lambda i: f"{i / 7:.2f}",
    "whole floats": lambda i: f"{i % 9}.0",
    "some places": lambda i: str(i % 9 / 8 + 1 / 16),
    "hexadecimal": lambda i: "0x1F" if i % 2 else "0x20",
    "date": lambda i: f"2024-01-{i % 28 + 1:02d}",
    "None": lambda i: "None" if i % 3 == 0 else "q",
    "empty": lambda i: "" if i % 3 == 0 else str(i * 7 % 50),
    "exponent": lambda i: f"{i}e-3",
}


@pytest.mark.parametrize("name", SPELLED)
def test_new_rows_are_those_of_the_command_in_memory(name, tmp_path):
    got = resampled(tmp_path / "given.csv", text(lines(cell=SPELLED[name])))
    given, output = tmp_path / "given.csv", tmp_path / "memory.csv"
    arguments = ["resample", str(given), "--target", "Class", "--output", str(output), "--quiet"]
    assert main(arguments) == 0
    options = {"dtype": str, "na_values": "None"}
    got, want = (pd.read_csv(io.BytesIO(t), **options) for t in (got, output.read_bytes()))
    pd.testing.assert_frame_equal(got.drop(columns="a"), want.drop(columns="a"))


@pytest.mark.parametrize(
    "labels", [("00", "01"), ("False", "True"), ("0.0", "1.0"), ("no", "yes"), ("1.00", "2.00")]
)
def test_labels_are_spelled_as_given(labels, tmp_path):
    got = resampled(tmp_path / "given.csv", text(lines(label=lambda y: labels[y])))
    y = pd.read_csv(io.BytesIO(got), dtype=str)["Class"]
    assert sorted(set(y)) == sorted(labels) and len(set(y.value_counts())) == 1


@pytest.mark.parametrize(
    "form",
    ["%Y-%m-%dT%H:%M:%S", "%Y-%m-%dT%H:%M:%SZ", "%Y-%m-%d %H:%M", "%Y-%m-%d %H:%M:%S.%f"],
)
def test_times_are_spelled_as_given(form, tmp_path):
    times = pd.Timestamp("2024-03-01 10:00") + pd.to_timedelta(np.arange(N) * 7, "min")
    got = resampled(tmp_path / "given.csv", text(lines(cell=lambda i: times[i].strftime(form))))
    new = pd.read_csv(io.BytesIO(got), dtype=str)["z"][N:]
    found = pd.to_datetime(new, format=form, exact=True)
    assert (found.dt.strftime(form) == new).all() and found.nunique() > 100


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("last", [True, False])
def test_line_ends_are_those_of_the_file(end, last, tmp_path):
    given = text(lines(cell=lambda i: '"x\ny, ""q"""' if i % 2 else "plain"), end)
    given = given if last else given.removesuffix(end.encode())
    got = resampled(tmp_path / "given.csv", given)
    assert got.startswith(given)
    outside = b"".join(got.split(b'"')[::2])
    assert outside.count(b"\n") == (outside.count(b"\r") if end != "\r" else 0) or end == "\n"
    assert got.endswith(end.encode()) and (b"\r" in outside) == (end != "\n")
    if end != "\r":
        new = pd.read_csv(io.BytesIO(got), lineterminator=None)["z"][N:]
        assert set(new) <= {"plain", 'x\ny, "q"'}


def test_quotes_are_those_of_the_file(tmp_path):
    given = lines(cell=lambda i: "pqr"[i % 3])
    bare = resampled(tmp_path / "given.csv", text(given))
    assert b'"' not in bare
    given = ['"a","b","c","z","Class"', *(x.replace(",p,", ',"p",') for x in given[1:])]
    assert resampled(tmp_path / "given.csv", text(given)).count(b'"q"') > 10


def test_numbers_with_leading_zeros_are_text_in_parquet(tmp_path):
    (tmp_path / "given.csv").write_bytes(text(lines(cell=SPELLED["zip code"])))
    sampler = sg.NumbaSMOTE(random_state=0)
    resample_dataset(tmp_path / "given.csv", tmp_path / "all.parquet", target="Class",
                     sampler=sampler, memory="8GB")  # fmt: skip
    got = pd.read_parquet(tmp_path / "all.parquet")["z"]
    assert set(got[N:]) <= set(got[:N]) and (got.str.len() == 5).all()


DAMAGED = {
    "short": (text([*lines(), "1,2"]), "row 300 has 2 cells, not 4"),
    "long": (text([*lines(), "1,2,3,secret,5"]), "row 300 has 5 cells, not 4"),
    "repeated": (text(lines()).replace(b"a,b,c", b"a,a,c", 1), r"not unique: .*\['a'\]"),
    "latin": (text(lines()).replace(b"a,b", b"\xe4,b", 1), "no text in UTF-8"),
    "utf-16": (text(lines()).decode().encode("utf-16"), "no text in UTF-8"),
    "empty": (b"", "no header"),
    "only a header": (b"a,b,Class\n", "no rows"),
}


@pytest.mark.parametrize("name", DAMAGED)
def test_damaged_files_are_named_and_no_cell_is_shown(name, tmp_path):
    data, message = DAMAGED[name]
    with pytest.raises(ValueError, match=message) as caught:
        resampled(tmp_path / "given.csv", data)
    assert "secret" not in str(caught.value)
    assert [path.name for path in tmp_path.iterdir()] == ["given.csv"]
