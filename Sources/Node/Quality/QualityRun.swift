internal import Catalog
internal import Core
internal import Foundation
internal import Store
internal import Warehouse

/// Makes the report: what the warehouse counts, what the node knows of loads and quarantine, and what to make of it.
struct QualityRun: Sendable {
    let context: NodeContext
    let request: QualityRequest
    let progress: ProgressSink
    /// What the node holds at the beginning.
    private let catalog: Catalog

    init(context: NodeContext, request: QualityRequest, progress: @escaping ProgressSink) {
        (self.context, self.request, self.progress) = (context, request, progress)
        catalog = context.catalog
    }

    func report() async throws -> QualityReport {
        let now = Clock.now
        let publication = try context.publications.current()
        let source = try source(publication, today: Int(Clock.days(now)))
        let holding = try context.holding(of: source.controller)
        let warehouse = holding.warehouse
        let datasets = try datasets()
        let terms = QualityTerms(catalog)
        let measured = try await measure(datasets, of: source, terms, warehouse)

        var report = QualityReport(
            organisation: context.organisation.text, name: context.configuration.name,
            controller: request.controller, synthetic: context.configuration.isSynthetic,
            madeAt: Clock.text(now), source: source.isLive ? "live" : "publication",
            publication: holding.isOwn ? try publication?.note(at: now, Staleness(context: context)) : nil,
            catalog: catalog.digest,
            leastPeople: QualityRules.leastPeople)
        report.people = measured.people
        report.datasets = measured.datasets
        report.codelists = codelists(terms, measured.found)
        report.quarantine = try quarantine(holding)
        report.loads = try loads(publication, holding)
        if source.isLive {
            (report.degraded, report.identity) = try await warehouse.engine.withSession { session in
                (
                    try await DegradedRecords(holding: holding).counts(in: session).map {
                        .init(dataset: $0.dataset, mark: $0.mark, records: $0.records)
                    },
                    try await IdentityCensus(warehouse: warehouse).lines(in: session).map {
                        .init(what: $0.what, count: $0.count)
                    }
                )
            }
        }
        report.findings =
            QualityFindings(
                report, today: source.today, isWhole: request.datasets.isEmpty
            ).ranked
        return report
    }

    private func source(_ publication: Publication?, today: Int) throws -> QualitySource {
        let controller = try request.controller.map { text in
            guard let code = OrganisationCode(text) else {
                throw NodeError(
                    .input, "--controller takes an ODS code: 3 to 10 upper-case letters and digits")
            }
            return code
        }
        guard request.ofPublication else {
            return QualitySource(
                kind: .live, controller: controller ?? context.organisation, today: today,
                tables: context.warehouse?.schema)
        }
        guard let publication else {
            throw NodeError(
                .notPublished,
                "nothing is published: run 'concordat publish', or look at the data with --live")
        }
        guard controller == nil else {
            throw NodeError(
                .input, "a publication does not tell controllers apart: use --controller with --live")
        }
        return QualitySource(kind: .publication(publication.schema), controller: nil, today: today)
    }

    private func datasets() throws -> [Dataset] {
        let all = catalog.datasets
        guard !request.datasets.isEmpty else { return all.values.sorted { $0.name < $1.name } }
        return try Set(request.datasets).sorted().map { name in
            guard let dataset = all[name] else {
                throw NodeError(
                    .input, "there is no dataset '\(name)': \(all.keys.sorted().joined(separator: ", "))")
            }
            return dataset
        }
    }

    // MARK: - What the warehouse counts

    private struct Measured: Sendable {
        var people = QualityPeople()
        var datasets: [DatasetQuality] = []
        /// `dataset.column` -> code -> rows and people.
        var found: [(place: String, codes: [String: (rows: Int, people: Int)])] = []
    }

    private func measure(
        _ datasets: [Dataset], of source: QualitySource, _ terms: QualityTerms, _ warehouse: SiteWarehouse
    ) async throws -> Measured {
        let engine = warehouse.engine
        return try await engine.withSession { session in
            try await session.transaction { session in
                // One state of everything: what is taken in meanwhile is not seen.
                try await session.execute(source.people(hasDeaths: catalog.datasets["death"] != nil))
                if engine.dialect == .postgresql { try await session.execute("ANALYZE quality_person") }
                let areas = AreaList(catalog)
                try await areas.load(in: session, text: warehouse.schema.sql(.text))
                var measured = Measured()
                measured.people = try await people(source, session)
                for (place, dataset) in datasets.enumerated() {
                    progress("counting", place, datasets.count, dataset.name)
                    let fields = QualityFields(dataset)
                    let scan = QualityScan(
                        source: source, fields: fields, dialect: engine.dialect,
                        areas: areas.columns(of: fields))
                    try await measure(scan, terms, &measured, session)
                }
                try await session.execute("DROP TABLE quality_person; DROP TABLE quality_area")
                return measured
            }
        }
    }

