import Dispatch
package import Domain
package import Drivers
package import Labels
import Synchronization

/// Turns an intent into the printer's bytes: content, page, language.
package final class LabelPress: Sendable {
  /// What every label of this station has in common.
  package struct Style: Sendable {
    package var site: SiteID
    package var siteName: String
    package var template: LabelTemplate
    package var language: any LabelLanguage.Type
    package var settings: PrinterSettings
    /// Micrometres between two labels.
    package var gap: Int

    package init(
      site: SiteID,
      siteName: String,
      template: LabelTemplate,
      language: any LabelLanguage.Type,
      settings: PrinterSettings,
      gap: Int
    ) {
      self.site = site
      self.siteName = siteName
      self.template = template
      self.language = language
      self.settings = settings
      self.gap = gap
    }
  }

  private let style: Style
  private let renderer: Mutex<LabelRenderer>
  private let queue = DispatchQueue(label: "yizhan.labels")

  package init(style: Style, renderer: consuming sending LabelRenderer) {
    self.style = style
    self.renderer = Mutex(renderer)
  }

  /// Renders the label of an intent, off the caller's thread.
  ///
  /// - Parameters:
  ///   - intent: The attempt to print it.
  ///   - record: The sequence of its record in the ledger.
  ///   - time: For people; `nil` while the clock cannot be trusted.
  ///   - done: Takes the bytes, or why there are none.
  package func press(
    _ intent: Intent,
    record: Int64,
    time: String?,
    done: @escaping @Sendable (Result<[UInt8], LabelError>) -> Void
  ) {
    queue.async {
      done(Result { () throws(LabelError) in try self.bytes(intent, record: record, time: time) })
    }
  }

  /// Renders the label of this box's key, off the caller's thread.
  package func press(
    _ note: EnrolmentNote,
    done: @escaping @Sendable (Result<[UInt8], LabelError>) -> Void
  ) {
    queue.async {
      let template = LabelTemplate.enrolment(note, on: self.style.template)
      let content = LabelContent.specimen(site: self.style.site, siteName: self.style.siteName)
      done(Result { () throws(LabelError) in try self.bytes(template, content) })
    }
  }

  /// Tries the template with the widest content, so that a label that cannot be made is found at
  /// the start and not with a parcel on the scale.
  package func rehearse() throws(LabelError) {
    let specimen = LabelContent.specimen(site: style.site, siteName: style.siteName)
    _ = try renderer.withLock { renderer throws(LabelError) in
      try renderer.render(style.template, specimen)
    }
  }

  private func bytes(_ intent: Intent, record: Int64, time: String?) throws(LabelError) -> [UInt8] {
    let content = LabelContent(
      site: style.site,
      siteName: style.siteName,
      parcel: intent.id.parcel,
      mass: intent.mass,
      copy: intent.id.copy,
      direction: .up,
      record: record,
      time: time
    )
    return try bytes(style.template, content)
  }

  private func bytes(
    _ template: LabelTemplate,
    _ content: LabelContent
  ) throws(LabelError) -> [UInt8] {
    let page = try renderer.withLock { renderer throws(LabelError) in
      try renderer.render(template, content)
    }
    let media = Media(width: style.template.width, height: style.template.height, gap: style.gap)
    return style.language.job(page, on: media, settings: style.settings)
  }
}
