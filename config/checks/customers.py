"""Customers: whether each is named once, however it is spelled."""

from collections.abc import Iterator

from config.checks.names import Check
from config.draft import Draft
from config.problems import Problem
from store.mailboxes import mailbox_of, spelled


def _named_once(draft: Draft) -> Iterator[Problem]:
    first: dict[tuple[str, str], str] = {}
    for written in draft.written("customers"):
        if (found := spelled(written)) is None:
            continue
        kind, value = found
        earlier = first.setdefault((kind, value if kind == "domain" else mailbox_of(kind, value)), written)
        if earlier != written:
            line = draft.document.key(("customers", earlier)).line
            what = f'"{written}" is the same customer as "{earlier}" at line {line}'
            yield Problem(draft.document.key(("customers", written)), "same-customer", what, "keep one of them")


CUSTOMER_CHECKS: tuple[Check, ...] = (_named_once,)
