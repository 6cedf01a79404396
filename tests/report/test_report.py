"""The quality report: rows of the population pass, and the page shows what was found."""

import html.parser
import json
import re

import numpy as np
import pytest
from report_tables import HOLDOUT, OTHER, TRAIN, models_of_few_trees, population, value

import skgensample
from skgensample import QualityReport


@pytest.fixture(scope="module", autouse=True)
def few_trees():
    with models_of_few_trees():
        yield


@pytest.fixture(scope="module")
def honest(few_trees):
    """Rows of the population that know neither table."""
    return QualityReport(TRAIN, OTHER, target=8, holdout=HOLDOUT, sampler_name="<b>truth</b>")


@pytest.fixture(scope="module")
def mixed(few_trees):
    """Frames with categories, dates and missing cells."""
    pd = pytest.importorskip("pandas")

    def frame(seed, n=300):
        rng = np.random.RandomState(seed)
        table = pd.DataFrame(population(n, seed, 3), columns=["a", "b", "c", "y"])
        table["y"] = np.where(table["y"], "yes", "no")
        table["<level>"] = pd.Categorical(rng.choice(["<i>u</i>", "v"], n))
        table["day"] = pd.Timestamp("2020-01-01") + pd.to_timedelta(rng.randint(90, size=n), "D")
        table.loc[rng.rand(n) < 0.2, "b"] = np.nan
        table.loc[rng.rand(n) < 0.2, "<level>"] = np.nan
        table["nothing"] = np.nan
        return table

    return QualityReport(frame(0), frame(1), target="y", holdout=frame(2))


def test_rows_of_the_population_pass(honest):
    for key in ("fidelity.columns", "fidelity.pairs"):
        assert value(honest, key) < 0.09
    assert 0.4 < value(honest, "fidelity.c2st") < 0.6
    assert value(honest, "fidelity.beta") > 0.9
    assert value(honest, "privacy.copies") == 0
    assert 0.4 < value(honest, "privacy.membership") < 0.6
    assert value(honest, "privacy.reconstructed") == 0
    levels = [honest.verdict[part]["level"] for part in ("fidelity", "utility", "privacy")]
    assert levels == ["good", "good", "good"]
    assert "guarantee" in honest.verdict["privacy"]["sentence"]
    assert "private" not in repr(honest)


def test_same_seed_same_report(honest):
    again = QualityReport(TRAIN, OTHER, target=8, holdout=HOLDOUT, sampler_name="<b>truth</b>")
    first, second = honest.to_dict(), again.to_dict()
    del first["seconds"], second["seconds"]
    assert first == second


def test_json_and_limits(honest, tmp_path):
    found = json.loads(honest.to_json())
    assert found["measures"]["fidelity.c2st"]["value"] == value(honest, "fidelity.c2st")
    assert found["counts"]["synthetic"] == 500
    assert set(found["utility"]["scores"]) == {"synthetic", "real", "both", "independent"}
    assert "random_state=0" in found["reproduce"]["call"]
    honest.save(tmp_path / "report.json")
    assert json.loads((tmp_path / "report.json").read_text()) == found
    assert honest.check({"fidelity.c2st": 0.65, "fidelity.beta": 0.5}) == []
    failed = honest.check({"fidelity.c2st": 0.1, "fidelity.beta": 1.01, "fidelity.pairs": 1})
    assert [text.split()[0] for text in failed] == ["fidelity.c2st", "fidelity.beta"]
    with pytest.raises(ValueError, match=r"No measure is called 'fidelity\.c3st'"):
        honest.check({"fidelity.c3st": 1})


class Tags(html.parser.HTMLParser):
    """Collects tags, sources and whether each tag is closed."""

    void = {"img", "br", "meta", "input", "hr", "link"}

    def __init__(self, text):
        super().__init__()
        self.seen, self.open, self.sources = [], [], []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.seen.append(tag)
        self.sources += [v for k, v in attrs if k in ("src", "href")]
        if tag not in self.void:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


