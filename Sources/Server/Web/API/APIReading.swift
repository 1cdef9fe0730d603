internal import Foundation
internal import Hummingbird
internal import Node

/// Reads what is in an address, by the shapes that its route gives.
enum APIReading {
    /// - Throws: `Problem`: an item of another shape is not there.
    static func items(_ route: APIRoute, _ given: Parameters) throws -> [String: JSONTree] {
        var items: [String: JSONTree] = [:]
        for parameter in route.items {
            guard let text = given.get(parameter.name)?.removingPercentEncoding,
                let value = read(text, parameter.schema), parameter.schema.fault(in: value) == nil
            else { throw Problem.notFound }
            items[parameter.name] = value
        }
        return items
    }

    /// - Throws: `Problem` for what the route does not know, what stands twice and what has another shape.
    static func query(_ route: APIRoute, _ given: some Sequence<(key: Substring, value: Substring)>) throws
        -> [String: JSONTree]
    {
        var query: [String: JSONTree] = [:]
        for (key, text) in given {
            let name = String(key)
            guard let parameter = route.query.first(where: { $0.name == name }) else {
                let known = route.query.map(\.name).joined(separator: ", ")
                throw Problem.invalid(
                    known.isEmpty
                        ? "there are no query parameters here" : "the query parameters here are \(known)")
            }
            guard query[name] == nil else { throw Problem.invalid("'\(name)' stands twice") }
            guard let value = read(String(text), parameter.schema) else {
                throw Problem.invalid("'\(name)' has another form")
            }
            if let fault = parameter.schema.fault(in: value) {
                throw Problem.invalid("'\(name)' \(fault.words)")
            }
            query[name] = value
        }
        return query
    }

    private static func read(_ text: String, _ schema: Schema) -> JSONTree? {
        switch schema {
        case .integer: Int64(text).map(JSONTree.integer)
        case .boolean: Bool(text).map(JSONTree.boolean)
        default: .text(text)
        }
    }
}
