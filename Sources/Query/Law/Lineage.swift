import Catalog
import Core

/// What a value comes from, as far as the law of a fragment must know.
struct Lineage: Hashable, Sendable {
    enum Kind: Hashable, Sendable {
        /// Nothing that identifies: open and sensitive columns, public granularities, what is computed of them.
        case free
        /// A date or time of a dataset's own, such as an onset: a reference for an age.
        case event
        case person
        /// A resource id.
        case identifier
        /// An exact date that tells people apart.
        case date(DatasetColumn.Granularity)
        /// `age(…)` of such a date, before its whole years are taken.
        case age
        /// An area or an organisation that people belong to.
        case area
    }

    var kind: Kind
    /// The catalog column it comes from, for messages.
    var column = ""
    var isFreeText = false
    /// A measurement or a time as it was recorded: too fine for a group key.
    var isExact = false

    static let free = Lineage(kind: .free)

    /// Whether the law restricts how the value may be used.
    var isRestricted: Bool { kind != .free && kind != .event }

    /// Of a value that is one or the other.
    func joined(with other: Lineage) -> Lineage {
        var result = isRestricted || !other.isRestricted ? self : other
        if kind == .event, other.kind != .event, !other.isRestricted { result.kind = .free }
        result.isFreeText = isFreeText || other.isFreeText
        result.isExact = isExact || other.isExact
        return result
    }
}

extension Lineage {
    init(_ column: DatasetColumn, ofDataset: Bool) {
        let exact =
            switch column.type {
            case .double, .numeric, .timestamp, .interval: true
            default: false
            }
        self.init(
            kind: Self.kind(column, ofDataset), column: column.name, isFreeText: column.isFreeText,
            isExact: exact && ofDataset)
    }

    private static func kind(_ column: DatasetColumn, _ ofDataset: Bool) -> Kind {
        let isDate = column.type == .date || column.type == .timestamp
        switch column.columnClass {
        case .identifier: return column.isPerson ? .person : .identifier
        case .quasiIdentifier:
            switch column.granularity {
            case .area: return .area
            case .year, .month: return .date(column.granularity ?? .year)
            // INVARIANT: a quasi-identifier without a granularity has none that is public: as an area it can
            // be grouped and joined, never compared.
            case nil: return isDate ? .date(.year) : .area
            }
        case .sensitive, .open: return isDate && ofDataset ? .event : .free
        }
    }
}
