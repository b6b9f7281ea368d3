"""``NamedTuple`` and ``cached_property`` without ``typing`` and ``functools``, for what runs when one file is verified.

The whole of ``symver-pin verify FILE`` is to cost no more than the bare interpreter's start, 10 ms. Of that ``typing``
and what it imports take 5.7 ms, ``functools`` 1.7 ms, ``typing.NamedTuple`` another 0.2 ms a class (it compiles each
constructor); this module takes 0.2 ms, and 0.02 ms a class. To a type checker the names are those of the standard
library, and so is the behaviour of whatever the project uses of them.

Modules on that path import ``collections.abc`` and ``typing`` under ``TYPE_CHECKING``, which is spelled as a plain
``False`` that type checkers know, and do without ``pathlib`` (2.5 ms), ``re`` (2.4 ms) and ``argparse`` (7 ms).
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from functools import cached_property as cached_property
    from typing import NamedTuple as NamedTuple
else:
    try:
        # What collections.namedtuple makes its fields of: a property in C.
        from _collections import _tuplegetter as _field
    except ImportError:
        from operator import itemgetter

        def _field(index, doc):
            return property(itemgetter(index), doc=doc)

    class _NamedTupleType(type):
        """Makes of a class body with annotated names a subclass of tuple."""

        def __new__(cls, name, bases, namespace):
            if not bases:
                return super().__new__(cls, name, bases, namespace)
            annotations = namespace.get("__annotations__")
            if annotations is None:
                annotations = type(name, (), dict(namespace)).__annotations__  # 3.14 makes them when asked
            fields = tuple(annotations)
            defaults = {field: namespace.pop(field) for field in fields if field in namespace}
            for index, field in enumerate(fields):
                namespace[field] = _field(index, None)
            namespace.pop("__classcell__", None)
            namespace.update(_fields=fields, _field_defaults=defaults, __match_args__=fields, __slots__=())
            namespace["__new__"] = _constructor(fields, defaults)
            return type(name, (_Record,), namespace)

    def _constructor(fields, defaults):
        count, new = len(fields), tuple.__new__
        known = frozenset(fields)
        # The values of the fields that follow the last one without a default.
        tail = tuple(defaults[field] for field in fields[count - len(defaults) :]) if defaults else ()
        required = count - len(tail)

        def construct(cls, *values, **named):
            if not named:
                if len(values) == count:
                    return new(cls, values)
                if required <= len(values) < count:
                    return new(cls, values + tail[len(values) - required :])
            missing = fields[len(values) :]
            if len(values) > count or not known.issuperset(named) or not named.keys() <= set(missing):
                got = f"{len(values)} values and {sorted(named)}"
                raise TypeError(f"{cls.__name__} takes {', '.join(fields)}; got {got}")
            try:
                values += tuple([named[field] if field in named else defaults[field] for field in missing])
            except KeyError as error:
                raise TypeError(f"{cls.__name__} lacks {error}") from None
            return new(cls, values)

        return construct

    class _Record(tuple):
        __slots__ = ()

        @classmethod
        def _make(cls, values):
            return cls(*values)

        def _asdict(self):
            return dict(zip(self._fields, self, strict=True))

        def _replace(self, **changed):
            values = map(changed.pop, self._fields, self)
            new = tuple.__new__(type(self), values)
            if changed:
                raise TypeError(f"{type(self).__name__} has no field {sorted(changed)}")
            return new

        def __getnewargs__(self):
            return tuple(self)

        def __repr__(self):
            return f"{type(self).__name__}({', '.join(f'{name}={value!r}' for name, value in self._asdict().items())})"

    class NamedTuple(metaclass=_NamedTupleType):
        """The base that a class names; not a base of what is made of it."""

    class cached_property:  # noqa: N801
        """Computed when first asked for, then an attribute of the object."""

        def __init__(self, function):
            self._function, self.__doc__ = function, function.__doc__

        def __set_name__(self, _owner, name):
            self._name = name

        def __get__(self, instance, _owner=None):
            if instance is None:
                return self
            value = instance.__dict__[self._name] = self._function(instance)
            return value
