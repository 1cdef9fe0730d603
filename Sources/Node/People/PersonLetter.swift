internal import Core

/// A report about a person as a letter in plain English, ready to be printed but for the address.
///
/// Covers UK GDPR Article 15(1)(a) to (h): purposes, categories, recipients, how long, rights, complaint, source,
/// and that nothing is decided by machine.
struct PersonLetter {
    private let report: PersonReport

    init(_ report: PersonReport) { self.report = report }

    var letter: Letter {
        Letter(
            sender: [report.controller.name, "ODS code \(report.controller.code)"]
                + (report.contact.isEmpty ? [] : [report.contact]),
            date: Self.written(report.madeOn), subject: "What we hold about you and how it has been used",
            mark: report.isSynthetic
                ? "THIS SYSTEM HOLDS SYNTHETIC PEOPLE ONLY: THIS LETTER IS ABOUT NOBODY." : "",
            opening: [
                "You asked what this system holds about you. It is where we answer questions of other NHS "
                    + "organisations with numbers about groups of people; it does not hold everything that we "
                    + "hold about you. Records never leave it to answer such a question: only numbers do.",
                "This letter is about NHS number \(spaced(report.nhsNumber)).",
            ],
            sections: [
                identity, holdings, objections, optOuts, uses, releases, recipients, rights,
            ] + records,
            closing: ["Yours sincerely,", "", "For \(report.controller.name)"])
    }

    private var identity: Letter.Section {
        var parts: [Letter.Part] = [
            .paragraph(
                "We find your records by your NHS number. Its last digit checks the others, and it does. Whether "
                    + "the number was traced to you in the national register is not held in this system.")
        ]
        if !report.localIdentifiers.isEmpty {
            parts.append(
                .paragraph(
                    "In the systems that your records came from you are known as: "
                        + report.localIdentifiers.joined(separator: ", ") + "."))
        }
        return .init(title: "How we know that it is you", parts: parts)
    }

    private var holdings: Letter.Section {
        guard !report.holdings.isEmpty else {
            return .init(
                title: "What we hold", parts: [.paragraph("We hold no health records of yours here.")])
        }
        var parts: [Letter.Part] = [
            .table(
                columns: ["What", "Records", "From", "To", "Source"],
                rows: report.holdings.map { holding in
                    [
                        PersonWords.dataset(holding.dataset), String(holding.records),
                        holding.earliest.map(Self.written) ?? "", holding.latest.map(Self.written) ?? "",
                        holding.sources.map(\.name).joined(separator: ", "),
                    ]
                })
        ]
        parts.append(
            .paragraph(
                report.inPublicationOf.map {
                    "Questions are answered from a copy of \(Self.written($0)), and you are in it."
                } ?? "Questions are answered from a copy in which you are not."))
        if report.setAside > 0 {
            parts.append(
                .paragraph(
                    "\(report.setAside) further records that name you could not be read in and were set aside. "
                        + "They are used for nothing until they are corrected."))
        }
        parts.append(
            .paragraph(
                report.retention.isEmpty
                    ? "How long records are kept is in our records retention schedule; ask us for it."
                    : "How long records are kept: \(report.retention)"))
        return .init(title: "What we hold", parts: parts)
    }

    private var objections: Letter.Section {
        guard !report.objections.isEmpty else {
            return .init(
                title: "Your objections",
                parts: [.paragraph("No objection of yours is recorded in this system.")])
        }
        return .init(
            title: "Your objections",
            parts: [
                .table(
                    columns: ["To", "Decided on", "Decision", "Reason", "Withdrawn on"],
                    rows: report.objections.map {
                        [
                            $0.about, Self.written($0.recordedOn), $0.decision, $0.reason,
                            $0.withdrawnOn.map(Self.written) ?? "",
                        ]
                    }),
                .paragraph(
                    "While an objection is upheld and not withdrawn, you are left out of every question that it "
                        + "is about, unless the law or a court leaves us no choice."),
            ])
    }

    private var optOuts: Letter.Section {
        let lines = report.optOuts.map { note in
            guard let listedOn = note.listedOn else { return "\(note.scheme): we hold no list." }
            return note.mayBeCounted == true
                ? "\(note.scheme): you had not opted out when the list of \(Self.written(listedOn)) was made."
                : "\(note.scheme): you are treated as opted out. Your number is not on the list of "
                    + "\(Self.written(listedOn)), which names those who may be counted."
        }
        return .init(title: "Opt-outs", parts: [.list(lines)])
    }

