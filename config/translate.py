"""The settings in the words of the stages: what the router decides by and what the notifier plans by."""

from collections.abc import Mapping
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import msgspec

from config.settings import Channel as ConfiguredChannel
from config.settings import Configuration, Settings
from ingest.channel import Channel
from notifier import policy as notifying
from notifier.speech import Names
from router import policy as routing
from router.crew.team_settings import TeamSettings, teams_of
from router.customer.customer_settings import cards_of
from router.due.escalate_settings import ladders_of
from router.hours.calendar_settings import calendars_of
from router.life.lifecycle_settings import lifecycle_of
from router.promises.sla_settings import slas_of
from router.settings import policy_of
from router.technicians.staff_settings import people_of, staff_of


def routing_policy(configuration: Configuration, channels: Mapping[str, Channel], key: bytes) -> routing.Policy:
    """What the router decides by; `key` verifies tokens."""
    settings = configuration.settings
    zone, calendars, people = (
        ZoneInfo(settings.site.time_zone),
        calendars_of(settings.calendars),
        people_of(settings.people),
    )
    policy = policy_of(
        classify=settings.classify,
        priority=settings.priority,
        route=settings.route,
        reference=settings.site.reference,
        keys=(key,),
        config_version=configuration.version,
        staff=staff_of(settings.people, settings.teams),
        teams=settings.teams,
        languages=settings.site.languages,
        own=((own.kind, own.value) for channel in channels.values() for own in channel.addresses),
        floods=settings.floods,
        customers=cards_of(settings.customers),
        lifecycle=lifecycle_of(settings.customer),
        calendars=calendars,
    )
    return msgspec.structs.replace(
        policy,
        duplicates=settings.duplicates.compiled(),
        zone=zone,
        teams=teams_of(settings.teams, calendars, people, zone, datetime.now(UTC)),
        people=people,
        prefer=settings.route.prefer,
        sla=slas_of(settings.sla),
        ladders=ladders_of(settings.escalate),
        loudness=settings.notify.compiled(policy.matrix.cells["high", "high"], _carriers(configuration.channels)),
        patience=settings.customer.patience(),
        learned=settings.classify.model.compiled(),
    )


def notifying_policy(configuration: Configuration, channels: Mapping[str, Channel]) -> notifying.Policy:
    """What the notifier plans by; the settings were checked, so each team has a channel."""
    settings = configuration.settings
    caps, storm = settings.customer.caps, settings.customer.storm
    return notifying.Policy(
        languages=settings.site.languages,
        teams={name: destination(configuration.channels, team) for name, team in settings.teams.items()},
        default_team=default_team(settings),
        carriers=_carriers(configuration.channels),
        outlets={
            name: notifying.Outlet(
                mails=channel.capabilities.subjects,
                acknowledge=configuration.channels[name].settings.acknowledge != "never",
                hears_staff=configuration.channels[name].settings.hears_staff,
            )
            for name, channel in channels.items()
        },
        own=frozenset((own.kind, own.value) for channel in channels.values() for own in channel.addresses),
        acknowledge=settings.customer.acknowledge != "never",
        alert_files=settings.notify.alert_files,
        staff_cap=settings.notify.mails_about_mails,
        unproven_cap=caps.unproven,
        proven_cap=caps.proven,
        window=caps.window,
        domain_cap=caps.domain,
        total_cap=caps.total,
        storm=notifying.Storm(
            tickets=storm.tickets,
            times=storm.times,
            share=storm.share / 100,
            window=storm.window,
            calm=storm.calm,
        ),
    )


def names_of(settings: Settings) -> Names:
    """What people read in place of the settings' keys."""
    return Names(
        site=settings.site.name,
        zone=ZoneInfo(settings.site.time_zone),
        categories=settings.classify.categories,
        people={f"person:{key}": person.name for key, person in settings.people.items()},
    )


def default_team(settings: Settings) -> str:
    """Who hears of what no other team does: the root of the routing tree names it."""
    return settings.route.team


def _carriers(channels: Mapping[str, ConfiguredChannel]) -> Mapping[str, str]:
    """For each sort of address the first channel of the file that sends to it."""
    found: dict[str, str] = {}
    for name, channel in channels.items():
        found.setdefault(channel.settings.sends_to, name)
    return found


def carriers_of(channels: Mapping[str, ConfiguredChannel], team: TeamSettings) -> list[str]:
    """The names of the channels that can send to the team's workspace."""
    kind = "mail" if team.workspace.mail is not None else "telegram"
    return [name for name, channel in channels.items() if channel.settings.sends_to == kind]


def destination(channels: Mapping[str, ConfiguredChannel], team: TeamSettings) -> notifying.Destination:
    """Where the team hears of its tickets.

    Raises LookupError where no channel could tell it, or any of several bots.
    """
    place = team.workspace
    kind = "mail" if place.mail is not None else "telegram"
    carriers = carriers_of(channels, team)
    if place.channel and place.channel not in carriers:
        raise LookupError(f'channel "{place.channel}" cannot send to a workspace in {kind}')
    # Mail reaches every mailbox by any of them; a bot reaches only the groups that it was added to.
    if not place.channel and (not carriers or (kind == "telegram" and len(carriers) > 1)):
        many = f"the {len(carriers)} channels {', '.join(carriers)} could" if carriers else "no channel can"
        raise LookupError(f"{many} send to its workspace in {kind}")
    address = place.mail.strip().lower() if place.mail is not None else str(place.telegram)
    return notifying.Destination(channel=place.channel or carriers[0], kind=kind, address=address)
