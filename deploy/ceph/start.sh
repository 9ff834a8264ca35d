#!/bin/bash
# Ceph's S3 gateway over one monitor and one store, in one container: a production server in its smallest form. What is
# stored survives a restart; what one disk cannot give (copies elsewhere), this cannot either.
set -euo pipefail
DATA=/var/lib/ceph/eventfiles RUN=/run/ceph CONF=/run/ceph/ceph.conf
mkdir -p "$DATA/mon" "$DATA/osd" "$DATA/rgw" "$RUN"
rm -f "$RUN/ready"
[ -s "$DATA/fsid" ] || cat /proc/sys/kernel/random/uuid >"$DATA/fsid"
[ -s "$DATA/osd-id" ] || cat /proc/sys/kernel/random/uuid >"$DATA/osd-id"
cat >"$CONF" <<CONF
[global]
fsid = $(cat "$DATA/fsid")
mon host = v2:127.0.0.1:3300/0
mon initial members = a
public addr = 127.0.0.1
cluster addr = 127.0.0.1
# All of Ceph but the gateway speaks on the container's own loopback address.
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
run dir = $RUN
admin socket = $RUN/\$name.asok
pid file = $RUN/\$name.pid
crash dir = $RUN
log to file = false
mon cluster log to file = false
log to stderr = true
err to stderr = true
# Warnings and worse: requests are logged by whoever sends them.
debug ms = 0
debug mon = 0
debug paxos = 0
debug osd = 0
debug bluestore = 0
debug bluefs = 0
debug bdev = 0
debug rocksdb = 0
debug rgw = 0
[mon]
mon data = $DATA/mon
# Waiting between decisions is for clusters: with one monitor it only slows the start.
paxos propose interval = 0.02
paxos min wait = 0.01
[osd]
osd data = $DATA/osd
osd objectstore = bluestore
bluestore block size = ${S3_BYTES:-107374182400}
bdev enable discard = false
osd memory target = 939524096
osd class load list = *
osd class default list = *
[client.rgw.a]
# Without tcp_nodelay every small reply waits 40 ms.
rgw frontends = beast endpoint=0.0.0.0:8000 tcp_nodelay=1
rgw data = $DATA/rgw
rgw thread pool size = 128
rgw relaxed region enforcement = true
rgw enable usage log = false
CONF
export CEPH_CONF=$CONF

if [ ! -e "$DATA/made-mon" ]; then
  rm -rf "$DATA/mon"; mkdir "$DATA/mon"
  monmaptool --create --clobber --fsid "$(cat "$DATA/fsid")" --addv a '[v2:127.0.0.1:3300]' "$RUN/monmap"
  ceph-mon -i a --mkfs --monmap "$RUN/monmap"
  touch "$DATA/made-mon"
fi
ceph-mon -f -i a & mon=$!
trap 'kill -TERM $(jobs -p) 2>/dev/null; wait' TERM INT
if [ ! -e "$DATA/made-osd" ]; then
  rm -rf "$DATA/osd"; mkdir "$DATA/osd"
  ceph --connect-timeout 60 osd new "$(cat "$DATA/osd-id")"
  ceph-osd -i 0 --mkfs --osd-uuid "$(cat "$DATA/osd-id")"
  touch "$DATA/made-osd"
fi
ceph-osd -f -i 0 & osd=$!
radosgw -f -n client.rgw.a & gateway=$!

# The account's keys are those of the environment, also when they have changed.
account() { radosgw-admin -n client.rgw.a user "$1" --uid=eventfiles --access-key="$S3_ACCESS_KEY" --secret-key="$S3_SECRET_KEY" "${@:2}" >/dev/null; }
if radosgw-admin -n client.rgw.a user info --uid=eventfiles >/dev/null 2>&1; then account modify; else account create --display-name=EventFiles; fi
touch "$RUN/ready"

# Whoever ends first takes the others along, and the container starts anew.
wait -n "$mon" "$osd" "$gateway" || true
rm -f "$RUN/ready"
kill -TERM $(jobs -p) 2>/dev/null || true
wait || true
exit 1
