internal import Core

extension OrganisationCode {
    /// As a literal of SQL.
    var sql: String { SQLQuoting.literal(text) }

    /// The condition that rows are this controller's.
    /// - Parameter alias: of the table, where it has one.
    func ownership(of alias: String? = nil) -> String {
        "\(alias.map { $0 + "." } ?? "")controller = \(sql)"
    }
}
