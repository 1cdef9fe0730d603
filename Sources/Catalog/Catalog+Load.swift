internal import Foundation

extension Catalog {
    /// Reads the catalog from `Schemas/` and a node's own references.
    ///
    /// Layout of both folders: `references/NAME.csv` (or `reference/`) and `codelists/NAME.csv`; a version
    /// may stand in the name, `NAME@VERSION.csv`, and a `ReferenceManifest` beside it, `NAME@VERSION.json`. Of
    /// several tables of one name a bare name means the node's own, then the newest. `Schemas/` has
    /// `datasets/*.json`, `bounds.csv` and `units.csv` beside them; the node's folder may have
    /// `terminologies/NAME@VERSION.ctx`, and a `units.csv` of its own.
    /// - Parameters:
    ///   - references: the node's folder; nil where it has none.
    ///   - restricted: folders of codelists that are restricted by law, `NAME@VERSION.csv`. Of two lists of one
    ///     name that of the later folder counts, and the node's own before all.
    /// - Throws: `CatalogFault` with file and place.
    package static func load(
        from schemasDirectory: String, references nodeDirectory: String? = nil, restricted: [String] = []
    ) throws -> Catalog {
        var views: [String: ViewDefinition] = [:]
        var definitions: [String: Data] = [:]
        var datasets: [Dataset] = []
        for file in try files(schemasDirectory + "/datasets", "json") {
            let stem = String(name(file).dropLast(".json".count))
            do {
                let (dataset, view, definition) = try dataset(try bytes(file))
                guard dataset.name == stem else {
                    throw CatalogFault(path: "name", message: "is not the file's name")
                }
                datasets.append(dataset)
                views[stem] = view
                definitions[stem] = definition
            } catch let fault as CatalogFault {
                throw fault.inFile(name(file))
            }
        }
        let shared = try tables(schemasDirectory)
        let own = try nodeDirectory.map(tables) ?? []
        let bounds = try self.bounds(schemasDirectory + "/bounds.csv")
        let spellings = try UnitSpellings(
            bounds: bounds,
            files: [schemasDirectory, nodeDirectory].compactMap { $0.map { $0 + "/units.csv" } }
                .filter(FileManager.default.fileExists).map { (name($0), try bytes($0)) })
        let lists = try restricted.reversed().flatMap { try tables("", [$0], .codelist) }
        return Catalog(
            datasets: datasets, references: (own + shared).filter { $0.kind == .reference },
            codelists: (own + lists + shared).filter { $0.kind == .codelist }, bounds: bounds,
            digest: try digest(definitions, shared, bounds), views: views, restricted: Set(lists.map(\.name)),
            terminologies: try nodeDirectory.map { try terminologies($0 + "/terminologies") } ?? [],
            spellings: spellings)
    }

    /// A dataset of `datasets/` with the view that fills it, if one does, and its canonical form.
    private static func dataset(
        _ json: Data
    ) throws -> (Dataset, ViewDefinition?, canonical: Data) {
        if TableDefinition.isOne(json) {
            let table = try TableDefinition.decode(json)
            return (try Dataset(table: table), nil, try table.canonical())
        }
        let view = try ViewDefinition.decode(json)
        return (try Dataset(view: view), view, try view.canonical())
    }

    /// Reference tables and codelists of one folder.
    package static func tables(_ root: String) throws -> [ReferenceTable] {
        try tables(root, ["reference", "references"], .reference) + tables(root, ["codelists"], .codelist)
    }

    /// In order of name, the newest of a name first.
    private static func tables(
        _ root: String, _ folders: [String], _ kind: ReferenceTable.Kind
    ) throws -> [ReferenceTable] {
        var found: [String: ReferenceTable] = [:]
        for file in try folders.flatMap({ try files(root.isEmpty ? $0 : root + "/" + $0, "csv") }) {
            let table: ReferenceTable
            do { table = try self.table(file, kind) } catch let fault as CatalogFault {
                throw fault.inFile(name(file))
            }
            guard found.updateValue(table, forKey: table.key) == nil else {
                throw CatalogFault(file: name(file), path: "", message: "is there twice in one version")
            }
        }
        return Dictionary(grouping: found.values) { $0.name }.sorted { $0.key < $1.key }.flatMap {
            $0.value.newestFirst {
                $0.origin.asAt
            } _: {
                $0.version
            }
        }
    }

