package import Domain
package import Drivers
package import Labels
package import Station
package import Uplink

/// What a service point is: the decoded `/etc/yizhan/station.yaml` with the profiles it names.
package struct StationConfig: Sendable {
  /// A GPIO input and how long its contact must rest.
  package struct Input: Hashable, Sendable {
    package var line: LineSpec
    package var debounceMilliseconds: Int

    package init(line: LineSpec, debounceMilliseconds: Int) {
      self.line = line
      self.debounceMilliseconds = debounceMilliseconds
    }
  }

  /// How a device is connected at this point.
  package struct Connection: Hashable, Sendable {
    /// What station.yaml adds to the profile's identities, as the port of the cable.
    package var usb: USBMatch
    /// The node of a serial port that is not behind USB, as `/dev/ttyS1`.
    package var node: String?
    /// How the serial line is set; `nil` where the device has none.
    package var line: SerialLine?

    package init(usb: USBMatch = USBMatch(), node: String? = nil, line: SerialLine? = nil) {
      self.usb = usb
      self.node = node
      self.line = line
    }
  }

  /// The scale to use.
  package struct Scale: Hashable, Sendable {
    package var profile: ScaleProfile
    package var connection: Connection

    package init(profile: ScaleProfile, connection: Connection) {
      self.profile = profile
      self.connection = connection
    }
  }

  /// A barcode scanner to use.
  package struct Scanner: Hashable, Sendable {
    package var profile: ScannerProfile
    package var connection: Connection

    package init(profile: ScannerProfile, connection: Connection) {
      self.profile = profile
      self.connection = connection
    }
  }

  /// The label printer to use.
  package struct Printer: Hashable, Sendable {
    package var profile: PrinterProfile
    /// With a line: the printer is on it; without: on USB.
    package var connection: Connection
    /// Micrometres between two labels of the stock.
    package var gap: Int

    package init(profile: PrinterProfile, connection: Connection, gap: Int) {
      self.profile = profile
      self.connection = connection
      self.gap = gap
    }
  }

  /// The sealing or strapping machine to use.
  package struct Machine: Hashable, Sendable {
    package var profile: MachineProfile
    package var outputs: [MachineOutput: LineSpec]
    package var signals: [MachineSignal: Input]

    package init(
      profile: MachineProfile,
      outputs: [MachineOutput: LineSpec],
      signals: [MachineSignal: Input]
    ) {
      self.profile = profile
      self.outputs = outputs
      self.signals = signals
    }

    /// How it is driven with what is wired of it here.
    package var rules: MachineRules { profile.rules(wired: Set(outputs.keys)) }
  }

  /// A relay or input board on Modbus.
  package struct Board: Hashable, Sendable {
    package var id: String
    package var profile: BoardProfile
    package var connection: Connection
    package var address: UInt8
    package var pollMilliseconds: Int

    package init(
      id: String,
      profile: BoardProfile,
      connection: Connection,
      address: UInt8,
      pollMilliseconds: Int
    ) {
      self.id = id
      self.profile = profile
      self.connection = connection
      self.address = address
      self.pollMilliseconds = pollMilliseconds
    }
  }

  /// A temperature controller on RS-485.
  package struct Controller: Hashable, Sendable {
    package var id: String
    package var profile: ControllerProfile
    package var connection: Connection
    package var address: UInt8
    /// The set values that may be written; none where it is `nil`.
    package var allowed: ClosedRange<Temperature>?

    package init(
      id: String,
      profile: ControllerProfile,
      connection: Connection,
      address: UInt8,
      allowed: ClosedRange<Temperature>?
    ) {
      self.id = id
      self.profile = profile
      self.connection = connection
      self.address = address
      self.allowed = allowed
    }
  }

  /// The pulses for a hardware watchdog relay.
  package struct HeartbeatLine: Hashable, Sendable {
    package var line: LineSpec
    /// From one pulse to the next.
    package var period: Duration

    package init(line: LineSpec, period: Duration) {
      self.line = line
      self.period = period
    }
  }

  /// Where the county's hub is.
  package struct HubAddress: Hashable, Sendable {
    /// The base, as `https://hub.example:8780`.
    package var url: String
    /// A file of certificates to trust instead of the system's.
    package var certificateFile: String?
    /// The hub's key; with it nothing else of its certificate counts.
    package var pin: KeyPin?
    package var proxy: String?
    /// What the link may carry in a day; `nil` where nobody counts.
    package var bytesPerDay: Int?
    /// The most that the first attempt after a start waits, so that sites do not come at once.
    package var splay: Duration

    package init(
      url: String,
      certificateFile: String?,
      pin: KeyPin? = nil,
      proxy: String? = nil,
      bytesPerDay: Int? = nil,
      splay: Duration = .seconds(60)
    ) {
      self.url = url
      self.certificateFile = certificateFile
      self.pin = pin
      self.proxy = proxy
      self.bytesPerDay = bytesPerDay
      self.splay = splay
    }
  }

  package var site: SiteID
  /// The village's name, as the label prints it.
  package var name: String
  package var hub: HubAddress?
  package var scale: Scale
  package var scanners: [Scanner]
  /// The couriers whose numbers this point knows.
  package var carriers: CarrierBook
  package var printer: Printer
  package var boards: [Board]
  package var controllers: [Controller]
  package var machine: Machine?
  package var buttons: [Button: Input]
  package var lamps: [Lamp: LineSpec]
  package var beeper: LineSpec?
  package var panel: PanelExtras
  package var heartbeat: HeartbeatLine?
  package var plan: Plan
  package var template: LabelTemplate
  package var fontFile: String
  /// The folder of the ledger.
  package var stateDirectory: String
  package var controlSocket: String

  package init(
    site: SiteID,
    name: String,
    hub: HubAddress?,
    scale: Scale,
    scanners: [Scanner] = [],
    carriers: CarrierBook = CarrierBook(rules: []),
    printer: Printer,
    boards: [Board] = [],
    controllers: [Controller] = [],
    machine: Machine?,
    buttons: [Button: Input],
    lamps: [Lamp: LineSpec],
    beeper: LineSpec?,
    panel: PanelExtras = PanelExtras(),
    heartbeat: HeartbeatLine? = nil,
    plan: Plan,
    template: LabelTemplate,
    fontFile: String,
    stateDirectory: String,
    controlSocket: String
  ) {
    self.site = site
    self.name = name
    self.hub = hub
    self.scale = scale
    self.scanners = scanners
    self.carriers = carriers
    self.printer = printer
    self.boards = boards
    self.controllers = controllers
    self.machine = machine
    self.buttons = buttons
    self.lamps = lamps
    self.beeper = beeper
    self.panel = panel
    self.heartbeat = heartbeat
    self.plan = plan
    self.template = template
    self.fontFile = fontFile
    self.stateDirectory = stateDirectory
    self.controlSocket = controlSocket
  }
}
