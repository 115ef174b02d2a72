"""Names that are nearly right: what Python says of them when it shows an error is no part of the error's text."""

import builtins
import difflib


def text_of(error: BaseException) -> str:
    """The text of the error, with the name that may have been meant."""
    try:
        text = str(error)
        known = names_around(error)
    except Exception:  # an error or an object of the student's may do anything here
        return ""
    name = getattr(error, "name", None)  # None where a variable is used before it has a value
    near = difflib.get_close_matches(name, sorted(known), n=1, cutoff=0.75) if isinstance(name, str) else []
    return f"{text}. Did you mean: '{near[0]}'?" if near else text


def names_around(error: BaseException) -> set[str]:
    """The names that there were where the error arose, but the hidden ones; none when that was another process."""
    names: set[object] = set()
    if hasattr(error, "student_line"):
        return set()
    if isinstance(error, AttributeError) and error.obj is not None:
        names.update(dir(error.obj))
    elif isinstance(error, NameError) and (place := error.__traceback__):
        while place.tb_next:
            place = place.tb_next
        names.update(place.tb_frame.f_locals, place.tb_frame.f_globals, vars(builtins))
    return {name for name in names if isinstance(name, str) and not name.startswith("_")}
