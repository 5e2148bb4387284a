# One text under two labels, which bash has as $0; archive.sh stands before it.
#
# try NAME ARCHIVE SINCE HESTIA_CONF STATE: sets a restore of the archive going and ends at once; 4 where one of that
# name was set going before. SINCE says of which wish it is. It goes on by itself, whoever listens, and leaves what it
# found in STATE/hdk-trial.NAME/found, which only root can read: `ok=PART COUNT NAME` and `bad=PART NAME` as PROOF; `fault=PART NAME WHY` where the node failed and
# not the archive; `box=COUNT DOMAIN`, torn=1; end=1 comes last.
#
# end-trial NAME STATE: ends what goes on under that name, waits until it has, and leaves nothing of it. 1 where it does
# not end.
#
# What an archive holds is its customer's word, and a dump is a program: databases are made to run what it says, and so
# are their clients. So each part is opened in a sandbox of its own (`inside`): a user that systemd makes up and nobody
# gets after it, without network, homes or the node's databases, with servers of its own for dumps, and nothing that it
# could write to but a /tmp that goes with it. Root takes a part out of the archive, decompresses it and hands it on.

number() { case $1 in '' | *[!0-9]*) echo 0 ;; *) echo "$1" ;; esac; }

# ---- inside the sandbox: what comes on stdin is opened; one line says what came of it

# ok COUNT, bad, or fault WHY.
inside() {
  set -o pipefail
  umask 077
  [ -z "$(find /run -type s -print -quit 2>/dev/null)" ] || { echo "fault it would see the node's own sockets"; return; }
  w=$(mktemp -d /var/tmp/hdk-trial.XXXXXX) || { echo "fault no folder can be made for it"; return; }
  "$1"
  rm -rf "$w"
}

# The first, or the last, that a program had to say.
first() { head -n 1 "$w/$1" | cut -c 1-160; }
last() { tail -n 1 "$w/$1" | cut -c 1-160; }

# Why a server did not come up: the last that initdb has to say is that it tidies up.
why() { grep -m 1 -iE 'error|fatal|could not|denied' "$w/log" | cut -c 1-160 | grep . || last log; }

unpack() {
  local count
  mkdir "$w/d"
  if count=$(tar -xvf - -C "$w/d" 2>"$w/err" | wc -l); then echo "ok $count"; else echo "fault $(first err)"; fi
  chmod -R u+rwX "$w/d"
}

# Whether a tar, or a dump, can be read to its end at all.
whole_tar() { if tar -tf - >/dev/null 2>&1; then echo ok 0; else echo bad; fi; }
whole_dump() { if read_dump >/dev/null && says_complete; then echo ok 0; else echo bad; fi; }

# Hands a dump on, and leaves in `said` whether it says that it is complete, and the line at which it first makes
# something: what pg_dump -c has before it takes away what is not there yet.
read_dump() {
  awk -v said="$w/said" '{ print }
    !c && /^(CREATE |INSERT INTO )/ && !/^CREATE OR REPLACE VIEW / { c = NR }
    /^-- (Dump completed|PostgreSQL database dump complete)/ { d = NR }
    END { printf "%d %d\n", d && NR - d < 5, c > said }'
}

says_complete() { [ "$(cut -d ' ' -f 1 "$w/said" 2>/dev/null)" = 1 ]; }

# Waits until a server answers, and says why it does not.
await() {
  local tries=0
  until "$@" >/dev/null 2>"$w/err"; do
    if ! kill -0 "$server" 2>/dev/null || [ $((tries += 1)) -gt 600 ]; then echo "fault $(why)"; return 1; fi
    sleep 0.2
  done
}

in_mysql() { "$client" --no-defaults -S "$w/s" -u root -N "$@"; }

load_mysql() {
  local program client server
  program=$(command -v mariadbd || command -v mysqld) || { echo "fault there is no MariaDB or MySQL server"; return; }
  client=$(command -v mariadb || command -v mysql) || { echo "fault there is no client for it"; return; }
  case $program in
  *mariadbd) set -- mariadb-install-db --auth-root-authentication-method=normal --skip-test-db ;;
  *) set -- mysqld --initialize-insecure ;;
  esac
  "$1" --no-defaults --datadir="$w/data" "${@:2}" >"$w/log" 2>&1 || { echo "fault $(why)"; return; }
  "$program" --no-defaults --datadir="$w/data" --socket="$w/s" --pid-file="$w/pid" --skip-networking --skip-log-bin \
    --event-scheduler=OFF --innodb-use-native-aio=0 --innodb-flush-log-at-trx-commit=0 --max-allowed-packet=1G \
    >"$w/log" 2>&1 </dev/null &
  server=$!
  if await in_mysql -e "CREATE DATABASE \`$HDK_NAME\` CHARACTER SET utf8mb4"; then
    read_dump | in_mysql --max-allowed-packet=1G "$HDK_NAME" >/dev/null 2>"$w/err"
    judge $? mysql_complaints "SELECT COUNT(*) FROM information_schema.tables WHERE table_schema = '$HDK_NAME'"
  fi
  kill -KILL "$server"
}

