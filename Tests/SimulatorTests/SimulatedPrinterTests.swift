import Domain
import Drivers
import Simulator
import Testing

/// The frame of 16 by 4 dots as a job.
private let frame: [UInt8] =
  Array("\r\nSIZE 2 mm,0.5 mm\r\nCLS\r\nBITMAP 0,0,2,4,0,".utf8)
  + [0x00, 0x00, 0x7F, 0xFE, 0x7F, 0xFE, 0x00, 0x00] + Array("\r\nPRINT 1,1\r\n".utf8)

private let framePixels = [
  "################", "#..............#", "#..............#", "################",
]

struct SimulatedPrinterTests {
  private func pixels(_ page: Page) -> [String] {
    (0..<page.height).map { y in String((0..<page.width).map { page[$0, y] ? "#" : "." }) }
  }

  private func printed(_ job: [UInt8], _ model: SimulatedPrinter.Model = .init()) -> [PrintedLabel]
  {
    var printer = SimulatedPrinter(model)
    #expect(printer.feed(job) == job.count)
    printer.advance(to: .zero + .seconds(60))
    return printer.labels
  }

  @Test func `prints the known frame with 0 as black`() throws {
    let label = try #require(printed(frame).first)
    #expect(pixels(label.page) == framePixels)
    #expect(label.isComplete && label.serialNumber == 1)
  }

  @Test func `prints the same wherever the bytes are cut in two`() {
    for cut in 0...frame.count {
      var printer = SimulatedPrinter()
      _ = printer.feed(frame[..<cut])
      printer.advance(to: .zero + .milliseconds(cut))
      _ = printer.feed(frame[cut...])
      printer.advance(to: .zero + .seconds(9))
      #expect(printer.labels.map { pixels($0.page) } == [framePixels], "cut at \(cut)")
      #expect(printer.unknownCommands == 0, "cut at \(cut)")
    }
  }

