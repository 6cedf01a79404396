"""`resample_dataset`: the sampler's rows, in bounded memory, complete or not at all."""

import os
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from large_tables import SAMPLERS, cards, in_memory, read_csv, table_for
from sklearn.base import clone

import skgensample as sg
from skgensample.distributed import _dataset, resample_dataset

pa = pytest.importorskip("pyarrow")
pq = pytest.importorskip("pyarrow.parquet")
SMOTE = sg.NumbaSMOTE(random_state=0)
READ = {".parquet": pd.read_parquet, ".feather": pd.read_feather, ".csv": read_csv,
        "": pd.read_parquet}  # fmt: skip


@pytest.fixture(autouse=True)
def small_batches(monkeypatch):
    monkeypatch.setattr(_dataset, "BATCH_ROWS", (100, 300))


def write(frame, path):
    """A file or folder of the format that its suffix names."""
    if path.suffix == ".csv":
        frame.to_csv(path, index=False)
    elif path.suffix == ".feather":
        frame.reset_index(drop=True).to_feather(path)
    elif path.suffix == ".parquet":
        frame.to_parquet(path, row_group_size=250)
    else:
        path.mkdir()
        for i in range(0, len(frame), 400):
            part = frame.iloc[i : i + 400].reset_index(drop=True)
            part.to_parquet(path / f"part{i:04}.parquet")
    return path


def resampled(given, output, sampler=SMOTE, **options):
    """Result of a run as a frame."""
    options = {"memory": "8GB", **options}
    resample_dataset(given, output, target="Class", sampler=sampler, **options)
    return READ[output.suffix](output)


def same(got, want):
    """Equal but for the dtype of text and categories."""
    kinds = {name: str for name in ("kind", "shop") if name in want}
    pd.testing.assert_frame_equal(got.astype(kinds), want.astype(kinds), check_exact=True)


@pytest.mark.parametrize("name", SAMPLERS)
def test_rows_of_every_sampler(name, tmp_path):
    frame = table_for(name)
    given = write(frame, tmp_path / "given.parquet")
    got = resampled(given, tmp_path / "all.parquet", SAMPLERS[name])
    same(got, in_memory(clone(SAMPLERS[name]), frame))


@pytest.mark.parametrize("output", ["all.parquet", "all.feather", "all.csv", "all"])
@pytest.mark.parametrize("given", ["given.parquet", "given.feather", "given.csv", "given"])
def test_formats(given, output, tmp_path):
    frame = cards()
    got = resampled(write(frame, tmp_path / given), tmp_path / output)
    same(got, in_memory(clone(SMOTE), frame))
    assert not list(tmp_path.glob(".*"))


def test_row_groups_and_schema_are_kept(tmp_path):
    frame = cards()
    frame["shop"] = frame["shop"].cat.set_categories(list("spqr"))
    table = pa.Table.from_pandas(frame).replace_schema_metadata({"origin": "a test"})
    hour = table.schema.get_field_index("hour")
    table = table.set_column(hour, "hour", table["hour"].cast(pa.int8()))
    pq.write_table(table, tmp_path / "given.parquet", row_group_size=250, compression="zstd")
    resampled(tmp_path / "given.parquet", tmp_path / "all.parquet")
    with pq.ParquetFile(tmp_path / "all.parquet") as file:
        groups = [file.metadata.row_group(i) for i in range(file.metadata.num_row_groups)]
        assert [group.num_rows for group in groups[:5]] == [250] * 4 + [200]
        assert groups[-1].column(0).compression == "ZSTD"
        given = pq.read_table(tmp_path / "given.parquet")
        assert file.schema_arrow.equals(given.schema)
        assert file.schema_arrow.metadata == {b"origin": b"a test"}
        assert file.read_row_groups(range(5)).equals(given)


def test_files_of_a_folder_are_copied_byte_by_byte(tmp_path):
    given = write(cards(), tmp_path / "given")
    (given / "_SUCCESS").write_text("")
    resampled(given, tmp_path / "all")
    names = sorted(file.name for file in (tmp_path / "all").iterdir())
    assert names == ["part0000.parquet", "part0400.parquet", "part0800.parquet",
                     "synthetic.parquet"]  # fmt: skip
    for name in names[:3]:
        assert (tmp_path / "all" / name).read_bytes() == (given / name).read_bytes()


def test_new_rows_come_last_in_a_folder(tmp_path):
    (tmp_path / "given").mkdir()
    cards().to_parquet(tmp_path / "given" / "transactions.parquet")
    got = resampled(tmp_path / "given", tmp_path / "all")
    same(got, in_memory(clone(SMOTE), cards()))


def test_bytes_of_csv_are_copied(tmp_path):
    text = cards(400).to_csv(index=False, sep=";", quoting=2).rstrip("\n")
    (tmp_path / "given.csv").write_text(text)
    resample_dataset(tmp_path / "given.csv", tmp_path / "all.csv", target="Class", sampler=SMOTE,
                     memory="8GB")  # fmt: skip
    written = (tmp_path / "all.csv").read_text()
    assert written.startswith(text + "\n")
    same(read_csv(tmp_path / "all.csv", sep=";"), in_memory(clone(SMOTE), cards(400)))


