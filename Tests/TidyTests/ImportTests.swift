import Testing

/// The arrows of the architecture: which module may know which.
struct ImportTests {
  static let own: [String: Set<String>] = [
    "Domain": [],
    "StrictYAML": [],
    "Drivers": ["Domain", "StrictYAML"],
    "Labels": ["Domain", "StrictYAML", "CText", "CZint", "CPNG"],
    "Station": ["Domain"],
    "SQLiteLog": [],
    "Ledger": ["Domain", "SQLiteLog"],
    "Uplink": ["Domain", "CCurl", "CZlib"],
    "LinuxIO": ["Domain", "Drivers", "CGPIO", "CUSB"],
    "Simulator": ["Domain", "Drivers", "Labels", "Uplink"],
    "Agent": ["Domain", "StrictYAML", "Drivers", "Labels", "Station", "Ledger", "Uplink"],
    "Hub": ["Domain", "SQLiteLog", "Uplink", "CPostgres"],
  ]

  /// Packages and system libraries beyond the standard library, by the modules that earn them.
  static let foreign: [String: Set<String>] = [
    "Domain": [],
    "StrictYAML": ["Yams"],
    "Drivers": ["Glibc", "Synchronization"],
    "Labels": ["Glibc", "Synchronization"],
    "Station": [],
    "SQLiteLog": ["GRDB", "GRDBSQLite"],
    "Ledger": ["Crypto", "GRDB", "Foundation", "Glibc", "Synchronization"],
    "Uplink": ["Crypto", "Dispatch", "Glibc", "Synchronization"],
    "LinuxIO": ["Glibc", "Synchronization"],
    "Simulator": ["Dispatch", "GRDBSQLite", "Glibc", "Synchronization"],
    "Agent": ["Dispatch", "Glibc", "Logging", "ServiceLifecycle", "Synchronization"],
  ]

  @Test(arguments: own.keys.sorted())
  func `a module imports only what the architecture grants it`(module: String) throws {
    let modules = Set(Self.own.keys).union([
      "CGPIO", "CUSB", "CText", "CZint", "CPNG", "CCurl", "CZlib", "CPostgres",
    ])
    for file in try SourceTree.files(under: "Sources/\(module)") {
      for name in Self.imports(of: file) {
        if modules.contains(name) {
          #expect(Self.own[module]?.contains(name) == true, "\(file) imports \(name)")
        } else if let granted = Self.foreign[module] {
          #expect(granted.contains(name), "\(file) imports \(name)")
        }
      }
    }
  }

  @Test func `a C library has exactly one importer`() throws {
    var importers: [String: Set<String>] = [:]
    for file in try SourceTree.files(under: "Sources") {
      for name in Self.imports(of: file) where name.hasPrefix("C") && Self.isShim(name) {
        importers[name, default: []].insert(file.module)
      }
    }
    #expect(!importers.isEmpty)
    for (library, modules) in importers {
      #expect(modules.count == 1, "\(library) is imported by \(modules.sorted())")
    }
  }

  private static func isShim(_ name: String) -> Bool {
    [
      "CGPIO", "CUSB", "CText", "CZint", "CPNG", "CCurl", "CZlib", "CPostgres",
    ].contains(name)
  }

  private static func imports(of file: SourceTree.File) -> [String] {
    file.lines.compactMap { line in
      let words = line.text.split(separator: " ")
      guard let index = words.firstIndex(of: "import"), index <= 2, index + 1 < words.count else {
        return nil
      }
      guard words[..<index].allSatisfy({ $0 == "package" || $0 == "internal" || $0.hasPrefix("@") })
      else { return nil }
      return String(words[index + 1])
    }
  }
}
