/// A value of Cedar.
package indirect enum CedarValue: Hashable, Sendable {
    case bool(Bool)
    case long(Int64)
    case string(String)
    case entity(EntityUID)
    case set(Set<CedarValue>)
    case record([String: CedarValue])
    /// In units of 1/10,000.
    case decimal(Int64)
    case ip(CedarAddress)
    /// Milliseconds since 1970-01-01T00:00:00Z.
    case datetime(Int64)
    /// Milliseconds.
    case duration(Int64)

    var typeName: String {
        switch self {
        case .bool: "bool"
        case .long: "long"
        case .string: "string"
        case .entity: "entity"
        case .set: "set"
        case .record: "record"
        case .decimal: "decimal"
        case .ip: "ipaddr"
        case .datetime: "datetime"
        case .duration: "duration"
        }
    }
}

/// The entities that a request is decided over, with their ancestors.
package struct CedarEntities: Sendable {
    package struct Entity: Sendable {
        package let attributes: [String: CedarValue]
        package let tags: [String: CedarValue]
        /// All ancestors, not only parents.
        package fileprivate(set) var ancestors: Set<EntityUID>

        package init(
            attributes: [String: CedarValue] = [:], parents: Set<EntityUID> = [],
            tags: [String: CedarValue] = [:]
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

    /// Whether the first is the second, or has it as an ancestor.
    package func isWithin(_ uid: EntityUID, _ other: EntityUID) -> Bool {
        uid == other || entities[uid]?.ancestors.contains(other) == true
    }
}

/// What is asked: may this principal do this action on this resource?
package struct CedarRequest: Sendable {
    package let principal: EntityUID
    package let action: EntityUID
    package let resource: EntityUID
    package let context: [String: CedarValue]

    package init(
        principal: EntityUID, action: EntityUID, resource: EntityUID, context: [String: CedarValue] = [:]
    ) {
        self.principal = principal
        self.action = action
        self.resource = resource
        self.context = context
    }
}