def test_csv_types_hold_every_cell(tmp_path, monkeypatch):
    from skgensample.distributed import _csv_files

    monkeypatch.setattr(_csv_files, "CSV_BLOCK", 2_000)
    frame = cards(600)
    frame["amount"] = np.arange(600.0)
    frame.loc[599, "amount"] = 0.5  # whole numbers but for the last block
    text = frame.to_csv(index=False).replace(".0,", ",")
    (tmp_path / "given.csv").write_text(text)
    got = resampled(tmp_path / "given.csv", tmp_path / "all.parquet")
    want = in_memory(clone(SMOTE), read_csv(tmp_path / "given.csv"))
    same(got, want)


def test_missing_text_of_csv_is_missing(tmp_path):
    frame = cards()
    frame.loc[[700, *np.flatnonzero(frame["Class"] == 1)[:9]], "kind"] = None
    given = write(frame, tmp_path / "given.csv")
    got = resampled(given, tmp_path / "all.csv")
    same(got, in_memory(clone(SMOTE), read_csv(given)))
    assert got["kind"][len(frame) :].isna().any()
    with pytest.raises(ValueError, match=r"column 'kind', row \d+. Impute first"):
        resample_dataset(given, tmp_path / "all.csv", target="Class", memory="8GB",
                         sampler=sg.NumbaBorderlineSMOTE(random_state=0))  # fmt: skip


def test_index_columns_of_pandas_are_no_features(tmp_path):
    frame = cards().set_index(pd.Index(np.arange(1200) + 5000, name="number"))
    frame = frame.iloc[np.random.default_rng(0).permutation(1200)]
    given = write(frame, tmp_path / "given.parquet")
    same(resampled(given, tmp_path / "all.parquet"), in_memory(clone(SMOTE), frame))


def test_a_preceding_result_is_replaced(tmp_path):
    given, output = write(cards(), tmp_path / "given.parquet"), tmp_path / "all.parquet"
    output.write_text("something else")
    assert len(resampled(given, output)) > 1200
    mode = resample_dataset(given, output, target="Class", sampler=SMOTE, memory="8GB")
    assert mode.output == output and mode.n_given == 1200
    assert sum(mode.n_new.values()) == pq.read_metadata(output).num_rows - 1200
    assert all(type(label) is int for label in mode.n_new)


