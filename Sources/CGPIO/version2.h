// libgpiod 2: one request holds all lines of a chip that go the same way, each with settings of
// its own, behind one descriptor.

#define YZ_GPIO_MAJOR 2

struct yz_lines {
  struct gpiod_line_request *request;
  struct gpiod_edge_event_buffer *events;
  int count;
  bool outputs;
  unsigned int offset[YZ_GPIO_MAX_LINES];
};

static inline int yz_chip_describe(struct gpiod_chip *chip, struct yz_chip_info *info) {
  struct gpiod_chip_info *found = gpiod_chip_get_info(chip);
  if (!found) return -errno;
  yz_copy_text(info->name, gpiod_chip_info_get_name(found));
  yz_copy_text(info->label, gpiod_chip_info_get_label(found));
  info->lines = (unsigned int)gpiod_chip_info_get_num_lines(found);
  gpiod_chip_info_free(found);
  return 0;
}

static inline int yz_line_describe(
  struct gpiod_chip *chip, unsigned int offset, struct yz_line_info *info
) {
  struct gpiod_line_info *found = gpiod_chip_get_line_info(chip, offset);
  if (!found) return -errno;
  yz_copy_text(info->name, gpiod_line_info_get_name(found));
  yz_copy_text(info->consumer, gpiod_line_info_get_consumer(found));
  info->used = gpiod_line_info_is_used(found);
  info->output = gpiod_line_info_get_direction(found) == GPIOD_LINE_DIRECTION_OUTPUT;
  info->active_low = gpiod_line_info_is_active_low(found);
  gpiod_line_info_free(found);
  return 0;
}

static inline enum gpiod_line_bias yz_bias_of(int bias) {
  switch (bias) {
    case YZ_BIAS_DISABLED: return GPIOD_LINE_BIAS_DISABLED;
    case YZ_BIAS_PULL_UP: return GPIOD_LINE_BIAS_PULL_UP;
    case YZ_BIAS_PULL_DOWN: return GPIOD_LINE_BIAS_PULL_DOWN;
    default: return GPIOD_LINE_BIAS_AS_IS;
  }
}

static inline int yz_add_line(
  struct gpiod_line_config *config, const struct yz_line_spec *spec, bool output
) {
  struct gpiod_line_settings *settings = gpiod_line_settings_new();
  if (!settings) return -errno;
  int code = 0;
  if (output) {
    code = gpiod_line_settings_set_direction(settings, GPIOD_LINE_DIRECTION_OUTPUT)
        || gpiod_line_settings_set_output_value(settings, GPIOD_LINE_VALUE_INACTIVE);
  } else {
    code = gpiod_line_settings_set_direction(settings, GPIOD_LINE_DIRECTION_INPUT)
        || gpiod_line_settings_set_edge_detection(settings, GPIOD_LINE_EDGE_BOTH)
        || gpiod_line_settings_set_event_clock(settings, GPIOD_LINE_CLOCK_MONOTONIC);
  }
  gpiod_line_settings_set_active_low(settings, spec->active_low);
  code = code || gpiod_line_settings_set_bias(settings, yz_bias_of(spec->bias))
      || gpiod_line_config_add_line_settings(config, &spec->offset, 1, settings);
  if (code) code = -errno;
  gpiod_line_settings_free(settings);
  return code;
}

static inline void yz_lines_release(struct yz_lines *lines) {
  if (lines->request) gpiod_line_request_release(lines->request);
  if (lines->events) gpiod_edge_event_buffer_free(lines->events);
  free(lines);
}

