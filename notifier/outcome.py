"""What an attempt to send means for its delivery: sent, again later, over, or nobody knows."""

from datetime import datetime, timedelta

from notifier.lines import one_line
from notifier.settings import NotifySettings
from store.deliveries import FAILED, IN_DOUBT, QUEUED, SENT, Claimed, Settlement
from store.errors import InDoubt, Permanent, Temporary
from store.outgoing import Receipt

Outcome = Receipt | Temporary | Permanent | InDoubt

_CHAT_PAUSE = timedelta(seconds=60)  # Before the one copy of a doubtful message that a chat gets.
_CHAT_DOUBTS = 2  # A chat shows every copy, so there is one; after that a person decides.
_MAIL_DOUBTS = 5  # A mail's copies have one Message-ID, by which most programs show one of them.
_DETAIL = 300  # Characters of a peer's words that are kept.


def settled(
    claimed: Claimed, outcome: Outcome, *, mails: bool, now: datetime, jitter: float, settings: NotifySettings
) -> Settlement:
    """What to write about an attempt.

    `mails` says that copies of a message are recognised by its id; `jitter`, from 0 to 1, spreads what failed together.
    """
    match outcome:
        case Receipt():
            return Settlement(
                id=claimed.id,
                state=SENT,
                reason=one_line(outcome.detail, _DETAIL),
                doubts=claimed.doubts,
                external_id=outcome.external_id,
            )
        case Permanent():
            return _over(claimed, FAILED, str(outcome), claimed.doubts)
        case Temporary():
            asked = outcome.retry_after  # The peer knows better than we do when it will take more.
            pause = _pause(claimed.attempts, jitter, settings) if asked is None else _asked(asked, settings)
            due_at = now + pause
            if due_at - claimed.created_at > settings.give_up_after:
                tries = f"given up after {claimed.attempts} attempts, the last of which said: {outcome}"
                return _over(claimed, FAILED, tries, claimed.doubts)
            return _again(claimed, str(outcome), claimed.doubts, due_at)
        case InDoubt():
            doubts = claimed.doubts + 1
            if claimed.purpose.is_courtesy or doubts >= (_MAIL_DOUBTS if mails else _CHAT_DOUBTS):
                return _over(claimed, IN_DOUBT, str(outcome), doubts)
            pause = _pause(claimed.attempts, jitter, settings) if mails else _CHAT_PAUSE
            return _again(claimed, f"may arrive twice: {outcome}", doubts, now + pause)


def left_behind(claimed: Claimed, *, marks: bool) -> Outcome:
    """What is known of a delivery whose process died over it; `marks` says that it was to be marked before it left."""
    if marks and not claimed.doubts:
        return Temporary("the process ended before it was sent")
    return InDoubt("the process ended while it was being sent")


def _pause(attempts: int, jitter: float, settings: NotifySettings) -> timedelta:
    """Twice as long after each attempt, up to a limit, and between half and all of that."""
    # 2**30 pauses of a second are 34 years; without a bound the number would grow beyond floats.
    first = settings.first_pause.total_seconds()
    longest = min(settings.longest_pause.total_seconds(), first * 2 ** min(attempts - 1, 30))
    return timedelta(seconds=longest * (0.5 + jitter / 2))


def _asked(seconds: float, settings: NotifySettings) -> timedelta:
    """What the peer asked for, within reason: a moment that no calendar has is later than the last one we wait for."""
    return timedelta(seconds=min(seconds, 2 * settings.give_up_after.total_seconds()))


def _over(claimed: Claimed, state: str, reason: str, doubts: int) -> Settlement:
    return Settlement(id=claimed.id, state=state, reason=one_line(reason, _DETAIL), doubts=doubts)


def _again(claimed: Claimed, reason: str, doubts: int, due_at: datetime) -> Settlement:
    return Settlement(id=claimed.id, state=QUEUED, reason=one_line(reason, _DETAIL), doubts=doubts, due_at=due_at)
