import Foundation
import Yams

/// YAML as JSON has it: texts, whole numbers, lists and mappings; days stay texts.
enum YAMLDocument {
    static func value(_ yaml: String) throws -> Any {
        guard let node = try Yams.compose(yaml: yaml) else { return [String: Any]() }
        return value(node)
    }

    private static func value(_ node: Node) -> Any {
        switch node {
        case .mapping(let mapping):
            return Dictionary(mapping.map { ($0.key.string ?? "", value($0.value)) }) { first, _ in first }
        case .sequence(let items): return items.map(value)
        case .scalar(let scalar):
            if scalar.style == .plain, let number = Int(scalar.string) { return number }
            return scalar.string
        case .alias: return NSNull()
        }
    }
}
