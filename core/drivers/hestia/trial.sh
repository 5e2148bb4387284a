# try USER ARCHIVE HESTIA_CONF DATA_USERS HOMES [NAME DATABASE PASSWORD_FILE]...: sets a restore into a scratch account
# going and ends at once; 4 where one was set going before. It goes on by itself, whoever listens, and leaves what it
# found in DATA_USERS/USER/hdk-trial/found, which only root can read and which goes with the account:
# `ok=PART COUNT NAME` and `bad=PART NAME` as PROOF, `fault=PART NAME WHY` where the node failed and not the archive,
# `box=COUNT DOMAIN`, torn=1; end=1 is the last line.
u=$1 a=$2 c=$3 d=$4/$1 h=$5/$1/hdk-trial
shift 5
b=$(sed -n "s/^BACKUP='\(.*\)'$/\1/p" "$c") f=${b:-/backup}/$a
umask 077
mkdir "$d/hdk-trial" || exit 4
exec 8>"$d/hdk-trial/lock"
flock -n 8 || exit 4
printf '%s\n' "$a" >"$d/hdk-trial/of" || exit 1
pairs=()
while [ $# -ge 3 ]; do
  cp -- "$3" "$d/hdk-trial/password.$2" || exit 1
  pairs+=("$1" "$2")
  shift 3
done

# A field of one of Hestia's lines.
of() { local l=" $2" v; v=${l#*" $1='"}; [ "$v" = "$l" ] && v='' || v=${v%%"'"*}; printf %s "$v"; }

# What an archive holds is never touched by root: the account's own system user can harm nobody.
as() { $nice runuser -u "$u" -- "$@"; }

free() { df -Pk "$1" 2>/dev/null | awk 'NR == 2 { print $4 }'; }

part() { $nice tar -xOf "$f" "$m" 2>/dev/null | $nice $unzip 2>/dev/null; }

why() { tail -n 1 "$t/err" | tr -cd '[:print:]' | cut -c 1-160; }

# Unpacks one part, in a folder of its own below one of root's. It may take half of what is free.
files() {
  local kind=$1 name=$2 w count
  w=$h/$((i += 1))
  mkdir "$w" && chown "$u:" "$w" || { printf 'fault=%s %s no folder can be made for it\n' "$kind" "$name"; return; }
  if count=$(part | head -c "$(($(free "$h") * 512))" | as tar -xvf - -C "$w" 2>"$t/err" | wc -l); then
    printf 'ok=%s %s %s\n' "$kind" "$count" "$name"
  elif part | tar -tf - >/dev/null 2>&1; then
    printf 'fault=%s %s %s (%s MB are free)\n' "$kind" "$name" "$(why)" "$(($(free "$h") / 1024))"
  else
    printf 'bad=%s %s\n' "$kind" "$name"
  fi
  rm -rf --one-file-system -- "$w"
}

# One statement in the database `new`, or what comes on stdin, as its own user: never as the server's.
sql() {
  if [ "$engine" = mysql ]; then
    MYSQL_PWD=$password as "$client" -h "$host" -P "${port:-3306}" -u "$user" -N "$new" ${1:+-e "$1"}
  else
    PGPASSWORD=$password as psql -qXAt -v VERBOSITY=verbose -h "$host" -p "${port:-5432}" -U "$user" ${1:+-c "$1"} "$new"
  fi
}

# Hands a dump on and leaves in `said` how many tables it makes, whether it says that it is complete, and its bytes.
read_dump() {
  awk -v said="$t/said" '{ print; n += length($0) + 1 } /^CREATE TABLE /{ t++ }
    /^-- (Dump completed|PostgreSQL database dump complete)/{ d = NR }
    END { printf "%d %d %.0f\n", t, d && NR - d < 5, n > said }'
}

# What is only right in the database that was dumped: its name, its owners, and what stood in it before. A dump of
# pg_dump -c first drops everything, which fails where nothing is yet.
fit() {
  if [ "$engine" = mysql ]; then
    sed -E -e '/^ALTER DATABASE /d' -e '/^(\/\*!50|CREATE )/s/DEFINER=`[^`]*`@`[^`]*`//g'
  else
    awk '/^CREATE /{ c = 1 } /^(CREATE TABLE|INSERT INTO) /{ t = 1 } !c && /^(DROP|ALTER) /{ next }
      !t && /^(COMMENT ON EXTENSION|COMMENT ON SCHEMA public|CREATE SCHEMA public;|ALTER SCHEMA public)/{ next } { print }'
  fi
}

# Whether what the database's server has said is its own trouble: no access, no connection, no room.
is_server() {
  if [ "$engine" = mysql ]; then
    grep -qE '^ERROR (3|28|1021|1030|1040|1041|1044|1045|1114|1142|1143|1153|1203|1205|1213|1227|1290|1370|1418|1419|1698|2[0-9]{3}) ' "$t/err"
  else
    [ "$ended" = 2 ] || grep -qE 'ERROR:  (08|25006|42501|53|57|58)' "$t/err"
  fi
}

# Whether the dump went in with nothing said against it but that something stands already.
went_in() {
  [ "$ended" = 0 ] || return 1
  [ "$engine" = mysql ] || ! grep -E 'ERROR:  ' "$t/err" | grep -qvE 'ERROR:  (42P06|42710)'
}

database() {
  local name=$1 line at place limit want whole size count ended
  new=
  set -- "${pairs[@]}"
  while [ $# -ge 2 ]; do [ "$1" = "$name" ] && new=$2; shift 2; done
  line=$(grep "^DB='$new' " "$d/db.conf")
  host=$(of HOST "$line") user=$(of DBUSER "$line")
  at=$(grep "HOST='$host'" "$conf/$engine.conf" | head -n 1)
  port=$(of PORT "$at") password=$(cat "$t/password.$new") client=mysql
  command -v mariadb >/dev/null && client=mariadb
  sql 'SELECT 1' >/dev/null 2>"$t/err" || { printf 'fault=db %s %s\n' "$name" "$(why)"; return; }
  place=/var/lib/postgresql
  [ "$engine" = mysql ] && place=$(sql 'SELECT @@datadir' 2>/dev/null)
  [ -d "$place" ] || place=$h
  limit=$(($(free "$place") * 256))
  part | head -c "$limit" | read_dump | fit | sql >/dev/null 2>"$t/err"
  ended=${PIPESTATUS[4]}
  # The server may have hung up in the middle: what the dump itself is worth is read apart from that.
  part | read_dump >/dev/null || { printf 'bad=db %s\n' "$name"; return; }
  read -r want whole size <"$t/said"
  if [ "$whole" != 1 ]; then
    printf 'bad=db %s\n' "$name"
  elif [ "$size" -gt "$limit" ]; then
    printf 'fault=db %s it takes more than a quarter of what is free (%s MB)\n' "$name" "$((limit / 262144))"
  elif went_in; then
    count="SELECT COUNT(*) FROM information_schema.tables WHERE table_type = 'BASE TABLE' AND table_schema"
    [ "$engine" = mysql ] && count="$count = '$new'" || count="$count NOT IN ('pg_catalog', 'information_schema')"
    count=$(sql "$count" 2>"$t/err")
    case $count in
    '' | *[!0-9]*) printf 'fault=db %s %s\n' "$name" "$(why)" ;;
    "$want") printf 'ok=db %s %s\n' "$count" "$name" ;;
    *) printf 'bad=db %s\n' "$name" ;;
    esac
  elif is_server; then
    printf 'fault=db %s %s\n' "$name" "$(grep -m 1 ERROR "$t/err" | tr -cd '[:print:]' | cut -c 1-160)"
  else
    printf 'bad=db %s\n' "$name"
  fi
}

go() {
  local i=0 m kind name members
  nice="nice -n 19"
  command -v ionice >/dev/null && nice="$nice ionice -c 3"
  rm -rf --one-file-system -- "$h"
  mkdir "$h" && chmod 711 "$h" || { printf 'fault=account %s no folder can be made in its home\nend=1\n' "$u"; return; }
  members=$($nice tar -tf "$f" 2>/dev/null) || { printf 'torn=1\nend=1\n'; return; }
  while IFS= read -r m; do
    kind=${m#./} kind=${kind%%/*} name=${m#./*/} name=${name%%/*}
    case $m in *.zst) unzip="zstd -dcq" ;; *) unzip="gzip -dcq" ;; esac
    case $m in
    ./mail/*/hestia/"$name.conf")
      printf 'box=%s %s\n' "$(tar -xOf "$f" "$m" 2>/dev/null | grep -c "^ACCOUNT='")" "$name" ;;
    *.zst | *.gz)
      command -v "${unzip%% *}" >/dev/null || { printf 'fault=%s %s no %s here\n' "$kind" "$name" "${unzip%% *}"; continue; }
      case $m in
      ./web/*/domain_data.tar.* | ./mail/*/accounts.tar.*) files "$kind" "$name" ;;
      ./user_dir/*.tar.*) files udir "${name%.tar.*}" ;;
      ./db/*/*.pgsql.sql.*) engine=pgsql; database "$name" ;;
      ./db/*/*.sql.*) engine=mysql; database "$name" ;;
      esac ;;
    esac
  done <<<"$members"
  echo end=1
}

run() {
  u=$1 f=$2 d=$3 h=$4 conf=$5 t=$3/hdk-trial
  shift 5
  pairs=("$@")
  export HOME=/
  set -o pipefail
  echo $$ >"$t/pid"
  go >"$t/lines" 2>/dev/null </dev/null
  mv "$t/lines" "$t/found"
}

setsid /bin/bash --noprofile --norc -c "$(declare -f); run \"\$@\"" hdk-trial \
  "$u" "$f" "$d" "$h" "${c%/*}" "${pairs[@]}" </dev/null >/dev/null 2>&1 &
exit 0
