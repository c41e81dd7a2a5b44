"""The whole settings file as frozen models, assembled from the sections that stand beside the code they configure."""

import re
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from types import ModuleType
from typing import Literal, NamedTuple

from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator
from pydantic_core import PydanticCustomError

from config.http_settings import HttpSettings
from config.inline_tests import InlineTest
from config.problems import Problem
from ingest.channel import ChannelSettings
from ingest.smtp import SmtpSettings
from normalize.scanner import ScannerSettings
from normalize.settings import NormalizeSettings
from notifier.settings import CustomerSettings as CourtesySettings
from notifier.settings import NotifySettings as SendingSettings
from router.crew.team_settings import TeamSettings
from router.customer.customer_settings import CustomerName, KnownCustomer
from router.due.escalate_settings import LadderSettings
from router.due.loud_settings import LoudSettings, PatienceSettings
from router.due.timer_settings import TimerSettings
from router.hours.calendar_settings import CalendarSettings, ZoneName
from router.life.lifecycle_settings import LifecycleSettings
from router.promises.sla_settings import SlaSettings
from router.sameness.duplicate_settings import DuplicateSettings
from router.settings import (
    ClassifySettings,
    FloodSettings,
    PrioritySettings,
    ReferenceSettings,
    RootSettings,
)
from router.technicians.staff_settings import PersonSettings
from store.bus_settings import BusSettings
from store.durations import Duration
from store.failures import StageSettings
from store.kafka_names import kafka_address
from store.relay import RelaySettings
from store.secrets import Secret
from store.sizes import Size

LANGUAGE = re.compile(r"[a-z]{2,3}")  # BCP 47, primary tag.
NAME = re.compile(r"[\w-]{1,64}")  # Of a channel or team: it goes into keys of the log, names of leases and texts.
SHORTEST_SECRET = 32  # Characters.


class SiteSettings(BaseModel):
    """The desk as its customers know it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(min_length=1, max_length=80, description="The desk's name, in every text and subject.")
    url: str = Field(default="", description="Where the pages are reached from outside, such as https://help.example.")
    languages: tuple[str, ...] = Field(
        default=("en",),
        min_length=1,
        description="The languages that customers are answered in; the first is the fallback.",
    )
    time_zone: ZoneName = Field(default="UTC", description="IANA name of the zone that dates are shown in.")
    secret: Secret | None = Field(
        default=None,
        description="Signs tokens and forms: at least 32 random characters, as ${DESKWIRE_SECRET} or file:. "
        "On one machine it is made at the first start and kept in the data folder.",
    )
    reference: ReferenceSettings = ReferenceSettings()

    @field_validator("languages")
    @classmethod
    def _are_tags(cls, languages: tuple[str, ...]) -> tuple[str, ...]:
        for language in languages:
            if not LANGUAGE.fullmatch(language):
                raise PydanticCustomError(
                    "bad_language",
                    '"{language}" is no code of a language: write two or three small letters, such as en or fa',
                    {"language": language},
                )
        if len(set(languages)) < len(languages):
            raise PydanticCustomError("bad_language", "a language is named twice: keep one")
        return languages

    @field_validator("secret")
    @classmethod
    def _hard_to_guess(cls, secret: SecretStr | None) -> SecretStr | None:
        if secret is not None and len(secret.get_secret_value()) < SHORTEST_SECRET:
            raise PydanticCustomError(
                "short_secret",
                "the secret has {found} characters, and {least} are the least: make it with openssl rand -base64 32",
                {"found": len(secret.get_secret_value()), "least": SHORTEST_SECRET},
            )
        return secret

    @field_validator("url")
    @classmethod
    def _absolute(cls, value: str) -> str:
        if value and not value.startswith(("https://", "http://")):
            raise ValueError(f'"{value}" is no URL: write one that begins with https:// or http://')
        return value.rstrip("/")


class BackendSettings(BaseModel):
    """Where everything is kept; the defaults need nothing but a folder."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    bus: str = Field(
        default="sqlite:data/log.db",
        pattern=r"^(sqlite:|kafka://)\S+$",
        description="The log: sqlite:PATH, or kafka://HOST:PORT,HOST:PORT; with /NAME behind it for one of several "
        "desks on the same brokers: NAME stands before its topics and groups there.",
    )
    store: str = Field(
        default="sqlite:data/desk.db",
        pattern=r"^(sqlite:|postgresql://)\S+$",
        description="The desk's database: sqlite:PATH, or postgresql://USER@HOST/NAME.",
    )
    blobs: str = Field(
        default="file:data/blobs",
        pattern=r"^(file:|s3://)\S+$",
        description="Large payloads: file:FOLDER or s3://BUCKET.",
    )
    keep_originals: Duration = Field(
        default=timedelta(days=730),
        le=timedelta(days=36_500),
        description="How long messages are kept as they came.",
    )

    @field_validator("bus")
    @classmethod
    def _reachable(cls, value: str) -> str:
        if value.startswith("kafka://"):
            kafka_address(value)
        return value


