internal import Hummingbird
internal import Node

/// What questions may be about, and questions that are kept.
enum CatalogRoutes {
    static let all = [catalog, saved, showSaved, keep, remove, runSaved]

    private static let read = APIRoute.Access.roles([.analyst], .saved)
    private static let write = APIRoute.Access.roles([.analyst], .savedWrite)
    private static let item = [
        APIRoute.Parameter(
            name: "name", schema: .text(pattern: "^[a-z][a-z0-9_]{0,62}$"),
            summary: "The question's name, which is a table's of the schema released.")
    ]

    private static let catalog = APIRoute(
        method: .get, path: "/catalog", operation: "catalog",
        summary: "Tables that questions may be about, with what they and their columns mean.",
        access: .roles(Set(APIRoute.Role.allCases), .catalog),
        outcomes: [.ok("Tables.", .named("Catalog"))]
    ) { call in
        .json(try await call.run(.inquire(.catalog)).document)
    }

    private static let saved = APIRoute(
        method: .get, path: "/saved-queries", operation: "listSavedQueries",
        summary: "Questions that are kept.",
        access: read, query: APIPage.parameters,
        outcomes: [
            .ok("A page of questions.", APIPage.schema(of: .named("SavedQuery")))
        ]
    ) { call in
        let text = try await call.run(.inquire(.savedQueries)).document
        return try APIPage.of(try JSONTree.parse(text.utf8).elements, call)
    }

    private static let showSaved = APIRoute(
        method: .get, path: "/saved-queries/{name}", operation: "showSavedQuery",
        summary: "A question with its last result.", access: read, items: item,
        outcomes: [.ok("The question.")]
    ) { call in
        .json(try await call.run(.saved(.show(name: call.item("name")))).document)
    }

    private static let keep = APIRoute(
        method: .put, path: "/saved-queries/{name}", operation: "keepQuery",
        summary: "Keep a question under a name, in the place of one that has it.", access: write,
        isPrivileged: true, items: item, body: .named("KeptQuestion"),
        outcomes: [.ok("Kept.", .named("Done"))]
    ) { call in
        let question = try QuestionRoutes.question(call.body, of: try call.caller)
        return try .json(
            try await call.run(
                .saved(.add(name: call.item("name"), question, comment: call.body["comment"]?.text))
            ).done)
    }

    private static let remove = APIRoute(
        method: .delete, path: "/saved-queries/{name}", operation: "removeSavedQuery",
        summary: "Remove a question and its result.", access: write, isPrivileged: true, items: item,
        outcomes: [.init(status: .noContent, words: "Removed.")]
    ) { call in
        _ = try await call.run(.saved(.remove(name: call.item("name"))))
        return .nothing
    }

    private static let runSaved = APIRoute(
        method: .post, path: "/saved-queries/{name}/run", operation: "runSavedQuery",
        summary: "Ask a kept question now; its answer becomes the table released.NAME.", access: write,
        isPrivileged: true, items: item,
        outcomes: [.ok("The answer.", .named("Answer"))]
    ) { call in
        let reply = try await call.run(
            .saved(.run(name: call.item("name"), user: try call.caller.user.name)))
        guard case .answer(let answer) = reply else { throw APIFailure.anotherReply }
        return try .encoded(answer)
    }
}
