"""The quality report: planted faults reach their known limits."""

import re

import numpy as np
import pytest
from report_tables import HOLDOUT, OTHER, TRAIN, models_of_few_trees, population, value
from scipy.stats import ks_2samp

from skgensample import NumbaSMOTE, QualityReport
from skgensample.report._reconstruction import matched, reconstruct


@pytest.fixture(scope="module", autouse=True)
def few_trees():
    with models_of_few_trees():
        yield


def test_copies_are_found():
    rows = TRAIN[np.random.RandomState(0).randint(500, size=500)]
    report = QualityReport(TRAIN, rows, holdout=HOLDOUT)
    assert value(report, "privacy.copies") == 1
    assert report.measures["privacy.copies"].holdout == 0
    assert value(report, "privacy.membership") > 0.75  # some rows were never drawn
    assert report.verdict["privacy"]["level"] == "bad"
    assert "100.0% of the rows are copies" in report.verdict["privacy"]["sentence"]
    assert report.verdict["summary"].startswith("These rows are copies of training rows")
    identical = QualityReport(TRAIN, TRAIN, holdout=HOLDOUT)
    for key in ("columns", "pairs", "alpha"):  # no better than the real rows, which they are
        own = identical.measures[f"fidelity.{key}"]
        assert own.value == pytest.approx(own.holdout, abs=1e-12)
    same = QualityReport(TRAIN, HOLDOUT, holdout=HOLDOUT)
    for key, limit in (("columns", 0), ("pairs", 0), ("alpha", 1)):
        assert value(same, f"fidelity.{key}") == pytest.approx(limit, abs=1e-3)
    assert value(identical, "privacy.membership") == value(identical, "privacy.membership_tpr") == 1


def test_held_out_rows_as_synthetic_ones_are_no_members():
    rows = np.random.RandomState(0).permutation(population(1000, 7))
    report = QualityReport(TRAIN, rows[:500], holdout=rows[500:])
    attack = report.measures["privacy.membership"]
    assert attack.value == pytest.approx(0.5, abs=0.05) and attack.low < 0.5 < attack.high
    closest = report.measures["privacy.closest"]
    assert closest.low < 0.5 < closest.high


def test_independent_columns_are_seen_through():
    rng = np.random.RandomState(0)
    rows = np.column_stack([rng.permutation(column) for column in TRAIN.T])
    report = QualityReport(TRAIN, rows, target=8, holdout=HOLDOUT)
    columns = report.measures["fidelity.columns"]
    assert columns.value == columns.independent == columns.holdout < 0.1
    assert value(report, "fidelity.c2st") > 0.8
    assert report.verdict["fidelity"]["level"] == report.verdict["utility"]["level"] == "bad"
    assert report.verdict["privacy"]["level"] in ("good", "fair")
    assert "dependence" in report.verdict["fidelity"]["sentence"]


def test_disjoint_and_shifted_rows_reach_the_limits():
    far = QualityReport(TRAIN[:, :8], TRAIN[:, :8] + 1000, holdout=HOLDOUT[:, :8])
    assert value(far, "fidelity.columns") == 1 and value(far, "fidelity.c2st") > 0.99
    pairs = far.measures["fidelity.pairs"]
    assert pairs.value == pytest.approx(pairs.holdout, abs=1e-9)  # ranks are the same
    assert value(far, "fidelity.alpha") == pytest.approx(0, abs=1e-3)
    assert far.verdict["fidelity"]["level"] == "bad"
    shifted = TRAIN[:, :8].copy()
    shifted[:, 3] += shifted[:, 3].std()
    report = QualityReport(TRAIN[:, :8], shifted, holdout=HOLDOUT[:, :8])
    worst = report.to_dict()["worst_columns"]
    assert worst[0]["column"] == 3 and worst[1]["synthetic"] == worst[1]["holdout"]
    expected = [ks_2samp(HOLDOUT[:, j], shifted[:, j]).statistic for j in range(8)]
    assert worst[0]["synthetic"] == pytest.approx(expected[3], abs=1e-12)
    assert value(report, "fidelity.columns") == pytest.approx(np.mean(expected), abs=1e-12)


def test_rows_near_the_training_rows_do_not_look_better_than_real_ones():
    """Compared with the training rows they had an AUROC of less than 0.4."""
    rng = np.random.RandomState(0)
    rows = TRAIN[rng.randint(500, size=500)] + 1e-3 * rng.normal(size=TRAIN.shape)
    rows[:, 8] = rows[:, 8].round()
    c2st = QualityReport(TRAIN, rows, holdout=HOLDOUT).measures["fidelity.c2st"]
    assert c2st.value > 0.45 and c2st.value > c2st.holdout - 0.05
    split = QualityReport(TRAIN, rows)
    assert "as of copies" not in repr(split)


@pytest.fixture(scope="module")
def ruled():
    """Orders whose total is a sum, that are shipped after they are made, and of fixed cities."""
    pd = pytest.importorskip("pandas")

    def frame(seed, n=400):
        rng = np.random.RandomState(seed)
        table = pd.DataFrame({"a": rng.randint(1, 50, n), "b": rng.randint(1, 90, n)})
        table["total"] = table["a"] + table["b"]
        table["made"] = pd.Timestamp("2024-01-01") + pd.to_timedelta(rng.randint(90, size=n), "D")
        table["shipped"] = table["made"] + pd.to_timedelta(rng.randint(1, 9, size=n), "D")
        city = rng.randint(6, size=n)
        table["city"] = np.array(list("uvwxyz"))[city]
        table["country"] = np.where(rng.rand(n) < 0.1, None, np.array(["F", "G"])[city % 2])
        return table

    return frame


