# shellcheck shell=bash
# A real station for a test to source: yizhand and yizhan-hub as built for debugging; scale, printer
# and relay board are simulated behind pseudo terminals, and outlive the daemon.
#
#   set_up             devices, hub and daemon, and the hub approves the box; needs $work, $seed,
#                      and $keep, which is empty where $work is to be removed; $machine and
#                      $contacts may be set to another machine before
#   start_hub          on the port of the first time
#   start_daemon
#   end PID            SIGKILL, and waits
#   station ARGUMENTS  yizhan with the daemon's socket
#   start_worker PARCELS [SEED]
#   synced             whether the hub has everything
#   stop_daemon        as systemd stops it
#   greens             numbers whose green light the worker has seen, each once
#   comes WHAT COMMAND...   waits up to a minute, else fails with WHAT
#   fail WHAT          ends the test; its name is $test
# shellcheck disable=SC2154,SC2034 # test, work and seed are set by who sources this

cd "$(dirname "$0")/../.." || exit
bin=$PWD/.build/debug
for program in yizhand yizhan yizhan-hub yizhan-sim; do
  [ -x "$bin/$program" ] || { echo "build first: swift build --product $program" >&2; exit 1; }
done
command -v sqlite3 >/dev/null || { echo 'sqlite3 is missing' >&2; exit 1; }
daemon='' hub='' bench='' worker='' port='' hubs=0

# The machine as station.yaml has it, and how its contacts hang on the simulated board.
machine='machine:
  profile: impulse-sealer
  outputs: { start: { board: relays, channel: 1 } }
  signals:
    busy: { board: relays, input: 4 }
    done: { board: relays, input: 5 }
    fault: { board: relays, input: 6 }
    guard-closed: { board: relays, input: 7 }
    estop-ok: { board: relays, input: 8 }'
contacts='--output machine.start=board:1 --input machine.busy=board:4 --input machine.done=board:5
  --input machine.fault=board:6 --input machine.guard-closed=board:7
  --input machine.estop-ok=board:8'

# What is killed on purpose must not be reported by the shell.
end() { if [ -n "$1" ]; then kill -9 "$1" 2>/dev/null || true; wait "$1" 2>/dev/null || true; fi; }
cleanup() {
  for process in "$worker" "$daemon" "$hub" "$bench"; do end "$process"; done
  [ -n "$keep" ] || rm -rf "$work"
}
trap cleanup EXIT
fail() {
  echo "$test: FAILED: $* (seed $seed)" >&2
  tail -n 5 "$work/daemon.log" "$work/hub.log" "$work/worker.log" >&2 || true
  exit 1
}
comes() { # WHAT COMMAND...: waits up to a minute
  what=$1
  shift
  for _ in $(seq 600); do
    if "$@" >/dev/null 2>&1; then return; fi
    sleep 0.1
  done
  fail "$what"
}

start_hub() { # the port is fixed after the first start, so that the station finds it again
  "$bin/yizhan-hub" serve --listen "127.0.0.1:${port:-0}" --store "$work/hub.sqlite" \
    >>"$work/hub.log" 2>&1 &
  hub=$!
  hubs=$((hubs + 1))
  listens() { [ "$(grep -c 'listening on port' "$work/hub.log")" -ge "$hubs" ]; }
  comes 'the hub does not start' listens
  port=$(sed -n 's/.*listening on port \([0-9]*\).*/\1/p' "$work/hub.log" | tail -n 1)
}
start_daemon() {
  "$bin/yizhand" run --config "$work/station.yaml" --devices Devices >>"$work/daemon.log" 2>&1 &
  daemon=$!
}
station() { "$bin/yizhan" "$@" --socket "$work/control.sock"; }
start_worker() {
  "$bin/yizhan-sim" worker --orders "$work/orders" --log "$work/bench.log" \
    --socket "$work/control.sock" --parcels "$1" --seed "${2:-$seed}" >>"$work/worker.log" 2>&1 &
  worker=$!
}
greens() { sed -n 's/.*: done \(SM017-[^ ]*\)$/\1/p' "$work/worker.log" | sort -u; }

synced() { station sync status --json | grep -q '"backlog":0[,}]'; }
stop_daemon() {
  kill "$daemon"
  wait "$daemon" || fail 'the daemon does not stop cleanly'
  daemon=''
}

write_config() {
  cat >"$work/station.yaml" <<YAML
site: SM017
name: 小街镇示范村
hub: { url: "http://127.0.0.1:$port", splay: 0 s }
paths: { state: "$work/state", socket: "$work/control.sock" }
scale: { profile: yaohua-xk3190-a9, serial: { device: "$work/scale" } }
printer: { profile: tsc-te244, serial: { device: "$work/printer", baud: 115200 } }
label: { template: dispatch-76x130 }
boards:
  relays: { profile: modbus-relay-8, serial: { device: "$work/board", baud: 115200 }, poll: 20 ms }
panel:
  buttons:
    go: { board: relays, input: 1 }
    again: { board: relays, input: 2 }
    cancel: { board: relays, input: 3 }
  lamps:
    green: { board: relays, channel: 2 }
    amber: { board: relays, channel: 3 }
    red: { board: relays, channel: 4 }
$machine
jobs:
  dispatch: { button: go, steps: [weigh, label, seal] }
YAML
}

set_up() {
  mkdir -p "$work/state"
  mkfifo "$work/orders"
  exec 5<>"$work/orders"
  # shellcheck disable=SC2086 # options
  "$bin/yizhan-sim" bench --seed "$seed" --sealer-cycle 1200 --bounce 0 \
    --serial-scale "pty:$work/scale" --printer "pty:$work/printer" --board "pty:$work/board" \
    --input go=board:1 --input again=board:2 --input cancel=board:3 \
    --output lamp-green=board:2 --output lamp-amber=board:3 --output lamp-red=board:4 $contacts \
    <&5 >"$work/bench.log" 2>"$work/bench.err" &
  bench=$!
  comes 'the devices do not come up' test -e "$work/board"
  touch "$work/daemon.log" "$work/worker.log" "$work/hub.log"
  start_hub
  write_config
  start_daemon
  comes 'the daemon does not answer' station enroll --key-only
  key=$(station enroll --key-only)
  "$bin/yizhan-hub" approve SM017 "$key" --store "$work/hub.sqlite" >/dev/null
}
