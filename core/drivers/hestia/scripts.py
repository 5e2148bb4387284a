"""The few fixed shell texts that run beside Hestia's own commands, each `bash -c TEXT LABEL ARG...` in the guard.

No text here is ever composed: values travel as arguments. LABEL says which text it is, in logs and to the simulated
node. `getent`, `userdel` and friends are found on PATH, so that a node folder of its own can bring its own.
"""

from __future__ import annotations

from hostdeck.core.drivers.guard import FixedText

BASH = ("/bin/bash", "--noprofile", "--norc", "-c")

# put FILE LINE...: writes the lines to a scratch file of the guard (`hestia-recipes.md` 3.4).
PUT = FixedText("""f=$1; shift; printf '%s\\n' "$@" >"$f\"""")

# user-state USER DATA_USERS HOMES SSHD_CONFIG: what v-list-user does not say (`hestia-recipes.md` 2, "Whole").
# Prints passwd=LINE, data=0|1, conf=0|1, group=0|1, jail=0|1, home=0|1; always exits 0.
USER_STATE = FixedText("""u=$1 d=$2 h=$3 s=$4 q=$5
yes() { if "$@" >/dev/null 2>&1; then echo 1; else echo 0; fi; }
printf 'passwd=%s\\n' "$(getent passwd "$u")"
printf 'data=%s\\n' "$(yes test -d "$d/$u")"
printf 'conf=%s\\n' "$(yes test -s "$d/$u/user.conf")"
case ",$(getent group hestia-users | cut -d: -f4)," in *",$u,"*) echo group=1 ;; *) echo group=0 ;; esac
j=$(sed -n 's/^Match User //p' "$s" 2>/dev/null | tr '\\n' ',')
case ",$j," in *",$u,"*) echo jail=1 ;; *) echo jail=0 ;; esac
printf 'home=%s\\n' "$(yes test -d "$h/$u/web" -a -d "$h/$u/conf" -a -d "$h/$u/tmp")"
grep -qF "/v-restore-user $u " "$q" 2>/dev/null && echo restore=1
pgrep -f "/v-restore-user $u " >/dev/null 2>&1 && echo restore=1
exit 0""")

# owned USER NAME DATA_USERS: 0 if the user's NAME is our mark, 3 if there is no such user, else 4 and its NAME.
OWNED = FixedText("""u=$1 m=$2 f=$3/$1/user.conf; [ -s "$f" ] || exit 3
n=$(sed -n "s/^NAME='\\(.*\\)'$/\\1/p" "$f"); [ "$n" = "$m" ] && exit 0
printf '%s\\n' "$n"; exit 4""")

# package-users PACKAGE DATA_USERS: USER=NAME of every user that lives by the package; always exits 0.
PACKAGE_USERS = FixedText("""p=$1 d=$2; for f in "$d"/*/user.conf; do
grep -qxF "PACKAGE='$p'" "$f" 2>/dev/null || continue
u=${f%/user.conf}; printf '%s=%s\\n' "${u##*/}" "$(sed -n "s/^NAME='\\(.*\\)'$/\\1/p" "$f")"
done; exit 0""")

# backups USER DATA_USERS HESTIA_CONF QUEUE: `folder=PATH`, where this node puts archives; `archive=file|name AGE NAME`
# for every backup on the user's list, AGE in seconds by this node's clock: of the archive itself where it lies here,
# else of the local time in its name. Then queued=1, suspended_too=1 and system=1 where they hold; always exits 0
# (`hestia.md` 9).
BACKUPS = FixedText("""u=$1 d=$2 c=$3 q=$4; now=$(date +%s)
b=$(sed -n "s/^BACKUP='\\(.*\\)'$/\\1/p" "$c"); b=${b:-/backup}; printf 'folder=%s\\n' "$b"
sed -n "s/^BACKUP='\\([^']*\\)'.*/\\1/p" "$d/$u/backup.conf" 2>/dev/null | while IFS= read -r a; do
if t=$(stat -c %Y "$b/$a" 2>/dev/null); then k=file; else k=name s=${a#"$u."}; s=${s%.tar} h=${s#*_}
t=$(date -d "${s%%_*} ${h//-/:}" +%s 2>/dev/null) || continue; fi
printf 'archive=%s %s %s\\n' "$k" "$((now - t))" "$a"; done
grep -q "/v-backup-user $u " "$q" 2>/dev/null && echo queued=1
grep -qxF "POLICY_BACKUP_SUSPENDED_USERS='yes'" "$c" && echo suspended_too=1
grep -q "^BACKUP_SYSTEM='..*'" "$c" && echo system=1
exit 0""")

