# shellcheck shell=sh
# Simulated hardware for a job: `. /rig/devices.sh`. Works under set -eu.
#
#   gpio_up LABEL LINE...   a gpio-sim chip with lines of these names ("-": no name);
#                           prints "NAME FOLDER" for each, see gpio_paths
#   gpio_down LABEL
#   gpio_paths              NAME and sysfs folder of every named line, one a line
#   gpio_pull LINE up|down  what the outside world puts on an input
#   gpio_value LINE         what an output shows the outside world: 0 or 1
#   scale_up [NAME]         USB HID scale; prints the device side, /dev/hidgN; plugs an old one in again
#   printer_up [NAME]       USB label printer; prints the device side, /dev/g_printerN
#   acm_up [NAME]           USB serial device; prints the device side, /dev/ttyGSN
#   scanner_up [NAME]       barcode scanner in HID POS mode; prints the device side, /dev/hidgN
#   wedge_up [NAME]         barcode scanner in keyboard mode; prints the device side, /dev/hidgN
#   host_device NAME        the host side: /dev/hidrawN, /dev/usb/lpN or /dev/ttyACMN
#   unplug NAME, plug NAME  as pulling and putting the cable; plug waits for the host
#   wait_until SECONDS COMMAND...
#   rig_bytes HEX...        these bytes, in one write
#
# PRINTER_QUEUE (default 2) is how many 8 KiB buffers a printer takes from the host before its
# program reads anything; stock is 10, which swallows whole labels.

rig_state=/run/rig-devices
rig_usb=/sys/kernel/config/usb_gadget
rig_gpio=/sys/kernel/config/gpio-sim

rig_die() {
  echo "rig devices: $*" >&2
  return 1
}

wait_until() {
  wait_end=$(($(rig_seconds) + $1))
  shift
  until "$@" >/dev/null 2>&1; do
    [ "$(rig_seconds)" -lt "$wait_end" ] || return 1
    sleep 0.05
  done
}

rig_seconds() { cut -d . -f 1 /proc/uptime; }

# --- GPIO ---------------------------------------------------------------------------------------

# Edges are stamped in the interrupt that the write to `pull` raises, so they are exact; whether
# one rises or falls is read later, in a thread. Keep a level for some 20 ms, or two edges may
# become one or carry the wrong direction.
gpio_up() {
  [ $# -ge 2 ] || rig_die 'usage: gpio_up LABEL LINE...' || return
  modprobe gpio_sim_rig || rig_die 'gpio-sim cannot be loaded; see dmesg' || return
  gpio_chip=$rig_gpio/$1
  mkdir -p "$rig_state" "$gpio_chip/bank0"
  echo "$1" >"$gpio_chip/bank0/label"
  shift
  echo $# >"$gpio_chip/bank0/num_lines"
  gpio_offset=0
  for gpio_line in "$@"; do
    if [ "$gpio_line" != - ]; then
      mkdir "$gpio_chip/bank0/line$gpio_offset"
      echo "$gpio_line" >"$gpio_chip/bank0/line$gpio_offset/name"
    fi
    gpio_offset=$((gpio_offset + 1))
  done
  echo 1 >"$gpio_chip/live"
  gpio_folder=/sys/devices/platform/$(cat "$gpio_chip/dev_name")/$(cat "$gpio_chip/bank0/chip_name")
  gpio_offset=0
  for gpio_line in "$@"; do
    [ "$gpio_line" = - ] || echo "$gpio_line $gpio_folder/sim_gpio$gpio_offset"
    gpio_offset=$((gpio_offset + 1))
  done >"$rig_state/${gpio_chip##*/}.lines"
  cat "$rig_state/${gpio_chip##*/}.lines"
}

gpio_down() {
  echo 0 >"$rig_gpio/$1/live"
  rmdir "$rig_gpio/$1"/bank0/line* "$rig_gpio/$1/bank0" "$rig_gpio/$1"
  rm -f "$rig_state/$1.lines"
}

gpio_paths() { cat "$rig_state"/*.lines; }

gpio_folder_of() {
  gpio_found=$(gpio_paths | sed -n "s/^$1 //p")
  [ -n "$gpio_found" ] || rig_die "there is no line $1; see gpio_paths" || return
  echo "$gpio_found"
}

gpio_pull() { gpio_pulled=$(gpio_folder_of "$1") && echo "pull-$2" >"$gpio_pulled/pull"; }

gpio_value() { gpio_shown=$(gpio_folder_of "$1") && cat "$gpio_shown/value"; }

# --- USB ----------------------------------------------------------------------------------------

gadget_new() { # NAME VID PID PRODUCT
  gadget=$rig_usb/$1
  [ ! -e "$gadget" ] || rig_die "there is a $1 already" || return
  [ -e /sys/class/udc/dummy_udc.0 ] || modprobe dummy_hcd num=16
  modprobe libcomposite
  mkdir -p "$rig_state"
  for gadget_udc in /sys/class/udc/dummy_udc.*; do
    grep -qsx "${gadget_udc##*/}" "$rig_state"/*.udc || break
    gadget_udc=''
  done
  [ -n "$gadget_udc" ] || rig_die 'all sixteen USB ports are taken' || return
  echo "${gadget_udc##*/}" >"$rig_state/$1.udc"
  mkdir -p "$gadget/strings/0x409" "$gadget/configs/c.1/strings/0x409"
  echo "$2" >"$gadget/idVendor"
  echo "$3" >"$gadget/idProduct"
  echo 0x0200 >"$gadget/bcdUSB"
  echo Rig >"$gadget/strings/0x409/manufacturer"
  echo "$4" >"$gadget/strings/0x409/product"
  echo "RIG-$1" >"$gadget/strings/0x409/serialnumber"
}

