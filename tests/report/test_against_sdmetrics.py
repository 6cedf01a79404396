"""Errors of columns and pairs against SDMetrics, which runs in an environment of its own.

``SKGENSAMPLE_SDMETRICS`` names the Python of an environment with ``pip install sdmetrics``.
"""

import json
import os
import subprocess

import numpy as np
import pytest

from skgensample import GaussianCopulaResampler, QualityReport

PEER = """
import json, sys
import pandas as pd
from sdmetrics.column_pairs import ContingencySimilarity, CorrelationSimilarity
from sdmetrics.single_column import KSComplement, TVComplement

real, synthetic, text = pd.read_csv("real.csv"), pd.read_csv("synthetic.csv"), sys.argv[1:]
columns = {c: (TVComplement if c in text else KSComplement).compute(real[c], synthetic[c])
           for c in real}
pairs = []
for a in real:
    for b in real:
        if a < b and (a in text) == (b in text):
            parts = real[[a, b]], synthetic[[a, b]]
            pairs.append([a, b, ContingencySimilarity.compute(*parts) if a in text else
                          CorrelationSimilarity.compute(*parts, coefficient="Spearman")])
json.dump([columns, pairs], open("peer.json", "w"))
"""


def test_columns_and_pairs_agree(tmp_path):
    pd = pytest.importorskip("pandas")
    peer = os.environ.get("SKGENSAMPLE_SDMETRICS")
    if not peer:
        pytest.skip("SKGENSAMPLE_SDMETRICS names no Python with sdmetrics")

    def frame(seed, n=500):
        rng = np.random.RandomState(seed)
        z = rng.normal(size=(n, 4)) @ np.random.RandomState(9).normal(size=(4, 4))
        table = pd.DataFrame(z.round(1), columns=list("abcd"))
        table["u"], table["v"] = (np.where(z[:, j] > 0, "high", "low") for j in (0, 2))
        table["w"] = rng.choice(list("xyz"), n)
        return table

    real, holdout = frame(0), frame(1)
    synthetic = GaussianCopulaResampler(random_state=0).fit(real).sample(500)[0]
    holdout.to_csv(tmp_path / "real.csv", index=False)  # what fidelity compares with
    synthetic.to_csv(tmp_path / "synthetic.csv", index=False)
    subprocess.run([peer, "-c", PEER, *"uvw"], cwd=tmp_path, check=True, timeout=120)
    columns, pairs = json.loads((tmp_path / "peer.json").read_text())
    report = QualityReport(real, synthetic, holdout=holdout)
    expected = 1 - np.mean(list(columns.values()))
    assert report.measures["fidelity.columns"].value == pytest.approx(expected, abs=1e-9)
    place = {name: j for j, name in enumerate(real.columns)}
    errors = report._fidelity.pair_errors["synthetic"]
    assert len(pairs) == 9
    for a, b, similarity in pairs:
        assert errors[place[a], place[b]] == pytest.approx(1 - similarity, abs=1e-9)
