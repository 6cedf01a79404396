"""`schema=` on tables in parts: the rows of the sampler in memory under the same schema."""

import numpy as np
import pandas as pd
import pytest
from large_tables import SAMPLERS, cards, in_memory
from sklearn.base import clone

import skgensample as sg
from skgensample.distributed import DaskResampler, _dataset, resample_dataset

dd = pytest.importorskip("dask.dataframe")
pytest.importorskip("pyarrow")
SCHEMA = {"hour": "category", "V1": "money", "V2": "integer", "amount": "number"}
FLAGS = {"flag": "flag", "hour": "integer"}


@pytest.fixture(autouse=True)
def small_batches(monkeypatch):
    monkeypatch.setattr(_dataset, "BATCH_ROWS", (100, 300))


def same(got, want):
    """Equal but for index labels and the dtype of text."""
    texts = dict.fromkeys(("kind", "shop"), str)
    got, want = got.reset_index(drop=True).astype(texts), want.reset_index(drop=True).astype(texts)
    pd.testing.assert_frame_equal(got, want, check_exact=True)


@pytest.mark.parametrize("schema", [SCHEMA, FLAGS])
@pytest.mark.parametrize(
    "name", ["smotenc", "borderline-1", "adasyn", "safe-level", "svm", "copula"]
)
def test_rows_are_those_in_memory(name, schema, tmp_path):
    frame, sampler = cards(), clone(SAMPLERS[name]).set_params(schema=schema)
    want = in_memory(clone(sampler), frame)
    without = in_memory(clone(SAMPLERS[name]), frame)
    assert schema is FLAGS or not without.equals(want)
    frame.to_parquet(tmp_path / "given.parquet", row_group_size=250)
    resample_dataset(tmp_path / "given.parquet", tmp_path / "all.parquet", target="Class",
                     sampler=sampler, memory="8GB")  # fmt: skip
    same(pd.read_parquet(tmp_path / "all.parquet"), want)
    for partitions in (1, 7):
        given = dd.from_pandas(frame, npartitions=partitions)
        same(DaskResampler(sampler).fit_resample(given, "Class").compute(), want)


def test_arrays():
    da = pytest.importorskip("dask.array")
    X, y = cards()[["V1", "V2", "hour"]].to_numpy(), cards()["Class"].to_numpy()
    sampler = sg.NumbaSMOTENC(categorical_features=[2], random_state=0, schema={0: "money"})
    want = clone(sampler).fit_resample(X, y)
    assert np.array_equal(np.round(want[0][:, 0], 2)[1200:], want[0][1200:, 0])
    got = DaskResampler(sampler).fit_resample(da.from_array(X, (170, 3)), da.from_array(y, 170))
    assert np.array_equal(got[0].compute(), want[0]) and np.array_equal(got[1].compute(), want[1])


def refused(match, sampler, frame=None):
    given = dd.from_pandas(cards() if frame is None else frame, npartitions=3)
    with pytest.raises(ValueError, match=match):
        DaskResampler(sampler).fit_resample(given, "Class")


@pytest.mark.parametrize("kind", ["identifier", "personal", "text", "first_name"])
def test_invented_columns_are_refused(kind):
    schema = {"hour": "integer", "kind": kind}
    refused("'kind' one of .*Drop such columns", sg.NumbaSMOTE(random_state=0, schema=schema))


def test_what_no_table_in_parts_takes():
    refused("repeats rows", sg.NumbaRandomOverSampler(random_state=0, schema=FLAGS))
    refused(
        "'hours', which is no column", sg.NumbaSMOTENC(random_state=0, schema={"hours": "integer"})
    )
    refused("holds text", sg.NumbaSMOTENC(random_state=0, schema={"kind": "money"}))


def test_a_declared_column_is_not_judged():
    """Texts that differ in most rows are refused, unless they are declared as categories."""
    frame = cards(300)
    frame["kind"] = [f"shop {i} of the town" for i in range(len(frame))]
    refused("kind", sg.NumbaSMOTENC(random_state=0), frame)
    sampler = sg.NumbaSMOTENC(random_state=0, schema={"kind": "category"})
    got = DaskResampler(sampler).fit_resample(dd.from_pandas(frame, npartitions=3), "Class")
    same(got.compute(), in_memory(clone(sampler), frame))
