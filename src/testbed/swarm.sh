#!/usr/bin/env bash
# Real Docker swarms for the tests, of one to nine nodes on this machine, without any image registry. As root.
#
#   swarm.sh install              installs what it needs (Debian); starts no Docker of the machine's own
#   swarm.sh check                exit code 0 when a lab can run here; else it says what is missing
#   swarm.sh up N [MANAGERS]      N nodes, n1 to nN; with MANAGERS they form a swarm
#   swarm.sh swarm MANAGERS       makes a swarm of the nodes that are up; the first MANAGERS of them manage
#   swarm.sh d I ARGUMENT...      docker, on node I
#   swarm.sh load I TAR           an image that docker save or base-image.sh wrote, onto node I
#   swarm.sh start I              node I again, with the volumes and the swarm it had
#   swarm.sh kill I               as if its power failed: every process of the node is gone
#   swarm.sh stop I               in order
#   swarm.sh burn I               kill, and its disk is gone, too: start makes it a new machine, without images and in no swarm
#   swarm.sh join I J [ROLE]      node I, which is in no swarm, joins that of manager J as a manager, or as a worker
#   swarm.sh cut I, heal I        takes its network cable out, puts it back
#   swarm.sh show                 where the nodes are
#   swarm.sh down                 ends the lab, and removes all that it made
#   swarm.sh leak                 lists what a lab left behind; prints nothing when all is clean
#
# Names, all by environment:
#   LAB       which lab (default: lab); a-z0-9, eight at most. Labs of different names run side by side.
#   NET       first three numbers of its addresses; node I is NET.(10+I), the machine itself NET.1
#             (default: the first of 10.213.1 to 10.213.250 that is free)
#   LABS      folder of the labs, on a file system that carries overlay mounts (default: /tmp)
#   OWNER     a process; when that is gone, the next lab that comes up takes this one down
#   LIMIT     seconds that a docker command may take (default: 300)
#
# A node is a dockerd in network, mount, process, host name and IPC namespaces of its own, on the machine's programs, joined by
# a cable (veth) to a bridge that stands in a namespace, too: nothing of it meets a Docker that may run here already.
#
# To know: nodes have no way out, else each new service waits for a registry's name; so write service create -d
# --no-resolve-image, or stack deploy --resolve-image never, and ask until it runs. A container that mounts
# /var/run/docker.sock gets that of its node. Without IPVS in the kernel (see check)
# endpoint mode vip and ingress ports do not work; dnsrr and host mode do. Names of volumes have two letters or more.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"
PATH=$PATH:/usr/sbin:/sbin
unset DOCKER_HOST DOCKER_CONTEXT DOCKER_TLS_VERIFY DOCKER_CERT_PATH DOCKER_API_VERSION

lab=${LAB:-lab}
labs=${LABS:-/tmp}
home=$labs/logroute-swarm-$lab
switch=$lab-sw
cable=$lab-host
# The programs, and the packages of Debian that bring them.
needs=(
  dockerd:docker.io docker:docker.io containerd:containerd runc:runc ip:iproute2 iptables:iptables tini-static:tini
  busybox:busybox-static curl:curl pgrep:procps nsenter:util-linux flock:util-linux setsid:util-linux
)

[[ $lab =~ ^[a-z0-9]{1,8}$ ]] || die "LAB is \"$lab\"; use a-z and 0-9, eight at most"

# ---- What it needs

as_root() {
  if [ "$(id -u)" = 0 ]; then "$@"; else sudo -n "$@"; fi
}

missing_packages() {
  local need
  for need in "${needs[@]}"; do
    command -v "${need%%:*}" > /dev/null || echo "${need#*:}"
  done | sort -u
}

