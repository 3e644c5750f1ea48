"""Made of openapi.json by generate.py: not to be changed by hand."""

from __future__ import annotations

from typing import Any, Literal, NotRequired, TypeAlias, TypedDict

AuthEventKind: TypeAlias = Literal["signup", "login", "login_failed", "refresh", "refresh_reused", "logout", "logout_all", "sessions_ended", "task_changed", "task_deleted", "data_exported", "conversation_read", "second_factor_reset", "password_changed", "password_reset", "email_changed", "throttled", "token_refused", "role_changed", "user_disabled", "user_enabled", "user_deleted", "token_created", "token_revoked"]

MessageRole: TypeAlias = Literal["user", "assistant"]

Priority: TypeAlias = Literal["low", "medium", "high"]

ProblemCode: TypeAlias = Literal["account_guarded", "action_not_found", "answer_too_large", "bad_request", "body_incomplete", "body_too_large", "changed_since", "changes_expired", "chat_busy", "conversation_not_found", "email_taken", "forbidden", "headers_too_large", "idempotency_in_progress", "idempotency_key_reused", "insufficient_scope", "invalid", "invalid_credentials", "invalid_cursor", "invalid_email", "issuer_unavailable", "last_admin", "malformed_encoding", "malformed_json", "method_not_allowed", "model_failed", "model_unavailable", "nesting_too_deep", "not_acceptable", "not_an_object", "not_authenticated", "not_found", "not_migrated", "outside_account", "own_account", "precondition_failed", "quota_exceeded", "read_only", "request_timeout", "server_error", "session_ended", "session_not_found", "streams_full", "task_not_found", "throttled", "token_expired", "token_invalid", "token_not_found", "tokens_spent", "too_many_requests", "too_many_streams", "unavailable", "undo_invalid", "unsupported_encoding", "unsupported_media_type", "uri_too_long", "user_not_found", "weak_password", "wrong_password"]

Role: TypeAlias = Literal["user", "admin"]

TaskOrdering: TypeAlias = Literal["created_at", "-created_at", "updated_at", "-updated_at", "due_at", "-due_at", "priority", "-priority", "title", "-title", "status", "-status"]

TokenScope: TypeAlias = Literal["tasks:read", "tasks:write", "chat"]


class AddTaskArguments(TypedDict):
    title: str
    description: NotRequired[str]
    priority: NotRequired[Priority]
    due_at: NotRequired[str]
    tags: NotRequired[list[str]]


class AddTaskCall(TypedDict):
    tool: Literal["add_task"]
    arguments: AddTaskArguments
    result: ChangeOutcome
    name: Literal["add_task"]


class AdminUser(TypedDict):
    id: str
    email: str
    name: str
    role: Role
    is_active: bool
    issuer: str
    created_at: str
    task_count: int
    completed_task_count: int


class AuthEvent(TypedDict):
    id: str
    kind: AuthEventKind
    subject: str
    actor: str | None
    address: str
    user_agent: str
    success: bool
    reason: str
    request_id: str
    changes: dict[str, list[Any]] | None
    count: int
    created_at: str


class BulkRequest(TypedDict):
    operations: list[OperationRequest]
    atomic: NotRequired[bool]


class BulkResponse(TypedDict):
    results: list[Result]


class Change(TypedDict):
    version: int
    id: str
    task: Task | None


class ChangeEvent(TypedDict):
    event: Literal["change"]
    data: dict[str, Any]


class ChangeOutcome(TypedDict):
    task: NotRequired[ShownTask]
    unchanged: NotRequired[Literal[True]]
    needs_confirmation: NotRequired[Literal[True]]


class ChangedResult(TypedDict):
    status: Literal[200]
    task: Task


class Changes(TypedDict):
    data: list[Change]
    meta: dict[str, Any]


class ChatKitRequest(TypedDict):
    type: Literal["threads.create", "threads.add_user_message", "threads.retry_after_item", "threads.custom_action", "threads.sync_custom_action", "threads.get_by_id", "threads.list", "threads.update", "threads.delete", "items.list", "items.feedback", "threads.add_client_tool_output", "threads.add_structured_input", "attachments.create", "attachments.delete", "input.transcribe"]
    params: NotRequired[dict[str, Any]]
    metadata: NotRequired[dict[str, Any]]