  @Test func `answers between any two bytes except inside a bitmap`() throws {
    let data = try #require(frame.firstRange(of: [0x30, 0x2C, 0x00, 0x00, 0x7F]))
    let raw = data.lowerBound + 2..<data.lowerBound + 10
    for place in 0...frame.count {
      var printer = SimulatedPrinter()
      var job = frame
      job.insert(contentsOf: [0x1B, 0x21, 0x3F], at: place)
      _ = printer.feed(job)
      let inside = raw.contains(place)
      #expect(printer.answers().isEmpty == inside, "at \(place)")
      printer.advance(to: .zero + .seconds(9))
      if !inside { #expect(printer.labels.map { pixels($0.page) } == [framePixels]) }
    }
  }

  @Test func `prints the page that the driver sent`() {
    let seed = UInt64.random(in: 0...UInt64.max)
    var random = SeededRandom(seed: seed)
    for _ in 0..<25 {
      var page = Page(
        width: .random(in: 1...864, using: &random),
        height: .random(in: 1...200, using: &random)
      )
      for _ in 0..<2000 {
        page[
          .random(in: 0..<page.width, using: &random),
          .random(in: 0..<page.height, using: &random)
        ] = true
      }
      let media = Media(width: page.width * 125, height: page.height * 125, gap: 2000)
      let settings = PrinterSettings(upsideDown: .random(using: &random))
      let label = printed(TSPL.job(page, on: media, settings: settings)).first
      #expect(label?.page == page, "seed \(seed), \(page.width)×\(page.height)")
      #expect(label?.isUpsideDown == settings.upsideDown)
    }
  }

  @Test(arguments: [(0, "..####.."), (1, "######.#"), (2, "###....#")])
  func `combines bitmaps as the mode says`(mode: Int, expected: String) {
    let job =
      Array("SIZE 1 mm,0.125 mm\r\nCLS\r\nBITMAP 0,0,1,1,0,".utf8) + [~0b1101_1101]
      + Array("\r\nBITMAP 0,0,1,1,\(mode),".utf8) + [~0b0011_1100] + Array("\r\nPRINT 1\r\n".utf8)
    #expect(printed(job).map { pixels($0.page) } == [[expected]])
  }

  @Test func `draws a bitmap at any dot, moved by the reference, cut at the edges`() {
    let job =
      Array("SIZE 2 mm,0.25 mm\r\nREFERENCE 3,1\r\nCLS\r\nBITMAP 2,0,2,2,0,".utf8)
      + [0x00, 0x00, 0x00, 0x00] + Array("\r\nPRINT 1,1\r\n".utf8)
    #expect(printed(job).map { pixels($0.page) } == [["................", ".....###########"]])
  }

  @Test func `keeps the old image when CLS comes before SIZE`() {
    let job =
      Array("SIZE 1 mm,0.125 mm\r\nCLS\r\nSIZE 2 mm,0.125 mm\r\nBITMAP 0,0,2,1,0,".utf8)
      + [0x00, 0x00] + Array("\r\nPRINT 1,1\r\n".utf8)
    #expect(printed(job).map { pixels($0.page) } == [["########"]])
  }

  @Test func `drops a job with an unknown command and feeds two blanks`() {
    var job = frame
    job.insert(contentsOf: "SETC AUTODOTTED OFF\r\n".utf8, at: 2)
    let labels = printed(job + frame)
    #expect(labels.map(\.page.blackDots) == [0, 0, 36])
    let tolerant = printed(job, .init(blanksForUnknown: nil))
    #expect(tolerant.map(\.page.blackDots) == [36])
  }

  @Test func `takes time and says that it prints`() {
    var printer = SimulatedPrinter()
    _ = printer.feed(
      Array("SIZE 76 mm,130 mm\r\nGAP 2 mm,0\r\nSPEED 4\r\nCLS\r\nPRINT 1,2\r\n".utf8)
    )
    _ = printer.feed([0x1B, 0x21, 0x3F])
    #expect(printer.answers() == [0x20])
    // 132 mm at 4 inches a second are 1.3 s.
    printer.advance(to: .zero + .milliseconds(1300))
    #expect(printer.labels.isEmpty)
    printer.advance(to: .zero + .milliseconds(1600))
    #expect(printer.labels.count == 1 && printer.status == 0x20)
    printer.advance(to: .zero + .seconds(4))
    #expect(printer.labels.map(\.serialNumber) == [1, 2])
    #expect(printer.labels[1].at - printer.labels[0].at > .milliseconds(1300))
    #expect(printer.status == 0)
  }

  @Test func `waits for paper and then prints what it has`() {
    var printer = SimulatedPrinter(labels: 1)
    _ = printer.feed(frame + frame)
    printer.advance(to: .zero + .seconds(5))
    #expect(printer.labels.count == 1)
    #expect(TSPL.status([printer.status])?.complaints == [.paperOut])
    _ = printer.feed([0x1B, 0x21, 0x53])
    #expect(printer.answers() == [0x02, 0x45, 0x41, 0x40, 0x41, 0x03, 0x0D, 0x0A])
    printer.load(labels: 10)
    printer.advance(to: .zero + .seconds(9))
    #expect(printer.labels.count == 2 && printer.labelsLeft == 9)
  }

  @Test func `spoils a label when it jams or its cover is opened`() throws {
    let page =
      Array("SIZE 10 mm,100 mm\r\nCLS\r\nBITMAP 0,0,10,800,0,".utf8)
      + Array(repeating: 0, count: 8000) + Array("\r\nPRINT 1,1\r\n".utf8)
    var printer = SimulatedPrinter()
    printer.jamsNextLabel = true
    _ = printer.feed(page)
    printer.advance(to: .zero + .seconds(9))
    let jammed = try #require(printer.labels.first)
    #expect(!jammed.isComplete && jammed.page.blackDots == 80 * 400)
    #expect(printer.status == 0x02)
    _ = printer.feed(page)
    printer.clearJam()
    printer.advance(to: printer.now + .milliseconds(500))
    printer.setHead(open: true)
    #expect(printer.status == 0x01)
    let opened = try #require(printer.labels.last)
    #expect(!opened.isComplete && (1..<64_000).contains(opened.page.blackDots))
    printer.setHead(open: false)
    printer.advance(to: printer.now + .seconds(9))
    #expect(printer.labels.count == 2, "a spoilt label is not printed again by itself")
  }

  @Test func `takes bytes only as fast as it is told`() {
    var printer = SimulatedPrinter(.init(bytesPerSecond: 1000, receiveBuffer: 100))
    let job = frame + frame + frame
    var sent = printer.feed(job)
    #expect(sent == 100)
    #expect(printer.feed(job[sent...]) == 0)
    printer.advance(to: .zero + .milliseconds(50))
    sent += printer.feed(job[sent...])
    #expect(sent == 150)
  }

  @Test func `stops taking bytes while too much waits to be printed`() {
    var printer = SimulatedPrinter(.init(queuedOrders: 2), labels: 0)
    var taken = 0
    for _ in 0..<10 { taken += printer.feed(frame) }
    #expect(taken < frame.count * 4)
    #expect(printer.isFull)
    printer.load(labels: 100)
    printer.advance(to: .zero + .seconds(5))
    #expect(printer.feed(frame) == frame.count)
  }

  @Test func `dies in the middle of a job and comes back empty`() {
    var printer = SimulatedPrinter()
    printer.diesAfter = 40
    #expect(printer.feed(frame) == 40)
    #expect(!printer.isPlugged && printer.feed([0x0A]) == 0)
    printer.plug()
    #expect(printer.feed(frame) == frame.count)
    printer.advance(to: .zero + .seconds(5))
    #expect(printer.labels.map { pixels($0.page) } == [framePixels])
  }

  @Test func `forgets half a bitmap when its plug is pulled, but not what it has wholly`() {
    var printer = SimulatedPrinter()
    _ = printer.feed(frame + frame.prefix(50))
    printer.unplug()
    #expect(printer.feed(frame) == 0)
    printer.advance(to: .zero + .seconds(5))
    #expect(printer.labels.count == 1, "a label that was ordered comes out without a cable")
    printer.plug()
    _ = printer.feed(frame)
    printer.advance(to: .zero + .seconds(9))
    #expect(printer.labels.map { pixels($0.page) } == [framePixels, framePixels])
  }

  @Test func `eats the next job where it does not forget half a bitmap`() {
    var printer = SimulatedPrinter(.init(forgetsHalfCommands: false))
    _ = printer.feed(frame.prefix(50))
    printer.unplug()
    printer.plug()
    _ = printer.feed(Array(repeating: 0, count: 512) + frame)
    printer.advance(to: .zero + .seconds(5))
    #expect(printer.labels.map { pixels($0.page) } == [framePixels], "512 zeros flush it")
  }

  @Test func `says nothing where it has no status, and obeys pause and cancel`() {
    var printer = SimulatedPrinter()
    printer.answersStatus = false
    _ = printer.feed([0x1B, 0x21, 0x3F])
    #expect(printer.answers().isEmpty)
    _ = printer.feed([0x1B, 0x21, 0x50] + frame)
    printer.advance(to: .zero + .seconds(5))
    #expect(printer.labels.isEmpty && printer.status == 0x10)
    _ = printer.feed([0x1B, 0x21, 0x2E, 0x1B, 0x21, 0x4F])
    printer.advance(to: .zero + .seconds(9))
    #expect(printer.labels.isEmpty && printer.status == 0)
  }

  @Test func `survives anything that is thrown at it`() {
    let seed = UInt64.random(in: 0...UInt64.max)
    var random = SeededRandom(seed: seed)
    let scraps = [
      "SIZE ", "BITMAP ", "PRINT ", "CLS\r\n", "GAP ", "99999999999999999999", "-1", "65535", ",",
      " mm",
      "\r\n", "nan", "inf", "1e308", "REFERENCE 65535,65535\r\n", "DIRECTION 1,1\r\n", "\"", "中文",
      "BITMAP 0,0,65535,65535,2,", "PRINT 999999999,999999999\r\n", "SIZE 0.001 mm,9999 mm\r\n",
      "~!T",
    ]
    var printer = SimulatedPrinter(.init(widest: 64, longest: 64, blanksForUnknown: 1))
    for round in 0..<3000 {
      var bytes: [UInt8] = []
      for _ in 0..<Int.random(in: 1...6, using: &random) {
        switch Int.random(in: 0..<4, using: &random) {
        case 0: bytes += (0..<20).map { _ in .random(in: 0...255, using: &random) }
        case 1: bytes += [0x1B, 0x21, .random(in: 0...255, using: &random)]
        default: bytes += Array((scraps.randomElement(using: &random) ?? "").utf8)
        }
      }
      let taken = printer.feed(bytes)
      #expect(taken <= bytes.count, "seed \(seed), round \(round)")
      _ = printer.answers(upTo: Int.random(in: 0...9, using: &random))
      printer.advance(to: printer.now + .milliseconds(Int.random(in: 0...500, using: &random)))
      if Int.random(in: 0..<40, using: &random) == 0 {
        printer.powerOff()
        printer.plug()
      }
      printer.load(labels: 100)
      #expect(printer.labels.count <= SimulatedPrinter.keptLabels, "seed \(seed)")
      #expect(
        printer.labels.allSatisfy { $0.page.width <= 64 && $0.page.height <= 64 },
        "seed \(seed)"
      )
    }
  }
}
