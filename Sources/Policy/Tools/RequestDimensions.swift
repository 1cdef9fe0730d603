import Core

/// In what requests may differ: for every fact the values that some policy may tell apart.
struct RequestDimensions {
    /// One value of one fact.
    struct Option: Sendable {
        let dimension: String
        let label: String
        let apply: @Sendable (inout Situation) -> Void
    }

    /// By dimension, in one order always.
    private(set) var options: [Option] = []
    /// What everything else differs from: an analyst counts people under an agreement in force.
    let base: Situation

    /// A column that the agreement names and nobody has classified.
    private static let unclassified = "generated.unclassified"
    private static let day = CivilDate(days: 20_605)

    /// - Throws: only if the agreement below could not be read.
    init(_ engines: [PolicyEngine]) throws {
        let constants = PolicyConstants(engines)
        let columns = Self.columns(constants, engines)
        base = try Self.base(columns: columns.flatMap(\.self))
        addWho(constants)
        addWhat(constants, columns, engines)
        addAgreement(constants, engines)
        addWhen(constants)
        addCare(constants)
    }

    /// Groups of columns: one of each class, those that policies name, and one that the agreement does not name.
    private static func columns(_ constants: PolicyConstants, _ engines: [PolicyEngine]) -> [[String]] {
        var first: [String: String] = [:]
        for engine in engines {
            for (column, name) in engine.columnClasses.columns {
                first[name] = min(first[name] ?? column, column)
            }
        }
        let named = constants.strings["columns"] ?? []
        let groups = first.sorted { $0.key < $1.key }.map { [$0.value] } + named.sorted().map { [$0] }
        return groups.isEmpty ? [["patient.sex"]] : groups
    }

    private static func base(columns: [String]) throws -> Situation {
        var datasets: [String: Set<String>] = ["patient": ["sex"]]
        for column in columns + [unclassified] {
            let parts = column.split(separator: ".", maxSplits: 1).map(String.init)
            if parts.count == 2 { datasets[parts[0], default: []].insert(parts[1]) }
        }
        let named = datasets.sorted { $0.key < $1.key }.map { name, columns in
            "  '\(name)': [\(columns.sorted().map { "'\($0)'" }.joined(separator: ", "))]"
        }
        let actions = AccessAction.overData.map(\.rawValue).joined(separator: ", ")
        let yaml = """
            id: generated
            version: 1
            title: Agreement of generated requests
            requester: QWE
            controllers: [RJ1, RYJ]
            linker: X26
            purpose: planning
            legalContext:
              article6: e
              article9: h
              gateway: explicitConsent
              references:
                { cag: 24/CAG/0001, cagReviewDue: 2099-12-31, dars: DARS-NIC-123456-A1B2C, dsa: DSA-1, dpia: DPIA-1 }
            actions: [\(actions)]
            datasets:
            \(named.joined(separator: "\n"))
            releaseForm: site
            disclosureProfile: concordat
            honour: []
            validFrom: 2000-01-01
            validUntil: 2099-12-31
            approvers: []
            """
        let form = YAMLForm(file: "generated", itemKey: "", itemName: "")
        let agreement: Agreement = try form.decode(try form.root(of: yaml))
        var request = RequestDocument.Request()
        request.requester = agreement.requester
        request.controller = agreement.controllers.first
        request.action = .aggregate
        request.roles = [.analyst]
        request.columns = Set(columns.prefix(1))
        request.today = day
        return Situation(agreement: agreement, request: request)
    }

    private mutating func add(
        _ dimension: String, _ label: String, _ apply: @escaping @Sendable (inout Situation) -> Void
    ) {
        options.append(Option(dimension: dimension, label: label, apply: apply))
    }

    private mutating func addWho(_ constants: PolicyConstants) {
        for action in AccessAction.allCases {
            add("action", action.rawValue) { $0.request.action = action }
        }
        for role in UserRole.allCases { add("role", role.rawValue) { $0.request.roles = [role] } }
        add("role", "none") { $0.request.roles = [] }
        for name in (constants.entities["Organisation"] ?? []).union(["QXX"]).sorted() {
            guard let code = OrganisationCode(name) else { continue }
            add("requester", name) { $0.request.requester = code }
            let own = base.agreement.edited { $0["requester"] = name }
            guard let own else { continue }
            add("requester", "\(name) with an agreement of its own") {
                $0.request.requester = code
                $0.agreement = own
            }
        }
        add("requester", "the controller itself") { $0.request.requester = $0.request.controller }
        for name in (constants.entities["Controller"] ?? []).union(["RAX"]).sorted() {
            guard let code = OrganisationCode(name) else { continue }
            add("controller", name) { $0.request.controller = code }
        }
    }

