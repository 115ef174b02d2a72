"""What the one style sheet takes of the theme's: the rules whose every class and id is a word of the site."""

import tinycss2

from press.look.sheet import names, used_rules


def kept(text, *known):
    rules = tinycss2.parse_stylesheet(text, skip_whitespace=True)
    return "".join(used_rules(rules, set(known)))


def test_a_rule_stays_when_its_names_are_known():
    assert kept(".used{color:red}", "used") == ".used{color:red}"
    assert kept(".used .unknown{color:red}#other{color:red}", "used") == ""
    assert kept("p{color:red}") == "p{color:red}", "elements are in every page"


def test_of_several_selectors_those_in_use_stay():
    assert kept(".used,.unknown{color:red}", "used") == ".used{color:red}"


def test_what_a_selector_rules_out_is_no_condition():
    [rule] = tinycss2.parse_stylesheet(".used:not(.unknown){color:red}")
    assert list(names(rule.prelude)) == ["used"]


def test_rules_in_media_are_looked_at_and_empty_ones_left_out():
    text = "@media print{.used{color:red}.unknown{color:red}}@media screen{.unknown{color:red}}"
    assert kept(text, "used") == "@media print{.used{color:red}}"


def test_what_is_no_rule_stays_but_for_comments_that_are_no_licence():
    assert kept("/*! licence */ /* remark */ @font-face{font-family:x}") == "/*! licence */@font-face{font-family:x}"


def test_names_that_a_script_puts_together_stay():
    assert kept(".bs-tooltip-top{color:red}") == ".bs-tooltip-top{color:red}"
