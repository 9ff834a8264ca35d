#!/bin/sh
# Bare nginx that takes files by PUT and hands them out: nginx.sh FOLDER PORT.
set -e
folder=$1 port=$2
mkdir -p "$folder/files" "$folder/body"
chmod 777 "$folder" "$folder/files" "$folder/body"
cat >"$folder/nginx.conf" <<CONF
daemon off;
worker_processes 2;
pid $folder/nginx.pid;
error_log $folder/error.log;
events { worker_connections 4096; }
http {
  access_log off;
  sendfile on;
  keepalive_requests 1000000;
  client_max_body_size 0;
  client_body_temp_path $folder/body;
  proxy_temp_path $folder/t1; fastcgi_temp_path $folder/t2; uwsgi_temp_path $folder/t3; scgi_temp_path $folder/t4;
  server {
    listen 127.0.0.1:$port;
    root $folder/files;
    location / { dav_methods PUT; }
  }
}
CONF
"$(command -v nginx || echo /usr/sbin/nginx)" -e "$folder/error.log" -p "$folder" -c "$folder/nginx.conf" &
server=$!
trap 'kill -TERM $server' TERM
until curl -s -o /dev/null "http://127.0.0.1:$port/"; do sleep 0.05; kill -0 $server; done
echo "Page: http://127.0.0.1:$port/"
wait $server
