import Domain
import Foundation
import Testing
import Uplink

struct SignatureTests {
  private static func signed() throws -> SignedBatch {
    SignedBatch(try Sender().batch(1...3), by: .test)
  }

  @Test func `the code that enrols a box holds its key as a query can carry it`() throws {
    let bytes: [UInt8] = Array(repeating: 0xFB, count: 32)
    let key = try #require(VerificationKey(bytes: bytes))
    let code = key.enrolmentCode(try .test())
    #expect(code.hasPrefix("yizhan:enroll?site=SM017&key=ed25519:%2B"))
    let back = try #require(URLComponents(string: code)?.queryItems)
    #expect(back.map(\.name) == ["site", "key"])
    #expect(back[1].value == key.description)
  }

  @Test func `a batch is genuine as it was signed, and no other`() throws {
    let signed = try Self.signed()
    #expect(signed.isGenuine)
    var other = signed
    other.head.site = try .test("SM018")
    #expect(!other.isGenuine, "another site")
    other = signed
    other.head.lane = .telemetry
    #expect(!other.isGenuine, "another lane")
    other = signed
    other.head.oldest = 2
    #expect(!other.isGenuine, "another oldest")
    other = signed
    other.head.isCompressed = false
    #expect(!other.isGenuine, "another encoding")
    other = signed
    other.key = StationKey().publicKey
    #expect(!other.isGenuine, "another key")
    for index in signed.body.indices {
      other = signed
      other.body[index] ^= 1
      #expect(!other.isGenuine, "byte \(index)")
    }
    other = signed
    other.signature = []
    #expect(!other.isGenuine)
  }

  @Test func `the same signature travels in headers and in a file`() throws {
    let signed = try Self.signed()
    let fields = Dictionary(
      uniqueKeysWithValues: signed.headers.map { line in
        let parts = line.split(separator: ":", maxSplits: 1)
        return (String(parts[0]), parts[1].trimmingCharacters(in: .whitespaces))
      }
    )
    let read = SignedBatch(
      site: signed.head.site,
      isCompressed: true,
      body: signed.body,
      field: { fields[$0.rawValue] }
    )
    #expect(read == signed)
    #expect(SignedBatch(file: signed.file) == signed)
  }

  @Test(arguments: 0..<3 as Range<UInt64>)
  func `no damage makes a file pass or the reader trap`(seed: UInt64) throws {
    var random = Seeded(seed)
    let file = try Self.signed().file
    for _ in 0..<1000 {
      var damaged = file
      let index = Int.random(in: damaged.indices, using: &random)
      switch Int.random(in: 0..<3, using: &random) {
      case 0: damaged[index] ^= UInt8.random(in: 1...255, using: &random)
      case 1: damaged.remove(at: index)
      default: damaged.insert(damaged[index], at: index)
      }
      guard damaged != file, let read = SignedBatch(file: damaged) else { continue }
      #expect(!read.isGenuine, "seed \(seed), byte \(index)")
    }
  }

  @Test func `a key has one text, and a fingerprint that people can compare`() throws {
    let key = StationKey.test.publicKey
    #expect(VerificationKey("\(key)") == key)
    #expect(VerificationKey("ed25519:\(Base64.encode([1, 2, 3]))") == nil)
    #expect(VerificationKey("rsa:AAAA") == nil)
    let groups = key.fingerprint.split(separator: "-")
    #expect(groups.map(\.count) == [4, 4, 4, 4])
    #expect(key.fingerprint != StationKey().publicKey.fingerprint)
  }

