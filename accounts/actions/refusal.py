from collections.abc import Mapping, Sequence


class Refused(Exception):
    """What was asked cannot be done as things are; the message is for the user."""


class WrongFields(Refused):
    """Some answers cannot be taken; `fields` has the sentences about each."""

    def __init__(self, fields: Mapping[str, Sequence[str]]) -> None:
        super().__init__(" ".join(sentence for each in fields.values() for sentence in each))
        self.fields = fields


class Taken(WrongFields):
    """Somebody, or something, else has the name."""