# In one write: a report, and a descriptor, is what one write holds.
rig_bytes() {
  rig_octal=''
  for rig_byte in "$@"; do rig_octal=$rig_octal$(printf '\\%03o' "0x$rig_byte"); done
  # shellcheck disable=SC2059 # the format is the bytes
  printf "$rig_octal"
}

# f_hid: a write is queued and returns at once; the next one waits (EAGAIN when non-blocking)
# until the host has fetched the first. The host fetches only while some program has the hidraw
# node open, and throws away what it fetches in the first 50 ms of that. Unplugged, a write gives
# ESHUTDOWN, but poll says nothing and a blocked read sleeps on.
scale_up() {
  set -- "${1:-scale}"
  if hid_again "$1"; then return; fi
  gadget_new "$1" 0x0922 0x8003 'Rig scale' || return
  hid_function "$1" 6 || return
  rig_bytes 05 8D 09 20 A1 01 \
    09 31 A1 02 85 02 15 00 25 01 75 01 95 02 09 81 09 80 91 02 75 06 95 01 91 03 C0 \
    09 32 A1 02 85 03 75 08 95 01 15 01 25 08 09 70 A1 02 19 71 29 78 81 00 C0 \
    25 0C 09 50 A1 02 19 51 29 5C 81 00 C0 15 81 25 7F 09 41 81 02 \
    75 10 15 00 27 FF FF 00 00 09 40 81 02 C0 \
    C0 >"$hid/report_desc"
  hid_plug "$1"
}

# Reports of 64 bytes with the id 2; the id 4 takes the trigger, over the control endpoint.
scanner_up() {
  set -- "${1:-scanner}"
  if hid_again "$1"; then return; fi
  gadget_new "$1" 0x0c2e 0x0b87 'Rig scanner' || return
  hid_function "$1" 64 || return
  echo 1 >"$hid/no_out_endpoint"
  rig_bytes 05 8C 09 02 A1 01 \
    09 12 A1 02 85 02 15 00 26 FF 00 75 08 95 01 05 01 09 3B 81 02 \
    95 03 05 8C 09 FB 09 FC 09 FD 81 02 95 38 09 FE 82 02 01 06 66 FF 95 02 09 04 09 00 81 02 \
    05 8C 25 01 75 01 95 08 09 FF 81 02 C0 \
    09 14 A1 02 85 04 09 5F 09 60 09 85 09 86 95 04 91 02 95 04 91 03 C0 \
    C0 >"$hid/report_desc"
  hid_plug "$1"
}

# The boot keyboard of HID 1.11, appendix B.1: modifiers, 0, six keys.
wedge_up() {
  set -- "${1:-wedge}"
  gadget_new "$1" 0x1eab 0x0103 'Rig keyboard scanner' || return
  hid_function "$1" 8 || return
  echo 1 >"$hid/protocol"
  echo 1 >"$hid/subclass"
  rig_bytes 05 01 09 06 A1 01 05 07 19 E0 29 E7 15 00 25 01 75 01 95 08 81 02 95 01 75 08 81 03 \
    95 05 75 01 05 08 19 01 29 05 91 02 95 01 75 03 91 03 \
    95 06 75 08 15 00 25 65 05 07 19 00 29 65 81 00 C0 >"$hid/report_desc"
  hid_plug "$1"
}

