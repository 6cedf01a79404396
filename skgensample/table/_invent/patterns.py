"""Patterns of texts and numbers: lengths, punctuation, kinds of characters, common prefixes."""

from dataclasses import dataclass, replace

import numpy as np

#: Characters that stand in a place in every one of so many values are part of the pattern.
MIN_GROUP = 10

#: Most patterns of one column.
MOST_PATTERNS = 200

#: Values that a pattern allows for each one that is wanted or was given.
ROOM = 4

#: Letters and digits are told apart unless that makes more patterns than this, and than a quarter
#: of the values: those of hashes and licence keys have no order of letters and digits.
MOST_SHAPES = 20

DIGITS, UPPER, LOWER = "0123456789", "ABCDEFGHIJKLMNOPQRSTUVWXYZ", "abcdefghijklmnopqrstuvwxyz"
FULL = {"9": DIGITS, "A": UPPER, "a": LOWER}


def shape_of(text):
    """Pattern of a text: 9, A, a for digits and letters, ? for other letters, the rest itself."""
    return "".join(map(_kind_of, text))


def _kind_of(char):
    if char.isdigit():
        return "9"
    if not char.isalpha():
        return char
    return "A" if char.isupper() else "a" if char.islower() else "?"


@dataclass(frozen=True)
class Pattern:
    """Texts of one length.

    Parameters
    ----------
    shape : str
        Kind of each character; see `shape_of`.
    allowed : tuple of str
        The characters that may stand in each place.
    weight : int
        Cells of this pattern.
    n_given : int
        Different values of this pattern in the given column.
    full : dict
        All characters of each kind.
    """

    shape: str
    allowed: tuple
    weight: int
    n_given: int
    full: dict

    def draw(self, n, rng):
        """Draw n texts, each place on its own."""
        places = [np.array(list(chars))[rng.randint(len(chars), size=n)] for chars in self.allowed]
        grid = np.array(places).T.astype("U1", order="C")
        return grid.view(f"U{len(self.allowed)}").ravel().tolist()

    def roomier(self, needed, *, lost=1, number=False):
        """The pattern with more characters in its last places, until it allows enough texts.

        Parameters
        ----------
        needed : int
            Number of different texts wanted.
        lost : int, default=1
            Texts that check digits make equal.
        number : bool, default=False
            Whether the texts are numbers, which do not begin with 0.
        """
        wanted, allowed = ROOM * lost * (needed + self.n_given) + 20, list(self.allowed)
        for kinds in ("9", "Aaw"):
            for i in reversed(range(len(allowed))):
                if _size(allowed) >= wanted:
                    break
                if self.shape[i] in kinds:
                    first = number and _is_first_of_several(self.shape, i)
                    allowed[i] = DIGITS[1:] if first else self.full[self.shape[i]]
        while _size(allowed) < wanted:
            allowed.append(DIGITS)
        shape = self.shape + "9" * (len(allowed) - len(self.shape))
        return replace(self, shape=shape, allowed=tuple(allowed))


def _is_first_of_several(shape, i):
    """Whether a place is that of the first of several digits."""
    return shape.find("9") == i and shape.count("9") > 1


def _size(allowed):
    """Number of different texts."""
    return np.prod([float(len(chars)) for chars in allowed])


class Patterns:
    """All patterns of a column.

    Values are grouped by shape and by what stands before their first digit (`lead` digits of it
    included), where ten values at least agree in it. A character that stands in one place of a
    whole group of ten stays; else any is drawn that the group has there.

    Parameters
    ----------
    counts : dict
        Text -> number of its cells.
    lead : int, default=0
        Leading digits that are kept together.
    number : bool, default=False
        Whether the texts are numbers.
    finish : callable, default=None
        What completes a drawn text, e.g. by check digits.
    lost : int, default=1
        Number of drawn texts that `finish` makes equal.
    """

    def __init__(self, counts, *, lead=0, number=False, finish=None, lost=1):
        self.number, self.finish, self.lost = number, finish, lost
        by_prefix, groups = {}, {}
        shapes, self._full = _shapes(counts)
        for text, shape in zip(counts, shapes):
            by_prefix.setdefault((shape, text[: _prefix(shape) + lead]), []).append(text)
        for (shape, prefix), texts in by_prefix.items():
            key = (shape, prefix) if len(texts) >= MIN_GROUP else (shape, None)
            groups.setdefault(key, []).extend(texts)
        made = [self._pattern(shape, texts, counts) for (shape, _), texts in groups.items()]
        made.sort(key=lambda pattern: (-pattern.weight, pattern.shape, pattern.allowed))
        self.patterns = made[:MOST_PATTERNS]

    def _pattern(self, shape, texts, counts):
        """What stands in each place of texts of one shape."""
        allowed = []
        for kind, chars in zip(shape, zip(*texts)):
            found = "".join(sorted(set(chars)))
            if kind in self._full and len(texts) < MIN_GROUP:
                first = self.number and _is_first_of_several(shape, len(allowed))
                found = DIGITS[1:] if first else self._full[kind]
            elif kind == "?" and len(texts) < MIN_GROUP:
                found = "".join(sorted({c for text in texts for c in text if _kind_of(c) == "?"}))
            allowed.append(found)
        weight = sum(counts[text] for text in texts)
        return Pattern(shape, tuple(allowed), weight, len(texts), self._full)

    def draw(self, n, rng, needed):
        """Draw n texts in the frequencies of the patterns.

        Parameters
        ----------
        n : int
            Number of texts.
        rng : RandomState
            Source of all draws.
        needed : int
            Number of different texts wanted in all.

        Returns
        -------
        list of str
            In random order.
        """
        weights = np.array([pattern.weight for pattern in self.patterns], dtype=float)
        weights /= weights.sum()
        texts = []
        for pattern, weight, count in zip(self.patterns, weights, rng.multinomial(n, weights)):
            wanted = int(np.ceil(needed * weight * 1.5)) + 5
            roomy = pattern.roomier(wanted, lost=self.lost, number=self.number)
            texts += roomy.draw(count, rng) if count else []
        texts = [texts[i] for i in rng.permutation(n)]
        return texts if self.finish is None else list(map(self.finish, texts))


def _shapes(texts):
    """Shape of each text, and all characters of each kind."""
    shapes = [shape_of(text) for text in texts]
    if len(set(shapes)) <= max(MOST_SHAPES, len(shapes) / 4):
        return shapes, FULL
    alphabet = "".join(sorted({char for text in texts for char in text if char.isalnum()}))
    shapes = ["".join("w" if char.isalnum() else char for char in text) for text in texts]
    return shapes, {"w": alphabet or DIGITS}


def _prefix(shape):
    """Length of what stands before the first digit; 0 where there is no digit."""
    return max(shape.find("9"), 0)
