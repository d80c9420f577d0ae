"""Slugs: an article's title as it appears in its address."""

import re
import secrets
import unicodedata

LONGEST = 80


def slug_for(title: str) -> str:
    """Letters and digits of any script, joined by dashes; accents are dropped where the letter is Latin."""
    plain = unicodedata.normalize("NFKD", title)
    plain = "".join(character for character in plain if not unicodedata.combining(character)).lower()
    return re.sub(r"[\W_]+", "-", plain)[:LONGEST].strip("-") or secrets.token_hex(4)


def another_slug_for(title: str) -> str:
    """For a title whose own slug is taken."""
    return f"{slug_for(title)}-{secrets.token_hex(3)}"
