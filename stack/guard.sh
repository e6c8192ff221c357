# Runs one command and ends it when the pipe on descriptor 3 is closed, which also happens when whoever holds its other
# end is killed. Usage: sh guard.sh GRACE_SECONDS COMMAND [ARGUMENT...]; writes the command's process id to the pipe.
grace=$1
shift
"$@" 3>&- &
child=$!
echo "$child" >&3
(
  read -r _ <&3
  kill -TERM "$child" 2>/dev/null
  waited=0
  while [ "$waited" -lt "$grace" ] && kill -0 "$child" 2>/dev/null; do
    sleep 1
    waited=$((waited + 1))
  done
  kill -KILL "$child" 2>/dev/null
) &
watch=$!
# Only the pipe ends the guard. Set last, or the command would inherit it.
trap '' HUP INT TERM
wait "$child"
code=$?
kill "$watch" 2>/dev/null
exit "$code"