# Packages of Docker start it; this keeps them from it, whatever the machine's policy is, and undoes what they did all the same.
install() {
  local packages policy=/usr/sbin/policy-rc.d had_docker=no
  packages=$(missing_packages)
  [ -n "$packages" ] || return 0
  command -v apt-get > /dev/null || die "cannot install $(echo $packages) without apt-get; install what brings their programs yourself"
  echo "installing $(echo $packages) ..." >&2
  mkdir -p "$cache"
  exec 9> "$cache/.lock"
  flock -w 600 9 || die "another installation holds $cache/.lock for 10 minutes; look what it waits for"
  ! is_active docker.service && ! is_active docker.socket || had_docker=yes
  if as_root test -e "$policy"; then
    as_root cp -a "$policy" "$policy.logroute"
  fi
  trap 'restore_policy' EXIT
  printf '#!/bin/sh\nexit 101\n' | as_root tee "$policy" > /dev/null
  as_root chmod 755 "$policy"
  local get=(apt-get install -y -q --no-install-recommends -o DPkg::Lock::Timeout=300 -o Acquire::Retries=3)
  export DEBIAN_FRONTEND=noninteractive
  # shellcheck disable=SC2086
  as_root "${get[@]}" $packages >&2 || { as_root apt-get update -q >&2 && as_root "${get[@]}" $packages >&2; } \
    || die "apt-get could not install $(echo $packages); what it said stands above"
  restore_policy
  trap - EXIT
  if [ "$had_docker" = no ] && [ -d /run/systemd/system ]; then
    as_root systemctl disable --now docker.socket docker.service > /dev/null 2>&1 || true
  fi
  flock -u 9
}

restore_policy() {
  local policy=/usr/sbin/policy-rc.d
  if as_root test -e "$policy.logroute"; then
    as_root mv -f "$policy.logroute" "$policy"
  else
    as_root rm -f "$policy"
  fi
}

is_active() {
  [ -d /run/systemd/system ] && systemctl -q is-active "$1" 2> /dev/null
}

# Says each reason why no lab can run here; fails when there is one.
check() {
  local packages said=0
  no() {
    echo "no swarm can run here: $*" >&2
    said=1
  }
  [ "$(uname -s)" = Linux ] || no "this is not Linux"
  [ "$(id -u)" = 0 ] || no "it takes root, who alone makes namespaces and mounts; run this as root"
  packages=$(missing_packages)
  [ -z "$packages" ] || no "$(echo $packages) missing; run src/testbed/swarm.sh install"
  [ "$said" = 0 ] || return 1
  unshare --net true 2> /dev/null || no "network namespaces are not allowed; in a container it must be a privileged one"
  unshare --net sh -c 'ip link add one type bridge && ip link add two type veth peer name three' 2> /dev/null \
    || no "the kernel has no bridge or no veth"
  unshare --net ip link add one type vxlan id 1 dstport 4789 2> /dev/null || no "the kernel has no vxlan, which overlay networks are made of"
  unshare --net iptables -t nat -L -n > /dev/null 2>&1 || no "iptables cannot list the table nat; the kernel lacks it, or iptables is of the wrong kind"
  [ -d /sys/fs/cgroup ] && [ -w /sys/fs/cgroup ] || no "/sys/fs/cgroup cannot be written"
  mkdir -p "$labs"
  carries_overlays || no "the file system of $labs carries no overlay mounts; set LABS to a folder on ext4 or xfs"
  local room
  room=$(df -Pk "$labs" | awk 'NR == 2 { print int($4 / 1024) }')
  [ "${room:-0}" -ge 2048 ] || no "$labs has $room MB left; a lab wants 2 GB"
  [ "$said" = 0 ] || return 1
  if [ ! -e /proc/net/ip_vs ] && [ ! -e /proc/sys/net/ipv4/vs ]; then
    echo "no IPVS in this kernel: dnsrr and host-mode ports work, endpoint mode vip and ingress ports do not" >&2
  fi
}

carries_overlays() {
  local trial code=0
  trial=$(mktemp -d "$labs/logroute-overlay-XXXXXX")
  mkdir "$trial"/{low,up,work,on}
  unshare --mount mount -t overlay overlay -o "lowerdir=$trial/low,upperdir=$trial/up,workdir=$trial/work" "$trial/on" 2> /dev/null || code=1
  rm -rf "$trial"
  return "$code"
}

# ---- Waiting, always bounded

# within SECONDS COMMAND...: tries until it holds
within() {
  local end=$((SECONDS + $1))
  shift
  until "$@" > /dev/null 2>&1; do
    [ "$SECONDS" -lt "$end" ] || return 1
    sleep 0.05
  done
}

