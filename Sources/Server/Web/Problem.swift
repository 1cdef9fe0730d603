internal import Core
internal import Foundation
internal import Hummingbird
internal import Node

/// Why a request was not carried out (RFC 9457). Its words bear nothing of a person's record.
struct Problem: Error, Sendable {
    /// The last part of `type`.
    let code: String
    let status: HTTPResponse.Status
    let title: String
    var detail: String?
    var more: [String: JSONTree] = [:]
    /// Seconds.
    var retryAfter: Int?

    init(
        _ code: String, _ status: HTTPResponse.Status, _ title: String, detail: String? = nil,
        more: [String: JSONTree] = [:], retryAfter: Int? = nil
    ) {
        (self.code, self.status, self.title, self.detail) = (code, status, title, detail)
        (self.more, self.retryAfter) = (more, retryAfter)
    }

    static let type = "application/problem+json"

    /// As it is sent.
    var members: JSONTree {
        var members = more
        members["type"] = .text("urn:concordat:problem:\(code)")
        members["title"] = .text(title)
        members["status"] = .integer(Int64(status.code))
        if let detail { members["detail"] = .text(detail) }
        return .object(members)
    }

    var response: Response {
        var headers: HTTPFields = [.contentType: Self.type]
        if let retryAfter { headers[.retryAfter] = String(retryAfter) }
        if status == .unauthorized { headers[.wwwAuthenticate] = "Bearer realm=\"concordat\"" }
        let body = (try? members.written()) ?? "{}"
        return Response(status: status, headers: headers, body: .init(byteBuffer: ByteBuffer(string: body)))
    }

    // MARK: Of requests

    static let notFound = Problem("not-found", .notFound, "there is nothing here")
    static let unauthenticated = Problem(
        "unauthenticated", .unauthorized, "sign in, or send a token",
        detail: "POST /api/v1/session with user and password, or send Authorization: Bearer TOKEN")
    static let wrongSignIn = Problem(
        "sign-in", .unauthorized, "user and password do not fit, or the user is locked")
    static let foreignPage = Problem(
        "csrf", .forbidden, "the change does not come from a page of this node",
        detail: "send the session's token in X-CSRF-Token: GET /api/v1/session has it")

    static func invalid(_ detail: String, at place: String = "") -> Problem {
        let more: [String: JSONTree] = place.isEmpty ? [:] : ["pointer": .text(place)]
        return Problem("invalid", .badRequest, "the request is not as it must be", detail: detail, more: more)
    }

    static func tooMany(seconds: Int) -> Problem {
        Problem("rate", .tooManyRequests, "too many requests", retryAfter: seconds)
    }

    // MARK: Of the node's words

    /// Of the statement, of policy or of the sites.
    static func of(_ fault: SQLFault, sites: [SiteReceipt] = []) -> Problem {
        var more: [String: JSONTree] = ["sqlstate": .text(fault.sqlstate.rawValue)]
        if let hint = fault.hint { more["hint"] = .text(hint) }
        if let position = fault.position { more["position"] = .integer(Int64(position)) }
        if !sites.isEmpty, let tree = try? JSONTree.parse(ScriptJSON.encode(sites).utf8) {
            more["sites"] = tree
        }
        let status: HTTPResponse.Status =
            switch fault.sqlstate {
            case .insufficientPrivilege: .forbidden
            case .connectionFailure: .badGateway
            case .queryCanceled: .conflict
            case .internalError: .internalServerError
            case .objectNotInPrerequisiteState: .conflict
            default: fault.sqlstate.rawValue.hasPrefix("28") ? .forbidden : .unprocessableContent
            }
        return Problem("sql", status, fault.message, more: more)
    }

    static func of(_ error: OpenIDError) -> Problem {
        let status: HTTPResponse.Status =
            switch error.code {
            case .provider: .badGateway
            case .state, .token: .badRequest
            case .context, .person: .forbidden
            }
        return Problem(
            "openid-\(error.code.rawValue)", status, "you are not signed in", detail: error.description)
    }

    /// - Parameter isItem: whether one thing was asked for that may not be there.
    static func of(_ error: NodeError, isItem: Bool) -> Problem {
        switch error.code {
        case .refused: Problem("refused", .forbidden, "refused by policy", detail: error.description)
        case .busy:
            Problem("busy", .serviceUnavailable, "the node is busy", detail: error.description, retryAfter: 5)
        case .input, .agreement:
            isItem
                ? Problem("not-found", .notFound, "there is no such thing", detail: error.description)
                : Problem("state", .conflict, "this cannot be done", detail: error.description)
        default: Problem("state", .conflict, "this cannot be done now", detail: error.description)
        }
    }
}
