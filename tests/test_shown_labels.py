"""Labels in messages: those of people are not shown, nor long lists."""

import numpy as np
import pytest

from skgensample.table import give_one_of, shown_label

PEOPLE = ["Anna Meier", "Peter", "a.b@mail.example", "DE89 3704 0044 0532 0130 00"]


@pytest.mark.parametrize("label", PEOPLE)
def test_a_label_of_a_person_is_not_shown(label):
    assert label not in repr(shown_label(label)) + repr(shown_label(np.str_(label)))
    assert give_one_of(label, ["good", label]) == "give one of the 2 classes of y."


@pytest.mark.parametrize("label", ["yes", "Very Good", "setosa", 3, 2.5, True, np.int64(4), None])
def test_other_labels_are_shown_as_they_are_typed(label):
    assert shown_label(label) == label and "np." not in repr(shown_label(label))


def test_few_classes_are_listed_and_many_counted():
    assert (
        give_one_of("godd", ["bad", "good"]) == "give one of ['bad', 'good']: did you mean 'good'?"
    )
    assert give_one_of(7, np.arange(3)) == "give one of [0, 1, 2]."
    assert give_one_of(70, np.arange(21)) == "give one of the 21 classes of y."
