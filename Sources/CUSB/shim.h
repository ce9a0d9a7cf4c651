// What Swift cannot call or should not hold of libusb: a variadic option, callbacks, and memory
// that the kernel writes to while a transfer is under way.
#pragma once
#include <libusb.h>
#include <poll.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

// An open device on a usbfs descriptor that stays the caller's.
//
// One context a device and no discovery: no scan of the bus, no thread of libusb's own.
struct yz_usb {
  libusb_context *context;
  libusb_device_handle *handle;
};

static inline int yz_usb_open(struct yz_usb *usb, int descriptor) {
  memset(usb, 0, sizeof *usb);
#if LIBUSB_API_VERSION >= 0x0100010A
  struct libusb_init_option option = { .option = LIBUSB_OPTION_NO_DEVICE_DISCOVERY };
  int code = libusb_init_context(&usb->context, &option, 1);
#else
  int code = libusb_set_option(NULL, LIBUSB_OPTION_NO_DEVICE_DISCOVERY);
  if (code == LIBUSB_SUCCESS) code = libusb_init(&usb->context);
#endif
  if (code != LIBUSB_SUCCESS) return code;
  code = libusb_wrap_sys_device(usb->context, (intptr_t)descriptor, &usb->handle);
  if (code != LIBUSB_SUCCESS) libusb_exit(usb->context);
  return code;
}

static inline void yz_usb_close(struct yz_usb *usb) {
  libusb_close(usb->handle);
  libusb_exit(usb->context);
}

// The descriptors to poll before events are handled; how many there are, or an error.
static inline int yz_usb_poll_set(struct yz_usb *usb, struct pollfd *out, int capacity) {
  const struct libusb_pollfd **all = libusb_get_pollfds(usb->context);
  if (!all) return LIBUSB_ERROR_NO_MEM;
  int count = 0;
  while (all[count] && count < capacity) {
    out[count] = (struct pollfd){ .fd = all[count]->fd, .events = all[count]->events };
    count++;
  }
  libusb_free_pollfds(all);
  return count;
}

// Handles what has happened, without waiting.
static inline int yz_usb_handle_events(struct yz_usb *usb) {
  struct timeval none = { 0, 0 };
  return libusb_handle_events_timeout_completed(usb->context, &none, NULL);
}

// A bulk transfer with its buffer; while `active` both belong to libusb and the kernel.
struct yz_usb_transfer {
  struct libusb_transfer *transfer;
  unsigned char *data;
  int capacity;
  bool active;
  int status;
  int moved;
};

static inline void LIBUSB_CALL yz_usb_completed(struct libusb_transfer *transfer) {
  struct yz_usb_transfer *own = (struct yz_usb_transfer *)transfer->user_data;
  own->status = transfer->status;
  own->moved = transfer->actual_length;
  own->active = false;
}

static inline struct yz_usb_transfer *yz_usb_transfer_new(int capacity) {
  struct yz_usb_transfer *own = (struct yz_usb_transfer *)calloc(1, sizeof *own);
  if (!own) return NULL;
  own->transfer = libusb_alloc_transfer(0);
  own->data = (unsigned char *)malloc((size_t)capacity);
  own->capacity = capacity;
  if (own->transfer && own->data) return own;
  libusb_free_transfer(own->transfer);
  free(own->data);
  free(own);
  return NULL;
}

// Only for a transfer that is not active, and before its device is closed.
static inline void yz_usb_transfer_free(struct yz_usb_transfer *own) {
  libusb_free_transfer(own->transfer);
  free(own->data);
  free(own);
}

// Starts a transfer of `length` bytes without a time limit; its end shows in `active`.
static inline int yz_usb_submit(
  struct yz_usb *usb, struct yz_usb_transfer *own, unsigned char endpoint, int length
) {
  libusb_fill_bulk_transfer(
    own->transfer, usb->handle, endpoint, own->data, length, yz_usb_completed, own, 0
  );
  own->active = true;
  own->moved = 0;
  int code = libusb_submit_transfer(own->transfer);
  if (code != LIBUSB_SUCCESS) own->active = false;
  return code;
}
