extension Value {
    /// The value as PostgreSQL prints it, without quotes; empty for NULL.
    package var text: String {
        switch self {
        case .null: ""
        case .boolean(let value): value ? "true" : "false"
        case .integer(let value): String(value)
        case .double(let value): Self.text(of: value)
        case .text(let value): value
        case .date(let days): Civil.formatDate(Int(days))
        case .timestamp(let microseconds): Civil.formatTimestamp(microseconds)
        case .interval(let months, let days, let microseconds):
            Self.text(months: months, days: days, microseconds: microseconds)
        }
    }

    private static func text(of value: Double) -> String {
        if value.isNaN { return "NaN" }
        if value.isInfinite { return value < 0 ? "-Infinity" : "Infinity" }
        if value == value.rounded(), abs(value) < 1e15 { return String(Int64(value)) }
        return String(value)
    }

    private static func text(months: Int32, days: Int32, microseconds: Int64) -> String {
        func part(_ count: Int32, _ unit: String) -> String? {
            count == 0 ? nil : "\(count) \(unit)\(count == 1 ? "" : "s")"
        }
        var parts = [part(months / 12, "year"), part(months % 12, "mon"), part(days, "day")].compactMap(
            \.self)
        if microseconds != 0 || parts.isEmpty {
            let clock = Civil.formatTimestamp(abs(microseconds) % 86_400_000_000).split(separator: " ")[1]
            parts.append((microseconds < 0 ? "-" : "") + clock)
        }
        return parts.joined(separator: " ")
    }
}
