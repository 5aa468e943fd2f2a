"""How an element looks, as far as it decides whether its text is seen: inline styles, simple rules, old attributes."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

_RULE = re.compile(r"([^{}]{1,2000})\{([^{}]{0,5000})\}")
_COMMENTS = re.compile(r"/\*.*?\*/|<!--|-->", re.S)
_AT_BLOCK = re.compile(r"@[^{};]{0,500}\{(?:[^{}]|\{[^{}]*\})*\}")
_SIMPLE = re.compile(r"([a-z][a-z0-9]*)?(?:([.#])([\w-]+))?$", re.I)
_LENGTH = re.compile(r"(-?\d+(?:\.\d+)?)(px|pt|em|rem|ex|%|vw|vh|in|cm)?$")
_RGB = re.compile(r"rgba?\(\s*(\d{1,3})[\s,]+(\d{1,3})[\s,]+(\d{1,3})(?:[\s,/]+([\d.]+%?))?\s*\)$")
_NAMES = {
    "white": (255, 255, 255),
    "black": (0, 0, 0),
    "snow": (255, 250, 250),
    "ivory": (255, 255, 240),
    "whitesmoke": (245, 245, 245),
    "ghostwhite": (248, 248, 255),
    "red": (255, 0, 0),
    "blue": (0, 0, 255),
    "green": (0, 128, 0),
    "gray": (128, 128, 128),
    "grey": (128, 128, 128),
    "silver": (192, 192, 192),
    "yellow": (255, 255, 0),
    "navy": (0, 0, 128),
}
_UNPAINTED = ("transparent", "none", "inherit", "initial", "unset")
_OFF_SCREEN = -400
_NEAR = 8  # of 255 in each of red, green, blue

Colour = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class Look:
    """What an element has inherited. A background of None is a picture or unknown: nothing is judged against it."""

    colour: Colour | None = (0, 0, 0)
    background: Colour | None = (255, 255, 255)
    transparent: bool = False
    hidden_by: str = ""

    @property
    def same_colour(self) -> bool:
        if self.transparent:
            return True
        if self.colour is None or self.background is None:
            return False
        return all(abs(one - other) <= _NEAR for one, other in zip(self.colour, self.background, strict=True))


@dataclass(frozen=True, slots=True)
class Sheet:
    """The mail's own rules by `tag`, `.class`, `#id`, and the last parts of longer selectors that set backgrounds."""

    rules: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    painted: frozenset[str] = frozenset()

    def look(self, tag: str, attributes: Mapping[str, str | None], inherited: Look) -> Look:
        names = [tag, *(f".{name}" for name in (attributes.get("class") or "").split()[:20])]
        if attributes.get("id"):
            names.append(f"#{attributes['id']}")
        style: dict[str, str] = {}
        for name in names:
            style.update(self.rules.get(name.lower(), {}))
        if attributes.get("style"):
            style.update(read_style(attributes["style"] or ""))
        look = _colours(style, attributes, inherited)
        if any(name.lower() in self.painted for name in names):
            look = replace(look, background=None)
        hidden_by = "hidden attribute" if "hidden" in attributes else _hidden_by(style)
        return replace(look, hidden_by=hidden_by) if hidden_by else look


def read_sheet(css: str) -> Sheet:
    """Rules outside @media blocks; of longer selectors only the fact that they paint something."""
    css = _AT_BLOCK.sub(" ", _COMMENTS.sub(" ", css[:200_000]))
    rules: dict[str, dict[str, str]] = {}
    painted: set[str] = set()
    for count, rule in enumerate(_RULE.finditer(css)):
        if count > 2_000:
            break
        style = read_style(rule.group(2))
        for selector in rule.group(1).split(","):
            words = selector.strip().split()
            simple = _SIMPLE.match(words[-1]) if words else None
            if simple is None:
                continue
            mark = (simple.group(2) + simple.group(3)) if simple.group(2) else (simple.group(1) or "")
            if len(words) == 1 and not (simple.group(1) and simple.group(2)):
                rules.setdefault(mark.lower(), {}).update(style)
            elif "background" in style or "background-color" in style:
                painted.add(mark.lower())
    return Sheet(rules, frozenset(painted))


