#!/bin/sh
# At the first start of the stack's PostgreSQL: a role that owns the tables and migrates, the service's own, which may
# do no more than read and write rows, and the backup's, which may read everybody's. None is a superuser.
set -eu

psql --no-psqlrc --quiet --set=ON_ERROR_STOP=1 --username="$POSTGRES_USER" --dbname="$POSTGRES_DB" <<'SQL'
\getenv password TODO_PASSWORD
\getenv owner_password OWNER_PASSWORD
\getenv backup_password BACKUP_PASSWORD
CREATE ROLE todo_owner LOGIN PASSWORD :'owner_password';
CREATE ROLE todo LOGIN PASSWORD :'password';
CREATE ROLE todo_backup LOGIN BYPASSRLS PASSWORD :'backup_password';
GRANT pg_read_all_data TO todo_backup;
CREATE DATABASE todo OWNER todo_owner;
-- Through a pooler the service sets neither.
ALTER ROLE todo SET statement_timeout = '5s';
ALTER ROLE todo SET lock_timeout = '2s';
ALTER ROLE todo SET idle_in_transaction_session_timeout = '60s';
\connect todo
ALTER DEFAULT PRIVILEGES FOR ROLE todo_owner GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO todo;
ALTER DEFAULT PRIVILEGES FOR ROLE todo_owner GRANT USAGE, SELECT ON SEQUENCES TO todo;
ALTER ROLE CURRENT_USER PASSWORD NULL;
SQL