hid_function() { # NAME REPORT-LENGTH
  hid=$gadget/functions/hid.$1
  mkdir "$hid"
  echo 0 >"$hid/protocol"
  echo 0 >"$hid/subclass"
  echo "$2" >"$hid/report_length"
}

# The kernel has room for four HID functions: one that was unplugged is plugged in again.
hid_again() { # NAME
  hid=$rig_usb/$1/functions/hid.$1
  [ -e "$hid" ] || return
  plug "$1" && hid_device
}

hid_plug() { # NAME
  ln -s "$hid" "$gadget/configs/c.1/"
  plug "$1" || return
  hid_device
}

hid_device() {
  hid_node=$(sed -n 's/^DEVNAME=//p' "/sys/dev/char/$(cat "$hid/dev")/uevent")
  echo "/dev/$hid_node"
}

# f_printer: one opener at a time, and none while unplugged (ENODEV). It takes from the host only
# after the first read or poll. A blocking read locks writes out: open it non-blocking and poll.
# Unplugged, poll says ERR|HUP at once and always, reads and writes give ENODEV; the open file
# works again after plug, and what was taken but not read is still to be read.
printer_up() {
  set -- "${1:-printer}"
  gadget_new "$1" 0x1203 0x0140 'Rig label printer' || return
  printer=$gadget/functions/printer.$1
  mkdir "$printer"
  # The kernel sends as many bytes as the text has, its own two length bytes included.
  printf %s 'MFG:TSC;CMD:TSPL;MDL:TE244;CLS:PRINTER;  ' >"$printer/pnp_string"
  echo "${PRINTER_QUEUE:-2}" >"$printer/q_len"
  ln -s "$printer" "$gadget/configs/c.1/"
  printers_before=$(echo /dev/g_printer*)
  plug "$1" || return
  # The node's number can be had in no other way.
  for printer_node in /dev/g_printer*; do
    case " $printers_before " in *" $printer_node "*) ;; *) echo "$printer_node" ;; esac
  done
}

# Unplugging hangs up: the device side must open its node anew after plug.
acm_up() {
  set -- "${1:-acm}"
  gadget_new "$1" 0x0525 0xa4a7 'Rig serial device' || return
  mkdir "$gadget/functions/acm.$1"
  ln -s "$gadget/functions/acm.$1" "$gadget/configs/c.1/"
  plug "$1" || return
  echo "/dev/ttyGS$(cat "$gadget/functions/acm.$1/port_num")"
}

gadget_udc_of() { cat "$rig_state/$1.udc" 2>/dev/null || rig_die "there is no USB device $1"; }

# Pulling the cable is cutting the power of the host's port: the host loses the device, the device
# side loses its bus, and its nodes stay. Not by writing to the gadget's UDC: that removes the
# nodes too, and f_printer of 6.1 destroys the kernel's memory when it comes back while a program
# still has the old node open. Nor by soft_connect: dummy_hcd stays deaf after it.
plug() {
  plug_udc=$(gadget_udc_of "$1") || return
  if [ -z "$(cat "$rig_usb/$1/UDC")" ]; then
    echo "$plug_udc" >"$rig_usb/$1/UDC"
  else
    rig_port_off "$plug_udc" 0
  fi
  # The host's drivers come to a device only after it is "configured".
  wait_until 30 host_device "$1" \
    || rig_die "the host made no device node for $1 within 30 s; see dmesg" || return
  udevadm settle --timeout=30
}

unplug() {
  unplug_udc=$(gadget_udc_of "$1") || return
  rig_port_off "$unplug_udc" 1
}

rig_port_off() {
  echo "$2" | tee "/sys/devices/platform/dummy_hcd.${1##*.}"/usb*/*:1.0/usb*-port1/disable >/dev/null
}

# Port N of the device side is bus N of the host side, whatever the host has numbered them.
host_device() {
  host_udc=$(gadget_udc_of "$1") || return
  host_node=$(find "/sys/devices/platform/dummy_hcd.${host_udc##*.}"/usb*/*-1/ -name dev \
    \( -path '*/hidraw/*' -o -path '*/usbmisc/lp*' -o -path '*/tty/*' \) 2>/dev/null | head -n 1)
  [ -n "$host_node" ] || rig_die "the host has no device node for $1" || return
  sed -n 's/^DEVNAME=/\/dev\//p' "${host_node%/dev}/uevent"
}
