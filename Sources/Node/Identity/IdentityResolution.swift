internal import Core

/// Decides which patients of one source are one person: a function of what they say now and of nothing else, so that
/// the order in which they came, and how often, makes no difference.
///
/// 1. Patients that `replaced-by` or `replaces` ties belong together, whatever the number of steps; a link to a patient
///    who is not there says nothing until they come.
/// 2. Those who belong together have one number if the numbers that count (`PatientIdentity.candidates`) are one.
///    If they are several, none of these links is followed: each patient stands alone.
/// 3. Several that have one number without being tied are one person, unless birth date and sex contradict each other.
///    Then those keep it whose source calls it verified, if they agree among themselves, and the others do not.
/// 4. Whoever has no number has a local key.
struct IdentityResolution: Sendable {
    enum Person: Hashable, Sendable {
        case number(String)
        /// By the source's own id: the least of those who belong together.
        case local(String)
    }

    private(set) var people: [String: Person] = [:]
    private(set) var conflicts: [IdentityConflict] = []

    /// Patients that go together, and the number they have for all that they say themselves.
    private struct Unit {
        let members: [PatientIdentity]
        var number: String?

        func isVerified(_ number: String) -> Bool { members.contains { $0.isVerified(number) } }
    }

    /// More different descriptions of people under one number than that are no errors of writing.
    private static let descriptionLimit = 64

    /// - Parameter patients: all that may belong to one another, each id once.
    init(_ patients: some Sequence<PatientIdentity>) {
        let byID = Dictionary(patients.map { ($0.id, $0) }) { $1 }
        var claimants: [String: [Unit]] = [:]
        for members in Self.components(byID) {
            for unit in units(members) {
                if let number = unit.number {
                    claimants[number, default: []].append(unit)
                } else {
                    settle(unit, nil)
                }
            }
        }
        for (number, units) in claimants { settle(units, number) }
        conflicts.sort()
    }

    // MARK: - Links

    /// Patients by the ties between them; in each, and among them, ids ascend.
    private static func components(_ byID: [String: PatientIdentity]) -> [[PatientIdentity]] {
        var parent: [String: String] = [:]
        func root(_ id: String) -> String {
            var id = id
            while let next = parent[id] {
                if let further = parent[next] { parent[id] = further }
                id = next
            }
            return id
        }
        for (id, patient) in byID {
            for link in patient.links where link.isMerge {
                guard let other = link.other, byID[other] != nil else { continue }
                let (a, b) = (root(id), root(other))
                if a != b { parent[max(a, b)] = min(a, b) }
            }
        }
        return Dictionary(grouping: byID.values) { root($0.id) }.sorted { $0.key < $1.key }
            .map { $0.value.sorted { $0.id < $1.id } }
    }

    /// What is left of those who belong together when their numbers have been compared.
    private mutating func units(_ members: [PatientIdentity]) -> [Unit] {
        let candidates = members.reduce(into: Set<String>()) { $0.formUnion($1.candidates) }
        guard candidates.count > 1 else { return [Unit(members: members, number: candidates.first)] }
        guard members.count > 1 else {
            conflicts.append(IdentityConflict(.severalNumbers, members))
            return [Unit(members: members, number: nil)]
        }
        conflicts.append(IdentityConflict(.linkedNumbers, members))
        return members.flatMap { units([$0]) }
    }

    // MARK: - Numbers

    private mutating func settle(_ unit: Unit, _ number: String?) {
        let person: Person =
            number.map { .number($0) } ?? .local(unit.members.map(\.id).min() ?? "")
        for member in unit.members { people[member.id] = person }
    }

    private mutating func settle(_ units: [Unit], _ number: String) {
        guard Self.contradict(units) else {
            for unit in units { settle(unit, number) }
            return
        }
        let trusted = units.filter { $0.isVerified(number) }
        let isSettled = !trusted.isEmpty && trusted.count < units.count && !Self.contradict(trusted)
        for unit in units { settle(unit, isSettled && unit.isVerified(number) ? number : nil) }
        conflicts.append(
            IdentityConflict(
                .sharedNumber, units.flatMap(\.members), keeping: isSettled ? trusted.flatMap(\.members) : [])
        )
    }

    /// Whether two of them cannot be one person. Within one the source says that they are.
    private static func contradict(_ units: [Unit]) -> Bool {
        let descriptions = Set(units.map { Set($0.members.map(\.demographics)) })
        guard descriptions.count > 1 else { return false }
        guard descriptions.count <= descriptionLimit else { return true }
        let list = Array(descriptions)
        return list.indices.contains { place in
            list[(place + 1)...].contains { other in
                list[place].contains { mine in other.contains { mine.contradicts($0) } }
            }
        }
    }
}

/// Patients that could not be told to be one person or several. They are kept apart.
struct IdentityConflict: Hashable, Sendable, Comparable {
    enum Kind: String, Sendable, CaseIterable {
        /// One Patient bears several NHS numbers: it has none of them.
        case severalNumbers = "several-numbers"
        /// Patients that are linked as one have different NHS numbers: their links are not followed.
        case linkedNumbers = "linked-numbers"
        /// One NHS number on patients whose birth date or sex contradict each other.
        case sharedNumber = "shared-number"
    }

    let kind: Kind
    /// Ids at the source, ascending.
    let patients: [String]
    /// Those of them that keep the number in question.
    let keeping: [String]

    init(_ kind: Kind, _ patients: [PatientIdentity], keeping: [PatientIdentity] = []) {
        self.kind = kind
        self.patients = patients.map(\.id).sorted()
        self.keeping = keeping.map(\.id).sorted()
    }

    static func < (a: Self, b: Self) -> Bool {
        (a.kind.rawValue, a.patients.joined(separator: "\n")) < (
            b.kind.rawValue, b.patients.joined(separator: "\n")
        )
    }
}
