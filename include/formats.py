"""Numbers as people read them."""

NO_VALUE = "none"


def number(value: float | None) -> str:
    """A value with thousands separators, for example `12,044` or `1,234.50`; `none` without one."""
    if value is None:
        return NO_VALUE
    return f"{value:,.0f}" if float(value).is_integer() else f"{value:,.2f}"
