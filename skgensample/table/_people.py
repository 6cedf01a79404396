"""Columns that show people or their numbers, however few rows or levels they have.

Where values are to be invented, a column too many is better than a person copied: thresholds of
`_pii`, under which few levels are a category, do not hold here.
"""

import re
import unicodedata
from collections import Counter

import numpy as np

from ._given_names import GIVEN_NAMES
from ._looks import PERSON_NAME, is_hash, is_person_name, mostly
from ._naming import (
    ADDRESS,
    CONTACT,
    ORDINARY,
    PERSONS,
    STREET,
    USER_NAMES,
    is_detail,
    is_document,
    kind_of_name,
    names_people,
    numbers_people,
    words_in,
)

#: Pairs of texts that say yes and no.
FLAGS = [
    {"yes", "no"}, {"y", "n"}, {"true", "false"}, {"t", "f"}, {"0", "1"}, {"ja", "nein"},
    {"oui", "non"}, {"si", "no"}, {"sí", "no"}, {"sim", "não"}, {"on", "off"},
]  # fmt: skip

#: At least this share of full names begin or end with a frequent given name.
KNOWN_NAMES = 0.2

#: So many rows with different codes or texts are numbered, or told of.
DIFFERENT_ROWS = 10

#: Why text that differs in nearly every row would leak.
DIFFERENT_TEXT = "a different text in nearly every row"

#: Text of digits and punctuation only: numbers, times and intervals.
NUMERIC = re.compile(r"[\d\s.,:;/+()<>%-]+")

#: Least number of seven digits.
SEVEN_DIGITS = 10**6


def text_of_few(name, texts, n):
    """Why a column of text of any size would leak, or None.

    Parameters
    ----------
    name : object
        Column name.
    texts : list of str
        Its distinct texts, or many of them.
    n : int
        Number of cells that are not missing.

    Returns
    -------
    reason : str or None
        Without any of the texts.
    """
    words = words_in(name)
    if not texts or {text.casefold() for text in texts} in FLAGS:
        return None
    differ = len(texts) > max(n / 2, 2)
    if is_document(words) or not ORDINARY.intersection(words):
        reason = _by_name(name, words, texts, differ)
        if reason:
            return reason
        if are_names(texts):
            return "text that looks like people's names"
    if differ and mostly(texts, is_hash):
        return "text that looks like UUIDs or hashes"
    if len(texts) == n >= DIFFERENT_ROWS and mostly(texts, _is_code):
        return DIFFERENT_TEXT
    return None


def _by_name(name, words, texts, differ):
    """Why a column of text would leak under its name."""
    bag = set(words)
    if is_detail(words) or (CONTACT & bag and differ):
        places = bag & (ADDRESS | STREET)
        if differ or mostly(texts, _of_several_words if places else _has_digit):
            return "text under the name of a personal detail"
    if names_people(bag):
        # "login" may be a way of logging in
        written = _has_digit if bag <= USER_NAMES else _is_capitalised
        if differ or mostly(texts, written) or mostly(texts, has_given_name):
            return "text under the name of people's names"
    if numbers_people(name) and (differ or mostly(texts, _has_digit)):
        return "text under the name of people's numbers"
    if PERSONS & bag and (are_names(texts) or _are_full_names(texts, differ)):
        return "people's names, under a word for people"
    return None


def are_names(texts):
    """Whether texts are full names of people, a good part of them with a frequent given name.

    Parameters
    ----------
    texts : sequence of str
        Different texts.

    Returns
    -------
    bool
    """
    if not texts or not mostly(texts, PERSON_NAME.fullmatch):
        return False
    return sum(map(has_given_name, texts)) >= KNOWN_NAMES * len(texts)


def has_given_name(text):
    """Whether the first or last word of a text is a frequent given name."""
    words = text.replace(",", " ").split()
    return bool(words) and not GIVEN_NAMES.isdisjoint(map(_plain, (words[0], words[-1])))


def _are_full_names(texts, differ):
    """Whether texts under a word for people are names: not kinds of people, as in "New Client"."""
    if mostly(texts, has_given_name):
        return True
    if not mostly(texts, is_person_name) or (len(texts) < 3 and not differ):
        return False
    words = Counter(word for text in texts for word in set(text.casefold().split()))
    return max(words.values()) <= max(len(texts) / 3, 1)


def _plain(word):
    """A word in lower case, without accents."""
    letters = unicodedata.normalize("NFKD", word.casefold())
    return "".join(char for char in letters if not unicodedata.combining(char))


def _has_digit(text):
    return any(char.isdigit() for char in text)


def _of_several_words(text):
    return len(text.split()) > 1


def _is_capitalised(text):
    return text[:1].isupper() and len(text) > 1 and not _has_digit(text)


def _is_code(text):
    """Whether a text has a digit, or is of three words and more."""
    return not NUMERIC.fullmatch(text) and (_has_digit(text) or len(text.split()) > 2)


def numbers_of_few(name, steps, least):
    """Why whole numbers in few rows, or of few levels, would leak, or None.

    Parameters
    ----------
    name : object
        Column name.
    steps : ndarray of shape (n,)
        Distance of its cells, missing ones left out, to the smallest.
    least : number
        The smallest.

    Returns
    -------
    reason : str or None
        Without any of the numbers.
    """
    n, n_levels = len(steps), len(np.unique(steps))
    if not n or least < 0:
        return None
    kind = kind_of_name(name)
    if kind == "detail" and least + np.median(steps) >= SEVEN_DIGITS:
        return "numbers under the name of a personal detail"
    if n_levels < n or n < 3:
        return None
    if numbers_people(name):
        return "numbers under the name of people's numbers"
    if kind == "identifier" and n >= DIFFERENT_ROWS:
        return "a different number in every row, under the name of an identifier"
    return None
