# Ceph's S3 gateway over one monitor and one store: a production server in its smallest form.
start_s3() {
  local dir=$1 port monitor store=memstore key password
  read -r port monitor <<<"$(free_ports 2)"
  [ -z "$DURABLE" ] || store=bluestore
  key=$(secret) password=$(secret)
  own "$dir/mon" "$dir/osd" "$dir/run" "$dir/log" "$dir/rgw"
  cat >"$dir/ceph.conf" <<CONF
[global]
fsid = $(cat /proc/sys/kernel/random/uuid)
mon host = v2:127.0.0.1:$monitor/0
mon initial members = a
public addr = 127.0.0.1
cluster addr = 127.0.0.1
auth cluster required = none
auth service required = none
auth client required = none
ms mon client mode = crc
osd pool default size = 1
osd pool default min size = 1
osd pool default pg num = 8
osd pool default pgp num = 8
osd pool default pg autoscale mode = off
osd crush chooseleaf type = 0
mon allow pool size one = true
mon max pg per osd = 2000
mon data avail crit = 1
mon data avail warn = 2
run dir = $dir/run
admin socket = $dir/run/\$name.asok
pid file = $dir/run/\$name.pid
log file = $dir/log/\$name.log
crash dir = $dir/log
[mon]
mon data = $dir/mon
mon cluster log file = $dir/log/cluster.log
# Waiting between decisions is for clusters: with one monitor it only slows the start.
paxos propose interval = 0.02
paxos min wait = 0.01
[osd]
osd data = $dir/osd
osd objectstore = $store
memstore device bytes = 8589934592
bluestore block size = 21474836480
bdev enable discard = false
osd memory target = 1073741824
osd class load list = *
osd class default list = *
[client.rgw.a]
# Without tcp_nodelay every small reply waits 40 ms.
rgw frontends = beast endpoint=127.0.0.1:$port tcp_nodelay=1
rgw data = $dir/rgw
rgw relaxed region enforcement = true
rgw enable usage log = false
CONF
  local conf="$dir/ceph.conf" id
  id=$(cat /proc/sys/kernel/random/uuid)
  (
    cd "$dir"
    monmaptool --create --fsid "$(sed -n 's/^fsid = //p' "$conf")" --addv a "[v2:127.0.0.1:$monitor]" "$dir/monmap"
    [ "$(id -u)" != 0 ] || chown nobody "$dir/monmap"
    ordinary ceph-mon -c "$conf" -i a --mkfs --monmap "$dir/monmap"
    ordinary setsid ceph-mon -c "$conf" -i a
    ordinary ceph -c "$conf" --connect-timeout 30 osd new "$id"
    ordinary ceph-osd -c "$conf" -i 0 --mkfs --osd-uuid "$id"
    ordinary setsid ceph-osd -c "$conf" -i 0
    ordinary setsid radosgw -c "$conf" -n client.rgw.a
  ) >"$dir/out" 2>&1 </dev/null || die "The S3 server could not be started: see $dir/out."
  until_ready s3 - curl -sf -o /dev/null "http://127.0.0.1:$port/"
  local name
  for name in mon.a osd.0 client.rgw.a; do remember "s3-$name" "$(cat "$dir/run/$name.pid")"; done
  (cd "$dir" && ordinary radosgw-admin -c "$conf" -n client.rgw.a user create --uid=eventfiles --display-name=EventFiles \
    --access-key="$key" --secret-key="$password") >>"$dir/out" 2>&1 || die "The S3 server's user could not be made: see $dir/out."
  setting S3_ENDPOINT "http://127.0.0.1:$port"
  setting S3_REGION us-east-1
  setting S3_ACCESS_KEY "$key"
  setting S3_SECRET_KEY "$password"
  setting S3_BUCKET eventfiles
  setting S3_FORCE_PATH_STYLE true
}
