# http_status METHOD URL HEADER. -q: no .curlrc; -g: [::1]; -k: a certificate proves nothing on loopback.
http_status() {
  if command -v curl >/dev/null; then
    curl -q -g -s -k -m 3 --noproxy '*' --proto '=http,https' -o /dev/null -w '%{http_code}' \
      -X "$1" -H "$3" --url "$2" </dev/null
  else
    wget -q -S -O /dev/null -T 3 -t 1 --no-proxy --max-redirect=0 --no-check-certificate \
      --method="$1" --header="$3" -- "$2" 2>&1 </dev/null |
      awk '$1 ~ /^HTTP\// { status = $2 } END { print status ? status : "000" }'
  fi
}

# A token of the metadata service, version 2.
http_token() {
  if command -v curl >/dev/null; then
    curl -q -s -f -m 3 --noproxy '*' -X PUT -H "$ttl" --url "$metadata/latest/api/token" </dev/null
  else
    wget -q -O - -T 3 -t 1 --no-proxy --method=PUT --header="$ttl" -- "$metadata/latest/api/token" </dev/null
  fi
}
