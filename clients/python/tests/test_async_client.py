"""The same for ``await``: what differs from the client that waits, and a way through all of it."""

import os
import uuid

import anyio
import httpx2
import pytest
from todo_backend_client import AsyncClient, InMemory, Patience, ProblemError, Tokens

URL = os.environ["TODO_URL"]


class Way(httpx2.AsyncHTTPTransport):
    """Keeps what was sent; the first answer to what ``loses`` names is lost."""

    def __init__(self, loses: str = "") -> None:
        super().__init__()
        self.loses = loses
        self.sent: list[str] = []

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        self.sent.append(request.url.path)
        answer = await super().handle_async_request(request)
        if request.url.path == self.loses:
            self.loses = ""
            await answer.aclose()
            raise httpx2.ReadError("broken off")
        return answer


async def signed_up(client: AsyncClient) -> AsyncClient:
    await client.auth.sign_up(f"{uuid.uuid4()}@example.com", "correct horse battery")
    return client


def test_parallel_refusals_share_one_refresh_and_a_lost_answer_is_asked_for_again() -> None:
    async def run() -> None:
        way, storage = Way(loses="/api/auth/refresh"), InMemory()
        async with AsyncClient(URL, transport=way, storage=storage, patience=Patience(first_wait=0.001)) as client:
            await signed_up(client)
            assert storage.tokens is not None
            storage.tokens = Tokens(
                access_token="spoilt", refresh_token=storage.tokens["refresh_token"], user=storage.tokens["user"]
            )

            async def add(title: str) -> None:
                await client.tasks.create({"title": title})

            async with anyio.create_task_group() as group:
                for index in range(8):
                    group.start_soon(add, f"Task {index}")
            assert way.sent.count("/api/auth/refresh") == 2
            assert len([task async for task in client.tasks.each(limit=3)]) == 8

    anyio.run(run)


def test_tasks_and_chat() -> None:
    async def run() -> None:
        async with AsyncClient(URL, transport=Way(loses="/api/tasks"), patience=Patience(first_wait=0.001)) as client:
            await signed_up(client)
            task = await client.tasks.create({"title": "Buy milk"})
            assert [one["id"] async for one in client.tasks.each()] == [task["id"]]
            await client.tasks.toggle(task["id"])
            with pytest.raises(ProblemError) as refused:
                await client.tasks.update(task["id"], {"title": "Buy bread"}, if_match='"1"')
            assert refused.value.code == "precondition_failed"
            await client.tasks.complete(task["id"], False, if_match=True)
            await client.tasks.update((await client.tasks.get(task["id"]))["id"], {"priority": "high"}, if_match=True)
            await client.tasks.remove(task["id"], if_match=True)
            await client.tasks.bulk([{"op": "create", "data": {"title": "Done", "completed": True}}])
            events = [event async for event in client.chat.stream("Delete all completed tasks")]
            assert events[-1]["event"] == "done"
            turn = events[-1]["data"]
            assert turn["pending_action"] is not None
            await client.chat.confirm(turn["conversation_id"], turn["pending_action"]["id"])
            assert [one async for one in client.tasks.each()] == []
            assert (await client.chat.send("Show my tasks"))["response"]
            await client.auth.log_out()
            with pytest.raises(ProblemError):
                await client.auth.me()

    anyio.run(run)


def test_a_token_from_elsewhere_may_be_awaited() -> None:
    async def run() -> None:
        storage = InMemory()
        async with AsyncClient(URL, storage=storage) as client:
            await signed_up(client)
        tokens = storage.tokens
        assert tokens is not None

        async def get_token(is_refused: bool) -> str:
            return tokens["access_token"] if is_refused else "spoilt"

        async with AsyncClient(URL, get_token=get_token) as client:
            assert (await client.auth.me())["id"] == tokens["user"]["id"]

    anyio.run(run)
