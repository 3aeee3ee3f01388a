"""Prints the names of the modules that this project ports, as JSON.

Reads nothing but the modules themselves, so that it runs the same in an installed Python and in
Pyodide. For each module: what it defines (not what it imports); for each class of it: what the
class itself defines, and the attributes that its methods give to instances.
"""

import ast
import importlib
import inspect
import json
import socket
import sys
import textwrap
import types
import typing
import warnings

MODULES = (
    "wsgiref.types",
    "wsgiref.util",
    "wsgiref.headers",
    "wsgiref.handlers",
    "wsgiref.validate",
    "wsgiref.simple_server",
    "socketserver",
    "http.server",
)


class Empty:
    """Has what every class has."""


class EmptyProtocol(typing.Protocol):
    """Has what every protocol has."""


# Dunder names that every class has, or that serve Python's own machinery ...
MACHINERY = {
    *dir(type),
    *dir(object),
    *vars(Empty),
    *vars(EmptyProtocol),
    # These come and go with use.
    "__annotate_func__",
    "__annotations__",
    "__annotations_cache__",
    "__non_callable_proto_members__",
}
# ... of which these say something where a class defines them itself.
SPOKEN = {"__init__", "__call__", "__str__", "__repr__"}


def is_public(name):
    return not name.startswith("_")


def is_dunder(name):
    return name.startswith("__") and name.endswith("__")


def is_hook(name, value):
    """Whether a subclass must define this underscored method."""
    return (
        not is_dunder(name)
        and isinstance(value, types.FunctionType)
        and "NotImplementedError" in value.__code__.co_names
    )


def parameters(value):
    """The parameters as they are written, without self and annotations; None if not callable."""
    if isinstance(value, (classmethod, staticmethod)):
        value = value.__func__
    if not isinstance(value, types.FunctionType):
        return None
    found = []
    for parameter in inspect.signature(value).parameters.values():
        if parameter.name == "self":
            continue
        if parameter.kind is parameter.KEYWORD_ONLY:
            if not is_public(parameter.name):
                continue
            if not any(text.startswith("*") for text in found):
                found.append("*")
        found.append(written(parameter))
    return found


def written(parameter):
    if isinstance(parameter.default, type) and parameter.default is not parameter.empty:
        return f"{parameter.name}={parameter.default.__name__}"
    if parameter.default is ...:
        return f"{parameter.name}=..."
    return str(parameter.replace(annotation=parameter.empty))


def assigned(cls):
    """Names that the methods of a class assign to: self.name = ..."""
    if "__static_attributes__" in vars(cls):  # from Python 3.13 on
        return set(cls.__static_attributes__)
    names = set()
    for method in vars(cls).values():
        if not isinstance(method, types.FunctionType):
            continue
        tree = ast.parse(textwrap.dedent(inspect.getsource(method)))
        for node in ast.walk(tree):
            if (
                isinstance(node, ast.Attribute)
                and isinstance(node.ctx, ast.Store)
                and isinstance(node.value, ast.Name)
                and node.value.id == "self"
            ):
                names.add(node.attr)
    return names


def mentioned(cls):
    """Every name that the methods of a class use: some attributes are set from outside only."""
    names = set()
    for method in vars(cls).values():
        if isinstance(method, types.FunctionType):
            names.update(method.__code__.co_names)
    return names


def members(cls):
    found = {}
    for name, value in vars(cls).items():
        spoken = is_dunder(name) and (name in SPOKEN or name not in MACHINERY)
        if is_public(name) or spoken or is_hook(name, value):
            found[name] = parameters(value)
    for name in assigned(cls):
        if is_public(name):
            found.setdefault(name, None)
    # What a Protocol inherits from its machinery is no member of it.
    if getattr(cls, "_is_protocol", False):
        found.pop("__init__", None)
    return found


def is_imported(module, value):
    if isinstance(value, (type, types.FunctionType, types.BuiltinFunctionType)):
        return value.__module__ != module.__name__
    return isinstance(value, types.ModuleType) or type(value).__module__ in ("typing", "__future__")


def describe(module):
    exported = set(getattr(module, "__all__", ()))
    described = {}
    for name, value in vars(module).items():
        if name != "__version__" and name not in exported:
            if not is_public(name) or is_imported(module, value):
                continue
        if isinstance(value, type):
            described[name] = {
                "members": members(value),
                "mentioned": sorted(mentioned(value)),
                "bases": [base.__name__ for base in value.__mro__[1:-1]],
            }
        else:
            described[name] = {"parameters": parameters(value)}
    if "__version__" not in described and hasattr(module, "__getattr__"):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            if hasattr(module, "__version__"):
                described["__version__"] = {"parameters": None}
    return described


def report():
    modules = {}
    # Before 3.11 there was no wsgiref.types; the inventory does not speak of those versions.
    for name in MODULES if sys.version_info >= (3, 11) else ():
        modules[name] = describe(importlib.import_module(name))
    unix = hasattr(socket, "AF_UNIX")
    return json.dumps({"version": sys.version_info[:3], "unix": unix, "modules": modules})


if __name__ == "__main__":
    print(report())
