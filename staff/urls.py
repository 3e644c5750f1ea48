from django.urls import path

from staff import views

urlpatterns = [
    path("admin/users", views.UsersView.as_view()),
    path("admin/users/<str:user_id>", views.UserView.as_view()),
    path("admin/users/<str:user_id>/tasks", views.UserTasksViewSet.as_view({"get": "list"})),
    path("admin/auth-events", views.AuthEventsView.as_view()),
]
