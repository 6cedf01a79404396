"""Card precision: known answers and a reference implementation."""

import numpy as np
import pytest

from skgensample.metrics import card_precision_score


def naive_card_precision(y_true, y_score, day, card, k):
    """Day after day, with dicts."""
    found, values = set(), []
    for today in sorted(set(day)):
        score, fraud = {}, {}
        for y, s, d, c in zip(y_true, y_score, day, card):
            if d == today and c not in found:
                score[c] = max(s, score.get(c, -np.inf))
                fraud[c] = fraud.get(c, False) or y == 1
        checked = sorted(score, key=lambda c: (-score[c], c))[:k]
        hits = {c for c in checked if fraud[c]}
        found |= hits
        values.append(len(hits) / k)
    return np.array(values)


@pytest.mark.parametrize("k", [1, 3, 100])
@pytest.mark.parametrize("decimals", [1, 9])
def test_equals_its_naive_twin(k, decimals):
    rng = np.random.RandomState(k)
    y, score = rng.rand(600) < 0.2, rng.rand(600).round(decimals)
    day, card = rng.randint(-3, 4, 600), rng.choice(list("abcdefghijklmnop"), 600)
    expected = naive_card_precision(y, score, day, card, k)
    given = {"day": day, "card": card, "k": k}
    np.testing.assert_array_equal(card_precision_score(y, score, **given, average=False), expected)
    assert card_precision_score(y, score, **given) == pytest.approx(expected.mean())
    order = rng.permutation(600)
    moved = {"day": day[order], "card": card[order], "k": k}
    assert card_precision_score(y[order], score[order], **moved) == pytest.approx(expected.mean())


def test_a_card_is_found_once():
    y, score, card = [1, 1, 0], [0.9, 0.9, 0.1], [7, 7, 8]
    assert card_precision_score(y, score, day=[0, 1, 1], card=card, k=1) == 0.5
    # A card that was checked on a day without fraud is not found and can be found later.
    assert card_precision_score([0, 1, 0], score, day=[0, 1, 1], card=card, k=1) == 0.5


def test_a_card_counts_by_its_highest_score_and_any_fraud():
    """The fraudulent row of card 1 has a low score, but its other row ranks the card first."""
    found = card_precision_score([1, 0, 0], [0.1, 0.9, 0.5], day=[0, 0, 0], card=[1, 1, 2], k=1)
    assert found == 1


def test_equal_scores_take_the_lowest_card():
    kept = {"y_score": [0.5, 0.5], "day": [0, 0], "card": ["b", "a"], "k": 1}
    assert card_precision_score([0, 1], **kept) == 1
    assert card_precision_score([1, 0], **kept) == 0


def test_days_with_fewer_cards_than_k_divide_by_k():
    assert card_precision_score([1], [1.0], day=[0], card=[0]) == 0.01


def test_dates_are_days():
    day = np.array(["2018-04-02", "2018-04-01"], dtype="datetime64[D]")
    values = card_precision_score([1, 0], [0.5, 0.5], day=day, card=[1, 2], k=1, average=False)
    assert values.tolist() == [0, 1]


@pytest.mark.parametrize(
    ("changed", "match"),
    [
        ({"y_true": [0, 2]}, "labels 0 and 1"),
        ({"y_score": [0.1, np.nan]}, "y_score"),
        ({"card": [1]}, "inconsistent"),
        ({"k": 0}, "k"),
        ({"y_true": [], "y_score": [], "day": [], "card": []}, "at least one"),
    ],
)
def test_errors(changed, match):
    given = {"y_true": [0, 1], "y_score": [0.1, 0.2], "day": [0, 0], "card": [1, 2], **changed}
    with pytest.raises(ValueError, match=match):
        card_precision_score(**given)
