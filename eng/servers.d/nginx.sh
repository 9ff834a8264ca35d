# nginx as compose.yml has it, before two api nodes that may come later: the first is whoever takes these settings.
start_nginx() {
  local dir=$1 port inside first second program template to
  program=$(command -v nginx || echo /usr/sbin/nginx)
  read -r port inside first second <<<"$(free_ports 4)"
  own "$dir/run"
  local -A values=(
    [NGINX_RUN]=$dir/run [NGINX_CONF]=$dir [NGINX_LOG]=$dir/access.log [LISTEN]=127.0.0.1:$port [LISTEN_HEALTH]=127.0.0.1:$inside
    [PLAIN_HTTP]=site.conf [TLS_SERVERS]=none/*.conf [API_1]=127.0.0.1:$first [API_2]=127.0.0.1:$second [UPLOAD_LIMIT]=0
    # All that is asked here comes from one address.
    [REQUESTS_PER_SECOND]=100000 [REQUESTS_BURST]=100000 [SIGN_INS_PER_SECOND]=1000 [CONNECTIONS_PER_ADDRESS]=4000
  )
  for template in "$ROOT"/deploy/nginx/*.template; do
    to=$(cat "$template"; echo .)
    for name in "${!values[@]}"; do to=${to//"\${$name}"/"${values[$name]}"}; done
    printf '%s' "${to%.}" >"$dir/$(basename "${template%.template}")"
  done
  # Not as a daemon of its own: its master's command line then names the folder, and it is found again.
  (cd "$dir" && exec setsid "$BASH" -c "$(declare -f ordinary); ordinary \"\$@\"" - "$program" -p "$dir" -e "$dir/error.log" -c "$dir/nginx.conf" \
    -g 'daemon off;' >"$dir/log" 2>&1 </dev/null) &
  until_ready nginx - curl -s -o /dev/null "http://127.0.0.1:$port/"
  remember nginx "$(cat "$dir/run/nginx.pid")"
  setting NGINX_URL "http://127.0.0.1:$port"
  setting NGINX_API_1 "http://127.0.0.1:$first"
  setting NGINX_API_2 "http://127.0.0.1:$second"
  setting EVENTFILES_URLS "http://127.0.0.1:$first"
  setting TRUSTED_PROXIES 127.0.0.1
}
