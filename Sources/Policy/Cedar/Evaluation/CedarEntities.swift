/// The entities that a request is decided over, with their ancestors.
package struct CedarEntities: Sendable {
    package struct Entity: Sendable, Hashable {
        package let attributes: [CedarText: CedarValue]
        package let tags: [CedarText: CedarValue]
        /// All ancestors, not only parents.
        package fileprivate(set) var ancestors: Set<EntityUID>

        package init(
            attributes: [CedarText: CedarValue] = [:], parents: Set<EntityUID> = [],
            tags: [CedarText: CedarValue] = [:]
        ) {
            self.attributes = attributes
            self.tags = tags
            ancestors = parents
        }
    }

    private let entities: [EntityUID: Entity]

    /// Entities with their parents; the ancestors are computed here. A cycle adds nothing.
    package init(_ entities: [EntityUID: Entity] = [:]) {
        self.entities = entities.mapValues { entity in
            if entity.ancestors.isEmpty { return entity }
            var entity = entity
            var open = Array(entity.ancestors)
            while let next = open.popLast() {
                for parent in entities[next]?.ancestors ?? [] where entity.ancestors.insert(parent).inserted {
                    open.append(parent)
                }
            }
            return entity
        }
    }

    package subscript(uid: EntityUID) -> Entity? { entities[uid] }

    /// The entities, in no order.
    package var all: [EntityUID: Entity] { entities }

    /// Whether the first is the second, or has it as an ancestor.
    package func isWithin(_ uid: EntityUID, _ other: EntityUID) -> Bool {
        uid == other || entities[uid]?.ancestors.contains(other) == true
    }
}
