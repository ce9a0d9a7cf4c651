internal import CGPIO
internal import Domain
internal import Drivers
internal import Glibc

/// Lines of one chip, held until the last reference is gone.
@safe final class RequestedLines {
  /// What to poll; empty for outputs.
  let descriptors: [Int32]
  private let raw: UnsafeMutablePointer<yz_lines>
  private let count: Int
  /// Room for one read, taken once.
  private var batch = [yz_edge](repeating: yz_edge(), count: Int(YZ_GPIO_MAX_EDGES))

  init(
    path: String,
    specs: [LineSpec],
    offsets: [Int],
    areOutputs: Bool,
    consumer: String
  ) throws(Trouble) {
    count = specs.count
    if specs.count > Int(YZ_GPIO_MAX_LINES) {
      throw LineFault.tooMany(limit: Int(YZ_GPIO_MAX_LINES)).trouble(specs[0])
    }
    let wanted = zip(specs, offsets).map { spec, offset in
      yz_line_spec(
        offset: UInt32(offset),
        active_low: spec.activeLow,
        bias: Self.bias(spec.bias)
      )
    }
    var failed: Int32 = -1
    let lines = unsafe yz_lines_request(
      path,
      wanted,
      Int32(specs.count),
      areOutputs,
      consumer,
      &failed
    )
    let code = errno
    guard let lines = unsafe lines else {
      throw Self.trouble(code, path: path, specs: specs, offsets: offsets, failed: Int(failed))
    }
    unsafe raw = lines
    var descriptors = [Int32](repeating: -1, count: Int(YZ_GPIO_MAX_LINES))
    let used = unsafe yz_lines_descriptors(lines, &descriptors)
    self.descriptors = Array(descriptors.prefix(Int(used)))
  }

  deinit {
    unsafe yz_lines_release(raw)
  }

  /// Takes what waits, up to 256 edges: the rest of a line gone wild comes with the next turn, and
  /// lines with something to say of hands come in between.
  ///
  /// - Returns: Whether the kernel may have run out of room for edges.
  func read(_ descriptor: Int32, _ take: (yz_edge) -> Void) throws(PortError) -> Bool {
    var (taken, hasOverrun) = (0, false)
    while taken < 256 {
      var lost = false
      let count = unsafe yz_lines_read(raw, descriptor, &batch, &lost)
      try check("reading edges", count)
      if count == 0 { break }
      for index in 0..<Int(count) { take(batch[index]) }
      taken += Int(count)
      hasOverrun = hasOverrun || lost
    }
    return hasOverrun
  }

  func levels() throws(PortError) -> [Bool] {
    var levels = [Bool](repeating: false, count: Int(YZ_GPIO_MAX_LINES))
    try check("reading levels", unsafe yz_lines_get(raw, &levels))
    return Array(levels.prefix(count))
  }

  func set(_ position: Int, _ active: Bool) throws(PortError) {
    try check("setting a line", unsafe yz_lines_set(raw, Int32(position), active))
  }

  private func check(_ operation: String, _ code: Int32) throws(PortError) {
    if code < 0 { throw PortError(operation: operation, errno: -code, path: "") }
  }

  private static func bias(_ bias: LineSpec.Bias) -> Int32 {
    switch bias {
    case .asIs: Int32(YZ_BIAS_AS_IS)
    case .disabled: Int32(YZ_BIAS_DISABLED)
    case .pullUp: Int32(YZ_BIAS_PULL_UP)
    case .pullDown: Int32(YZ_BIAS_PULL_DOWN)
    }
  }

  /// Finds the line that the refusal is about; the kernel refuses a request as a whole.
  private static func trouble(
    _ code: Int32,
    path: String,
    specs: [LineSpec],
    offsets: [Int],
    failed: Int
  ) -> Trouble {
    let suspects = specs.indices.contains(failed) ? failed..<failed + 1 : specs.indices
    let (position, fault) = LineFault.ofRequest(
      errno: code,
      path: path,
      asked: suspects.map { (specs[$0].bias, offsets[$0]) },
      lines: [EBUSY, ENODEV, ENXIO].contains(code)
        ? GPIOInventory.chip(named: "", path: path).lines : []
    )
    return fault.trouble(specs[suspects.lowerBound + position])
  }
}
