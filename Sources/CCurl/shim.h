#pragma once
#include <curl/curl.h>

// curl_easy_setopt and curl_easy_getinfo are variadic, which Swift cannot call.

static inline CURLcode yz_curl_set_long(CURL *handle, CURLoption option, long value) {
  return curl_easy_setopt(handle, option, value);
}

static inline CURLcode yz_curl_set_text(CURL *handle, CURLoption option, const char *value) {
  return curl_easy_setopt(handle, option, value);
}

static inline CURLcode yz_curl_set_pointer(CURL *handle, CURLoption option, const void *value) {
  return curl_easy_setopt(handle, option, value);
}

static inline CURLcode yz_curl_set_size(CURL *handle, CURLoption option, curl_off_t value) {
  return curl_easy_setopt(handle, option, value);
}

static inline CURLcode yz_curl_set_write(CURL *handle, curl_write_callback callback) {
  return curl_easy_setopt(handle, CURLOPT_WRITEFUNCTION, callback);
}

static inline CURLcode yz_curl_set_progress(CURL *handle, curl_xferinfo_callback callback) {
  return curl_easy_setopt(handle, CURLOPT_XFERINFOFUNCTION, callback);
}

static inline long yz_curl_status(CURL *handle) {
  long value = 0;
  curl_easy_getinfo(handle, CURLINFO_RESPONSE_CODE, &value);
  return value;
}

static inline curl_off_t yz_curl_retry_after(CURL *handle) {
  curl_off_t value = 0;
  curl_easy_getinfo(handle, CURLINFO_RETRY_AFTER, &value);
  return value;
}

// Everything of the last transfer, both ways, above TLS.
static inline curl_off_t yz_curl_bytes(CURL *handle) {
  curl_off_t up = 0, down = 0;
  long request = 0, header = 0;
  curl_easy_getinfo(handle, CURLINFO_SIZE_UPLOAD_T, &up);
  curl_easy_getinfo(handle, CURLINFO_SIZE_DOWNLOAD_T, &down);
  curl_easy_getinfo(handle, CURLINFO_REQUEST_SIZE, &request);
  curl_easy_getinfo(handle, CURLINFO_HEADER_SIZE, &header);
  return up + down + request + header;
}

static inline long yz_curl_connects(CURL *handle) {
  long value = 0;
  curl_easy_getinfo(handle, CURLINFO_NUM_CONNECTS, &value);
  return value;
}

static inline CURLcode yz_curl_global_init(void) { return curl_global_init(CURL_GLOBAL_DEFAULT); }