# restores USER ARCHIVE LOGS QUEUE: how a restore stands, which no command says. The queue's line is there until the
# restore has ended; every command of Hestia's leaves a line in system.log when it has succeeded and in error.log when
# it has not, with its local time in front and its arguments quoted. Prints queued=1, busy=1, running=1, asked=AGE,
# done=AGE and failed=AGE CODE where they hold; always exits 0 (`hestia.md` 9).
RESTORES = FixedText("""u=$1 a=$2 l=$3 q=$4; now=$(date +%s)
if grep -qF "/v-restore-user $u $a " "$q" 2>/dev/null; then echo queued=1
elif grep -qF "/v-restore-user $u " "$q" 2>/dev/null; then echo busy=1; fi
pgrep -f "/v-restore-user $u $a( |$)" >/dev/null 2>&1 && echo running=1
last() { cat "$l/$1.1" "$l/$1" 2>/dev/null | grep -F " $2  '$u' '$a'" | tail -n 1; }
told() { [ -n "$1" ] && t=$(date -d "${1:0:19}" +%s 2>/dev/null) && printf '%s=%s%s\\n' "$2" "$((now - t))" "$3"; }
told "$(last system.log v-schedule-user-restore)" asked ""
told "$(last system.log v-restore-user)" "done" ""
s=$(last error.log v-restore-user); c=${s##*"[Error "}; told "$s" failed " ${c%%]*}"
exit 0""")

# certificate-files FOLDER DOMAIN CERTIFICATE KEY [CHAIN]: what Hestia wants to find in a folder (`hestia.md` 6.2), from
# files with one line of base64 each. The folder lies in the guard's own, which nobody else may enter and which goes
# with the exec; no key stands on a command line.
CERTIFICATE_FILES = FixedText("""f=$1 d=$2; umask 077; mkdir -p "$f" || exit 1
base64 -d <"$3" >"$f/$d.crt" && base64 -d <"$4" >"$f/$d.key" || exit 1
[ $# -lt 5 ] || base64 -d <"$5" >"$f/$d.ca" || exit 1; exit 0""")

# undo USER MARK DATA_USERS HOMES: removes a user that useradd made for us and Hestia never finished.
# 0 done, 3 already gone, 4 not our mark, 5 whole, 6 half-made with a data folder (use v-delete-user), 7 failed
# (`hestia-recipes.md` 2).
UNDO = FixedText("""u=$1 m=$2 d=$3 b=$4; l=$(getent passwd "$u") || exit 3
IFS=: read -r n _ i g c h s <<<"$l"
[ "$n" = "$u" ] && [ "$c" = "$m" ] && [ "$i" -ge 1000 ] && [ "$h" = "$b/$u" ] || exit 4
if [ -e "$d/$u" ]; then
grep -q "^NAME='..*'" "$d/$u/user.conf" && grep -q "^PACKAGE='..*'" "$d/$u/user.conf" || exit 6
[ -d "$h/web" ] && [ -d "$h/conf" ] && [ -d "$h/tmp" ] || exit 6
case ",$(getent group hestia-users | cut -d: -f4)," in *",$u,"*) exit 5 ;; *) exit 6 ;; esac
fi
chattr -i "$h/conf" 2>/dev/null
userdel -f -r "$u"; rc=$?
[ -d "$h" ] && [ ! -L "$h" ] && rm -rf --one-file-system "$h"
getent passwd "$u" >/dev/null && exit 7
exit 0""")

# hosting-live USER DOMAIN DATA_USERS EXIM_DOMAINS: what a listing says of a suspension is not what people get before
# the reload (`hestia-recipes.md` 3.5). Prints site=live|suspended|none, by asking the node's own web server as a
# visitor would, certificate or not, and mail=1|0, whether the mail server counts the domain as its own.
HOSTING_LIVE = FixedText("""u=$1 d=$2 c=$3/$1/web.conf e=$4
i=$(sed -n "s/^DOMAIN='$d' IP='\\([^']*\\)'.*/\\1/p" "$c" 2>/dev/null | head -n 1); s=none
if [ -n "$i" ] && b=$(curl -skL -m 10 --resolve "$d:80:$i" --resolve "$d:443:$i" "http://$d/" 2>/dev/null); then
case $b in *'<title>Access Denied'*) s=suspended ;; *) s=live ;; esac; fi; echo "site=$s"
if [ -e "$e/$d" ]; then echo mail=1; else echo mail=0; fi; exit 0""")

# parent-state DOMAIN DATA_USERS HESTIA_CONF: whether names below a domain are kept for its owner, and whether that
# owner's web domain lets others in, which no listing says (`hestia.md` 13.3). Prints enforced=0|1 and allowed=0|1.
PARENT_STATE = FixedText("""d=$1 u=$2 c=$3
if grep -qx "ENFORCE_SUBDOMAIN_OWNERSHIP='yes'" "$c"; then echo enforced=1; else echo enforced=0; fi
a=0; for f in "$u"/*/web.conf; do l=$(grep -F "DOMAIN='$d' " "$f" 2>/dev/null) || continue
case " $l " in *" ALLOW_USERS='yes' "*) a=1 ;; esac; done; echo "allowed=$a"; exit 0""")

