from datetime import timedelta

import pytest
from django.contrib.sessions.models import Session
from django.core.management import call_command
from django.test import Client
from django.utils import timezone

from testing.callers import Caller

pytestmark = [pytest.mark.django_db, pytest.mark.names_no_owner("sweeps over all owners")]


def test_sessions_of_the_staff_site_go_when_they_have_expired(
    admin: Caller, capsys: pytest.CaptureFixture[str]
) -> None:
    kept, gone = Client(), Client()
    kept.force_login(admin.user)
    gone.force_login(admin.user)
    expired = Session.objects.filter(session_key=gone.session.session_key)
    expired.update(expire_date=timezone.now() - timedelta(seconds=1))

    call_command("prune")

    assert [session.session_key for session in Session.objects.all()] == [kept.session.session_key]
    assert kept.get("/admin/").status_code == 200
    assert "sessions of the staff site: 1" in capsys.readouterr().out.lower()
