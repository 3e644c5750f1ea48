from django.urls import path
from rest_framework.routers import SimpleRouter

from accounts.user_ids import USER
from tasks.bulk.views import BulkView
from tasks.views import ShortPathTaskViewSet, TaskViewSet

router = SimpleRouter(trailing_slash=False, use_regex_path=False)
router.register(f"{USER}/tasks", TaskViewSet, "task")
# After the others, which its ids would match.
router.register(USER, ShortPathTaskViewSet, "short-path-task")

urlpatterns = [
    path(f"{USER}/tasks/bulk", BulkView.as_view()),
    *router.urls,
]
