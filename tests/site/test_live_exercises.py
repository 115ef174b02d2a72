"""One chapter's page and its Python: the exercises of the book are judged in it, one after another."""

from dlcourse.checks import EXERCISES
from tests.helpers.cells import ANSWERS, ASSIGNMENTS, STARTING, editor, press, written


def test_every_answer_gets_its_verdict_and_every_mistake_its_hint(chapter):
    tasks, expected = [], []
    for assignment in ASSIGNMENTS:
        for exercise in assignment.exercises:
            before = []
            for answer in exercise.answers:
                check = EXERCISES[answer.check]
                mistakes = [(check.source(mistake), hint) for mistake, hint in list(check.pitfalls.items())[:3]]
                codes = [(answer.starter, "wrong", ""), (answer.solution, "right", "✓")]
                for code, kind, words in [*codes, *((mistake, "wrong", hint) for mistake, hint in mistakes)]:
                    answers = [*before, [code, f"解答{answer.check}"]]
                    tasks.append({"check": answer.check, "setup": assignment.setup, "answers": answers})
                    expected.append((kind, words))
                before.append([answer.solution, f"解答{answer.check}"])
        if "T3-1" in {exercise.id for exercise in assignment.exercises}:
            wide = "def squared_error(d, y):\n    return np.sum((10**6 * (np.array(y) - d)) ** 2) / 2 / 10**12"
            tasks.append({"check": "T3-1", "setup": assignment.setup, "answers": [[wide, "解答T3-1"]]})
            expected.append(("right", "✓"))  # with integers of 32 bits it would not be
    outcomes = chapter.evaluate(
        """(tasks) => Promise.all(tasks.map(async (task) => {
          const said = [];
          const tell = (kind, text) => kind !== "progress" && kind !== "stdout" && said.push([kind, text]);
          await kernel.run(task, tell);
          return said;
        }))""",
        tasks,
    )
    print(f"{len(tasks)} answers judged in the page")
    for task, said, (kind, words) in zip(tasks, outcomes, expected, strict=True):
        assert len(said) == 1 and said[0][0] == kind and words in said[0][1], (task["answers"][-1], words, said)


def test_an_exercise_is_judged_and_remembered(chapter):
    page = chapter
    box = page.locator("#exercise-k1-2 .answer").first
    result = box.locator(".live-output")
    press(box, "ここで解く")
    field = editor(box)
    field.wait_for()
    assert written(box) == ANSWERS["K1-2"][0].starter.rstrip("\n")

    press(box, "採点する")
    result.get_by_text("まだ正解ではありません").wait_for(timeout=STARTING)
    assert "raise NotImplementedError() の行を消して" in result.inner_text()

    pitfall, hint = next(iter(EXERCISES["K1-2"].pitfalls.items()))
    field.fill(EXERCISES["K1-2"].source(pitfall))
    press(box, "採点する")
    result.get_by_text(hint).wait_for(timeout=10_000)
    assert box.get_by_text("✓ 正解済み").count() == 0

    solution = ANSWERS["K1-2"][0].solution
    field.fill(solution)
    press(box, "採点する")
    result.get_by_text("✓ K1-2 正解です。").wait_for(timeout=10_000)

    # Two answers, of which the second builds on the first.
    boxes = page.locator("#exercise-k0-3 .answer")
    for part in boxes.all():
        press(part, "ここで解く")
    press(boxes.nth(1), "採点する")
    boxes.nth(1).get_by_text("まだ答えがありません").wait_for(timeout=10_000)
    editor(boxes.nth(1)).fill("k0_3b = sum(int(__import__('numpy').prod(s)) for s in k0_3.values())")
    editor(boxes.nth(0)).fill(ANSWERS["K0-3"][0].solution)
    press(boxes.nth(1), "採点する")
    boxes.nth(1).get_by_text("✓ K0-3b 正解です。").wait_for(timeout=10_000)

    page.reload()
    assert box.get_by_text("✓ 正解済み").is_visible()
    field.wait_for()
    assert written(box) == solution
    page.on("dialog", lambda dialog: dialog.accept())
    press(box, "リセット")
    assert field.count() == 0 and box.get_by_text("✓ 正解済み").count() == 0
