import Foundation

/// Certificates as an operator makes them.
enum Certificate {
  /// Makes a key and a certificate for loopback that is valid in a span of days from now.
  static func make(
    _ certificate: String,
    _ key: String,
    valid days: ClosedRange<Int> = 0...2
  ) throws {
    try run([
      "genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-out", key,
    ])
    let request = certificate + ".csr"
    try run([
      "req", "-new", "-key", key, "-subj", "/CN=localhost", "-addext",
      "subjectAltName=DNS:localhost,IP:127.0.0.1", "-out", request,
    ])
    let day = { (offset: Int) in
      let formatter = DateFormatter()
      formatter.locale = Locale(identifier: "en_US_POSIX")
      formatter.timeZone = TimeZone(identifier: "UTC")
      formatter.dateFormat = "yyyyMMddHHmmss'Z'"
      return formatter.string(from: Date(timeIntervalSinceNow: Double(offset) * 86_400 - 60))
    }
    let home = certificate + ".ca"
    try FileManager.default.createDirectory(atPath: home, withIntermediateDirectories: true)
    try "".write(toFile: home + "/index", atomically: true, encoding: .utf8)
    let config = """
      [ca]
      default_ca = own
      [own]
      database = \(home)/index
      new_certs_dir = \(home)
      rand_serial = yes
      default_md = sha256
      policy = any
      copy_extensions = copy
      [any]
      commonName = supplied
      """
    try config.write(toFile: home + "/config", atomically: true, encoding: .utf8)
    try run([
      "ca", "-batch", "-selfsign", "-config", home + "/config", "-keyfile", key, "-in", request,
      "-startdate", day(days.lowerBound), "-enddate", day(days.upperBound), "-out", certificate,
      "-notext",
    ])
  }

  private static func run(_ arguments: [String]) throws {
    try Spawn.run(["/usr/bin/openssl"] + arguments)
  }
}
