"""How much of the limits on courtesies is used up: read once for a batch, and folded in as the batch uses more."""

from collections import Counter
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from sqlalchemy import Connection

from notifier.courtesy import Asked, capped_address, capped_domain
from notifier.notification import Notification
from notifier.policy import Policy
from store import arrivals, caps, endpoints
from store.caps import Courtesy, Window
from store.codec import digest_of
from store.outgoing import Purpose

TO_ADDRESS = "acknowledgement"  # The kinds of courtesies that are counted.
TO_DOMAIN = "acknowledgement-domain"
TO_ALL = "acknowledgement-all"
TO_STAFF = "staff"  # What technicians are told about their own mail.
STORM = "storm"  # Not sent to anybody: each marks a minute in which there was one.

_DOMAIN_WINDOW = timedelta(hours=1)
_ALL_WINDOW = timedelta(minutes=1)
_STAFF_WINDOW = timedelta(days=1)


class Used:
    """What was sent, and what was opened, up to the record that is being handled."""

    def __init__(self, policy: Policy, now: datetime) -> None:
        """Nothing is used; `read` says what is."""
        self._policy = policy
        self._now = now
        self._sent: Counter[tuple[str, str]] = Counter()  # By kind of courtesy and address.
        self._opened: Counter[str] = Counter()  # Within the storm's window, by digest.
        self._usual = 0.0  # How many tickets are opened in such a window.
        self._stormy = False  # Whether there was a storm lately.
        self._unwelcome: frozenset[tuple[str, str]] = frozenset()
        self._courtesies: list[Courtesy] = []  # What the batch adds to the counts ...
        self._arrived: Counter[str] = Counter()  # ... and to the tickets that were opened, by digest.

    @classmethod
    def read(cls, connection: Connection, planned: Sequence[Notification], policy: Policy, now: datetime) -> "Used":
        """What counts for these notifications, in a number of queries that does not grow with them.

        Nobody else counts until the transaction ends, so that no two processes find the last courtesy to be had.
        """
        used = cls(policy, now)
        people = [one for one in planned if one.purpose is not Purpose.ALERT]
        acknowledged = [one for one in people if one.purpose is Purpose.ACKNOWLEDGEMENT and policy.acknowledge]
        told = [one for one in planned if one.is_about_own_mail]
        used._count(connection, [key for one in (*acknowledged, *told) for key in _counted(one)])
        if acknowledged:
            used._look_for_storm(connection, acknowledged)
        states = endpoints.states(connection, {(one.kind, one.address.lower()) for one in people}) if people else {}
        used._unwelcome = frozenset(key for key, state in states.items() if state in endpoints.UNWELCOME)
        return used

    def write(self, connection: Connection) -> None:
        """Keep what a batch has added."""
        caps.add(connection, self._courtesies)
        arrivals.add(connection, self._arrived, self._now)

    def folding(self) -> "Used":
        """A copy to fold a batch into; this one stays as it is, for the batch may be undone."""
        other = Used(self._policy, self._now)
        other._sent, other._opened = self._sent.copy(), self._opened.copy()
        other._usual, other._stormy, other._unwelcome = self._usual, self._stormy, self._unwelcome
        return other

    def asked(self, to: Notification) -> Asked:
        """What the rules must know of the notification."""
        if to.purpose is Purpose.ALERT and not to.is_about_own_mail:
            return Asked(to, self._policy)  # Nothing about it is counted.
        return Asked(
            notification=to,
            policy=self._policy,
            sent=self._sent[TO_ADDRESS, capped_address(to)],
            to_domain=self._sent[TO_DOMAIN, capped_domain(to)],
            in_all=self._sent[TO_ALL, ""],
            told=self._sent[TO_STAFF, capped_address(to)],
            storm=self._stormy,
            unwelcome=(to.kind, to.address.lower()) in self._unwelcome,
        )

    def open(self, to: Notification) -> int:
        """Count the ticket that is acknowledged; how many are open where it begins a storm, else 0."""
        digests = digests_of(to)
        self._opened.update(digests)
        self._arrived.update(digests)
        if not self._is_storm(digests):
            return 0
        begins, self._stormy = not self._stormy, True
        minute = self._now.replace(second=0, microsecond=0)
        self._courtesies.append(Courtesy(effect=f"{STORM}-{minute:%Y-%m-%dT%H:%M}", kind=STORM, address="", at=minute))
        return self._opened[arrivals.ALL] if begins else 0

    def send(self, to: Notification) -> None:
        """Count what is sent and has a limit."""
        for kind, address in _counted(to):
            self._sent[kind, address] += 1
            effect = to.effect if kind in (TO_ADDRESS, TO_STAFF) else f"{to.effect} {kind}"
            self._courtesies.append(Courtesy(effect=effect, kind=kind, address=address, at=self._now))

    def _is_storm(self, digests: Collection[str]) -> bool:
        """Only a ticket that says what the many say, or one beyond the usual number, can show it."""
        limits = self._policy.storm
        opened = self._opened[arrivals.ALL]
        if opened < limits.tickets:
            return False
        alike = max((self._opened[digest] for digest in digests if digest != arrivals.ALL), default=0)
        return opened > limits.times * self._usual or alike > limits.share * opened

    def _count(self, connection: Connection, keys: Sequence[tuple[str, str]]) -> None:
        policy, now = self._policy, self._now
        windows = {
            TO_ADDRESS: policy.window,
            TO_DOMAIN: _DOMAIN_WINDOW,
            TO_ALL: _ALL_WINDOW,
            TO_STAFF: _STAFF_WINDOW,
            STORM: policy.storm.calm,
        }
        if not keys:
            return
        caps.lock(connection, TO_ALL, [""])  # One for all counts: whoever waits for it has read none of them.
        asked = [
            Window(kind, {address for its, address in (*keys, (STORM, "")) if its == kind}, now - window)
            for kind, window in windows.items()
        ]
        self._sent.update(caps.counts(connection, asked))

    def _look_for_storm(self, connection: Connection, planned: Sequence[Notification]) -> None:
        limits, now = self._policy.storm, self._now
        digests = {digest for to in planned for digest in digests_of(to)}
        self._opened.update(arrivals.lately(connection, digests, now=now, window=limits.window))
        if self._opened[arrivals.ALL] + len(planned) >= limits.tickets:
            self._usual = arrivals.usual(connection, now=now, window=limits.window)
        self._stormy = self._sent[STORM, ""] > 0


def digests_of(to: Notification) -> tuple[str, ...]:
    """What a new ticket counts for: itself, and whichever tickets have its subject or its text."""
    message = to.event.message
    subject = " ".join(to.event.ticket.subject.casefold().split())
    text = message.digest if message else ""
    said = [(what, words) for what, words in (("subject", subject), ("text", text)) if words]
    return (arrivals.ALL, *(f"{what}:{digest_of(words.encode('utf-8', 'replace'))[:24]}" for what, words in said))


def _counted(to: Notification) -> list[tuple[str, str]]:
    if to.is_about_own_mail:
        return [(TO_STAFF, capped_address(to))]
    domain = capped_domain(to)
    return [(TO_ADDRESS, capped_address(to)), (TO_ALL, ""), *([(TO_DOMAIN, domain)] if domain else ())]
