# Redis without a disk: read models are built again when it has lost them.
start_redis() {
  local dir=$1 port password
  port=$(free_ports 1) password=$(secret)
  (umask 077; cat >"$dir/redis.conf" <<CONF
port $port
bind 127.0.0.1
dir $dir
save ""
appendonly no
daemonize yes
requirepass $password
pidfile $dir/pid
logfile $dir/log
CONF
  )
  [ "$(id -u)" != 0 ] || chown nobody "$dir/redis.conf"
  ordinary redis-server "$dir/redis.conf"
  until_ready redis - env REDISCLI_AUTH="$password" redis-cli -p "$port" --no-auth-warning -e ping
  remember redis "$(cat "$dir/pid")"
  setting REDIS_URL "redis://:$password@127.0.0.1:$port/0"
}
