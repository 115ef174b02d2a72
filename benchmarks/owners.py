"""Ten thousand classes in which names, numbers and files imitate each other: no file may go to another student.

python -m benchmarks.owners [HOW MANY [FIRST SEED]]
"""

import random
import sys
import time

from tests.helpers import imitations


def main(many: int = 10_000, first: int = 0) -> None:
    begin, files, right, wrong = time.perf_counter(), 0, 0, 0
    for seed in range(first, first + many):
        for path, owner, got in imitations.outcome(random.Random(seed)):
            files += 1
            right += got == [owner]
            if got not in ([], [owner]):
                wrong += 1
                print(f"seed {seed}: {path} is {owner}'s and went to {got}")
    seconds = time.perf_counter() - begin
    print(
        f"{many} classes, {files} files in {seconds:.0f} s: {right} to their students, {wrong} to another, others told"
    )


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
