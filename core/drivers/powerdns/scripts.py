"""The few fixed shell texts that run beside pdnsutil, each `bash -c TEXT LABEL ARG...` in the guard.

No text here is ever composed: values travel as arguments, the pdnsutil or pdns_control to call among them.
"""

from __future__ import annotations

from hostdeck.core.drivers.guard import FixedText

BASH = ("/bin/bash", "--noprofile", "--norc", "-c")

# owned-zone DOMAIN MARK PDNSUTIL...: 0 if the zone's account is our mark, 3 if there is surely no such zone, 5 if it is
# an empty native row without an account (what a load that failed on a new zone leaves; a secondary zone that has not
# arrived yet is empty too, and somebody's), 7 and what was said if it can't be looked at, else 4 and the account.
# pdnsutil's exit 1 says as well that its database is away: only its words tell that from a zone that is not there.
OWNED_ZONE = FixedText("""d=$1 m=$2; shift 2; s=$("$@" show-zone "$d" 2>&1) || {
case $s in *'No such zone in the database'*|*"Zone '$d"*"not found"*) exit 3 ;; esac; printf '%s\\n' "$s"; exit 7; }
a=$(sed -n 's/^This zone is owned by //p' <<<"$s"); [ "$a" = "$m" ] && exit 0
if [ -z "$a" ] && grep -q '^This is a Native zone' <<<"$s"; then
r=$("$@" list-zone "$d" 2>/dev/null) || exit 7; grep -qv '^[$]' <<<"$r" || exit 5; fi
printf '%s\\n' "$a"; exit 4""")

# served DOMAIN PDNS_CONTROL...: the serial that the running server answers with, over TCP on its own address, by bash
# alone: a nameserver need not have dig. Prints `serial N`, `none` (it does not know the zone) or nothing (no answer).
SERVED = FixedText("""d=$1; shift; c=$("$@" current-config 2>/dev/null) || exit 0
p=$(sed -n 's/^local-port=//p' <<<"$c"); a=$(sed -n 's/^local-address=//p' <<<"$c"); a=${a%%[, ]*}
case $a in \\[*) [ -z "${a##*]}" ] || p=${a##*]:}; a=${a#?}; a=${a%%]*} ;; *:*:*) ;; *:*) p=${a##*:} a=${a%:*} ;; esac
case $a in ''|0.0.0.0) a=127.0.0.1 ;; ::) a=::1 ;; esac
q='\\x68\\x64\\x00\\x00\\x00\\x01\\x00\\x00\\x00\\x00\\x00\\x00' n=18; IFS=.; for l in $d; do
printf -v h '\\\\x%02x' ${#l}; q=$q$h$l; n=$((n+${#l})); n=$((n+1)); done; unset IFS
printf -v h '\\\\x%02x\\\\x%02x' $(((n-1)/256)) $(((n-1)%256))
exec 3<>"/dev/tcp/$a/${p:-53}" || exit 0
printf "$h$q\\\\x00\\\\x00\\\\x06\\\\x00\\\\x01" >&3
b=($(timeout 2 head -c 2 <&3 | od -An -tu1 -v)); [ ${#b[@]} = 2 ] || exit 0
b=($(timeout 2 head -c $((b[0]*256+b[1])) <&3 | od -An -tu1 -v)); k=${#b[@]}; [ $k -gt 32 ] || { echo none; exit 0; }
[ $((b[3]%16)) = 0 ] && [ ${b[7]} = 1 ] || { echo none; exit 0; }
echo "serial $((b[k-20]*16777216+b[k-19]*65536+b[k-18]*256+b[k-17]))" """)

# rrset-at DOMAIN NAME PDNSUTIL...: 3 if nothing stands at the relative name (@ is the apex), 7 if the zone can't be
# read, else 0 and the lines.
RRSET_AT = FixedText("""d=$1 n=$2.$1; [ "$2" != @ ] || n=$1; shift 2
s=$("$@" list-zone "$d" 2>&1) || { printf '%s\\n' "$s"; exit 7; }
f=3; while IFS=$'\\t' read -r a b; do [ "$a" = "$n" ] || continue; f=0; printf '%s\\t%s\\n' "$a" "$b"; done <<<"$s"
exit $f""")

# rrset-is DOMAIN NAME TYPE CONTENT PDNSUTIL...: 0 if exactly this record stands at the name, 3 if nothing does, 7 if
# the zone can't be read, else 4 and what does.
RRSET_IS = FixedText("""d=$1 n=$2.$1 t=$3 c=$4; shift 4
s=$("$@" list-zone "$d" 2>&1) || { printf '%s\\n' "$s"; exit 7; }
f=3 o=; while IFS=$'\\t' read -r a l i k v; do [ "$a" = "$n" ] || continue; o=$o$k' '$v$'\\n'
if [ $f = 3 ] && [ "$k" = "$t" ] && [ "$v" = "$c" ]; then f=0; else f=4; fi; done <<<"$s"
[ $f = 4 ] && printf '%s' "$o"; exit $f""")


def script(text: FixedText, label: str, *args: str) -> tuple[str, ...]:
    """The argv of one fixed text."""
    return (*BASH, text, label, *args)