gone() { [ ! -e "/proc/$1" ]; }

# ---- The network

net() { cat "$home/net" 2> /dev/null || die "there is no lab $lab; begin with: swarm.sh up 1 1"; }
address() { echo "$(net).$((10 + $1))"; }

# Whether nothing here uses the addresses.
is_free() {
  ! ip -br addr | grep -F " $1." > /dev/null && ! cat "$labs"/logroute-swarm-*/net 2> /dev/null | grep -qxF "$1"
}

choose_net() {
  local third
  if [ -n "${NET:-}" ]; then
    is_free "$NET" || die "addresses $NET.* are in use here; set another NET, or none"
    echo "$NET"
    return
  fi
  for third in $(seq 250); do
    if is_free "10.213.$third"; then
      echo "10.213.$third"
      return
    fi
  done
  die "none of 10.213.1 to 10.213.250 is free; set NET, or end labs: $(ls -d "$labs"/logroute-swarm-*)"
}

lay_switch() {
  ip netns add "$switch"
  ip -n "$switch" link set lo up
  ip -n "$switch" link add br0 type bridge
  ip -n "$switch" link set br0 up
  # The machine is on it, too, so that tests reach nodes and nodes reach servers of tests.
  ip link add "$cable" type veth peer name host netns "$switch"
  ip -n "$switch" link set host master br0 up
  if [ -w "/proc/sys/net/ipv6/conf/$cable/disable_ipv6" ]; then
    echo 1 > "/proc/sys/net/ipv6/conf/$cable/disable_ipv6"
  fi
  ip addr add "$(net).1/24" dev "$cable"
  ip link set "$cable" up
}

lay_cable() {
  local of=$lab-n$1
  ip netns add "$of"
  ip -n "$of" link set lo up
  ip link add eth0 netns "$of" type veth peer name "n$1" netns "$switch"
  ip -n "$switch" link set "n$1" master br0 up
  ip -n "$of" addr add "$(address "$1")/24" dev eth0
  ip -n "$of" link set eth0 up
}

# ---- Nodes

socket() { echo "$home/n$1/docker.sock"; }

# A daemon that hangs ends nobody's patience.
d() {
  local node=$1
  shift
  has_node "$node"
  timeout --foreground "${LIMIT:-300}" docker -H "unix://$(socket "$node")" "$@"
}

has_node() {
  [[ ${1:-} =~ ^[1-9]$ ]] && [ -d "$home/n$1" ] || die "lab $lab has no node \"${1:-}\"; it has: $(nodes | tr '\n' ' ')"
}

nodes() { find "$home" -mindepth 1 -maxdepth 1 -type d -name 'n[1-9]' 2> /dev/null | sed 's/.*n//' | sort; }

# The first process of the node: whoever ends it ends them all.
first_process() {
  local launcher
  launcher=$(cat "$home/n$1/launcher" 2> /dev/null) || return 1
  pgrep -o -P "$launcher"
}

runs() {
  local launcher
  launcher=$(cat "$home/n$1/launcher" 2> /dev/null) && [ -e "/proc/$launcher" ]
}

# A node outlives its caller, whose locks and pipes are none of its business.
close_inherited() {
  local file
  for file in "/proc/$BASHPID/fd"/*; do
    [ "${file##*/}" -le 2 ] || eval "exec ${file##*/}>&-"
  done
}

