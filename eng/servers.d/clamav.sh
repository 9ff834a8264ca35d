# clamd with a signature of the EICAR test file and no other: what freshclam would fetch is large and changes daily.
start_clamav() {
  local dir=$1 port eicar='X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR-STANDARD-ANTIVIRUS-''TEST-FILE!$H+H*'
  port=$(free_ports 1)
  own "$dir/db" "$dir/tmp"
  echo "EventFiles.Eicar;Engine:51-255,Target:0;0;$(printf '%s' "$eicar" | od -An -tx1 | tr -d ' \n')" >"$dir/db/eicar.ldb"
  cat >"$dir/clamd.conf" <<CONF
TCPSocket $port
TCPAddr 127.0.0.1
DatabaseDirectory $dir/db
TemporaryDirectory $dir/tmp
PidFile $dir/pid
LogFile $dir/log
StreamMaxLength 100M
MaxFileSize 100M
MaxScanSize 400M
AlertExceedsMax yes
OfficialDatabaseOnly no
CONF
  ordinary "$(command -v clamd || echo /usr/sbin/clamd)" -c "$dir/clamd.conf"
  until_ready clamav - bash -c "exec 3<>/dev/tcp/127.0.0.1/$port && printf 'zPING\\0' >&3 && grep -q PONG <&3"
  remember clamav "$(cat "$dir/pid")"
  setting CLAMAV_URL "tcp://127.0.0.1:$port"
}
