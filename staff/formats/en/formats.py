"""How the staff site writes times, in the place of Django's "Jan. 14, 2026, 10 a.m."."""

from typing import Final

DATE_FORMAT: Final = "Y-m-d"
DATETIME_FORMAT: Final = "Y-m-d H:i e"