class ListenerSettings(BaseModel):
    """What this process listens on; channels claim addresses and paths there."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    smtp: SmtpSettings | None = Field(
        default=None, description="Mail in; needed by mail channels that receive by SMTP."
    )
    http: HttpSettings = Field(default=HttpSettings(), description="Forms, pages and probes.")


class IntakeSettings(BaseModel):
    """What is accepted at all."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    max_payload: Size = Field(
        default=25 * 1024 * 1024, ge=1024, description="The largest message that any channel takes."
    )


class CustomerSettings(CourtesySettings, LifecycleSettings, PatienceSettings):
    """What customers get without anybody writing it, and what becomes of tickets by what they write."""


class NotifySettings(SendingSettings, LoudSettings):
    """How what goes out is worded and sent, and whom it may disturb."""


class Settings(BaseModel):
    """Everything but the channels, whose sections belong to their modules."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    version: Literal[1] = Field(description="Of this file's form.")
    site: SiteSettings
    backend: BackendSettings = BackendSettings()
    listeners: ListenerSettings = ListenerSettings()
    bus: BusSettings = BusSettings()
    intake: IntakeSettings = IntakeSettings()
    normalize: NormalizeSettings = NormalizeSettings()
    scanner: ScannerSettings | None = Field(
        default=None, description="Who looks for viruses in files before they leave the desk; nothing: nobody does."
    )
    stages: StageSettings = StageSettings()
    relay: RelaySettings = RelaySettings()
    timers: TimerSettings = TimerSettings()
    calendars: dict[str, CalendarSettings] = Field(default_factory=dict, description="When people work.")
    people: dict[str, PersonSettings] = Field(default_factory=dict, description="Who works here.")
    teams: dict[str, TeamSettings] = Field(min_length=1, description="Who answers.")
    classify: ClassifySettings = ClassifySettings()
    priority: PrioritySettings = PrioritySettings()
    sla: dict[str, SlaSettings] = Field(
        default_factory=dict, description="What customers are promised, by priority; of others nothing is."
    )
    route: RootSettings
    floods: FloodSettings = FloodSettings()
    duplicates: DuplicateSettings = DuplicateSettings()
    customers: dict[CustomerName, KnownCustomer] = Field(
        default_factory=dict, description="Whom we know: by address or, for everybody who writes from it, by domain."
    )
    escalate: tuple[LadderSettings, ...] = Field(
        default=(), max_length=100, description="What happens when nobody acts; the first ladder that fits counts."
    )
    customer: CustomerSettings = CustomerSettings()
    notify: NotifySettings = NotifySettings()
    tests: tuple[InlineTest, ...] = Field(
        default=(), max_length=1000, description="Messages that are made up, and what must be decided about each."
    )


class Channel(NamedTuple):
    """One entry under `channels:`."""

    type: str
    module: ModuleType
    settings: ChannelSettings


class Configuration(NamedTuple):
    """A settings file that has no errors."""

    settings: Settings
    channels: Mapping[str, Channel]
    version: str  # Of its text: changes with every edit.
    folder: Path  # Relative paths in it count from here.
    remarks: tuple[Problem, ...] = ()  # What is right and may not be meant ...
    warnings: str = ""  # ... and the same as it is shown to people.

    @property
    def embedded(self) -> bool:
        """Whether everything is kept on this machine, by one process."""
        return self.settings.backend.store.startswith("sqlite:")
