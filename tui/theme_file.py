"""One theme as an operator writes it."""

from __future__ import annotations

import tomllib
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from textual.color import Color, ColorParseError
from textual.theme import Theme

from hostdeck.core.errors import Invalid


class ThemeFile(BaseModel):
    """`variables` are the further names of our style sheet: `muted`, `bright`, `busy`, `line`, `cursor`, `cursor-away`
    and `hit`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    primary: str
    secondary: str | None = None
    accent: str | None = None
    success: str | None = None
    warning: str | None = None
    error: str | None = None
    foreground: str | None = None
    background: str | None = None
    surface: str | None = None
    panel: str | None = None
    dark: bool = True
    variables: dict[str, str] = Field(default_factory=dict)


def read_theme(path: Path) -> Theme:
    """Invalid names the file, and what is wrong with it."""
    try:
        said = ThemeFile.model_validate(tomllib.loads(path.read_text("utf-8")))
        for name, color in {**said.model_dump(exclude={"dark", "variables"}), **said.variables}.items():
            if color is not None:
                _check(name, color)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise Invalid("theme", f"{path}: {where}: {first['msg']}", "THEME") from None
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, ValueError) as error:
        raise Invalid("theme", f"{path}: {error}", "THEME") from None
    return Theme(name=path.stem, **said.model_dump())


def _check(name: str, color: str) -> None:
    try:
        Color.parse(color)
    except ColorParseError:
        raise ValueError(f"{name}: '{color}' is no colour; such as \"#8fb8f5\"") from None
