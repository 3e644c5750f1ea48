"""The API's views, each with what the family adds to it."""

from collections.abc import Mapping
from typing import Any, ClassVar, Final

from rest_framework.views import APIView

from accounts.profile_views import MeView
from accounts.views import LoginView, RefreshView, SignupView
from assistant.views import ChatView, ConfirmView, ConversationsView, ConversationView
from core.rest.json import JSONRenderer
from core.rest.openapi.declaring import Refusals
from staff.views import AuthEventsView, UsersView, UserTasksViewSet, UserView
from tasks.bulk.views import BulkView
from tasks.trash.views import TrashViewSet
from tasks.views import TaskViewSet
from todo_project.family import answers, shapes
from todo_project.family.admin_paths import DeletableUserView
from todo_project.family.conversations import Conversations
from todo_project.family.parsers import ReadsBulks, ReadsTasks


class Tasks(ReadsTasks, TaskViewSet):
    __doc__ = TaskViewSet.__doc__
    pagination_class = shapes.TaskList


class ShortPathTasks(Tasks):
    # Directly under the user: backend A's clients expect the tasks there.
    __doc__ = TaskViewSet.__doc__
    lookup_value_converter = "task_id"
    # Where another segment is no path.
    refuses_of_one: ClassVar[Refusals] = {404: ("not_found",)}
    operation_suffix = "_alias"
    schema_tag = "tasks, short paths"


class Trash(TrashViewSet):
    __doc__ = TrashViewSet.__doc__
    pagination_class = shapes.TrashList


class Bulks(ReadsBulks, BulkView):
    __doc__ = BulkView.__doc__


class Chat(answers.AnswersTurn, ChatView):
    __doc__ = ChatView.__doc__
    renderer_classes = (JSONRenderer, answers.FamilyStreamRenderer)


class Confirm(answers.AnswersTurn, ConfirmView):
    pass


class Conversation(answers.AnswersConversation, ConversationView):
    pass


class Signup(answers.AnswersTokenPair, SignupView):
    __doc__ = SignupView.__doc__


class Login(answers.AnswersTokenPair, LoginView):
    __doc__ = LoginView.__doc__


class Refresh(answers.AnswersTokenPair, RefreshView):
    __doc__ = RefreshView.__doc__


class Me(answers.AnswersMe, MeView):
    pass


class Users(UsersView):
    pagination_class = shapes.UserList


class UserTasks(UserTasksViewSet):
    __doc__ = UserTasksViewSet.__doc__
    pagination_class = shapes.TaskList


class AuthEvents(AuthEventsView):
    pagination_class = shapes.AuthEventList


# The API's own view -> the one that stands in its place.
SPOKEN: Final[Mapping[type[APIView], Any]] = {
    TaskViewSet: Tasks,
    BulkView: Bulks,
    TrashViewSet: Trash,
    ChatView: Chat,
    ConfirmView: Confirm,
    ConversationView: Conversation,
    ConversationsView: Conversations,
    SignupView: Signup,
    LoginView: Login,
    RefreshView: Refresh,
    MeView: Me,
    UsersView: Users,
    UserView: DeletableUserView,
    UserTasksViewSet: UserTasks,
    AuthEventsView: AuthEvents,
}
