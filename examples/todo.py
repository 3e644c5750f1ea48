"""Sign up, create, list; a refused access token is refreshed and the call made again."""

from typing import Any

import httpx2

api = httpx2.Client(base_url="http://localhost:8000/api")
person = {"email": "ada@example.com", "password": "correct horse battery"}
session = api.post("/auth/signup", json=person).raise_for_status().json()


def call(method: str, path: str, **sent: Any) -> Any:
    headers = {"Authorization": f"Bearer {session['access_token']}"}
    answer = api.request(method, path, headers=headers, **sent)
    if answer.status_code != 401:
        return answer.raise_for_status().json()
    refreshed = api.post("/auth/refresh", json={"refresh_token": session["refresh_token"]})
    session.update(refreshed.raise_for_status().json())
    return call(method, path, **sent)


# Half an hour later the access token has expired.
call("POST", "/tasks", json={"title": "Buy milk"})
print(call("GET", "/tasks", params={"status": "pending"})["data"])
