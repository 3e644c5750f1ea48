from django.http import JsonResponse
from django.urls import include, path
from django.utils import timezone
from rest_framework import serializers, viewsets
from rest_framework.decorators import action
from rest_framework.response import Response
from rest_framework.routers import SimpleRouter

from bench.peers.stock.models import Task


class TaskSerializer(serializers.ModelSerializer):
    is_completed = serializers.BooleanField(source="completed", required=False)

    class Meta:
        model = Task
        fields = (
            "id", "user_id", "title", "description", "completed", "is_completed", "completed_at",
            "priority", "due_at", "tags", "created_at", "updated_at",
        )  # fmt: skip
        read_only_fields = ("completed_at",)


class TaskViewSet(viewsets.ModelViewSet):
    serializer_class = TaskSerializer

    def get_queryset(self):
        return Task.objects.filter(user=self.request.user).order_by("-id")

    def perform_create(self, serializer):
        serializer.save(user=self.request.user)

    @action(detail=True, methods=["patch"])
    def toggle(self, request, **kwargs):
        task = self.get_object()
        task.completed = not task.completed
        task.completed_at = timezone.now() if task.completed else None
        task.save()
        return Response(self.get_serializer(task).data)


router = SimpleRouter(trailing_slash=False)
router.register("tasks", TaskViewSet, basename="task")
urlpatterns = [
    path("health", lambda request: JsonResponse({"status": "healthy"})),
    path("api/<str:user_id>/", include(router.urls)),
]