    private static func table(_ file: String, _ kind: ReferenceTable.Kind) throws -> ReferenceTable {
        let stem = String(name(file).dropLast(".csv".count))
        let parts = stem.split(separator: "@", maxSplits: 1)
        var table = try ReferenceTable(
            kind: kind, name: parts.first.map(String.init) ?? "",
            version: parts.count == 2 ? String(parts[1]) : VersionOrder.none, csv: try bytes(file))
        if let manifest = try manifest(file.dropLast(".csv".count) + ".json") {
            guard manifest.digest == table.digest else {
                throw CatalogFault(
                    path: "", message: "is not what was loaded: remove it and its .json, and load it again")
            }
            table.origin = manifest.origin
        }
        return table
    }

    /// What stands beside a table; nil where nothing does.
    package static func manifest(_ path: String) throws -> ReferenceManifest? {
        guard FileManager.default.fileExists(atPath: path) else { return nil }
        do {
            return try JSONDecoder().decode(ReferenceManifest.self, from: try bytes(path))
        } catch {
            throw CatalogFault(file: name(path), path: "", message: "is no manifest of a table")
        }
    }

    /// By name, the newest of each first.
    package static func terminologies(_ folder: String) throws -> [Terminology] {
        let found = try files(folder, "ctx").map { file in
            guard let manifest = try manifest(file.dropLast(".ctx".count) + ".json") else {
                throw CatalogFault(
                    file: name(file), path: "",
                    message: "has no manifest: load the release again ('concordat reference load')")
            }
            do { return try Terminology(path: file, manifest: manifest) } catch let fault as CatalogFault {
                throw fault.inFile(name(file))
            }
        }
        return Dictionary(grouping: found) { $0.name }.sorted { $0.key < $1.key }.flatMap {
            $0.value.newestFirst {
                $0.origin.asAt
            } _: {
                $0.version
            }
        }
    }

    private static func bounds(_ path: String) throws -> [MeasurementBound] {
        guard FileManager.default.fileExists(atPath: path) else { return [] }
        let records = try CSVReader.records(try bytes(path))
        guard records.first?.fields == ["system", "code", "unit", "lower", "upper", "name"] else {
            throw CatalogFault(file: name(path), path: "line 1", message: "other columns than expected")
        }
        return try records.dropFirst().map { record in
            let fields = record.fields
            guard fields.count == 6, let lower = Double(fields[3]), let upper = Double(fields[4]),
                lower < upper
            else { throw CatalogFault(file: name(path), path: "line \(record.line)", message: "is no bound") }
            return MeasurementBound(
                system: fields[0], code: fields[1], unit: fields[2], lower: lower, upper: upper,
                name: fields[5])
        }
    }

    /// SHA-256 over the datasets' canonical JSON, the tables' digests and the bounds, each in order of name.
    private static func digest(
        _ datasets: [String: Data], _ tables: [ReferenceTable], _ bounds: [MeasurementBound]
    ) throws -> String {
        var hash = SHA256()
        func add(_ kind: String, _ text: some Collection<UInt8>) {
            hash.update("\(kind) \(text.count)\n".utf8)
            hash.update(text)
        }
        for (name, canonical) in datasets.sorted(by: { $0.key < $1.key }) {
            add("dataset \(name)", canonical)
        }
        for table in tables { add("\(table.kind.rawValue) \(table.name)", Array(table.digest.utf8)) }
        for bound in bounds {
            let fields = [bound.system, bound.code, bound.unit, "\(bound.lower)", "\(bound.upper)"]
            add("bound", Array(fields.joined(separator: "\u{1F}").utf8))
        }
        return hash.hex()
    }

    /// Files of a folder with an extension, by name; none if there is no such folder.
    private static func files(_ folder: String, _ type: String) throws -> [String] {
        guard FileManager.default.fileExists(atPath: folder) else { return [] }
        return try FileManager.default.contentsOfDirectory(atPath: folder)
            .filter { $0.hasSuffix("." + type) }.sorted().map { folder + "/" + $0 }
    }

    private static func name(_ path: String) -> String {
        path.split(separator: "/").last.map(String.init) ?? path
    }

    private static func bytes(_ path: String) throws -> Data {
        guard let data = FileManager.default.contents(atPath: path) else {
            throw CatalogFault(file: name(path), path: "", message: "cannot be read")
        }
        return data
    }
}
