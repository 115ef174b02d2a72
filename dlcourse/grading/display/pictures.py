"""Pictures: what a page shows as one, and how large. Of the others it says why they are missing."""

import base64
import binascii
import io
import re
import warnings
from collections.abc import Mapping
from dataclasses import dataclass

from PIL import Image

from dlcourse.words import say, to_say

MOST_PICTURES = 60  # pictures of one notebook
LARGEST, TOGETHER = 4 << 20, 32 << 20  # bytes of one, and of all of a notebook's
MOST_PIXELS, PIXELS_TOGETHER = 30_000_000, 250_000_000  # a few kilobytes may be a million megapixels
DRAWING = 60.0  # seconds that drawing a notebook's pictures may take beside its cells' own time …
LONGEST_DRAWING = 2.0  # … and one of them

RASTER = {"PNG": "image/png", "JPEG": "image/jpeg", "GIF": "image/gif", "WEBP": "image/webp", "BMP": "image/bmp"}
SVG = "image/svg+xml"
KINDS = {*RASTER.values(), SVG, "image/jpg"}
BASE64 = re.compile(r"[A-Za-z0-9+/=\s]*")
# a picture that stands in a text itself
EMBEDDED = re.compile(r"data:image/[a-z0-9.+-]{1,20};base64,([A-Za-z0-9+/=]+)", re.IGNORECASE)


class NotShown(Exception):
    """The text says why, to students and teachers."""

    def __str__(self) -> str:
        return say(*self.args, **BOUNDS)


TOO_MANY = to_say("1つのノートブックで{most}枚までです")
TOO_MUCH = to_say("画像が大きすぎます(1枚{each}MB、合わせて{all}MBまで)")
TOO_WIDE = to_say("画素が多すぎます")
ELSEWHERE = to_say("ほかのサーバーの画像は読み込みません。ノートブックに貼り付けてください")
NO_FILE = to_say("ファイルが提出されていません。ノートブックに貼り付けてください")
NOT_ATTACHED = to_say("ノートブックに入っていません")
NO_PICTURE = to_say("表示できる画像ではありません(PNG、JPEG、GIF、WebP、SVG にしてください)")
BOUNDS = {"most": MOST_PICTURES, "each": LARGEST >> 20, "all": TOGETHER >> 20}


def placeholder(reason: NotShown, name: str = "") -> str:
    """What stands in the picture's place."""
    if name := without_syntax(name):
        return say("［画像 {name} を表示できません: {reason}］", name=name, reason=reason)
    return say("［画像を表示できません: {reason}］", reason=reason)


def without_syntax(text: object, most: int = 80) -> str:
    """The text without any character that means something in HTML, in Markdown or in a formula."""
    return re.sub(r"[^\w .,:、。・()+-]", "", str(text).replace("\n", " "))[:most].strip()


@dataclass
class PictureBudget:
    """What a notebook's cells may still show, while they run.

    drawing: seconds.
    """

    pictures: int = MOST_PICTURES
    bytes: int = TOGETHER
    drawing: float = DRAWING

    def take(self, size: int) -> None:
        """One picture of so many bytes, or NotShown where there is no room for it."""
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
    def text(self) -> str:
        return base64.b64encode(self.content).decode()

    def tag(self, alt: str = "", sizes: Mapping[str, str] | None = None) -> str:
        """HTML that shows it and runs nothing in it, be it a drawing with scripts."""
        shown = {"width": str(self.width)} if self.width else {}
        about = "".join(f' {name}="{value}"' for name, value in (shown | dict(sizes or {})).items())
        return f'<img src="data:{self.kind};base64,{self.text}" alt="{without_syntax(alt)}"{about}>'


def photograph(content: bytes) -> tuple[Picture, int]:
    """The picture in these bytes, and how many pixels it has.

    Raises
    ------
    NotShown
        When there is none that a page shows, or it is too large.
    """
    try:
        with (
            warnings.catch_warnings(action="ignore"),
            Image.open(io.BytesIO(content), formats=list(RASTER)) as picture,
        ):
            kind, pixels = RASTER[str(picture.format)], picture.width * picture.height
    except Image.DecompressionBombError:
        raise NotShown(TOO_WIDE) from None
    except Exception:  # it is no picture, and Pillow fails in many ways on what is none
        raise NotShown(NO_PICTURE) from None
    if pixels > MOST_PIXELS:
        raise NotShown(TOO_WIDE)
    return Picture(kind, content), pixels


def decoded(text: str) -> bytes:
    """The bytes of a picture as notebooks hold it: in base64, or a drawing's own text."""
    if "<svg" in text[:20_000]:
        return text.encode("utf-8", "replace")
    if not BASE64.fullmatch(text):
        raise NotShown(NO_PICTURE)
    try:
        return base64.b64decode(text)
    except binascii.Error:
        raise NotShown(NO_PICTURE) from None
