#!/usr/bin/env bash
# abidiff told to allow members at the end of a struct allows it a changed, renamed or exchanged member, too.
#
# Expected: has_data_member_inserted_at = end suppresses what its manual says, reports of "a type which has at least one data
#   member inserted" there. A library whose structs only grow at the end passes; any other change is reported.
# Seen: exit status 0, "0 Changed (1 filtered out)", for a struct with no new member at all, one of whose fields is now a
#   float. A struct that did grow may rename its fields, and change their types and order.
# Instead: compare without a suppression, after cutting off what the new structs have beyond the old.
set -euo pipefail
for tool in abidiff gcc; do
    command -v "$tool" > /dev/null || { echo "needs abidiff 2.2.0 (abigail-tools of Debian 12) and gcc on PATH" >&2; exit 1; }
done
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
printf '[suppress_type]\n  type_kind = struct\n  has_data_member_inserted_at = end\n' > end.abignore

library() {
    printf 'struct unit { %s };\nfloat due(const struct unit *unit) { return unit->seconds; }\n' "$2" > "$1.c"
    gcc -g -shared -fPIC -o "$1.so" "$1.c"
}

# Its exit status: 0 for "the same", 4 for "changed".
status() {
    local code=0
    abidiff "$@" > report || code=$?
    echo "$code"
}

library before "unsigned number; float seconds; unsigned beat;"
library grown "unsigned number; float seconds; unsigned beat; unsigned shift;"
library changed "unsigned number; float seconds; float beat;"
library grown_and_changed "unsigned number; float seconds; float beat; unsigned shift;"
library grown_and_renamed "unsigned number; float seconds; unsigned district; unsigned shift;"
library grown_and_exchanged "float seconds; unsigned number; unsigned beat; unsigned shift;"
library inserted "unsigned number; float seconds; unsigned shift; unsigned beat;"

version=$(abidiff --version)
echo "$version; exit status without and with the suppression"
[ "$version" = "abidiff: 2.2.0" ] || { echo "needs abidiff 2.2.0 on PATH" >&2; exit 1; }
for after in grown changed grown_and_changed grown_and_renamed grown_and_exchanged inserted; do
    echo "$after: $(status before.so $after.so) $(status --suppr end.abignore before.so $after.so)"
done | tee answers
[ "$(cat answers)" = "grown: 4 0
changed: 4 0
grown_and_changed: 4 0
grown_and_renamed: 4 0
grown_and_exchanged: 4 0
inserted: 4 4" ] || { echo "no longer seen: the exit statuses are others" >&2; exit 1; }
