import Domain
import Drivers
import TestSupport
import Testing

struct GestureTests {
  /// A key goes down or up at a millisecond.
  struct Move {
    var at: Int64
    var key: PanelKey
    var isDown: Bool

    static func down(_ key: PanelKey, _ at: Int64) -> Move { Move(at: at, key: key, isDown: true) }
    static func up(_ key: PanelKey, _ at: Int64) -> Move { Move(at: at, key: key, isDown: false) }
  }

  /// Presses, and what must be told of them at which millisecond.
  struct Story: CustomTestStringConvertible {
    var testDescription: String
    var moves: [Move]
    var told: [(Int64, Gesture)]

    init(_ name: String, _ moves: [Move], _ told: [(Int64, Gesture)]) {
      testDescription = name
      self.moves = moves
      self.told = told
    }
  }

  static func at(_ milliseconds: Int64) -> Instant { .zero + .milliseconds(milliseconds) }

  /// Plays moves with a clock that is looked at whenever something is due.
  static func play(_ moves: [Move], _ gestures: Gestures = all, until end: Int64 = 200_000) -> [(
    Int64, Gesture
  )] {
    var gestures = gestures
    var told: [(Int64, Gesture)] = []
    for move in moves + [Move(at: end, key: .go, isDown: false)] {
      while let due = gestures.deadline, due <= at(move.at) {
        told += gestures.advance(to: due).map { ((due - .zero).milliseconds, $0) }
      }
      guard move.at < end else { break }
      told += gestures.change(move.key, isDown: move.isDown, at: at(move.at)).map { (move.at, $0) }
    }
    return told
  }

  static let all = Gestures([.go: false, .again: false, .cancel: false, .pedal: false])

