#!/bin/bash
# The login that the nodes use: it may add to the log and change nothing in it. The migration gives it its rights.
set -euo pipefail
psql --no-psqlrc -v ON_ERROR_STOP=1 -U "$POSTGRES_USER" -d "$POSTGRES_DB" <<'SQL'
\getenv password APPLICATION_PASSWORD
create role eventfiles_app login password :'password';
SQL
