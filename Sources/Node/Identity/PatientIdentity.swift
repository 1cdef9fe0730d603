internal import Core

/// What one version of a Patient says of who it is, as `live.patient` keeps it.
///
/// Source of the codes: UK Core `Extension-UKCore-NHSNumberVerificationStatus` and its predecessor of CareConnect,
/// both 01 to 08; the words are those of the NHS Data Dictionary, "NHS NUMBER STATUS INDICATOR CODE".
struct PatientIdentity: Hashable, Sendable {
    /// How far the source stands behind a number.
    enum Standing: Hashable, Sendable {
        /// 01: present and verified.
        case verified
        /// Nothing is said. Most systems send no status: such a number counts, unless a verified one contradicts it.
        case unstated
        /// Any other code, with the code; empty where the source says that there is one and not which.
        case unverified(String)
    }

    struct Claim: Hashable, Sendable {
        /// As the source writes it.
        let written: String
        let standing: Standing

        /// The ten digits; nil if they cannot be a number.
        var number: String? { NHSNumber(written)?.digits }
    }

    /// Of `Patient.link`.
    struct Link: Hashable, Sendable {
        let type: String
        /// Id of the patient; nil where the link names none of the source's.
        let other: String?

        /// Whether the source says that the two records are one and the same: `refer` and `seealso` do not.
        var isMerge: Bool { type == "replaced-by" || type == "replaces" }
    }

    let id: String
    let claims: [Claim]
    let links: [Link]
    let demographics: Demographics

    init(id: String, claims: [Claim] = [], links: [Link] = [], demographics: Demographics = .init()) {
        self.id = id
        self.claims = claims
        self.links = links
        self.demographics = demographics
    }

    /// - Parameters:
    ///   - claims: a line a number: the number, `|`, and `+` with the status's code if the source has one.
    ///   - links: a line a link: its type, `|`, and the id of the patient it names.
    init(id: String, claims: String, links: String, demographics: Demographics) {
        self.id = id
        self.demographics = demographics
        self.claims = claims.split(separator: "\n").map { line in
            let (written, status) = Self.parts(line)
            let standing: Standing =
                switch status {
                case "": .unstated
                case "+01": .verified
                default: .unverified(String(status.dropFirst()))
                }
            return Claim(written: String(written), standing: standing)
        }
        self.links = links.split(separator: "\n").map { line in
            let (type, other) = Self.parts(line)
            return Link(type: String(type), other: other.isEmpty ? nil : String(other))
        }
    }

    /// What stands before and behind the last bar of a line.
    private static func parts(_ line: Substring) -> (Substring, Substring) {
        guard let bar = line.lastIndex(of: "|") else { return (line, "") }
        return (line[..<bar], line[line.index(after: bar)...])
    }

    /// All numbers, whatever their standing: whoever is on a list by one of them is meant.
    var numbers: Set<String> { Set(claims.compactMap(\.number)) }

    /// The numbers that may tell who this is: the verified ones; where there are none, those without a status.
    var candidates: Set<String> {
        let verified = numbers(.verified)
        return verified.isEmpty ? numbers(.unstated) : verified
    }

    func isVerified(_ number: String) -> Bool { numbers(.verified).contains(number) }

    private func numbers(_ standing: Standing) -> Set<String> {
        Set(claims.filter { $0.standing == standing }.compactMap(\.number))
    }
}

/// What tells whether two records that bear one number can be of one person.
struct Demographics: Hashable, Sendable {
    /// Year, month and day as far as they are written.
    var birth: [Int] = []
    /// `male` or `female`; anything else says nothing.
    var sex: String?

    init(birth: [Int] = [], sex: String? = nil) {
        self.birth = birth
        self.sex = sex == "male" || sex == "female" ? sex : nil
    }

    /// - Parameters:
    ///   - date: `YYYY-MM-DD`, of a partial date its first day; empty where there is none.
    ///   - digits: how many digits were written: 4, 6 or 8.
    init(date: String, digits: Int?, sex: String?) {
        let parts = date.split(separator: "-").compactMap { Int($0) }
        let count = digits.map { max(0, $0 / 2 - 1) } ?? parts.count
        self.init(birth: Array(parts.prefix(count)), sex: sex)
    }

    /// Whether the date of birth, as far as it is written, has begun on a day (since 1970); no date has.
    func isBorn(by day: Int) -> Bool {
        guard let year = birth.first else { return true }
        return Civil.days(
            year: year, month: birth.count > 1 ? birth[1] : 1, day: birth.count > 2 ? birth[2] : 1) <= day
    }

    /// Dates agree if one of year, month and day differs at most, or day and month are transposed: errors of writing.
    /// Sexes that differ are an error of writing, or a change, only where the dates are the same to the day.
    func contradicts(_ other: Demographics) -> Bool {
        let differs = sex != nil && other.sex != nil && sex != other.sex
        guard !birth.isEmpty, !other.birth.isEmpty else { return differs }
        let count = min(birth.count, other.birth.count)
        let (mine, others) = (birth.prefix(count), other.birth.prefix(count))
        if mine == others { return differs && count < 3 }
        if differs { return true }
        let wrong = zip(mine, others).count { $0 != $1 }
        let isTransposed =
            count == 3 && mine[0] == others[0] && mine[1] == others[2] && mine[2] == others[1]
        return !(isTransposed || (count == 3 && wrong == 1))
    }
}
