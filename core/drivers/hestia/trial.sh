# One text under two labels, which bash has as $0.
#
# try USER ARCHIVE HESTIA_CONF DATA_USERS HOMES [NAME DATABASE PASSWORD_FILE]...: sets a restore into a scratch account
# going and ends at once; 4 where one was set going before. It goes on by itself, whoever listens, and leaves what it
# found in DATA_USERS/USER/hdk-trial/found, which only root can read and which goes with the account:
# `ok=PART COUNT NAME` and `bad=PART NAME` as PROOF; `skip=db NAME WHY` where only the server's administrator could load
# a dump; `fault=PART NAME WHY` where the node failed and not the archive; `box=COUNT DOMAIN`, torn=1; end=1 comes last.
#
# end-trial USER HESTIA_CONF DATA_USERS HOMES: ends what goes on for the account, on the node and in its databases, and
# waits until it has: what still wrote would leave files under a number that the next customer may get. 1 where it does
# not end.
#
# What an archive holds is never unpacked by root, nor loaded by a server's administrator. The folders that parts are
# unpacked in lie below one of root's: in the account's own home its user could put a link in their place.

# A field of one of Hestia's lines.
of() { local l=" $2" v; v=${l#*" $1='"}; [ "$v" = "$l" ] && v='' || v=${v%%"'"*}; printf %s "$v"; }

# One program as the account's user, which can begin no other: a dump may ask its client to (`\!`), and what is left
# of that, a file that gives its owner's rights above all, would be the next customer's who gets the account's number.
as() { $nice runuser -u "$u" -- setpriv --no-new-privs prlimit --nproc=1:1 -- "$@" 7<&- 8>&-; }

number() { case $1 in '' | *[!0-9]*) echo 0 ;; *) echo "$1" ;; esac; }

free() { number "$(df -Pk "$1" 2>/dev/null | awk 'NR == 2 { print $4 }')"; }

# Bytes of a tar that may be unpacked: a small file takes eight times its room there, and each one an inode.
room() {
  local bytes inodes
  bytes=$(($(free "$1") * 128)) inodes=$(($(number "$(df -Pi "$1" 2>/dev/null | awk 'NR == 2 { print $4 }')") * 256))
  [ "$inodes" -gt 0 ] && [ "$inodes" -lt "$bytes" ] && bytes=$inodes
  echo "$bytes"
}

part() { $nice tar -xOf "$f" "$m" 2>/dev/null | $nice $unzip 2>/dev/null; }

# Of what a program has to say no more than so many bytes: how much that is, an archive decides.
keep() { head -c "$1" >"$t/err"; cat >/dev/null; }

# The first that it had to say.
said() { head -n 1 "$t/err" | tr -cd '[:print:]' | cut -c 1-160; }

# Where a database of the account's is, and how it is come by; 1 where the account has none of that name.
reach() {
  local line
  new=$1 line=$(grep "^DB='$1' " "$d/db.conf") || return 1
  engine=$(of TYPE "$line") host=$(of HOST "$line") user=$(of DBUSER "$line")
  at=$(grep "HOST='$host'" "$conf/$engine.conf" | head -n 1)
  port=$(of PORT "$at") client=mysql
  command -v mariadb >/dev/null && client=mariadb
}

# One statement there as its own user, or what comes on stdin; of that psql names the line only where it is told to
# read a file.
sql() {
  local password
  password=$(cat "$t/password.$new")
  if [ "$engine" = mysql ]; then
    MYSQL_PWD=$password as "$client" -h "$host" -P "${port:-3306}" -u "$user" -N "$new" ${1:+-e "$1"}
  else
    local how=-f
    [ -n "${1-}" ] && how=-c
    PGPASSWORD=$password as psql -qXAt -v VERBOSITY=verbose -h "$host" -p "${port:-5432}" -U "$user" \
      "$how" "${1:--}" "$new"
  fi
}

