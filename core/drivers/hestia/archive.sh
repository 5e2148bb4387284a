# Of both texts that open an archive of Hestia's; `nice` is what they run by. What is in it is its customer's word.

# list_parts ARCHIVE: the members that are parts, a line each and each once. 3 where there are too many, 4 where one
# says to be larger than all of it, as no archive of Hestia's does: holes, which would be read for years; 137 where an
# hour was not enough; else what tar has to say.
list_parts() {
  local own='mail/[^/]+/hestia/[^/]+\.conf'
  local packed='web/[^/]+/domain_data\.tar|mail/[^/]+/accounts\.tar|db/[^/]+/[^/]+\.sql|user_dir/[^/]+\.tar'
  $nice timeout --foreground -s KILL 1h tar --numeric-owner -tvf "$1" 2>/dev/null | cut -b 1-700 |
    sed -nE "s,^-[^ ]* [0-9]+/[0-9]+ +([0-9]+) [^ ]+ [^ ]+ (\./($own|($packed)\.(zst|gz)))\$,\1 \2,p" |
    awk -v whole="$(stat -Lc %s "$1")" '
      $1 + 0 > whole + 0 { holes = 1 }
      { sub(/^[0-9]+ /, "") }
      n <= 1000 && !seen[$0]++ && ++n <= 1000
      END { exit holes ? 4 : n > 1000 ? 3 : 0 }'
}

# take ARCHIVE MEMBER: what is in it, of the first of that name alone.
take() { $nice tar --occurrence=1 -xOf "$1" "$2" 2>/dev/null; }

# boxes ARCHIVE MEMBER: how many mailboxes a mail domain's own list has.
boxes() { take "$1" "$2" | head -c 16M | grep -ac "^ACCOUNT='"; }
