#!/usr/bin/env bash
# The provider (with opaque tokens, and with JWTs signed by ES256 and EdDSA), bare hyper (on as many threads, and on two)
# and (where OTHER gives the URL and Basic credentials of a token endpoint) another server under the same load, interleaved,
# so that the ratios hold on a machine that does other work as well; and the load generator against wrk. Access tokens live
# for a second, so that as many are alive as were issued in one. Prints medians. Needs wrk and a release build:
#
#   cargo build --release --bin grantcheck --example bare && benches/compare.sh [ROUNDS] [SECONDS] [CONNECTIONS]
set -euo pipefail
cd "$(dirname "$0")/.."
rounds=${1:-5} seconds=${2:-3} connections=${3:-16} port=${PORT:-5310} threads=${THREADS:-1}
grantcheck=${GRANTCHECK:-target/release/grantcheck} work=$(mktemp -d)
pids=()
trap 'kill "${pids[@]}" 2>/dev/null; rm -rf "$work"' EXIT

# start NAME COMMAND...: remembers the process
start() { local name=$1; shift; "$@" >"$work/$name.log" 2>&1 & pids+=($!); eval "pid_${name//-/_}=$!"; }
# cpu PID: microseconds of processor time so far (a tick is 10 ms)
cpu() { awk '{print ($14 + $15) * 10000}' "/proc/$1/stat"; }
script() {
  cat >"$work/$1.lua" <<LUA
wrk.method = "POST"
wrk.headers["Content-Type"] = "application/x-www-form-urlencoded"
wrk.headers["Authorization"] = "Basic $2"
wrk.body = "grant_type=client_credentials$3"
LUA
}
median() { sort -n | awk '{v[NR] = $1} END {print v[int((NR + 1) / 2)]}'; }
# sample ROW PID COMMAND...: requests a second, and the server's microseconds for each
sample() {
  local row=$1 pid=$2 before after; shift 2
  before=$(cpu "$pid"); "$@" >"$work/out" 2>&1 || true; after=$(cpu "$pid")
  awk -v used=$((after - before)) '/requests in/ {n = $1} /good flows a second/ {rate = $1; gsub(/[^0-9]/, "", $6); n = $6}
    /Requests\/sec/ {rate = $2} END {if (n > 0) printf "%.0f %.2f\n", rate, used / n}' "$work/out" >>"$work/$row"
}

app=$(printf 'app:app-secret-6f1d2c9a8b7e4f50' | base64)
script app "$app" "&scope=read"
# The generator says who it is and what it takes; against it wrk does so too.
{ cat "$work/app.lua"; echo 'for k, v in pairs{["User-Agent"] = "grantcheck", Accept = "*/*", Connection = "keep-alive"} do wrk.headers[k] = v end'; } >"$work/same.lua"
sed 's/^access_token = .*/access_token = 1/' reference-server/src/default.toml >"$work/short.toml"
serve=("$grantcheck" serve --threads "$threads" --config "$work/short.toml" --port)
start bare target/release/examples/bare "$port" "$threads"
start provider "${serve[@]}" $((port + 1))
start es256 "${serve[@]}" $((port + 2)) --liberty jwt-access-tokens
start eddsa "${serve[@]}" $((port + 3)) --liberty jwt-access-tokens --liberty signed-with-eddsa
start bare-two target/release/examples/bare $((port + 4)) 2
sleep 1
wrk=(wrk -t1 "-c$connections" "-d${seconds}s" -s)
for _ in $(seq "$rounds"); do
  sample bare "$pid_bare" "${wrk[@]}" "$work/app.lua" "http://127.0.0.1:$port/token"
  sample provider "$pid_provider" "${wrk[@]}" "$work/app.lua" "http://127.0.0.1:$((port + 1))/token"
  sample es256 "$pid_es256" "${wrk[@]}" "$work/app.lua" "http://127.0.0.1:$((port + 2))/token"
  sample eddsa "$pid_eddsa" "${wrk[@]}" "$work/app.lua" "http://127.0.0.1:$((port + 3))/token"
  sample bare-two "$pid_bare_two" "${wrk[@]}" "$work/app.lua" "http://127.0.0.1:$((port + 4))/token"
  sample same "$pid_provider" "${wrk[@]}" "$work/same.lua" "http://127.0.0.1:$((port + 1))/token"
  REFERENCE_ISSUER=http://127.0.0.1:$((port + 1)) sample generator "$pid_provider" "$grantcheck" bench \
    -t targets/reference.toml -w "$connections" --for "$seconds" --warm-up 0.2
  if [ -n "${OTHER:-}" ]; then
    set -- $OTHER # URL, base64 of id:secret, pid
    script other "$2" ""
    sample other "$3" "${wrk[@]}" "$work/other.lua" "$1"
  fi
done
echo "cores $(nproc), load average $(cut -d' ' -f1 /proc/loadavg), $connections connections, medians of $rounds x $seconds s"
for row in bare bare-two provider es256 eddsa same generator other; do
  [ -s "$work/$row" ] || continue
  printf '%-10s %8s requests/s  %6s us of server CPU a request\n' "$row" "$(cut -d' ' -f1 "$work/$row" | median)" \
    "$(cut -d' ' -f2 "$work/$row" | median)"
done
# Ratios are taken round by round, which neighbours disturb least.
for pair in provider/bare provider/bare-two es256/bare eddsa/bare generator/same provider/other; do
  [ -s "$work/${pair#*/}" ] || continue
  ratio=$(paste -d' ' "$work/${pair%/*}" "$work/${pair#*/}" | awk '{printf "%.3f\n", $1 / $3}' | median)
  [ "$pair" = generator/same ] && echo "ratio $pair: requests a second $ratio" && continue
  cpu_ratio=$(paste -d' ' "$work/${pair%/*}" "$work/${pair#*/}" | awk '{printf "%.3f\n", $4 / ($2 > 0 ? $2 : 1)}' | median)
  echo "ratio $pair: requests a second $ratio, by CPU $cpu_ratio"
done