# One statement as the administrator of the server, which nothing of an archive's can keep out; or what comes on stdin.
admin() {
  local who word
  who=$(of USER "$at") word=$(of PASSWORD "$at")
  if [ "$engine" = mysql ]; then
    MYSQL_PWD=$word "$client" -f -h "$host" -P "${port:-3306}" -u "$who" -N ${1:+-e "$1"}
  else
    PGPASSWORD=$word psql -qXAt -h "$host" -p "${port:-5432}" -U "$who" -c "$1"
  fi
}

# Unpacks one part, as a user who can harm nobody.
files() {
  local kind=$1 name=$2 w count most
  w=$h/$((i += 1)) most=$(room "$h")
  mkdir "$w" && chown -h "$u:" "$w" || { printf 'fault=%s %s no folder can be made for it\n' "$kind" "$name"; return; }
  if count=$({ part | head -c "$most" | as tar -xvf - -C "$w" 2>&1 >&3 3>&- | keep 4096; } 3>&1 | wc -l); then
    printf 'ok=%s %s %s\n' "$kind" "$count" "$name"
  elif [ "$(part | head -c "$((most + 1))" | wc -c)" -gt "$most" ]; then
    printf 'fault=%s %s it takes more than an eighth of what is free (%s MB)\n' "$kind" "$name" "$((most / 1048576))"
  elif part | as tar -tf - >/dev/null 2>&1; then
    printf 'fault=%s %s %s (%s MB are free)\n' "$kind" "$name" "$(said)" "$(($(free "$h") / 1024))"
  else
    printf 'bad=%s %s\n' "$kind" "$name"
  fi
  rm -rf --one-file-system -- "$w"
}

# Hands a dump on, and leaves in `said` whether it says that it is complete, its bytes, and the line at which it first
# makes something: what pg_dump -c has before it takes away what is not there yet.
read_dump() {
  awk -v said="$t/said" '{ print; n += length($0) + 1 }
    !c && /^(CREATE |INSERT INTO )/ && !/^CREATE OR REPLACE VIEW / { c = NR }
    /^-- (Dump completed|PostgreSQL database dump complete)/ { d = NR }
    END { printf "%d %.0f %d\n", d && NR - d < 5, n, c > said }'
}

# Takes out what is only right in the database that was dumped: its name and its owners. Lines keep their numbers.
fit() {
  if [ "$engine" = mysql ]; then
    sed -E -e '/^ALTER DATABASE /s/.*//' -e '/^(\/\*!50|CREATE )/s/DEFINER=`[^`]*`@`[^`]*`//g'
  else
    awk '/^INSERT INTO /{ i = 1 } !i && /^COMMENT ON (EXTENSION |SCHEMA public )/{ print ""; next } { print }'
  fi
}

# What a server has said against a dump, the first of a kind on a line with it: `right` of what its own user may not
# do, `server` of the server's own trouble, else `dump`. psql goes on after each; what stands already is none, nor is
# anything about what a dump of pg_dump -c takes away first.
complaints() {
  if [ "$engine" = mysql ]; then
    awk 'function tell(kind) { if (!told[kind]++) print kind, substr($0, 1, 160) }
      /^ERROR [0-9]+ /{ e = $2
      if (e ~ /^(1044|1142|1143|1227|1370|1418|1419)$/) tell("right")
      else if (e ~ /^(3|28|1021|1030|1040|1041|1045|1114|1153|1203|1205|1213|1290|1698|2...)$/) tell("server")
      else tell("dump") }' "$t/err"
  else
    awk -v from="$1" 'function tell(kind) { if (!told[kind]++) print kind, substr($0, RSTART + RLENGTH - 7, 160) }
      match($0, /^psql:[^:]*:[0-9]+: [^ ]+:  [0-9A-Z][0-9A-Z][0-9A-Z][0-9A-Z][0-9A-Z]: /) {
      split($0, at, ":")
      e = substr($0, RSTART + RLENGTH - 7, 5)
      if (e ~ /^(00|01|02)/ || e == "42P06" || e == "42710" || at[3] < from) next
      if (e == "42501") tell("right")
      else if (e ~ /^(08|25006|53|57|58)/) tell("server")
      else tell("dump") }' "$t/err"
  fi
}

