#!/bin/sh
# Each command of PROGRAM once, on a machine with nothing but sh and busybox: `ok` or `not`, a line each.
program=$1
w=$(mktemp -d)
cd "$w" || exit 1
ip link set lo up
try() { # NAME STATUS PATTERN command...
    name=$1 wanted=$2 pattern=$3
    shift 3
    "$@" > out 2>&1
    got=$?
    if [ $got = "$wanted" ] && grep -q -- "$pattern" out; then
        echo "ok  $name"
    else
        echo "not $name: status $got"
        cat out
    fi
}
try version 0 '^hubreach ' "$program" --version
try demo 0 . "$program" demo
try explain 0 silent-drop "$program" explain silent-drop
"$program" serve --listen 127.0.0.1 --name hub.prt.example --ca-out ca.pem > serve.log 2>&1 &
serve=$!
i=0
while [ ! -s ca.pem ] && [ $i -lt 120 ]; do sleep 0.5; i=$((i + 1)); done
sleep 1
set -- "$program"
hub="hub.prt.example --kind azure-iot-hub --address 127.0.0.1 --ca ca.pem --hub-ca ca.pem"
# shellcheck disable=SC2086
{
    try check 0 . "$program" $hub --output one.json
    try health 0 . "$program" health $hub
    printf '[[target]]\nhub = "hub.prt.example"\nkind = "azure-iot-hub"\naddress = ["127.0.0.1"]\nca = "ca.pem"\nhub-ca = "ca.pem"\n' > plan.toml
    try audit 0 . "$program" audit plan.toml
    kill $serve
    wait $serve 2> /dev/null
    try 'check, closed' 1 refused "$program" $hub --output two.json
    try diff 1 . "$program" diff one.json two.json
}
# Ctrl-C: a run that would wait is told to stop, and says what it saw.
ip link add dead type veth peer name nobody
ip link set nobody up
ip addr add 192.0.2.1/24 dev dead
ip link set dead up
ip neigh add 192.0.2.9 lladdr 02:00:00:00:00:09 dev dead
"$program" hub.test --kind azure-iot-hub --address 192.0.2.9 --format json > out 2>&1 &
run=$!
sleep 2
kill -INT $run
wait $run
got=$?
if grep -q '"partial": *true' out; then echo "ok  Ctrl-C (status $got)"; else echo "not Ctrl-C: status $got"; cat out; fi
