from django.urls import path

from accounts.user_ids import USER
from assistant import views
from assistant.doors.chatkit.views import ChatKitView

CONVERSATION = f"{USER}/conversations/<str:conversation_id>"

urlpatterns = [
    path(f"{USER}/chat", views.ChatView.as_view()),
    path(f"{USER}/chat/<path:name>/stream", views.ReconnectView.as_view()),
    path(f"{USER}/chatkit", ChatKitView.as_view()),
    path(f"{USER}/conversations", views.ConversationsView.as_view()),
    path(CONVERSATION, views.ConversationView.as_view()),
    path(f"{CONVERSATION}/confirm", views.ConfirmView.as_view()),
]
