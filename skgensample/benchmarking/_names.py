"""Names of data, and names that are not known, with the known one that was probably meant."""

from .._suggestions import closest

__all__ = ["SIMULATED", "unknown_name"]

#: Beginning of the description of simulated data.
SIMULATED = "simulated card transactions"


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
    near = closest(name, known)
    suggestion = "" if near is None else f" (did you mean {near}?)"
    return f"{what} {name}{suggestion}: {otherwise}."
