// libgpiod 1: line handles belong to their chip, settings are per request. Lines of one station
// differ in settings, so each line is a request of its own here, with a descriptor of its own.

#define YZ_GPIO_MAJOR 1

struct yz_lines {
  struct gpiod_chip *chip;
  int count;
  bool outputs;
  struct gpiod_line *line[YZ_GPIO_MAX_LINES];
};

static inline int yz_chip_describe(struct gpiod_chip *chip, struct yz_chip_info *info) {
  yz_copy_text(info->name, gpiod_chip_name(chip));
  yz_copy_text(info->label, gpiod_chip_label(chip));
  info->lines = gpiod_chip_num_lines(chip);
  return 0;
}

static inline int yz_line_describe(
  struct gpiod_chip *chip, unsigned int offset, struct yz_line_info *info
) {
  struct gpiod_line *line = gpiod_chip_get_line(chip, offset);
  if (!line) return -errno;
  yz_copy_text(info->name, gpiod_line_name(line));
  yz_copy_text(info->consumer, gpiod_line_consumer(line));
  info->used = gpiod_line_is_used(line);
  info->output = gpiod_line_direction(line) == GPIOD_LINE_DIRECTION_OUTPUT;
  info->active_low = gpiod_line_active_state(line) == GPIOD_LINE_ACTIVE_STATE_LOW;
  return 0;
}

static inline int yz_flags_of(const struct yz_line_spec *spec) {
  int flags = spec->active_low ? GPIOD_LINE_REQUEST_FLAG_ACTIVE_LOW : 0;
  switch (spec->bias) {
    case YZ_BIAS_DISABLED: return flags | GPIOD_LINE_REQUEST_FLAG_BIAS_DISABLE;
    case YZ_BIAS_PULL_UP: return flags | GPIOD_LINE_REQUEST_FLAG_BIAS_PULL_UP;
    case YZ_BIAS_PULL_DOWN: return flags | GPIOD_LINE_REQUEST_FLAG_BIAS_PULL_DOWN;
    default: return flags;
  }
}

// Lets go of the lines and closes their chip.
static inline void yz_lines_release(struct yz_lines *lines) {
  for (int i = 0; i < lines->count; i++) gpiod_line_release(lines->line[i]);
  gpiod_chip_close(lines->chip);
  free(lines);
}

// Opens the chip and requests lines of it, outputs inactive from the first moment. Where a line
// is at fault, `failed` holds its position.
static inline struct yz_lines *yz_lines_request(
  const char *path, const struct yz_line_spec *specs, int count, bool outputs,
  const char *consumer, int *failed
) {
  *failed = -1;
  struct yz_lines *lines = (struct yz_lines *)calloc(1, sizeof *lines);
  if (!lines) return NULL;
  lines->outputs = outputs;
  lines->chip = gpiod_chip_open(path);
  if (!lines->chip) {
    int code = errno;
    free(lines);
    errno = code;
    return NULL;
  }
  for (int i = 0; i < count; i++) {
    struct gpiod_line_request_config config = {
      .consumer = consumer,
      .request_type = outputs ? GPIOD_LINE_REQUEST_DIRECTION_OUTPUT
                              : GPIOD_LINE_REQUEST_EVENT_BOTH_EDGES,
      .flags = yz_flags_of(&specs[i]),
    };
    struct gpiod_line *line = gpiod_chip_get_line(lines->chip, specs[i].offset);
    int code = line ? 0 : -errno;
    if (!code && gpiod_line_request(line, &config, 0) < 0) code = -errno;
    if (!code) lines->line[lines->count++] = line;
    if (!code && !outputs) code = yz_never_block(gpiod_line_event_get_fd(line));
    if (code) {
      *failed = i;
      yz_lines_release(lines);
      errno = -code;
      return NULL;
    }
  }
  return lines;
}

// The descriptors to poll, at most one a line; outputs have none.
static inline int yz_lines_descriptors(struct yz_lines *lines, int *out) {
  if (lines->outputs) return 0;
  for (int i = 0; i < lines->count; i++) out[i] = gpiod_line_event_get_fd(lines->line[i]);
  return lines->count;
}

// Takes the edges that wait behind one descriptor; 0 where none do. The kernel keeps 16 a line
// and drops what comes after, untold; a read that finds all 16 places taken sets `lost`, because
// nothing shows whether a seventeenth came.
static inline int yz_lines_read(
  struct yz_lines *lines, int descriptor, struct yz_edge *out, bool *lost
) {
  struct gpiod_line_event events[16];
  int position = 0;
  while (position < lines->count
         && gpiod_line_event_get_fd(lines->line[position]) != descriptor) position++;
  int count = gpiod_line_event_read_fd_multiple(descriptor, events, 16);
  if (count < 0) return errno == EAGAIN ? 0 : -errno;
  for (int i = 0; i < count; i++) {
    out[i].position = position;
    out[i].active = events[i].event_type == GPIOD_LINE_EVENT_RISING_EDGE;
    out[i].nanoseconds = (int64_t)events[i].ts.tv_sec * 1000000000 + events[i].ts.tv_nsec;
    out[i].sequence = 0;
  }
  *lost = count == 16;
  return count;
}

static inline int yz_lines_get(struct yz_lines *lines, bool *out) {
  for (int i = 0; i < lines->count; i++) {
    int value = gpiod_line_get_value(lines->line[i]);
    if (value < 0) return -errno;
    out[i] = value == 1;
  }
  return 0;
}

static inline int yz_lines_set(struct yz_lines *lines, int position, bool active) {
  return gpiod_line_set_value(lines->line[position], active) < 0 ? -errno : 0;
}
