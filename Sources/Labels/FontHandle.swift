internal import CText

/// An open font file with FreeType and HarfBuzz behind it; all their pointers live and die here.
///
/// The pointers are private, valid from `init` to `deinit`, and the struct cannot be copied, so
/// that no two threads can be inside the libraries with the same face.
@safe struct FontHandle: ~Copyable {
  private let library: FT_Library
  private let face: FT_Face
  private let shaper: OpaquePointer
  private let buffer: OpaquePointer

  init(path: String, index: Int) throws(LabelError) {
    var library: FT_Library?
    let started = unsafe FT_Init_FreeType(&library)
    guard started == 0, let library = unsafe library else {
      throw .font(path: path, cause: Self.cause(started))
    }
    var face: FT_Face?
    let opened = unsafe FT_New_Face(library, path, FT_Long(index), &face)
    guard opened == 0, let face = unsafe face,
      let shaper = unsafe hb_ft_font_create_referenced(face), let buffer = unsafe hb_buffer_create()
    else {
      unsafe FT_Done_FreeType(library)
      throw .font(path: path, cause: Self.cause(opened))
    }
    unsafe hb_ft_font_set_load_flags(shaper, yizhan_load_mono)
    unsafe self.library = library
    unsafe self.face = face
    unsafe self.shaper = shaper
    unsafe self.buffer = buffer
  }

  deinit {
    unsafe hb_buffer_destroy(buffer)
    unsafe hb_font_destroy(shaper)
    unsafe FT_Done_Face(face)
    unsafe FT_Done_FreeType(library)
  }

  func hasGlyph(_ scalar: Unicode.Scalar) -> Bool {
    unsafe FT_Get_Char_Index(face, FT_ULong(scalar.value)) != 0
  }

  /// Sets the em in dots; false where the font has no such size.
  mutating func resize(_ dots: Int) -> Bool {
    guard unsafe FT_Set_Pixel_Sizes(face, 0, FT_UInt(dots)) == 0 else { return false }
    unsafe hb_ft_font_changed(shaper)
    return true
  }

  /// A glyph and its place, in 64ths of a dot.
  struct Shaped {
    var glyph: UInt32
    var x: Int
    var y: Int
    var advance: Int
  }

  /// Chooses and places the glyphs of one line.
  mutating func shape(_ text: String) -> [Shaped] {
    unsafe hb_buffer_reset(buffer)
    unsafe hb_buffer_add_utf8(buffer, text, -1, 0, -1)
    // Without a language HarfBuzz asks the environment, and two stations would print differently.
    unsafe hb_buffer_set_language(buffer, hb_language_from_string("zh-cn", -1))
    unsafe hb_buffer_set_direction(buffer, HB_DIRECTION_LTR)
    unsafe hb_buffer_guess_segment_properties(buffer)
    unsafe hb_shape(shaper, buffer, nil, 0)
    var count: UInt32 = 0
    let glyphs = unsafe hb_buffer_get_glyph_infos(buffer, &count)
    let places = unsafe hb_buffer_get_glyph_positions(buffer, &count)
    guard let glyphs = unsafe glyphs, let places = unsafe places else { return [] }
    return (0..<Int(count)).map { index in
      let place = unsafe places[index]
      return Shaped(
        glyph: unsafe glyphs[index].codepoint,
        x: Int(place.x_offset),
        y: Int(place.y_offset),
        advance: Int(place.x_advance)
      )
    }
  }

  /// Draws a glyph in the present size.
  ///
  /// - Parameters:
  ///   - glyph: Its number in the font.
  ///   - strength: Dots by which strokes become thicker.
  /// - Returns: `nil` where the outline is broken.
  mutating func draw(_ glyph: UInt32, strength: Int) -> Glyph? {
    guard unsafe FT_Load_Glyph(face, glyph, yizhan_load_mono) == 0,
      let slot = unsafe face.pointee.glyph
    else { return nil }
    if strength > 0 {
      unsafe FT_Outline_Embolden(&slot.pointee.outline, FT_Pos(strength * 64))
      unsafe FT_Outline_Translate(&slot.pointee.outline, 0, FT_Pos(-(strength / 2) * 64))
    }
    guard unsafe FT_Render_Glyph(slot, FT_RENDER_MODE_MONO) == 0 else { return nil }
    let bitmap = unsafe slot.pointee.bitmap
    let stride = abs(Int(unsafe bitmap.pitch))
    let rows = Int(unsafe bitmap.rows)
    var bits: [UInt8] = []
    if let start = unsafe bitmap.buffer {
      bits = unsafe Array(UnsafeBufferPointer(start: start, count: stride * rows))
    }
    return Glyph(
      left: Int(unsafe slot.pointee.bitmap_left),
      top: Int(unsafe slot.pointee.bitmap_top),
      width: Int(unsafe bitmap.width),
      height: rows,
      stride: stride,
      bits: bits
    )
  }

  /// FreeType's error codes that a technician can act on.
  private static func cause(_ error: FT_Error) -> String {
    switch error {
    case 0x01: "the file cannot be opened"
    case 0x02: "the file is no font"
    case 0x06: "the file has no such face"
    case 0x40: "there is not enough memory"
    default: "FreeType gives error \(error)"
    }
  }
}
