# shellcheck shell=sh
# One line a check, for jobs: `. /rig/checks.sh`; the last command of the job is end_of_checks.
failed=0

check() { # WHAT COMMAND...
  what=$1
  shift
  if "$@"; then echo "ok    $what"; else echo "FAIL  $what"; failed=1; fi
}

is() { [ "$1" = "$2" ] || { echo "      expected '$2', got '$1'"; return 1; }; }
stamp() { echo "      $(cut -d . -f 1 /proc/uptime) s: $*"; }

end_of_checks() {
  check 'the kernel has no complaint' is "$(dmesg | grep -E 'BUG:|WARNING:|Oops|list_del corruption')" ''
  stamp 'end'
  exit "$failed"
}
