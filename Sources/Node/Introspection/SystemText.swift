internal import Core
internal import Query

/// Values as PostgreSQL prints them to a client, in the text format.
enum SystemText {
    static func rows(_ table: Table, _ columns: [SystemColumn]) -> [[String?]] {
        let vectors = table.columns.prefix(columns.count).map(\.vector)
        return (0..<table.rowCount).map { row in
            zip(vectors, columns).map { vector, column in text(vector[row], column.type) }
        }
    }

    /// - Returns: nil for NULL.
    static func text(_ value: Value, _ type: SystemType) -> String? {
        switch value {
        case .null: return nil
        case .boolean(let truth): return truth ? "t" : "f"
        case .timestamp where type == .timestamptz: return value.text + "+00"
        default: return value.text
        }
    }
}
