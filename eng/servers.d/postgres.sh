# A PostgreSQL cluster of its own.
start_postgres() {
  local dir=$1 port password binaries
  binaries=${POSTGRES_BIN:-$(ls -d /usr/lib/postgresql/*/bin | sort -V | tail -n 1)}
  port=$(free_ports 1) password=$(secret)
  (umask 077; printf '%s' "$password" >"$dir/password"); own "$dir"; [ "$(id -u)" != 0 ] || chown nobody "$dir/password"
  # The folder is left first: an ordinary account may not be able to stand in this one.
  (cd "$dir" && ordinary "$binaries/initdb" -D "$dir/cluster" -U eventfiles --auth-local=trust --auth-host=scram-sha-256 \
    --pwfile="$dir/password" -E UTF8 --locale=C.UTF-8 --no-sync >"$dir/initdb.log" 2>&1) || die "The cluster could not be made: $dir/initdb.log"
  local loose=()
  # Never without synchronous_commit: a crash of the server alone would lose what was acknowledged.
  [ -n "$DURABLE" ] || loose=(-c fsync=off -c full_page_writes=off)
  # So that the log's files leave room on a small disk.
  [ -z "$DISK" ] || loose+=(-c max_wal_size=96MB -c min_wal_size=32MB)
  (cd "$dir" && exec setsid "$BASH" -c "$(declare -f ordinary); ordinary \"\$@\"" - "$binaries/postgres" -D "$dir/cluster" \
    -c "port=$port" -c listen_addresses=127.0.0.1 -c "unix_socket_directories=$dir" -c max_connections=200 \
    -c max_prepared_transactions=20 -c jit=off "${loose[@]}" >"$dir/log" 2>&1 </dev/null) &
  until_ready postgres - "$binaries/pg_isready" -q -h 127.0.0.1 -p "$port"
  remember postgres "$(head -n 1 "$dir/cluster/postmaster.pid")"
  (cd "$dir" && PGPASSWORD=$password "$binaries/createdb" -h 127.0.0.1 -p "$port" -U eventfiles eventfiles)
  rm "$dir/password"
  setting DATABASE_URL "postgresql://eventfiles:$password@127.0.0.1:$port/eventfiles"
}
