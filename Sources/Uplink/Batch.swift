package import Domain

/// Events of one lane of one ledger, on their way to the hub.
package struct Batch: Hashable, Sendable {
  package var site: SiteID
  package var epoch: Epoch
  package var lane: Lane
  /// In order of sequence.
  ///
  /// None at all only asks the hub where the lane stands.
  package var events: [Event]
  /// The first sequence of the lane that the station still keeps.
  package var oldest: Int64

  package init(site: SiteID, epoch: Epoch, lane: Lane, events: [Event], oldest: Int64 = 1) {
    self.site = site
    self.epoch = epoch
    self.lane = lane
    self.events = events
    self.oldest = oldest
  }

  /// The media type of a batch (CloudEvents 1.0, HTTP protocol binding, § 3.3).
  package static let mediaType = "application/cloudevents-batch+json"

  /// The gzip'd JSON that goes over the wire.
  package func encoded() -> [UInt8] {
    var out: [UInt8] = [UInt8(ascii: "[")]
    for (index, event) in events.enumerated() {
      if index > 0 { out.append(UInt8(ascii: ",")) }
      out.append(contentsOf: event.envelope(of: site))
    }
    out.append(UInt8(ascii: "]"))
    return Gzip.compress(out)
  }
}

extension Event {
  /// The event as a CloudEvent.
  ///
  /// A CloudEvents Integer has 32 bits, so the wide numbers travel as strings, as the sequence
  /// extension demands anyway. A body that is not JSON (a damaged row) travels in base64, so that
  /// the rest of the batch stays readable.
  fileprivate func envelope(of site: SiteID) -> [UInt8] {
    var fields: [String: JSON] = [
      "specversion": .string("1.0"),
      "id": .string("\(site)/\(epoch)/\(lane.rawValue)/\(sequence)"),
      "source": .string(Wire.source(of: site)),
      "type": .string(Wire.typePrefix + type),
      "time": .string(time.rfc3339),
      "datacontenttype": .string("application/json"),
      "epoch": .string(epoch.description),
      "lane": .string(lane.rawValue),
      "sequence": .string(String(sequence)),
      "bootid": .string(time.boot),
      "monotonic": .string(String(time.monotonic.nanoseconds)),
      "clock": .string(time.quality.rawValue),
    ]
    if !chain.isEmpty { fields["chain"] = .string(Hex.encode(chain)) }
    guard (try? JSON(parsing: body)) != nil else {
      fields["datacontenttype"] = .string("application/octet-stream")
      fields["data_base64"] = .string(Base64.encode(body))
      return JSON.object(fields).canonical
    }
    var out = JSON.object(fields).canonical
    out.removeLast()
    out.append(contentsOf: ",\"data\":".utf8)
    out.append(contentsOf: body)
    out.append(UInt8(ascii: "}"))
    return out
  }
}

/// The fixed words of the wire.
enum Wire {
  static let typePrefix = "cn.yizhan."

  static func source(of site: SiteID) -> String { "/sites/\(site)" }
}
