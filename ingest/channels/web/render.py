"""The form's pages as HTML, in the language of the one who looks."""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from urllib.parse import urlencode

import msgspec
from jinja2 import FileSystemLoader, StrictUndefined
from jinja2.sandbox import ImmutableSandboxedEnvironment

from ingest.channels.web.texts import FOLDER, Texts, read_texts
from ingest.channels.web.validate import AFFECTED, Problem, Shape, Typed
from ingest.languages import choose

STYLE = "form.css"

_MOST_BUTTONS = 7  # Among more than that people look longer than in a list.

Topics = Mapping[str, Mapping[str, str]]
"""What a message can be about: what rules ask about, and its labels by language; one without any is called as it is."""


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """One of those that a field offers."""

    name: str
    label: str


class Choice(msgspec.Struct, frozen=True, kw_only=True):
    """A link to the same page in another language."""

    tag: str
    name: str
    link: str


class Refresh(msgspec.Struct, frozen=True, kw_only=True):
    """When a page shall ask again, without script."""

    seconds: int
    link: str


class FormPage(msgspec.Struct, frozen=True, kw_only=True):
    """The form, new or with what was typed before."""

    submission: str
    typed: Typed = Typed()
    problems: Sequence[Problem] = ()
    notice: str = ""  # A key of the texts' section "notice"; empty: nothing but the fields is wrong.
    first: str = ""  # The link to what was sent before with the same form; empty: none.


class SentPage(msgspec.Struct, frozen=True, kw_only=True):
    """What became of a submission so far."""

    number: int | None = None
    state: str = "soon"  # Without a number: "soon", "late" or "review", as in the texts' section "sent".
    refresh: Refresh | None = None


class Pages:
    """Renders the pages of one form."""

    def __init__(
        self,
        *,
        path: str,
        site: str,
        languages: Sequence[str],
        titles: Mapping[str, str],
        shape: Shape,
        topics: Callable[[], Topics],
    ) -> None:
        """Reads the templates and texts that come with this package. `languages`: the first is the fallback.

        `topics` is asked anew for each page.
        """
        self._path = path
        self._site = site
        self._languages = tuple(languages)
        self._texts = read_texts(languages)
        self._titles = titles
        self._shape = shape
        self._topics = topics
        self.style = (FOLDER / STYLE).read_bytes()
        self._style_version = hashlib.sha256(self.style).hexdigest()[:8]
        self._templates = ImmutableSandboxedEnvironment(
            loader=FileSystemLoader(FOLDER),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            auto_reload=False,
        )

    def language(self, asked: str, accepted: str) -> str:
        """The language to show a page in; see `languages.choose`."""
        return choose(asked, accepted, tuple(self._texts))

    def link(self, below: str, language: str, **query: str) -> str:
        """A path of this form's pages: `below` is "" for the form itself, else it begins with a slash."""
        return f"{self._path}{below}?{urlencode({'lang': language, **query})}"

    def form(self, page: FormPage, language: str) -> str:
        """The form. It offers other languages only while nothing was typed, which a link would lose."""
        texts = self._texts[language]
        untouched = page.typed == Typed() and not page.problems and not page.notice
        return self._templates.get_template("form.j2").render(
            self._frame("", language, choices=untouched),
            title=_in_language(self._titles, language, self._languages) or texts.form.title,
            submission=page.submission,
            typed=page.typed,
            problems={problem.field: _words(problem, texts) for problem in page.problems},
            notice=page.notice,
            first=page.first,
            fields=self._shape.fields,
            optional=self._shape.optional,
            answers={
                "topic": self._topic_answers(language),
                "affects": [Answer(name=name, label=getattr(texts.affects, name)) for name in AFFECTED],
            },
            most_buttons=_MOST_BUTTONS,
        )

    def sent(self, page: SentPage, reference: str, language: str) -> str:
        """The page of a submission that was accepted."""
        return self._templates.get_template("sent.j2").render(
            self._frame(f"/sent/{reference}", language, choices=True),
            number=page.number,
            state=page.state,
            refresh=page.refresh,
            answers="email" in self._shape.fields and "email" not in self._shape.optional,
        )

    def missing(self, language: str) -> str:
        """The page of a reference that is none of ours."""
        return self._templates.get_template("missing.j2").render(self._frame("", language, choices=False))

    def _topic_answers(self, language: str) -> Sequence[Answer]:
        return [
            Answer(name=name, label=_in_language(labels, language, self._languages) or name)
            for name, labels in self._topics().items()
        ]

    def _frame(self, below: str, language: str, *, choices: bool) -> dict[str, object]:
        """What the layout needs."""
        offered = [Choice(tag=tag, name=texts.name, link=self.link(below, tag)) for tag, texts in self._texts.items()]
        return {
            "site": self._site,
            "language": language,
            "text": self._texts[language],
            "style": f"{self._path}/{STYLE}?v={self._style_version}",
            "action": self.link("", language),
            "choices": offered if choices and len(offered) > 1 else [],
        }


def _words(problem: Problem, texts: Texts) -> str:
    sentence: str = getattr(texts.errors, problem.text)
    return sentence.format(count=problem.count, limit=problem.limit)


def _in_language(texts: Mapping[str, str], language: str, languages: Sequence[str]) -> str:
    """The text in this language, else in the first of the site's, else in any; empty where there is none at all."""
    return next((texts[one] for one in (language, *languages, *texts) if texts.get(one)), "")
