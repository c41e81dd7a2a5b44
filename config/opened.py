"""The configured channels, opened: what each stage is given of them."""

from collections.abc import Callable, Mapping

from config.settings import Configuration
from config.stores import Stores, disks
from ingest.channel import Channel, Parts, Site
from ingest.smtp import SmtpListener
from normalize.wire import Decoder
from router.settings import FALLBACK
from store.blobs import Blobs
from store.database import Database


def decoders_of(configuration: Configuration, channels: Mapping[str, Channel]) -> list[Decoder]:
    """How each channel's payloads are read in the parser's children."""
    modules = {name: configuration.channels[name].module for name in channels}
    return [
        Decoder(
            channel=name,
            function=modules[name].DECODER,
            extractor=getattr(modules[name], "EXTRACTOR", ""),
            settings=channel.decoding,
        )
        for name, channel in channels.items()
    ]


def smtp_listener(configuration: Configuration, blobs: Blobs) -> SmtpListener | None:
    """The listener for mail; None where none is configured."""
    settings = configuration.settings.listeners.smtp
    return SmtpListener(settings, blobs, folders=disks(configuration)) if settings is not None else None


def open_channels(
    configuration: Configuration,
    stores: Stores,
    smtp: SmtpListener | None,
    current: Callable[[], Configuration] | None = None,
) -> Mapping[str, Channel]:
    """Every configured channel; does no I/O. Raises Permanent where two claim the same address.

    `current` gives the settings as they are at each later moment; None: they stay as they are.
    """
    return channels_of(configuration, stores.key, stores.database, smtp, current)


def channels_of(
    configuration: Configuration,
    key: bytes,
    database: Database,
    smtp: SmtpListener | None = None,
    current: Callable[[], Configuration] | None = None,
) -> Mapping[str, Channel]:
    """The same, for who has not all of the stores."""
    site = configuration.settings.site
    parts = Parts(
        site=Site(name=site.name, url=site.url, languages=site.languages, time_zone=site.time_zone),
        key=key,
        database=database,
        smtp=smtp,
        categories=lambda: offered(current() if current is not None else configuration),
    )
    return {
        name: entry.module.open_channel(name, entry.settings, parts) for name, entry in configuration.channels.items()
    }


def offered(configuration: Configuration) -> Mapping[str, Mapping[str, str]]:
    """The categories as customers choose among them: in the file's order, and what fits nothing else at the end."""
    categories = configuration.settings.classify.categories
    return {name: categories[name] for name in sorted(categories, key=lambda name: name == FALLBACK)}
