"""What the teacher sees of a run: how far it is, and at its end what became of every submission."""

import sys
import time
from collections.abc import Iterator, Sequence

from tqdm import tqdm

from dlcourse.grading.desk.submissions import BEFORE, GRADED, LOOK, NOT, Submission
from dlcourse.grading.display.characters import printable


class Progress:
    """A bar in a terminal; elsewhere, in a log say, a line now and then."""

    EVERY = 5.0  # seconds from line to line

    def __init__(self, total: int) -> None:
        self.total, self.count = total, 0
        self.start = self.last_line = time.monotonic()
        tqdm.monitor_interval = 0  # no thread of its own: there are processes beside this one
        self.bar = tqdm(
            total=total, desc="採点 / grading", unit="名", file=sys.stderr, leave=False, disable=not sys.stderr.isatty()
        )

    def done(self, student: str, seconds: float) -> None:
        """One more; seconds: how long the student's notebooks ran."""
        self.count, student = self.count + 1, printable(student)
        self.bar.set_postfix_str(f"{student} {seconds:.1f}秒", refresh=False)
        self.bar.update()
        now = time.monotonic()
        if self.bar.disable and (now - self.last_line > self.EVERY or self.count == self.total):
            self.last_line = now
            left = (now - self.start) / self.count * (self.total - self.count)
            print(
                f"採点 / grading {self.count}/{self.total}  残り / left {left:.0f}秒  {student} {seconds:.1f}秒",
                file=sys.stderr,
                flush=True,
            )

    def close(self) -> None:
        self.bar.close()


def summary(submissions: Sequence[Submission], changed: Sequence[str], seconds: float) -> Iterator[str]:
    """The lines that end a run: one for each submission that was not in order, and last how many there are of each.

    changed: students whose penalty for lateness has changed.

    A submission that was not reached, because the run was stopped, is counted and not listed.
    """
    order = [NOT, LOOK, GRADED, BEFORE]
    noted = [one for one in submissions if one.notes and (one.doubtful or one.state not in (None, BEFORE))]
    if noted:
        yield "\n確認してください / submissions to look at:"
    for one in sorted(noted, key=lambda one: (order.index(one.state or NOT), one.student)):
        yield f"  [{one.state or NOT}] {printable(one.student)}: {' '.join(map(str, one.notes))}"
    again = sum(one.again and one.state == GRADED for one in submissions)
    if again:
        yield f"\n課題が変わっていたので、{again}名を採点し直しました。 / {again} graded again for a changed assignment"
    if changed:
        names = f"{'、'.join(map(printable, changed[:5]))}{' ほか' if changed[5:] else ''}"
        yield f"\n遅れて出した分の減点が変わりました: {len(changed)}名({names})。 / penalties for lateness have changed"
    graded, before, look, left = (
        sum(one.state in states for one in submissions) for states in ([GRADED], [BEFORE], [LOOK], [NOT, None])
    )
    absent = sum(one.state == NOT and not one.handed_in for one in submissions)
    yield (
        f"\n採点 {graded}名({seconds:.1f}秒)、以前に採点済み {before}名、要確認 {look}名、"
        f"未採点 {left}名(うち未提出 {absent}名)"
        f" / graded {graded}, before {before}, to look at {look}, not graded {left} (nothing handed in {absent})"
    )
