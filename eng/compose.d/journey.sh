# What somebody does with what compose.yml has brought up, and what he must not be able to do.

# The settings without which compose.yml refuses to start.
secrets() { grep -oE '\$\{[A-Z0-9_]+:\?' "$ROOT/compose.yml" | tr -d '${:?' | sort -u; }

# .env.example with a value for every secret.
settings_to() {
  local needed=" $(secrets | tr '\n' ' ')" line
  while IFS= read -r line; do
    case $line in
      [A-Z]*=) [ "${needed#* ${line%=} }" = "$needed" ] && echo "$line" || echo "$line$(openssl rand -hex 32)";;
      *) echo "$line";;
    esac
  done <"$ROOT/.env.example" >"$1"
}

settings() {
  PORT=$(free_port)
  settings_to "$DIR/settings"
  sed -e "s/^HTTP_PORT=.*/HTTP_PORT=$PORT/" "$DIR/settings" >"$DIR/env"
  rm "$DIR/settings"
  ENV_FILE=$DIR/env URL=http://127.0.0.1:$PORT
}

free_port() { python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])' 2>/dev/null || echo 18080; }

refuses_without_secrets() {
  local name
  for name in $(secrets); do
    sed "s/^$name=.*/$name=/" "$ENV_FILE" >"$DIR/without"
    ! docker compose --project-directory "$ROOT" --env-file "$DIR/without" -f "$ROOT/compose.yml" config >/dev/null 2>"$DIR/without.log" \
      || die "It would start without $name."
    grep -q "$name" "$DIR/without.log" || { cat "$DIR/without.log" >&2; die "It does not say that $name is missing."; }
  done
  rm -f "$DIR/without"
}

# The status code, the body in $DIR/reply.
ask() { curl -sS -o "$DIR/reply" -w '%{http_code}' "$@"; }
expect() {
  local wanted=$1 got; shift
  got=$(ask "$@") || die "No answer to: curl $*"
  [ "$got" = "$wanted" ] || { cat "$DIR/reply" >&2; die "Expected $wanted, got $got: curl $*"; }
}

journey() {
  local json='Content-Type: application/json' password='correct horse battery' auth file status end sample="$ROOT/samples/Dusk over the hills.jpg"
  expect 201 "$URL/api/auth/register" -H "$json" -d "{\"email\":\"olga@example.org\",\"password\":\"$password\",\"displayName\":\"Olga\"}"
  expect 200 "$URL/api/auth/login" -H "$json" -d "{\"email\":\"olga@example.org\",\"password\":\"$password\"}"
  auth="Authorization: Bearer $(jq -r .accessToken "$DIR/reply")"

  expect 202 "$URL/api/upload" -H "$auth" -F "file=@$sample"
  file=$(jq -r .file.id "$DIR/reply")
  end=$((SECONDS + 120)) status=processing
  while [ "$status" = processing ] || [ "$status" = uploading ]; do
    [ $SECONDS -lt $end ] || { cat "$DIR/reply" >&2; die "The file is not ready after two minutes."; }
    sleep 0.2
    expect 200 "$URL/api/files/$file/status" -H "$auth"
    status=$(jq -r .status "$DIR/reply")
  done
  [ "$status" = ready ] || { cat "$DIR/reply" >&2; die "The file became $status."; }
  expect 200 "$URL/api/files/$file/variants/thumbnail" -H "$auth"
  case $(head -c 4 "$DIR/reply" | od -An -tx1 | tr -d ' ') in ffd8ff*|89504e47|52494646) ;; *) die "The thumbnail is no picture.";; esac
  caged
  expect 200 "$URL/api/files/$file/content" -H "$auth"
  cmp "$sample" "$DIR/reply" || die "What comes back is not what was sent."
  expect 206 "$URL/api/files/$file/content" -H "$auth" -r 1000-1999
  cmp <(tail -c +1001 "$sample" | head -c 1000) "$DIR/reply" || die "A range is not what it says."
  expect 201 "$URL/api/files/$file/links" -H "$auth" -H "$json" -d '{}' -H 'X-Forwarded-Host: evil.example'
  [[ $(jq -r .url "$DIR/reply") == "$URL/l/"* ]] || { cat "$DIR/reply" >&2; die "A link leads elsewhere."; }
  larger_than_memory "$auth"
  expect 202 -X DELETE "$URL/api/files/$file?permanent=true" -H "$auth"
  gone "$file" "$auth"

  expect 404 "$URL/metrics"
  expect 404 "$URL/health/ready"
  expect 404 "$URL/HEALTH/live"
  closed_containers
  local node
  for node in api-1 worker; do
    compose exec -T "$node" dotnet /app/EventFiles.Host.dll config check >"$DIR/reply" 2>&1 || { cat "$DIR/reply" >&2; die "The settings of $node are refused."; }
  done
  compose exec -T api-1 dotnet /app/EventFiles.Host.dll status >"$DIR/reply" 2>&1 || { cat "$DIR/reply" >&2; die "An operator's command does not work in a node."; }
  one_node_less "$auth"
  say "The journey through nginx is walked."
}

# A file that no part may hold in its memory, or on nginx's 16 MiB of disk.
larger_than_memory() {
  head -c 1500000000 /dev/zero >"$DIR/large"
  expect 202 "$URL/api/upload" -H "$1" -F "file=@$DIR/large;filename=large.bin"
  local large; large=$(jq -r .file.id "$DIR/reply")
  [ "$(curl -sS "$URL/api/files/$large/content" -H "$1" | sha256sum)" = "$(sha256sum <"$DIR/large")" ] || die "The large file came back otherwise."
  rm "$DIR/large"
  expect 202 -X DELETE "$URL/api/files/$large?permanent=true" -H "$1"
}

gone() {
  local end=$((SECONDS + 60)) got
  until got=$(ask "$URL/api/files/$1" -H "$2") && { [ "$got" = 404 ] || [ "$got" = 410 ]; }; do
    [ $SECONDS -lt $end ] || { cat "$DIR/reply" >&2; die "The file is still there."; }
    sleep 0.2
  done
}

# The child that drew the thumbnail waits for more: it must be in its cage.
caged() {
  local container
  for container in $(compose ps --quiet api-1 worker); do
    ! docker exec "$container" bash -c 'for one in /proc/[0-9]*/cmdline; do tr "\0" " " <"$one"; echo; done' 2>/dev/null | grep '^bwrap ' >/dev/null || return 0
  done
  die "Pictures are decoded outside the cage."
}

# Nobody notices when one of two api nodes is killed.
one_node_less() {
  local node i
  [ -n "$(compose ps --quiet api-2)" ] || return 0
  for node in api-1 api-2; do
    compose kill "$node" >/dev/null 2>&1
    for i in $(seq 20); do expect 200 "$URL/api/me" -H "$1"; done
    compose up --detach --wait --wait-timeout 120 "$node" >"$DIR/up.log" 2>&1 || die "$node did not come back."
  done
}

# Nobody is root, and nothing can be written where programs are.
closed_containers() {
  local service
  for service in $(compose ps --services --status running); do
    [ "$(compose exec -T "$service" id -u)" != 0 ] || die "$service runs as root."
    ! compose exec -T "$service" sh -c 'touch /usr/x || touch /etc/x' >/dev/null 2>&1 || die "$service can change its programs."
  done
}
