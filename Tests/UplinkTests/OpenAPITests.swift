import Domain
import Foundation
import Hub
import Logging
import Testing
import Uplink

/// The description of the interface, held against the interface.
struct OpenAPITests {
  private let path = "/v1/sites/SM017/events"

  private static var operations: [String: JSON] {
    var operations: [String: JSON] = [:]
    for (path, item) in OpenAPI.document["paths"]?.object ?? [:] {
      for method in ["get", "put", "post", "delete", "patch"] {
        if let operation = item[method] { operations["\(method.uppercased()) \(path)"] = operation }
      }
    }
    return operations
  }

  @Test func `every route is described, and every path described is answered`() throws {
    let scratch = try Scratch()
    let hub = try HubApplication(
      store: try SQLiteHubStore(path: scratch.store),
      settings: .init(port: 0),
      logger: Logger(label: "test")
    )
    #expect(hub.routes.count >= 6)
    #expect(hub.routes == Self.operations.keys.sorted())
    #expect(OpenAPI.document["openapi"]?.string == "3.1.0")
  }

  @Test func `every reference leads somewhere`() throws {
    var references: [String] = []
    func collect(_ json: JSON) {
      switch json {
      case .object(let fields):
        if let reference = fields["$ref"]?.string { references.append(reference) }
        fields.values.forEach(collect)
      case .array(let items): items.forEach(collect)
      default: break
      }
    }
    collect(OpenAPI.document)
    #expect(references.count > 20)
    for reference in references {
      #expect(Schema.resolve(.object(["$ref": .string(reference)])) != nil, "\(reference)")
    }
  }

  /// A request, the operation it is for, and what must come.
  private struct Probe: Sendable {
    var operation: String
    var status: Int
    var send: @Sendable (RawConnection) -> Void
  }

  private func probes() throws -> [Probe] {
    let (path, batch) = (path, try Sender().batch(1...3).encoded())
    let deliver = "POST /v1/sites/{site}/events"
    func get(_ operation: String, _ path: String, _ status: Int = 200) -> Probe {
      Probe(operation: "GET \(operation)", status: status) { $0.post(path, [], method: "GET") }
    }
    return [
      Probe(operation: deliver, status: 200) { $0.post(path, batch) },
      Probe(operation: deliver, status: 400) { $0.post(path, [1]) },
      Probe(operation: deliver, status: 401) { connection in
        connection.write(
          Array("POST \(path) HTTP/1.1\r\nHost: hub\r\nContent-Length: 0\r\n".utf8)
            + Array("Content-Type: \(Batch.mediaType)\r\nConnection: close\r\n\r\n".utf8)
        )
      },
      Probe(operation: deliver, status: 403) { $0.post(path, batch, key: StationKey()) },
      Probe(operation: deliver, status: 408) { $0.post(path, [1], length: 9) },
      Probe(operation: deliver, status: 413) { $0.post(path, [], length: 1 << 24) },
      Probe(operation: deliver, status: 415) { $0.post(path, batch, type: "text/plain") },
      get("/v1/sites", "/v1/sites"),
      get("/v1/sites/{site}", "/v1/sites/SM017"),
      get("/v1/sites/{site}", "/v1/sites/NONE", 404),
      get("/v1/sites/{site}", "/v1/sites/x", 400),
      get("/v1/sites/{site}/parcels", "/v1/sites/SM017/parcels?limit=2"),
      get("/v1/sites/{site}/parcels", "/v1/sites/SM017/parcels?limit=x", 400),
      get("/healthz", "/healthz"),
      get("/openapi.json", "/openapi.json"),
    ]
  }

  @Test(.timeLimit(.minutes(5)))
  func `every answer has the form that the description promises`() async throws {
    let scratch = try Scratch()
    let probes = try probes()
    try await withHub(scratch.store, bodyTimeout: .milliseconds(500)) { port in
      for probe in probes {
        let answer = try await exchange(port, probe.send)
        #expect(answer.status == probe.status, "\(probe.operation)")
        let described = Self.operations[probe.operation]?["responses"]?["\(answer.status)"]
        let response = try #require(described.flatMap { Schema.resolve($0) }, "\(probe.operation)")
        let schema = try #require(
          response["content"]?["application/json"]?["schema"],
          "\(probe.operation)"
        )
        let faults = Schema.faults(of: try #require(answer.json), schema, at: "$")
        #expect(faults.isEmpty, "\(probe.operation) \(answer.status): \(faults)")
      }
    }
  }

