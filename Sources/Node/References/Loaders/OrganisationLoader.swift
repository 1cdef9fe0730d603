internal import Catalog

/// Makes `ods(code, name, role, parent, start, end)` of the Organisation Data Service's files: practice -> PCN ->
/// sub-ICB -> ICB -> region, and trusts under their ICB.
///
/// It takes several files in one command and puts together what they say of one organisation:
/// - ODS's own CSV, 27 fields without a header; what its rows are is told by the file's name: `epraccur`, `etr`, `ets`,
///   `eccg`, `esicbl`, `epcn`, `eauth`, `eicb`, `ereg`;
/// - tables with a header, whose columns are found by their names: `ods_code` (or `code`) and `name`, for ICBs, regions and
///   trusts; PCN membership (`Partner Organisation Code`, `PCN Code`); and tables that tie region, ICB, sub-ICB and
///   trust together.
enum OrganisationLoader {
    static func read(_ files: [ReleaseFile]) throws -> LoadedTable {
        var organisations = Organisations()
        for file in files { try read(file, into: &organisations) }
        guard !organisations.isEmpty else { throw NodeError(.input, "the files name no organisation") }
        var table = LoadedTable(
            kind: .reference, name: "ods", header: ["code", "name", "role", "parent", "start", "end"])
        for row in organisations.rows { table.append(row) }
        table.origin = ReferenceOrigin(
            licence: "OGL v3", source: files.map(\.name).joined(separator: ", "))
        let unknown = organisations.unknownParents
        if unknown > 0 {
            table.notes.append("\(unknown) organisations have a parent that no file names: load its file too")
        }
        return table
    }

    private static func read(_ file: ReleaseFile, into organisations: inout Organisations) throws {
        var layout: OrganisationLayout?
        try file.records { line, fields in
            let record = OutsideRecord(file: file.name, line: line, fields: fields)
            if let layout {
                try layout.take(record, into: &organisations)
            } else {
                let found = try OrganisationLayout(file, fields)
                layout = found
                if found.hasNoHeader { try found.take(record, into: &organisations) }
            }
        }
    }
}

/// What the files say of organisations.
struct Organisations {
    enum Role: String {
        case practice
        case pcn
        case subICB = "sub-icb"
        case icb
        case region
        case trust
        case site
        case other

        /// How near a parent of this role is: the nearest is kept.
        fileprivate var nearness: Int {
            switch self {
            case .pcn: 4
            case .trust: 3
            case .subICB: 2
            case .icb: 1
            default: 0
            }
        }
    }

    private struct Entry {
        var name = ""
        var role: Role?
        var parent: (code: String, role: Role)?
        var start = ""
        var end = ""
    }

    private var entries: [String: Entry] = [:]

    var isEmpty: Bool { entries.isEmpty }

    mutating func note(
        _ code: String, name: String = "", role: Role? = nil, start: String = "", end: String = ""
    ) {
        guard !code.isEmpty else { return }
        var entry = entries[code] ?? Entry()
        if entry.name.isEmpty { entry.name = name }
        entry.role = entry.role ?? role
        if entry.start.isEmpty { entry.start = start }
        if entry.end.isEmpty { entry.end = end }
        entries[code] = entry
    }

    /// Notes a parent, unless a nearer one is known.
    mutating func tie(_ code: String, to parent: String, _ role: Role) {
        guard !code.isEmpty, !parent.isEmpty, code != parent else { return }
        note(code)
        if let known = entries[code]?.parent, known.role.nearness >= role.nearness { return }
        entries[code]?.parent = (parent, role)
    }

    /// How many have a parent that is none of them.
    var unknownParents: Int {
        entries.values.count { entry in entry.parent.map { entries[$0.code] == nil } ?? false }
    }

    var rows: [[String]] {
        entries.sorted { $0.key < $1.key }.map { code, entry in
            [
                code, entry.name, (entry.role ?? .other).rawValue, entry.parent?.code ?? "", entry.start,
                entry.end,
            ]
        }
    }
}

/// What the columns of one file mean.
private struct OrganisationLayout {
    private enum Form {
        /// ODS's own: 27 fields by place.
        case standard(Organisations.Role)
        case membership(practice: Int, practiceName: Int?, pcn: Int, pcnName: Int?, subICB: Int?)
        /// Places of code and name by role, highest first.
        case ties([(role: Organisations.Role, code: Int, name: Int?)])
        case list(Organisations.Role, code: Int, name: Int)
    }

    private let form: Form

    var hasNoHeader: Bool { if case .standard = form { true } else { false } }

