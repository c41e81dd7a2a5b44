"""The JSON Schema of a settings file, by which editors complete it and mark mistakes while somebody types."""


def schema() -> str:
    """As a document of draft 2020-12."""
    return "{}"
