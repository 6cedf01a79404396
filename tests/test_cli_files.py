"""Tables in files: types and spelling of CSV columns, Parquet and Feather, writing in one step."""

import numpy as np
import pytest

pd = pytest.importorskip("pandas")

from skgensample.cli._csv import read_csv
from skgensample.cli._files import read_table, replacing, write_rows, write_table

TABLES = {
    "plain": "a,b,c\n1,2.50,x\n-3,0.25,y\n",
    "semicolons, decimal commas": "a;b\n1;2,5\n2;-0,75\n",
    "tabs": "a\tb\n1\tx y\n2\tz\n",
    "a space after commas": "a, b\n1, x\n2, y\n",
    "leading zeros stay": "zip,n\n01234,1\n56789,2\n",
    "missing cells": "a,b,c\n1,,x\n,2.5,\n3,1.5,y\n",
    "a word for missing cells": "a,b\nNA,1.5\n2,NA\n",
    "dates": "day,at\n2024-01-31,2024-01-31 10:00:00\n2023-12-01,2023-12-01 23:59:59\n",
    "German dates": "day,n\n31.01.2024,1\n01.12.2023,2\n",
    "ambiguous dates are those of one format": "day,n\n31/01/2024,1\n01/12/2023,2\n",
    "flags stay words": "flag,n\nTRUE,1\nFALSE,2\n",
    "integers among floats": "a,n\n5191,1\n5099.1,2\n",
    "floats of several lengths": "a,n\n12.5,1\n3.25,2\n-0.125,3\n",
    "floats with an exponent": "a,n\n1.5e-07,1\n3.25,2\n",
    "quoted text": '"a","b"\n1,"x, y"\n2,"say ""no"""\n',
    "long integers stay text": "a,n\n123456789012345678901,1\n5,2\n",
    "large integers": "a,n\n9007199254740993,1\n5,2\n",
    "carriage returns": "a,b\r\n1,x\r\n2,y\r\n",
    "line breaks in a cell": 'a,b\n1,"two\nlines"\n2,y\n',
}


@pytest.mark.parametrize("name", TABLES)
def test_what_is_read_is_written_again(tmp_path, name):
    path = tmp_path / "table.csv"
    path.write_bytes(TABLES[name].encode())
    frame, found = read_csv(path)
    assert found.text(frame) == TABLES[name]


def test_types_of_columns(tmp_path):
    path = tmp_path / "table.csv"
    path.write_text("a;b;c;d;e\n1;2,5;x;31.01.2024;007\n;-1,25;;01.02.2024;008\n")
    frame, _ = read_csv(path)
    assert [str(dtype) for dtype in frame.dtypes.drop("d")] == [
        "Int64",
        "float64",
        "object",
        "object",
    ]
    assert frame["d"].dtype.kind == "M"
    assert frame["a"].isna().tolist() == [False, True]
    assert frame["b"].tolist() == [2.5, -1.25]
    assert frame["d"][0] == pd.Timestamp(2024, 1, 31)
    assert frame["e"].tolist() == ["007", "008"]


def test_new_floats_have_no_more_places_than_the_given_ones(tmp_path):
    path = tmp_path / "table.csv"
    path.write_text("a,b\n12.5,1.50\n3.25,2.25\n4,3.00\n")
    _, found = read_csv(path)
    new = pd.DataFrame({"a": [1 / 3, 2.0, -0.0004], "b": [1 / 3, 2.0, -1.0]})
    assert found.text(new) == "a,b\n0.33,0.33\n2,2.00\n0,-1.00\n"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_encodings(tmp_path, encoding):
    path = tmp_path / "table.csv"
    path.write_bytes("name,n\nMüller,1\nÉmile,2\n".encode(encoding))
    frame, found = read_csv(path)
    assert frame["name"].tolist() == ["Müller", "Émile"]
    assert found.text(frame).encode(found.encoding) == path.read_bytes()