launch() {
  local node=$1 folder=$home/n$1 of=$lab-n$1
  ! runs "$node" || die "node $node runs already"
  mkdir -p "$folder/data" "$folder/etc" "$folder/cgroup"
  [ -e "/run/netns/$of" ] || lay_cable "$node"
  echo '{}' > "$folder/daemon.json"
  rm -f "$(socket "$node")"
  # nsenter, not ip netns exec, which hides the cgroups. /run is the node's own and empty at each start: a pid file that a
  # killed daemon left would keep it from starting.
  (
    close_inherited
    FOLDER=$folder NODE=$node LAB=$lab exec setsid nsenter --net="/run/netns/$of" \
      unshare --mount --pid --uts --ipc --fork --kill-child --propagation private bash -euc '
      echo "n$NODE" > /proc/sys/kernel/hostname
      mount -t proc proc /proc
      mount --rbind /sys/fs/cgroup "$FOLDER/cgroup"
      mount -t sysfs sysfs /sys
      mount --rbind "$FOLDER/cgroup" /sys/fs/cgroup
      umount -l "$FOLDER/cgroup"
      mount -t tmpfs tmpfs /run
      mkdir -p /run/lock /etc/docker
      mount --bind "$FOLDER/etc" /etc/docker
      exec tini-static -- dockerd --config-file "$FOLDER/daemon.json" --data-root "$FOLDER/data" --exec-root /run/docker \
        -H "unix://$FOLDER/docker.sock" -H unix:///run/docker.sock -p /run/docker.pid --cgroup-parent "/$LAB/n$NODE" \
        --exec-opt native.cgroupdriver=cgroupfs --storage-driver overlay2'
  ) >> "$folder/log" 2>&1 < /dev/null &
  echo $! > "$folder/launcher"
}

answers() { LIMIT=20 d "$1" version --format '{{.Server.Version}}'; }

await_node() {
  within 240 answers "$1" && return
  tail -n 5 "$home/n$1/log" >&2
  die "node $1 does not answer after 240 s; its last lines stand above, all of them in $home/n$1/log"
}

# end NODE SIGNAL
end() {
  local launcher first
  rm -f "$(socket "$1")"
  launcher=$(cat "$home/n$1/launcher" 2> /dev/null) || return 0
  first=$(first_process "$1") || first=
  [ -z "$first" ] || kill "-$2" "$first" 2> /dev/null || true
  if ! within 90 gone "$launcher"; then
    [ -z "$first" ] || kill -KILL "$first" 2> /dev/null || true
    kill -KILL "$launcher" 2> /dev/null || true
    within 60 gone "$launcher" || die "node $1 does not end: process $launcher"
  fi
  rm -f "$home/n$1/launcher"
}

# Containers of it are gone with its processes, and so is what was mounted.
burn() {
  end "$1" KILL
  rm -rf "$home/n$1/data" "$home/n$1/etc"
}

# ---- Labs

up() {
  local count=$1 managers=${2:-} node
  [[ $count =~ ^[1-9]$ ]] || die "up takes a number of nodes from 1 to 9, not \"$count\""
  [[ $managers =~ ^[1-9]?$ ]] && [ "${managers:-1}" -le "$count" ] || die "managers are 1 to $count, not \"$managers\""
  check 2> /dev/null || { check || exit 1; }
  exec 9> "$labs/logroute-swarm.lock"
  flock -w 240 9 || die "another lab holds $labs/logroute-swarm.lock for 4 minutes; look what it waits for"
  sweep
  [ ! -e "$home" ] || die "lab $lab is up already; end it with: LAB=$lab swarm.sh down"
  local chosen
  chosen=$(choose_net)
  mkdir -p "$home"
  echo "$chosen" > "$home/net"
  [ -z "${OWNER:-}" ] || started "$OWNER" > "$home/owner"
  lay_switch
  flock -u 9
  for node in $(seq "$count"); do launch "$node"; done
  for node in $(seq "$count"); do await_node "$node"; done
  [ -z "$managers" ] || swarm "$managers"
}

# Names a process so that a later one of the same number is not taken for it.
started() { echo "$1 $(cut -d' ' -f22 "/proc/$1/stat" 2> /dev/null || echo none)"; }