class ChatMessage(TypedDict):
    id: str
    role: MessageRole
    content: str
    tool_calls: list[ToolCall]
    created_at: str


class ChatRequest(TypedDict):
    conversation_id: NotRequired[int | str | None]
    message: str
    timezone: NotRequired[str | None]


class CompleteOperationRequest(TypedDict):
    op: Literal["complete"]
    id: str


class CompleteTaskArguments(TypedDict):
    task: str | int


class CompleteTaskCall(TypedDict):
    tool: Literal["complete_task"]
    arguments: CompleteTaskArguments
    result: ChangeOutcome
    name: Literal["complete_task"]


class ConfirmRequest(TypedDict):
    action_id: str


class Conversation(TypedDict):
    id: int
    title: str
    created_at: str
    updated_at: str


class CreateOperationRequest(TypedDict):
    op: Literal["create"]
    data: TaskRequest


class CreatedResult(TypedDict):
    status: Literal[201]
    task: Task


class DeleteOperationRequest(TypedDict):
    op: Literal["delete"]
    id: str


class DeleteTaskArguments(TypedDict):
    task: str | int


class DeleteTaskCall(TypedDict):
    tool: Literal["delete_task"]
    arguments: DeleteTaskArguments
    result: ChangeOutcome
    name: Literal["delete_task"]


class DeletedResult(TypedDict):
    status: Literal[204]


class DeletionRequest(TypedDict):
    password: NotRequired[str]


class DoneEvent(TypedDict):
    event: Literal["done"]
    data: Turn


class DraftRequest(TypedDict):
    title: NotRequired[str | None]


class EmailTokenRequest(TypedDict):
    token: str


class ErrorEvent(TypedDict):
    event: Literal["error"]
    data: Problem


class FailedCall(TypedDict):
    tool: str
    arguments: dict[str, Any]
    result: FailureOutcome
    name: str


class FailureOutcome(TypedDict):
    error: dict[str, Any]


class FieldError(TypedDict):
    field: str
    detail: str
    code: str


class ForgotRequest(TypedDict):
    email: str


class Health(TypedDict):
    version: str
    commit: str | None
    status: str


class HistoryEntry(TypedDict):
    version: int
    at: str
    by: str | None
    via: Literal["api", "bulk", "chat", "mcp", "staff", "undo", "command"]
    changes: dict[str, list[Any]]


class ListTasksArguments(TypedDict):
    status: NotRequired[Literal["all", "pending", "completed", None]]
    priority: NotRequired[Literal["low", "medium", "high", None]]
    tags: NotRequired[list[str] | None]
    due_after: NotRequired[str | None]
    due_before: NotRequired[str | None]
    ordering: NotRequired[Literal["created_at", "-created_at", "updated_at", "-updated_at", "due_at", "-due_at", "priority", "-priority", "title", "-title", "status", "-status", None]]
    limit: NotRequired[int | None]


class ListTasksCall(TypedDict):
    tool: Literal["list_tasks"]
    arguments: ListTasksArguments
    result: LookOutcome
    name: Literal["list_tasks"]


class LoginRequest(TypedDict):
    email: str
    password: str
    refresh_token: NotRequired[str | None]


class LogoutRequest(TypedDict):
    refresh_token: NotRequired[str]


class LookOutcome(TypedDict):
    tasks: list[ShownTask]
    count: int
    more: bool


class Message(TypedDict):
    message: str


class MessageEvent(TypedDict):
    event: Literal["message"]
    data: dict[str, Any]


class MessageList(TypedDict):
    data: list[ChatMessage]
    meta: PageMeta


class NewEmailRequest(TypedDict):
    email: str
    password: str


class NewToken(TypedDict):
    id: str
    name: str
    scopes: list[TokenScope]
    created_at: str
    last_used_at: str | None
    expires_at: str | None
    token: str


class OwnUser(TypedDict):
    id: str
    email: str
    email_verified: bool
    name: str
    role: Role
    created_at: str
    usage: Usage


class PageMeta(TypedDict):
    timestamp: str
    count: int
    next_cursor: str | None


