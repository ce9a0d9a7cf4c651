package import Domain

/// What one label says of one parcel.
package struct LabelContent: Hashable, Sendable {
  /// The identity of the site (网点编号).
  package var site: SiteID
  /// The name of the site for people (网点名称).
  package var siteName: String
  /// The number in the codes.
  package var parcel: ParcelNumber
  /// The trusted weight.
  package var mass: Mass
  /// 1 for the first label; from 2 on the label is marked as a reprint (补打).
  package var copy: Int
  /// Out of the village or into it.
  package var direction: Direction
  /// The record of the weighing (称重记录号), under which the ledger proves the printed weight.
  package var record: Int64
  /// Date and time as people read them; `nil` while the clock cannot be trusted.
  package var time: String?

  /// Makes a content of all its values.
  package init(
    site: SiteID,
    siteName: String,
    parcel: ParcelNumber,
    mass: Mass,
    copy: Int,
    direction: Direction,
    record: Int64,
    time: String?
  ) {
    self.site = site
    self.siteName = siteName
    self.parcel = parcel
    self.mass = mass
    self.copy = copy
    self.direction = direction
    self.record = record
    self.time = time
  }

  /// The widest content that a site will ever print, to try a template before the first parcel.
  package static func specimen(site: SiteID, siteName: String) -> LabelContent {
    LabelContent(
      site: site,
      siteName: siteName,
      parcel: ParcelNumber(site: site, epoch: Epoch(.max), serial: 888_888),
      mass: Mass(grams: 888_888),
      copy: 88,
      direction: .up,
      record: 8_888_888_888,
      time: "2088-08-28 08:08"
    )
  }

  /// The words of a placeholder; empty only for the time, which templates use `when: timed`.
  package func text(for placeholder: Placeholder) -> String {
    switch placeholder {
    case .site: site.text
    case .siteName: siteName
    case .parcel: parcel.text
    case .weight: mass.kilograms
    case .grams: String(mass.grams)
    case .copy: String(copy)
    case .direction: direction == .up ? "上行" : "下行"
    case .record: String(record)
    case .time: time ?? ""
    }
  }
}

/// The values that the texts of a template may hold, in braces.
package enum Placeholder: String, Hashable, Sendable, CaseIterable {
  case site
  case siteName
  case parcel
  /// Kilograms with three decimals, without the unit.
  case weight
  /// Whole grams, without the unit.
  case grams
  case copy
  /// 上行 or 下行.
  case direction
  case record
  case time

  /// Whether a shortened value could be taken for another one.
  var mustStayWhole: Bool {
    switch self {
    case .site, .parcel, .weight, .grams, .record, .copy: true
    case .siteName, .direction, .time: false
    }
  }

  /// Whether every value is printable ASCII, which is what Code 128 carries.
  var isASCII: Bool {
    switch self {
    case .site, .parcel, .weight, .grams, .record, .copy: true
    case .siteName, .direction, .time: false
    }
  }
}