def test_new_letters_that_the_encoding_lacks(tmp_path):
    path, out = tmp_path / "table.csv", tmp_path / "out.csv"
    path.write_bytes("name,n\nMüller,1\n".encode("cp1252"))
    table = read_table(path)
    frame = pd.concat([table.frame, pd.DataFrame({"name": ["विजय"], "n": [2]})], ignore_index=True)
    write_rows(frame, 1, out, table)
    assert out.read_text(encoding="utf-8") == "name,n\nMüller,1\nविजय,2\n"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "is empty"),
        (b"a,b\n", "no row"),
        (b"a,b\n1,2\n3\n", "row 1 has 1 cells, not 2"),
        (b"a,a\n1,2\n", "--no-header"),
        (b"a\x00b", "not a text file"),
    ],
)
def test_files_that_are_no_tables(tmp_path, content, message):
    path = tmp_path / "table.csv"
    path.write_bytes(content)
    with pytest.raises(ValueError, match=message):
        read_csv(path)


def test_given_lines_are_copied(tmp_path):
    """Blank lines, odd quotes and a missing last line end stay; new rows follow."""
    given = 'a,b\n\n1,"x"\n2,y'
    path, out = tmp_path / "table.csv", tmp_path / "out.csv"
    path.write_text(given)
    table = read_table(path)
    frame = pd.concat([table.frame, table.frame.iloc[:1]], ignore_index=True)
    write_rows(frame, 2, out, table)
    assert out.read_text() == given + "\n1,x\n"


@pytest.mark.parametrize("suffix", [".parquet", ".feather"])
def test_arrow_files_keep_their_schema(tmp_path, suffix):
    pa = pytest.importorskip("pyarrow")
    from pyarrow import feather, parquet

    given = pa.table(
        {
            "n": pa.array([1, None, 3], pa.int16()),
            "x": pa.array([0.5, 1.5, None], pa.float32()),
            "at": pa.array([0, 1, 2], pa.timestamp("ms", tz="UTC")),
            "level": pa.array(["a", "b", "a"]).dictionary_encode(),
        }
    )
    path, out = tmp_path / f"table{suffix}", tmp_path / f"out{suffix}"
    (parquet.write_table if suffix == ".parquet" else feather.write_feather)(given, path)
    table = read_table(path)
    write_table(table.frame, out, table)
    assert table.frame["n"].isna().tolist() == [False, True, False]
    found = read_table(out)
    assert found.schema.equals(table.schema)
    pd.testing.assert_frame_equal(found.frame, table.frame)


@pytest.mark.parametrize("suffix", [".parquet", ".feather"])
def test_pandas_reads_its_own_types_back(tmp_path, suffix):
    pytest.importorskip("pyarrow")
    frame = pd.DataFrame(
        {
            "n": pd.array([1, None, 3, 4], dtype="Int64"),
            "x": np.array([0.5, 1.5, 2.5, 3.5], dtype=np.float32),
            "at": pd.date_range("2024-01-01", periods=4, tz="UTC"),
            "level": pd.Categorical(list("abab"), categories=["b", "a", "c"], ordered=True),
            "flag": [True, False, True, True],
            "text": list("pqrs"),
        }
    )
    kind = suffix[1:]
    path, out = tmp_path / f"table{suffix}", tmp_path / f"out{suffix}"
    getattr(frame, f"to_{kind}")(path)
    table, read = read_table(path), getattr(pd, f"read_{kind}")
    write_table(pd.concat([table.frame, table.frame.iloc[:2]], ignore_index=True), out, table)
    want = read(path)
    got = read(out)
    assert len(got) == 6 and got.index.equals(pd.RangeIndex(6))
    pd.testing.assert_frame_equal(got.iloc[:4], want)


def test_damaged_parquet(tmp_path):
    pytest.importorskip("pyarrow")
    path = tmp_path / "table.parquet"
    path.write_bytes(b"PAR1 and nothing more")
    with pytest.raises(ValueError, match="cannot be read as a table"):
        read_table(path)


def test_a_failed_write_leaves_the_old_file(tmp_path):
    path = tmp_path / "out.csv"
    path.write_text("old")
    with pytest.raises(RuntimeError), replacing(path) as temporary:
        temporary.write_text("half")
        raise RuntimeError
    assert path.read_text() == "old"
    assert [one.name for one in tmp_path.iterdir()] == ["out.csv"]


def test_numbers_of_floats_without_fixed_places_are_exact(tmp_path):
    x = np.random.default_rng(0).normal(size=50)
    path = tmp_path / "table.csv"
    path.write_text("x\n" + "\n".join(map(repr, x.tolist())) + "\n")
    frame, found = read_csv(path)
    assert (frame["x"].to_numpy() == x).all()
    assert found.text(frame) == path.read_text()
