"""A worker sends what waits in the outbox, in a thread that ends with it."""

import logging
import threading

from django.conf import settings
from django.db import DatabaseError, InterfaceError, connection

logger = logging.getLogger(__name__)

# For mails put off, and for those that another process had no time for.
LOOK_EVERY_SECONDS = 5.0


class Mailing:
    """Asked about once a second (``start``); what that costs is one comparison."""

    def __init__(self) -> None:
        self._is_started = False

    def start(self) -> None:
        if settings.MAIL_IS_ON and not self._is_started:
            self._is_started = True
            threading.Thread(target=self._run, name="mailing", daemon=True).start()

    def _run(self) -> None:
        # Django is set up by now; this module is loaded before.
        from core.mail import outbox

        while True:
            outbox.news.wait(LOOK_EVERY_SECONDS)
            outbox.news.clear()
            self._deliver()

    def _deliver(self) -> None:
        from core.mail import delivery

        try:
            delivery.deliver_due()
        except (DatabaseError, InterfaceError) as error:
            logger.warning("The outbox cannot be read: %s", type(error.__cause__ or error).__qualname__)
        # What one mail is wrong with must not keep the others; its own turn comes again.
        except Exception:
            logger.exception("A mail could not be written")
        finally:
            connection.close()