  static let stories: [Story] = [
    Story(
      "GO counts when it goes down, however long it is",
      [.down(.go, 0), .up(.go, 5000)],
      [(0, .press(.go))]
    ),
    Story("a pedal is as quick", [.down(.pedal, 7), .up(.pedal, 90)], [(7, .press(.pedal))]),
    Story(
      "AGAIN counts when it is let go",
      [.down(.again, 0), .up(.again, 120)],
      [(0, .press(.again)), (120, .short(.again))]
    ),
    Story(
      "a millisecond below a second is short",
      [.down(.cancel, 0), .up(.cancel, 999)],
      [(0, .press(.cancel)), (999, .short(.cancel))]
    ),
    Story(
      "a second is long",
      [.down(.cancel, 0), .up(.cancel, 1000)],
      [(0, .press(.cancel)), (1000, .long(.cancel)), (1000, .longEnded(.cancel))]
    ),
    Story(
      "long is told while it is down",
      [.down(.cancel, 0), .up(.cancel, 2500)],
      [(0, .press(.cancel)), (1000, .long(.cancel)), (2500, .longEnded(.cancel))]
    ),
    Story(
      "a double is told behind its two presses",
      [.down(.again, 0), .up(.again, 100), .down(.again, 400), .up(.again, 500)],
      [
        (0, .press(.again)), (100, .short(.again)), (400, .press(.again)), (500, .short(.again)),
        (500, .double(.again)),
      ]
    ),
    Story(
      "too slow for a double",
      [.down(.again, 0), .up(.again, 100), .down(.again, 451), .up(.again, 500)],
      [(0, .press(.again)), (100, .short(.again)), (451, .press(.again)), (500, .short(.again))]
    ),
    Story(
      "three presses are a double and one more",
      [
        .down(.again, 0), .up(.again, 100), .down(.again, 200), .up(.again, 300),
        .down(.again, 400), .up(.again, 500),
      ],
      [
        (0, .press(.again)), (100, .short(.again)), (200, .press(.again)), (300, .short(.again)),
        (300, .double(.again)), (400, .press(.again)), (500, .short(.again)),
      ]
    ),
    Story(
      "two keys together are a chord, and neither acts for itself",
      [.down(.cancel, 0), .down(.again, 500), .up(.cancel, 900), .up(.again, 950)],
      [(0, .press(.cancel)), (500, .press(.again)), (500, .chord(.again, .cancel))]
    ),
    Story(
      "a chord that is held",
      [
        .down(.again, 0), .down(.cancel, 80), .up(.again, 4000),
        .up(.cancel, 4010),
      ],
      [
        (0, .press(.again)), (80, .press(.cancel)), (80, .chord(.again, .cancel)),
        (3080, .chordHeld(.again, .cancel)),
      ]
    ),
    Story(
      "a chord that is let go by one hand is not held",
      [.down(.again, 0), .down(.cancel, 80), .up(.again, 3000), .up(.cancel, 4010)],
      [(0, .press(.again)), (80, .press(.cancel)), (80, .chord(.again, .cancel))]
    ),
    Story(
      "too far apart for a chord",
      [.down(.again, 0), .down(.cancel, 501), .up(.cancel, 600), .up(.again, 700)],
      [
        (0, .press(.again)), (501, .press(.cancel)), (600, .short(.cancel)),
        (700, .short(.again)),
      ]
    ),
    Story(
      "GO makes no chord",
      [.down(.again, 0), .down(.go, 10), .up(.go, 100), .up(.again, 200)],
      [(0, .press(.again)), (10, .press(.go)), (200, .short(.again))]
    ),
    Story(
      "after half a minute a key is stuck, and works again once it rests",
      [.down(.again, 0), .up(.again, 40_000), .down(.again, 41_000), .up(.again, 41_100)],
      [
        (0, .press(.again)), (1000, .long(.again)), (30_000, .stuck(.again)),
        (40_500, .freed(.again)), (41_000, .press(.again)), (41_100, .short(.again)),
      ]
    ),
    Story(
      "a stuck key that comes up for a moment only stays stuck",
      [.down(.go, 0), .up(.go, 31_000), .down(.go, 31_499), .up(.go, 31_600)],
      [(0, .press(.go)), (30_000, .stuck(.go)), (32_100, .freed(.go))]
    ),
    Story(
      "both keys of a chord get stuck",
      [.down(.again, 0), .down(.cancel, 0)],
      [
        (0, .press(.again)), (0, .press(.cancel)), (0, .chord(.again, .cancel)),
        (3000, .chordHeld(.again, .cancel)), (30_000, .stuck(.again)),
        (30_000, .stuck(.cancel)),
      ]
    ),
    Story(
      "a stuck key blocks no other",
      [
        .down(.again, 0), .down(.go, 31_000), .up(.go, 31_100), .down(.cancel, 32_000),
        .up(.cancel, 32_100),
      ],
      [
        (0, .press(.again)), (1000, .long(.again)), (30_000, .stuck(.again)),
        (31_000, .press(.go)), (32_000, .press(.cancel)), (32_100, .short(.cancel)),
      ]
    ),
  ]

  @Test(arguments: stories)
  func `presses are told as what they are`(_ story: Story) {
    let told = Self.play(story.moves)
    #expect(told.map(\.0) == story.told.map(\.0), "\(told)")
    #expect(told.map(\.1) == story.told.map(\.1), "\(told)")
  }

  @Test(arguments: PanelKey.allCases)
  func `a key that is down at the start counts for nothing until it has been up`(_ key: PanelKey) {
    let levels = PanelKey.allCases.map { ($0, $0 == key) }
    let gestures = Gestures(Dictionary(uniqueKeysWithValues: levels))
    #expect(gestures.stuck == [key])
    let told = Self.play([.up(key, 100), .down(key, 700), .up(key, 800)], gestures)
    let end: [Gesture] = key.actsAtOnce ? [] : [.short(key)]
    #expect(told.map(\.1) == [.freed(key), .press(key)] + end)
  }

