/// A schema as it was written, in Cedar's syntax or in JSON, before its names are resolved.
struct CedarSchemaSource {
    /// A name with its place, where the schema is a text.
    struct Reference {
        let name: String
        let position: CedarPosition?
    }

    indirect enum TypeSource {
        /// `__cedar::Long` and the like, or a built-in type of the JSON form.
        case known(CedarType)
        case named(Reference, Kind)
        case set(TypeSource)
        case record([CedarText: FieldSource])
    }

    /// What a name may stand for.
    enum Kind {
        case commonOrEntity
        case entity
        case common
    }

    struct FieldSource {
        let type: TypeSource
        let isRequired: Bool
    }

    struct EntityType {
        let name: Reference
        var parents: [Reference] = []
        var shape: TypeSource = .record([:])
        var tags: TypeSource?
        var enumeration: [String]?
    }

    struct CommonType {
        let name: Reference
        let definition: TypeSource
    }

    struct ActionParent {
        /// nil: an action of the same namespace, or of none.
        let type: Reference?
        let id: String
        let position: CedarPosition?
    }

    struct Action {
        let id: String
        let position: CedarPosition?
        var parents: [ActionParent] = []
        var principals: [Reference] = []
        var resources: [Reference] = []
        var context: TypeSource = .record([:])
    }

    struct Namespace {
        /// Empty for what stands in none.
        let name: String
        let position: CedarPosition?
        var entityTypes: [EntityType] = []
        var commonTypes: [CommonType] = []
        var actions: [Action] = []

        /// The full name of something declared here.
        func qualified(_ name: String) -> String { self.name.isEmpty ? name : self.name + "::" + name }
    }

    var namespaces: [Namespace] = []
}
