internal import ArgumentParser
internal import FHIR
internal import Foundation

struct ViewCommands: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "view", abstract: "Try SQL-on-FHIR ViewDefinitions on files.",
        subcommands: [Test.self, Run.self])

    struct Test: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "test", abstract: "Run a folder of SQL-on-FHIR test cases.",
            discussion: """
                Prints every test that failed with its reason, and last "N passed, M failed". Ends with 1 if any \
                failed. The report has the form that SQL-on-FHIR's list of implementations takes.
                """, examples: ["concordat view test sql-on-fhir --output test_report.json"])

        @Argument(help: "Folder of test files (.json).", completion: .directory) var directory: String
        @Option(help: "Where to write the report.") var output: String?
        @Option(help: "How to print: table, or json for the report itself.") var format: OutputFormat = .table

        func run() async throws {
            guard format != .csv else { throw ValidationError("--format takes table or json here") }
            let report: ViewTestSuite.Report
            do {
                report = try ViewTestSuite.run(directory: directory)
                if let output { try report.json.write(to: URL(filePath: output)) }
            } catch {
                Terminal.error("\(error)")
                throw ExitStatus.failure
            }
            if format == .json {
                Terminal.print(String(decoding: report.json, as: UTF8.self))
            } else {
                for failure in report.failures { Terminal.print(failure) }
                Terminal.print("\(report.passed) passed, \(report.failed) failed")
            }
            if report.failed > 0 { throw ExitStatus.failure }
        }
    }

    struct Run: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "run", abstract: "Print the rows that a view makes of files.",
            discussion: """
                Inputs are NDJSON (plain or .gz), Bundles or single resources. Resources that the view cannot be \
                run on are named on standard error by file and place, never by content; the command then ends \
                with 1.
                """,
            examples: ["concordat view run Schemas/datasets/patient.json Patient.ndjson.gz --format csv"])

        @Argument(help: "The ViewDefinition, as JSON.") var view: String
        @Argument(help: "Files of FHIR R4.", completion: .file()) var input: [String]
        @Option(help: "csv, ndjson or table.") var format = ViewRows.Format.table

        func run() async throws {
            var faults = 0
            do {
                let rows = try ViewRows(view: try Data(contentsOf: URL(filePath: view)), format: format)
                let output = FileHandle.standardOutput
                output.write(Data(rows.header))
                for path in input {
                    let summary = try rows.run(path) { output.write(Data($0)) }
                    for fault in summary.faults {
                        Terminal.error("\(path): \(fault.position): \(fault.reason.rawValue)")
                    }
                    faults += summary.faults.count
                }
            } catch {
                Terminal.error("\(error)")
                throw ExitStatus.failure
            }
            if faults > 0 { throw ExitStatus.failure }
        }
    }
}

extension ViewRows.Format: ExpressibleByArgument {}
