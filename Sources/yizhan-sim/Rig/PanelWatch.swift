import Agent
import Domain
import Foundation
import Station
import Synchronization

/// What the panel of a running station shows, followed over its control socket.
///
/// A thread of its own listens; when the daemon is gone it tries again until it is back.
final class PanelWatch: Sendable {
  struct Panel: Hashable {
    /// `nil` while no daemon answers.
    var meaning: Meaning?
    var parcel: String?
  }

  private struct State {
    var panel = Panel()
    /// What it showed since somebody asked, the newest last.
    var news: [Panel] = []
    /// Counts up with every change.
    var changes = 0

    mutating func show(_ meaning: Meaning?, _ parcel: String?) {
      let panel = Panel(meaning: meaning, parcel: parcel)
      guard panel != self.panel else { return }
      self.panel = panel
      news.append(panel)
      changes += 1
    }
  }

  private let path: String
  private let state = Mutex(State())

  init(path: String) {
    self.path = path
  }

  var panel: Panel { state.withLock { $0.panel } }

  /// Takes everything that the panel has shown since the last call, however briefly.
  func takeNews() -> [Panel] {
    state.withLock { state in
      defer { state.news = [] }
      return state.news
    }
  }

  /// Starts to listen; it ends with the process.
  func start() {
    Thread.detachNewThread { self.follow() }
  }

  /// Asks what the panel shows, in case that news were lost.
  ///
  /// News that come while the question is under way are newer than its answer.
  func ask() {
    let before = state.withLock { $0.changes }
    let answer = try? Self.status(path)
    let meaning = answer?["meaning"]?["id"]?.string.flatMap(Meaning.init)
    state.withLock { state in
      guard state.changes == before else { return }
      state.show(meaning, answer?["parcel"]?.string)
    }
  }

  private static func status(_ path: String) throws -> JSON? {
    var client = try ControlClient(path: path)
    return try client.call("Status")["status"]
  }

  private func follow() {
    while true {
      do {
        var client = try ControlClient(path: path)
        try client.stream("Watch") { answer in
          if let event = answer["event"] { take(event) }
          return true
        }
      } catch {}
      state.withLock { $0.show(nil, nil) }
      Thread.sleep(forTimeInterval: 0.2)
    }
  }

  private func take(_ event: JSON) {
    guard event["kind"]?.string == "meaning" else { return }
    let meaning = event["id"]?.string.flatMap(Meaning.init)
    state.withLock { $0.show(meaning, event["parcel"]?.string) }
  }
}
