internal import Catalog
internal import Core
internal import Store

/// What is asked of measurements: the same as of FHIR's observations (`MeasurementUnits`, `MeasurementBounds`).
extension MappingPlanner {
    /// Puts the unit into the form that the catalog knows for the code. What is none of its units is a fault, or marks the
    /// row where the site says so; to have none marks it.
    mutating func settleUnit(_ made: inout [String: MappingExpression], _ when: String?) {
        guard let code = made["code"]?.sql, let system = made["code_system"]?.sql,
            let value = made["value_quantity"]?.sql, !schema.catalog.bounds.isEmpty
        else { return }
        let dialect = compiler.dialect
        func key(_ parts: [String]) -> String { SQLQuoting.literal(parts.joined(separator: "\u{1F}")) }
        let codes = Set(schema.catalog.bounds.map { key([$0.system, $0.code]) }).sorted()
        let units = schema.catalog.bounds.map { key([$0.system, $0.code, $0.unit]) }
        let isMeasured = compiler.derive(
            "((\(value)) IS NOT NULL AND "
                + dialect.contains(codes, "concat_ws(chr(31), \(system), \(code))") + ")")
        func isKnown(_ unit: String) -> String {
            compiler.derive(
                dialect.contains(units, "concat_ws(chr(31), \(system), \(code), coalesce(\(unit), ''))"))
        }
        let written = made["value_unit"]?.sql ?? "CAST(NULL AS \(MappingCompiler.sql(.text)))"
        let isWritten = isKnown(written)
        // Of the few that are not written as they should be: the list of spellings is long.
        let meant = compiler.derive(
            "CASE WHEN \(isMeasured) AND NOT \(isWritten) THEN \(spelled(written)) END")
        let unit = compiler.derive(
            "CASE WHEN \(isMeasured) AND NOT \(isWritten) AND \(isKnown(meant)) THEN \(meant) "
                + "ELSE \(written) END")
        made["value_unit"] = MappingExpression(
            sql: unit, type: .text, faults: made["value_unit"]?.faults ?? [])
        let isOther = compiler.derive("(\(isMeasured) AND NOT \(isKnown(unit)))")
        let isUnknown = "(\(isOther) AND \(unit) <> '')"
        if schema.unknownUnits == .quarantine {
            note(MeasurementUnits.reason, when.map { "(\($0)) AND \(isUnknown)" } ?? isUnknown)
        }
        guard made["degraded"] == nil else { return }
        let (mark, missing) = (MeasurementUnits.mark, MeasurementUnits.missingMark)
        made["degraded"] = MappingExpression(
            sql: "CASE WHEN \(isUnknown) THEN \(SQLQuoting.literal(mark)) "
                + "WHEN \(isOther) THEN \(SQLQuoting.literal(missing)) END", type: .text)
    }

    /// The unit that a text is a spelling of, whatever the code; NULL if it is none. Folds as `UnitSpellings` does.
    private func spelled(_ unit: String) -> String {
        let (upper, lower) = ("ABCDEFGHIJKLMNOPQRSTUVWXYZ", "abcdefghijklmnopqrstuvwxyz")
        let folded = "translate(replace(coalesce(\(unit), ''), ' ', ''), '\(upper)', '\(lower)')"
        let branches = schema.catalog.spellings.units.sorted { $0.key < $1.key }.map {
            "WHEN \(SQLQuoting.literal($0.key)) THEN \(SQLQuoting.literal($0.value))"
        }
        guard !branches.isEmpty else { return "CAST(NULL AS \(MappingCompiler.sql(.text)))" }
        return "CASE \(folded) \(branches.joined(separator: " ")) END"
    }

    /// The limits of what a value can be, in its unit.
    mutating func checkBounds(_ made: [String: MappingExpression], _ when: String?) {
        guard let code = made["code"]?.sql, let system = made["code_system"]?.sql,
            let unit = made["value_unit"]?.sql, let value = made["value_quantity"]?.sql,
            !schema.catalog.bounds.isEmpty
        else { return }
        let known = "concat_ws(chr(31), \(system), \(code), \(unit))"
        func limit(_ end: (MeasurementBound) -> Double) -> String {
            let branches = schema.catalog.bounds.map {
                "WHEN \(SQLQuoting.literal([$0.system, $0.code, $0.unit].joined(separator: "\u{1F}"))) THEN \(end($0))"
            }
            return "CASE \(known) \(branches.joined(separator: " ")) END"
        }
        let outside = "(\(value)) < \(limit(\.lower)) OR (\(value)) > \(limit(\.upper))"
        note("out-of-bounds", when.map { "(\($0)) AND (\(outside))" } ?? outside)
    }
}
