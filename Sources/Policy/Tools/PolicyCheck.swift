package import Core

/// Looks through a folder of policies for all that is wrong with it, and what is worth a look.
package struct PolicyCheck {
    /// Names that policies may use and that other rooms know.
    package struct Names: Sendable {
        /// Disclosure profiles.
        package let profiles: Set<String>
        /// Codelists as policies write them, `codelist.name`.
        package let codelists: Set<String>
        /// Dataset -> its columns.
        package let datasets: [String: Set<String>]

        package init(profiles: Set<String>, codelists: Set<String>, datasets: [String: Set<String>]) {
            self.profiles = profiles
            self.codelists = codelists
            self.datasets = datasets
        }
    }

    private let files: PolicyFiles
    private let names: Names
    private let today: CivilDate
    private var findings: [PolicyFinding] = []

    /// All findings, by file and place.
    /// - Parameter today: what `@valid_until` is held against.
    package static func findings(
        in files: PolicyFiles, names: Names, today: CivilDate, bound: Int = RequestSpace.usualBound
    ) -> [PolicyFinding] {
        var check = PolicyCheck(files: files, names: names, today: today)
        check.run(bound: bound)
        return check.findings.sorted {
            ($0.file, $0.line, $0.column, $0.message) < ($1.file, $1.line, $1.column, $1.message)
        }
    }

    private init(files: PolicyFiles, names: Names, today: CivilDate) {
        self.files = files
        self.names = names
        self.today = today
    }

    private mutating func run(bound: Int) {
        let reader = PolicyReader(files)
        findings = reader.findings
        let entries = reader.entries
        if entries.isEmpty, findings.isEmpty {
            findings.append(
                PolicySource(files.name, "").finding(
                    .error, .data, at: nil, "the folder holds no policies",
                    "put *.cedar files there, or name another folder"))
        }
        checkIdentifiers(entries)
        for entry in entries { checkAnnotations(entry) }
        let purposes = checkData()
        checkSchema(entries)
        for entry in entries {
            findings += NameCheck(names: names, purposes: purposes, files: files).findings(entry)
        }
        checkCases()
        // What follows needs a folder that can be loaded.
        guard let engine = loaded() else { return }
        findings += CoverCheck(engine: engine, entries: entries, bound: bound).findings(except: findings)
    }

    /// The engine; where nothing is wrong so far and yet it cannot be made, that is a finding.
    private mutating func loaded() -> PolicyEngine? {
        do {
            return try PolicyEngine(files: files)
        } catch {
            guard !findings.contains(where: { $0.severity == .error }) else { return nil }
            let fault = error as? PolicyFault ?? PolicyFault(files.name, "\(error)")
            findings.append(
                PolicySource(fault.file, "").finding(
                    .error, .data, at: nil, fault.message, "as it is, nothing of the folder is loaded"))
            return nil
        }
    }

    private mutating func checkIdentifiers(_ entries: [PolicyReader.Entry]) {
        var first: [String: PolicyReader.Entry] = [:]
        for entry in entries where entry.policy.annotation("id") != nil {
            guard let other = first[entry.policy.id] else {
                first[entry.policy.id] = entry
                continue
            }
            let place = entry.policy.annotation("id")?.position
            findings.append(
                entry.source.finding(
                    .error, .duplicateID, at: place, of: entry.policy.id,
                    "two policies are called '\(entry.policy.id)'; the other stands at \(other.source.file):"
                        + "\(other.policy.annotation("id")?.position ?? other.policy.position)",
                    "give one of them another @id"))
        }
    }

    /// Each annotation by itself, so that one fault does not hide the next.
    private mutating func checkAnnotations(_ entry: PolicyReader.Entry) {
        let (source, policy) = (entry.source, entry.policy)
        if policy.isTemplate {
            findings.append(
                source.finding(
                    .error, .template, at: policy.position, of: policy.id, "a template decides nothing",
                    "write the entity in place of the slot"))
        }
        let needed = policy.annotations.filter { ["id", "reason"].contains($0.name) }
        func note(_ annotations: [CedarPolicy.Annotation], _ remedy: (CedarFault) -> String) {
            do throws(CedarFault) {
                try ObligationAnnotations.check(policy.with(annotations))
            } catch {
                findings.append(
                    source.finding(
                        .error, .annotation, at: error.position, of: policy.id, error.message, remedy(error)))
            }
        }
        note(needed) { _ in "every policy has an @id(\"…\"), and every forbid a @reason(\"…\")" }
        let complete = Self.completed(needed, policy)
        for annotation in policy.annotations where !needed.contains(annotation) {
            note(complete + [annotation]) { _ in Self.remedy(annotation, policy) }
        }
        checkExpiry(entry)
    }

    /// With what is missing put in, so that only the annotation in question can be at fault.
    private static func completed(
        _ annotations: [CedarPolicy.Annotation], _ policy: CedarPolicy
    ) -> [CedarPolicy.Annotation] {
        let missing = ["id", "reason"].filter { name in !annotations.contains { $0.name == name } }
        return annotations
            + missing.map { CedarPolicy.Annotation(name: $0, value: "x", position: policy.position) }
    }

    private static func remedy(_ annotation: CedarPolicy.Annotation, _ policy: CedarPolicy) -> String {
        let known = ObligationAnnotations.onAny.union(ObligationAnnotations.onPermits)
        if !known.contains(annotation.name) {
            if let name = Spelling.nearest(to: annotation.name, among: known) {
                return "did you mean @\(name)?"
            }
            return "known are: " + known.sorted().map { "@\($0)" }.joined(separator: ", ")
        }
        if policy.effect == .forbid { return "a forbid only refuses: put the condition on the permit" }
        return "see the table of annotations in the README of the shipped policies"
    }

    private mutating func checkExpiry(_ entry: PolicyReader.Entry) {
        let (source, policy) = (entry.source, entry.policy)
        guard policy.effect == .permit else { return }
        guard let annotation = policy.annotation("valid_until") else {
            findings.append(
                source.finding(
                    .warning, .noExpiry, at: policy.position, of: policy.id,
                    "the permit '\(policy.id)' has no end", "put @valid_until(\"YYYY-MM-DD\") on it"))
            return
        }
        if let day = CivilDate(annotation.value), day < today {
            findings.append(
                source.finding(
                    .warning, .expired, at: annotation.position, of: policy.id,
                    "the permit '\(policy.id)' ended on \(day) and permits nothing",
                    "renew it, or take it out"))
        }
    }

    /// Purposes and opt-out rules; the purposes, where they can be read.
    private mutating func checkData() -> PurposeHierarchy? {
        func read<Value>(_ name: String, _ make: (String) throws -> Value) -> Value? {
            guard let text = files.texts[name] else {
                findings.append(
                    PolicySource(name, "").finding(
                        .error, .data, at: nil, "the file is missing", "copy it from the shipped policies"))
                return nil
            }
            do {
                return try make(text)
            } catch {
                let message = (error as? PolicyFault)?.message ?? "it cannot be read: \(error)"
                findings.append(
                    PolicySource(name, text).finding(
                        .error, .data, at: nil, message, "compare it with the shipped one"))
                return nil
            }
        }
        _ = read("opt-outs.yaml") { try OptOutRules(yaml: $0) }
        return read("purposes.yaml") { try PurposeHierarchy(yaml: $0) }
    }

    /// Strict validation of every policy against every schema.
    private mutating func checkSchema(_ entries: [PolicyReader.Entry]) {
        let schemas = files.ending(in: ".cedarschema")
        if schemas.isEmpty {
            findings.append(
                PolicySource(files.name, "").finding(
                    .warning, .schema, at: nil, "the folder has no schema: no name in a policy is checked",
                    "copy concordat.cedarschema from the shipped policies"))
        }
        for (name, text) in schemas {
            let schema: CedarSchema
            do throws(CedarFault) {
                schema = try CedarSchema(parsing: text)
            } catch {
                findings.append(
                    PolicySource(name, text).finding(
                        .error, .schema, at: error.position, error.message,
                        "compare it with the shipped schema"))
                continue
            }
            let validator = CedarValidator(schema)
            for entry in entries {
                for finding in validator.validate(entry.policy) {
                    findings.append(Self.finding(entry, finding.fault, isWarning: finding.isWarning, name))
                }
            }
        }
    }

    private static func finding(
        _ entry: PolicyReader.Entry, _ fault: CedarFault, isWarning: Bool, _ schema: String
    ) -> PolicyFinding {
        if fault.code == .impossible {
            return entry.source.finding(
                .error, .unreachable, at: fault.position, of: entry.policy.id,
                "the policy '\(entry.policy.id)' can never apply: its conditions are false for every request",
                "correct its conditions, or take it out")
        }
        return entry.source.finding(
            isWarning ? .warning : .error, .schema, at: fault.position, of: entry.policy.id, fault.message,
            isWarning ? "write the text anew" : "see \(schema) for what policies may speak of")
    }

    /// Cases that cannot be read; whether they pass is `policy test`'s to say.
    private mutating func checkCases() {
        for (name, text) in files.ending(in: ".cases.yaml") {
            do {
                _ = try PolicyCases(yaml: text, file: name)
            } catch {
                let message = (error as? PolicyFault)?.message ?? "\(error)"
                findings.append(
                    PolicySource(name, text).finding(
                        .error, .cases, at: nil, message, "see the format of cases in the README"))
            }
        }
    }
}

extension CedarPolicy {
    /// The same policy with other annotations.
    func with(_ annotations: [Annotation]) -> CedarPolicy {
        CedarPolicy(
            id: id, effect: effect, annotations: annotations, principal: principal, action: action,
            resource: resource, conditions: conditions, position: position, link: link)
    }
}
