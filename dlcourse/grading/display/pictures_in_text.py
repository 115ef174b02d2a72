"""Pictures in a text: taken out before it is made harmless, and put back afterwards."""

import re
import secrets
import unicodedata
from collections.abc import Mapping
from html.parser import HTMLParser
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import unquote

from dlcourse.grading.display.album import Album
from dlcourse.grading.display.pictures import (
    ELSEWHERE,
    EMBEDDED,
    NO_FILE,
    NO_PICTURE,
    NOT_ATTACHED,
    NotShown,
    Picture,
    decoded,
    placeholder,
    without_syntax,
)

TAG = r"<img\b(?P<tag>[^<>]{0,3000})>"
TITLE = r"""(?:\s+(?:"[^"]{0,300}"|'[^']{0,300}'|\([^()]{0,300}\)))?"""
ADDRESS = r"""(?:<(?P<angle>[^<>\n]{0,1000})>|(?P<address>(?:[^\s()<>]|\([^\s()<>]{0,200}\)){1,1000}))"""
ALT = r"(?P<alt>(?:[^\[\]]|\[[^\[\]]{0,100}\]){0,500})"
# one whose name has blanks, as people write it though the rules of Markdown want them encoded
BLANKS = r"""(?P<blanks>attachment:(?:[^()<>"'\n]|\([^()<>"'\n]{0,200}\)){1,500})"""
IMAGE = re.compile(
    rf"(?P<code>(?P<ticks>`+)(?!`)(?s:.{{1,300}}?)(?<!`)(?P=ticks)(?!`))|{TAG}"
    rf"|!\[{ALT}\](?:\(\s*(?:{ADDRESS}{TITLE}|{BLANKS})\s*\)|(?!\()(?:\[(?P<label>[^\[\]]{{0,200}})\])?)",
    re.IGNORECASE,
)
TAGS = re.compile(TAG, re.IGNORECASE)
DEFINITION = re.compile(
    rf"^ {{0,3}}\[(?P<label>[^\[\]]{{1,200}})\]:[ \t]*{ADDRESS}{TITLE}[ \t]*$", re.MULTILINE | re.IGNORECASE
)
FENCE = re.compile(r" {0,3}(`{3,}|~{3,})")