    private static let roles: [(name: String, role: Organisations.Role)] = [
        ("epraccur", .practice), ("etr", .trust), ("ets", .site), ("eccg", .subICB), ("esicbl", .subICB),
        ("epcn", .pcn), ("eauth", .icb), ("eicb", .icb), ("ereg", .region), ("practice", .practice),
        ("icb", .icb), ("region", .region), ("trust", .trust), ("pcn", .pcn),
    ]

    init(_ file: ReleaseFile, _ fields: [String]) throws {
        let header = OutsideHeader(file, fields)
        let role = Self.roles.first { file.name.lowercased().contains($0.name) }?.role
        let pcn = header.find("pcn", "code")
        let region = header.called("nhs england region code", "region code")
        if let practice = header.find("partner", "code") ?? header.called("practice code"), let pcn {
            form = .membership(
                practice: practice,
                practiceName: header.find("partner", "name") ?? header.called("practice name"),
                pcn: pcn, pcnName: header.find("pcn", "name"), subICB: header.find("sub icb", "code"))
            return
        }
        let ties: [(Organisations.Role, Int?, Int?)] = [
            (.region, region, header.called("nhs england region", "region", "region name")),
            (.icb, header.called("ods icb code", "icb code"), header.called("icb name", "icb")),
            (.subICB, header.called("ods sub icb code", "sub icb code"), header.find("sub icb", "locations")),
            (
                .trust, header.called("ods trust code", "trust code"),
                header.called("nhs trusts", "trust name")
            ),
        ]
        let known = ties.compactMap { tie in tie.1.map { (role: tie.0, code: $0, name: tie.2) } }
        if known.count > 1 {
            form = .ties(known)
        } else if let code = header.called("ods code", "code", "organisation code") ?? region,
            let name = header.called("name", "organisation name", "trust name")
                ?? header.find("region", "name"),
            let role
        {
            form = .list(role, code: code, name: name)
        } else if fields.count >= 15, let role {
            form = .standard(role)
        } else {
            throw CatalogFault(
                file: file.name, path: "line 1",
                message:
                    "is no layout of ODS that is known: its own CSV keeps its name (epraccur.csv, etr.csv …), "
                    + "others have columns code and name")
        }
    }

    func take(_ record: OutsideRecord, into organisations: inout Organisations) throws {
        switch form {
        case .standard(let role): try takeStandard(record, role, into: &organisations)
        case .list(let role, let code, let name):
            organisations.note(record.text(code), name: record.text(name), role: role)
        case .membership(let practice, let practiceName, let pcn, let pcnName, let subICB):
            organisations.note(
                record.text(practice), name: practiceName.map(record.text) ?? "", role: .practice)
            organisations.note(record.text(pcn), name: pcnName.map(record.text) ?? "", role: .pcn)
            organisations.tie(record.text(practice), to: record.text(pcn), .pcn)
            if let subICB { organisations.tie(record.text(pcn), to: record.text(subICB), .subICB) }
        case .ties(let levels):
            for (place, level) in levels.enumerated() {
                let code = record.text(level.code)
                organisations.note(code, name: level.name.map(record.text) ?? "", role: level.role)
                // A trust is tied to its ICB: which sub-ICB it lies in says nothing of it.
                let above = levels[..<place].last { $0.role != .subICB || level.role != .trust }
                if let above { organisations.tie(code, to: record.text(above.code), above.role) }
            }
        }
    }

    /// Fields of ODS's CSV, from 1: code, name, national grouping (region), high level health geography (ICB), …,
    /// open date (11), close date (12), …, parent (15), …, prescribing setting (26, `4` is a practice).
    private func takeStandard(
        _ record: OutsideRecord, _ role: Organisations.Role, into organisations: inout Organisations
    ) throws {
        func day(_ place: Int) throws -> String {
            let text = record.text(place)
            if text.isEmpty { return "" }
            guard let day = OutsideDate.iso(text) else {
                throw record.fault("'\(text.prefix(16))' is no date")
            }
            return day
        }
        let code = record.text(0)
        guard !code.isEmpty else { throw record.fault("has no code") }
        let setting = record.text(25)
        let isPractice = role != .practice || setting.isEmpty || setting == "4"
        organisations.note(
            code, name: record.text(1), role: isPractice ? role : .other, start: try day(10), end: try day(11)
        )
        let (region, icb, parent) = (record.text(2), record.text(3), record.text(14))
        switch role {
        case .practice, .pcn: organisations.tie(code, to: parent, .subICB)
        case .site: organisations.tie(code, to: parent.isEmpty ? String(code.prefix(3)) : parent, .trust)
        case .trust, .subICB: organisations.tie(code, to: icb, .icb)
        default: break
        }
        if role == .icb { organisations.tie(code, to: region, .region) }
        organisations.tie(icb, to: region, .region)
    }
}
