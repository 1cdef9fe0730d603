/// A value of Cedar.
package enum CedarValue: Hashable, Sendable {
    case bool(Bool)
    case long(Int64)
    case string(String)
    case entity(EntityUID)
    case set(Set<CedarValue>)
    case record([CedarText: CedarValue])
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

    /// Strings byte by byte, everything else by what it holds.
    package static func == (left: CedarValue, right: CedarValue) -> Bool {
        switch (left, right) {
        case (.bool(let x), .bool(let y)): x == y
        case (.string(let x), .string(let y)): CedarText.areSame(x, y)
        case (.entity(let x), .entity(let y)): x == y
        case (.set(let x), .set(let y)): x == y
        case (.record(let x), .record(let y)): x == y
        case (.ip(let x), .ip(let y)): x == y
        case (.long(let x), .long(let y)), (.decimal(let x), .decimal(let y)),
            (.datetime(let x), .datetime(let y)), (.duration(let x), .duration(let y)):
            x == y
        default: false
        }
    }

    package func hash(into hasher: inout Hasher) {
        switch self {
        case .bool(let value): hasher.combine(value)
        case .long(let value), .decimal(let value), .datetime(let value), .duration(let value):
            hasher.combine(value)
        case .string(let value): CedarText.hash(value, into: &hasher)
        case .entity(let value): hasher.combine(value)
        case .set(let value): hasher.combine(value)
        case .record(let value): hasher.combine(value)
        case .ip(let value): hasher.combine(value)
        }
    }

    /// Calls on every entity that the value names.
    func eachEntity(_ visit: (EntityUID) -> Void) {
        switch self {
        case .entity(let uid): visit(uid)
        case .set(let members): for member in members { member.eachEntity(visit) }
        case .record(let fields): for field in fields.values { field.eachEntity(visit) }
        default: break
        }
    }
}

/// What is asked: may this principal do this action on this resource?
package struct CedarRequest: Sendable {
    package let principal: EntityUID
    package let action: EntityUID
    package let resource: EntityUID
    package let context: [CedarText: CedarValue]

    package init(
        principal: EntityUID, action: EntityUID, resource: EntityUID,
        context: [CedarText: CedarValue] = [:]
    ) {
        self.principal = principal
        self.action = action
        self.resource = resource
        self.context = context
    }
}
