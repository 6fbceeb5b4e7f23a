#!/bin/sh
# Faults on a row of four machines, dev - r1 - r2 - hub, each a network namespace; what PROGRAM says of each.
#
#     lab.sh PROGRAM [SERVER]    # SERVER runs the hub, if PROGRAM is not to
#
# For sh, ip, nft and busybox alone: it runs on the emulated arm64 machine as it runs here (`unshare -nm`), so that both can be
# held against each other. Each scenario is a line: RESULT name status report, the report compressed.
program=$1
server=${2:-$1}
w=$(mktemp -d)
mount -t tmpfs run /run
mkdir -p /run/netns
name=hub.prt.example
probe="--kind azure-iot-hub --ca $w/ca.pem --hub-ca $w/ca.pem"

for n in dev r1 r2 hub; do
    ip netns add $n
    ip -n $n link set lo up
done
join() { # LEFT RIGHT NUMBER: 10.77.NUMBER.1 and .2, fd77:NUMBER::1 and ::2
    ip -n "$1" link add "to-$2" type veth peer name "to-$1" netns "$2"
    for end in "$1 to-$2 1" "$2 to-$1 2"; do
        # shellcheck disable=SC2086
        set -- "$1" "$2" "$3" $end
        ip -n "$4" addr add "10.77.$3.$6/24" dev "$5"
        ip -n "$4" addr add "fd77:$3::$6/64" dev "$5" nodad
        ip -n "$4" link set "$5" up
    done
}
join dev r1 1
join r1 r2 2
join r2 hub 3
for r in r1 r2; do
    ip netns exec $r sh -c 'echo 1 > /proc/sys/net/ipv4/ip_forward; echo 1 > /proc/sys/net/ipv6/conf/all/forwarding
        echo 0 > /proc/sys/net/ipv4/icmp_ratelimit; echo 0 > /proc/sys/net/ipv6/icmp/ratelimit'
done
routes() {
    ip -n dev route replace default via 10.77.1.2
    ip -n dev -6 route replace default via fd77:1::2
    ip -n r1 route replace 10.77.3.0/24 via 10.77.2.2
    ip -n r1 -6 route replace fd77:3::/64 via fd77:2::2
    ip -n r2 route replace 10.77.1.0/24 via 10.77.2.1
    ip -n r2 -6 route replace fd77:1::/64 via fd77:2::1
    ip -n hub route replace default via 10.77.3.1
    ip -n hub -6 route replace default via fd77:3::1
}
routes

ip netns exec hub "$server" serve --listen 10.77.3.2 --name $name --ca-out "$w/ca.pem" > "$w/serve.log" 2>&1 &
hub=$!
i=0
while [ ! -s "$w/ca.pem" ] && [ $i -lt 120 ]; do sleep 0.5; i=$((i + 1)); done
sleep 1

rule() { # ROUTER HOOK RULE
    printf 'table inet f { chain c { type filter hook %s priority 0; policy accept; %s; }; }\n' "$2" "$3" |
        ip netns exec "$1" nft -f -
}
scenario() { # NAME arguments
    n=$1
    shift
    # shellcheck disable=SC2086
    ip netns exec dev "$program" $name $probe "$@" --output "$w/out.json" > /dev/null 2> "$w/errors"
    status=$?
    [ -s "$w/out.json" ] || cat "$w/errors"
    printf 'RESULT %s %s ' "$n" $status
    gzip -c "$w/out.json" | base64 | tr -d '\n'
    echo
    rm -f "$w/out.json"
    for r in dev r1 r2 hub; do ip netns exec $r nft flush ruleset; done
    routes
}
v4="--address 10.77.3.2"
# No port of the hub's is served over IPv6: what the second router does to it shows first.
v6="--address fd77:3::2"

# shellcheck disable=SC2086
{
    scenario healthy $v4
    rule r2 forward 'tcp dport 8883 drop'
    scenario drop-r2 $v4
    rule r1 forward 'tcp dport { 8883, 5671 } drop'
    scenario drop-r1 $v4
    rule r2 forward 'tcp dport 5671 reject with icmp type admin-prohibited'
    scenario admin-prohibited-r2 $v4
    rule r1 forward 'tcp dport 8883 reject with icmp type host-prohibited'
    scenario host-prohibited-r1 $v4
    rule r1 forward 'tcp dport 8883 reject with icmp type net-prohibited'
    scenario net-prohibited-r1 $v4
    rule r2 forward 'tcp dport 443 reject with icmp type port-unreachable'
    scenario port-unreachable-r2 $v4
    rule r1 forward 'ip daddr 10.77.3.2 reject with icmp type host-unreachable'
    scenario host-unreachable-r1 $v4
    rule r1 forward 'tcp dport 8883 reject with tcp reset'
    scenario reset-r1 $v4
    rule dev output 'tcp dport 8883 drop'
    scenario local-drop $v4
    rule dev output 'tcp dport 8883 reject with icmp type admin-prohibited'
    scenario local-reject $v4
    ip -n r2 route replace 10.77.3.2/32 via 10.77.2.1
    scenario loop $v4
    ip -n r2 route del 10.77.3.2/32
    ip -n dev route del default
    scenario no-route $v4
    rule r2 forward 'ip6 nexthdr tcp drop'
    scenario drop-r2-v6 $v6
    rule r1 forward 'ip6 nexthdr tcp reject with icmpv6 type admin-prohibited'
    scenario admin-prohibited-r1-v6 $v6
    scenario closed-v6 $v6

    echo 'nameserver 10.77.3.2' > "$w/resolv.conf"
    mount --bind "$w/resolv.conf" /etc/resolv.conf
    rule r1 forward 'udp dport 53 drop; tcp dport 53 drop'
    scenario names-dropped
    rule r1 forward 'udp dport 53 reject with icmp type admin-prohibited; tcp dport 53 reject with icmp type admin-prohibited'
    scenario names-rejected
}
kill $hub
