import Domain
import Drivers
import LinuxIO
import Testing

struct GPIOTests {
  private let tree: FakeTree

  init() throws {
    tree = try FakeTree()
  }

  static let chips = [
    GPIOChip(
      name: "gpiochip0",
      path: "/dev/gpiochip0",
      label: "soc",
      lines: [
        GPIOLine(offset: 0, name: "START"), GPIOLine(offset: 1, name: ""),
        GPIOLine(offset: 2, name: "LAMP"),
      ]
    ),
    GPIOChip(
      name: "gpiochip1",
      path: "/dev/gpiochip1",
      label: "expander",
      lines: [GPIOLine(offset: 0, name: "LAMP"), GPIOLine(offset: 1, name: "BEEP")]
    ),
    GPIOChip(name: "gpiochip2", path: "/dev/gpiochip2", label: "expander", lines: []),
  ]

  private func place(
    _ address: LineSpec.Address,
    _ chips: [GPIOChip] = Self.chips
  ) throws(LineFault) -> LinePlace {
    try LinePlace(address, among: chips)
  }

  @Test func `a line is found by its name, and a chip by name, path or label`() throws {
    #expect(try place(.name("BEEP")).path == "/dev/gpiochip1")
    #expect(try place(.name("BEEP")).offset == 1)
    for chip in ["gpiochip0", "/dev/gpiochip0", "soc"] {
      #expect(try place(.offset(chip: chip, 1)).path == "/dev/gpiochip0")
    }
  }

  @Test func `a name that two chips have is refused, and both are named`() {
    #expect(throws: LineFault.nameAmbiguous("LAMP", among: ["gpiochip0 2", "gpiochip1 0"])) {
      try place(.name("LAMP"))
    }
    #expect(
      throws: LineFault.chipAmbiguous("expander", among: ["/dev/gpiochip1", "/dev/gpiochip2"])
    ) { try place(.offset(chip: "expander", 0)) }
  }

  @Test func `what is not there is named`() {
    #expect(throws: LineFault.noChips) { try place(.name("START"), []) }
    #expect(throws: LineFault.lineMissing(name: "STOP")) { try place(.name("STOP")) }
    #expect(throws: LineFault.chipMissing("gpiochip7")) {
      try place(.offset(chip: "gpiochip7", 0))
    }
    for offset in [3, -1] {
      #expect(throws: LineFault.offsetMissing(offset, chip: "gpiochip0", lines: 3)) {
        try place(.offset(chip: "soc", offset))
      }
    }
  }

  @Test func `a line that cannot be found behind a closed chip is a matter of permission`() {
    var closed = Self.chips
    closed[1].problem = .denied(path: "/dev/gpiochip1")
    closed[1].lines = []
    #expect(throws: LineFault.denied(path: "/dev/gpiochip1")) { try place(.name("BEEP"), closed) }
    #expect(throws: LineFault.denied(path: "/dev/gpiochip1")) {
      try place(.offset(chip: "gpiochip1", 0), closed)
    }
  }

  @Test func `a trouble names role, line, cause and next step`() {
    let spec = LineSpec(role: "go", address: .offset(chip: "soc", 4), activeLow: false)
    let trouble = LineFault.busy(consumer: "gpiomon").trouble(spec)
    #expect(trouble.device == "go (gpio soc 4)")
    #expect(trouble.cause == "it is in use by gpiomon")
    #expect(!trouble.remedy.isEmpty)
  }

  @Test func `the bank refuses lines of a box without chips, and is content without lines`()
    throws
  {
    let spec = LineSpec(role: "lamp", address: .name("LAMP"), activeLow: true)
    #expect(throws: LineFault.noChips.trouble(spec)) {
      try GPIOLineBank(inputs: [], outputs: [spec], root: tree.root)
    }
    let bank = try GPIOLineBank(inputs: [], outputs: [], root: tree.root)
    #expect(bank.descriptors.isEmpty)
    bank.release()
    bank.release()
  }

  @Test func `a node that is no chip is listed with its problem and refused`() throws {
    try tree.write("sys/bus/gpio/devices/gpiochip0/dev", "254:0")
    #expect(GPIOInventory.chips(root: tree.root).map(\.problem) == [.absent])
    try tree.write("dev/gpiochip0", "no chip")
    let chip = try #require(GPIOInventory.chips(root: tree.root).first)
    #expect(chip.problem != nil)
    let spec = LineSpec(role: "lamp", address: .offset(chip: "gpiochip0", 0), activeLow: false)
    #expect(throws: Trouble.self) {
      try GPIOLineBank(inputs: [], outputs: [spec], root: tree.root)
    }
  }
}

