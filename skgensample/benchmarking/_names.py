"""Names that are not known, and the known one that was probably meant."""

from difflib import get_close_matches

__all__ = ["closest_name", "unknown_name"]


def closest_name(name, known):
    """Return the known name that is spelt most like `name`, or None.

    Parameters
    ----------
    name : str
        What was asked for.
    known : iterable of str
        What there is.

    Returns
    -------
    closest : str or None
        Upper and lower case count as the same letter.
    """
    by_folded = {one.casefold(): one for one in known}
    found = get_close_matches(name.casefold(), by_folded, n=1)
    return by_folded[found[0]] if found else None


def unknown_name(what, name, known, otherwise):
    """Return the sentence that refuses a name.

    Parameters
    ----------
    what : str
        Beginning of the sentence, such as ``"Unknown learner"``.
    name : str
        What was asked for.
    known : iterable of str
        What there is.
    otherwise : str
        End of the sentence: where the known names are found.

    Returns
    -------
    sentence : str
        With a suggestion where a known name is spelt alike.
    """
    closest = closest_name(name, known)
    suggestion = "" if closest is None else f" (did you mean {closest}?)"
    return f"{what} {name}{suggestion}: {otherwise}."