  // RFC 4648, § 10.
  @Test(arguments: [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foobar", "Zm9vYmFy")])
  func `base64 is read as it is written, and in no other form`(plain: String, text: String) {
    #expect(Base64.encode(Array(plain.utf8)) == text)
    #expect(Base64.decode(text) == Array(plain.utf8))
    for wrong in ["Zh==", "Zg=", "Zg", "Z===", "Zg==Zg==", "Zm9 "] {
      #expect(Base64.decode(wrong) == nil, "\(wrong)")
    }
  }

  @Test func `a chain travels with its event, and a bad one spoils its row only`() throws {
    let sender = try Sender()
    var batch = sender.batch(1...2)
    batch.events[0].chain = (0..<32).map { UInt8($0) }
    let json = try Gzip.inflate(batch.encoded(), limit: 1 << 20)
    let text = String(decoding: json, as: UTF8.self)
    #expect(
      try IncomingBatch(site: sender.site, json: json).rows == batch.events.map { .event($0) }
    )
    let bad = text.replacing("000102", with: "00010X")
    let rows = try IncomingBatch(site: sender.site, json: Array(bad.utf8)).rows
    guard case .unreadable(1?, _, _) = rows[0] else {
      Issue.record("it was read as \(rows[0])")
      return
    }
    #expect(rows[1] == .event(batch.events[1]))
  }
}

/// The file that holds the station's key.
struct StationKeyFileTests {
  private static func path(_ scratch: Scratch) -> String {
    scratch.path + "/" + StationKeyFile.name
  }

  @Test func `the key is made once, for its owner only, and stays`() throws {
    let scratch = try Scratch()
    let key = try StationKeyFile.load(scratch.path)
    #expect(try StationKeyFile.load(scratch.path).publicKey == key.publicKey)
    let rights = try FileManager.default.attributesOfItem(atPath: Self.path(scratch))
    #expect(rights[.posixPermissions] as? Int == 0o600)
    #expect(try FileManager.default.contentsOfDirectory(atPath: scratch.path).count == 1)
  }

  @Test func `two that start together come to one key`() async throws {
    let scratch = try Scratch()
    let keys = try await withThrowingTaskGroup(of: VerificationKey.self) { group in
      for _ in 0..<16 {
        group.addTask { try StationKeyFile.load(scratch.path).publicKey }
      }
      return try await group.reduce(into: Set()) { $0.insert($1) }
    }
    #expect(keys.count == 1)
  }

  @Test func `a damaged file is an error at every byte, and never replaced`() throws {
    let scratch = try Scratch()
    _ = try StationKeyFile.load(scratch.path)
    let path = Self.path(scratch)
    let whole = try Data(contentsOf: URL(filePath: path))
    var versions = whole.indices.map { index in
      var bytes = whole
      bytes[index] ^= 1
      return bytes
    }
    versions += [Data(), whole.dropLast(), whole + whole]
    for version in versions {
      // In place, so that the rights of the file stay.
      let file = try FileHandle(forWritingTo: URL(filePath: path))
      try file.truncate(atOffset: 0)
      try file.write(contentsOf: version)
      try file.close()
      #expect(throws: StationKeyError.self) { try StationKeyFile.load(scratch.path) }
      #expect(try Data(contentsOf: URL(filePath: path)) == version)
    }
  }

  @Test func `a file that others may read is not trusted, a missing folder is named`() throws {
    let scratch = try Scratch()
    _ = try StationKeyFile.load(scratch.path)
    try FileManager.default.setAttributes(
      [.posixPermissions: 0o640],
      ofItemAtPath: Self.path(scratch)
    )
    let error = #expect(throws: StationKeyError.self) { try StationKeyFile.load(scratch.path) }
    #expect(error?.remedy.contains("chmod 600") == true)
    #expect(throws: StationKeyError.self) { try StationKeyFile.load(scratch.path + "/none") }
  }

  @Test func `without a key nothing is sent, and the error says why`() async throws {
    let scratch = try Scratch()
    let error = StationKeyError(attempted: "a", cause: "b", remedy: "c")
    let uplink = HTTPUplink(.init(url: "http://127.0.0.1:9"), key: .failure(error))
    await #expect(throws: UplinkError.noKey(error)) {
      try await uplink.deliver(Sender().batch([1]))
    }
    _ = scratch
  }
}
