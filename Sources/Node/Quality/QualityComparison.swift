package import Foundation

/// Two reports side by side: one controller on two days, or two controllers.
package struct QualityComparison: Sendable {
    /// A number that is not the same in both.
    package struct Difference: Codable, Sendable, Hashable {
        /// `codelist`, `code`, `column`, `month` … as in `QualityReport.measures`.
        package var kind: String
        package var dataset: String
        package var column: String
        package var item: String
        package var measure: String
        /// nil where the report does not have it: a code that is not among the most frequent there.
        package var there: Int?
        package var here: Int?

        /// How far apart they are, however large they are; small numbers weigh less.
        fileprivate var weight: Double {
            abs(log((Double(here ?? 0) + 10) / (Double(there ?? 0) + 10)))
        }

        fileprivate var place: String { [kind, dataset, column, item, measure].joined(separator: "\u{1F}") }
    }

    /// The furthest apart first.
    package let differences: [Difference]
    /// What is to be known before they are read: sentences.
    package let notes: [String]

    /// Reads a report as `concordat quality --format json` printed it.
    /// - Throws: `NodeError` where it is none, or of another form.
    package static func read(_ json: Data) throws -> QualityReport {
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        guard let report = try? decoder.decode(QualityReport.self, from: json),
            report.form == QualityReport.form
        else {
            throw NodeError(
                .input,
                "no report of the form \(QualityReport.form): make one with 'concordat quality --format json'"
            )
        }
        return report
    }

    package init(there: QualityReport, here: QualityReport) {
        var found: [[String]: (there: Int?, here: Int?)] = [:]
        // A finding's number stands in its words already.
        for row in there.measures.rows where row[0] != "finding" {
            found[Array(row.prefix(5)), default: (nil, nil)].there = Int(row[5])
        }
        for row in here.measures.rows where row[0] != "finding" {
            found[Array(row.prefix(5)), default: (nil, nil)].here = Int(row[5])
        }
        differences = found.filter { $0.value.there != $0.value.here }.map { key, value in
            Difference(
                kind: key[0], dataset: key[1], column: key[2], item: key[3], measure: key[4],
                there: value.there,
                here: value.here)
        }.sorted { ($1.weight, $0.place) < ($0.weight, $1.place) }
        var notes: [String] = []
        if there.catalog != here.catalog {
            notes.append("the reports are of two data models: what both name the same may not be the same")
        }
        if there.source != here.source { notes.append("one is of live data, the other of a publication") }
        self.notes = notes
    }
}