def test_a_failing_run_leaves_nothing(tmp_path, monkeypatch):
    given, output = write(cards(), tmp_path / "given.parquet"), tmp_path / "all.parquet"

    def fail(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(_dataset, "_write_new", fail)
    with pytest.raises(KeyboardInterrupt):
        resampled(given, output)
    assert sorted(os.listdir(tmp_path)) == ["given.parquet"]


def test_what_a_killed_run_left_is_removed(tmp_path):
    given = write(cards(), tmp_path / "given.parquet")
    (tmp_path / ".all.parquet.999999999.partial").write_text("half")
    (tmp_path / f".all.parquet.{os.getppid()}.partial").write_text("of a run that goes on")
    resampled(given, tmp_path / "all.parquet")
    left = [file.name for file in tmp_path.glob(".*")]
    assert left == [f".all.parquet.{os.getppid()}.partial"]


def test_memory_below_what_the_process_has_taken(tmp_path):
    given = write(cards(), tmp_path / "given.parquet")
    with pytest.raises(sg.MemoryLimitError, match=r"has taken [\d,]+ already"):
        resampled(given, tmp_path / "all.parquet", memory="10MB")


def test_memory_error_before_anything_is_written(tmp_path):
    given = write(cards(), tmp_path / "given.parquet")
    many = sg.NumbaSMOTE(sampling_strategy={1: 10**9}, random_state=0)
    with pytest.raises(MemoryError, match=r"plan of [\d,]+ new rows would need about [\d,]+ bytes"):
        resampled(given, tmp_path / "all.parquet", many)
    with pytest.raises(MemoryError, match="give more memory"):
        resampled(given, tmp_path / "all.parquet", memory="10MB")
    with pytest.raises(ValueError, match="'1GB' or '512MB'"):
        resampled(given, tmp_path / "all.parquet", memory="much")
    assert sorted(os.listdir(tmp_path)) == ["given.parquet"]


def test_clear_errors(tmp_path):
    given = write(cards(), tmp_path / "given.parquet")
    with pytest.raises(FileNotFoundError, match="no file or folder"):
        resampled(tmp_path / "nothing.parquet", tmp_path / "all.parquet")
    with pytest.raises(ValueError, match="no column 'label'"):
        resample_dataset(given, tmp_path / "all.parquet", target="label", sampler=SMOTE,
                         memory="8GB")  # fmt: skip
    with pytest.raises(ValueError, match="file that is read"):
        resampled(given, Path(given))
    with pytest.raises(ValueError, match="no known format"):
        resampled(given, tmp_path / "all.xlsx")
    with pytest.raises(FileNotFoundError, match="no folder"):
        resampled(given, tmp_path / "none" / "all.parquet")
    (tmp_path / "all").mkdir()
    with pytest.raises(FileExistsError, match="give another name"):
        resampled(given, tmp_path / "all")


def test_a_folder_that_cannot_be_written_to_is_refused_before_anything_is_read(
    tmp_path, monkeypatch
):
    given = write(cards(), tmp_path / "given.parquet")
    monkeypatch.setattr(_dataset, "reader_of", None)
    monkeypatch.setattr(_dataset.os, "access", lambda path, mode: mode != os.W_OK)
    with pytest.raises(PermissionError, match="cannot be written to: give another"):
        resampled(given, tmp_path / "all.parquet")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes")
def test_pipes_and_files_in_the_place_of_folders_are_refused_before_reading(tmp_path):
    given = write(cards(), tmp_path / "given.parquet")
    os.mkfifo(tmp_path / "pipe.csv")
    (tmp_path / "file").write_text("mine")
    with pytest.raises(FileExistsError, match="a pipe or a device: give another name"):
        resampled(given, tmp_path / "pipe.csv")
    with pytest.raises(FileExistsError, match=r"'.*file' is a file"):
        resampled(given, tmp_path / "file")
    with pytest.raises(ValueError, match="read several times"):
        resampled(tmp_path / "pipe.csv", tmp_path / "all.csv")
    assert (tmp_path / "file").read_text() == "mine" and (tmp_path / "pipe.csv").is_fifo()


NESTED = {
    "list": [[1, 2]] * 400,
    "struct": [{"u": 1}] * 400,
    "binary": [b"a", b"b"] * 200,
}


@pytest.mark.parametrize("column", ["x", "Class"])
@pytest.mark.parametrize("kind", NESTED)
def test_columns_of_other_types_are_named(kind, column, tmp_path):
    columns = {"a": np.arange(400.0), "x": np.arange(400.0), "Class": [0, 0, 0, 1] * 100}
    pq.write_table(pa.table({**columns, column: NESTED[kind]}), tmp_path / "given.parquet")
    with pytest.raises(TypeError, match=f"Column '{column}' has type {kind}"):
        resampled(tmp_path / "given.parquet", tmp_path / "all.parquet")


def test_views_of_text(tmp_path):
    kinds = pa.array(["chip", "swipe"] * 200, pa.string_view())
    table = pa.table({"a": np.arange(400.0), "kind": kinds, "Class": [0, 0, 0, 1] * 100})
    try:
        pq.write_table(table, tmp_path / "given.parquet")
    except pa.ArrowNotImplementedError:
        pytest.skip("this version of pyarrow writes no string_view")
    got = resampled(tmp_path / "given.parquet", tmp_path / "all.csv")
    assert len(got) == 600 and set(got["kind"]) == {"chip", "swipe"}


def damaged(path, how):
    """A file that is cut off, no file of its format, or has other bytes in the middle."""
    data = bytearray(write(cards(), path).read_bytes())
    middle = slice(len(data) // 4, len(data) // 2)
    data[middle] = {"cut": b"", "overwritten": b"\xff" * len(data[middle])}.get(how, data[middle])
    path.write_bytes(b"a,b\n1,2\n" * 200 if how == "csv" else data)
    return path


@pytest.mark.parametrize("how", ["cut", "overwritten", "csv"])
@pytest.mark.parametrize("name", ["given.parquet", "given.feather"])
def test_damaged_files_are_named(name, how, tmp_path):
    given = damaged(tmp_path / name, how)
    with pytest.raises(ValueError, match=name):
        resampled(given, tmp_path / "all.parquet")
    assert [path.name for path in tmp_path.iterdir()] == [name]


def test_errors_about_cells_say_where(tmp_path):
    frame = cards()
    frame.loc[730, "Class"] = np.nan
    given = write(frame, tmp_path / "given.parquet")
    with pytest.raises(ValueError, match=r"In the rows from 600 on: .*missing label at row 130"):
        resampled(given, tmp_path / "all.parquet")


def test_integers_with_missing_cells_stay_integers(tmp_path):
    frame = cards()
    frame["hour"] = frame["hour"].astype("Int64")
    frame.loc[[3, 500], "hour"] = pd.NA
    given = write(frame, tmp_path / "given.parquet")
    got = resampled(given, tmp_path / "all.parquet", sg.GaussianCopulaResampler(random_state=0))
    assert got["hour"].dtype == "Int64" and got["hour"][1200:].notna().any()


def test_folders_of_partitions_are_refused(tmp_path):
    (tmp_path / "given" / "year=2024").mkdir(parents=True)
    cards().to_parquet(tmp_path / "given" / "year=2024" / "part.parquet")
    with pytest.raises(ValueError, match="names of its folders"):
        resampled(tmp_path / "given", tmp_path / "all")
