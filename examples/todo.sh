#!/usr/bin/env bash
# Sign up, create, list, with curl and Python's JSON; a refused access token is refreshed and the call made again.
set -euo pipefail
send() { curl -sS -X "$1" "http://localhost:8000/api$2" -H 'Content-Type: application/json' "${@:3}"; }
field() { python3 -c 'import json, sys; print(json.load(sys.stdin)[sys.argv[1]])' "$1"; }
start() { SESSION=$(send POST "/auth/$1" --fail -d "$2"); ACCESS=$(field access_token <<<"$SESSION"); }
refresh() { start refresh "{\"refresh_token\": \"$(field refresh_token <<<"$SESSION")\"}"; }
call() {
  until ANSWER=$(send "$@" -w '%{http_code}' -H "Authorization: Bearer $ACCESS") && [ "${ANSWER: -3}" != 401 ]; do refresh; done
  ANSWER=${ANSWER%???} # without the status
}
start signup '{"email": "ada@example.com", "password": "correct horse battery"}'
# Half an hour later the access token has expired.
call POST /tasks -d '{"title": "Buy milk"}'
call GET '/tasks?status=pending'
echo "$ANSWER"
