"""Edits of other software raise when they find nothing to edit."""

import re
import types

import nbgrader
import pytest

from dlcourse import foreign


def test_every_occurrence_is_replaced():
    assert foreign.replace("a b a", "a", "c", where="nbgrader: x") == "c b c"
    assert foreign.sub(r"(\d)", r"<\1>", "1 2", where="nbgrader: x", times=2) == "<1> <2>"
    assert foreign.sub(re.compile("a"), lambda found: found[0].upper(), "banana", where="nbgrader: x") == "bAnAnA"


@pytest.mark.parametrize("times", [None, 2])
def test_what_is_not_there_is_named_with_the_package_and_its_version(times):
    for edit in (
        lambda: foreign.replace("one b", "b" if times else "missing", "c", where="nbgrader: x.j2", times=times),
        lambda: foreign.sub("b" if times else "missing", "c", "one b", where="nbgrader: x.j2", times=times),
    ):
        with pytest.raises(foreign.Changed) as raised:
            edit()
        message = str(raised.value)
        assert "nbgrader: x.j2" in message and f"nbgrader {nbgrader.__version__}" in message
        assert ("b" if times else "missing") in message and f"found {1 if times else 0} times" in message


def test_a_package_that_is_not_installed_has_no_version():
    with pytest.raises(foreign.Changed, match="^no-such-package: x: expected at least once, found 0 times: 'a'$"):
        foreign.replace("", "a", "b", where="no-such-package: x")


def test_only_a_name_that_exists_is_patched():
    module = types.ModuleType("other")
    module.name = 1
    assert foreign.patch(module, "name", 2) == 1 and module.name == 2
    with pytest.raises(foreign.Changed, match="other has no 'gone' any more"):
        foreign.patch(module, "gone", 2)
    assert not hasattr(module, "gone")
    with pytest.raises(foreign.Changed, match=f"nbgrader has no 'gone' any more .nbgrader {nbgrader.__version__}"):
        foreign.patch(nbgrader, "gone", 2)
