// swift-tools-version: 6.2
import PackageDescription

/// A C library found by pkg-config, behind a module map and inline shims.
func shim(_ name: String, _ pkgConfig: String?, apt package: String) -> Target {
  .systemLibrary(name: name, pkgConfig: pkgConfig, providers: [.apt([package])])
}

let package = Package(
  name: "yizhan",
  products: [
    .executable(name: "yizhand", targets: ["yizhand"]),
    .executable(name: "yizhan", targets: ["yizhan"]),
    .executable(name: "yizhan-hub", targets: ["yizhan-hub"]),
    .executable(name: "yizhan-sim", targets: ["yizhan-sim"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0"),
    .package(url: "https://github.com/apple/swift-log", from: "1.16.0"),
    .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
    .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
    .package(url: "https://github.com/jpsim/Yams", from: "6.2.0"),
    .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.0"),
    .package(url: "https://github.com/apple/swift-crypto", from: "4.5.0"),
  ],
  targets: [
    // C libraries. Exactly one Swift target imports each.
    shim("CGPIO", "libgpiod", apt: "libgpiod-dev"),
    shim("CUSB", "libusb-1.0", apt: "libusb-1.0-0-dev"),
    shim("CText", "freetype2 harfbuzz", apt: "libharfbuzz-dev"),
    shim("CZint", nil, apt: "libzint-dev"),
    shim("CPNG", "libpng", apt: "libpng-dev"),
    shim("CCurl", "libcurl", apt: "libcurl4-openssl-dev"),
    shim("CZlib", "zlib", apt: "zlib1g-dev"),
    shim("CPostgres", "libpq", apt: "libpq-dev"),

    // Libraries, bottom up.
    .target(name: "Domain"),
    .target(name: "StrictYAML", dependencies: [.product(name: "Yams", package: "Yams")]),
    .target(name: "Drivers", dependencies: ["Domain", "StrictYAML"]),
    .target(name: "Labels", dependencies: ["Domain", "StrictYAML", "CText", "CZint", "CPNG"]),
    .target(name: "Station", dependencies: ["Domain"]),
    .target(
      name: "SQLiteLog",
      dependencies: [
        .product(name: "GRDB", package: "GRDB.swift"),
        .product(name: "GRDBSQLite", package: "GRDB.swift"),
      ]
    ),
    .target(
      name: "Ledger",
      dependencies: [
        "Domain", "SQLiteLog",
        .product(name: "GRDB", package: "GRDB.swift"),
        .product(name: "Crypto", package: "swift-crypto"),
      ]
    ),
    .target(
      name: "Uplink",
      dependencies: [
        "Domain", "CCurl", "CZlib", .product(name: "Crypto", package: "swift-crypto"),
      ]
    ),
    .target(name: "LinuxIO", dependencies: ["Domain", "Drivers", "CGPIO", "CUSB"]),
    .target(
      name: "Simulator",
      dependencies: [
        "Domain", "Drivers", "Labels", "Uplink",
        .product(name: "GRDBSQLite", package: "GRDB.swift"),
      ]
    ),
    .target(
      name: "Agent",
      dependencies: [
        "Domain", "StrictYAML", "Drivers", "Labels", "Station", "Ledger", "Uplink",
        .product(name: "Logging", package: "swift-log"),
        .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
      ]
    ),
    .target(
      name: "Hub",
      dependencies: [
        "CPostgres", "Domain", "SQLiteLog", "Uplink",
        .product(name: "Crypto", package: "swift-crypto"),
        .product(name: "GRDB", package: "GRDB.swift"),
        .product(name: "Hummingbird", package: "hummingbird"),
        .product(name: "HummingbirdTLS", package: "hummingbird"),
        .product(name: "Logging", package: "swift-log"),
      ]
    ),

    // Executables, one main each.
    .executableTarget(
      name: "yizhand",
      dependencies: [
        "Agent", "Domain", "Drivers", "LinuxIO", "Uplink",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
        .product(name: "Logging", package: "swift-log"),
        .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
        .product(name: "UnixSignals", package: "swift-service-lifecycle"),
      ]
    ),
    .executableTarget(
      name: "yizhan",
      dependencies: [
        "Agent", "Domain", "Drivers", "Labels", "Ledger", "LinuxIO", "StrictYAML", "Uplink",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ]
    ),
    .executableTarget(
      name: "yizhan-hub",
      dependencies: [
        "Domain", "Hub", "Uplink",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
        .product(name: "Logging", package: "swift-log"),
      ]
    ),
    .executableTarget(
      name: "yizhan-sim",
      dependencies: [
        "Agent", "Domain", "Drivers", "Hub", "Labels", "Ledger", "Simulator", "Station", "Uplink",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
        .product(name: "Logging", package: "swift-log"),
        .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
      ]
    ),

    // Benchmarks, run by Benchmarks/run.
    .executableTarget(
      name: "EdgeBench",
      dependencies: ["Agent", "Domain", "Drivers", "Station"],
      path: "Benchmarks/EdgeBench"
    ),
    .executableTarget(
      name: "ScaleBench",
      dependencies: ["Agent", "Domain", "Drivers", "LinuxIO", "Station"],
      path: "Benchmarks/ScaleBench"
    ),
    .executableTarget(
      name: "LedgerBench",
      dependencies: ["Domain", "Ledger"],
      path: "Benchmarks/LedgerBench"
    ),

    .executableTarget(
      name: "UplinkBench",
      dependencies: [
        "Domain", "Hub", "Ledger", "Uplink", .product(name: "Logging", package: "swift-log"),
      ],
      path: "Benchmarks/UplinkBench"
    ),

    // Tests: a suite per module.
    .target(name: "TestSupport", dependencies: ["Domain", "Drivers"], path: "Tests/Support"),
    .testTarget(name: "DomainTests", dependencies: ["Domain", "TestSupport"]),
    .testTarget(name: "StrictYAMLTests", dependencies: ["StrictYAML"]),
    .testTarget(
      name: "DriversTests",
      dependencies: ["Domain", "Drivers", "StrictYAML", "TestSupport"]
    ),
    .testTarget(
      name: "LabelsTests",
      dependencies: ["Domain", "Labels", "StrictYAML", "TestSupport"]
    ),
    .testTarget(name: "StationTests", dependencies: ["Domain", "Station", "TestSupport"]),
    .testTarget(
      name: "LedgerTests",
      dependencies: [
        "Domain", "Ledger", "Simulator", "SQLiteLog",
        .product(name: "GRDB", package: "GRDB.swift"),
      ],
      exclude: ["Schemas"]
    ),
    .testTarget(
      name: "UplinkTests",
      dependencies: [
        "Agent", "Domain", "Drivers", "Hub", "Ledger", "Uplink",
        .product(name: "Crypto", package: "swift-crypto"),
        .product(name: "Logging", package: "swift-log"),
      ],
      exclude: ["Schemas"]
    ),
    .testTarget(name: "LinuxIOTests", dependencies: ["Domain", "Drivers", "LinuxIO", "Simulator"]),
    .testTarget(
      name: "SimulatorTests",
      dependencies: ["Domain", "Drivers", "Simulator", "TestSupport", "yizhan-sim"]
    ),
    .testTarget(
      name: "ConfigTests",
      dependencies: ["Agent", "Domain", "Drivers", "Station", "StrictYAML", "Uplink"]
    ),
    .testTarget(
      name: "ControlTests",
      dependencies: [
        "Agent", "Domain", "Drivers", "Labels", "Ledger", "LinuxIO", "StrictYAML", "TestSupport",
        "yizhan",
      ]
    ),
    .testTarget(
      name: "AgentTests",
      dependencies: [
        "Agent", "Domain", "Drivers", "Hub", "Ledger", "Simulator", "Station", "StrictYAML",
        "TestSupport",
        "Uplink", .product(name: "Logging", package: "swift-log"),
        .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
      ]
    ),
    .testTarget(name: "TidyTests", dependencies: ["Domain", "Drivers", "Station"]),
  ],
  swiftLanguageModes: [.v6]
)

for target in package.targets where target.type != .system {
  target.swiftSettings = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    .strictMemorySafety(),
    .treatAllWarnings(as: .error),
  ]
}
