"""Local time and moments: which moment a clock on the wall means, also where it is put forward or back."""

from datetime import UTC, datetime, timedelta, tzinfo

_SECOND = timedelta(seconds=1)


def moment_of(wall: datetime, zone: tzinfo) -> datetime:
    """The moment at which clocks in `zone` show `wall`, which has no zone itself; aware, in UTC.

    What they show twice is the first time (RFC 5545, 3.3.5). What they never show is the moment at which they are put
    forward: so a later time on the wall is never an earlier moment.
    """
    moment = wall.replace(tzinfo=zone, fold=0).astimezone(UTC)
    if moment.astimezone(zone).replace(tzinfo=None) == wall:
        return moment
    # No clock shows it: by the offset from before the change it is after it, and by the one from after it is before.
    return _change(wall.replace(tzinfo=zone, fold=1).astimezone(UTC), moment, zone)


def wall_of(moment: datetime, zone: tzinfo) -> datetime:
    """What clocks in `zone` show at a moment, without a zone.

    While they show something for the second time, it is what they showed when they were put back: so a later moment
    never has an earlier time.
    """
    local = moment.astimezone(zone)
    if not local.fold:
        return local.replace(tzinfo=None)
    first = local.replace(fold=0).astimezone(UTC)
    return local.replace(tzinfo=None, fold=0) + (_change(first, moment.astimezone(UTC), zone) - first)


def _change(early: datetime, late: datetime, zone: tzinfo) -> datetime:
    """The first moment after `early` with the offset of `late`; clocks are changed at whole seconds."""
    offset = early.astimezone(zone).utcoffset()
    while late - early > _SECOND:
        middle = (early + (late - early) / 2).replace(microsecond=0)
        if middle <= early:
            break
        if middle.astimezone(zone).utcoffset() == offset:
            early = middle
        else:
            late = middle
    return late.replace(microsecond=0)
