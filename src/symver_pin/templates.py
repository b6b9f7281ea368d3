"""Render the jinja2 templates. Every generated text file has a template that looks like the file.

StrictUndefined makes a misspelt variable name an error. Values are escaped in HTML templates only.
"""

from pathlib import Path

from symver_pin import __version__
from symver_pin.paths import templates_dir


def render(template: str, folder: Path | None = None, /, **values: object) -> str:
    """The text of ``template``, a file in ``folder`` (default: the package's templates).

    Templates can also use the variable ``version``, the version of symver-pin.
    """
    # Imported here because importing jinja2 takes longer than most commands run, and most commands render nothing.
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(
        loader=FileSystemLoader(folder or templates_dir()),
        undefined=StrictUndefined,
        autoescape=template.endswith(".html.j2"),
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    return environment.get_template(template).render(version=__version__, **values)
