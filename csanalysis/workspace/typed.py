"""A number that somebody typed beside a slider, read as the tables of a workspace are read."""

from __future__ import annotations

import math

from csanalysis.errors import WorkspaceError
from csanalysis.io.cleaning import to_quantity
from csanalysis.labels import text, unit_name
from csanalysis.model.parameters import Parameter

RATIO = "ratio"


def typed_number(parameter: Parameter, entered: str, lang: str = "ja") -> float:
    """Return the number typed for a parameter, in the parameter's unit.

    Parameters
    ----------
    parameter : Parameter
    entered : str
        Such as ``500,000,000``, ``5億``, ``３５５０``. Ratios are typed as they are shown, in percent, with
        the sign or without.
    lang : {"ja", "en"}
        Language of the message.

    Raises
    ------
    WorkspaceError
        If it is no number.

    Examples
    --------
    >>> typed_number(Parameter("arr", "JPY/year", 3e8), "5億")
    500000000.0
    >>> churn = Parameter("monthly_churn", "ratio/month", 0.0284)
    >>> typed_number(churn, "3"), typed_number(churn, "3.0%")
    (0.03, 0.03)
    """
    base = parameter.unit.split("/")[0]
    ratio = base == RATIO
    value = to_quantity(entered, base if base in ("JPY", "hour", "minute") else "", percent=ratio)
    if value is None or math.isnan(value):
        raise WorkspaceError(
            text("widget.not_a_number", lang, entered=entered, unit=unit_name(parameter.unit, lang))
        )
    shown_in_percent = ratio and not entered.strip().endswith(("%", "％"))
    return float(f"{value / 100:.12g}") if shown_in_percent else value
