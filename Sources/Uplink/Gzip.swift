import CZlib

/// Bytes in gzip's form (RFC 1952).
package enum Gzip {
  /// Why bytes could not be inflated.
  package enum Failure: Error, Hashable, Sendable {
    /// More would come out than was allowed.
    case tooLarge(limit: Int)
    /// They are not gzip, are cut short, or have something after the end.
    case malformed
  }

  /// Compresses bytes.
  package static func compress(_ bytes: [UInt8]) -> [UInt8] {
    var stream = unsafe z_stream()
    guard unsafe yz_deflate_start(&stream) == Z_OK else {
      preconditionFailure("zlib has no memory for its window")
    }
    defer { unsafe deflateEnd(&stream) }
    let room = unsafe Int(deflateBound(&stream, UInt(bytes.count)))
    var input = bytes
    return unsafe input.withUnsafeMutableBufferPointer { source in
      unsafe [UInt8](unsafeUninitializedCapacity: room) { out, count in
        unsafe stream.next_in = source.baseAddress
        unsafe stream.avail_in = UInt32(source.count)
        unsafe stream.next_out = out.baseAddress
        unsafe stream.avail_out = UInt32(room)
        let result = unsafe deflate(&stream, Z_FINISH)
        precondition(result == Z_STREAM_END, "deflateBound promised enough room")
        count = unsafe room - Int(stream.avail_out)
      }
    }
  }

  /// Inflates one gzip member that fills the bytes exactly.
  ///
  /// At most `limit` bytes may come out; memory never grows beyond it.
  package static func inflate(_ bytes: [UInt8], limit: Int) throws(Failure) -> [UInt8] {
    var stream = unsafe z_stream()
    guard unsafe yz_inflate_start(&stream) == Z_OK else { throw .malformed }
    defer { unsafe inflateEnd(&stream) }
    var (input, result): ([UInt8], [UInt8]) = (bytes, [])
    var chunk = [UInt8](repeating: 0, count: 64 * 1024)
    let outcome = unsafe input.withUnsafeMutableBufferPointer { source -> Failure? in
      unsafe stream.next_in = source.baseAddress
      unsafe stream.avail_in = UInt32(source.count)
      while true {
        let (status, produced) = unsafe step(&stream, into: &chunk)
        guard status == Z_OK || status == Z_STREAM_END else { return .malformed }
        guard result.count + produced <= limit else { return .tooLarge(limit: limit) }
        result.append(contentsOf: chunk[..<produced])
        if status == Z_STREAM_END { return unsafe stream.avail_in == 0 ? nil : .malformed }
        if produced == 0 { return .malformed }
      }
    }
    if let outcome { throw outcome }
    return result
  }

  private static func step(_ stream: inout z_stream, into chunk: inout [UInt8]) -> (Int32, Int) {
    unsafe chunk.withUnsafeMutableBufferPointer { out in
      unsafe stream.next_out = out.baseAddress
      unsafe stream.avail_out = UInt32(out.count)
      let status = unsafe CZlib.inflate(&stream, Z_NO_FLUSH)
      return unsafe (status, out.count - Int(stream.avail_out))
    }
  }
}
