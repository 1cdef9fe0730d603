package import Catalog
package import Foundation

/// Reads a ViewDefinition from the JSON that a person wrote, with the path of what is wrong with it.
///
/// It looks at what the type's own decoder looks at, earlier and with paths into the document
/// (`select[1].unionAll[0].column[2].name`), and reads `valueInteger64` as FHIR R5 writes it: a text.
package struct ViewSource {
    private var columns: [String] = []

    private init() {}

    /// - Throws: `CatalogFault` with the path of what is missing, mistyped or contradictory.
    package static func decode(_ json: Data) throws(CatalogFault) -> ViewDefinition {
        guard let any = try? JSONSerialization.jsonObject(with: json) else {
            throw CatalogFault(path: "", message: "is not JSON")
        }
        guard var view = any as? [String: Any] else {
            throw CatalogFault(path: "", message: "is not a ViewDefinition: an object is needed")
        }
        if let type = view["resourceType"] as? String, type.split(separator: "/").last != "ViewDefinition" {
            throw CatalogFault(path: "resourceType", message: "is not ViewDefinition")
        }
        var source = ViewSource()
        try source.list(view["select"], "select")
        if let constants = view["constant"] as? [[String: Any]] {
            view["constant"] = constants.map(Self.withNumbers)
        }
        guard let normal = try? JSONSerialization.data(withJSONObject: view) else {
            throw CatalogFault(path: "", message: "is not JSON")
        }
        return try ViewDefinition.decode(normal)
    }

    private static func withNumbers(_ constant: [String: Any]) -> [String: Any] {
        guard let text = constant["valueInteger64"] as? String, let number = Int64(text) else {
            return constant
        }
        var result = constant
        result["valueInteger64"] = NSNumber(value: number)
        return result
    }

    /// - Throws: `CatalogFault`, as above.
    static func decode(_ json: [UInt8]) throws(CatalogFault) -> ViewDefinition { try decode(Data(json)) }

    /// The selects of a list, one beside the other.
    private mutating func list(_ any: Any?, _ path: String) throws(CatalogFault) {
        guard let any else { return }
        guard let list = any as? [[String: Any]] else {
            throw CatalogFault(path: path, message: "is of the wrong type")
        }
        for (index, select) in list.enumerated() { try self.select(select, "\(path)[\(index)]") }
    }

    private mutating func select(_ select: [String: Any], _ path: String) throws(CatalogFault) {
        guard path.utf8.count < 2_000 else {
            throw CatalogFault(path: "select", message: "is nested too deeply")
        }
        for (index, column) in (select["column"] as? [[String: Any]] ?? []).enumerated() {
            try self.column(column, "\(path).column[\(index)]")
        }
        try list(select["select"], path + ".select")
        guard let branches = select["unionAll"] as? [[String: Any]] else { return }
        guard !branches.isEmpty else { throw CatalogFault(path: path + ".unionAll", message: "is empty") }
        let before = columns
        var first: [String]?
        for (index, branch) in branches.enumerated() {
            columns = before
            try self.select(branch, "\(path).unionAll[\(index)]")
            if let first, first != columns {
                throw CatalogFault(
                    path: "\(path).unionAll[\(index)]", message: "has other columns than the first branch")
            }
            first = columns
        }
    }

    private mutating func column(_ column: [String: Any], _ path: String) throws(CatalogFault) {
        guard let name = column["name"] as? String else {
            throw CatalogFault(path: path + ".name", message: "is missing")
        }
        guard column["path"] is String else {
            throw CatalogFault(path: path + ".path", message: "is missing")
        }
        guard !columns.contains(name) else {
            throw CatalogFault(path: path + ".name", message: "is there twice")
        }
        columns.append(name)
    }
}
