"""Check digits of payment cards (ISO/IEC 7812, Luhn) and of IBANs (ISO 13616, mod 97)."""


def luhn_digit(stem):
    """Check digit that completes a string of digits."""
    total = 0
    for i, char in enumerate(reversed(stem)):
        digit = int(char)
        total += sum(divmod(2 * digit, 10)) if i % 2 == 0 else digit
    return str(-total % 10)


def with_luhn(text):
    """Text whose last digit is replaced by Luhn's check digit; other characters stay."""
    digits = [char for char in text if char.isdigit()]
    last = max(i for i, char in enumerate(text) if char.isdigit())
    return text[:last] + luhn_digit("".join(digits[:-1])) + text[last + 1 :]


def with_mod97(text):
    """Text of an IBAN whose two check digits are replaced by those of mod 97."""
    places = [i for i, char in enumerate(text) if char.isalnum()]
    plain = "".join(text[i] for i in places).upper()
    rearranged = plain[4:] + plain[:2] + "00"
    check = 98 - int("".join(str(int(char, 36)) for char in rearranged)) % 97
    characters = list(text)
    for i, digit in zip(places[2:4], f"{check:02d}"):
        characters[i] = digit
    return "".join(characters)
