internal import Catalog
internal import Core
internal import FHIR
internal import Warehouse

extension IngestRun {
    /// A view's rows with what a merge needs to know of each.
    mutating func rowsToMerge(
        _ rows: Table, _ rowSource: [Int], of dataset: Dataset, _ block: LineBlock, _ place: Int
    ) -> StagedRows {
        let schema = warehouse.schema
        func vector(_ name: String, _ type: ColumnType) -> ColumnVector {
            rows.column(name)?.vector
                ?? ColumnVector(
                    type: type, values: Array(repeating: .null, count: rows.rowCount))
        }
        let (sequence, fingerprints) = keys(rowSource, block, place)
        let isPatient = dataset.name == "patient"
        let key: [ColumnVector] = [
            ColumnVector(type: .bigint, storage: .int64(sequence)),
            vector("resource_id", .text), vector("parent_id", .text),
            ColumnVector(type: .bigint, storage: .int64(fingerprints)), vector("last_updated", .timestamp),
            vector(isPatient ? "resource_id" : "person", .text),
            vector(isPatient ? "person" : "subject_nhs_number", .text),
        ]
        let own = schema.recorded(dataset)
        let columns = SiteSchema.stagedColumns + own
        let vectors = key + own.map { vector($0.name, $0.type) }
        let staged = StagedRows(
            Table(
                columns: zip(columns, vectors).map { Table.Column(name: $0.name, vector: $1) },
                rowCount: rows.rowCount))
        return dataset.name == "observation" ? units.settled(staged) : staged
    }

    /// Of each row, the number of its record and the fingerprint of its bytes.
    private mutating func keys(
        _ rowSource: [Int], _ block: LineBlock, _ place: Int
    ) -> (sequence: [Int64], fingerprints: [Int64]) {
        let (rewritten, watched) = (sources[place].fingerprints, keeper.watched)
        var sequence: [Int64] = []
        var fingerprints: [Int64] = []
        sequence.reserveCapacity(rowSource.count)
        fingerprints.reserveCapacity(rowSource.count)
        var (last, number, fingerprint) = (-1, Int64(0), Int64(0))
        for source in rowSource {
            // Rows of one resource stand together: it is hashed once.
            if source != last {
                let line = block.lines[source]
                number = RecordSequence.number(file: place, offset: line.byteOffset)
                fingerprint = rewritten[line.byteOffset] ?? block.fingerprint(line)
                if !watched.isEmpty, watched.contains(fingerprint) { keeper.saw(fingerprint) }
                last = source
            }
            sequence.append(number)
            fingerprints.append(fingerprint)
        }
        return (sequence, fingerprints)
    }

    /// Hands what the merges refused to the keeper. Only its numbers are known: its bytes are read once more,
    /// so that no run has to hold what it may not need.
    mutating func keepRefused() async throws {
        let ranges = try await session.query(
            """
            SELECT \(RecordSequence.fileSQL) AS file, min(seq) AS first, max(seq) AS last FROM set_aside
            GROUP BY 1 ORDER BY 1
            """)
        for row in ranges.rows {
            guard let place = row[0].whole, let last = row[2].whole else { continue }
            try await keepRefused(of: Int(place), upTo: RecordSequence.offset(last))
        }
    }

    private mutating func keepRefused(of place: Int, upTo last: Int) async throws {
        let reader = try sources[place].reader()
        var offset = -1
        while offset < last {
            // A file that is damaged was read this far before.
            guard let block = try? reader.next() else { return }
            guard let first = block.lines.first, let end = block.lines.last else { continue }
            offset = end.byteOffset
            let (low, high) = (
                RecordSequence.number(file: place, offset: first.byteOffset),
                RecordSequence.number(file: place, offset: offset)
            )
            let refused = try await session.query(
                """
                SELECT seq, reasons, dataset FROM set_aside WHERE seq BETWEEN \(low) AND \(high) ORDER BY seq
                """)
            for row in refused.rows {
                guard let number = row[0].whole,
                    let line = block.line(at: RecordSequence.offset(number))
                else { continue }
                try keeper.setAside(
                    SetAsideRecord(
                        line, of: block, dataset: row[2].text,
                        reasons: row[1].text.split(separator: " ").map(String.init)),
                    of: sources[place])
            }
        }
    }
}
