package import StrictYAML

/// Reads `station.yaml` and the profiles it names, and finds all mistakes in one go.
package struct ConfigLoader: Sendable {
  private let search: SearchPath
  private let isReadable: @Sendable (String) -> Bool

  /// Where the station's file stands on an installed box.
  package static let installedFile = "/etc/yizhan/station.yaml"

  /// Sets up the search.
  ///
  /// - Parameters:
  ///   - search: Where profiles and templates are looked for.
  ///   - isReadable: Whether a file that the config names is there; `nil` asks the kernel.
  package init(
    search: SearchPath = .installed,
    isReadable: (@Sendable (String) -> Bool)? = nil
  ) {
    self.search = search
    self.isReadable = isReadable ?? { TextFile.isReadable($0) }
  }

  /// Reads a file; it throws all problems of the file, and of those profiles and templates that it names.
  package func load(file: String = installedFile) throws(Problems) -> StationConfig {
    try load(yaml: try text(of: file), file: file)
  }

  /// Reads a text and what it names.
  ///
  /// - Parameters:
  ///   - yaml: The whole file.
  ///   - file: Its name, for the problems.
  /// - Returns: The config, with all profiles in place.
  /// - Throws: All problems of the text, and of those profiles and templates that it names.
  package func load(yaml: String, file: String) throws(Problems) -> StationConfig {
    try decode(yaml, file, ProfileStore(roots: search.devices))
  }

  /// Finds the problems of a file, and also those of profiles that it does not name.
  package func check(file: String) -> (config: StationConfig?, problems: Problems) {
    let store = ProfileStore(roots: search.devices)
    do throws(Problems) {
      return (try decode(try text(of: file), file, store), store.problems)
    } catch {
      var problems = error
      let known = Set(problems.all)
      for problem in store.problems.all where !known.contains(problem) { problems.add(problem) }
      return (nil, problems)
    }
  }

  private func decode(_ yaml: String, _ file: String, _ store: ProfileStore) throws(Problems)
    -> StationConfig
  {
    var decoder = StationDecoder(
      document: Document(yaml, file: file),
      store: store,
      search: search,
      isReadable: isReadable
    )
    let config = decoder.station()
    let problems = decoder.allProblems
    guard problems.isEmpty, let config else { throw problems }
    return config
  }

  private func text(of file: String) throws(Problems) -> String {
    do {
      return try TextFile.read(file)
    } catch {
      var problems = Problems()
      problems.add(
        Problem(
          file: file,
          line: 0,
          column: 0,
          cause: "it cannot be read: \(error.cause)",
          remedy: "see /usr/share/doc/yizhan/station.example.yaml for how it looks"
        )
      )
      throw problems
    }
  }
}
