import Domain
import Labels
import TestSupport
import Testing

struct Preview {
  @Test(arguments: Shipped.names)
  func `preview PNG equals dot for dot the page`(name: String) throws {
    var renderer = try Shipped.renderer()
    let page = try renderer.render(Shipped.template(name), Shipped.content())
    let png = try PNG.encode(page)
    #expect(png.starts(with: [0x89, 0x50, 0x4E, 0x47]))
    #expect(try PNG.decode(png) == page)
  }

  @Test(arguments: [(1, 1), (7, 3), (8, 8), (9, 2), (1, 300)])
  func `noise of any width survives`(width: Int, height: Int) throws {
    var dice = Dice(seed: UInt64(width * 1000 + height))
    var page = Page(width: width, height: height)
    for y in 0..<height {
      for x in 0..<width { page[x, y] = Bool.random(using: &dice) }
    }
    #expect(try PNG.decode(PNG.encode(page)) == page)
  }

  @Test(arguments: [UInt8(0), 255])
  func `black is 0 in the file and white 255`(grey: UInt8) throws {
    let adler: [UInt8] = grey == 0 ? [0, 2, 0, 1] : [1, 1, 1, 0]
    // One dot, 8 bits grey, in a stored deflate block.
    let png: [UInt8] =
      [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]
      + Self.chunk("IHDR", [0, 0, 0, 1, 0, 0, 0, 1, 8, 0, 0, 0, 0])
      + Self.chunk("IDAT", [0x78, 1, 1, 2, 0, 0xFD, 0xFF, 0, grey] + adler)
      + Self.chunk("IEND", [])
    #expect(try PNG.decode(png)[0, 0] == (grey == 0))
  }

  private static func chunk(_ type: String, _ body: [UInt8]) -> [UInt8] {
    let named = Array(type.utf8) + body
    return [0, 0, 0, UInt8(body.count)] + named + crc(named[...])
  }

  @Test func `a broken or cut picture is an error with libpng's words`() throws {
    let png = try PNG.encode(Page(width: 40, height: 40))
    #expect(throws: LabelError.self) { try PNG.decode([]) }
    #expect(throws: LabelError.self) { try PNG.decode([1, 2, 3, 4, 5, 6, 7, 8, 9]) }
    #expect(throws: LabelError.self) { try PNG.decode(Array(png.prefix(45))) }
    var flipped = png
    flipped[20] ^= 0xFF
    #expect(throws: LabelError.self) { try PNG.decode(flipped) }
  }

  @Test func `a picture that would fill the memory is refused before it is read`() throws {
    var huge = try PNG.encode(Page(width: 40, height: 40))
    // IHDR says 100000 × 100000; its check sum is made right, so that only the size is wrong.
    huge.replaceSubrange(16..<24, with: [0, 1, 0x86, 0xA0, 0, 1, 0x86, 0xA0])
    huge.replaceSubrange(29..<33, with: Self.crc(huge[12..<29]))
    #expect(throws: LabelError.picture(cause: "the picture is too large")) {
      try PNG.decode(huge)
    }
  }

  private static func crc(_ bytes: ArraySlice<UInt8>) -> [UInt8] {
    var crc: UInt32 = .max
    for byte in bytes {
      crc ^= UInt32(byte)
      for _ in 0..<8 { crc = crc & 1 == 1 ? (crc >> 1) ^ 0xEDB8_8320 : crc >> 1 }
    }
    crc = ~crc
    return [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: crc >> $0) }
  }
}