def test_broken_rules_are_seen(ruled):
    real, made, holdout = (ruled(seed) for seed in range(3))
    kept = QualityReport(real, made, holdout=holdout)
    assert value(kept, "fidelity.rules") == 0 and kept.verdict["fidelity"]["level"] == "good"
    rules = {one["rule"]: one for one in kept.to_dict()["rules"]}
    assert set(rules) == {"total = a + b", "made < shipped"}
    assert rules["total = a + b"]["strong"] and rules["total = a + b"]["independent"] > 0.9
    made.loc[: 0.5 * len(made) - 1, "total"] += 1
    made.loc[395:, "shipped"] = made.loc[395:, "made"]
    report = QualityReport(real, made, holdout=holdout)
    assert value(report, "fidelity.rules") == pytest.approx(0.5 + 5 / 400)
    assert report.verdict["fidelity"]["level"] == "bad"
    assert "total = a + b" in report.verdict["fidelity"]["sentence"]
    assert "total = a + b" in report._repr_html_() and "made &lt; shipped" in report._repr_html_()
    made["total"] = made["a"] + made["b"]
    report = QualityReport(real, made, holdout=holdout)
    assert report.verdict["fidelity"]["level"] == "fair"
    assert report.check({"fidelity.rules": 0.001}) == [
        "fidelity.rules is 0.013, and at most 0.001 is wanted"
    ]


def test_broken_combinations_are_seen(ruled):
    real, made, holdout = (ruled(seed).dropna() for seed in range(3))
    rules = QualityReport(real, made, holdout=holdout).to_dict()["rules"]
    assert "together(city, country)" in {one["rule"] for one in rules}
    made["country"] = made["country"].to_numpy()[::-1]
    report = QualityReport(real, made, holdout=holdout)
    assert report.to_dict()["rules"][0]["rule"] == "together(city, country)"
    assert report.to_dict()["rules"][0]["synthetic"] == pytest.approx(0.5, abs=0.1)


def test_a_rule_that_a_held_out_row_breaks_is_none(ruled):
    real, made, holdout = (ruled(seed) for seed in range(3))
    holdout.loc[7, "total"] += 1
    rules = QualityReport(real, made, holdout=holdout).to_dict()["rules"]
    assert [one["rule"] for one in rules] == ["made < shipped"]


@pytest.fixture(scope="module")
def smote(few_trees):
    """Interpolated rows of both classes of 60 rows each, in 12 columns."""
    rng = np.random.RandomState(0)
    train, holdout = rng.normal(size=(2, 120, 12))
    X, _ = NumbaSMOTE(random_state=0, sampling_strategy={0: 1000, 1: 1000}).fit_resample(
        train, np.repeat([0, 1], 60)
    )
    return QualityReport(train, X[120:], holdout=holdout)


def test_interpolated_rows_are_found_out(smote):
    report = smote
    assert value(report, "privacy.membership") > 0.9
    assert value(report, "privacy.copies") == 0
    rebuilt = report.measures["privacy.reconstructed"]
    assert rebuilt.value > 0.9 and rebuilt.holdout == rebuilt.independent == 0
    assert re.search(r"(9\d|100)% of them training rows", rebuilt.sentence)
    assert report.verdict["privacy"]["level"] == "bad"
    assert "reconstructed" in report.verdict["privacy"]["sentence"]


def test_reconstruction_finds_the_corner_of_two_lines():
    rng = np.random.RandomState(0)
    corner, one, other = rng.rand(3, 4)
    steps = rng.rand(6, 1)
    rows = np.concatenate(
        [corner + steps[:3] * (one - corner), corner + steps[3:] * (other - corner)]
    )
    found = reconstruct(np.concatenate([rows, rng.rand(50, 4)]), rng)
    assert found.lines == 2
    np.testing.assert_allclose(found.points, corner[None], atol=1e-6)
    assert matched(found.points, np.array([corner, one])) == (1, 1)
    nothing = reconstruct(rng.rand(200, 4), rng)
    assert nothing.lines == 0 and matched(nothing.points, rows) == (0, 0)


def test_without_held_out_rows_the_utility_is_not_judged():
    report = QualityReport(TRAIN, TRAIN, target=8)
    assert report.verdict["utility"]["level"] == "unknown"
    assert report.verdict["utility"]["sentence"].startswith("Without held-out rows")
    assert "without held-out rows" in report._repr_html_()
    assert value(report, "utility.score") > 0.5
    assert "learns as much" not in report._repr_html_()


def test_few_test_rows_of_a_class_are_noted():
    rows = np.concatenate([HOLDOUT[HOLDOUT[:, 8] == 0], HOLDOUT[HOLDOUT[:, 8] == 1][:12]])
    report = QualityReport(TRAIN, OTHER, target=8, holdout=rows)
    assert any("12 of 1" in note for note in report.notes)
    report = QualityReport(TRAIN, OTHER, target=8, holdout=HOLDOUT)
    assert not any("are few" in note for note in report.notes)


def test_without_held_out_rows_no_attack_is_claimed():
    report = QualityReport(TRAIN, OTHER)
    assert report.counts == {"columns": 9, "real": 250, "synthetic": 500, "holdout": 250}
    assert "privacy.membership" not in report.measures
    assert report.verdict["privacy"]["level"] == "unknown"
    assert report.verdict["utility"]["level"] == "unknown"
    assert "split in two halves" in report.notes[0]
    assert report.check({"privacy.membership": 0.6}) == ["privacy.membership was not measured"]
