from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from django.utils import timezone
from django.utils.module_loading import import_string

from core.sql.row_owner import all_rows


class Command(BaseCommand):
    help = "Delete what is no longer needed: ended sessions, old security events and the like. Run it daily."

    def handle(self, *args: Any, **options: Any) -> None:
        now = timezone.now()
        with all_rows("prune"):
            for path in settings.PRUNERS:
                for name, deleted in import_string(path)(now).items():
                    self.stdout.write(f"{name}: {deleted} deleted")
