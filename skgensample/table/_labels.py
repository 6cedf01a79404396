"""Labels in messages: none that may be a person's name, and no long list of them."""

from .._suggestions import did_you_mean, plain
from ._people import has_given_name
from ._pii import personal_text

#: Most classes that an error lists.
MOST_LISTED = 20


class Withheld:
    """Stands for a label that may be a person's name or number."""

    def __repr__(self):
        return "(not shown: it looks like a person's)"


def shown_label(label):
    """A label as messages show it: a NumPy scalar as a Python object, none of a person.

    Parameters
    ----------
    label : label
        Any.

    Returns
    -------
    shown : object
        Its ``repr`` is for messages.
    """
    label = plain(label)
    return Withheld() if is_personal_label(label) else label


def is_personal_label(label):
    """Whether a label is a text like a person's name, e-mail address or number."""
    if not isinstance(label, str):
        return False
    return has_given_name(label) or personal_text(None, [label], 1, few=True) is not None


def give_one_of(wanted, labels):
    """End of an error about a label that does not exist.

    Parameters
    ----------
    wanted : object
        What the user asked for.
    labels : sequence of label
        Those that there are.

    Returns
    -------
    end : str
        ``"give one of ['a', 'b']: did you mean 'a'?"``; of more than 20 labels, or of those of
        people, only the number.
    """
    labels = [plain(label) for label in labels]
    if any(map(is_personal_label, labels)):
        return f"give one of the {len(labels)} classes of y."
    end = did_you_mean(wanted, labels)
    if len(labels) > MOST_LISTED:
        return f"give one of the {len(labels)} classes of y{end}"
    return f"give one of {labels}{end}"
