"""The light NamedTuple and cached_property behave like those of the standard library, in what is used of them."""

from __future__ import annotations

import copy
import pickle
import subprocess
import sys

import pytest

from symver_pin.light import NamedTuple, cached_property


class Point(NamedTuple):
    """A place."""

    x: int
    y: int = 2
    name: str | None = None

    @property
    def sum(self) -> int:
        """Both added."""
        return self.x + self.y


def test_it_is_a_tuple_with_names() -> None:
    point = Point(1, name="a")
    assert tuple(point) == (1, 2, "a")
    assert (point.x, point.y, point.name, point.sum) == (1, 2, "a", 3)
    assert Point._fields == ("x", "y", "name") and Point.__doc__ == "A place."
    assert point._replace(y=5) == Point(1, 5, "a") and point._asdict() == {"x": 1, "y": 2, "name": "a"}
    assert repr(point) == "Point(x=1, y=2, name='a')" and hash(point) == hash((1, 2, "a"))
    assert (1, 2, "a") in {point: 1}
    assert pickle.loads(pickle.dumps(point)) == copy.copy(point) == point
    with pytest.raises(AttributeError):
        point.x = 3  # type: ignore[misc]


@pytest.mark.parametrize("call", ["Point()", "Point(1, 2, 3, 4)", "Point(1, z=2)", "Point(1, x=2)"])
def test_what_does_not_fit_is_a_type_error(call: str) -> None:
    with pytest.raises(TypeError):
        eval(call)


def test_a_cached_property_is_worked_out_once() -> None:
    class Counter:
        """Counts."""

        calls = 0

        @cached_property
        def value(self) -> int:
            """The count."""
            self.calls += 1
            return self.calls

    counter = Counter()
    assert (counter.value, counter.value, counter.calls) == (1, 1, 1)


def test_verifying_one_file_imports_no_costly_module() -> None:
    code = (
        "import sys\nbefore = set(sys.modules)\nfrom symver_pin.cli import main\n"
        "main(['verify', '--glibc', '2.36', '/bin/true'])\nprint(*sorted(set(sys.modules) - before))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = set(done.stdout.splitlines()[-1].split())
    costly = {"typing", "functools", "dataclasses", "enum", "re", "pathlib", "argparse", "json", "jinja2", "elftools"}
    assert loaded & costly == set()
