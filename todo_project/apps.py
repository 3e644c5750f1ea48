import logging

from django.apps import AppConfig
from django.conf import settings
from django.db.backends.signals import connection_created
from django.db.backends.sqlite3.base import DatabaseWrapper as SQLite

from core.sql import serving
from core.telemetry import metrics, records

logger = logging.getLogger(__name__)


class TodoProjectConfig(AppConfig):
    name = "todo_project"

    def ready(self) -> None:
        # Only now: settings are read before there is a log.
        for line in settings.ENV_WARNINGS:
            logger.warning("Configuration: %s", line)
        # PostgreSQL's own wrapper does so by itself (core.sql.postgresql.row_security).
        connection_created.connect(records.count_statements, sender=SQLite)
        if settings.METRICS_ARE_ON and not serving.is_command:
            metrics.start()
