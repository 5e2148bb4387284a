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
# What an archive holds is never touched by root, nor loaded by a server's administrator. The folders that parts are
# unpacked in lie below one of root's: in the account's own home its user could put a link in their place.

# A field of one of Hestia's lines.
of() { local l=" $2" v; v=${l#*" $1='"}; [ "$v" = "$l" ] && v='' || v=${v%%"'"*}; printf %s "$v"; }

as() { $nice runuser -u "$u" -- "$@"; }

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

# The last that a command had to say.
said() { tail -n 1 "$t/err" | tr -cd '[:print:]' | cut -c 1-160; }

# How to reach a database of the account's as its own user.
login() {
  local line at
  new=$1 line=$(grep "^DB='$1' " "$d/db.conf")
  engine=$(of TYPE "$line") host=$(of HOST "$line") user=$(of DBUSER "$line")
  at=$(grep "HOST='$host'" "$conf/$engine.conf" | head -n 1)
  port=$(of PORT "$at") password=$(cat "$t/password.$1") client=mysql
  command -v mariadb >/dev/null && client=mariadb
}

# One statement there, or what comes on stdin; of that psql names the line only where it is told to read a file.
sql() {
  if [ "$engine" = mysql ]; then
    MYSQL_PWD=$password as "$client" -h "$host" -P "${port:-3306}" -u "$user" -N "$new" ${1:+-e "$1"}
  else
    local how=-f
    [ -n "${1-}" ] && how=-c
    PGPASSWORD=$password as psql -qXAt -v VERBOSITY=verbose -h "$host" -p "${port:-5432}" -U "$user" \
      "$how" "${1:--}" "$new"
  fi
}

# Unpacks one part, as a user who can harm nobody.
files() {
  local kind=$1 name=$2 w count
  w=$h/$((i += 1))
  mkdir "$w" && chown -h "$u:" "$w" || { printf 'fault=%s %s no folder can be made for it\n' "$kind" "$name"; return; }
  if count=$(part | head -c "$(room "$h")" | as tar -xvf - -C "$w" 2>"$t/err" | wc -l); then
    printf 'ok=%s %s %s\n' "$kind" "$count" "$name"
  elif part | tar -tf - >/dev/null 2>&1; then
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
    awk '/^INSERT INTO /{ i = 1 }
      !i && /^(COMMENT ON EXTENSION |COMMENT ON SCHEMA public |CREATE SCHEMA public;)/{ print ""; next } { print }'
  fi
}

# What a server has said against a dump, a word a complaint: `right` of what its own user may not do, `server` of the
# server's own trouble, else `dump`. psql goes on after each; what stands already is none, nor is anything about what a
# dump of pg_dump -c takes away first.
complaints() {
  if [ "$engine" = mysql ]; then
    awk '/^ERROR [0-9]+ /{ e = $2
      if (e ~ /^(1044|1142|1143|1227|1370|1418|1419)$/) print "right"
      else if (e ~ /^(3|28|1021|1030|1040|1041|1045|1114|1153|1203|1205|1213|1290|1698|2...)$/) print "server"
      else print "dump" }' "$t/err"
  else
    awk -v from="$1" 'match($0, /^psql:[^:]*:[0-9]+: [^ ]+:  [0-9A-Z][0-9A-Z][0-9A-Z][0-9A-Z][0-9A-Z]: /) {
      split($0, at, ":")
      e = substr($0, RSTART + RLENGTH - 7, 5)
      if (e ~ /^(00|01|02)/ || e == "42P06" || e == "42710" || at[3] < from) next
      if (e == "42501") print "right"
      else if (e ~ /^(08|25006|53|57|58)/) print "server"
      else print "dump" }' "$t/err"
  fi
}

