"""Names, addresses and words of a locale, from Faker."""

import re
import unicodedata
from datetime import date
from difflib import get_close_matches
from functools import lru_cache

import numpy as np

from ...exceptions import MissingExtraError

#: Values that Faker is asked for at first.
POOL = 2_000

#: A house number.
NUMBER = re.compile(r"\d+")

#: Languages that write the family name first, and what stands between the names.
FAMILY_FIRST = {"zh": "", "ko": "", "ja": " ", "hu": " "}

#: Domains that are reserved for examples (RFC 2606): nobody receives mail there.
DOMAINS = ("example.com", "example.org", "example.net")


@lru_cache(maxsize=16)
def faker_of(locale):
    """Return Faker's generator of one locale.

    Raises
    ------
    MissingExtraError
        If Faker is not installed.
    ValueError
        If it does not know the locale.
    """
    try:
        import faker
    except ModuleNotFoundError:
        raise MissingExtraError(
            "Invented names, addresses and texts need Faker: install it with "
            "`pip install 'skgensample[fake]'`."
        ) from None
    try:
        return faker.Faker(locale)
    except AttributeError:
        raise ValueError(
            f"locale={locale!r} is not known to Faker: give one such as 'en_US' or 'de_DE'."
        ) from None


@lru_cache(maxsize=64)
def pool(locale, provider, size=POOL):
    """Different values of a provider among `size` draws; the same in every process."""
    source = faker_of.__wrapped__(locale)  # of this call only: other threads may draw, too
    source.seed_instance(size)
    draw = getattr(source, provider)
    return tuple(dict.fromkeys(str(draw()) for _ in range(size)))


def has_provider(locale, provider):
    """Whether Faker makes single values under that name without being told more."""
    source = faker_of.__wrapped__(locale)  # the call may change its state
    if provider.startswith(("_", "seed")) or not callable(getattr(source, provider, None)):
        return False
    try:
        value = getattr(source, provider)()
    except Exception:  # of any of Faker's providers: needs arguments or another package
        return False
    return isinstance(value, (str, int, date)) and not isinstance(value, bool)


def check_provider(column, locale, provider, own):
    """Raise if a provider is none of Faker's that make texts, whole numbers or dates.

    Parameters
    ----------
    column : object
        Column name, for the error.
    locale : str
        Locale of Faker.
    provider : str
        What the user asks for.
    own : sequence of str
        What else may be asked for.

    Raises
    ------
    ValueError
        The message suggests the nearest name.
    """
    if provider in own or has_provider(locale, provider):
        return
    names = [name for name in dir(faker_of(locale)) if name != provider]
    near = get_close_matches(provider, dict.fromkeys([*own, *names]), n=5)
    meant = next((name for name in near if name in own or has_provider(locale, name)), None)
    raise ValueError(
        f"Column {column!r}: {provider!r} is no provider of texts, whole numbers or dates of Faker "
        f"for locale {locale!r}: "
        + (
            f"did you mean {meant!r}?"
            if meant
            else "give one such as 'name', 'email', 'phone_number', 'city' or 'identifier'."
        )
    )


def pick(values, n, rng):
    """Draw n values of a pool."""
    return [values[i] for i in rng.randint(len(values), size=n)]


class Pools:
    """Draws from pools that grow with the number of values wanted.

    Parameters
    ----------
    locale : str
        Locale of Faker.
    provider : str
        Name of Faker's method.
    join : str, default=None
        What stands for the line breaks of addresses; None leaves them.
    """

    def __init__(self, locale, provider, *, join=None):
        self.locale, self.provider, self.join = locale, provider, join

    def draw(self, n, rng, needed):
        """Draw n values, where `needed` different ones are wanted."""
        size, numbered = POOL, self.provider in ("address", "street_address")
        while size < 2 * needed and not numbered:
            size *= 2
        values = pick(pool(self.locale, self.provider, size), n, rng)
        if numbered:
            values = [_renumbered(value, rng) for value in values]
        if self.join is not None:
            values = [value.replace("\n", self.join) for value in values]
        return values


