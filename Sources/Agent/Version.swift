/// The version of the whole project, as every program of it reports.
package enum Version {
  package static let current = "0.1.0"
}
