"""Pictures: what a page shows as one, how many, and how large. Of the others it says why they are missing."""

import base64
import binascii
import io
import re
import secrets
import unicodedata
import warnings
from dataclasses import dataclass
from html.parser import HTMLParser
from pathlib import PurePosixPath
from urllib.parse import unquote
from xml.etree import ElementTree

from PIL import Image

MOST = 60  # pictures of one notebook
LARGEST, TOGETHER = 4 << 20, 32 << 20  # bytes of one, and of all of a notebook's
MOST_PIXELS, PIXELS_TOGETHER = 30_000_000, 250_000_000  # a few kilobytes may be a million megapixels
DRAWING = 60.0  # seconds that drawing a notebook's pictures may take beside its cells' own time …
LONGEST_DRAWING = 2.0  # … and one of them
MOST_SHAPES = 50_000  # of one drawing
WIDEST = 1000  # pixels at which a drawing is shown

RASTER = {"PNG": "image/png", "JPEG": "image/jpeg", "GIF": "image/gif", "WEBP": "image/webp", "BMP": "image/bmp"}
SVG = "image/svg+xml"
KINDS = {*RASTER.values(), SVG, "image/jpg"}
BASE64 = re.compile(r"[A-Za-z0-9+/=\s]*")
# a picture that stands in a text itself
IN_TEXT = re.compile(r"data:image/[a-z0-9.+-]{1,20};base64,([A-Za-z0-9+/=]+)", re.IGNORECASE)


class NotShown(Exception):
    """The text says why, to students and teachers."""


TOO_MANY = f"1つのノートブックで{MOST}枚までです"
TOO_MUCH = f"画像が大きすぎます(1枚{LARGEST >> 20}MB、合わせて{TOGETHER >> 20}MBまで)"
TOO_WIDE = "画素が多すぎます"
ELSEWHERE = "ほかのサーバーの画像は読み込みません。ノートブックに貼り付けてください"
NO_FILE = "ファイルが提出されていません。ノートブックに貼り付けてください"
NOT_ATTACHED = "ノートブックに入っていません"
NO_PICTURE = "表示できる画像ではありません(PNG、JPEG、GIF、WebP、SVG にしてください)"


def told(reason, name=""):
    """What stands in the picture's place."""
    name = harmless(name)
    return f"［画像{f' {name} ' if name else ''}を表示できません: {reason}］"


def harmless(text, most=80):
    """The text without any character that means something in HTML, in Markdown or in a formula."""
    return re.sub(r"[^\w .,:、。・()+-]", "", str(text).replace("\n", " "))[:most].strip()


@dataclass
class Room:
    """What a notebook's cells may still show, while they run.

    drawing: seconds.
    """

    pictures: int = MOST
    bytes: int = TOGETHER
    drawing: float = DRAWING

    def take(self, size):
        if not self.pictures:
            raise NotShown(TOO_MANY)
        if not 0 <= size <= min(LARGEST, self.bytes):
            raise NotShown(TOO_MUCH)
        self.pictures -= 1
        self.bytes -= size


@dataclass
class Picture:
    """kind: as the content says, whatever it was called. width: at which to show it, where it has none by itself."""

    kind: str
    content: bytes
    width: int | None = None

    @property
    def text(self):
        return base64.b64encode(self.content).decode()

    def tag(self, alt="", sizes=()):
        """HTML that shows it and runs nothing in it, be it a drawing with scripts."""
        sizes = {"width": self.width} | dict(sizes) if self.width else dict(sizes)
        about = "".join(f' {name}="{value}"' for name, value in sizes.items())
        return f'<img src="data:{self.kind};base64,{self.text}" alt="{harmless(alt)}"{about}>'


class Album:
    """The pictures of one page."""

    def __init__(self):
        self.room, self.pixels = Room(), PIXELS_TOGETHER

    def take(self, content):
        """The picture in these bytes.

        Raises
        ------
        NotShown
            When there is none, or no room for it.
        """
        if len(content) > LARGEST:
            raise NotShown(TOO_MUCH)
        picture = drawing(content) if b"<svg" in content[:20_000] else self.photograph(content)
        self.room.take(len(content))
        return picture

    def photograph(self, content):
        try:
            with (
                warnings.catch_warnings(action="ignore"),
                Image.open(io.BytesIO(content), formats=list(RASTER)) as picture,
            ):
                kind, pixels = RASTER[picture.format], picture.width * picture.height
        except Image.DecompressionBombError:
            raise NotShown(TOO_WIDE) from None
        except Exception:  # it is no picture, and Pillow fails in many ways on what is none
            raise NotShown(NO_PICTURE) from None
        if pixels > min(MOST_PIXELS, self.pixels):
            raise NotShown(TOO_WIDE)
        self.pixels -= pixels
        return Picture(kind, content)


def decoded(text):
    """The bytes of a picture as notebooks hold it: in base64, or a drawing's own text."""
    if "<svg" in text[:20_000]:
        return text.encode("utf-8", "replace")
    if not BASE64.fullmatch(text):
        raise NotShown(NO_PICTURE)
    try:
        return base64.b64decode(text)
    except binascii.Error:
        raise NotShown(NO_PICTURE) from None