# What a server has said against a dump: `server` and a message where the trouble is its own, as where a view looks at
# another database, which is not here, or rows are wider than a strict server takes; else `dump`.
mysql_complaints() {
  awk -v own="'$HDK_NAME." '/^ERROR [0-9]+ /{
    if ($2 ~ /^(3|28|1021|1030|1041|1114|1118|1126|1127|1153|1205|1286|2...)$/) print "server", substr($0, 1, 160)
    else if ($2 == 1049 || ($2 == 1146 && !index($0, own))) print "server", substr($0, 1, 160)
    else if ($2 == 1305 && !index($0, " " substr(own, 2))) print "server", substr($0, 1, 160)
    else print "dump" }' "$w/err"
}

in_pgsql() { "$at/psql" -qXAt -v VERBOSITY=verbose -h "$w" -U postgres "$@"; }

load_pgsql() {
  local at server head line major code=UTF8 ctype=
  # A database has the characters that its dump says it is in, and the version where that stands here.
  while [ "${#head}" -lt 4096 ] && IFS= read -r line; do
    head+=$line$'\n'
    case $line in
    "-- Dumped from database version "*) major=${line#*version } major=${major%%[!0-9]*} ;;
    "SET client_encoding = '"*) code=${line#*\'} code=${code%%\'*} && break ;;
    esac
  done
  [ "$code" = UTF8 ] || ctype="LC_CTYPE 'C'"
  at=/usr/lib/postgresql/$major/bin/postgres
  [ -n "$major" ] && [ -x "$at" ] || at=$(ls /usr/lib/postgresql/*/bin/postgres 2>/dev/null | sort -V | tail -n 1)
  at=${at%/postgres}
  [ -n "$at" ] || { echo "fault there is no PostgreSQL server"; return; }
  "$at/initdb" -D "$w/data" -U postgres -A trust --locale=C --lc-ctype=C.UTF-8 --no-sync >"$w/log" 2>&1 ||
    { echo "fault $(why)"; return; }
  "$at/postgres" -D "$w/data" -k "$w" -c listen_addresses= -c fsync=off -c full_page_writes=off -c max_connections=10 \
    >"$w/log" 2>&1 </dev/null &
  server=$!
  if await in_pgsql -d postgres -c 'SELECT 1' && await in_pgsql -d postgres \
    -c "CREATE DATABASE \"$HDK_NAME\" TEMPLATE template0 ENCODING '$code' $ctype"; then
    { printf %s "$head" && cat; } | read_dump | in_pgsql -d "$HDK_NAME" -f - >/dev/null 2>"$w/err"
    judge $? pgsql_complaints \
      "SELECT COUNT(*) FROM information_schema.tables WHERE table_schema NOT IN ('pg_catalog', 'information_schema')"
  fi
  kill -KILL "$server"
}

# psql goes on after each complaint, and names the code of each. What stands already is none, nor is anything about what
# a dump of pg_dump -c takes away first, nor a role, which no dump of one database has in it.
pgsql_complaints() {
  awk -v from="$(cut -d ' ' -f 2 "$w/said" 2>/dev/null)" '
    match($0, /^psql:[^:]*:[0-9]+: (ERROR|FATAL|PANIC):  [0-9A-Z][0-9A-Z][0-9A-Z][0-9A-Z][0-9A-Z]: /) {
      split($0, place, ":")
      code = substr($0, RSTART + RLENGTH - 7, 5)
      if (code == "42P06" || code == "42710" || place[3] < from || (code == "42704" && /: role "/)) next
      if (code ~ /^(08|0A|25006|53|57|58)/) print "server", substr($0, RSTART + RLENGTH - 7, 160)
      else print "dump" }' "$w/err"
}

# judge EXIT COMPLAINTS COUNT: what came of a dump that has been handed to a server; COUNT is asked for its tables.
judge() {
  local why
  why=$("$2" | awk '$1 == "server" { sub(/^server /, ""); print; exit }')
  if [ -n "$why" ]; then
    echo "fault $why"
  elif [ -n "$("$2" | head -n 1)" ] || ! says_complete; then
    echo bad
  elif [ "$1" != 0 ]; then
    echo "fault $(last err)"
  elif [ "$2" = mysql_complaints ]; then
    echo "ok $(number "$(in_mysql -e "$3" 2>/dev/null | head -c 20)")"
  else
    echo "ok $(number "$(in_pgsql -d "$HDK_NAME" -c "$3" 2>/dev/null | head -c 20)")"
  fi
}

# ---- outside, as root

sandboxed() {
  local watch unit=hdk-trial-$n.p$RANDOM hide=TemporaryFileSystem=/run:ro
  # systemd 249 leaves /run as it is beside the other walls; from 252 on it can't start what must not enter it.
  [ "$(number "$(systemctl --version | sed -n '1s/^systemd \([0-9]*\).*/\1/p')")" -ge 250 ] || hide=InaccessiblePaths=/run
  watch_room "$unit" 7<&- 8>&- &
  watch=$!
  systemd-run --quiet --pipe --wait --collect --unit="$unit" --setenv=HDK_NAME="$2" \
    -p DynamicUser=yes -p PrivateNetwork=yes -p ProtectSystem=strict -p ProtectHome=yes -p PrivateTmp=yes \
    -p PrivateDevices=yes -p NoNewPrivileges=yes -p CapabilityBoundingSet= -p RestrictSUIDSGID=yes \
    -p RestrictNamespaces=yes -p LockPersonality=yes -p ProtectKernelTunables=yes -p ProtectKernelModules=yes \
    -p ProtectControlGroups=yes -p SystemCallFilter=@system-service -p SystemCallErrorNumber=EPERM \
    -p SystemCallArchitectures=native -p RestrictAddressFamilies="AF_UNIX AF_INET AF_INET6" \
    -p BindReadOnlyPaths="$h/passwd:/etc/passwd" -p "$hide" \
    -p MemoryMax=2G -p MemorySwapMax=0 -p OOMScoreAdjust=1000 -p TasksMax=100 -p RuntimeMaxSec=6h \
    -p KillSignal=SIGKILL -p TimeoutStopSec=5 -p LimitCORE=1 -p Nice=19 -p IOSchedulingClass=idle -p CPUWeight=20 \
    /bin/bash --noprofile --norc "$h/inside" "$1" 2>"$h/err" 7<&- 8>&- | head -c 300 | head -n 1 | tr -cd '[:print:]'
  kill "$watch"
  wait "$watch"
}

# The blocks and the inodes that are free where a sandbox may write.
free() { stat -f -c '%a %d' /var/tmp /tmp 2>/dev/null; }

# Ends a sandbox that leaves less than half of what there was; none is made after that.
watch_room() {
  local was now i
  was=($(free))
  while sleep 0.2; do
    now=($(free))
    for i in "${!was[@]}"; do
      [ "$((${now[i]:-${was[i]}} * 2))" -lt "${was[i]}" ] || continue
      : >"$h/full"
      systemctl stop "$1.service"
    done
  done
}

part() {
  take "$f" "$m" | $nice $unzip 2>/dev/null
  echo $? >"$h/part"
}

# opened HOW NAME: what the sandbox says of a part, or what must be said of what root has handed to it.
opened() {
  local said
  rm -f "$h/part"
  said=$(part | sandboxed "$1" "$2")
  case $said,$(cat "$h/part" 2>/dev/null) in
  *, | *,137 | *,143) echo "fault the node ended what takes it out of the archive" ;;
  "ok "*,0 | bad,* | fault*) echo "$said" ;;
  "ok "*) echo bad ;;
  esac
}

