"""`constraints=` of generators on tables in parts: the rows in memory under the same rules."""

import numpy as np
import pandas as pd
import pytest
from large_tables import cards, in_memory
from sklearn.base import clone

import skgensample as sg
from skgensample.constraints import (
    FixedCombinations,
    Inequality,
    LinearSum,
    Predicate,
    Range,
    Unique,
)
from skgensample.distributed import DaskResampler, _dataset, _training, resample_dataset

dd = pytest.importorskip("dask.dataframe")
pytest.importorskip("pyarrow")


@pytest.fixture(autouse=True)
def small_batches(monkeypatch):
    monkeypatch.setattr(_dataset, "BATCH_ROWS", (100, 300))


def ruled(n=2000):
    """A table, and rules that it satisfies."""
    frame = cards(n)
    frame = frame[positive(frame)].reset_index(drop=True)
    frame = frame[(frame["kind"] != "chip") | (frame["shop"] == "p")].reset_index(drop=True)
    frame["low"] = frame["V1"].round(2)
    frame["high"] = (frame["low"] + frame["V2"].abs()).round(2)
    frame["sum"] = frame["hour"] + frame["flag"]
    frame["flag"] = frame["flag"].astype(int)
    return frame, [
        Inequality("low", "<=", "high"),
        LinearSum("sum", ["hour", "flag"]),
        FixedCombinations(["kind", "shop"]),
        Range("hour", -3, 30),
        Predicate(positive),
    ]


def positive(rows):
    """A rule that cannot be held by construction: rows are generated anew."""
    return rows["V1"] + rows["amount"] > 0


def n_broken(rows, given):
    """Rows that break a rule."""
    known = set(zip(given["kind"], given["shop"].astype(str)))
    pairs = zip(rows["kind"], rows["shop"].astype(str))
    wrong = (rows["low"] > rows["high"]) | (rows["sum"] != rows["hour"] + rows["flag"])
    wrong |= np.array([pair not in known for pair in pairs]) | ~positive(rows)
    return wrong.sum()


def same(got, want):
    texts = dict.fromkeys(("kind", "shop"), str)
    got, want = got.reset_index(drop=True).astype(texts), want.reset_index(drop=True).astype(texts)
    pd.testing.assert_frame_equal(got, want, check_exact=True)


@pytest.mark.parametrize("model", [sg.GaussianCopulaResampler, sg.SequentialTreesResampler])
def test_rows_are_those_in_memory(model, tmp_path):
    frame, rules = ruled()
    sampler = model(random_state=0, constraints=rules)
    want = in_memory(clone(sampler), frame)
    frame.to_parquet(tmp_path / "given.parquet", row_group_size=250)
    resample_dataset(tmp_path / "given.parquet", tmp_path / "all.parquet", target="Class",
                     sampler=sampler, memory="8GB")  # fmt: skip
    same(pd.read_parquet(tmp_path / "all.parquet"), want)
    given = dd.from_pandas(frame, npartitions=7)
    same(DaskResampler(sampler).fit_resample(given, "Class").compute(), want)


def test_rules_hold_in_all_pieces(tmp_path, monkeypatch):
    monkeypatch.setattr(_training, "GENERATED_ROWS", 200)
    frame, rules = ruled()
    without = in_memory(sg.GaussianCopulaResampler(random_state=0), frame)
    assert n_broken(without, frame) > 100
    sampler = sg.GaussianCopulaResampler(random_state=0, constraints=rules)
    given = dd.from_pandas(frame, npartitions=3)
    for max_rows in (None, 600):
        resampler = DaskResampler(sampler, max_rows=max_rows)
        got = resampler.fit_resample(given, "Class").compute()
        assert len(got) == 3 * (frame["Class"] == 0).sum() and not n_broken(got, frame)


def refused(match, sampler, error=ValueError):
    with pytest.raises(error, match=match):
        DaskResampler(sampler).fit_resample(dd.from_pandas(ruled()[0], npartitions=3), "Class")


def test_clear_errors():
    rule = Inequality("low", "<=", "high")
    refused("take a generator", sg.NumbaSMOTENC(random_state=0, constraints=[rule]))
    copula = sg.GaussianCopulaResampler(random_state=0)
    refused("invented from all given", clone(copula).set_params(constraints=[Unique("hour")]))
    refused("must be a list of rules", clone(copula).set_params(constraints=rule), TypeError)
    wrong = Inequality("high", "<", "low")
    refused(r"does not hold in the given table: row \d+", copula.set_params(constraints=[wrong]))
    pytest.importorskip("torch")
    sampled = sg.CTGANResampler(random_state=0, train_on="sampled", constraints=[rule])
    refused("take a generator", sampled)


def test_every_row_is_checked():
    """A row of another class than the sampled ones, in the last partition."""
    frame, rules = ruled()
    last = np.flatnonzero(frame["Class"] == 0)[-1]
    frame.loc[last, "high"] = frame["low"].min() - 1
    sampler = sg.GaussianCopulaResampler(random_state=0, constraints=rules[:1])
    with pytest.raises(ValueError, match=f"row {last} breaks it, and 1 of {len(frame)}"):
        DaskResampler(sampler).fit_resample(dd.from_pandas(frame, npartitions=5), "Class")
