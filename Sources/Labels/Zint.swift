internal import CZint

/// The dark and light squares of a code, without its quiet zone.
package struct ModuleMatrix: Hashable, Sendable {
  /// Columns.
  package let width: Int
  /// 1 for a code of bars.
  package let height: Int
  private let dark: [Bool]

  init(width: Int, height: Int, dark: [Bool]) {
    self.width = width
    self.height = height
    self.dark = dark
  }

  /// Whether the module in a column and row is dark.
  package subscript(x: Int, y: Int) -> Bool { dark[y * width + x] }
}

/// Codes as Zint encodes them; only the modules are taken, never its pictures.
package enum Zint {
  /// Encodes printable ASCII as Code 128, changing code sets for the shortest symbol.
  ///
  /// - Parameters:
  ///   - text: The content.
  ///   - field: What it is on the label, for the error.
  /// - Returns: The modules without the quiet zone.
  /// - Throws: ``LabelError/refused(text:field:cause:)`` with Zint's reason.
  package static func code128(_ text: String, field: String) throws(LabelError) -> ModuleMatrix {
    guard text.utf8.allSatisfy({ (0x20...0x7E).contains($0) }) else {
      throw .refused(text: text, field: field, cause: "Code 128 carries printable ASCII only")
    }
    var symbol = try Symbol(BARCODE_CODE128, field)
    return try symbol.encode(text, field)
  }

  /// Encodes a text as QR code of the smallest version.
  ///
  /// - Parameters:
  ///   - text: The content; anything beyond Latin-1 is marked as UTF-8 (ECI 26).
  ///   - level: The error correction.
  ///   - field: What it is on the label, for the error.
  /// - Returns: The modules without the quiet zone.
  /// - Throws: ``LabelError/refused(text:field:cause:)`` with Zint's reason.
  package static func qr(
    _ text: String,
    level: LabelTemplate.QR.Level,
    field: String
  ) throws(LabelError) -> ModuleMatrix {
    var symbol = try Symbol(BARCODE_QRCODE, field)
    let number: Int32 =
      switch level {
      case .low: 1
      case .medium: 2
      case .quartile: 3
      case .high: 4
      }
    symbol.set(level: number, utf8: !text.utf8.allSatisfy { $0 < 0x80 })
    return try symbol.encode(text, field)
  }
}

/// Zint's symbol; its pointer is private, valid from `init` to `deinit`, and cannot be copied.
@safe private struct Symbol: ~Copyable {
  private let pointer: UnsafeMutablePointer<zint_symbol>

  init(_ symbology: Int32, _ field: String) throws(LabelError) {
    guard let pointer = unsafe ZBarcode_Create() else {
      throw .refused(text: "", field: field, cause: "there is not enough memory")
    }
    unsafe self.pointer = pointer
    unsafe pointer.pointee.symbology = symbology
    unsafe pointer.pointee.input_mode = UNICODE_MODE
  }

  deinit {
    unsafe ZBarcode_Delete(pointer)
  }

  mutating func set(level: Int32, utf8: Bool) {
    unsafe pointer.pointee.option_1 = level
    unsafe pointer.pointee.eci = utf8 ? 26 : 0
  }

  /// Encodes; a warning counts as an error, for it means a code other than the one asked for.
  mutating func encode(_ text: String, _ field: String) throws(LabelError) -> ModuleMatrix {
    let bytes = Array(text.utf8)
    guard !bytes.isEmpty else { throw .blank(field: field) }
    let result = unsafe ZBarcode_Encode(pointer, bytes, Int32(bytes.count))
    guard result == 0 else {
      let cause = unsafe String(cString: yizhan_zint_error(pointer))
      throw .refused(text: text, field: field, cause: cause)
    }
    let width = unsafe pointer.pointee.width
    let rows = unsafe pointer.pointee.rows
    var dark: [Bool] = []
    dark.reserveCapacity(Int(width * rows))
    for row in 0..<rows {
      for column in 0..<width {
        unsafe dark.append(yizhan_zint_module(pointer, row, column) != 0)
      }
    }
    return ModuleMatrix(width: Int(width), height: Int(rows), dark: dark)
  }
}
