# Shared by the scripts beside it: where things are, what must be installed, how the program is built.
ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 DOTNET_CLI_WORKLOAD_UPDATE_NOTIFY_DISABLE=true
HOST_DLL=$ROOT/src/Host/bin/Release/net10.0/EventFiles.Host.dll

say() { printf '%s\n' "$*" >&2; }
die() { say "$*"; exit 1; }

# Prints the Debian packages that are missing: of those the program needs; with "tests", those the tests need too; with
# "servers:redis,s3", those of these servers instead.
missing_packages() {
  case ${1:-} in servers:*) missing_servers "${1#servers:}"; return;; esac
  ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || [ -n "${POSTGRES_BIN:-}" ] || echo postgresql
  has_library libvips.so.42 || echo libvips42
  has_library libargon2.so.1 || echo libargon2-1
  has_library libcrypt.so.1 || echo libcrypt1
  has_library libicuuc.so || echo libicu72
  command -v pdftoppm >/dev/null || echo poppler-utils
  command -v ffmpeg >/dev/null && command -v ffprobe >/dev/null || echo ffmpeg
  command -v prlimit >/dev/null && command -v setpriv >/dev/null || echo util-linux
  command -v bwrap >/dev/null || echo bubblewrap
  command -v node >/dev/null || echo nodejs
  command -v npm >/dev/null || echo npm
  [ "${1:-}" = tests ] || return 0
  command -v chromium >/dev/null || echo chromium
  [ -d /usr/share/fonts/truetype/noto ] || echo fonts-noto-core
  command -v vips >/dev/null || echo libvips-tools
  command -v curl >/dev/null || echo curl
  command -v jq >/dev/null || echo jq
  command -v qpdf >/dev/null || echo qpdf
  command -v python3 >/dev/null || echo python3
  command -v unzip >/dev/null || echo unzip
  command -v 7zz >/dev/null || echo 7zip
  command -v bsdtar >/dev/null || echo libarchive-tools
  ls /usr/lib/*/faketime/libfaketimeMT.so.1 >/dev/null 2>&1 || echo libfaketime
  missing_servers redis,rabbitmq,s3,nginx,clamav
}

missing_servers() {
  command -v node >/dev/null || echo nodejs
  command -v curl >/dev/null || echo curl
  case ,$1, in *,postgres,*) ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || [ -n "${POSTGRES_BIN:-}" ] || echo postgresql;; esac
  case ,$1, in *,redis,*) command -v redis-server >/dev/null || echo redis-server;; esac
  case ,$1, in *,rabbitmq,*) ls /usr/sbin/rabbitmq-server >/dev/null 2>&1 || echo rabbitmq-server;; esac
  case ,$1, in *,s3,*) command -v radosgw >/dev/null && command -v ceph-mon >/dev/null && command -v ceph-osd >/dev/null || echo ceph-mon ceph-osd radosgw;; esac
  case ,$1, in *,clamav,*) command -v clamd >/dev/null || [ -x /usr/sbin/clamd ] || echo clamav-daemon;; esac
  case ,$1, in *,nginx,*) command -v nginx >/dev/null || [ -x /usr/sbin/nginx ] || echo nginx;; esac
}

# Not grep -q: it would end the pipe early, and pipefail would call that a failure.
has_library() { PATH=$PATH:/sbin:/usr/sbin ldconfig -p | grep -F "$1" >/dev/null; }

# Installs what is missing when it may; else names the one command that does.
need_packages() {
  command -v dotnet >/dev/null && dotnet --list-sdks | grep '^1[0-9]\.' >/dev/null || die "The .NET SDK 10 is not installed: see https://dot.net"
  local missing; missing=$(missing_packages "${1:-}" | tr '\n' ' ')
  [ -z "$missing" ] && return 0
  if [ "$(id -u)" != 0 ]; then
    die "Some Debian packages are missing. Install them with:
  sudo apt-get update && sudo apt-get install -y --no-install-recommends $missing"
  fi
  say "Installing $missing…"
  export DEBIAN_FRONTEND=noninteractive
  apt-get update -qq >&2 && apt-get install -y -qq --no-install-recommends $missing >"${TMPDIR:-/tmp}/eventfiles-install.$$" 2>&1 \
    || { tail -n 20 "${TMPDIR:-/tmp}/eventfiles-install.$$" >&2; die "The packages could not be installed."; }
  rm -f "${TMPDIR:-/tmp}/eventfiles-install.$$"
}

# Builds the program, or what is named; further words go to the build. Says nothing unless it fails.
build() {
  local log what=${1:-src/Host}; log=$(mktemp)
  [ $# = 0 ] || shift
  say "Building…"
  UseSharedCompilation=true dotnet build "$ROOT/$what" -c Release --nologo -v quiet "$@" >"$log" 2>&1 \
    || { { grep -E 'error|warn' "$log" | sort -u | head -n 40 >&2; } || true; [ -s "$log" ] && tail -n 5 "$log" >&2; rm -f "$log"; die "The build failed."; }
  rm -f "$log"
}

# One compiler for all projects makes a build three times as fast, whatever the environment says of it; it would wait for
# the next build for ten minutes.
end_compiler() { dotnet build-server shutdown --vbcscompiler >/dev/null 2>&1 || true; }