# --- drawings -------------------------------------------------------------------------------------------

# What drawings of libraries consist of; neither scripts nor pages, and nothing that moves or takes long to draw.
SHAPES = set(
    """svg g defs symbol use path rect circle ellipse line polyline polygon text tspan textPath image
    clipPath linearGradient radialGradient stop marker pattern title desc style""".split()
)
REPEATED = {"clipPath", "marker", "pattern", "symbol"}
LINK = {"href", "{http://www.w3.org/1999/xlink}href"}
ElementTree.register_namespace("", "http://www.w3.org/2000/svg")
ElementTree.register_namespace("xlink", "http://www.w3.org/1999/xlink")


def drawing(content):
    """An SVG, rebuilt from shapes alone."""
    try:
        text = content.decode("utf-8-sig")
        if "<!ENTITY" in text:
            raise NotShown(NO_PICTURE)
        root = ElementTree.fromstring(text[text.index("<svg") if "<?xml" not in text else 0 :].strip())
        if plain_name(root) != "svg":
            raise NotShown(NO_PICTURE)
        keep_shapes(root)
        made = ElementTree.tostring(root, encoding="utf-8")
    except (UnicodeDecodeError, ElementTree.ParseError, RecursionError, ValueError):
        raise NotShown(NO_PICTURE) from None
    return Picture(SVG, made, width_of(root))


def plain_name(element):
    return str(element.tag).rpartition("}")[2]


def keep_shapes(root):
    """Take everything else out, in place; a shape is drawn again wherever it is used, and counts as often."""
    count = 0
    for parent in root.iter():
        for child in list(parent):
            if plain_name(child) not in SHAPES:
                parent.remove(child)
    for element in root.iter():
        count += 1
        for name, value in list(element.attrib.items()):
            runs = name.lower().startswith("on")
            leads_out = name in LINK and not value.startswith("#") and not embedded(value)
            if runs or leads_out:
                del element.attrib[name]
        if plain_name(element) == "style" and re.search(r"url\(|@|animation", element.text or ""):
            element.text = ""
    for repeated in root.iter():
        if plain_name(repeated) in REPEATED:
            for element in repeated.iter():
                for name in [name for name, value in element.attrib.items() if "url(" in value]:
                    del element.attrib[name]
    named = {element.get("id"): element for element in root.iter() if element.get("id")}
    sizes = {}
    for use in root.iter():
        if plain_name(use) == "use":
            target = next((use.get(name) for name in LINK if use.get(name)), "")[1:]
            if target not in sizes and target in named:
                parts = list(named[target].iter())
                if any(plain_name(part) == "use" for part in parts):
                    raise NotShown(NO_PICTURE)
                sizes[target] = len(parts)
            count += sizes.get(target, 0)
    if count > MOST_SHAPES:
        raise NotShown(TOO_MUCH)


def embedded(address):
    """Whether this is a picture in the drawing itself, of a size that a drawing may have."""
    found = IN_TEXT.fullmatch(re.sub(r"\s", "", address))
    if not found:
        return False
    try:
        Album().photograph(decoded(found[1]))
    except NotShown:
        return False
    return True


UNITS = {"pt": 4 / 3, "in": 96, "cm": 96 / 2.54, "mm": 96 / 25.4}


def width_of(root):
    """Pixels at which the drawing is shown."""
    found = re.match(r"\s*([\d.]{1,20})\s*([a-z]*)\s*$", root.get("width", "")) or re.match(
        r"\s*\S+[\s,]+\S+[\s,]+([\d.]{1,20})()", root.get("viewBox", "")
    )
    try:
        return max(1, min(WIDEST, round(float(found[1]) * UNITS.get(found[2], 1))))
    except (TypeError, ValueError, OverflowError):
        return WIDEST // 2


# --- pictures in texts ----------------------------------------------------------------------------------

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