    private func people(
        _ source: QualitySource, _ session: any EngineSession
    ) async throws -> QualityPeople {
        let counts = try await session.query(source.peopleCounts).row(0).map { Int($0.whole ?? 0) }
        var people = QualityPeople()
        (people.people, people.withNumber, people.withoutNumber) = (counts[0], counts[1], counts[2])
        (people.withSeveralIdentifiers, people.withSeveralBirthDates) = (counts[3], counts[4])
        people.withoutPatientRecord = counts[5]
        if source.isLive {
            let moved = try await session.query(
                "SELECT count(DISTINCT d.person_id) FROM live.renumbered d WHERE \(source.isOurs)")
            people.renumbered = Int(moved.row(0)[0].whole ?? 0)
        }
        return people
    }

    private func measure(
        _ scan: QualityScan, _ terms: QualityTerms, _ measured: inout Measured, _ session: any EngineSession
    ) async throws {
        var dataset = try await scan.totals(in: session)
        guard dataset.rows > 0 else {
            measured.datasets.append(dataset)
            return
        }
        dataset.months = try await scan.months(in: session)
        let empty = Set(dataset.columns.filter { $0.filled == 0 }.map(\.name))
        for field in scan.fields.codes {
            guard !empty.contains(field.column) else {
                var none = CodeTally(field, terms)
                dataset.codes.append(none.finish(people: [:]))
                continue
            }
            let tally = Tally(CodeTally(field, terms))
            try await scan.codes(field, in: session) { code, system, rows, people in
                tally.add { $0.add(code, system, rows, people) }
            }
            var counts = tally.counts
            var people: [String: Int] = [:]
            if case .column(let system) = field.system, counts.hasUnknownSystems {
                people = try await scan.systems(system, in: session)
            }
            measured.found.append(("\(dataset.name).\(field.column)", counts.found))
            dataset.codes.append(counts.finish(people: people))
        }
        if scan.fields.hasMeasurements {
            let tally = Tally(UnitTally(terms))
            try await scan.units(in: session) { unit in tally.add { $0.add(unit) } }
            var counts = tally.counts
            dataset.measurements = counts.finish()
        }
        measured.datasets.append(dataset)
    }

    // MARK: - What the node knows

    private func codelists(
        _ terms: QualityTerms, _ found: [(place: String, codes: [String: (rows: Int, people: Int)])]
    ) -> [CodelistQuality] {
        terms.lists.map { list in
            var quality = CodelistQuality(
                name: list.name, version: list.version, digest: list.digest, codes: 0, found: 0, rows: 0,
                entries: [])
            let codes = Dictionary(list.codes) { first, _ in first }
            quality.codes = codes.count
            for (code, term) in codes.sorted(by: { $0.key < $1.key }) {
                let places = found.filter { $0.codes[code] != nil }
                let counts = places.compactMap { $0.codes[code] }
                // Restricted by law: neither few people nor that there are none is told.
                if terms.restricted.contains(code),
                    (counts.map(\.people).max() ?? 0) < QualityRules.leastPeople
                {
                    continue
                }
                if !places.isEmpty { quality.found += 1 }
                quality.rows += counts.reduce(0) { $0 + $1.rows }
                guard !places.isEmpty || codes.count <= QualityRules.listedCodes else { continue }
                quality.entries.append(
                    .init(
                        code: code, term: term, rows: counts.reduce(0) { $0 + $1.rows },
                        people: counts.reduce(0) { $0 + $1.people }, columns: places.map(\.place)))
            }
            return quality
        }
    }

    /// Reasons are words of this program and of mappings: they bear nothing of a record.
    private func quarantine(_ holding: Holding) throws -> [QuarantineQuality] {
        struct Key: Hashable { let dataset: String?, reason: String }
        var counts: [Key: Int] = [:]
        try holding.quarantine.forEach { entry in
            for reason in entry.reasons {
                counts[Key(dataset: entry.dataset, reason: reason), default: 0] += 1
            }
        }
        return counts.map { .init(dataset: $0.key.dataset, reason: $0.key.reason, records: $0.value) }
            .sorted { ($1.records, $0.dataset ?? "", $0.reason) < ($0.records, $1.dataset ?? "", $1.reason) }
    }

    /// Of another controller's data nothing is published.
    private func loads(_ publication: Publication?, _ holding: Holding) throws -> QualityLoads {
        var loads = QualityLoads()
        guard holding.isOwn else {
            loads.lastLoad = try context.loads.lastWhole(of: holding.warehouse.controller).map(Clock.text)
            return loads
        }
        let staleness = try Staleness(context: context)
        loads.lastLoad = try context.loads.lastWhole().map(Clock.text)
        loads.lastPublication = publication.map { Clock.text($0.publishedAt) }
        loads.stale = publication.map { staleness.words($0, at: Clock.now) } ?? []
        return loads
    }
}
