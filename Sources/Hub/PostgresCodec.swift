import CPostgres

/// The binary forms of the three types that the store uses (PostgreSQL 15, § 55.7 and COPY).
extension SQLValue {
  private enum Kind: Oid {
    case bytea = 17
    case int8 = 20
    case int4 = 23
    case text = 25
  }

  /// The type of a parameter; 0 lets the server choose.
  var oid: Oid {
    switch self {
    case .null: 0
    case .int: Kind.int8.rawValue
    case .text: Kind.text.rawValue
    case .bytes: Kind.bytea.rawValue
    }
  }

  var binary: [UInt8]? {
    switch self {
    case .null: nil
    case .int(let value): value.bigEndianBytes
    case .text(let text): Array(text.utf8)
    case .bytes(let bytes): bytes
    }
  }

  init(oid: Oid, _ bytes: [UInt8]) {
    switch Kind(rawValue: oid) {
    case .int8?, .int4?:
      let start: Int64 = bytes.first.map { $0 > 127 } ?? false ? -1 : 0
      self = .int(bytes.reduce(start) { $0 << 8 | Int64($1) })
    case .bytea?: self = .bytes(bytes)
    case .text?, nil: self = .text(String(decoding: bytes, as: UTF8.self))
    }
  }
}

extension FixedWidthInteger {
  fileprivate var bigEndianBytes: [UInt8] {
    stride(from: Self.bitWidth - 8, through: 0, by: -8).map {
      UInt8(truncatingIfNeeded: self >> Self($0))
    }
  }
}

/// The file form of `COPY … BINARY`.
enum PostgresCopy {
  private static let signature = Array("PGCOPY\n".utf8) + [0xFF, 0x0D, 0x0A, 0x00]

  static func encode(_ rows: [[SQLValue]]) -> [UInt8] {
    var out = signature + [UInt8](repeating: 0, count: 8)
    for row in rows {
      out += Int16(row.count).bigEndianBytes
      for value in row {
        guard let field = value.binary else {
          out += Int32(-1).bigEndianBytes
          continue
        }
        out += Int32(field.count).bigEndianBytes
        out += field
      }
    }
    return out + Int16(-1).bigEndianBytes
  }
}