def read_style(text: str) -> dict[str, str]:
    style: dict[str, str] = {}
    for declaration in text[:5_000].split(";"):
        name, colon, value = declaration.partition(":")
        if colon:
            style[name.strip().lower()] = value.replace("!important", "").strip().lower()
    return style


def read_colour(text: str) -> Colour | None:
    text = text.strip().lower()
    if text in _NAMES:
        return _NAMES[text]
    if re.fullmatch(r"#?[0-9a-f]{6}", text):
        digits = text.lstrip("#")
        return int(digits[:2], 16), int(digits[2:4], 16), int(digits[4:], 16)
    if re.fullmatch(r"#[0-9a-f]{3}", text):
        return int(text[1] * 2, 16), int(text[2] * 2, 16), int(text[3] * 2, 16)
    if match := _RGB.match(text):
        return min(255, int(match[1])), min(255, int(match[2])), min(255, int(match[3]))
    return None


def _colours(style: Mapping[str, str], attributes: Mapping[str, str | None], inherited: Look) -> Look:
    colour, background, transparent = inherited.colour, inherited.background, inherited.transparent
    written = style.get("color") or (attributes.get("color") or "")
    if written and written not in ("inherit", "currentcolor", "initial", "unset"):
        colour = read_colour(written)
        transparent = written == "transparent" or _invisible_alpha(written)
    painted = style.get("background-color") or style.get("background") or attributes.get("bgcolor") or ""
    if attributes.get("background") or "url(" in painted or "gradient" in painted or "background-image" in style:
        background = None
    elif painted and painted.split()[0] not in _UNPAINTED and not _invisible_alpha(painted):
        background = read_colour(painted) or read_colour(painted.split()[0])
    if colour == inherited.colour and background == inherited.background and transparent == inherited.transparent:
        return inherited
    return replace(inherited, colour=colour, background=background, transparent=transparent)


def _invisible_alpha(text: str) -> bool:
    match = _RGB.match(text)
    return bool(match and match[4] and re.fullmatch(r"0*\.?0*%?", match[4]))


def _hidden_by(style: Mapping[str, str]) -> str:
    if not style:
        return ""
    if style.get("display") == "none" or style.get("mso-hide") == "all":
        return "display:none"
    if style.get("visibility") in ("hidden", "collapse"):
        return "visibility:hidden"
    if _number(style.get("opacity", "1"), 1.0) <= 0.02:
        return "opacity:0"
    size = _pixels(style.get("font-size", ""))
    if size is not None and size <= 1:
        return "zero-size text"
    if _clipped(style):
        return "zero-size box"
    return "off-screen text" if _off_screen(style) else ""


def _clipped(style: Mapping[str, str]) -> bool:
    if style.get("overflow", "").split(" ")[0] not in ("hidden", "clip"):
        return False
    sizes = (_pixels(style.get(name, "")) for name in ("height", "max-height", "width", "max-width"))
    return any(size is not None and size <= 1 for size in sizes)


def _off_screen(style: Mapping[str, str]) -> bool:
    if (_pixels(style.get("text-indent", "")) or 0) <= _OFF_SCREEN:
        return True
    if style.get("position") not in ("absolute", "fixed", "relative"):
        return False
    return any((_pixels(style.get(side, "")) or 0) <= _OFF_SCREEN for side in ("left", "top", "right", "bottom"))


def _pixels(text: str) -> float | None:
    match = _LENGTH.match(text)
    if not match:
        return None
    scale = {"em": 16.0, "rem": 16.0, "ex": 8.0, "pt": 1.33, "in": 96.0, "cm": 38.0, "%": 0.16, "vw": 10.0, "vh": 10.0}
    return float(match.group(1)) * scale.get(match.group(2) or "px", 1.0)


def _number(text: str, otherwise: float) -> float:
    return float(text) if re.fullmatch(r"\d*\.?\d+", text) else otherwise