  @Test func `where a double has a meaning, its first press waits for the second`() {
    var times = Gestures.Times()
    times.doubles = [.again]
    let gestures = Gestures([.again: false, .cancel: false], times: times)
    let double: [Move] = [
      .down(.again, 0), .up(.again, 100), .down(.again, 300), .up(.again, 400),
    ]
    #expect(
      Self.play(double, gestures).map(\.1) == [
        .press(.again), .press(.again), .double(.again),
      ]
    )
    let single = Self.play([.down(.again, 0), .up(.again, 100)], gestures)
    #expect(single.map(\.0) == [0, 450])
    #expect(single.map(\.1) == [.press(.again), .short(.again)])
    let thenLong: [Move] = [.down(.again, 0), .up(.again, 100), .down(.again, 200)]
    #expect(
      Self.play(thenLong, gestures, until: 5000).map(\.1) == [
        .press(.again), .press(.again), .short(.again), .long(.again),
      ]
    )
    let thenChord: [Move] = [
      .down(.again, 0), .up(.again, 100), .down(.again, 200), .down(.cancel, 300),
    ]
    #expect(
      Self.play(thenChord, gestures, until: 2000).map(\.1) == [
        .press(.again), .press(.again), .press(.cancel), .short(.again), .chord(.again, .cancel),
      ]
    )
    let other = Self.play([.down(.cancel, 0), .up(.cancel, 100)], gestures)
    #expect(other.map(\.0) == [0, 100], "only where it has a meaning")
  }
}

/// What holds for whatever fingers do.
struct GesturePropertyTests {
  private static let keys: [PanelKey] = [.go, .again, .cancel, .pedal]

  /// Random moves of all keys, in the order of time; each key goes down and up by turns.
  private static func moves(_ dice: inout Dice) -> [GestureTests.Move] {
    var moves: [GestureTests.Move] = []
    for key in keys {
      var time: Int64 = 0
      for index in 0..<dice.roll(0...8) {
        let longest = [200, 600, 1500, 4000, 40_000][dice.roll(0...4)]
        time += Int64(dice.roll(1...longest))
        moves.append(.init(at: time, key: key, isDown: index % 2 == 0))
      }
    }
    return moves.sorted { $0.at < $1.at }
  }

  /// How one key fares by the words of the rule, without any clock but the moves' own.
  private static func holds(_ key: PanelKey, _ told: [Gesture], _ note: String) -> Int {
    var isDown = false
    var wasLong = false
    var isStuck = false
    var endings = 0
    for gesture in told where gesture.keys.contains(key) {
      switch gesture {
      case .press:
        #expect(!isStuck && (!isDown || key.actsAtOnce), "\(note): \(key) pressed twice")
        (isDown, wasLong) = (true, false)
      case .short, .chord:
        #expect(isDown && !wasLong && !key.actsAtOnce, "\(note): \(gesture) out of nothing")
        isDown = false
        endings += 1
      case .long:
        #expect(isDown && !wasLong, "\(note): \(gesture) twice")
        wasLong = true
      case .longEnded:
        #expect(isDown && wasLong, "\(note): \(gesture) without its beginning")
        isDown = false
        endings += 1
      case .stuck:
        #expect(!isStuck, "\(note): stuck twice")
        endings += isDown ? 1 : 0
        (isDown, isStuck) = (false, true)
      case .freed:
        #expect(isStuck, "\(note): freed what was not stuck")
        isStuck = false
      case .double, .chordHeld: break
      }
    }
    return endings + (isDown ? 1 : 0)
  }

