"""The security log."""

from django.contrib import admin

from accounts.models import AuthEvent
from staff.lists import LookOnly


@admin.register(AuthEvent)
class AuthEventAdmin(LookOnly):
    list_display = ("created_at", "kind", "success", "subject", "actor", "address", "reason", "count")
    list_filter = ("kind", "success", "created_at")
    search_fields = ("subject__exact", "actor__exact", "address__startswith")
    search_help_text = "An exact subject, or how an address starts"
    ordering = ("-created_at", "-id")
    fields = (
        "created_at",
        "kind",
        "success",
        "reason",
        "subject",
        "actor",
        "changed",
        "address",
        "user_agent",
        "request_id",
        "count",
    )

    @admin.display(description="Changes", empty_value="–")
    def changed(self, event: AuthEvent) -> str | None:
        return "; ".join(f"{name}: {was} → {now}" for name, (was, now) in (event.changes or {}).items()) or None
