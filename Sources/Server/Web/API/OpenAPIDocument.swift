internal import Foundation
internal import Hummingbird
internal import Node

/// The table of routes as OpenAPI 3.1 describes it.
enum OpenAPIDocument {
    static let path = "/openapi.json"

    static func tree(_ routes: [APIRoute]) -> JSONTree {
        let paths = Dictionary(grouping: routes, by: \.path).mapValues { routes in
            JSONTree.object(
                Dictionary(routes.map { ($0.method.rawValue.lowercased(), operation($0)) }) { first, _ in
                    first
                })
        }
        return [
            "openapi": "3.1.0",
            "info": [
                "title": "Concordat", "version": "1",
                "description":
                    "What people and scripts do at a node of the federation. Whatever changes something by a session's cookie bears X-CSRF-Token.",
            ],
            "servers": [["url": .text(APIRoute.root)]],
            "paths": .object(paths),
            "components": [
                "schemas": .object(Schemas.named.mapValues(\.published)),
                "securitySchemes": [
                    "session": ["type": "apiKey", "in": "cookie", "name": .text(SessionCookie.name)],
                    "token": ["type": "http", "scheme": "bearer"],
                ],
                "responses": [
                    "Problem": [
                        "description": "Why it was not done (RFC 9457).",
                        "content": [Problem.type: ["schema": Schema.named("Problem").published]],
                    ]
                ],
            ],
        ]
    }

    private static func operation(_ route: APIRoute) -> JSONTree {
        var members: [String: JSONTree] = [
            "operationId": .text(route.operation), "summary": .text(route.summary),
            "responses": .object(responses(route)), "security": security(route),
        ]
        let parameters =
            route.items.map { parameter($0, "path") } + route.query.map { parameter($0, "query") }
        if !parameters.isEmpty { members["parameters"] = .array(parameters) }
        if let body = route.body {
            members["requestBody"] = [
                "required": true, "content": [APIAnswer.json: ["schema": body.published]],
            ]
        }
        if case .roles(let roles, let scope) = route.access {
            members["x-roles"] = .array(roles.map(\.rawValue).sorted().map(JSONTree.text))
            members["x-scope"] = .text(scope.rawValue)
        }
        return .object(members)
    }

    private static func parameter(_ parameter: APIRoute.Parameter, _ place: String) -> JSONTree {
        [
            "name": .text(parameter.name), "in": .text(place), "required": .boolean(place == "path"),
            "description": .text(parameter.summary), "schema": parameter.schema.published,
        ]
    }

    private static func security(_ route: APIRoute) -> JSONTree {
        switch route.access {
        case .open: []
        case .session, .people: [["session": []]]
        case .anybody, .roles: [["session": []], ["token": []]]
        }
    }

    private static func responses(_ route: APIRoute) -> [String: JSONTree] {
        var responses: [String: JSONTree] = [:]
        for outcome in route.outcomes {
            var members: [String: JSONTree] = ["description": .text(outcome.words)]
            if !outcome.bodies.isEmpty {
                members["content"] = .object(outcome.bodies.mapValues { ["schema": $0.published] })
            }
            responses[String(outcome.status.code)] = .object(members)
        }
        if !route.isChange { responses["304"] = ["description": "What the client has is as it is."] }
        for status in problems(route) {
            responses[String(status)] = ["$ref": "#/components/responses/Problem"]
        }
        return responses
    }

    private static func problems(_ route: APIRoute) -> [Int] {
        var problems = [400, 401, 403, 409, 429, 500, 503]
        if case .open = route.access { problems += [404, 502] }
        if !route.items.isEmpty { problems.append(404) }
        if route.body != nil { problems += [413, 415, 422] }
        if case .roles(_, .questions) = route.access { problems += [422, 502] }
        if case .roles(_, .savedWrite) = route.access { problems += [422, 502] }
        return problems
    }
}