@pytest.mark.parametrize("kind", ["honest", "mixed"])
def test_page_is_one_file_without_script(kind, request, tmp_path):
    pytest.importorskip("matplotlib")
    report = request.getfixturevalue(kind)
    report.save(tmp_path / "report.html")
    text = (tmp_path / "report.html").read_text(encoding="utf-8")
    tags = Tags(text)
    assert not tags.open and "script" not in tags.seen and len(text) < 3_000_000
    assert tags.sources and all(one.startswith("data:image/png;base64,") for one in tags.sources)
    assert "http" not in re.sub(r"base64,[^\"]*", "", text)
    assert "<i>u</i>" not in text and "<b>truth</b>" not in text and "<level>" not in text
    first = text.index("good") < text.index(">Real</th>")
    assert first and text.index("not a guarantee") < text.index("Fidelity: do the rows")
    assert report._repr_html_() in text


def test_page_without_matplotlib(honest, monkeypatch):
    monkeypatch.setattr("skgensample.report._report.find_spec", lambda name: None)
    text = honest._repr_html_()
    assert "<img" not in text and "skgensample[plot]" in text
    assert Tags(text).open == []


def test_progress_is_shown_on_request(capsys):
    pytest.importorskip("tqdm")
    QualityReport(TRAIN[:60], OTHER[:60], progress=True)
    assert "two-sample test" in capsys.readouterr().err
    QualityReport(TRAIN[:60], OTHER[:60])
    assert capsys.readouterr().err == ""


def test_mixed_frame(mixed):
    assert [one["class"] for one in mixed._utility.classes] == ["no", "yes"]
    assert mixed.verdict["fidelity"]["level"] == "good"
    json.loads(mixed.to_json())


def test_polars_and_regression():
    pl = pytest.importorskip("polars")
    names = [f"x{j}" for j in range(9)]
    train, other, holdout = (pl.DataFrame(part, schema=names) for part in (TRAIN, OTHER, HOLDOUT))
    report = QualityReport(train, other, target="x0", holdout=holdout)
    assert value(report, "utility.score") > 0.7  # R2
    assert report.measures["utility.score"].independent < 0.1
    assert report._utility.classes == []


def test_one_column_and_tiny_tables():
    report = QualityReport([[1.0], [2.0], [3.0], [4.0]], [[1.5], [2.5]], target=0)
    assert "fidelity.pairs" not in report.measures
    json.loads(report.to_json())
    assert "Quality" in report._repr_html_()


@pytest.mark.parametrize("n", [1, 2, 19])
def test_few_held_out_rows_prove_nothing(n):
    report = QualityReport(TRAIN[:100], OTHER[:100], holdout=HOLDOUT[:n])
    assert report.verdict["privacy"]["level"] == "unknown"
    assert f"{n} held-out rows are too few" in report.verdict["privacy"]["sentence"]
    assert (report.verdict["fidelity"]["level"] == "unknown") == (n == 1)


def test_columns_of_names_are_left_out_by_name():
    pd = pytest.importorskip("pandas")
    tables = [pd.DataFrame(part[:200]) for part in (TRAIN, OTHER, HOLDOUT)]
    tables = [table.set_axis([f"x{j}" for j in range(9)], axis=1) for table in tables]
    for table in tables:
        table["Name"] = [f"Ann Smith{i}" for i in range(200)]
    with pytest.raises(ValueError, match="Name") as error:
        QualityReport(tables[0], tables[1], holdout=tables[2])
    assert "Smith" not in str(error.value)
    assert "ignore=['Name']" in str(error.value) and "personal=" not in str(error.value)
    report = QualityReport(tables[0], tables[1], holdout=tables[2], ignore=["Name"])
    assert report.counts["columns"] == 9 and "Left out: Name." in report.notes
    assert "Smith" not in report.to_json()
    with pytest.raises(ValueError, match="ignore must list"):
        QualityReport(tables[0], tables[1], ignore=["name"])


def test_bad_input_names_the_fault():
    with pytest.raises(ValueError, match="different columns"):
        QualityReport(TRAIN, OTHER[:, :3])
    with pytest.raises(ValueError, match="no column 'z'"):
        QualityReport(TRAIN, OTHER, target="z")


def test_report_is_imported_late():
    assert "QualityReport" in dir(skgensample)
