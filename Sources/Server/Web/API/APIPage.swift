internal import Core
internal import Crypto
internal import Foundation
internal import Hummingbird
internal import Node

/// Lists, a part at a time: `items`, and in `next` what to send as `cursor` for more.
enum APIPage {
    static let parameters = [
        APIRoute.Parameter(
            name: "limit", schema: .integer(1...1_000), summary: "How many items at most; 100 if left out."),
        APIRoute.Parameter(
            name: "cursor", schema: .text(min: 1, max: 200),
            summary: "Where to go on: `next` of the page before."),
    ]

    static let usual = 100

    /// The shape of a page of a listing, whose cells are texts.
    static func schema(_ columns: [String]) -> Schema {
        schema(of: .object(columns.map { (name: key($0), schema: .text) }))
    }

    static func schema(of item: Schema) -> Schema {
        .object([("items", .array(item)), ("next", .nullable(.text))])
    }

    /// As an object names what a listing calls `listed at`.
    private static func key(_ column: String) -> String { column.replacing(" ", with: "_") }

    /// A page of a listing of the node.
    static func of(_ reply: NodeReply, _ call: APICall) throws -> APIAnswer {
        guard case .listing(let columns, let rows) = reply else { throw APIFailure.anotherReply }
        return try of(
            rows.map { row in
                .object(
                    Dictionary(zip(columns.map(key), row.map(JSONTree.text))) { first, _ in first })
            }, call)
    }

    /// A page of items that are all there. A cursor is the digest of the last item that was sent.
    /// - Parameter name: what an item is known by, where the rest of it changes between two pages.
    static func of(
        _ items: [JSONTree], _ call: APICall, by name: (JSONTree) -> JSONTree = { $0 }
    ) throws -> APIAnswer {
        var rest = items[...]
        if let cursor = call.query["cursor"]?.text {
            guard let place = try rest.firstIndex(where: { try digest(name($0)) == cursor }) else {
                throw Problem.invalid("the list has changed: begin again without 'cursor'")
            }
            rest = rest[(place + 1)...]
        }
        let page = Array(rest.prefix(call.query["limit"]?.integer ?? usual))
        let next = try page.count < rest.count ? page.last.map { JSONTree.text(try digest(name($0))) } : nil
        return try .json(["items": .array(page), "next": next ?? .null])
    }

    private static func digest(_ item: JSONTree) throws -> String { digest(try item.written().utf8) }

    /// Half of SHA-256, in hexadecimal digits.
    static func digest(_ bytes: some Sequence<UInt8>) -> String {
        Hexadecimal.encode(Array(SHA256.hash(data: Array(bytes)).prefix(16)))
    }
}

/// The node gave something that a route does not expect of it: a fault of the program.
enum APIFailure: Error {
    case anotherReply
}

extension NodeReply {
    /// A document, as it is.
    /// - Throws: `APIFailure` for another reply.
    var document: String {
        get throws {
            guard case .document(let text) = self else { throw APIFailure.anotherReply }
            return text
        }
    }

    /// `{"done": …}`.
    var done: JSONTree {
        get throws {
            guard case .done(let words) = self else { throw APIFailure.anotherReply }
            return ["done": .text(words)]
        }
    }
}
