"""Instants as Django wants them, read from the server's text by psycopg's C code.

Django's own loader is a subclass of psycopg's in Python, and takes ten times as long.
"""

from datetime import datetime, tzinfo
from functools import cache
from typing import Any

from psycopg import adapters
from psycopg.abc import AdaptContext, Buffer
from psycopg.adapt import AdaptersMap, Loader
from psycopg.pq import Format


@cache
def with_instants(template: AdaptersMap, zone: tzinfo | None) -> AdaptersMap:
    """Django's ``template``, but for its loader of instants."""
    own = AdaptersMap(template)
    oid = own.types["timestamptz"].oid
    psycopgs: Any = adapters.get_loader(oid, Format.TEXT)

    class InstantLoader(Loader):
        # Django compares it with its own, for each cursor.
        timezone = zone

        def __init__(self, oid: int, context: AdaptContext | None = None) -> None:
            super().__init__(oid, context)
            self._load = psycopgs(oid, context).load

        def load(self, data: Buffer) -> datetime:
            loaded: datetime = self._load(data)
            return loaded.replace(tzinfo=zone)

    own.register_loader("timestamptz", InstantLoader)
    return own
