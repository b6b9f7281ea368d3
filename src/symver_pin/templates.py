"""The jinja2 environment: every generated text file is rendered from a template that looks like its output.

StrictUndefined makes a misspelt name an error at once. In HTML, and there alone, what is put in is escaped.
"""

from pathlib import Path

from symver_pin import __version__
from symver_pin.resources import templates_dir


def render(template: str, folder: Path | None = None, /, **values: object) -> str:
    """Render ``template`` of ``folder`` (the package's own templates by default); ``version`` is always there."""
    # Not at the top: to import jinja2 takes longer than most commands, and kit's compilers can work meanwhile.
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
