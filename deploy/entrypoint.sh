#!/bin/sh
# Applies the migrations, then becomes gunicorn. Arguments are run instead of both:
#   docker run IMAGE python manage.py promote_admin ID
set -eu

if [ "$#" -gt 0 ]; then
    exec "$@"
fi

# As process 1 a shell neither dies of SIGTERM nor passes it on, so a stop during the wait for the
# database would last until the kill. Hence in the background, with the signal handed over.
stop() {
    kill -TERM "$migration"
    wait "$migration" || true
    exit 143
}
python manage.py migrate_when_ready &
migration=$!
trap stop TERM INT
wait "$migration"
trap - TERM INT

exec gunicorn todo_project.wsgi
