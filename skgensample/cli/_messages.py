"""Errors and reports of Python, in the words of the command line."""

import re

__all__ = ["in_options"]

#: What Python's messages say, and what it is on the command line.
_INVENT = r"personal='fake' or (?:personal=)?FakeColumns\([^)]*\)"
_SAID = (
    (
        rf"Drop them first, or have samplers fill them with invented values by {_INVENT}\.",
        "Leave them out (--drop NAME,...), or let invented values stand in (--personal fake).",
    ),
    (
        r"passes with schema=\{name: 'category'\} or (\{name: 'number'\}\.|.*? or 'time'\.)",
        "passes with --kind NAME=category or --kind NAME=number.",
    ),
    (
        rf"personal='refuse'\. Drop such columns, .*? by {_INVENT}\.",
        "is refused: leave it out (--drop NAME,...), or give --personal fake.",
    ),
    (
        r"The 'sampling_strategy' parameter of \w+ must be .*\. Got (.*) instead\.",
        r"--ratio must be above 0 and at most 1, got \1.",
    ),
    (r"^(The )?schema calls", "--kind calls"),
    (r"[Ll]eave them out: ignore=\[(.*?)\]", lambda found: _drop(found[1])),
    (r"personal='fake'( or (personal=)?FakeColumns\([^)]*\))?", "--personal fake"),
    (r"\bFakeColumns\(columns=[^)]*\)", "--personal fake"),
    (r"\(holdout\)", "(--holdout FILE)"),
    (r"\(target\)", "(--target COL)"),
    (r"^schema names", "--kind names"),
    (r"\bconditions=", "--where "),
    (r"\bconstraints=", "--constraint "),
    (r"\bas constraints\b", "by --constraint"),
    (r"\bholdout=", "--holdout "),
    (r"\btarget=", "--target "),
    (r"\bmodel=", "--model "),
    (r"\brandom_state=", "--seed "),
    (r"(?<!\()\bsampling_strategy=", "--ratio "),
    (r"\bschema=", "--kind "),
)


def in_options(text):
    """A message with the options of the command line in place of Python's keywords.

    Parameters
    ----------
    text : str
        Message.

    Returns
    -------
    text : str
    """
    for said, meant in _SAID:
        text = re.sub(said, meant, text)
    return text


def _drop(names):
    """The option that leaves columns out, for the names in a Python list."""
    return f"Leave them out by --drop {','.join(re.findall(r'[^, ][^,]*', names))}".replace("'", "")
