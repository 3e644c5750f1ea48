from typing import Any

from django.core.management.base import BaseCommand

from core import pruning


class Command(BaseCommand):
    help = "Delete what is no longer needed: ended sessions, old events. The service does so daily (PRUNE_AT)."

    def handle(self, *args: Any, **options: Any) -> None:
        for name, deleted in pruning.prune():
            self.stdout.write(f"{name}: {deleted} deleted")