# at-name RECORD_FILE NAME: 3 if nothing stands at the name, 5 if the zone is not there or can't be read, else 0 and
# the lines. It rather sees too much: what it prints is left alone.
AT_NAME = FixedText("""f=$1 n=$2; [ -f "$f" ] || exit 5; grep -F " RECORD='$n' " "$f" 2>/dev/null && exit 0
[ $? = 1 ] && exit 3; exit 5""")

# alias-of ACCOUNT_FILE NAME: the first mailbox that has the name as an alias, or nothing; 5 if that can't be read.
ALIAS_OF = FixedText("""f=$1 n=$2; [ -f "$f" ] || exit 0; s=$(cat "$f") || exit 5; while IFS= read -r l; do
a=${l#*" ALIAS='"}; [ "$a" != "$l" ] || continue; a=${a%%"'"*}; case ",$a," in *",$n,"*) ;; *) continue ;; esac
o=${l#*"ACCOUNT='"}; printf '%s\\n' "${o%%"'"*}"; exit 0; done <<<"$s"; exit 0""")

# record-is RECORD_FILE ID NAME TYPE VALUE: 0 if exactly this line stands at the name, 3 if nothing does, 5 if the zone
# is not there or can't be read, else 4 and what does. An id alone says nothing: ids are used again (`hestia.md` 8.2).
RECORD_IS = FixedText("""f=$1 i=$2 n=$3 t=$4 v=$5
l=$(grep -F " RECORD='$n' " "$f" 2>/dev/null) || { [ $? = 1 ] && exit 3; exit 5; }
case $l in *$'\\n'*) printf '%s\\n' "$l"; exit 4 ;; esac
case $l in "ID='$i' RECORD='$n' TYPE='$t' PRIORITY='"*"' VALUE='$v' SUSPENDED='"*) exit 0 ;; esac
printf '%s\\n' "$l"; exit 4""")

# node-usage DATA_USERS PERCENT [USER PARENT]...: what v-list-users does not say. `ftp=USER N` for every user that has
# any FTP account, and `bak=USER NOW TAKEN` for every user that has any backup, both in the node's local time and the
# way archives are named, by name; `full=USER NAME@DOMAIN MB QUOTA`, the fullest mailbox of every user that has one
# which uses PERCENT of its quota or more; then `box=NAME@PARENT MB` for every mailbox of the given users' domains;
# end=1 is the last line.
NODE_USAGE = FixedText("""d=$1 p=$2; shift 2
for f in "$d"/*/web.conf; do [ -e "$f" ] && printf '%s\\0' "$f"; done | xargs -0 -r awk -v q="'" '
{ i = index($0, " FTP_USER=" q); if (!i) next
  s = substr($0, i + 11); n = split(substr(s, 1, index(s, q) - 1), a, ":")
  u = FILENAME; sub(/\\/web\\.conf$/, "", u); sub(/.*\\//, "", u)
  for (k = 1; k <= n; k++) if (a[k] != "") t[u]++ }
END { for (u in t) print "ftp=" u " " t[u] }' | sort
for f in "$d"/*/backup.conf; do [ -s "$f" ] && printf '%s\\0' "$f"; done |
xargs -0 -r awk -v q="'" -v w="$(date +%Y-%m-%d_%H-%M-%S)" '
index($0, "BACKUP=" q) == 1 { s = substr($0, 9); n = substr(s, 1, index(s, q) - 1)
  u = FILENAME; sub(/\\/backup\\.conf$/, "", u); sub(/.*\\//, "", u)
  n = substr(n, length(u) + 2, 19); if (n > t[u]) t[u] = n }
END { for (u in t) print "bak=" u " " w " " t[u] }' | sort
for f in "$d"/*/mail/*.conf; do [ -s "$f" ] && printf '%s\\0' "$f"; done | xargs -0 -r awk -v q="'" -v p="$p" '
function v(k, i, s) { i = index($0, k "=" q); if (!i) return ""
  s = substr($0, i + length(k) + 2); return substr(s, 1, index(s, q) - 1) }
{ m = v(" QUOTA"); n = v(" U_DISK"); if (m !~ /^[1-9][0-9]*$/ || n !~ /^[0-9]+$/ || n * 100 < m * p) next
  x = split(FILENAME, a, "/"); u = a[x - 2]; r = n / m; if (u in w && r <= w[u]) next
  w[u] = r; b = a[x]; sub(/\\.conf$/, "", b); t[u] = v("ACCOUNT") "@" b " " n " " m }
END { for (u in t) print "full=" u " " t[u] }' | sort
while [ $# -ge 2 ]; do p=$2
[ -f "$d/$1/mail/$2.conf" ] && while IFS= read -r l; do
a=${l#*"ACCOUNT='"}; a=${a%%"'"*}; m=${l#*" U_DISK='"}
[ "$m" != "$l" ] && printf 'box=%s@%s %s\\n' "$a" "$p" "${m%%"'"*}"
done <"$d/$1/mail/$2.conf"
shift 2; done; echo end=1; exit 0""")


def script(text: FixedText, label: str, *args: str) -> tuple[str, ...]:
    """The argv of one fixed text."""
    return (*BASH, text, label, *args)