static inline int yz_lines_fill(
  struct yz_lines *lines, struct gpiod_chip *chip, const struct yz_line_spec *specs,
  const char *consumer, int *failed
) {
  int code = 0;
  struct gpiod_line_config *config = gpiod_line_config_new();
  struct gpiod_request_config *request = gpiod_request_config_new();
  lines->events = gpiod_edge_event_buffer_new(YZ_GPIO_MAX_EDGES);
  if (!config || !request || !lines->events) code = -ENOMEM;
  for (int i = 0; !code && i < lines->count; i++) {
    lines->offset[i] = specs[i].offset;
    code = yz_add_line(config, &specs[i], lines->outputs);
    if (code) *failed = i;
  }
  if (!code) {
    gpiod_request_config_set_consumer(request, consumer);
    lines->request = gpiod_chip_request_lines(chip, request, config);
    if (!lines->request) code = -errno;
  }
  if (!code) code = yz_never_block(gpiod_line_request_get_fd(lines->request));
  if (config) gpiod_line_config_free(config);
  if (request) gpiod_request_config_free(request);
  return code;
}

// Opens the chip and requests lines of it, outputs inactive from the first moment. Where a line
// is known to be at fault, `failed` holds its position; the kernel does not say which it was.
static inline struct yz_lines *yz_lines_request(
  const char *path, const struct yz_line_spec *specs, int count, bool outputs,
  const char *consumer, int *failed
) {
  *failed = -1;
  struct gpiod_chip *chip = gpiod_chip_open(path);
  if (!chip) return NULL;
  struct yz_lines *lines = (struct yz_lines *)calloc(1, sizeof *lines);
  int code = lines ? 0 : -ENOMEM;
  if (!code) {
    lines->count = count;
    lines->outputs = outputs;
    code = yz_lines_fill(lines, chip, specs, consumer, failed);
  }
  gpiod_chip_close(chip);
  if (!code) return lines;
  if (lines) yz_lines_release(lines);
  errno = -code;
  return NULL;
}

// The descriptors to poll, here one for all; outputs have none.
static inline int yz_lines_descriptors(struct yz_lines *lines, int *out) {
  if (lines->outputs) return 0;
  out[0] = gpiod_line_request_get_fd(lines->request);
  return 1;
}

static inline int yz_position_of(const struct yz_lines *lines, unsigned int offset) {
  int position = 0;
  while (position < lines->count && lines->offset[position] != offset) position++;
  return position;
}

// Takes the edges that wait; 0 where none do. Losses show in the sequence numbers.
static inline int yz_lines_read(
  struct yz_lines *lines, int descriptor, struct yz_edge *out, bool *lost
) {
  (void)descriptor;
  *lost = false;
  int count = gpiod_line_request_read_edge_events(
    lines->request, lines->events, YZ_GPIO_MAX_EDGES
  );
  if (count < 0) return errno == EAGAIN ? 0 : -errno;
  for (int i = 0; i < count; i++) {
    struct gpiod_edge_event *event =
      gpiod_edge_event_buffer_get_event(lines->events, (unsigned long)i);
    out[i].position = yz_position_of(lines, gpiod_edge_event_get_line_offset(event));
    out[i].active = gpiod_edge_event_get_event_type(event) == GPIOD_EDGE_EVENT_RISING_EDGE;
    out[i].nanoseconds = (int64_t)gpiod_edge_event_get_timestamp_ns(event);
    out[i].sequence = (uint32_t)gpiod_edge_event_get_global_seqno(event);
  }
  return count;
}

static inline int yz_lines_get(struct yz_lines *lines, bool *out) {
  enum gpiod_line_value values[YZ_GPIO_MAX_LINES];
  if (gpiod_line_request_get_values(lines->request, values) < 0) return -errno;
  for (int i = 0; i < lines->count; i++) out[i] = values[i] == GPIOD_LINE_VALUE_ACTIVE;
  return 0;
}

static inline int yz_lines_set(struct yz_lines *lines, int position, bool active) {
  enum gpiod_line_value value = active ? GPIOD_LINE_VALUE_ACTIVE : GPIOD_LINE_VALUE_INACTIVE;
  return gpiod_line_request_set_value(lines->request, lines->offset[position], value) < 0
    ? -errno : 0;
}
