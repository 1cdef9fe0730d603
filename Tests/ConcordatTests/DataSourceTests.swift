import Core
import Foundation
import TestSupport
import Testing
import Warehouse

/// A table by the name of an ODBC data source: the name is found in a file that the program's environment names.
@Suite(.postgreSQLCluster) struct DataSourceTests {
    private static let mapping = """
        mapping: issues
        title: Issues
        key: [id]
        person: {nhs_number: nhs, local_id: local}
        rows:
          - dataset: medication_issue
            columns: {code: code, issued_at: date(issued)}
        """

    private static let rows = """
        CREATE TABLE issues (id integer, nhs text, local text, code text, issued date);
        INSERT INTO issues VALUES (1, NULL, 'L1', '39113311000001107', DATE '2026-04-01'),
          (2, NULL, 'L2', '39113311000001107', DATE '2026-04-02'), (3, '999000000x', 'L3', '1', DATE '2026-04-03')
        """

    @Test func aTableIsTakenInByTheNameOfADataSource() async throws {
        let cluster = try #require(PostgreSQLCluster.current)
        let engine = PostgreSQLEngine(connectionString: cluster.connectionString)
        try await engine.withSession { try await $0.execute(Self.rows) }
        await engine.close()
        let folder = FileManager.default.temporaryDirectory.appending(path: "odbc-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let settings = try ODBCDriver.settings(cluster.connectionString).map { "\($0.0) = \($0.1)\n" }
        try Data(("[trust-warehouse]\n" + settings.joined()).utf8).write(
            to: URL(filePath: folder + "/odbc.ini"))
        try Data(Self.mapping.utf8).write(to: URL(filePath: folder + "/issues.yaml"))
        let home = folder + "/home"
        let made = try await Program.run([
            "init", "--home", home, "--organisation", "RJ1", "--name", "A trust", "--role", "controller",
            "--synthetic",
        ])
        #expect(made.status == 0, "\(made.errors)")
        let taken = try await Program.run(
            other: "ODBCINI=\(folder)/odbc.ini",
            [
                try Program.path, "ingest", "--home", home, "--mapping", folder + "/issues.yaml",
                "--odbc", "trust-warehouse", "--table", "issues", "--format", "json",
            ])
        #expect(taken.status == 0, "\(taken.errors)")
        let report = taken.output.filter { !$0.isWhitespace }
        #expect(report.contains(#""new":2"#) && report.contains("invalid-nhs-number"), "\(taken.output)")
        let unknown = try await Program.run(
            other: "ODBCINI=\(folder)/odbc.ini",
            [
                try Program.path, "ingest", "--home", home, "--mapping", folder + "/issues.yaml",
                "--odbc", "another-warehouse", "--table", "issues",
            ])
        #expect(unknown.status == 1 && unknown.errors.contains("odbc.ini"), "\(unknown.errors)")
    }
}
