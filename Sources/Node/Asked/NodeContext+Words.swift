internal import Query

extension NodeContext {
    /// What a fragment asks, in a paragraph of English; nil where it cannot be read, or not by this node's catalog.
    func inWords(_ sql: String) -> String? {
        let fragment = try? SiteReplan.fragment(sql: sql, catalog: catalog, now: Clock.now * 1_000)
        return fragment.map { QuestionWords($0, catalog: catalog).sentence }
    }
}
