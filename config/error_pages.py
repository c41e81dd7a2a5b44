"""The pages that the HTTP listener shows when something is wrong: a sentence, and what to do."""

import base64
import hashlib
from collections.abc import Sequence
from http import HTTPStatus
from pathlib import Path

import msgspec
from jinja2 import FileSystemLoader, StrictUndefined
from jinja2.sandbox import ImmutableSandboxedEnvironment

from ingest.languages import choose

_FOLDER = Path(__file__).parent / "pages"
_STYLE = (
    "body{margin:0;font:1.0625rem/1.55 system-ui,sans-serif}"
    "main{max-inline-size:34rem;margin:12vh auto 0;padding-inline:1.25rem}"
    "h1{font-size:1.6rem;line-height:1.25}"
)


class _Words(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    title: str
    text: str


class _Language(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Every language has every status: one that is missing is an error when the file is read."""

    direction: str
    bad_request: _Words = msgspec.field(name="400")
    forbidden: _Words = msgspec.field(name="403")
    not_found: _Words = msgspec.field(name="404")
    method_not_allowed: _Words = msgspec.field(name="405")
    request_timeout: _Words = msgspec.field(name="408")
    content_too_large: _Words = msgspec.field(name="413")
    unsupported_media_type: _Words = msgspec.field(name="415")
    internal_server_error: _Words = msgspec.field(name="500")
    service_unavailable: _Words = msgspec.field(name="503")

    def words(self, status: int) -> _Words:
        """Those of this status, else those of its class."""
        names = {
            HTTPStatus.FORBIDDEN: self.forbidden,
            HTTPStatus.NOT_FOUND: self.not_found,
            HTTPStatus.METHOD_NOT_ALLOWED: self.method_not_allowed,
            HTTPStatus.REQUEST_TIMEOUT: self.request_timeout,
            HTTPStatus.REQUEST_ENTITY_TOO_LARGE: self.content_too_large,
            HTTPStatus.UNSUPPORTED_MEDIA_TYPE: self.unsupported_media_type,
            HTTPStatus.SERVICE_UNAVAILABLE: self.service_unavailable,
        }
        broken = status >= HTTPStatus.INTERNAL_SERVER_ERROR
        return names.get(HTTPStatus(status), self.internal_server_error if broken else self.bad_request)


class ErrorPages:
    """Renders them, in the language of the browser."""

    def __init__(self, languages: Sequence[str]) -> None:
        """Reads the texts that come with this package. Of `languages` the first that is translated is the fallback."""
        texts = msgspec.toml.decode((_FOLDER / "errors.toml").read_bytes(), type=dict[str, _Language])
        self._texts = {tag: texts[tag] for tag in languages if tag in texts} or {"en": texts["en"]}
        self._template = ImmutableSandboxedEnvironment(
            loader=FileSystemLoader(_FOLDER), autoescape=True, undefined=StrictUndefined, trim_blocks=True
        ).get_template("error.j2")
        digest = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
        self.style_source = f"'sha256-{digest}'"  # What a Content-Security-Policy must allow for these pages.

    def page(self, status: int, *, accepted: str, error_id: str = "") -> str:
        """The page of a status. `accepted` is the Accept-Language header, `error_id` what to tell us, if anything."""
        language = choose("", accepted, tuple(self._texts))
        texts = self._texts[language]
        words = texts.words(status)
        before, _, after = words.text.partition("{id}")
        return self._template.render(
            language=language,
            direction=texts.direction,
            title=words.title,
            style=_STYLE,
            before=before,
            id=error_id,
            after=after,
        )
