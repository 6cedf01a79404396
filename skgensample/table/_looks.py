"""What a text looks like: mail address, IBAN, card or phone number, national identity number."""

import re

EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s.]+")
IBAN = re.compile(r"[A-Z]{2}\d{2}[A-Z0-9]{10,30}")
CARD = re.compile(r"[2-6]\d{12,18}")
UUID = re.compile(r"\{?[0-9a-f]{8}-?([0-9a-f]{4}-?){3}[0-9a-f]{12}\}?", re.IGNORECASE)
HASH = re.compile(r"(0x)?(?=\D*\d)(?=[\da-fx]*[a-f])[\da-f]{16,128}", re.IGNORECASE)
PHONE = re.compile(r"(\+|\(|0)[\d\s()./-]{6,20}|\d{3}[\s.-]\d{3}[\s.-]\d{4}")
DATE_OR_DECIMAL = re.compile(r"\d{1,4}([./-])\d{1,2}\1\d{1,4}|[+-]?\d*[.]\d+")
NATIONAL_ID = re.compile(
    r"\d{3}-\d{2}-\d{4}|\d{3}\.\d{3}\.\d{3}-\d{2}|[A-Z]{6}\d{2}[A-EHLMPRST]\d{2}[A-Z]\d{3}[A-Z]"
    r"|[12]\s?\d{2}\s?(0[1-9]|1[0-2])\s?\d{2}\s?\d{3}\s?\d{3}(\s?\d{2})?"
    r"|[A-CEGHJ-PR-TW-Z]{2}\s?\d{2}\s?\d{2}\s?\d{2}\s?[A-D]"
)
DNI = re.compile(r"([XYZ]\d{7}|\d{8})-?([A-Z])")
PERSON_NAME = re.compile(r"[^\W\d_][^\s\d,]*(,?\s[^\W\d_][^\s\d,]*){1,3}")


def mostly(texts, match):
    """Whether more than half of the texts match."""
    return sum(map(bool, map(match, texts))) > len(texts) / 2


def is_email(text):
    """Whether a text is an e-mail address."""
    return EMAIL.fullmatch(text)


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


def is_national_id(text):
    """Whether a text is written like a US, British, French, Italian, Spanish or Brazilian one."""
    if NATIONAL_ID.fullmatch(text):
        return True
    found = DNI.fullmatch(text)
    if not found:
        return False
    number = found[1].translate(str.maketrans("XYZ", "012"))
    return "TRWAGMYFPDXBNJZSQVHLCKE"[int(number) % 23] == found[2]


def is_phone(text):
    """Whether a text of at least seven digits is written like a phone number, not a date."""
    enough = 7 <= sum(c.isdigit() for c in text) <= 15
    return enough and PHONE.fullmatch(text) and not DATE_OR_DECIMAL.fullmatch(text)


def is_hash(text):
    """Whether a text is a UUID, or 16 and more hexadecimal digits."""
    return UUID.fullmatch(text) or HASH.fullmatch(text)


def is_person_name(text):
    """Whether a text is two to four words, the first and last with a capital."""
    words = text.split()
    capital = words and words[0][:1].isupper() and words[-1][:1].isupper()
    return capital and PERSON_NAME.fullmatch(text)


def is_ipv4(text):
    """Whether a text is a network address of four numbers."""
    parts = text.split(".")
    return len(parts) == 4 and all(part.isdigit() and int(part) < 256 for part in parts)
