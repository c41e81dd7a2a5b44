"""Reads the templates of all languages, ours and the operator's, once and into memory."""

from collections.abc import Iterator, Sequence
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path

from jinja2 import StrictUndefined, TemplateSyntaxError, nodes
from jinja2.meta import find_undeclared_variables
from jinja2.sandbox import SandboxedEnvironment

from notifier import values
from notifier.render import NAMES, Templates, Wording
from notifier.speech import Names
from store.errors import Permanent

LAST = "en"  # Complete by itself, so that every name has a text.


def load_templates(names: Names, languages: Sequence[str], override: Path | None = None) -> Templates:
    """The templates that come with Deskwire, with those of the operator's directory in their place.

    `override` has the shape of `notifier/templates`: a folder for each language, a file for each name that is changed.
    `languages` are the desk's, the first of which stands in for one that has no template. Raises Permanent for a file
    that is no template, whose name is not known or that asks for a value that there is not.
    """
    environment = SandboxedEnvironment(
        autoescape=False,  # The texts are plain: a channel that sends HTML escapes them itself.
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    wordings: dict[tuple[str, str], Wording] = {}
    for root in (resources.files("notifier") / "templates", override):
        if root is not None:
            wordings.update(_folder(environment, root))
    return Templates(names=names, fallback=(languages[0], LAST), wordings=wordings)


def _folder(environment: SandboxedEnvironment, root: Traversable | Path) -> Iterator[tuple[tuple[str, str], Wording]]:
    if not root.is_dir():
        raise Permanent(
            f"there is no directory {root} to take templates from: "
            "make it, or take the setting `templates` away to use the texts that come with Deskwire"
        )
    for language in sorted(root.iterdir(), key=lambda entry: entry.name):
        if language.is_dir():
            for file in sorted(language.iterdir(), key=lambda entry: entry.name):
                if file.name.endswith(".j2"):
                    yield (language.name, _name(file)), _compiled(environment, file)


def _name(file: Traversable | Path) -> str:
    name = file.name.removesuffix(".j2")
    if name not in NAMES:
        raise Permanent(f"{file} is no template that Deskwire uses: the names are {', '.join(NAMES)}")
    return name


def _compiled(environment: SandboxedEnvironment, file: Traversable | Path) -> Wording:
    """A template that can be trusted to render; raises Permanent."""
    try:
        source = file.read_text(encoding="utf-8")
        tree = environment.parse(source)
        template = environment.from_string(source)
    except TemplateSyntaxError as error:
        raise Permanent(f"{file}:{error.lineno}: {error.message}; mend this line") from error
    except (OSError, UnicodeDecodeError) as error:
        raise Permanent(f"the template {file} cannot be read ({error}): make it a readable file in UTF-8") from error
    if unknown := find_undeclared_variables(tree) - values.NAMES:
        raise Permanent(
            f"{file} asks for {', '.join(sorted(unknown))}, which no notification has; "
            f"the values are {', '.join(sorted(values.NAMES))}"
        )
    blocks = {block.name: _asked(block) for block in tree.find_all(nodes.Block)}
    for block in ("subject", "text"):
        if block not in blocks:
            raise Permanent(f"{file} has no block {block!r}: put {{% block {block} %}}...{{% endblock %}} into it")
    return Wording(template=template, subject=blocks["subject"], text=blocks["text"])


def _asked(block: nodes.Block) -> frozenset[str]:
    return frozenset(find_undeclared_variables(nodes.Template(block.body, environment=block.environment)))
