#!/bin/sh
# At the first start of compose's PostgreSQL: the service's database and its role, which is no superuser, so that row
# security binds it. The superuser's password goes: it may log in from within the container alone.
set -eu

psql --no-psqlrc --quiet --set=ON_ERROR_STOP=1 --username="$POSTGRES_USER" --dbname="$POSTGRES_DB" <<'SQL'
\getenv password POSTGRES_PASSWORD
CREATE ROLE todo LOGIN PASSWORD :'password';
CREATE DATABASE todo OWNER todo;
ALTER ROLE CURRENT_USER PASSWORD NULL;
SQL
