package import Agent
import Drivers
import StrictYAML

/// The profiles of this box, as files.
package struct ProfileShelf: Sendable {
  /// One profile's file.
  package struct Entry: Hashable, Sendable {
    package var kind: ProfileKind
    package var id: String
    package var file: String
  }

  private let search: SearchPath

  /// Looks where the search path says; the first find of an id counts.
  package init(_ search: SearchPath) {
    self.search = search
  }

  /// All files of a kind, in the order of their ids.
  package func files(of kind: ProfileKind) -> [Entry] {
    let folders =
      kind == .label ? search.labels : search.devices.map { "\($0)/\(kind.folder)" }
    var found: [String: Entry] = [:]
    for folder in folders {
      for id in Files.profiles(in: folder) where found[id] == nil {
        found[id] = Entry(kind: kind, id: id, file: "\(folder)/\(id).yaml")
      }
    }
    return found.values.sorted { $0.id < $1.id }
  }

  /// The files of an id; several only where kinds share it.
  func files(id: String, of kinds: [ProfileKind]) throws(Failure) -> [Entry] {
    let all = kinds.flatMap { files(of: $0) }
    let found = all.filter { $0.id == id }
    guard found.isEmpty else { return found }
    let near = NearNames.find(id, among: all.map(\.id)).joined(separator: say("、", ", "))
    throw .usage(
      say("没有型号 \(id)", "there is no profile \(id)"),
      hint: near.isEmpty
        ? say("全部型号：`yizhan profile list`", "see `yizhan profile list`")
        : say("是不是 \(near)？", "did you mean \(near)?")
    )
  }

  /// Reads the profile of a scale or a scanner, by its file or its id.
  func format(_ word: String) throws(Failure) -> CaptureFormat {
    let entry: Entry
    if word.contains("/") || word.hasSuffix(".yaml") {
      // In a folder of another name it is most likely that of a scale.
      entry = Entry(kind: ProfileKind(folderOf: word) ?? .scale, id: word, file: word)
    } else {
      let found = try files(id: word, of: [.scale, .scanner])
      entry = found[0]
    }
    let check = ProfileCheck(entry.kind, file: entry.file)
    switch check.profile {
    case .scale(let profile): return CaptureFormat.scale(profile).described
    case .scanner(let profile): return CaptureFormat.scanner(profile).described
    case .printer, .machine, .board, .controller, .carrier, .label:
      throw .usage(
        say(
          "\(word) 是\(entry.kind.words(say))，不是秤或扫码枪",
          "\(word) is a \(entry.kind.words(say)), neither a scale nor a scanner"
        ),
        hint: say("见 `yizhan profile list`", "see `yizhan profile list`")
      )
    case nil:
      throw Failure.trouble(
        check.problems.all.map { Terminal.plain($0.description) }.joined(separator: "\n"),
        hint: say("先改好型号文件", "correct the profile first")
      )
    }
  }
}

extension CaptureFormat {
  /// The format with the usual report descriptor, where its profile has none.
  fileprivate var described: CaptureFormat {
    guard line == nil, descriptor.isEmpty else { return self }
    var format = self
    format.descriptor = CaptureFormat(protocol: name)?.descriptor ?? []
    return format
  }
}
