import logging

from django.apps import AppConfig
from django.conf import settings

logger = logging.getLogger(__name__)


class TodoProjectConfig(AppConfig):
    name = "todo_project"

    def ready(self) -> None:
        # Only now: settings are read before there is a log.
        for line in settings.ENV_WARNINGS:
            logger.warning("Configuration: %s", line)