database() {
  local name=$1 place limit whole size from ended found
  set -- "${pairs[@]}"
  new=
  while [ $# -ge 2 ]; do [ "$1" = "$name" ] && new=$2; shift 2; done
  [ -n "$new" ] || { printf 'fault=db %s no database was made for it\n' "$name"; return; }
  login "$new"
  sql 'SELECT 1' >/dev/null 2>"$t/err" || { printf 'fault=db %s %s\n' "$name" "$(said)"; return; }
  place=/var/lib/postgresql
  [ "$engine" = mysql ] && place=$(sql 'SELECT @@datadir' 2>/dev/null)
  [ -d "$place" ] || place=$h
  limit=$(($(free "$place") * 256))
  part | head -c "$limit" | read_dump | fit | sql >/dev/null 2>"$t/err"
  ended=${PIPESTATUS[4]}
  # The server may have hung up in the middle: what the dump itself is worth is read apart from that.
  part | read_dump >/dev/null || { printf 'bad=db %s\n' "$name"; return; }
  read -r whole size from <"$t/said"
  found=" $(complaints "$from" | sort -u | tr '\n' ' ')"
  if [ "$whole" != 1 ]; then
    printf 'bad=db %s\n' "$name"
  elif [ "$size" -gt "$limit" ]; then
    printf 'fault=db %s it takes more than a quarter of what is free (%s MB)\n' "$name" "$((limit / 262144))"
  else
    case $found in
    *' right '*) printf 'skip=db %s only the administrator of its server could load it\n' "$name" ;;
    *' server '*) printf 'fault=db %s %s\n' "$name" "$(said)" ;;
    *' dump '*) printf 'bad=db %s\n' "$name" ;;
    *)
      found='SELECT COUNT(*) FROM information_schema.tables WHERE table_schema'
      [ "$engine" = mysql ] && found="$found = '$new'" || found="$found NOT IN ('pg_catalog', 'information_schema')"
      if [ "$ended" = 0 ] && found=$(sql "$found" 2>"$t/err"); then
        printf 'ok=db %s %s\n' "$(number "$found")" "$name"
      else
        printf 'fault=db %s %s\n' "$name" "$(said)"
      fi ;;
    esac
  fi
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
  u=$1 f=$2 d=$3 h=$4 conf=$5 nice=$6 t=$3/hdk-trial
  shift 6
  pairs=("$@")
  export HOME=/
  set -o pipefail
  echo $$ >"$t/pid"
  go >"$t/lines" 2>/dev/null </dev/null
  mv "$t/lines" "$t/found"
}

# Ends the account's sessions in one database, and waits until none is left: a server goes on with a statement whose
# client has gone, and what is in use is not dropped.
end_sessions() {
  local mine tries=0
  login "$1"
  if [ "$engine" = mysql ]; then
    mine="FROM information_schema.processlist WHERE id <> CONNECTION_ID()"
    sql "SELECT CONCAT('KILL ', id, ';') $mine" 2>/dev/null | sql >/dev/null 2>&1
  else
    mine="FROM pg_stat_activity WHERE usename = current_user AND pid <> pg_backend_pid()"
    sql "SELECT pg_terminate_backend(pid) $mine" >/dev/null 2>&1
  fi
  while [ "$(sql "SELECT COUNT(*) $mine" 2>/dev/null)" -gt 0 ] 2>/dev/null; do
    [ $((tries += 1)) -le 100 ] || return 1
    sleep 0.2
  done
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
    "$u" "$f" "$d" "$h" "${c%/*}" "$nice" "${pairs[@]}" </dev/null >/dev/null 2>&1 &
  ;;
end-trial)
  conf=${2%/*} d=$3/$1 h=$4/.hdk-trial.$1 t=$3/$1/hdk-trial
  export HOME=/
  p=$(cat "$t/pid" 2>/dev/null)
  case $(tr '\0' ' ' <"/proc/${p:-none}/cmdline" 2>/dev/null) in *" hdk-trial $u "*) kill -KILL -- "-$p" ;; esac
  pkill -KILL -u "$u"
  for p in "$t"/password.*; do
    [ -f "$p" ] && { end_sessions "${p##*/password.}" || exit 1; }
  done
  # What was killed has not gone yet.
  tries=0
  while pkill -KILL -u "$u"; do
    [ $((tries += 1)) -le 100 ] || exit 1
    sleep 0.2
  done
  [ ! -d "$t" ] || flock -w 20 "$t/lock" true || exit 1
  rm -rf --one-file-system -- "$h"
  [ ! -e "$h" ] || exit 1
  ;;
esac
exit 0