class PaginatedAdminUserList(TypedDict):
    data: list[AdminUser]
    meta: PageMeta


class PaginatedAuthEventList(TypedDict):
    data: list[AuthEvent]
    meta: PageMeta


class PaginatedConversationList(TypedDict):
    data: list[Conversation]
    meta: PageMeta


class PaginatedHistoryEntryList(TypedDict):
    data: list[HistoryEntry]
    meta: PageMeta


class PaginatedTaskList(TypedDict):
    data: list[Task]
    meta: TaskPageMeta


class PaginatedTrashedTaskList(TypedDict):
    data: list[TrashedTask]
    meta: TaskPageMeta


class PasswordRequest(TypedDict):
    current_password: str
    new_password: str


class PasswordResetRequest(TypedDict):
    token: str
    password: str


class PatchedCompletionRequest(TypedDict):
    completed: NotRequired[bool]
    is_completed: NotRequired[bool]


class PatchedTaskRequest(TypedDict):
    title: NotRequired[str]
    description: NotRequired[str | None]
    completed: NotRequired[bool]
    is_completed: NotRequired[bool]
    priority: NotRequired[Priority | None]
    due_at: NotRequired[str | None]
    tags: NotRequired[list[str]]


class PatchedUserChangeRequest(TypedDict):
    role: NotRequired[Role]
    is_active: NotRequired[bool]


class PatchedUserRequest(TypedDict):
    name: NotRequired[str]


class PendingAction(TypedDict):
    id: str
    summary: str
    expires_at: str


class PersonalToken(TypedDict):
    id: str
    name: str
    scopes: list[TokenScope]
    created_at: str
    last_used_at: str | None
    expires_at: str | None


class PersonalTokenList(TypedDict):
    data: list[PersonalToken]


class Problem(TypedDict):
    type: Literal["about:blank"]
    title: str
    status: int
    detail: str
    message: str
    code: ProblemCode
    request_id: str
    errors: list[FieldError]


class ProtectedResource(TypedDict):
    resource: str
    authorization_servers: list[str]
    scopes_supported: list[str]
    bearer_methods_supported: list[str]
    resource_name: str
    resource_documentation: str


class Quota(TypedDict):
    used: int
    limit: int | None


class Readiness(TypedDict):
    version: str
    commit: str | None
    status: str
    checks: dict[str, str]
    milliseconds: dict[str, float]


class RefreshRequest(TypedDict):
    refresh_token: str


class RefusedResult(TypedDict):
    status: Literal[404, 409, 422]
    problem: Problem


class ReopenOperationRequest(TypedDict):
    op: Literal["reopen"]
    id: str


class ReopenTaskArguments(TypedDict):
    task: str | int


class ReopenTaskCall(TypedDict):
    tool: Literal["reopen_task"]
    arguments: ReopenTaskArguments
    result: ChangeOutcome
    name: Literal["reopen_task"]


class RoleRequest(TypedDict):
    role: Role


class RpcAnswer(TypedDict):
    jsonrpc: Literal["2.0"]
    id: str | int | None
    result: NotRequired[dict[str, Any]]
    error: NotRequired[dict[str, Any]]


class RpcMessage(TypedDict):
    jsonrpc: Literal["2.0"]
    method: str
    id: NotRequired[str | int]
    params: NotRequired[dict[str, Any]]


class Said(TypedDict):
    id: str
    role: MessageRole
    content: str
    created_at: str


class SearchTasksArguments(TypedDict):
    query: str
    status: NotRequired[Literal["all", "pending", "completed", None]]
    limit: NotRequired[int | None]


class SearchTasksCall(TypedDict):
    tool: Literal["search_tasks"]
    arguments: SearchTasksArguments
    result: LookOutcome
    name: Literal["search_tasks"]


class Session(TypedDict):
    id: str
    current: bool
    user_agent: str
    address: str
    created_at: str
    last_seen_at: str


class SessionList(TypedDict):
    data: list[Session]


class ShownTask(TypedDict):
    id: str
    title: str
    number: NotRequired[int]
    completed: NotRequired[bool]
    priority: NotRequired[Priority]
    due_at: NotRequired[str]
    tags: NotRequired[list[str]]
    description: NotRequired[str]


