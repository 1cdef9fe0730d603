internal import Foundation
internal import Node
internal import Store

/// The same question for the tools that people have: psql, pandas, R.
struct ClientSnippets: Sendable {
    let form: QuestionForm
    let user: String
    /// By the name that people know the node by.
    let host: String
    /// nil where the node listens to no SQL.
    let port: Int?

    init(_ form: QuestionForm, _ call: ConsoleCall) throws {
        self.form = form
        user = try call.caller.user.name
        host = URL(string: call.house.settings.origin)?.host() ?? "localhost"
        port = call.house.context.configuration.sql?.port
    }

    var values: [[String: any Sendable]] {
        guard let port else { return [] }
        return [
            ["name": "psql", "id": "snippet-psql", "text": psql(port)],
            ["name": "pandas", "id": "snippet-pandas", "text": pandas(port)],
            ["name": "R", "id": "snippet-r", "text": r(port)],
        ]
    }

    /// What settings other than the usual ones a session is told.
    private var settings: [String] {
        (form.require == "all" ? [] : ["concordat.require=\(form.require)"])
            + (form.deadlineSeconds == 60 ? [] : ["concordat.deadline=\(form.deadlineSeconds)s"])
            + (form.maximumAgeDays.map { ["concordat.max_age=\($0)d"] } ?? [])
    }

    private var options: String { settings.map { "-c \($0)" }.joined(separator: " ") }

    private func psql(_ port: Int) -> String {
        let options = options.isEmpty ? "" : " options='\(options)'"
        // No line of the question may end the shell's text: what follows would be run.
        var mark = "SQL"
        while form.sql.split(whereSeparator: \.isNewline).contains(where: { $0 == mark }) { mark += "_" }
        return """
            psql "host=\(host) port=\(port) user=\(user) dbname=\(form.under) sslmode=verify-full sslrootcert=sql.crt\(options)" <<'\(mark)'
            \(form.sql);
            \(mark)
            """
    }

    private func pandas(_ port: Int) -> String {
        let database = AddressText.escaped(form.under)
        let options = options.isEmpty ? "" : "&options=" + AddressText.escaped(options)
        return """
            import pandas, sqlalchemy
            # The password: PGPASSWORD, or ~/.pgpass
            engine = sqlalchemy.create_engine(
                "postgresql+psycopg://\(AddressText.escaped(user))@\(host):\(port)/\(database)"
                "?sslmode=verify-full&sslrootcert=sql.crt\(options)")
            answer = pandas.read_sql(sqlalchemy.text(\(Self.python(form.sql.replacing(":", with: "\\:")))), engine)
            """
    }

    private func r(_ port: Int) -> String {
        let options = options.isEmpty ? "" : " options='\(options)'"
        return """
            library(RPostgreSQL)
            connection <- dbConnect(PostgreSQL(), host = "\(host)", port = \(port), user = \(Self.quoted(user)),
                dbname = \(Self.quoted("dbname=\(form.under) sslmode=verify-full sslrootcert=sql.crt\(options)")),
                password = Sys.getenv("PGPASSWORD"))
            answer <- dbGetQuery(connection, \(Self.quoted(form.sql)))
            """
    }

    /// As a literal of R, which has lines and the escapes of C.
    private static func quoted(_ text: String) -> String {
        "\"" + text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"") + "\""
    }

    private static func python(_ text: String) -> String {
        "\"\"\"\n" + text.replacing("\\", with: "\\\\").replacing("\"\"\"", with: "\\\"\\\"\\\"") + "\n\"\"\""
    }
}
