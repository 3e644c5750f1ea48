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
