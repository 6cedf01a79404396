"""Columns that identify people or rows: their values would leak into synthetic rows.

Names and contents are read, never kept or quoted. The rules and their limits stand in
doc/user_guide/tables.rst.
"""

import re

import numpy as np

from ._categories import CategoryCodec
from ._columns import FloatCodec, IntegerCodec

#: A column tells rows apart when more than this share of its values differ ...
IDENTIFIER_SHARE = 0.95

#: ... in at least so many rows.
MIN_ROWS = 20

#: Fewer levels than this are categories, whatever the column is called.
MIN_LEVELS = 20

#: Levels of a column of text that are looked at.
LOOKED_AT = 1_000

#: Least value of an integer of seven digits, and of five.
SEVEN_DIGITS, FIVE_DIGITS = 10**6, 10**4

#: Words of a column's name that speak of a person's address of some kind.
CONTACT = set(
    "phone phones telephone telefon tel mobile cellphone handy fax msisdn email emails mail iban "
    "ssn passport address addresses adresse street strasse taxid".split()
)
#: Words that speak of a person's name, alone or beside PERSON.
NAMES = set(
    "surname forename firstname lastname fullname username vorname nachname familyname".split()
)
PERSON = set(
    "first last middle full sur given family maiden customer client person people patient user "
    "member holder cardholder account employee borrower applicant contact owner sender "
    "beneficiary recipient of the s".split()
)
#: Words that number things: alone, and beside large values only.
IDENTITY = set("id ids uid uuid guid identifier identifiers customerid clientid userid".split())
NUMBERS = set(
    "number numbers no nr num account accounts acct konto card customer client member policy "
    "contract kontonummer accountnumber phonenumber telefonnummer cardnumber".split()
)
#: Words of quantities, kinds and times, which are none of the above.
ORDINARY = set(
    "amount amt balance bal age days day months month years year time date timestamp count cnt "
    "counts length len total sum mean avg average min max median std rate ratio share score price "
    "cost costs fee fees income salary limit value values duration distance size weight height "
    "calls minutes charge charges since of in per balances type types kind domain model brand "
    "provider status category class group os code".split()
)

EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s.]+")
IBAN = re.compile(r"[A-Z]{2}\d{2}[A-Z0-9]{10,30}")
CARD = re.compile(r"[2-6]\d{12,18}")
PHONE = re.compile(r"(\+|\(|0)[\d\s()./-]{6,20}|\d{3}[\s.-]\d{3}[\s.-]\d{4}")
DATE_OR_DECIMAL = re.compile(r"\d{1,4}([./-])\d{1,2}\1\d{1,4}|[+-]?\d*[.]\d+")
PERSON_NAME = re.compile(r"[^\W\d_][^\s\d,]*(,?\s[^\W\d_][^\s\d,]*){1,3}")

#: Seconds since 1970 that a clock of our days shows: the years 1990 to 2049.
CLOCK = (631_152_000, 2_524_607_999)


def words_of(name):
    """Lower-case words of a column's name: `CustomerID`, `customer_id` and `Customer ID` agree."""
    if not isinstance(name, str):
        return set()
    name = re.sub(r"(?i)e-?mail", "email", name)
    found = re.findall(r"[A-ZÄÖÜ]?[^\W\d_A-ZÄÖÜ]+|[A-ZÄÖÜ]+(?![^\W\d_A-ZÄÖÜ])", name)
    return {word.casefold() for word in found}