    private mutating func addWhat(
        _ constants: PolicyConstants, _ columns: [[String]], _ engines: [PolicyEngine]
    ) {
        for group in columns {
            add("columns", group.joined(separator: ", ")) { $0.request.columns = Set(group) }
        }
        let inside = Set(columns.joined())
        let outside = engines.flatMap { $0.columnClasses.columns.keys }.filter { !inside.contains($0) }.min()
        for column in [outside ?? "outside.agreement", Self.unclassified] {
            add("columns", column) { $0.request.columns = [column] }
        }
        add("columns", "none") { $0.request.columns = [] }
        for name in (constants.entities["Dataset"] ?? []).sorted() {
            add("datasets", name) { $0.request.datasets = [name] }
        }
        let lists = (constants.entities["Codelist"] ?? []).map { "codelist.\($0)" }
        for name in Set(lists).union(constants.strings["codelists"] ?? []).union(["codelist.other"]).sorted()
        {
            add("codelists", name) { $0.request.codelists = [name] }
        }
        for synthetic in [false, true] {
            add("data", synthetic ? "synthetic" : "real") { $0.request.synthetic = synthetic }
        }
        for purpose in Self.purposes(constants, engines) {
            add("stated purpose", purpose.name) { $0.request.purpose = purpose }
        }
    }

    /// Those that policies name, a term below each, every root, and one that nobody knows.
    private static func purposes(_ constants: PolicyConstants, _ engines: [PolicyEngine]) -> [Purpose] {
        var found = Set((constants.entities["Purpose"] ?? []).compactMap(Purpose.init))
        for engine in engines {
            let terms = engine.purposes.terms
            for purpose in found {
                if let child = terms.first(where: { engine.purposes.parent(of: $0) == purpose }) {
                    found.insert(child)
                }
            }
            found.formUnion(terms.filter { engine.purposes.parent(of: $0) == nil })
        }
        return found.sorted { $0.name < $1.name }
    }

    private mutating func addAgreement(_ constants: PolicyConstants, _ engines: [PolicyEngine]) {
        for purpose in Self.purposes(constants, engines) {
            add("agreement's purpose", purpose.name) { $0.change.purpose = purpose.name }
        }
        for gateway in LegalContext.Gateway.allCases {
            add("gateway", gateway.rawValue) { $0.change.gateway = gateway.rawValue }
        }
        let profiles = (constants.strings["disclosureProfile"] ?? []).union(["concordat", "hes-2018", "none"])
        for profile in profiles.sorted() {
            add("profile", profile) { $0.change.disclosureProfile = profile }
        }
        for scheme in OptOutScheme.allCases {
            add("honoured", scheme.rawValue) { $0.change.honour = [scheme.rawValue] }
        }
        add("agreement's actions", "none but aggregate") { $0.change.actions = ["aggregate"] }
        for name in ["cag", "cagReviewDue", "dars", "dsa", "dpia"] {
            addLegal("references", "without \(name)") { legal in
                var references = legal["references"] as? [String: Any] ?? [:]
                references[name] = nil
                legal["references"] = references
            }
        }
        for (name, letters) in [("article6", ["a", "c", "f"]), ("article9", ["a", "g"])] {
            for letter in Set(letters).union(constants.strings[name] ?? []).sorted() {
                addLegal(name, letter) { $0[name] = letter }
            }
        }
        add("agreement", "unknown") { $0.change.unknown = true }
        add("agreement", "draft") { $0.change.signers = [] }
        add("agreement", "partly signed") { $0.change.signers = [$0.agreement.requester] }
        add("agreement", "revoked") { $0.change.revokedBy = [$0.agreement.requester] }
        add("agreement", "suspended") { $0.change.suspendedBy = [$0.agreement.requester] }
    }

    private mutating func addLegal(
        _ dimension: String, _ label: String, _ edit: (inout [String: Any]) -> Void
    ) {
        let changed = base.agreement.edited { fields in
            var legal = fields["legalContext"] as? [String: Any] ?? [:]
            edit(&legal)
            fields["legalContext"] = legal
        }
        if let changed { add(dimension, label) { $0.agreement = changed } }
    }

    private mutating func addWhen(_ constants: PolicyConstants) {
        var days: Set<CivilDate> = []
        for day in constants.days {
            for shift in -1...1 { days.insert(CivilDate(days: day.days + shift)) }
        }
        for text in ["1999-12-31", "2100-01-01"] { if let day = CivilDate(text) { days.insert(day) } }
        for day in days.sorted() { add("day", day.description) { $0.request.today = day } }
    }

    /// Numbers that policies compare with stand for how often the glass was broken: the one, and its neighbours.
    private mutating func addCare(_ constants: PolicyConstants) {
        func care(_ related: Bool, _ glass: Bool, _ reason: Bool, _ uses: Int, _ label: String) {
            let facts = CareFacts(
                hasLegitimateRelationship: related, isBreakGlass: glass, hasReason: reason,
                recentBreakGlassUses: uses)
            add("care", label) { $0.request.care = facts }
        }
        care(true, false, false, 0, "relationship")
        care(false, false, false, 0, "no relationship")
        care(false, true, true, 0, "glass broken with a reason")
        care(false, true, false, 0, "glass broken without a reason")
        let near = constants.numbers.filter { (0...1000).contains($0) }.flatMap { [$0 - 1, $0, $0 + 1] }
        for uses in Set(near).filter({ $0 >= 0 }).sorted() {
            care(false, true, true, Int(uses), "glass broken with a reason, \(uses) times before")
        }
    }
}