class Frames:
    """The pictures in one text: taken out before it is made harmless, and put back afterwards.

    attachments, files: name → {kind: content}, and name → bytes, among which pictures are looked for.
    missing: what is not shown, with the reasons.
    """

    def __init__(self, album, attachments=(), files=()):
        self.album = album
        self.places = {written(name): content_of(bundle) for name, bundle in dict(attachments or {}).items()}
        self.files = {written(name): content for name, content in dict(files or {}).items()}
        self.mark = f"picture{secrets.token_hex(8)}n"
        self.made, self.known, self.missing, self.definitions, self.used = [], {}, [], {}, set()

    def lifted(self, text):
        """The text with the pictures that stand in it as they would if they were attached: it is a few lines again."""

        def attach(found):
            name = f"{self.mark}a{len(self.places)}"
            self.places[name] = found[1]
            return f"attachment:{name}"

        return IN_TEXT.sub(attach, text)

    def taken_out(self, text, pattern=IMAGE):
        """The text with a mark for each picture; code is no picture."""
        if pattern is IMAGE:
            self.definitions = {
                label(found["label"]): found["angle"] or found["address"] for found in DEFINITION.finditer(text)
            }
        pieces, fence = [[False, []]], ""
        for line in text.split("\n"):
            edge = FENCE.match(line) if pattern is IMAGE else None
            inside = bool(fence)
            if edge and not fence:
                fence, inside = edge[1], True
            elif edge and edge[1].startswith(fence):
                fence = ""
            if inside != pieces[-1][0]:
                pieces.append([inside, []])
            pieces[-1][1].append(line)
        texts = ("\n".join(lines) if code else pattern.sub(self.framed, "\n".join(lines)) for code, lines in pieces)
        used = self.used  # what named a picture's address is no text
        return DEFINITION.sub(lambda found: "" if label(found["label"]) in used else found[0], "\n".join(texts))

    def framed(self, found):
        parts = found.groupdict()
        if parts.get("code"):
            return found[0]
        if parts.get("tag") is not None:
            about = attributes(found[0])
            address, alt = about.get("src", ""), about.get("alt", "")
            sizes = sizes_of(about)
        else:
            alt, sizes = parts["alt"], {}
            address = parts["angle"] or parts["address"] or parts["blanks"]
            if not address:
                name = label(parts["label"] or alt)
                if name not in self.definitions:
                    return found[0]  # brackets behind an exclamation mark
                address = self.definitions[name]
                self.used.add(name)
        self.made.append((self.found(address.strip()), alt, sizes))
        return f"{self.mark}{len(self.made) - 1}e"

    def found(self, address):
        """The picture, or a sentence on why there is none; the same one again is no further picture."""
        if address not in self.known:
            try:
                self.known[address] = self.album.take(self.content(address))
            except NotShown as reason:
                name = "" if address.startswith(("data:", f"attachment:{self.mark}")) else unquote(address)
                name = PurePosixPath(name.removeprefix("attachment:")).name
                self.known[address] = told(reason, name)
                self.missing.append(f"{harmless(name)}({reason})" if name else str(reason))
        return self.known[address]

    def content(self, address):
        scheme, _, rest = address.partition(":")
        if scheme.lower() == "attachment":
            if (place := self.places.get(written(rest))) is None:
                raise NotShown(NOT_ATTACHED)
            return decoded(place)
        if scheme.lower() == "data":
            return decoded(unquote(rest.partition(",")[2]))
        if address.startswith("//") or re.fullmatch(r"[a-z][a-z0-9+.-]+", scheme.lower()) and scheme != address:
            outside = scheme.lower() in ("http", "https") or address.startswith("//")
            raise NotShown(ELSEWHERE if outside else NO_PICTURE)
        if (place := self.files.get(written(str(PurePosixPath(address.split("?")[0]))))) is None:
            raise NotShown(NO_FILE)
        return place

    def put_back(self, text, attachments=None):
        """The text with its pictures; attachments: gets those that have no size of their own, else they stay inside."""

        def show(found):
            picture, alt, sizes = self.made[int(found[1])]
            if isinstance(picture, str):
                return picture
            if attachments is None or sizes or picture.width:
                return picture.tag(alt, sizes)
            name = f"picture-{len(attachments) + 1}.{picture.kind.partition('/')[2]}"
            name = next((old for old, file in attachments.items() if file == {picture.kind: picture.text}), name)
            attachments[name] = {picture.kind: picture.text}
            return f"![{harmless(alt)}](attachment:{name})"

        text = re.sub(rf"{self.mark}(\d+)e", show, text)
        return re.sub(rf"{self.mark}[a-z0-9]*", "", text)  # where a long text was cut


def written(name):
    """The name however it is encoded: a link holds %20, and a Mac writes が as か and a mark."""
    return unicodedata.normalize("NFC", unquote(name)).strip()


def label(text):
    return " ".join(text.casefold().split())


def content_of(bundle):
    """Of the forms of an attachment the first; people and programs call one and the same kind by many names."""
    bundle = bundle if isinstance(bundle, dict) else {}
    return next((part for part in bundle.values() if isinstance(part, str)), None)


class OneTag(HTMLParser):
    def __init__(self):
        super().__init__()
        self.about = {}

    def handle_starttag(self, tag, attrs):
        self.about = self.about or {name: value or "" for name, value in attrs}


def attributes(tag):
    parser = OneTag()
    parser.feed(tag)
    return parser.about


def sizes_of(about):
    """Width and height, as attributes or in a style: numbers, of pixels or per cent."""
    style = dict(re.findall(r"(?:^|;)\s*(width|height)\s*:\s*([\d.]+(?:px|%))", about.get("style", "")[:300]))
    sizes = style | {name: about[name].strip() for name in ("width", "height") if about.get(name)}
    return {
        name: value.removesuffix("px")
        for name, value in sizes.items()
        if re.fullmatch(r"\d{1,4}(\.\d{1,4})?(px|%)?", value)
    }