  @Test func `no press is lost or told twice, and each ends as one thing`() {
    let seed = UInt64.random(in: 0 ... .max)
    var dice = Dice(seed: seed)
    var presses = 0
    for round in 0..<2000 {
      let moves = Self.moves(&dice)
      let told = GestureTests.play(moves).map(\.1)
      for key in Self.keys {
        let count = told.count { $0 == .press(key) }
        let downs = moves.count { $0.key == key && $0.isDown }
        let isEverStuck = told.contains(.stuck(key))
        #expect(isEverStuck ? count <= downs : count == downs, "seed \(seed), round \(round)")
        let endings = Self.holds(key, told, "seed \(seed), round \(round)")
        if !key.actsAtOnce { #expect(endings == count, "seed \(seed), round \(round): \(key)") }
        presses += count
      }
    }
    #expect(presses > 2000)
  }

  @Test func `a stuck key never acts, and the others go on as if it were not there`() {
    let seed = UInt64.random(in: 0 ... .max)
    var dice = Dice(seed: seed)
    for _ in 0..<500 {
      let stuck = Self.keys[dice.roll(0...3)]
      let moves = Self.moves(&dice).filter { $0.key != stuck }
      var levels = Dictionary(uniqueKeysWithValues: Self.keys.map { ($0, false) })
      levels[stuck] = true
      let told = GestureTests.play(moves, Gestures(levels))
      levels[stuck] = nil
      let without = GestureTests.play(moves, Gestures(levels))
      #expect(told.map(\.1) == without.map(\.1), "seed \(seed): \(stuck)")
      #expect(told.allSatisfy { !$0.1.keys.contains(stuck) }, "seed \(seed): \(stuck)")
    }
  }

  @Test func `asked late, it tells the same in the same order`() {
    let seed = UInt64.random(in: 0 ... .max)
    var dice = Dice(seed: seed)
    for _ in 0..<1000 {
      let moves = Self.moves(&dice)
      var late = GestureTests.all
      var told = moves.flatMap {
        late.change($0.key, isDown: $0.isDown, at: GestureTests.at($0.at))
      }
      told += late.advance(to: GestureTests.at(200_000))
      #expect(told == GestureTests.play(moves).map(\.1), "seed \(seed): \(moves)")
    }
  }

  @Test func `a bounce never makes two presses`() {
    let seed = UInt64.random(in: 0 ... .max)
    var dice = Dice(seed: seed)
    for round in 0..<500 {
      let key = Self.keys[dice.roll(0...3)]
      var debouncer = Debouncer(level: false, settle: .milliseconds(20))
      var gestures = GestureTests.all
      var told: [Gesture] = []
      var time: Int64 = 0
      let presses = dice.roll(1...6)
      for move in 0..<(presses * 2) {
        time += Int64(dice.roll(60...600))
        // Chatter that ends on the level that was meant, no pause of it as long as the settling.
        for chatter in 0...(2 * dice.roll(0...5)) {
          let level = (move % 2 == 0) == (chatter % 2 == 0)
          if let level = debouncer.edge(level, at: GestureTests.at(time)) {
            told += gestures.change(key, isDown: level, at: debouncer.countedAt)
          }
          time += Int64(dice.roll(0...7))
        }
        if let level = debouncer.advance(to: GestureTests.at(time + 30)) {
          told += gestures.change(key, isDown: level, at: debouncer.countedAt)
        }
      }
      let count = told.count { $0 == .press(key) }
      #expect(count == presses, "seed \(seed), round \(round), \(key): \(told)")
    }
  }

  @Test func `a press whose contact chatters is forgotten: letting go of it means nothing`() {
    var gestures = GestureTests.all
    _ = gestures.change(.again, isDown: true, at: GestureTests.at(0))
    gestures.forget(.again)
    let ended = gestures.change(.again, isDown: false, at: GestureTests.at(200))
    #expect(ended.isEmpty && gestures.deadline == nil)
    let pressed = gestures.change(.again, isDown: true, at: GestureTests.at(5000))
    #expect(pressed == [.press(.again)])
  }

  @Test func `a stuck key is not freed by being forgotten`() {
    var gestures = Gestures([.go: true])
    gestures.forget(.go)
    #expect(gestures.stuck == [.go])
  }
}