# What could not be written down must not be missed in the archive.
say() { printf "$@" || lost=1; }

# try_part PART NAME OPENS READS: opened by the one text; where that says nothing of the part itself, read by the other.
try_part() {
  local said
  [ ! -e "$h/full" ] || { say 'fault=%s %s not tried: another took too much room\n' "$1" "$2"; return; }
  said=$(opened "$3" "$2")
  case $said in
  "ok "*) [ "$1" = udir ] || say 'ok=%s %s %s\n' "$1" "$(number "${said#ok }")" "$2"; return ;;
  bad) say 'bad=%s %s\n' "$1" "$2"; return ;;
  esac
  said=${said#fault }
  [ -n "$said" ] || said=$(tail -n 1 "$h/err" | cut -c 1-160)
  [ -e "$h/full" ] && said="it takes more than half of what is free"
  case $(opened "$4" "$2") in
  bad) say 'bad=%s %s\n' "$1" "$2" ;;
  *) say 'fault=%s %s %s\n' "$1" "$2" "${said:-its sandbox was ended, for time or memory}" ;;
  esac
}

go() {
  local m kind name parts unzip lost=
  parts=$(list_parts "$f")
  case $? in
  0) ;;
  3) say 'fault=web - it has over a thousand parts\n' && parts= ;;
  137) say 'fault=web - an hour was not enough to list it\n' && parts= ;;
  *) say 'torn=1\n' && parts= ;;
  esac
  while IFS= read -r m; do
    kind=${m#./} kind=${kind%%/*} name=${m#./*/} name=${name%%/*}
    [ "$SECONDS" -lt 43200 ] || { say 'fault=%s %s twelve hours were not enough\n' "$kind" "$name"; continue; }
    case $m in *.zst) unzip="zstd -dcq" ;; *) unzip="gzip -dcq" ;; esac
    case $m in
    ./mail/*/hestia/"$name.conf")
      say 'box=%s %s\n' "$(boxes "$f" "$m")" "$name" ;;
    *.zst | *.gz)
      if ! command -v "${unzip%% *}" >/dev/null; then
        say 'fault=%s %s no %s here\n' "$kind" "$name" "${unzip%% *}"
        continue
      fi
      case $m in
      ./web/*/domain_data.tar.* | ./mail/*/accounts.tar.*) try_part "$kind" "$name" unpack whole_tar ;;
      ./user_dir/*.tar.*) try_part udir "${name%.tar.*}" unpack whole_tar ;;
      ./db/*/*.mysql.sql.*) try_part db "$name" load_mysql whole_dump ;;
      ./db/*/*.pgsql.sql.*) try_part db "$name" load_pgsql whole_dump ;;
      esac ;;
    esac
  done < <(printf '%s\n' "$parts")
  [ -z "$lost" ] && echo end=1
}

run() {
  # The archive as it was when this began: the node's own rounds may take its name away.
  n=$1 h=$2 nice=$3 f=/proc/$$/fd/7
  set -o pipefail
  ulimit -v 1500000
  echo $$ >"$h/pid"
  go >"$h/lines" 2>/dev/null </dev/null && mv "$h/lines" "$h/found"
}

nice="nice -n 19"
command -v ionice >/dev/null && nice="$nice ionice -c 3"
n=$1
case $0 in
try)
  c=$4 h=$5/hdk-trial.$1
  b=$(sed -n "s/^BACKUP='\(.*\)'$/\1/p" "$c")
  umask 077
  exec 7<"${b:-/backup}/$2" || exit 1
  mkdir "$h" || exit 4
  exec 8>"$h/lock"
  flock -n 8 || exit 4
  printf '%s %s\n' "$3" "$2" >"$h/of" || exit 1
  printf '%s\nexec 2>/dev/null\ninside "$1"\n' "$(declare -f)" >"$h/inside" || exit 1
  # Programs look up who they run as, and whom systemd makes up is in no list: this one has all that it may take.
  seq 61184 65519 | sed 's,.*,u&:x:&:&::/:/bin/false,' >"$h/passwd" || exit 1
  chmod 711 "$h" && chmod 644 "$h/inside" "$h/passwd" || exit 1
  setsid /bin/bash --noprofile --norc -c "$(declare -f); run \"\$@\"" hdk-trial "$n" "$h" "$nice" \
    </dev/null >/dev/null 2>&1 &
  ;;
end-trial)
  h=$2/hdk-trial.$1
  p=$(cat "$h/pid" 2>/dev/null)
  case $(tr '\0' ' ' <"/proc/${p:-none}/cmdline" 2>/dev/null) in *" hdk-trial $n "*) kill -KILL -- "-$p" ;; esac
  systemctl stop "hdk-trial-$n.p*" || exit 1
  [ ! -d "$h" ] || flock -w 20 "$h/lock" true || exit 1
  rm -rf -- "$h"
  [ ! -e "$h" ] || exit 1
  ;;
esac
exit 0