# Bytes of a dump that may be loaded: a quarter of what is free where the server keeps its own; 1 GB where that is on
# another machine.
limit_of() {
  local place=/var/lib/postgresql
  case $host in
  localhost | 127.0.0.1 | ::1)
    [ "$engine" = mysql ] && place=$(sql 'SELECT @@datadir' 2>/dev/null)
    [ -d "$place" ] || place=$h
    echo "$(($(free "$place") * 256))" ;;
  *) echo 1073741824 ;;
  esac
}

database() {
  local name=$1 limit whole complete size from ended found tables
  set -- "${pairs[@]}"
  new=
  while [ $# -ge 2 ]; do [ "$1" = "$name" ] && new=$2; shift 2; done
  [ -n "$new" ] && reach "$new" || { printf 'fault=db %s no database was made for it\n' "$name"; return; }
  sql 'SELECT 1' >/dev/null 2>"$t/err" || { printf 'fault=db %s %s\n' "$name" "$(said)"; return; }
  limit=$(limit_of)
  part | head -c "$((limit + 1))" | read_dump | fit | sql 2>&1 >/dev/null | keep "$most_said"
  ended=${PIPESTATUS[4]}
  # The server may have hung up in the middle: what the dump itself is worth is read apart from that.
  rm -f "$t/said"
  part | head -c "$((limit + 1))" | read_dump >/dev/null
  whole=$?
  [ -s "$t/said" ] || { printf 'fault=db %s it can not be read here\n' "$name"; return; }
  read -r complete size from <"$t/said"
  found=$(complaints "$from")
  if [ "$size" -gt "$limit" ]; then
    printf 'fault=db %s more than %s MB of it may not be loaded here\n' "$name" "$((limit / 1048576))"
  elif [ "$whole" != 0 ] || [ "$complete" != 1 ]; then
    printf 'bad=db %s\n' "$name"
  elif [ "$(stat -c %s "$t/err")" -ge "$most_said" ]; then
    printf 'fault=db %s its server has too much to say about it\n' "$name"
  elif grep -q '^right ' <<<"$found"; then
    printf 'skip=db %s only the administrator of its server could load it\n' "$name"
  elif grep -q '^server ' <<<"$found"; then
    printf 'fault=db %s %s\n' "$name" "$(sed -n 's/^server //p' <<<"$found" | tr -cd '[:print:]')"
  elif [ -n "$found" ]; then
    printf 'bad=db %s\n' "$name"
  elif [ "$ended" = 0 ] && tables=$(tables 2>"$t/err"); then
    printf 'ok=db %s %s\n' "$(number "$tables")" "$name"
  else
    printf 'fault=db %s %s\n' "$name" "$(said)"
  fi
}

tables() {
  local where="NOT IN ('pg_catalog', 'information_schema')"
  [ "$engine" = mysql ] && where="= '$new'"
  sql "SELECT COUNT(*) FROM information_schema.tables WHERE table_schema $where"
}

go() {
  local i=0 m kind name members
  members=$($nice tar -tf "$f" 2>/dev/null) || { printf 'torn=1\nend=1\n'; return; }
  rm -rf --one-file-system -- "$h"
  mkdir "$h" && chmod 711 "$h" || { printf 'fault=account %s no folder can be made for it\nend=1\n' "$u"; return; }
  while IFS= read -r m; do
    kind=${m#./} kind=${kind%%/*} name=${m#./*/} name=${name%%/*}
    case $m in *.zst) unzip="zstd -dcq" ;; *) unzip="gzip -dcq" ;; esac
    case $m in
    ./mail/*/hestia/"$name.conf")
      printf 'box=%s %s\n' "$(tar -xOf "$f" "$m" 2>/dev/null | grep -c "^ACCOUNT='")" "$name" ;;
    *.zst | *.gz)
      if ! command -v "${unzip%% *}" >/dev/null; then
        printf 'fault=%s %s no %s here\n' "$kind" "$name" "${unzip%% *}"
        continue
      fi
      case $m in
      ./web/*/domain_data.tar.* | ./mail/*/accounts.tar.*) files "$kind" "$name" ;;
      ./user_dir/*.tar.*) files udir "${name%.tar.*}" ;;
      ./db/*/*.sql.*) database "$name" ;;
      esac ;;
    esac
  done <<<"$members"
  rm -rf --one-file-system -- "$h"
  echo end=1
}

