import ArgumentParser
import Domain
import Foundation
import Hub
import Logging
import Uplink

struct Import: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Take in what a courier brought on a stick (导入).",
    discussion: """
      Takes each batch once, in any order and however often; writes an acknowledgement beside them
      for the way back. What was altered, or is of a box that nobody approved, is refused and named.

      EXAMPLES
        yizhan-hub import /media/stick --store hub.sqlite --tls-key key.pem

      Exit codes: 1 something was refused, 66 no key, 74 the stick or the store fails.
      """
  )

  @Argument(help: "The folder with the files.")
  var folder: String

  @OptionGroup var store: StoreOptions

  @Option(help: "The PEM file with the hub's key (P-256); stations know it by their `hub.pin`.")
  var tlsKey: String

  @Flag(help: "Print JSON.")
  var json = false

  func run() async throws {
    guard let pem = try? String(contentsOfFile: tlsKey, encoding: .utf8), let key = HubKey(pem: pem)
    else {
      throw fail(
        "\(tlsKey) holds no P-256 key that this user may read",
        remedy: "give the key of the hub's certificate, made with `-pkeyopt"
          + " ec_paramgen_curve:prime256v1`",
        code: 66
      )
    }
    do {
      let report = try await report(key)
      show(report)
      if report.hasRefusals { throw ExitCode(1) }
    } catch let error as HubError {
      throw fail("\(error.attempted): \(error.cause)", remedy: error.remedy, code: 74)
    } catch let error as CourierError {
      throw fail("\(error.attempted): \(error.cause)", remedy: error.remedy, code: 74)
    }
  }

  private func report(_ key: HubKey) async throws -> CourierImport.Report {
    let store = try await store.open()
    let logger = Logger(label: "yizhan-hub")
    let reception = Reception(store: store, logger: logger, now: HubApplication.wallClock)
    return try await CourierImport(
      folder: CourierFolder(folder),
      reception: reception,
      store: store,
      key: key,
      now: HubApplication.wallClock
    ).run()
  }

  private func show(_ report: CourierImport.Report) {
    if json {
      let files = report.lines.map { line in
        JSON.object([
          "file": .string(line.name), "refusal": line.refusal.map { .string($0) } ?? .null,
        ])
      }
      let acknowledgements = report.acknowledgements.map { JSON.string($0) }
      print(
        JSON.object(["files": .array(files), "acknowledgements": .array(acknowledgements)]).text
      )
      return
    }
    for line in report.lines {
      print("\(line.refusal == nil ? "taken  " : "refused")  \(line.name)", terminator: "")
      print(line.refusal.map { ": \($0)" } ?? "")
    }
    for name in report.acknowledgements { print("written  \(name)") }
  }
}