class PicturesInText:
    """The pictures in one text: taken out before it is made harmless, and put back afterwards.

    attachments, files: name → {kind: content}, and name → bytes, among which pictures are looked for.
    missing: what is not shown, with the reasons.
    """

    def __init__(
        self, album: Album, attachments: Mapping[str, Any] | None = None, files: Mapping[str, bytes] | None = None
    ) -> None:
        self.album = album
        self.attached = {normal_name(name): attachment_text(bundle) for name, bundle in (attachments or {}).items()}
        self.files = {normal_name(name): content for name, content in (files or {}).items()}
        self.mark = f"picture{secrets.token_hex(8)}n"
        self.missing: list[str] = []
        self._taken: list[tuple[Picture | str, str, dict[str, str]]] = []  # picture or placeholder, alt text, sizes
        self._known: dict[str, Picture | str] = {}  # by the address in the text
        self._definitions: dict[str, str] = {}  # label → address, as Markdown has them at a text's end
        self._used: set[str] = set()  # labels

    def attach_embedded(self, text: str) -> str:
        """The text with the pictures that stand in it as they would if they were attached: it is a few lines again."""

        def attach(found: re.Match[str]) -> str:
            name = f"{self.mark}a{len(self.attached)}"
            self.attached[name] = found[1]
            return f"attachment:{name}"

        return EMBEDDED.sub(attach, text)

    def take_out(self, text: str, pattern: re.Pattern[str] = IMAGE) -> str:
        """The text with a mark for each picture; code is no picture."""
        if pattern is IMAGE:
            self._definitions = {
                link_label(found["label"]): found["angle"] or found["address"] for found in DEFINITION.finditer(text)
            }
        pieces: list[tuple[bool, list[str]]] = [(False, [])]  # whether these lines are code, and the lines
        fence = ""
        for line in text.split("\n"):
            edge = FENCE.match(line) if pattern is IMAGE else None
            inside = bool(fence)
            if edge and not fence:
                fence, inside = edge[1], True
            elif edge and edge[1].startswith(fence):
                fence = ""
            if inside != pieces[-1][0]:
                pieces.append((inside, []))
            pieces[-1][1].append(line)
        texts = ("\n".join(lines) if code else pattern.sub(self._take, "\n".join(lines)) for code, lines in pieces)
        used = self._used  # what named a picture's address is no text
        return DEFINITION.sub(lambda found: "" if link_label(found["label"]) in used else found[0], "\n".join(texts))

    def _take(self, found: re.Match[str]) -> str:
        parts = found.groupdict()
        if parts.get("code"):
            return found[0]
        if parts.get("tag") is not None:
            about = tag_attributes(found[0])
            address, alt = about.get("src", ""), about.get("alt", "")
            sizes = sizes_of(about)
        else:
            alt, sizes = parts["alt"], {}
            address = parts["angle"] or parts["address"] or parts["blanks"]
            if not address:
                name = link_label(parts["label"] or alt)
                if name not in self._definitions:
                    return found[0]  # brackets behind an exclamation mark
                address = self._definitions[name]
                self._used.add(name)
        self._taken.append((self._picture_at(address.strip()), alt, sizes))
        return f"{self.mark}{len(self._taken) - 1}e"

    def _picture_at(self, address: str) -> Picture | str:
        """The picture, or a sentence on why there is none; the same one again is no further picture."""
        if address not in self._known:
            try:
                self._known[address] = self.album.take(self._bytes_at(address))
            except NotShown as reason:
                name = "" if address.startswith(("data:", f"attachment:{self.mark}")) else unquote(address)
                name = PurePosixPath(name.removeprefix("attachment:")).name
                self._known[address] = placeholder(reason, name)
                self.missing.append(f"{without_syntax(name)}({reason})" if name else str(reason))
        return self._known[address]

    def _bytes_at(self, address: str) -> bytes:
        scheme, _, rest = address.partition(":")
        if scheme.lower() == "attachment":
            if (text := self.attached.get(normal_name(rest))) is None:
                raise NotShown(NOT_ATTACHED)
            return decoded(text)
        if scheme.lower() == "data":
            return decoded(unquote(rest.partition(",")[2]))
        if address.startswith("//") or re.fullmatch(r"[a-z][a-z0-9+.-]+", scheme.lower()) and scheme != address:
            outside = scheme.lower() in ("http", "https") or address.startswith("//")
            raise NotShown(ELSEWHERE if outside else NO_PICTURE)
        if (content := self.files.get(normal_name(str(PurePosixPath(address.split("?")[0]))))) is None:
            raise NotShown(NO_FILE)
        return content

    def put_back(self, text: str, attachments: dict[str, dict[str, str]] | None = None) -> str:
        """The text with its pictures; attachments: gets those that have no size of their own, else they stay inside."""

        def show(found: re.Match[str]) -> str:
            picture, alt, sizes = self._taken[int(found[1])]
            if isinstance(picture, str):
                return picture
            if attachments is None or sizes or picture.width:
                return picture.tag(alt, sizes)
            name = f"picture-{len(attachments) + 1}.{picture.kind.partition('/')[2]}"
            name = next((old for old, file in attachments.items() if file == {picture.kind: picture.text}), name)
            attachments[name] = {picture.kind: picture.text}
            return f"![{without_syntax(alt)}](attachment:{name})"

        text = re.sub(rf"{self.mark}(\d+)e", show, text)
        return re.sub(rf"{self.mark}[a-z0-9]*", "", text)  # where a long text was cut


def normal_name(name: str) -> str:
    """The name however it is encoded: a link holds %20, and a Mac writes が as か and a mark."""
    return unicodedata.normalize("NFC", unquote(name)).strip()


def link_label(text: str) -> str:
    """A label as Markdown compares it."""
    return " ".join(text.casefold().split())


def attachment_text(bundle: Any) -> str | None:
    """Of the forms of an attachment the first; people and programs call one and the same kind by many names."""
    bundle = bundle if isinstance(bundle, dict) else {}
    return next((part for part in bundle.values() if isinstance(part, str)), None)


class OneTag(HTMLParser):
    """The attributes of the first tag."""

    def __init__(self) -> None:
        super().__init__()
        self.about: dict[str, str] = {}

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.about = self.about or {name: value or "" for name, value in attrs}


def tag_attributes(tag: str) -> dict[str, str]:
    parser = OneTag()
    parser.feed(tag)
    return parser.about


def sizes_of(about: Mapping[str, str]) -> dict[str, str]:
    """Width and height, as attributes or in a style: numbers, of pixels or per cent."""
    style = dict(re.findall(r"(?:^|;)\s*(width|height)\s*:\s*([\d.]+(?:px|%))", about.get("style", "")[:300]))
    sizes = style | {name: about[name].strip() for name in ("width", "height") if about.get(name)}
    return {
        name: value.removesuffix("px")
        for name, value in sizes.items()
        if re.fullmatch(r"\d{1,4}(\.\d{1,4})?(px|%)?", value)
    }