class SignupRequest(TypedDict):
    email: str
    password: str
    name: NotRequired[str | None]


class Task(TypedDict):
    id: str
    user_id: str
    title: str
    description: str | None
    completed: bool
    is_completed: bool
    completed_at: str | None
    priority: Priority
    due_at: str | None
    tags: list[str]
    created_at: str
    updated_at: str


class TaskPageMeta(TypedDict):
    timestamp: str
    count: int
    next_cursor: str | None
    version: int


class TaskRequest(TypedDict):
    title: str
    description: NotRequired[str | None]
    completed: NotRequired[bool]
    is_completed: NotRequired[bool]
    priority: NotRequired[Priority | None]
    due_at: NotRequired[str | None]
    tags: NotRequired[list[str]]


class ThreadStreamEvent(TypedDict):
    type: str


class TokenDraftRequest(TypedDict):
    name: str
    scopes: list[TokenScope]
    expires_at: NotRequired[str | None]


class TokenPair(TypedDict):
    access_token: str
    refresh_token: str
    token_type: Literal["bearer"]
    expires_in: int
    user: User
    token: str
    user_id: str
    id: str
    email: str
    name: str


class ToolCallEvent(TypedDict):
    event: Literal["tool_call"]
    data: ToolCall


class TrashedTask(TypedDict):
    id: str
    user_id: str
    title: str
    description: str | None
    completed: bool
    is_completed: bool
    completed_at: str | None
    priority: Priority
    due_at: str | None
    tags: list[str]
    created_at: str
    updated_at: str
    deleted_at: str


class Turn(TypedDict):
    conversation_id: int
    response: str
    tool_calls: list[ToolCall]
    pending_action: PendingAction | None
    message: Said
    tool_invocations: list[ToolCall]
    response_text: str


class UIMessageChunk(TypedDict):
    type: str


class UIMessagesRequest(TypedDict):
    id: str
    messages: list[dict[str, Any]]
    trigger: NotRequired[str | None]
    messageId: NotRequired[str | None]
    conversation_id: NotRequired[int | str | None]
    timezone: NotRequired[str | None]


class UndoRequest(TypedDict):
    undo: str


class Undone(TypedDict):
    data: list[Task]


class UpdateOperationRequest(TypedDict):
    op: Literal["update"]
    id: str
    data: PatchedTaskRequest


class UpdateTaskArguments(TypedDict):
    task: str | int
    title: NotRequired[str]
    description: NotRequired[str]
    priority: NotRequired[Priority]
    due_at: NotRequired[str]
    tags: NotRequired[list[str]]
    add_tags: NotRequired[list[str]]
    remove_tags: NotRequired[list[str]]
    clear: NotRequired[list[Literal["due_at", "description", "tags"]]]


class UpdateTaskCall(TypedDict):
    tool: Literal["update_task"]
    arguments: UpdateTaskArguments
    result: ChangeOutcome
    name: Literal["update_task"]


class Usage(TypedDict):
    tasks: Quota
    conversations: Quota
    sessions: Quota


class User(TypedDict):
    id: str
    email: str
    email_verified: bool
    name: str
    role: Role
    created_at: str


class Welcome(TypedDict):
    message: str
    status: str
    version: str
    docs: str
    redoc: str
    openapi: str
    health: str


class WholeConversation(TypedDict):
    id: int
    title: str
    created_at: str
    updated_at: str
    messages: list[ChatMessage]
    pending_action: PendingAction | None


ChatBodyRequest: TypeAlias = "ChatRequest | UIMessagesRequest"

ChatEvent: TypeAlias = "MessageEvent | ToolCallEvent | DoneEvent | ErrorEvent"

OperationRequest: TypeAlias = "CreateOperationRequest | UpdateOperationRequest | CompleteOperationRequest | ReopenOperationRequest | DeleteOperationRequest"

Result: TypeAlias = "CreatedResult | ChangedResult | DeletedResult | RefusedResult"

ToolCall: TypeAlias = "AddTaskCall | ListTasksCall | SearchTasksCall | CompleteTaskCall | ReopenTaskCall | UpdateTaskCall | DeleteTaskCall | FailedCall"