run() {
  # The archive as it was when this began: the node's own rounds may take its name away.
  u=$1 f=/proc/$$/fd/7 d=$2 h=$3 conf=$4 nice=$5 t=$2/hdk-trial most_said=67108864
  shift 5
  pairs=("$@")
  export HOME=/
  set -o pipefail
  # A line of a dump, or the name in a tar, may be without end.
  ulimit -v 4194304
  echo $$ >"$t/pid"
  go >"$t/lines" 2>/dev/null </dev/null
  mv "$t/lines" "$t/found"
}

# Ends the account's sessions in one database, and waits until none is left: a server goes on with a statement whose
# client has gone, and what is in use is not dropped, or keeps who drops it waiting for a day.
end_sessions() {
  local mine tries=0
  reach "$1" || return 0
  mine="FROM pg_stat_activity WHERE usename = '$user' OR datname = '$new'"
  [ "$engine" = mysql ] && mine="FROM information_schema.processlist WHERE user = '$user'"
  until [ "$(admin "SELECT COUNT(*) $mine" 2>/dev/null)" = 0 ]; do
    [ $((tries += 1)) -le 50 ] || return 1
    if [ "$engine" = mysql ]; then
      admin "SELECT CONCAT('KILL ', id, ';') $mine" 2>/dev/null | admin >/dev/null 2>&1
    else
      admin "SELECT pg_terminate_backend(pid) $mine" >/dev/null 2>&1
    fi
    sleep 0.2
  done
}

# Whether any process of the account's user, or one that it has begun as somebody else, had still to be ended.
end_processes() {
  local found=1
  pkill -KILL -u "$u" && found=0
  pkill -KILL -U "$u" && found=0
  return "$found"
}

nice="nice -n 19"
command -v ionice >/dev/null && nice="$nice ionice -c 3"
u=$1
case $0 in
try)
  a=$2 c=$3 d=$4/$1 h=$5/.hdk-trial.$1 t=$4/$1/hdk-trial
  shift 5
  b=$(sed -n "s/^BACKUP='\(.*\)'$/\1/p" "$c") f=${b:-/backup}/$a
  umask 077
  exec 7<"$f" || exit 1
  mkdir "$t" || exit 4
  exec 8>"$t/lock"
  flock -n 8 || exit 4
  printf '%s\n' "$a" >"$t/of" || exit 1
  pairs=()
  while [ $# -ge 3 ]; do
    cp -- "$3" "$t/password.$2" || exit 1
    pairs+=("$1" "$2")
    shift 3
  done
  setsid /bin/bash --noprofile --norc -c "$(declare -f); run \"\$@\"" hdk-trial \
    "$u" "$d" "$h" "${c%/*}" "$nice" "${pairs[@]}" </dev/null >/dev/null 2>&1 &
  ;;
end-trial)
  conf=${2%/*} d=$3/$1 h=$4/.hdk-trial.$1 t=$3/$1/hdk-trial
  export HOME=/
  p=$(cat "$t/pid" 2>/dev/null)
  case $(tr '\0' ' ' <"/proc/${p:-none}/cmdline" 2>/dev/null) in *" hdk-trial $u "*) kill -KILL -- "-$p" ;; esac
  end_processes
  for p in "$t"/password.*; do
    [ -f "$p" ] && { end_sessions "${p##*/password.}" || exit 1; }
  done
  # What was killed has not gone yet.
  tries=0
  while end_processes; do
    [ $((tries += 1)) -le 100 ] || exit 1
    sleep 0.2
  done
  [ ! -d "$t" ] || flock -w 20 "$t/lock" true || exit 1
  as find /tmp /var/tmp /dev/shm -xdev -user "$u" -delete 2>/dev/null
  rm -rf --one-file-system -- "$h"
  [ ! -e "$h" ] || exit 1
  ;;
esac
exit 0
