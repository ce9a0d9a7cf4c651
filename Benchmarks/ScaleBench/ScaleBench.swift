import Glibc

/// What Benchmarks/scale.c does, with the station's own parts.
///
/// usage: ScaleBench decode prints, of each protocol, MB/s of good frames and of noise;
/// ScaleBench wire [COUNT] prints p50 and p99 in microseconds.
@main
struct ScaleBench {
  static func main() throws {
    let arguments = CommandLine.arguments.dropFirst()
    switch arguments.first {
    case "decode": try DecodeBench.run()
    case "wire": try WireBench.run(arguments.dropFirst().first.flatMap { Int($0) } ?? 500)
    default:
      print("usage: ScaleBench decode|wire [COUNT]")
      exit(64)
    }
    exit(0)
  }
}
