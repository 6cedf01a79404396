"""What a notebook shows of a sampler."""

import pickle
import re

import numpy as np
import pytest
from imblearn.pipeline import make_pipeline
from sklearn import config_context
from sklearn.base import clone
from sklearn.linear_model import LogisticRegression
from sklearn.utils import estimator_html_repr

from skgensample import GaussianCopulaResampler, NumbaSMOTE

X = np.random.RandomState(0).randn(1_200, 2)
Y = np.where(np.arange(1_200) < 200, "<b>fraud</b>", "genuine")


def cells(html):
    """Texts of the cells of the table of counts, line by line."""
    table = html.partition('<table class="skgensample-counts"')[2]
    return [re.findall(r"<t[hd][^>]*>(.*?)</t", line) for line in table.split("<tr>")[1:]]


def test_counts_stand_below_the_diagram():
    sampler = NumbaSMOTE(random_state=0)
    assert not cells(sampler._repr_html_())
    plain = repr(sampler)
    sampler.fit_resample(X, Y)
    html = sampler._repr_html_()
    assert "sk-top-container" in html and "<b>fraud" not in html
    texts = cells(html)
    assert texts[0][0] == "Class" and repr(sampler) == plain
    assert texts[1:] == [
        ["&lt;b&gt;fraud&lt;/b&gt;", "200", "800", "1,000"],
        ["genuine", "1,000", "0", "1,000"],
    ]
    bundle = sampler._repr_mimebundle_()
    assert bundle["text/plain"] == plain and cells(bundle["text/html"]) == cells(html)


def test_a_synthetic_table_has_new_rows_only():
    sampler = GaussianCopulaResampler(random_state=0, output="synthetic").fit(X, Y)
    texts = cells(sampler._repr_html_())
    assert texts[1][1:] == ["200", "1,000", "1,000"]
    assert texts[2][1:] == ["1,000", "1,000", "1,000"]


def test_many_classes_are_cut():
    y = np.arange(1_200) % 40
    texts = cells(NumbaSMOTE().fit(X, y)._repr_html_())
    assert len(texts) == 22 and "(20 more classes)" in texts[-1][0]


def test_a_table_without_labels_has_no_counts():
    assert not cells(GaussianCopulaResampler(random_state=0).fit(X)._repr_html_())


def test_text_display_has_no_html():
    sampler = NumbaSMOTE().fit(X, Y)
    with config_context(display="text"):
        assert not hasattr(sampler, "_repr_html_")
        assert set(sampler._repr_mimebundle_()) == {"text/plain"}


def test_diagram_of_a_pipeline():
    pipeline = make_pipeline(NumbaSMOTE(random_state=0), LogisticRegression())
    assert "NumbaSMOTE" in estimator_html_repr(pipeline)
    pipeline.fit(X, Y)
    html = pipeline._repr_html_()
    assert "NumbaSMOTE" in html and "<b>fraud" not in html


def test_copies_keep_or_drop_the_counts():
    sampler = NumbaSMOTE(random_state=0).fit(X, Y)
    assert pickle.loads(pickle.dumps(sampler)).class_counts_ == sampler.class_counts_
    assert sampler.class_counts_ == {"<b>fraud</b>": 200, "genuine": 1_000}
    assert not hasattr(clone(sampler), "class_counts_")
    with pytest.raises(ValueError, match="more than 1 class"):
        sampler.fit(X, np.zeros(1_200))
    assert sampler.class_counts_ == {"<b>fraud</b>": 200, "genuine": 1_000}
