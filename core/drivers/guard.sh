# The node guard: every changing command on a node runs under this one fixed text, as root, without a tty.
# Arguments: nonce lock(x|s|n) wait go(go|-) nsecrets panel-folder, then per step ACCEPT COUNT ARG... With `q` among
# ACCEPT's words the step's output is sent when it has ended: nobody follows a listing, and following costs two
# processes and up to 40 ms.
# Reasons and trials: hestia-recipes.md 1 and 1.1. Own exit codes: 75 busy, 90 no temp space, 91 secret,
# 92 no go, 93 not root, 94 no panel, 95 bad call.
set -u; umask 077; cd /; export LC_ALL=C PATH=/usr/sbin:/usr/bin:/sbin:/bin
N=$1 K=$2 W=$3 G=$4 S=$5 H=$6; shift 6
trap '' HUP PIPE INT TERM
say() { printf '\n@%s %s\n' "$N" "$*"; }
# tell FILE: sends it and leaves its size in z. A process costs the node 1 ms, so bash does it alone; but bash cuts at NUL,
# which a dot put at the end brings to light.
tell() {
  if printf . >>"$1" && mapfile -d '' x <"$1" && [ "${#x[@]}" = 1 ]; then z=$((${#x}-1)); printf '%.*s' "$z" "$x"
  else z=$(($(stat -c %s "$1")-1)); head -c "$z" "$1"; fi
}
bye() { say "end $1"; exit "$1"; }
P=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin L=/run/hostdeck.lock O=$H/bin
case $H in
/usr/local/hestia) C=/etc/hestiacp/hestia.conf ;;
/etc/powerdns) C=$H/pdns.conf ;;
*) P=$H/tools:$P L=$H/hostdeck.lock C=$H/conf/hestia.conf; [ -f "$C" ] || C=$H/pdns.conf ;;
esac
[ "${C##*/}" = pdns.conf ] && O=$C
[ "$EUID" = 0 ] || [ -O "$O" ] || bye 93
[ -f "$C" ] || bye 94
case $K in
x) exec 9>>"$L"; flock -x -w "$W" 9 || { say "busy $(head -c 200 "$L")"; bye 75; }; printf '%s pid=%s at=%s\n' "$N" "$$" "$EPOCHSECONDS" >"$L" ;;
s) exec 9>>"$L"; flock -s -w "$W" 9 || { say "busy $(head -c 200 "$L")"; bye 75; } ;;
n) exec 9>/dev/null ;;
*) bye 95 ;;
esac
# Only the lock's holder may sweep, and only where one lock guards the whole machine.
[ "$K$L" = x/run/hostdeck.lock ] && rm -rf /tmp/hdk[xs].??????????
D=$(mktemp -d "/tmp/hdk$K.XXXXXXXXXX") || bye 90
trap 'rm -rf "$D"' EXIT
say "locked"
# A client that was stopped must not hold the node: it has half a minute to say go and to send what it has to.
if [ "$G" = go ]; then IFS= read -r -t 30 g || bye 92; [ "$g" = "go $N" ] || bye 92; fi
i=0; while [ "$i" -lt "$S" ]; do i=$((i+1)); IFS= read -r -t 30 s || bye 91; [ -n "$s" ] || bye 91; printf '%s\n' "$s" >"$D/s$i" || bye 90; done; s=
n=0 rc=0
while [ $# -ge 3 ]; do
  n=$((n+1)) ok=$1 c=$2; shift 2; a=("${@:1:c}"); shift "$c"
  for i in "${!a[@]}"; do case ${a[i]} in "@$N:"[a-z]*) a[i]=$D/${a[i]##*:} ;; esac; done
  : >"$D/o"; : >"$D/e"; say "begin $n"; say "begin $n" >&2
  t=${EPOCHREALTIME/[.,]/}
  ( umask 022; trap - PIPE INT TERM; exec env -i PATH="$P" HOME=/root LC_ALL=C "${a[@]}" >"$D/o" 2>"$D/e" </dev/null 9>&- ) &
  p=$!
  case ",$ok," in
  *,q,*) wait $p; rc=$?; t=$(( (${EPOCHREALTIME/[.,]/} - t) / 1000 )); tell "$D/o"; o=$z; tell "$D/e" >&2; e=$z ;;
  *)
    tail -s 0.02 -c +1 -f --pid=$p "$D/o" 2>/dev/null 9>&- & to=$!
    tail -s 0.02 -c +1 -f --pid=$p "$D/e" >&2 2>/dev/null 9>&- & te=$!
    wait $p; rc=$?; t=$(( (${EPOCHREALTIME/[.,]/} - t) / 1000 )); wait $to $te
    z=$(stat -c %s "$D/o" "$D/e"); o=${z%%[!0-9]*} e=${z##*[!0-9]} ;;
  esac
  say "step $n rc=$rc ms=$t out=$o err=$e"
  case ",$ok," in *,"$rc",*|*,any,*) ;; *) break ;; esac
done
bye "$rc"
