internal import Foundation

/// How units are written, and which UCUM units they are: the same unit in another spelling, so that a number stays what it
/// is. From `Schemas/units.csv` and a node's own `units.csv`, by columns `written`, `unit` and `source`.
///
/// Case and blanks do not count: `MMOL/L`, `mmol / l` and `mmol/L` are one.
package struct UnitSpellings: Hashable, Sendable {
    /// What is written, folded -> the UCUM unit.
    package let units: [String: String]

    package static let none = UnitSpellings(units: [:])

    private init(units: [String: String]) { self.units = units }

    /// Without blanks, and with small letters where ASCII has them: the engines' SQL does the same (`MappingPlanner`).
    package static func folded(_ bytes: some Sequence<UInt8>) -> [UInt8] {
        bytes.compactMap { byte in
            switch byte {
            case 0x20: nil
            case 0x41...0x5A: byte + 0x20
            default: byte
            }
        }
    }

    package static func folded(_ text: String) -> String {
        String(decoding: folded(text.utf8), as: UTF8.self)
    }

    /// Every unit of the bounds is a spelling of itself.
    /// - Parameter files: CSV, with its name; what a later one says counts.
    /// - Throws: `CatalogFault` for a file with other columns, for a line that names no unit of the bounds, and for a
    ///   spelling that is another unit of them.
    init(bounds: [MeasurementBound], files: [(name: String, bytes: Data)]) throws {
        var units: [String: String] = [:]
        for bound in bounds { units[Self.folded(bound.unit)] = bound.unit }
        let known = Set(bounds.map(\.unit))
        let own = units
        for (name, bytes) in files {
            let records = try CSVReader.records(bytes)
            guard records.first?.fields == ["written", "unit", "source"] else {
                throw CatalogFault(
                    file: name, path: "line 1", message: "other columns than written, unit and source")
            }
            var seen: Set<String> = []
            for record in records.dropFirst() {
                func fault(_ message: String) -> CatalogFault {
                    CatalogFault(file: name, path: "line \(record.line)", message: message)
                }
                guard record.fields.count == 3, known.contains(record.fields[1]) else {
                    throw fault("names no unit of bounds.csv: a spelling is of a unit that has bounds")
                }
                let written = Self.folded(record.fields[0])
                guard own[written] == nil else { throw fault("is a unit of bounds.csv itself") }
                guard seen.insert(written).inserted else { throw fault("is there twice") }
                units[written] = record.fields[1]
            }
        }
        self.units = units
    }
}
