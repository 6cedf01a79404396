"""Which kind of value a personal column holds, by its name and by what its cells look like."""

from datetime import date
from numbers import Real

from ._invent.numbers import written_dates
from ._looks import (
    is_card,
    is_email,
    is_iban,
    is_ipv4,
    is_person_name,
    is_phone,
    mostly,
)
from ._naming import (
    ADDRESS,
    CALLED,
    FIRST_NAMES,
    LAST_NAMES,
    PHONE,
    STREET,
    USER_NAMES,
    is_detail,
    names_birth,
    names_people,
    words_in,
)
from ._people import are_names, has_given_name

#: Cells that are looked at.
LOOKED_AT = 500

#: Free text has so many words at least, in the middle.
FREE_WORDS = 3


def provider_for(name, cells):
    """What is to be invented for a column.

    Parameters
    ----------
    name : object
        Column name.
    cells : list
        Its cells that are not missing.

    Returns
    -------
    provider : str
        See `FakeColumns`.
    """
    looked = cells[:: max(1, len(cells) // LOOKED_AT)]
    if looked and all(isinstance(cell, str) for cell in looked):
        return _of_text(name, [cell.strip() for cell in looked])
    if looked and all(isinstance(cell, date) for cell in looked):
        return "date_of_birth" if names_birth(name) else "identifier"
    if not all(isinstance(cell, Real) for cell in looked):
        return "identifier"
    texts = [str(int(cell)) if cell == cell // 1 else str(cell) for cell in looked]
    if looked and sum(map(bool, map(is_card, texts))) > 0.95 * len(texts):
        return "credit_card_number"
    words = {*words_in(name)}
    return "phone_number" if words & (PHONE | CALLED) else "identifier"


def _of_text(name, texts):
    """The provider of a column of text."""
    looks = {
        "email": is_email,
        "iban": is_iban,
        "credit_card_number": is_card,
        "ipv4": is_ipv4,
        "phone_number": is_phone,
    }
    for provider, match in looks.items():
        if mostly(texts, match):
            return provider
    if names_birth(name) and written_dates(texts):
        return "date_of_birth"
    known = _by_name(words_in(name), texts)
    if known:
        return known
    if mostly(texts, is_person_name) or are_names(texts):
        return "name"
    if is_free(texts):
        return "text"
    return "first_name" if mostly(texts, has_given_name) else "identifier"


def _by_name(words, texts):
    """The provider that a name asks for, where its texts are no codes."""
    known, words = words, set(words)
    if USER_NAMES & words or {"user", "name"} <= words:
        return "user_name"
    if words & PHONE and is_detail(known) and mostly(texts, _has_digit):
        return "phone_number"
    if mostly(texts, _has_digit) and not (ADDRESS | STREET) & words:
        return None
    if names_people(words):
        if words & FIRST_NAMES or words & {"first", "given"}:
            return "first_name"
        if words & LAST_NAMES or words & {"last", "family", "maiden", "famille", "familia"}:
            return "last_name"
        return "name" if mostly(texts, _of_several_words) else "first_name"
    if is_detail(known) and mostly(texts, _of_several_words):
        if words & ADDRESS:
            return "address"
        if words & STREET:
            return "street_address"
    return None


def _has_digit(text):
    return any(char.isdigit() for char in text)


def _of_several_words(text):
    return len(text.split()) > 1


def is_free(texts):
    """Whether texts are of several words, most of them of letters."""
    counts = sorted(len(text.split()) for text in texts)
    letters = sum(char.isalpha() or char.isspace() for text in texts for char in text)
    total = sum(map(len, texts))
    return counts[len(counts) // 2] >= FREE_WORDS and letters > 0.8 * total
