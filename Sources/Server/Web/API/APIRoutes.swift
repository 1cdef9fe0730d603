internal import Hummingbird
internal import Node

/// Everything that can be done over HTTP. What does not stand here cannot be done.
enum APIRoutes {
    static let all = described + [document]

    private static let described =
        SessionRoutes.all + OpenIDRoutes.all + QuestionRoutes.all + CatalogRoutes.all + MeasureRoutes.all
        + GovernanceRoutes.all
        + AskedRoutes.all + OperationsRoutes.all + AuditRoutes.all

    /// As it is served, and as it lies in `Schemas/http/openapi.json`.
    static let openAPI = (try? OpenAPIDocument.tree(described).written(pretty: true)) ?? ""

    private static let document = APIRoute(
        method: .get, path: OpenAPIDocument.path, operation: "openAPI",
        summary: "What can be done here, as OpenAPI 3.1 describes it.", access: .open,
        outcomes: [.init(status: .ok, words: "The document.", bodies: [APIAnswer.json: .anything])]
    ) { _ in .json(openAPI) }
}
