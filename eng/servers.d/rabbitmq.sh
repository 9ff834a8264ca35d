# A RabbitMQ node with a name service of its own. Debian's wrappers change the account and drop the environment, so the
# programs behind them are called.
start_rabbitmq() {
  local dir=$1 amqp management distribution names password programs
  read -r amqp management names distribution <<<"$(free_ports 4)"
  password=$(secret)
  programs=$(ls -d /usr/lib/rabbitmq/lib/rabbitmq_server-*/sbin 2>/dev/null | sort -V | tail -n 1)
  [ -n "$programs" ] || programs=/usr/lib/rabbitmq/bin
  (umask 077; cat >"$dir/rabbitmq.conf" <<CONF
listeners.tcp.1 = 127.0.0.1:$amqp
management.tcp.ip = 127.0.0.1
management.tcp.port = $management
default_user = eventfiles
default_pass = $password
vm_memory_high_watermark.absolute = 512MB
disk_free_limit.absolute = 100MB
log.console = false
CONF
  )
  echo '[rabbitmq_management].' >"$dir/enabled_plugins"
  [ "$(id -u)" != 0 ] || chown -R nobody "$dir"
  # The same again starts the same node on what it kept, for who kills it on purpose; and its operator's tool.
  cat >"$dir/settings" <<SETTINGS
export HOME=$dir ERL_EPMD_PORT=$names ERL_EPMD_ADDRESS=127.0.0.1 RABBITMQ_NODENAME="eventfiles$amqp@localhost"
export RABBITMQ_NODE_IP_ADDRESS=127.0.0.1 RABBITMQ_NODE_PORT=$amqp RABBITMQ_DIST_PORT=$distribution RABBITMQ_BASE=$dir
export RABBITMQ_MNESIA_BASE=$dir/mnesia RABBITMQ_LOG_BASE=$dir/log RABBITMQ_CONFIG_FILE=$dir/rabbitmq.conf
export RABBITMQ_ADVANCED_CONFIG_FILE=$dir/advanced.config RABBITMQ_CONF_ENV_FILE=$dir/none
export RABBITMQ_ENABLED_PLUGINS_FILE=$dir/enabled_plugins RABBITMQ_PID_FILE=$dir/pid RABBITMQ_GENERATED_CONFIG_DIR=$dir/generated
SETTINGS
  cat >"$dir/run" <<RUN
#!/usr/bin/env bash
cd "$dir"
. ./settings
export RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS="+sbwt none +sbwtdcpu none +sbwtdio none -kernel inet_dist_use_interface {127,0,0,1}"
exec setsid "$programs/rabbitmq-server" >"$dir/out" 2>&1 </dev/null
RUN
  cat >"$dir/ctl" <<CTL
#!/usr/bin/env bash
cd "$dir"
. ./settings
exec "$programs/rabbitmqctl" --quiet "\$@"
CTL
  chmod 755 "$dir/run" "$dir/ctl"
  ordinary "$dir/run" >/dev/null 2>&1 </dev/null &
  until_ready rabbitmq $! curl -sf -u "eventfiles:$password" "http://127.0.0.1:$management/api/health/checks/alarms"
  remember rabbitmq-names "$(pgrep -f "epmd.*-daemon" | while read -r pid; do is_ours "$pid" && echo "$pid"; done | head -n 1)"
  remember rabbitmq "$(cat "$dir/pid")"
  setting RABBITMQ_URL "amqp://eventfiles:$password@127.0.0.1:$amqp/"
  setting RABBITMQ_MANAGEMENT_URL "http://eventfiles:$password@127.0.0.1:$management/"
}