def personal_text(name, levels, n):
    """Why a column of text would leak, or None.

    Parameters
    ----------
    name : object
        Column name.
    levels : sequence of str
        Its distinct texts.
    n : int
        Number of cells that are not missing.

    Returns
    -------
    reason : str or None
        Without any of the texts.
    """
    if n >= MIN_ROWS and len(levels) > IDENTIFIER_SHARE * n:
        return "a different text in nearly every row"
    looked = [str(level).strip() for level in levels[:: max(1, len(levels) // LOOKED_AT)]]
    kind = _kind_of_text(looked)
    if kind is not None:
        return kind
    if len(levels) < MIN_LEVELS:
        return None
    words = words_of(name)
    if not words & ORDINARY and words & CONTACT:
        return "text under the name of a personal detail"
    if words & NAMES or ("name" in words and words - {"name"} <= PERSON):
        return "text under the name of people's names"
    if len(levels) > n / 2 and _mostly(looked, _is_person_name):
        return "text that looks like people's names"
    return None


def _kind_of_text(looked):
    """What most of the texts look like: e-mail addresses, IBANs, card or phone numbers."""
    kinds = {
        "e-mail addresses": EMAIL.fullmatch,
        "IBANs": is_iban,
        "card numbers": is_card,
        "phone numbers": _is_phone,
    }
    for kind, match in kinds.items():
        if _mostly(looked, match):
            return f"text that looks like {kind}"
    return None


def _mostly(texts, match):
    """Whether more than half of the texts match."""
    return sum(map(bool, map(match, texts))) > len(texts) / 2


def is_iban(text):
    """Whether a text is an IBAN, by the checksum of ISO 13616."""
    text = text.replace(" ", "").upper()
    if not IBAN.fullmatch(text):
        return False
    return int("".join(str(int(c, 36)) for c in text[4:] + text[:4])) % 97 == 1


def is_card(text):
    """Whether a text is the number of a payment card, by Luhn's checksum."""
    text = re.sub(r"[ -]", "", text)
    if not CARD.fullmatch(text):
        return False
    digits = [int(c) for c in reversed(text)]
    return sum(digits[::2] + [sum(divmod(2 * d, 10)) for d in digits[1::2]]) % 10 == 0


def _is_phone(text):
    """Whether a text of at least seven digits is written like a phone number, not a date."""
    enough = 7 <= sum(c.isdigit() for c in text) <= 15
    return enough and PHONE.fullmatch(text) and not DATE_OR_DECIMAL.fullmatch(text)


def _is_person_name(text):
    """Whether a text is two to four words, the first and last with a capital."""
    words = text.split()
    capital = words and words[0][:1].isupper() and words[-1][:1].isupper()
    return capital and PERSON_NAME.fullmatch(text)


def personal_numbers(name, steps, least, *, floats=False):
    """Why a column of whole numbers would leak, or None.

    Parameters
    ----------
    name : object
        Column name.
    steps : ndarray of shape (n,)
        Distance of its cells, missing ones left out, to the smallest.
    least : number
        The smallest.
    floats : bool
        Whether they came as floats: then only names of personal details count.

    Returns
    -------
    reason : str or None
        Without any of the numbers.
    """
    words = words_of(name)
    n = len(steps)
    if words & ORDINARY or n < MIN_ROWS or least < 0:
        return None
    if least < SEVEN_DIGITS and not words & (CONTACT | IDENTITY | NUMBERS):
        return None
    middle = least + np.median(steps)
    details = words & CONTACT and middle >= SEVEN_DIGITS
    named = words & IDENTITY or (words & (NUMBERS | CONTACT) and middle >= FIVE_DIGITS)
    long = least >= SEVEN_DIGITS
    if not (details or ((named or long) and not floats)):
        return None
    n_levels = len(np.unique(steps))
    if details and n_levels >= MIN_LEVELS:
        return "numbers under the name of a personal detail"
    if floats:
        return None
    if named and n_levels > IDENTIFIER_SHARE * n:
        return "a different number in nearly every row, under the name of an identifier"
    values = steps + float(least)
    if long and n_levels == n and _same_length(values) and not _is_time(values):
        return "a different long number in every row"
    return None


def _same_length(values):
    """Whether nine in ten numbers have one number of digits: identifiers do, amounts do not."""
    length = np.floor(np.log10(values)).astype(np.intp)
    return np.bincount(length).max() >= 0.9 * len(values)


def _is_time(values):
    """Whether all numbers are times of a clock since 1970, or dates written as 20180401."""
    lo, hi = values.min(), values.max()
    first, last = CLOCK
    if any(first * unit <= lo and hi <= last * unit for unit in (1, 10**3, 10**6, 10**9)):
        return True
    if not 19_000_101 <= lo <= hi <= 21_001_231:
        return False
    month, day = np.divmod(values.astype(np.int64) % 10_000, 100)
    return bool(((month >= 1) & (month <= 12) & (day >= 1) & (day <= 31)).all())


def leak(name, codec, z, levels, learned):
    """Why synthetic rows would give away who or what a column identifies, or None.

    Parameters
    ----------
    name : object
        Column name.
    codec : codec
        The column's.
    z : ndarray of shape (n,)
        Encoded cells, missing ones left out.
    levels : sequence or None
        Levels of a column of categories.
    learned : bool
        Whether a model makes the new rows; else only categories are copied into them.

    Returns
    -------
    reason : str or None
    """
    if isinstance(codec, CategoryCodec):
        if codec.text:
            return personal_text(name, levels, len(z))
        levels = np.asarray(levels)
        if levels.dtype.kind not in "iu" or not isinstance(name, str):
            return None
        return personal_numbers(name, (levels - levels.min())[z.astype(np.intp)], int(levels.min()))
    if not learned or not len(z):
        return None
    if isinstance(codec, IntegerCodec) and codec.dtype.kind != "b":
        return personal_numbers(name, z, int(codec.lo))
    if isinstance(codec, FloatCodec) and codec.decimals == [0] and isinstance(name, str):
        return personal_numbers(name, z - z.min(), z.min(), floats=True)
    return None


def refuse_personal(reasons):
    """Raise a ValueError that names every column that would leak.

    Parameters
    ----------
    reasons : dict
        Column name -> reason, or None for columns without fault.
    """
    found = [f"{name!r} ({reason})" for name, reason in reasons.items() if reason]
    if not found:
        return
    noun = "Column" if len(found) == 1 else "Columns"
    raise ValueError(
        f"{noun} {', '.join(found)}: such columns identify people or rows and would leak into "
        "synthetic ones. Drop them first. One that identifies nobody passes under a neutral name, "
        "integers as floats."
    )
