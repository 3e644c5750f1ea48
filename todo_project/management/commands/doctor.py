from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from todo_project.family.doctor import Diagnosis, Finding, examine
from todo_project.family.presets import PRESETS


class Command(BaseCommand):
    help = "Says for each call and field found in a frontend's sources whether it works here. Changes nothing."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--frontend", required=True, type=Path, metavar="DIR", help="where its sources are")

    def handle(self, *args: Any, frontend: Path, **options: Any) -> None:
        if not frontend.is_dir():
            raise CommandError(f"{frontend} is no directory.")
        diagnosis = examine(frontend)
        self._print_table(diagnosis.findings)
        self._print_summary(diagnosis)
        if not diagnosis.findings:
            raise CommandError("No call of an API was found: its addresses may be put together in another way.")
        missing = sum(not finding.works for finding in diagnosis.findings)
        if missing:
            raise CommandError(f"Missing here: {missing} of {len(diagnosis.findings)}.")

    def _print_table(self, findings: list[Finding]) -> None:
        width = max((len(finding.what) for finding in findings), default=0)
        for finding in findings:
            verdict = self.style.SUCCESS("works  ") if finding.works else self.style.ERROR("MISSING")
            note = f"  {finding.note}" if finding.note else ""
            self.stdout.write(f"{finding.what:<{width}}  {verdict}{note}  ({finding.where})")

    def _print_summary(self, diagnosis: Diagnosis) -> None:
        self.stdout.write(f"\nFiles read: {diagnosis.files}. Addresses and fields that are put together are not seen.")
        for name in diagnosis.unread:
            self.stdout.write(self.style.WARNING(f"Not read: {name}"))
        wanted = {finding.note for finding in diagnosis.findings if "=" in finding.note}
        if wanted:
            self.stdout.write(f"Settings: {' '.join(sorted(wanted))}")
        fits = [name for name, sets in PRESETS.items() if sets and wanted <= {f"{key}={sets[key]}" for key in sets}]
        if wanted and fits:
            self.stdout.write(f"Set together by: {' or '.join(f'COMPATIBLE_WITH={name}' for name in fits)}")