struct SequenceGapTests {
  private func note(_ numbers: [UInt32], _ gap: inout SequenceGap) -> Bool { gap.note(numbers) }

  @Test func `numbers without a gap are no loss, in whatever order a batch has them`() {
    var gap = SequenceGap()
    #expect(!note([1, 2, 3], &gap))
    #expect(!note([5, 4], &gap))
    #expect(!note([], &gap))
  }

  @Test func `a gap is a loss once, between batches and within one`() {
    var gap = SequenceGap()
    #expect(note([3], &gap))
    #expect(!note([4, 5], &gap))
    #expect(note([6, 9], &gap))
    #expect(!note([10], &gap))
  }

  @Test func `a late neighbour heals its gap, and the next gap is noticed`() {
    var gap = SequenceGap()
    #expect(note([2], &gap))
    #expect(!note([1], &gap))
    #expect(note([4], &gap))
  }

  @Test func `edges without numbers say nothing`() {
    var gap = SequenceGap()
    #expect(!note([0, 0, 0], &gap))
  }
}

struct RefusedRequestTests {
  private static let path = "/dev/gpiochip0"
  private static let lines = [
    GPIOLine(offset: 3, name: "GO"),
    GPIOLine(offset: 4, name: "LAMP", consumer: "leds", isUsed: true),
  ]

  private func fault(
    _ code: Int32,
    _ asked: [(LineSpec.Bias, Int)] = [(.asIs, 3), (.pullUp, 4)],
    lines: [GPIOLine] = Self.lines
  ) -> (position: Int, fault: LineFault) {
    LineFault.ofRequest(errno: code, path: Self.path, asked: asked, lines: lines)
  }

  @Test func `a bias that the chip cannot do is named with its line`() {
    for code in [524, 95, 22] as [Int32] {
      let (position, fault) = fault(code)
      #expect(position == 1 && fault == .biasUnsupported(.pullUp))
    }
    // Without a bias it must be something else.
    #expect(fault(22, [(.asIs, 3)]).fault != .biasUnsupported(.asIs))
  }

  @Test func `a line in use is told with its user, also where the user gave no name`() {
    #expect(fault(16).position == 1)
    #expect(fault(16).fault == .busy(consumer: "leds"))
    #expect(fault(16, lines: []).fault == .busy(consumer: ""))
  }

  @Test func `a chip without interrupts is told apart from one that is gone`() {
    for code in [19, 6] as [Int32] {
      #expect(fault(code).fault == .noEdges)
      #expect(fault(code, lines: []).fault == .other(.vanished))
    }
  }

  @Test func `a chip that was renumbered is found by its label, and by its line names`() throws {
    var before = GPIOTests.chips
    before[2].label = "third"
    var after = before
    for index in after.indices {
      let number = after.count - 1 - index
      after[index].name = "gpiochip\(number)"
      after[index].path = "/dev/gpiochip\(number)"
    }
    for address in [LineSpec.Address.name("BEEP"), .offset(chip: "soc", 1)] {
      let (old, new) = (try LinePlace(address, among: before), try LinePlace(address, among: after))
      #expect(old.offset == new.offset)
      let label = { (place: LinePlace, chips: [GPIOChip]) in
        chips.first { $0.path == place.path }?.label
      }
      #expect(label(old, before) == label(new, after))
    }
    #expect(try LinePlace(.offset(chip: "soc", 1), among: after).path == "/dev/gpiochip2")
  }
}
