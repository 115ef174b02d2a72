"""Values of pandas taken apart into arrays and lists, and made again of them."""

import operator
from typing import Any

import numpy as np

from dlcourse.grading.isolation.parts import CannotCross, Parts, text

MOST_ROWS = 10_000_000


def pandas() -> Any:
    import pandas

    return pandas


def column_parts(values: Any) -> Parts:
    """Of a Series, an Index or one of pandas' arrays: how its values are made again, and of what."""
    pd = pandas()
    dtype = values.dtype
    if isinstance(dtype, np.dtype):
        array = np.asarray(values)
        return ["objects", [one_of_pandas(one) for one in array]] if dtype.kind == "O" else ["array", array]
    if isinstance(dtype, pd.CategoricalDtype):
        values = pd.Categorical(values)
        return ["category", np.asarray(values.codes), index_parts(values.categories), bool(values.ordered)]
    if isinstance(dtype, pd.DatetimeTZDtype):
        return ["zoned", np.asarray(pd.DatetimeIndex(values).tz_convert("UTC").tz_localize(None)), dtype.tz]
    items = [None if gone else one for one, gone in zip(values, pd.isna(values), strict=True)]
    if isinstance(dtype, pd.StringDtype):
        return ["texts", dtype.storage, dtype.na_value is pd.NA, [one if one is None else str(one) for one in items]]
    if dtype.name in MASKED:
        return ["masked", dtype.name, [one if one is None else one.item() for one in map(np.asarray, items)]]
    raise CannotCross


def one_of_pandas(value: Any) -> Any:
    pd = pandas()
    if value is pd.NA or value is pd.NaT:
        return ["NA" if value is pd.NA else "NaT"]
    return [value, 0]


def column(parts: Parts) -> Any:
    pd = pandas()
    kind, *of = parts
    if kind == "array":
        array = np.asarray(of[0])
        if array.ndim != 1:
            raise ValueError("no column")
        return array
    if kind == "objects":
        made = np.empty(len(of[0]), object)
        for place, one in enumerate(of[0]):
            made[place] = {"NA": pd.NA, "NaT": pd.NaT}[one[0]] if len(one) == 1 else one[0]
        return made
    if kind == "category":
        return pd.Categorical.from_codes(of[0], index(of[1]), ordered=bool(of[2]))
    if kind == "zoned":
        return pd.DatetimeIndex(of[0]).tz_localize("UTC").tz_convert(of[1]).array
    if kind == "texts":
        storage, masked, items = of
        dtype = pd.StringDtype(
            {"python": "python", "pyarrow": "pyarrow"}[storage], na_value=pd.NA if masked else np.nan
        )
        return pd.array(items, dtype=dtype)
    if kind == "masked" and of[0] in MASKED:
        return pd.array(of[1], dtype=of[0])
    raise ValueError(kind)


MASKED = ("Int8", "Int16", "Int32", "Int64", "UInt8", "UInt16", "UInt32", "UInt64", "Float32", "Float64", "boolean")


def index_parts(value: Any) -> Parts:
    pd = pandas()
    if type(value) is pd.RangeIndex:
        return ["range", value.start, value.stop, value.step, value.name]
    if type(value) is pd.MultiIndex:
        codes = [np.asarray(one) for one in value.codes]
        return ["levels", [index_parts(one) for one in value.levels], codes, list(value.names)]
    if type(value) is pd.DatetimeIndex:
        return ["index", column_parts(value), value.name, value.freqstr]
    if type(value) is pd.TimedeltaIndex:
        return ["index", column_parts(value), value.name, value.freqstr]
    if type(value) in (pd.Index, pd.CategoricalIndex):
        return ["index", column_parts(value), value.name, None]
    raise CannotCross


def index(parts: Parts) -> Any:
    pd = pandas()
    kind, *of = parts
    if kind == "range":
        start, stop, step, name = of
        if len(range(start, stop, step)) > MOST_ROWS:
            raise ValueError("too long")
        return pd.RangeIndex(operator.index(start), operator.index(stop), operator.index(step), name=name)
    if kind == "levels":
        levels, codes, names = of
        return pd.MultiIndex(levels=[index(one) for one in levels], codes=codes, names=names)
    values, name, freq = of
    made = pd.Index(column(values), name=name)
    if freq is not None:
        made.freq = text(freq, 20)
    return made


def frame_parts(value: Any) -> Parts:
    columns = [column_parts(value.iloc[:, place]) for place in range(value.shape[1])]
    return [index_parts(value.columns), index_parts(value.index), columns]


def frame(parts: Parts) -> Any:
    pd = pandas()
    names, rows, columns = parts
    rows = index(rows)
    made = pd.DataFrame({place: pd.Series(column(one), index=rows) for place, one in enumerate(columns)}, index=rows)
    made.columns = index(names)
    return made


def series_parts(value: Any) -> Parts:
    return [index_parts(value.index), column_parts(value), value.name]


def series(parts: Parts) -> Any:
    rows, values, name = parts
    made, places = column(values), index(rows)
    if len(made) != len(places):
        raise ValueError("another length")
    return pandas().Series(made, index=places, name=name)


def timestamp(parts: Parts) -> Any:
    moment, unit, zone = parts
    made = pandas().Timestamp(np.datetime64(int(moment), text(unit, 2)))  # type: ignore[call-overload]  # the unit is a text here, in the stubs a literal
    return made.tz_localize("UTC").tz_convert(zone) if zone is not None else made


def timedelta(parts: Parts) -> Any:
    duration, unit = parts
    return pandas().Timedelta(np.timedelta64(int(duration), text(unit, 2)))  # type: ignore[call-overload]  # the unit is a text here, in the stubs a literal


def timestamp_parts(value: Any) -> Parts:
    return [value.asm8.astype(np.int64).item(), value.unit, value.tzinfo]


TAKEN_APART = {
    "pandas.DataFrame": ("DataFrame", frame_parts),
    "pandas.Series": ("Series", series_parts),
    "pandas.Index": ("Index", index_parts),
    "pandas.RangeIndex": ("Index", index_parts),
    "pandas.MultiIndex": ("Index", index_parts),
    "pandas.DatetimeIndex": ("Index", index_parts),
    "pandas.TimedeltaIndex": ("Index", index_parts),
    "pandas.CategoricalIndex": ("Index", index_parts),
    "pandas.Categorical": ("Categorical", column_parts),
    "pandas.Timestamp": ("Timestamp", timestamp_parts),
    "pandas.Timedelta": ("Timedelta", lambda value: [value.asm8.astype(np.int64).item(), value.unit]),
    "pandas.NAType": ("NA", lambda value: None),
    "pandas.NaTType": ("NaT", lambda value: None),
}
MADE = {
    "DataFrame": frame,
    "Series": series,
    "Index": index,
    "Categorical": column,
    "Timestamp": timestamp,
    "Timedelta": timedelta,
    "NA": lambda parts: pandas().NA,
    "NaT": lambda parts: pandas().NaT,
}
