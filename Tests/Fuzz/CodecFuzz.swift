import Drivers
import Glibc

/// One codec as libFuzzer plays with it.
///
/// A run must end in ``violated(_:)`` where the codec breaks a promise; everything else that goes
/// wrong is a trap, which libFuzzer catches as well.
protocol CodecFuzz: Sendable {
  func run(_ input: inout FuzzInput)
}

/// The codecs by the names that `run --only` takes.
enum CodecFuzzes {
  static var names: [String] {
    ScaleProtocols.all.map { $0.identifier } + ScannerProtocols.all.map { $0.identifier }
      + ["scanned-code", "carrier-pattern", "modbus", "aibus"]
  }

  static func named(_ name: String, _ specimens: Specimens) -> (any CodecFuzz)? {
    if let kind = ScaleProtocols.named(name) { return ScaleFuzz(kind, specimens) }
    if let kind = ScannerProtocols.named(name) { return ScannerFuzz(kind, specimens) }
    return switch name {
    case "scanned-code": ScannedCodeFuzz(specimens)
    case "carrier-pattern": CarrierPatternFuzz()
    case "modbus": ModbusFuzz(specimens)
    case "aibus": AIBUSFuzz(specimens)
    default: nil
    }
  }
}

/// The codec of this process: `run` says which in the environment, and hands over its specimens.
private let chosen = CodecFuzzes.named(
  environment("YIZHAN_FUZZ_CODEC"),
  Specimens(environment("YIZHAN_FUZZ_SPECIMENS"))
)

private func environment(_ name: String) -> String {
  unsafe getenv(name).map { unsafe String(cString: $0) } ?? ""
}

/// Called by libFuzzer before anything else; without a codec to play with it lists them all.
@_cdecl("LLVMFuzzerInitialize")
func prepare(_ count: UnsafePointer<CInt>?, _ arguments: UnsafeRawPointer?) -> CInt {
  if chosen == nil {
    print(CodecFuzzes.names.joined(separator: "\n"))
    exit(0)
  }
  return 0
}

/// Called by libFuzzer for each input that it makes up.
@_cdecl("LLVMFuzzerTestOneInput")
func fuzz(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  var input = unsafe FuzzInput(Array(UnsafeBufferPointer(start: start, count: count)))
  chosen?.run(&input)
  return 0
}

/// Ends the run where a promise is broken; libFuzzer keeps the input.
func violated(_ message: String) -> Never {
  let line = Array("violated: \(message)\n".utf8)
  _ = unsafe write(STDERR_FILENO, line, line.count)
  abort()
}

func require(_ holds: Bool, _ message: () -> String) {
  if !holds { violated(message()) }
}
