"""python -m bench.inside.mint COUNT: makes users with a session each; prints [[id, access token], ...]."""

import json
import sys

from accounts.models import User
from accounts.sessions.starting import start_session
from accounts.tokens.own import mint_pair
from core.rest.client import command


def main(count: int) -> None:
    # Nobody logs in here, so nobody needs a password that takes bcrypt's time.
    users = [User(email=f"bench-{number}@example.com", password="!") for number in range(count)]
    User.objects.bulk_create(users)
    client = command("bench")
    print(json.dumps([[user.id, mint_pair(start_session(user, client)).access] for user in users]))


if __name__ == "__main__":
    main(int(sys.argv[1]))
