from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

from gunicorn import glogging

# No query string: a search holds words from people's tasks.
FORMAT = '%(t)s %(h)s "%(m)s %(U)s" %(s)s %(B)s %(M)sms [%({x-request-id}o)s] pid=%(p)s'


class Logger(glogging.Logger):  # type: ignore[misc] # gunicorn is untyped
    def atoms(self, resp: Any, req: Any, environ: dict[str, Any], request_time: Any) -> dict[str, Any]:
        """The time as in every other line, and the path as it was sent: decoded, "%0A" would begin a line of the
        caller's own making.
        """
        atoms: dict[str, Any] = super().atoms(resp, req, environ, request_time)
        path = environ["RAW_URI"].partition("?")[0]
        time = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        return {**atoms, "t": time, "U": quote(path, safe="/%:@+=~,;!$&'()*")}
