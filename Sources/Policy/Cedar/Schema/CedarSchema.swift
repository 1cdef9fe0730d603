/// A schema: which entities, actions and contexts there are, and of which types. Names are full, common types
/// are written out.
package struct CedarSchema: Sendable {
    package struct EntityType: Sendable {
        package let attributes: [CedarText: CedarType.Field]
        /// The types that its ancestors may have.
        package let ancestors: Set<String>
        /// The type of its tags; nil where it may have none.
        package let tags: CedarType?
        /// The only identifiers, where they are listed.
        package let enumeration: Set<CedarText>?
    }

    package struct Action: Sendable {
        package let ancestors: Set<EntityUID>
        /// Types it applies to; none where it only groups others.
        package let principals: [String]
        package let resources: [String]
        package let context: [CedarText: CedarType.Field]
    }

    package let entityTypes: [String: EntityType]
    package let actions: [EntityUID: Action]

    /// Reads a schema in Cedar's syntax.
    /// - Throws: `CedarFault` with the place of the first thing that is wrong.
    package init(parsing text: String) throws(CedarFault) {
        self = try CedarSchemaResolver.schema(CedarSchemaParser.source(of: text))
    }

    /// Reads a schema in JSON.
    /// - Throws: `CedarFault` that names what is wrong.
    package init(json: some Sequence<UInt8>) throws(CedarFault) {
        self = try CedarSchemaResolver.schema(CedarSchemaJSON.source(of: try CedarDocument(json)))
    }

    init(entityTypes: [String: EntityType], actions: [EntityUID: Action]) {
        self.entityTypes = entityTypes
        self.actions = actions
    }

    /// Whether an entity of the first type can be one of the second, or within one.
    func canBe(_ type: String, within other: String) -> Bool {
        if type == other || entityTypes[type]?.ancestors.contains(other) == true { return true }
        guard CedarName.isAction(type) else { return false }
        return actions.contains { uid, action in
            uid.type == type && action.ancestors.contains { $0.type == other }
        }
    }

    /// Whether an action is another, or in the group.
    func isAction(_ uid: EntityUID, within group: EntityUID) -> Bool {
        uid == group || actions[uid]?.ancestors.contains(group) == true
    }

    /// The actions as entities, with their groups.
    var actionEntities: [EntityUID: CedarEntities.Entity] {
        actions.mapValues { CedarEntities.Entity(parents: $0.ancestors) }
    }
}
