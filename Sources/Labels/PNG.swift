package import Domain
internal import CPNG

/// Pages as PNG pictures, for previews; eight bits a dot, 0 is black and 255 white.
///
/// libpng's simplified interface reports errors by return value; the classic one jumps over
/// Swift's frames (`longjmp`), which is undefined.
package enum PNG {
  /// The most dots that ``decode(_:)`` reads, a label of 220 by 400 mm at 300 dpi.
  private static let mostDots = 2600 * 4800

  /// Writes a page as a picture, dot for dot.
  ///
  /// - Throws: ``LabelError/picture(cause:)`` with libpng's reason.
  package static func encode(_ page: Page) throws(LabelError) -> [UInt8] {
    var grey: [UInt8] = []
    grey.reserveCapacity(page.width * page.height)
    for y in 0..<page.height {
      for x in 0..<page.width { grey.append(page[x, y] ? 0 : 255) }
    }
    var image = Image()
    return try image.write(grey, width: page.width, height: page.height)
  }

  /// Reads a picture as a page; whatever is darker than middle grey becomes black.
  ///
  /// - Throws: ``LabelError/picture(cause:)`` with libpng's reason.
  package static func decode(_ bytes: [UInt8]) throws(LabelError) -> Page {
    var image = Image()
    let (grey, width, height) = try image.read(bytes, mostDots: mostDots)
    var page = Page(width: width, height: height)
    for y in 0..<height {
      for x in 0..<width where grey[y * width + x] < 128 { page[x, y] = true }
    }
    return page
  }
}

/// libpng's `png_image`, freed with its owner; every call gets its buffers for the call only.
@safe private struct Image: ~Copyable {
  private var image: png_image

  init() {
    unsafe image = png_image()
    unsafe image.version = UInt32(PNG_IMAGE_VERSION)
  }

  deinit {
    var image = unsafe image
    unsafe png_image_free(&image)
  }

  mutating func write(
    _ grey: [UInt8],
    width: Int,
    height: Int
  ) throws(LabelError) -> [UInt8] {
    unsafe image.width = UInt32(width)
    unsafe image.height = UInt32(height)
    unsafe image.format = 0  // PNG_FORMAT_GRAY
    // A picture that deflate cannot shrink stays below this (PNG_IMAGE_PNG_SIZE_MAX).
    var size = width * height + height + width * height / 1000 + 4096
    var bytes = [UInt8](repeating: 0, count: size)
    let written = unsafe png_image_write_to_memory(&image, &bytes, &size, 0, grey, 0, nil)
    guard written != 0, size <= bytes.count else { throw .picture(cause: message) }
    return Array(bytes[..<size])
  }

  mutating func read(
    _ bytes: [UInt8],
    mostDots: Int
  ) throws(LabelError) -> (grey: [UInt8], width: Int, height: Int) {
    // The image keeps the address of the bytes between the two calls, hence one closure.
    let grey: [UInt8]? = unsafe bytes.withUnsafeBytes { bytes in
      guard unsafe png_image_begin_read_from_memory(&image, bytes.baseAddress, bytes.count) != 0
      else { return nil }
      let dots = unsafe Int(image.width) * Int(image.height)
      guard (1...mostDots).contains(dots) else { return nil }
      unsafe image.format = 0
      var grey = [UInt8](repeating: 0, count: dots)
      guard unsafe png_image_finish_read(&image, nil, &grey, 0, nil) != 0 else { return nil }
      return grey
    }
    guard let grey else { throw .picture(cause: message) }
    return (grey, Int(unsafe image.width), Int(unsafe image.height))
  }

  private var message: String {
    let text = unsafe withUnsafeBytes(of: image.message) { bytes in
      unsafe String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
    }
    return text.isEmpty ? "the picture is too large" : text
  }
}
