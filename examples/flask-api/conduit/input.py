"""What a request's body and query may hold. All that is wrong with a body is told at once, as a 422."""

from flask import request

from conduit import failures

MISSING = object()
PAGE_DEFAULT = 20
PAGE_MOST = 100
OFFSET_MOST = 2**31 - 1


class Body:
    """The object inside {"user": {...}}, {"article": {...}} or {"comment": {...}}.

    Ask for the fields, then call `done()`: it raises what the fields collected.
    """

    def __init__(self, name: str):
        document = request.get_json(silent=True)
        fields = document.get(name) if isinstance(document, dict) else None
        if not isinstance(fields, dict):
            raise failures.invalid(f'the body must be JSON: {{"{name}": {{...}}}}')
        self.fields = fields
        self.messages = []

    def text(self, name: str, longest: int, trim: bool = False) -> str:
        """A text that must be there and say something."""
        value = self._text_or_none(name, longest)
        if value is None or not value.strip():
            self.messages.append(f"{name} can't be blank")
            return ""
        return value.strip() if trim else value

    def text_if_given(self, name: str, longest: int, trim: bool = False):
        """As `text`, or MISSING when the body does not mention it."""
        return self.text(name, longest, trim) if name in self.fields else MISSING

    def nullable_text_if_given(self, name: str, longest: int):
        """A text or None (also for an empty text), or MISSING when the body does not mention it."""
        return (self._text_or_none(name, longest) or None) if name in self.fields else MISSING

    def tags_if_given(self, name: str):
        """A list of texts without repetitions, in the order given, or MISSING."""
        if name not in self.fields:
            return MISSING
        value = self.fields[name]
        if not isinstance(value, list) or not all(isinstance(tag, str) and tag.strip() for tag in value):
            self.messages.append(f"{name} must be a list of texts")
            return []
        if len(value) > 50 or any(len(tag) > 100 for tag in value):
            self.messages.append(f"{name} may hold 50 texts of 100 characters")
            return []
        if not all(is_storable(tag) for tag in value):
            self.messages.append(f"{name} holds a character that can't be stored")
            return []
        return list(dict.fromkeys(tag.strip() for tag in value))

    def done(self) -> None:
        if self.messages:
            raise failures.invalid(*self.messages)

    def _text_or_none(self, name: str, longest: int) -> str | None:
        value = self.fields.get(name)
        if value is None:
            return None
        if not isinstance(value, str):
            self.messages.append(f"{name} must be a text")
            # A stand-in that is not blank, so that the same field is not complained about twice.
            return "?"
        if len(value) > longest:
            self.messages.append(f"{name} is too long (at most {longest} characters)")
        if not is_storable(value):
            self.messages.append(f"{name} holds a character that can't be stored")
        return value


def is_storable(value: str) -> bool:
    """PostgreSQL's text has no NUL, and UTF-8 has no lone surrogates, though JSON can spell both."""
    return "\0" not in value and not any("\ud800" <= character <= "\udfff" for character in value)


def page() -> tuple[int, int]:
    """(limit, offset) of the query. A limit above what one page may hold is that page."""
    limit = whole_number("limit", PAGE_DEFAULT, 1)
    offset = whole_number("offset", 0, 0)
    return min(limit, PAGE_MOST), offset


def whole_number(name: str, default: int, least: int) -> int:
    text = request.args.get(name, "")
    if not text:
        return default
    if not text.isascii() or not text.isdigit() or not least <= int(text[:20]) <= OFFSET_MOST:
        raise failures.invalid(f"{name} must be a whole number of at least {least}")
    return int(text)
