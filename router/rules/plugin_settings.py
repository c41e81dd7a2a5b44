"""Finds the functions that conditions name, when the settings are read."""

import importlib
import inspect
from collections.abc import Callable
from typing import Annotated

from pydantic import AfterValidator
from pydantic_core import PydanticCustomError

from router.rules.plugins import Plugin


def plugin_of(name: str) -> Plugin:
    """The function of this name. Raises PydanticCustomError where it cannot be had, which says why."""
    module, _, function = name.rpartition(".")
    if not module or not all(part.isidentifier() for part in name.split(".")):
        raise _bad_plugin(name, "it is no dotted name", "write module.function, such as acme.is_key_account")
    try:
        found = getattr(importlib.import_module(module), function, None)
    except Exception as error:
        where = "it must be installed here, or its folder in PYTHONPATH"
        raise _bad_plugin(name, f"{module} cannot be imported ({type(error).__name__}: {error})", where) from error
    if found is None:
        raise _bad_plugin(name, f"{module} has no {function}", "name a function of that module")
    if not callable(found) or isinstance(found, type):
        raise _bad_plugin(name, "it is no function", "write one that takes a message and returns true or false")
    if inspect.iscoroutinefunction(found):
        raise _bad_plugin(name, "it is asynchronous", "write def, without async: the router does not wait")
    if not _takes_one(found):
        raise _bad_plugin(name, "it does not take one argument", "it is given the message, and nothing else")
    return Plugin(name, found)


def _takes_one(function: Callable[..., object]) -> bool:
    try:
        inspect.signature(function).bind(None)
    except TypeError:
        return False
    except ValueError:  # It is written in C and does not say.
        return True
    return True


def _bad_plugin(name: str, why: str, remedy: str) -> PydanticCustomError:
    told = {"name": name, "why": why, "remedy": remedy}
    return PydanticCustomError("bad_plugin", 'the plug-in "{name}" cannot be used ({why}): {remedy}', told)


def _found(name: str) -> str:
    plugin_of(name)
    return name


PluginName = Annotated[str, AfterValidator(_found)]
"""The dotted name of a function that can be called with a message."""
