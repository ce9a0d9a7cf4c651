/// Whose parcel it is: the courier's number on it, and the courier (运单).
package struct Shipment: Hashable, Sendable {
  /// The waybill number (运单号), normalised: capitals, digits and hyphens.
  package var waybill: String
  /// The courier's id, as `yto`; `nil` where nobody has said which of several it is.
  package var carrier: String?

  package init(waybill: String, carrier: String?) {
    self.waybill = waybill
    self.carrier = carrier
  }
}
