#!/bin/sh
# Keeps a server for the tests, in a new folder, and ends both when standard input ends. So nothing
# is left of them, however the process that holds the other end of it ends.
#
#   keeper.sh PROGRAMS SIGNAL
#
# PROGRAMS is the folder of the server's programs, SIGNAL is what ends the server at once.
# Orders come on standard input, a line each; their commands run in the new folder. Answers go to
# standard output, among what the commands print:
#
#   do COMMAND       runs a command                    keeper: did STATUS
#   start COMMAND    starts the server                 keeper: ended, once nothing is left of it
#   signal NAME      sends the server a signal
set -u

# Whoever reads the answers may be gone while there is still something to clear away; then nobody
# wants to know that, either.
trap '' PIPE
exec 2>&1

folder=$(mktemp -d "${TMPDIR:-/tmp}/roster-test-XXXXXX") || exit 1
cd "$folder" || exit 1
server=

# PostgreSQL and PgBouncer refuse to run as root.
run_as=
if [ "$(id -u)" = 0 ]; then
    user=postgres
    id "$user" >/dev/null 2>&1 || user=nobody
    run_as="setpriv --reuid=$user --regid=$(id -g "$user") --clear-groups"
    chown "$user" "$folder"
fi

# Nothing of the caller's own PostgreSQL takes part.
for name in $(env | sed -n 's/^\(PG[A-Z]*\)=.*/\1/p'); do
    unset "$name"
done
export HOME="$folder" PATH="$1:$PATH"

send() {
    # Without its parent, a process of PostgreSQL would still finish what it is at. A machine that
    # loses its power ends all at once.
    if [ "$1" = KILL ]; then
        kill -STOP "$server"
        # shellcheck disable=SC2046 # one word for each process
        kill -KILL $(cat "/proc/$server/task/$server/children")
    fi 2>/dev/null
    kill -"$1" "$server" 2>/dev/null
}

mkfifo output
echo "keeper: folder $folder"
# shellcheck disable=SC2086 # run_as is several words, or none
while read -r order argument; do
    case $order in
    do)
        $run_as sh -c "$argument" </dev/null
        echo "keeper: did $?"
        ;;
    start)
        # A server that has ended must be gone for the next one, which looks for its number.
        [ -z "$server" ] || wait "$server"
        # Both ends of what the server prints, opened before there is anybody who could end.
        exec 3<>output 4>output 5<output 3>&-
        # It reads on until each process of the server has closed its end.
        { cat; echo "keeper: ended"; } <&5 4>&- 5<&- &
        $run_as sh -c "exec $argument" </dev/null >&4 2>&4 4>&- 5<&- &
        server=$!
        exec 4>&- 5<&-
        ;;
    signal) send "$argument" ;;
    esac
done

# A server that has only just been started does not know the signal yet.
tries=0
while [ -n "$server" ] && send "$2"; do
    tries=$((tries + 1))
    [ "$tries" -lt 200 ] || send KILL
    sleep 0.05
done
rm -rf "$folder"
