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
