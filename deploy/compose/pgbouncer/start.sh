#!/bin/sh
# The password comes with the environment, and PgBouncer reads it from a file.
set -eu

umask 077
printf '"todo" "%s"\n' "$POSTGRES_PASSWORD" > /tmp/users
exec pgbouncer /etc/todo-pgbouncer/pgbouncer.ini
