import Domain
import Drivers

/// What can be asked on the control socket.
package enum ControlInterface {
  package static let name = "cn.yizhan.station"

  /// The interface in Varlink's own language, as `GetInterfaceDescription` serves it.
  package static let description = """
    # A station of Yizhan (驿站): a village's parcel point. Methods only look, unless they say so.
    interface cn.yizhan.station

    # What the station does now: site, meaning of the lamps, devices, ledger, sync.
    method Status() -> (status: object)

    # The devices the daemon works with: role, state, detail.
    method Devices() -> (devices: []object)

    # Everything that happens, from now on; call it with "more". Where a reader is behind, the
    # oldest events are dropped, and "dropped" of later ones tells how many it lost until then.
    method Watch() -> (event: object)

    # The last events of the ledger, oldest first: limit of 1 to 500 (20), lane "records" or
    # "telemetry" (both).
    method LedgerTail(limit: ?int, lane: ?string) -> (events: []object)

    # How far the county's hub has followed.
    method SyncStatus() -> (sync: object)

    # Site, public key, fingerprint and code of this box, for the hub's operator.
    method Enrolment() -> (enrolment: object)

    # Prints them on a label; answer is "done", "refused" with a reason, or "unanswered" where it
    # may or may not have come out. For root and group yizhan-tech, and not with a parcel in hand;
    # it goes on record.
    method EnrolmentLabel() -> (answer: string, reason: ?string)

    # Sync: order is "now", "pause" or "resume". For root and group yizhan-tech.
    method SyncOrder(order: string) -> (sync: object)

    # Takes the text of an acknowledgement that a courier brought back from the hub; it is believed
    # only with the signature of hub.pin. For root and group yizhan-tech.
    method SyncAcknowledge(file: string) -> (sync: object)

    # Sets the scale: request is "zero", "tare" or "clear-tare"; answer is "done", "refused" with a
    # reason, or "unanswered". For root and group yizhan-tech, and not with a parcel in hand.
    method ScaleRequest(request: string) -> (answer: string, reason: ?string)

    # The machine: what hinders it, contacts, outputs, counts since the start and in all, service.
    method MachineStatus() -> (machine: object)

    # Lets the machine do something without a parcel: request is "cycle", "jog" (with output, and
    # milliseconds of 50 to 5000), "reset", or "serviced" to note that it was. For root and group
    # yizhan-tech, standing in view of the machine, and not with a parcel in hand; it goes on record.
    method MachineRequest(request: string, output: ?string, milliseconds: ?int)
      -> (answer: string, reason: ?string)

    # Lights a lamp to be looked at, for two minutes at most: light is "green", "amber", "red",
    # "link", "all", "walk" (one after another), "beeper" or "off"; any press ends it. The answer
    # names the lights that are wired, by position. For root and group yizhan-tech, and not with a
    # parcel in hand or during an alarm.
    method PanelTest(light: string) -> (lights: []string)

    # The station cannot answer now.
    error Unavailable (reason: string)

    """

  static let serviceDescription = """
    # The service that every Varlink server has.
    interface org.varlink.service

    method GetInfo() -> (
      vendor: string,
      product: string,
      version: string,
      url: string,
      interfaces: []string
    )

    method GetInterfaceDescription(interface: string) -> (description: string)

    error InterfaceNotFound (interface: string)
    error MethodNotFound (method: string)
    error MethodNotImplemented (method: string)
    error InvalidParameter (parameter: string)
    error PermissionDenied ()
    error ExpectedMore ()

    """

  /// The methods of both interfaces, by their full names.
  enum Method: String, CaseIterable {
    case getInfo = "org.varlink.service.GetInfo"
    case getInterfaceDescription = "org.varlink.service.GetInterfaceDescription"
    case status = "cn.yizhan.station.Status"
    case devices = "cn.yizhan.station.Devices"
    case watch = "cn.yizhan.station.Watch"
    case ledgerTail = "cn.yizhan.station.LedgerTail"
    case syncStatus = "cn.yizhan.station.SyncStatus"
    case scaleRequest = "cn.yizhan.station.ScaleRequest"
    case machineStatus = "cn.yizhan.station.MachineStatus"
    case machineRequest = "cn.yizhan.station.MachineRequest"
    case panelTest = "cn.yizhan.station.PanelTest"
    case enrolment = "cn.yizhan.station.Enrolment"
    case enrolmentLabel = "cn.yizhan.station.EnrolmentLabel"
    case syncOrder = "cn.yizhan.station.SyncOrder"
    case syncAcknowledge = "cn.yizhan.station.SyncAcknowledge"

    var right: ControlRight {
      switch self {
      case .getInfo, .getInterfaceDescription, .status, .devices, .watch, .ledgerTail, .syncStatus,
        .machineStatus, .enrolment:
        .read
      case .scaleRequest, .machineRequest, .panelTest, .syncOrder, .syncAcknowledge,
        .enrolmentLabel:
        .operate
      }
    }

    var parameters: Set<String> {
      switch self {
      case .getInterfaceDescription: ["interface"]
      case .ledgerTail: ["limit", "lane"]
      case .scaleRequest: ["request"]
      case .machineRequest: ["request", "output", "milliseconds"]
      case .panelTest: ["light"]
      case .syncOrder: ["order"]
      case .syncAcknowledge: ["file"]
      case .getInfo, .status, .devices, .watch, .syncStatus, .machineStatus, .enrolment,
        .enrolmentLabel:
        []
      }
    }
  }

  /// Finds the method of a call, and checks that the call fits it.
  static func method(of call: VarlinkCall) throws(VarlinkError) -> Method {
    guard let method = Method(rawValue: call.method) else {
      let interface = call.method.split(separator: ".").dropLast().joined(separator: ".")
      throw [name, "org.varlink.service"].contains(interface)
        ? .methodNotFound(call.method) : .interfaceNotFound(interface)
    }
    let unknown = call.parameters.keys.filter { !method.parameters.contains($0) }.sorted()
    if let parameter = unknown.first { throw .invalidParameter(parameter) }
    if method == .watch, !call.takesMore { throw .expectedMore }
    return method
  }

  /// Reads the parameters of `LedgerTail`.
  static func tail(_ call: VarlinkCall) throws(VarlinkError) -> (limit: Int, lane: Lane?) {
    var limit = 20
    if let value = call.parameters["limit"], value != .null {
      guard let number = value.int, (1...500).contains(number) else {
        throw .invalidParameter("limit")
      }
      limit = number
    }
    guard let value = call.parameters["lane"], value != .null else { return (limit, nil) }
    guard let lane = value.string.flatMap(Lane.init(rawValue:)) else {
      throw .invalidParameter("lane")
    }
    return (limit, lane)
  }

  /// Reads the parameter of `ScaleRequest`.
  static func scaleRequest(_ call: VarlinkCall) throws(VarlinkError) -> ScaleRequest {
    let request = call.parameters["request"]?.string.flatMap(ScaleRequest.init(rawValue:))
    guard let request, [.zero, .tare, .clearTare].contains(request) else {
      throw .invalidParameter("request")
    }
    return request
  }

  /// Reads the parameters of `MachineRequest`.
  static func machineRequest(_ call: VarlinkCall) throws(VarlinkError) -> MachineRequest {
    let isJog = call.parameters["request"]?.string == "jog"
    for name in ["output", "milliseconds"] where !isJog {
      guard (call.parameters[name] ?? .null) == .null else { throw .invalidParameter(name) }
    }
    switch call.parameters["request"]?.string {
    case "cycle": return .order(.cycle)
    case "reset": return .order(.reset)
    case Entry.serviced: return .serviced
    case "jog":
      let output = call.parameters["output"]?.string.flatMap(MachineOutput.init(rawValue:))
      guard let output else { throw .invalidParameter("output") }
      guard let time = call.parameters["milliseconds"]?.int, (50...5000).contains(time) else {
        throw .invalidParameter("milliseconds")
      }
      return .order(.jog(output, milliseconds: time))
    default: throw .invalidParameter("request")
    }
  }

  /// Reads the parameter of `PanelTest`.
  static func panelTest(_ call: VarlinkCall) throws(VarlinkError) -> LampTest.Request {
    switch call.parameters["light"]?.string {
    case "walk": return .walk
    case "all": return .all
    case "beeper": return .beeper
    case "off": return .off
    case let name:
      guard let lamp = name.flatMap(Lamp.init) else { throw .invalidParameter("light") }
      return .lamp(lamp)
    }
  }

  /// Reads the parameter of `SyncOrder`.
  static func syncOrder(_ call: VarlinkCall) throws(VarlinkError) -> SyncOrder {
    switch call.parameters["order"]?.string {
    case "now": return .now
    case "pause": return .pause
    case "resume": return .resume
    default: throw .invalidParameter("order")
    }
  }

  /// Reads the parameter of `SyncAcknowledge`.
  static func acknowledgement(_ call: VarlinkCall) throws(VarlinkError) -> SyncOrder {
    guard let file = call.parameters["file"]?.string else { throw .invalidParameter("file") }
    return .acknowledge(file)
  }

  /// Reads the parameter of `GetInterfaceDescription`.
  static func description(_ call: VarlinkCall) throws(VarlinkError) -> String {
    guard let name = call.parameters["interface"]?.string else {
      throw .invalidParameter("interface")
    }
    switch name {
    case Self.name: return description
    case "org.varlink.service": return serviceDescription
    default: throw .interfaceNotFound(name)
    }
  }
}
