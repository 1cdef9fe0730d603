internal import Core
internal import Synchronization

/// Counts of one column of codes, as they come from the engine.
///
/// What is not to be shown is counted and forgotten: a column full of things that are no codes takes no memory.
struct CodeTally: Sendable {
    let field: QualityFields.Codes
    let terms: QualityTerms
    private(set) var quality: CodeColumnQuality
    /// Codes of the codelists that were found: rows and people.
    private(set) var found: [String: (rows: Int, people: Int)] = [:]
    private var systems: [String: (rows: Int, codes: Int)] = [:]
    private var shown: [CodeColumnQuality.Code] = []

    init(_ field: QualityFields.Codes, _ terms: QualityTerms) {
        self.field = field
        self.terms = terms
        quality = CodeColumnQuality(column: field.column)
        switch field.system {
        case .column(let name): quality.systemColumn = name
        case .declared(let uri): quality.declaredSystem = uri
        case .none: break
        }
    }

    mutating func add(_ code: String, _ system: String?, _ rows: Int, _ people: Int) {
        quality.values += rows
        quality.distinct += 1
        if let system {
            systems[system, default: (0, 0)].rows += rows
            systems[system, default: (0, 0)].codes += 1
            if let form = CodeForm(system: system), !form.matches(code) {
                quality.malformed += rows
                quality.malformedCodes += 1
            }
        } else if quality.systemColumn != nil {
            quality.withoutSystem += rows
        }
        if terms.listed.contains(code) {
            found[code, default: (0, 0)].rows += rows
            found[code, default: (0, 0)].people += people
        }
        guard terms.mayShow(code, system: system, people: people) else {
            quality.notShown += 1
            quality.notShownValues += rows
            return
        }
        shown.append(.init(code: code, system: system, term: terms.names[code], rows: rows, people: people))
        if shown.count >= 8 * QualityRules.topCodes { cut() }
    }

    private mutating func cut() {
        shown.sort { ($1.rows, $0.code, $0.system ?? "") < ($0.rows, $1.code, $1.system ?? "") }
        shown.removeLast(max(0, shown.count - QualityRules.topCodes))
    }

    /// Whether a system is named that the data model does not declare.
    var hasUnknownSystems: Bool { systems.keys.contains { !terms.systems.contains($0) } }

    /// - Parameter people: people by system, where some are not known.
    mutating func finish(people: [String: Int]) -> CodeColumnQuality {
        cut()
        func mayShow(_ system: String) -> Bool {
            terms.systems.contains(system)
                || people[system, default: 0] >= QualityRules.leastPeople && QualityTerms.isPrintable(system)
        }
        quality.top = shown.map { code in
            var code = code
            code.system = code.system.flatMap { mayShow($0) ? $0 : nil }
            return code
        }
        quality.systems = systems.filter { mayShow($0.key) }.map {
            .init(
                system: $0.key, rows: $0.value.rows, codes: $0.value.codes,
                isKnown: terms.systems.contains($0.key))
        }
        let others = systems.filter { !mayShow($0.key) }.values
        if !others.isEmpty {
            quality.systems.append(
                .init(
                    system: nil, rows: others.reduce(0) { $0 + $1.rows },
                    codes: others.reduce(0) { $0 + $1.codes }, isKnown: false))
        }
        quality.systems.sort { ($1.rows, $0.system ?? "") < ($0.rows, $1.system ?? "") }
        return quality
    }
}

/// Counts of numbers by code and unit.
struct UnitTally: Sendable {
    let terms: QualityTerms
    private var quality = MeasurementQuality()
    private var unbounded: Set<QualityTerms.CodeKey> = []
    /// Of a code, rows in units that are not shown.
    private var hidden: [QualityTerms.CodeKey: (rows: Int, people: Int)] = [:]

    init(_ terms: QualityTerms) { self.terms = terms }

    mutating func add(_ measured: MeasuredUnit) {
        quality.values += measured.rows
        if measured.unit == nil { quality.withoutUnit += measured.rows }
        let code = measured.code ?? ""
        let key = QualityTerms.CodeKey(system: measured.system ?? "", code: code)
        guard let expected = terms.expectedUnits(measured.system, measured.code) else {
            quality.withoutBounds += measured.rows
            unbounded.insert(key)
            return
        }
        if let unit = measured.unit, expected.contains(unit) { return }
        if let unit = measured.unit {
            quality.inUnknownUnit += measured.rows
            guard
                terms.knownUnits.contains(unit)
                    || measured.people >= QualityRules.leastPeople && QualityTerms.isPrintable(unit)
            else {
                hidden[key, default: (0, 0)].rows += measured.rows
                hidden[key, default: (0, 0)].people += measured.people
                return
            }
        }
        quality.unknown.append(
            .init(
                code: code, system: measured.system, name: terms.names[code] ?? "", unit: measured.unit ?? "",
                rows: measured.rows, people: measured.people, expected: expected))
    }

    mutating func finish() -> MeasurementQuality {
        for (key, count) in hidden {
            quality.unknown.append(
                .init(
                    code: key.code, system: key.system, name: terms.names[key.code] ?? "", unit: nil,
                    rows: count.rows, people: count.people,
                    expected: terms.expectedUnits(key.system, key.code) ?? []))
        }
        quality.unknown.sort {
            ($1.rows, $0.code, $0.unit ?? "~") < ($0.rows, $1.code, $1.unit ?? "~")
        }
        quality.unknown.removeLast(max(0, quality.unknown.count - QualityRules.topUnits))
        quality.codesWithoutBounds = unbounded.count
        return quality
    }
}

/// A tally that a stream of rows is counted into.
final class Tally<Counts: Sendable>: Sendable {
    private let state: Mutex<Counts>

    init(_ counts: Counts) { state = Mutex(counts) }

    func add(_ change: (inout Counts) -> Void) { state.withLock { change(&$0) } }

    var counts: Counts { state.withLock { $0 } }
}
