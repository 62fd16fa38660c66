# shellcheck shell=sh
# Shared by the commands in this folder: where things are, how to talk to the person, how to give up.
# It is sourced, never run.

root=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd -P)
export venv="$root/.venv"

# Services and containers may start us without a HOME; libraries (Vosk among them) cannot even be imported then.
if [ -z "${HOME:-}" ]; then
    HOME=$(getent passwd "$(id -u)" 2>/dev/null | cut -d: -f6)
    export HOME="${HOME:-$venv/home}"
fi

# say LINE: tell the person; never on standard output, which belongs to the program that is run.
say() {
    printf 'voicecoach: %s\n' "$*" >&2
}

# give_up LINE: say why it cannot go on, and stop. 3 means: this machine is not set up.
give_up() {
    say "$*"
    exit 3
}
