#!/usr/bin/env bash
#
# Runs a real Apache Kafka for the tests: one or three KRaft nodes on the loopback interface, no Docker.
#
#   broker.sh start DIR JARS PORT [NODES]   start NODES nodes (1) with their files in DIR and print the bootstrap servers
#   broker.sh hold  DIR JARS PORT [NODES]   the same, then wait until standard input closes, end them and remove DIR
#   broker.sh stop  DIR                     stop all nodes in good order
#   broker.sh kill    DIR NODE              end one node at once (SIGKILL)
#   broker.sh restart DIR NODE              start a node again on the data it has
#
# JARS is a cache directory; Kafka's jars (about 45 MB) are fetched into it by Maven when it does not exist. Node N
# listens for clients on PORT + 2 (N - 1) and for controllers on the port above.
#
# Needs: bash, a JDK or JRE 17 or newer, and Maven for the first run.

set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)

fail() {
  printf 'broker.sh: %s\n' "$*" >&2
  exit 1
}

usage() {
  sed -n '3,14s/^# \{0,1\}//p' "${BASH_SOURCE[0]}" >&2
  exit 2
}

need() { # COMMAND PACKAGE
  command -v "$1" >/dev/null || fail "$1 is not installed; on Debian or Ubuntu: apt-get install $2"
}

fetch_jars() {
  [[ -d $jars ]] && return
  need mvn maven
  mkdir -p "$(dirname "$jars")"
  # Fetched beside and moved in one step: two test runs may start at the same time, and a broken fetch leaves nothing.
  local fetched
  fetched=$(mktemp -d "$jars.XXXXXX")
  mvn --quiet --batch-mode --file "$here/broker.xml" dependency:copy-dependencies \
    -DincludeScope=runtime -DoutputDirectory="$fetched" >&2 ||
    { rm -rf "$fetched"; fail "Maven could not fetch Kafka's jars, see above"; }
  mv -T "$fetched" "$jars" 2>/dev/null || rm -rf "$fetched"
}

client_port() { # NODE
  echo $((port + 2 * ($1 - 1)))
}

bootstrap_servers() {
  local n all=()
  for n in $(seq "$nodes"); do all+=("127.0.0.1:$(client_port "$n")"); done
  (IFS=, && echo "${all[*]}")
}

write_properties() { # NODE
  local p voters='' n replicas=$nodes in_sync=$((nodes > 1 ? 2 : 1))
  p=$(client_port "$1")
  for n in $(seq "$nodes"); do voters+="${voters:+,}$n@127.0.0.1:$(($(client_port "$n") + 1))"; done
  cat >"$dir/$1.properties" <<PROPERTIES
node.id=$1
process.roles=broker,controller
listeners=CLIENT://127.0.0.1:$p,CONTROL://127.0.0.1:$((p + 1))
advertised.listeners=CLIENT://127.0.0.1:$p
inter.broker.listener.name=CLIENT
controller.listener.names=CONTROL
listener.security.protocol.map=CLIENT:PLAINTEXT,CONTROL:PLAINTEXT
controller.quorum.voters=$voters
log.dirs=$dir/data-$1
# A topic with the wrong settings must not appear because somebody asked for it.
auto.create.topics.enable=false
default.replication.factor=$replicas
min.insync.replicas=$in_sync
offsets.topic.replication.factor=$replicas
offsets.topic.num.partitions=3
transaction.state.log.replication.factor=$replicas
transaction.state.log.min.isr=$in_sync
transaction.state.log.num.partitions=3
share.coordinator.state.topic.replication.factor=$replicas
share.coordinator.state.topic.min.isr=$in_sync
# A node that was killed comes back as soon as the cluster has missed it.
broker.session.timeout.ms=3000
broker.heartbeat.interval.ms=500
# Tests do not wait for members that might still join.
group.initial.rebalance.delay.ms=0
group.min.session.timeout.ms=1000
# Records over a megabyte are part of the tests.
replica.fetch.max.bytes=67108864
PROPERTIES
}

launch() { # NODE
  need java default-jre-headless
  # Out of the terminal's process group: an interrupt is the tests' to handle.
  setsid java -Xms128m -Xmx512m -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -cp "$(cat "$dir/jars")/*" \
    kafka.Kafka "$dir/$1.properties" </dev/null >>"$dir/$1.log" 2>&1 &
  echo $! >"$dir/$1.pid"
  # Its end is no news.
  disown
}

await() { # NODE
  local p pid
  p=$(sed -n 's/^advertised.listeners=.*:\([0-9]*\)$/\1/p' "$dir/$1.properties")
  pid=$(cat "$dir/$1.pid")
  for _ in $(seq 300); do
    if (: <"/dev/tcp/127.0.0.1/$p") 2>/dev/null; then return; fi
    kill -0 "$pid" 2>/dev/null || break
    sleep 0.2
  done
  tail -n 20 "$dir/$1.log" >&2
  fail "node $1 did not come up on port $p; the end of $dir/$1.log is above"
}

start() {
  need java default-jre-headless
  fetch_jars
  mkdir -p "$dir"
  dir=$(cd "$dir" && pwd)
  (cd "$jars" && pwd) >"$dir/jars"
  local n cluster
  cluster=$(head -c 16 /dev/urandom | base64 | tr '+/' 'AB' | cut -c1-22)
  for n in $(seq "$nodes"); do
    write_properties "$n"
    java -Xmx128m -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -cp "$jars/*" kafka.tools.StorageTool format \
      --cluster-id "$cluster" --config "$dir/$n.properties" --ignore-formatted >>"$dir/$n.log" 2>&1 ||
      { tail -n 20 "$dir/$n.log" >&2; fail "cannot format the data of node $n"; }
    launch "$n"
  done
  for n in $(seq "$nodes"); do await "$n"; done
  bootstrap_servers
}

gone() { # PID: waits up to ten seconds
  for _ in $(seq 200); do kill -0 "$1" 2>/dev/null || return 0; sleep 0.05; done
  return 1
}

stop() {
  local file pid
  shopt -s nullglob
  for file in "$dir"/*.pid; do kill "$(cat "$file")" 2>/dev/null || true; done
  for file in "$dir"/*.pid; do
    pid=$(cat "$file")
    # A node that has lost its quorum waits for it for ever.
    gone "$pid" || kill -9 "$pid" 2>/dev/null || true
    rm -f "$file"
  done
}

discard() {
  local file
  shopt -s nullglob
  for file in "$dir"/*.pid; do kill -9 "$(cat "$file")" 2>/dev/null || true; done
  rm -rf "$dir"
}

[[ $# -ge 2 ]] || usage
verb=$1 dir=$2
case $verb in
start | hold)
  [[ $# -ge 4 ]] || usage
  jars=$3 port=$4 nodes=${5:-1}
  ;;
kill | restart) [[ $# -eq 3 ]] || usage ;;
esac

case $verb in
start) start ;;
hold)
  # An interrupt reaches the tests too; they close the pipe when they end, however they end.
  trap '' INT
  trap discard EXIT
  start
  exec >/dev/null
  cat >/dev/null
  ;;
stop) stop ;;
kill) kill -9 "$(cat "$dir/$3.pid")" && gone "$(cat "$dir/$3.pid")" ;;
restart) launch "$3" && await "$3" ;;
*) usage ;;
esac