# Takes down the labs whose owner ended without doing so.
sweep() {
  local owner folder process
  for owner in "$labs"/logroute-swarm-*/owner; do
    [ -e "$owner" ] || continue
    read -r process _ < "$owner"
    [ "$(started "$process")" != "$(cat "$owner")" ] || continue
    folder=${owner%/owner}
    echo "taking down lab ${folder##*-}: process $process, which it belonged to, is gone" >&2
    LAB=${folder##*-} "$0" down 9>&- || true
  done
}

swarm() {
  local managers=$1 count node token_of
  count=$(nodes | wc -l)
  [[ $managers =~ ^[1-9]$ ]] && [ "$managers" -le "$count" ] || die "managers are 1 to $count, not \"$managers\""
  d 1 swarm init --advertise-addr "$(address 1)" --listen-addr "$(address 1):2377" > /dev/null
  for node in $(seq 2 "$count"); do
    token_of=worker
    [ "$node" -gt "$managers" ] || token_of=manager
    join "$node" 1 $token_of
  done
  within 240 all_ready "$count" || die "after 240 s not every node is ready: $(d 1 node ls)"
}

# join NODE MANAGER ROLE
join() {
  [[ $3 =~ ^(manager|worker)$ ]] || die "a node joins as manager or worker, not as \"$3\""
  d "$1" swarm join --advertise-addr "$(address "$1")" --listen-addr "$(address "$1"):2377" \
    --token "$(d "$2" swarm join-token -q "$3")" "$(address "$2"):2377" > /dev/null
}

all_ready() { [ "$(d 1 node ls --format '{{.Status}}' | grep -c Ready)" = "$1" ]; }

show() {
  local node
  for node in $(nodes); do
    printf 'n%s  %s  unix://%s  %s\n' "$node" "$(address "$node")" "$(socket "$node")" "$(runs "$node" && echo up || echo down)"
  done
}

down() {
  local node ns try
  for node in $(nodes); do
    (end "$node" KILL) &
  done
  wait
  for ns in $(ip netns list | awk '{ print $1 }' | grep -E "^$lab-(sw|n[1-9])\$" || true); do ip netns del "$ns"; done
  ip link del "$cable" 2> /dev/null || true
  for try in $(seq 100); do
    [ -n "$(cgroups)" ] || break
    [ "$try" = 1 ] || sleep 0.1
    cgroups | while read -r group; do find "$group" -depth -type d -exec rmdir {} + 2> /dev/null || true; done
  done
  rm -rf "$home"
}

cgroups() { ls -d /sys/fs/cgroup/*/"$lab" /sys/fs/cgroup/"$lab" 2> /dev/null || true; }

leak() {
  local taken
  taken=$(cat "$home/net" 2> /dev/null || true)
  {
    # Not this script and what it runs, which have the name in their environment only.
    ps -eo pid,args | grep -F "$home/" | grep -vF -e 'grep -' || true
    grep -F "$home/" /proc/mounts || true
    ip netns list | grep -E "^$lab-(sw|n[1-9])( |\$)" || true
    ip -br link | grep -E "^$lab-" || true
    [ -z "$taken" ] || ip -br addr | grep -F " $taken." || true
    cgroups
    ls -d "$home" 2> /dev/null || true
  }
}

# ---- The verbs

needs_node() {
  [ -e "$home/net" ] || die "there is no lab $lab; begin with: swarm.sh up 1 1"
  has_node "${1:-}"
}

verb=${1:-help}
[ $# -eq 0 ] || shift
# Each on a line of its own: behind "&&" a function would go on after what fails in it.
case $verb in
  install) install ;;
  check) check ;;
  up)
    up "${1:-1}" "${2:-}"
    show
    ;;
  swarm)
    needs_node 1
    swarm "${1:-1}"
    ;;
  d)
    needs_node "${1:-}"
    d "$@"
    ;;
  load)
    needs_node "${1:-}"
    [ -f "${2:-}" ] || die "load I TAR: there is no file \"${2:-}\""
    d "$1" load -q -i "$2"
    ;;
  start)
    needs_node "${1:-}"
    launch "$1"
    await_node "$1"
    ;;
  kill)
    needs_node "${1:-}"
    end "$1" KILL
    ;;
  burn)
    needs_node "${1:-}"
    burn "$1"
    ;;
  join)
    needs_node "${1:-}"
    has_node "${2:-}"
    join "$1" "$2" "${3:-manager}"
    ;;
  stop)
    needs_node "${1:-}"
    end "$1" TERM
    ;;
  cut)
    needs_node "${1:-}"
    ip -n "$switch" link set "n$1" down
    ;;
  heal)
    needs_node "${1:-}"
    ip -n "$switch" link set "n$1" up
    ;;
  show)
    needs_node 1
    show
    ;;
  down) down ;;
  leak) leak ;;
  help | -h | --help) sed -n '2,/^set -/{/^set -/d;s/^# \{0,1\}//;p;}' "$0" ;;
  *) die "unknown verb $verb; swarm.sh help lists them" ;;
esac
