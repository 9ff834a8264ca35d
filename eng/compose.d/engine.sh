# A container engine of our own, and images from Debian's packages under the names that our files use.
start_engine() {
  local missing=""
  command -v dockerd >/dev/null || missing+=" docker.io"
  command -v iptables >/dev/null || missing+=" iptables"
  command -v debootstrap >/dev/null || missing+=" debootstrap"
  command -v curl >/dev/null || missing+=" curl"
  command -v jq >/dev/null || missing+=" jq"
  command -v openssl >/dev/null || missing+=" openssl"
  if [ -n "$missing" ]; then
    say "Installing$missing…"
    DEBIAN_FRONTEND=noninteractive apt-get update -qq >&2
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing >"$DIR/install.log" 2>&1 || { tail -n 20 "$DIR/install.log" >&2; die "The packages could not be installed."; }
  fi
  # The engine changes both, and leaves them so.
  iptables-save >"$DIR/iptables"
  cat /proc/sys/net/ipv4/ip_forward >"$DIR/ip_forward"
  local interface; interface=$(ip -o route get 192.0.2.1 | sed 's/.* dev \([^ ]*\).*/\1/')
  dockerd -H "unix://$DIR/socket" --data-root "$DIR/data" --exec-root "$DIR/exec" --pidfile "$DIR/pid" \
    --mtu "$(cat "/sys/class/net/$interface/mtu")" >"$DIR/engine.log" 2>&1 &
  ENGINE=$!
  export DOCKER_HOST=unix://$DIR/socket DOCKER_CONFIG=$DIR/config DOCKER_BUILDKIT=1
  # Debian's own client, of the engine's version.
  docker() { /usr/bin/docker "$@"; }
  local end=$((SECONDS + 60))
  until docker info >/dev/null 2>&1; do
    kill -0 "$ENGINE" 2>/dev/null && [ $SECONDS -lt $end ] || { tail -n 20 "$DIR/engine.log" >&2; die "The container engine did not start."; }
    sleep 0.1
  done
  compose_plugin
}

# Debian 12 has none; Debian 13's runs here.
compose_plugin() {
  local plugin=$DIR/config/cli-plugins/docker-compose apt=$DIR/apt
  [ ! -x "$plugin" ] || return 0
  mkdir -p "$(dirname "$plugin")" "$apt/lists/partial" "$apt/cache/archives/partial"
  # From wherever this machine has its own packages.
  local mirror; mirror=$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' | awk '/\/debian\/*$/ { print; exit }')
  [ -n "$mirror" ] || die "apt does not say where this machine has Debian's packages from."
  echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $mirror trixie main" >"$apt/list"
  local options=(-o "Dir::Etc::SourceList=$apt/list" -o Dir::Etc::SourceParts=- -o "Dir::State::Lists=$apt/lists" -o "Dir::Cache=$apt/cache" -o APT::Sandbox::User=root)
  (cd "$apt" && apt-get "${options[@]}" update -qq && apt-get "${options[@]}" download -qq docker-compose && dpkg-deb -x docker-compose_*.deb out) >"$DIR/plugin.log" 2>&1 \
    || { cat "$DIR/plugin.log" >&2; die "The compose plugin could not be fetched."; }
  install -m 755 "$apt/out/usr/libexec/docker/cli-plugins/docker-compose" "$plugin"
  rm -rf "$apt"
}

stop_engine() {
  [ -n "${ENGINE:-}" ] || return 0
  kill -TERM "$ENGINE" 2>/dev/null || true
  wait "$ENGINE" 2>/dev/null || true
  local left
  for left in $(awk -v under="$DIR/" 'index($2, under) == 1 { print $2 }' /proc/mounts | sort -r); do umount -l "$left" 2>/dev/null || true; done
  for left in $(ip -o link show type bridge | sed 's/^[0-9]*: \([^:@]*\).*/\1/' | grep -E '^(docker0|br-[0-9a-f]{12})$'); do ip link del "$left"; done
  if [ -s "$DIR/iptables" ]; then
    iptables-restore <"$DIR/iptables"
  else
    iptables -P FORWARD ACCEPT
    for left in filter nat; do iptables -t "$left" -F; iptables -t "$left" -X; done
  fi
  cat "$DIR/ip_forward" >/proc/sys/net/ipv4/ip_forward
  if iptables-save | grep DOCKER >/dev/null || ip link show docker0 >/dev/null 2>&1 || grep -F " $DIR/" /proc/mounts >/dev/null; then
    say "Something of the engine stayed on this machine: its network, its rules or a mount."
    failed=1
  fi
}

# A stand-in for each image that is named and not ours.
made_of_debian() {
  SECONDS=0
  docker image inspect debian:trixie-slim >/dev/null 2>&1 || base_image
  local image folder dotnet
  dotnet=$(dirname "$(readlink -f "$(command -v dotnet)")")
  for image in $(images_named); do
    folder=$ROOT/tests/Containers/$(basename "${image%%:*}")
    [ -d "$folder" ] || die "There is no stand-in for $image."
    case $image in
      */sdk:*|*/aspnet:*) tar -C "$folder" -c . -C "$dotnet/.." --transform "s,^$(basename "$dotnet"),dotnet," "$(basename "$dotnet")" | docker build -q -t "$image" -;;
      *) docker build -q -t "$image" "$folder";;
    esac >"$DIR/stand-in.log" 2>&1 || { tail -n 30 "$DIR/stand-in.log" >&2; die "The stand-in for $image could not be built."; }
  done
  say "Stand-ins are built after $SECONDS s."
}

# Those of the profile without a name, and those that ours is built from and on.
images_named() {
  settings_to "$DIR/names.env"
  { docker compose --project-directory "$ROOT" --env-file "$DIR/names.env" -f "$ROOT/compose.yml" config --images
    sed -n 's/^FROM \([^ ]*\).*/\1/p' "$ROOT/Dockerfile"; } | grep -v '^eventfiles:' | sort -u
}

# Debian itself, which trusts whom this machine trusts, so that builds reach what it reaches.
base_image() {
  say "Fetching Debian…"
  rm -rf "$DIR/root"
  debootstrap --variant=minbase --include=ca-certificates trixie "$DIR/root" >"$DIR/debootstrap.log" 2>&1 || { tail -n 20 "$DIR/debootstrap.log" >&2; die "Debian could not be fetched."; }
  rm -rf "$DIR/root/var/cache/apt/archives" "$DIR/root/var/lib/apt/lists"
  mkdir -p "$DIR/root/var/cache/apt/archives/partial" "$DIR/root/var/lib/apt/lists/partial"
  cp /etc/ssl/certs/ca-certificates.crt "$DIR/root/etc/ssl/certs/ca-certificates.crt"
  tar -C "$DIR/root" -c . | docker import -c 'ENV PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin' -c 'ENV DEBIAN_FRONTEND=noninteractive' -c 'CMD ["bash"]' - debian:trixie-slim >/dev/null
  rm -rf "$DIR/root"
}
