"""Fixed shell texts about what is inside an account, as in `scripts`.

Hestia's own listings won't do here: they answer under the name that was asked for, whatever was found
(`v-list-mail-account`), and lose backslashes (`hestia.md` 3.2).
"""

from __future__ import annotations

from hostdeck.core.drivers.guard import FixedText

# mail-accounts ACCOUNT_FILE: every mailbox of a mail domain as a line of its file, without what its password became,
# and end=1 last; 3 if there is no such domain.
MAIL_ACCOUNTS = FixedText("""f=$1; [ -f "$f" ] || exit 3; sed "s/ MD5='[^']*'//" "$f" && echo end=1""")

# mail-names-alone ACCOUNT_FILE NAME: 0 if a mailbox has exactly this name, and a command about it or its aliases would
# reach no other name; 3 if none has it and none is like it, in either direction; 4 and the name that is in the way; 5
# if that can't be read. To Hestia a dot is any character (`hestia.md` 1.6, 7).
MAIL_NAMES_ALONE = FixedText("""f=$1 n=$2 x=3; [ -f "$f" ] && [ -r "$f" ] || exit 5; all=() mine=("$n")
while IFS= read -r l; do a=${l#*"ACCOUNT='"} a=${a%%"'"*}; b=${l#*" ALIAS='"}; [ "$b" = "$l" ] && b="'"; b=${b%%"'"*}
IFS=, read -r -a c <<<"$b"; all+=("$a" "${c[@]}"); [ "$a" = "$n" ] && x=0 mine+=("${c[@]}")
done <"$f"
for m in "${mine[@]}"; do p=${m//./?} k=0; for o in "${all[@]}"; do
if [ "$o" = "$m" ]; then k=$((k + 1)); [ "$k" = 1 ] && [ "$x" = 0 ] && continue; printf '%s\\n' "$o"; exit 4; fi
if [[ $o == $p ]]; then printf '%s\\n' "$o"; exit 4; fi
if [ "$x" = 3 ] && [[ $n == ${o//./?} ]]; then printf '%s\\n' "$o"; exit 4; fi
done; done; exit "$x\"""")

# cron-lines CRON_FILE: every job of an account as a line of its file, and end=1 last; no file is no jobs.
CRON_LINES = FixedText("""f=$1; [ -e "$f" ] && { cat "$f" || exit 5; }; echo end=1""")

# cron-is CRON_FILE JOB MIN HOUR DAY MONTH WDAY CMD: 0 if the job of this number is exactly this one, else 64 and what
# it is, if anything; JOB '*': 0 if no job is this one, else 4 and the line. CMD as the file has it: ' is %quote%.
CRON_IS = FixedText("""f=$1 j=$2; t=" MIN='$3' HOUR='$4' DAY='$5' MONTH='$6' WDAY='$7' CMD='$8' SUSPENDED='"
[ -e "$f" ] && { [ -r "$f" ] || exit 5; } || { [ "$j" = '*' ] && exit 0; exit 64; }
while IFS= read -r l; do r=${l#"JOB='"}; n=${r%%"'"*}; case $r in "$n'$t"*) e=1 ;; *) e=0 ;; esac
if [ "$j" = '*' ]; then [ "$e" = 1 ] && { printf '%s\\n' "$l"; exit 4; }
elif [ "$n" = "$j" ]; then [ "$e" = 1 ] && exit 0; printf '%s\\n' "$l"; exit 64; fi
done <"$f"; [ "$j" = '*' ] && exit 0; exit 64""")