    private var uses: Letter.Section {
        guard !report.uses.isEmpty else {
            return .init(
                title: "What your records may be used for",
                parts: [
                    .paragraph(
                        "No agreement is in force under which questions about your records are answered.")
                ]
            )
        }
        return .init(
            title: "What your records may be used for",
            parts: [
                .paragraph("Questions about groups of people are answered under these agreements:"),
                .table(
                    columns: ["Agreement", "Purpose", "Who asks", "Lawful basis", "Until", "Your objection"],
                    rows: report.uses.map { use in
                        [
                            "\(use.title) (\(use.agreement))", use.purpose, use.requester.name,
                            use.lawfulBasis.joined(separator: "; "), Self.written(use.until),
                            use.isObjectedTo ? "upheld: you are left out" : "",
                        ]
                    }),
            ])
    }

    private var releases: Letter.Section {
        var parts: [Letter.Part] = []
        if report.releases.isEmpty {
            parts.append(.paragraph("There is no answer that we know you were counted in."))
        } else {
            parts += [
                .paragraph(
                    "Your records were among those that these answers were made from. Each answer is numbers "
                        + "about groups of people; small numbers are withheld. The same question asked again on "
                        + "the same data is given the same answer and stands here once."),
                .table(
                    columns: ["Date", "Who asked", "Agreement", "Purpose", "What was asked", "Certain"],
                    rows: report.releases.map {
                        [
                            Self.written($0.on), $0.requester.name, $0.agreement, $0.purpose, $0.question,
                            $0.isCertain ? "yes" : "probably",
                        ]
                    }),
            ]
        }
        if report.releases.contains(where: { !$0.isCertain }) {
            parts.append(
                .paragraph(
                    "Probably: a code list has changed since, or your records were held under another NHS number "
                        + "at that time."))
        }
        if report.releasesNotKnown > 0 {
            parts.append(
                .paragraph(
                    "For \(report.releasesNotKnown) further answers we can no longer tell whether you were "
                        + "counted."))
        }
        parts.append(
            .paragraph("We keep for \(report.releasesKeptFor) days who was counted in which answer."))
        return .init(title: "Answers in which you were counted", parts: parts)
    }

    private var recipients: Letter.Section {
        let linkers = report.uses.compactMap(\.linker).map {
            "\($0.name): counts people once across organisations; sees codes that stand for people, no names"
        }
        let asked = report.uses.map(\.requester) + report.releases.map(\.requester)
        let all = Set(asked.map(\.name)).sorted().map { "\($0): numbers about groups of people" }
        let lines = all + Set(linkers).sorted()
        return .init(
            title: "Who receives what",
            parts: [lines.isEmpty ? .paragraph("Nobody receives anything at present.") : .list(lines)])
    }

    private var rights: Letter.Section {
        let contact = report.contact.isEmpty ? "us at the address above" : report.contact
        return .init(
            title: "Your rights",
            parts: [
                .list([
                    "You may object to the use of your records for one agreement, for one purpose, or for "
                        + "everything beyond your own care. Write to \(contact); say what you object to. An "
                        + "objection that is upheld counts from the next question on.",
                    "You may ask us to correct your records, to erase them or to restrict their use.",
                    "You may set the national data opt-out at www.nhs.uk/your-nhs-data-matters.",
                    "You may complain to the Information Commissioner's Office: www.ico.org.uk.",
                    "Nothing in this system decides anything about you.",
                ])
            ])
    }

    private var records: [Letter.Section] {
        (report.records ?? []).map { records in
            let filled = records.columns.indices.filter { column in
                records.rows.contains { !$0[column].isEmpty }
            }
            return .init(
                title: "Your records: \(PersonWords.dataset(records.dataset).lowercased())",
                parts: [
                    .table(
                        columns: filled.map { PersonWords.plain(records.columns[$0]) },
                        rows: records.rows.map { row in filled.map { row[$0] } })
                ])
        }
    }

    /// `943 476 5919`.
    private func spaced(_ number: String) -> String {
        let digits = Array(number)
        return [digits.prefix(3), digits.dropFirst(3).prefix(3), digits.dropFirst(6)]
            .map { String($0) }.joined(separator: " ")
    }

    private static let months = [
        "January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
        "November", "December",
    ]

    /// `YYYY-MM-DD` as `23 November 2026`.
    static func written(_ day: String) -> String {
        guard let days = Civil.parseDate(day) else { return day }
        let (year, month, date) = Civil.date(days: days)
        return "\(date) \(months[month - 1]) \(year)"
    }
}