  @Test func `what a station sends has the form that the description asks for`() throws {
    var batch = try Sender().batch(1...3)
    batch.events[0].chain = [UInt8](repeating: 7, count: 32)
    batch.events[1].body = [0xFF]
    let json = try JSON(parsing: Gzip.inflate(batch.encoded(), limit: 1 << 20))
    let content = Self.operations["POST /v1/sites/{site}/events"]?["requestBody"]?["content"]
    let schema = try #require(content?[Batch.mediaType]?["schema"])
    #expect(Schema.faults(of: json, schema, at: "$") == [])
    let parameters = Self.operations["POST /v1/sites/{site}/events"]?["parameters"]?.array ?? []
    let described = parameters.compactMap { Schema.resolve($0)?["name"]?.string }
    #expect(Set(described) == Set(SignedBatch.Field.allCases.map(\.rawValue)))
  }

  @Test func `the checker sees what does not fit`() throws {
    let schema = try JSON(
      parsing: Array(
        """
        {"type":"object","required":["a"],"additionalProperties":false,
        "properties":{"a":{"type":"integer","minimum":1},"b":{"type":"string","pattern":"^x+$"}}}
        """.utf8
      )
    )
    #expect(Schema.faults(of: .object(["a": .int(1), "b": "xx"]), schema, at: "$").isEmpty)
    for wrong: JSON in [
      .object([:]), .object(["a": .int(0)]), .object(["a": "1"]),
      .object(["a": .int(1), "c": .null]), .object(["a": .int(1), "b": "y"]), .array([]),
    ] {
      #expect(!Schema.faults(of: wrong, schema, at: "$").isEmpty, "\(wrong)")
    }
  }
}

/// As much of JSON Schema as the description uses.
enum Schema {
  /// Follows a reference into the document; what is none stays as it is.
  static func resolve(_ json: JSON) -> JSON? {
    guard let reference = json["$ref"]?.string else { return json }
    guard reference.hasPrefix("#/") else { return nil }
    var place: JSON? = OpenAPI.document
    for part in reference.dropFirst(2).split(separator: "/") { place = place?[String(part)] }
    return place
  }

  static func faults(of json: JSON, _ schema: JSON, at place: String) -> [String] {
    guard let schema = resolve(schema) else { return ["\(place): a reference leads nowhere"] }
    var faults: [String] = []
    if let type = schema["type"] {
      let types = type.array?.compactMap(\.string) ?? [type.string ?? ""]
      if !types.contains(kind(json)) { return ["\(place): \(kind(json)) is not \(types)"] }
    }
    if let values = schema["enum"]?.array, !values.contains(json) {
      faults.append("\(place): \(json.text) is not one of \(values.count)")
    }
    if let least = schema["minimum"]?.int, let number = json.int, number < least {
      faults.append("\(place): \(number) is below \(least)")
    }
    if let pattern = schema["pattern"]?.string, let text = json.string,
      text.range(of: pattern, options: .regularExpression) == nil
    {
      faults.append("\(place): \(text) does not match \(pattern)")
    }
    if let items = schema["items"] {
      for (index, item) in (json.array ?? []).enumerated() {
        faults += Self.faults(of: item, items, at: "\(place)[\(index)]")
      }
    }
    return faults + members(of: json, schema, at: place)
  }

  private static func members(of json: JSON, _ schema: JSON, at place: String) -> [String] {
    guard let fields = json.object else { return [] }
    var faults: [String] = []
    for name in schema["required"]?.array?.compactMap(\.string) ?? [] where fields[name] == nil {
      faults.append("\(place): \(name) is missing")
    }
    let properties = schema["properties"]?.object ?? [:]
    for (name, value) in fields {
      if let property = properties[name] {
        faults += Self.faults(of: value, property, at: "\(place).\(name)")
      } else if schema["additionalProperties"]?.bool == false {
        faults.append("\(place): \(name) is not described")
      }
    }
    return faults
  }

  private static func kind(_ json: JSON) -> String {
    switch json {
    case .null: "null"
    case .bool: "boolean"
    case .int: "integer"
    case .string: "string"
    case .array: "array"
    case .object: "object"
    }
  }
}

extension JSON: ExpressibleByStringLiteral {
  package init(stringLiteral value: String) { self = .string(value) }
}