def _renumbered(address, rng):
    """An address with another house number."""
    lines = address.split("\n")
    at = next((i for i, line in enumerate(lines) if NUMBER.search(line)), None)
    if at is not None:
        number = str(rng.randint(1, 1_000))
        lines[at] = NUMBER.sub(number, lines[at], count=1)
    return "\n".join(lines)


class Names:
    """Names of people, written as those of the column are.

    Parameters
    ----------
    locale : str
        Locale of Faker.
    part : {"name", "first_name", "last_name"}
        Which names.
    texts : sequence of str
        Given names, of which the case and the order of the parts are taken.
    """

    def __init__(self, locale, part, texts):
        self.locale, self.part = locale, part
        half = len(texts) / 2
        self.comma = sum("," in text for text in texts) > half
        self.case = None
        for case in ("isupper", "islower"):
            if sum(getattr(text, case)() for text in texts) > half:
                self.case = case.removeprefix("is")

    def draw(self, n, rng, needed):
        """Draw n names; double ones where too few different ones are known."""
        first, last = (pool(self.locale, part) for part in ("first_name", "last_name"))
        if self.part == "name":
            families = pick(last, n, rng)
            if needed > len(first) * len(last) / 4:
                families = [f"{a}-{b}" for a, b in zip(families, pick(last, n, rng))]
            names = self._full(pick(first, n, rng), families)
        else:
            known = first if self.part == "first_name" else last
            names = pick(known, n, rng)
            if needed > len(known) / 4:
                names = [f"{a}-{b}" for a, b in zip(names, pick(known, n, rng))]
        return [getattr(name, self.case)() for name in names] if self.case else names

    def _full(self, first, last):
        """First and last names put together."""
        if self.comma:
            return [f"{b}, {a}" for a, b in zip(first, last)]
        space = FAMILY_FIRST.get(self.locale[:2])
        if space is not None:
            return [f"{b}{space}{a}" for a, b in zip(first, last)]
        return [f"{a} {b}" for a, b in zip(first, last)]


class Accounts:
    """E-mail addresses at domains reserved for examples, and user names.

    Parameters
    ----------
    locale : str
        Locale of Faker.
    mail : bool
        Whether a domain follows.
    """

    def __init__(self, locale, *, mail):
        self.locale, self.mail = locale, mail

    def draw(self, n, rng, needed):
        """Draw n of them."""
        first, last = (
            [name for name in map(_plain, pool(self.locale, part)) if name] or ["user"]
            for part in ("first_name", "last_name")
        )
        top = 100 if needed < 10_000 else 100 * needed
        numbers = rng.randint(top, size=n)
        stems = [f"{a}.{b}{i}" for a, b, i in zip(pick(first, n, rng), pick(last, n, rng), numbers)]
        if not self.mail:
            return stems
        return [f"{stem}@{domain}" for stem, domain in zip(stems, pick(DOMAINS, n, rng))]


def _plain(name):
    """A name in ASCII letters."""
    letters = unicodedata.normalize("NFKD", name.casefold()).encode("ascii", "ignore").decode()
    return "".join(char for char in letters if char.isalnum())


class Sentences:
    """Free text as long as the given one.

    Parameters
    ----------
    locale : str
        Locale of Faker.
    texts : sequence of str
        Given texts; quantiles of their numbers of words are kept.
    """

    def __init__(self, locale, texts):
        self.locale = locale
        lengths = [len(text.split()) for text in texts]
        self.lengths = np.quantile(lengths, np.linspace(0, 1, 11)).round().astype(int)

    def draw(self, n, rng, needed):
        """Draw n texts."""
        words, made = pool(self.locale, "word"), []
        places = rng.random_sample(n) * (len(self.lengths) - 1)
        lengths = np.interp(places, np.arange(len(self.lengths)), self.lengths).round().astype(int)
        least = int(np.ceil(np.log(max(20 * needed, 2)) / np.log(max(len(words), 2))))
        for length in lengths:
            text = " ".join(pick(words, max(length, least, 1), rng))
            made.append(text[:1].upper() + text[1:] + ("." if length > 2 else ""))
        return made
