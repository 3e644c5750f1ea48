from django.db import connection
from django.db.backends.utils import CursorWrapper


def prepared_cursor() -> CursorWrapper:
    """For the few statements that run on nearly every request: the server plans them once a connection.

    SQLite's driver keeps its statements by itself.
    """
    make = getattr(connection, "prepared_cursor", connection.cursor)
    return make()
