package import Domain

/// A call as it comes over the wire (https://varlink.org/Method-Call).
struct VarlinkCall: Hashable, Sendable {
  var method: String
  var parameters: [String: JSON]
  /// The caller wants no answer.
  var isOneway: Bool
  /// The caller takes several answers.
  var takesMore: Bool

  /// Reads one message.
  ///
  /// - Returns: `nil` where it is not a call at all, after which nothing in the stream can be
  ///   trusted. Unknown fields are let pass, as the protocol grows by them.
  init?(_ message: [UInt8]) {
    guard let json = try? JSON(parsing: message), let fields = json.object,
      let method = fields["method"]?.string
    else { return nil }
    switch fields["parameters"] {
    case nil, .null: parameters = [:]
    case .object(let values): parameters = values
    default: return nil
    }
    self.method = method
    isOneway = fields["oneway"]?.bool ?? false
    takesMore = fields["more"]?.bool ?? false
  }
}

/// An error as the protocol carries it, with its full name.
package struct VarlinkError: Error, Hashable, Sendable {
  package var name: String
  package var parameters: [String: JSON]

  package init(_ name: String, _ parameters: [String: JSON] = [:]) {
    self.name = name
    self.parameters = parameters
  }

  private static func service(_ name: String, _ parameters: [String: String] = [:]) -> Self {
    VarlinkError("org.varlink.service.\(name)", parameters.mapValues { .string($0) })
  }

  static func interfaceNotFound(_ interface: String) -> Self {
    service("InterfaceNotFound", ["interface": interface])
  }

  static func methodNotFound(_ method: String) -> Self {
    service("MethodNotFound", ["method": method])
  }

  static func invalidParameter(_ parameter: String) -> Self {
    service("InvalidParameter", ["parameter": parameter])
  }

  static var expectedMore: Self { service("ExpectedMore") }
  static var permissionDenied: Self { service("PermissionDenied") }

  static func unavailable(_ reason: String) -> Self {
    VarlinkError("\(ControlInterface.name).Unavailable", ["reason": .string(reason)])
  }
}

/// An answer, ready for the wire.
struct VarlinkReply: Hashable, Sendable {
  var bytes: [UInt8]

  init(_ parameters: [String: JSON], continues: Bool = false) {
    var fields: [String: JSON] = ["parameters": .object(parameters)]
    if continues { fields["continues"] = .bool(true) }
    bytes = JSON.object(fields).canonical + [0]
  }

  init(_ error: VarlinkError) {
    bytes =
      JSON.object(["error": .string(error.name), "parameters": .object(error.parameters)]).canonical
      + [0]
  }
}
