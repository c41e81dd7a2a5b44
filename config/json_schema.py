"""The JSON Schema of a settings file, by which editors complete it and mark mistakes while somebody types."""

import json
from collections.abc import Mapping

from pydantic import BaseModel
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue, models_json_schema
from pydantic_core import core_schema

from config.channels import TYPES
from config.keys import written_fields
from config.settings import Settings
from ingest.channel import ChannelSettings, module_of

DIALECT = "https://json-schema.org/draft/2020-12/schema"
_VARIABLE = r"^\$\{[A-Za-z_][A-Za-z0-9_]*\}$"
_PLAIN: JsonSchemaValue = {"type": ["string", "number", "boolean"]}
_ONE_OR_MORE: JsonSchemaValue = {"anyOf": [_PLAIN, {"type": "array", "items": _PLAIN, "minItems": 1}]}


def schema() -> str:
    """As a document of draft 2020-12."""
    return json.dumps(described(), ensure_ascii=False, indent=1)


def described() -> JsonSchemaValue:
    """The schema as plain values."""
    channels = {kind: _channel_settings(kind) for kind in TYPES}
    models: list[type[BaseModel]] = [Settings, *channels.values()]
    references, shared = models_json_schema(
        [(model, "validation") for model in models], by_alias=True, schema_generator=_Generator
    )
    definitions = {name: _with_variables(one) for name, one in shared["$defs"].items()}
    root = definitions.pop(_name(references[Settings, "validation"]))
    kinds = []
    for kind, model in channels.items():
        name = _name(references[model, "validation"])
        definitions[name]["properties"] = {"type": {"const": kind}, **definitions[name]["properties"]}
        kinds.append(
            {"if": {"properties": {"type": {"const": kind}}}, "then": {"$ref": f"#/$defs/{name}"}},
        )
    definitions["Channel"] = {
        "type": "object",
        "properties": {"type": {"type": "string", "description": _TYPE, "examples": list(TYPES)}},
        "required": ["type"],
        "allOf": kinds,
    }
    root["properties"]["channels"] = {
        "type": "object",
        "description": "Where messages come from, under names of your own.",
        "minProperties": 1,
        "additionalProperties": {"$ref": "#/$defs/Channel"},
    }
    root["required"] = [*root.get("required", []), "channels"]
    return {"$schema": DIALECT, "title": "Deskwire's settings", **root, "$defs": definitions}


_TYPE = "mail, telegram, web, or the dotted name of a module of your own."


class _Generator(GenerateJsonSchema):
    """What people write, where pydantic describes what is made of it."""

    def model_schema(self, schema: core_schema.ModelSchema) -> JsonSchemaValue:
        """Without the fields that no key stands for; one of them may hold all other keys."""
        made = super().model_schema(schema)
        model: type[BaseModel] = schema["cls"]
        written = {name for name, _ in written_fields(model)}
        all_fields = made.get("properties", {})
        made["properties"] = {name: inner for name, inner in all_fields.items() if name in written}
        for name, field in model.model_fields.items():
            if field.exclude and name != "place":
                values = all_fields.get(name, {}).get("additionalProperties", {})
                made["additionalProperties"] = values if "anyOf" in values else _ONE_OR_MORE
        return made

    def is_instance_schema(self, schema: core_schema.IsInstanceSchema) -> JsonSchemaValue:  # noqa: ARG002 (pydantic's)
        """Of a class of ours, which is written as a text."""
        return dict(_PLAIN)

    def function_before_schema(self, schema: core_schema.BeforeValidatorFunctionSchema) -> JsonSchemaValue:
        """What is read by a function of ours may be written in another form than it has then: as a text, or alone."""
        made = super().function_before_schema(schema)
        if "properties" in made:  # Of the keys of a section, which stay what they are.
            return made
        return {"anyOf": [*_ONE_OR_MORE["anyOf"], made]} if made.get("type") == "array" else {"anyOf": [_PLAIN, made]}


def _channel_settings(kind: str) -> type[ChannelSettings]:
    model: type[ChannelSettings] = module_of(kind).Settings
    return model


def _name(reference: Mapping[str, object]) -> str:
    return str(reference["$ref"]).rpartition("/")[2]


def _with_variables(value: JsonSchemaValue) -> JsonSchemaValue:
    """The same, where a text that has to have a form may be ${NAME} as well; and without pydantic's titles."""
    made: JsonSchemaValue = {}
    for key, inner in value.items():
        if key == "title" and isinstance(inner, str):
            continue
        if isinstance(inner, dict):
            made[key] = _with_variables(inner)
        elif isinstance(inner, list):
            made[key] = [_with_variables(item) if isinstance(item, dict) else item for item in inner]
        else:
            made[key] = inner
    if isinstance(made.get("pattern"), str):
        made["pattern"] = f"{_VARIABLE}|{made['pattern']}"
    return made
