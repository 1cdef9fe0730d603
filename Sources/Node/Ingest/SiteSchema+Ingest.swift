internal import Catalog
internal import Core
internal import Warehouse

/// Where records wait on their way in: tables of the ingesting session alone.
///
/// - `held_…`: records whose patient has not come yet, until the end of the run. `taken`: what was taken in of their
///   dataset meanwhile. `set_aside`: everything that merges refused in this run.
/// - `wanted`, `staged_tie`, `deletion`: what is asked for, or done, in one batch.
extension SiteSchema {
    static func held(_ dataset: Dataset) -> String { "held_" + dataset.name }

    var ingestDefinitions: String {
        let text = columnSQL(.text)
        let held = kept.map { dataset in
            define(nil, Self.held(dataset), Self.stagedColumns + recorded(dataset))
                .replacing("CREATE TABLE IF NOT EXISTS", with: "CREATE TEMPORARY TABLE IF NOT EXISTS")
        }
        return held.joined(separator: "\n")
            + """
            CREATE TEMPORARY TABLE IF NOT EXISTS set_aside (seq BIGINT, reasons \(text), dataset \(text));
            CREATE TEMPORARY TABLE IF NOT EXISTS taken (dataset \(text), id \(text), seq BIGINT);
            CREATE TEMPORARY TABLE IF NOT EXISTS wanted (place BIGINT, id \(text));
            CREATE TEMPORARY TABLE IF NOT EXISTS wanted_sequence (place BIGINT, seq BIGINT);
            CREATE TEMPORARY TABLE IF NOT EXISTS staged_tie (subject \(text), person \(text));
            CREATE TEMPORARY TABLE IF NOT EXISTS deletion (id \(text));
            """
    }
}

/// The number of a record in one run: which file, and where it begins there.
///
/// Unique, and in the order of reading: of two versions without a time the later stands.
enum RecordSequence {
    /// Bits of the offset: files of up to a terabyte, decompressed.
    static let offsetBits: Int64 = 40

    static func number(file: Int, offset: Int) -> Int64 { Int64(file) << offsetBits | Int64(offset) }
    static func file(_ number: Int64) -> Int { Int(number >> offsetBits) }
    static func offset(_ number: Int64) -> Int { Int(number & (1 << offsetBits - 1)) }
    /// The file's number of a column `seq`.
    static let fileSQL = "seq >> \(offsetBits)"
}

extension Value {
    /// An integer, exactly.
    var whole: Int64? { if case .integer(let value) = self { value } else { nil } }
}
