"""The pictures of one page: how many, and how large all of them may be together."""

from dlcourse.grading.display.drawings import drawing
from dlcourse.grading.display.pictures import (
    LARGEST,
    PIXELS_TOGETHER,
    TOO_MUCH,
    TOO_WIDE,
    NotShown,
    Picture,
    PictureBudget,
    photograph,
)


class Album:
    """What a page has shown so far, and how much more it may show."""

    def __init__(self) -> None:
        self.budget, self.pixels_left = PictureBudget(), PIXELS_TOGETHER

    def take(self, content: bytes) -> Picture:
        """The picture in these bytes.

        Raises
        ------
        NotShown
            When there is none, or no room for it.
        """
        if len(content) > LARGEST:
            raise NotShown(TOO_MUCH)
        if b"<svg" in content[:20_000]:
            picture = drawing(content)
        else:
            picture, pixels = photograph(content)
            if pixels > self.pixels_left:
                raise NotShown(TOO_WIDE)
            self.pixels_left -= pixels
        self.budget.take(len(content))
        return picture
