internal import Catalog

/// Makes `imd(lsoa, lsoa_year, rank, decile, population)` of the English Indices of Deprivation, 2019 (LSOAs of 2011)
/// or 2025 (LSOAs of 2021), as the government publishes them.
///
/// "File 7: all ranks, scores, deciles and population denominators" has all columns. "File 1: Index of Multiple
/// Deprivation" has ranks and deciles only; with "File 6: population denominators" beside it the two are put together.
/// Columns are found by their names: an area's code (`LSOA code (2011)`), the index's rank and decile, the total
/// population.
enum DeprivationLoader {
    private struct Area {
        var rank: Int?
        var decile: Int?
        var population: Int?
    }

    static func read(_ files: [ReleaseFile]) throws -> LoadedTable {
        var areas: [String: Area] = [:]
        var years: Set<Int> = []
        for file in files { years.insert(try read(file, into: &areas)) }
        guard let year = years.first, years.count == 1 else {
            throw NodeError(.input, "the files are of LSOAs of different years: load one index at a time")
        }
        guard areas.values.contains(where: { $0.rank != nil }) else {
            throw NodeError(.input, "no file has ranks: name File 7, or File 1 (and File 6 for populations)")
        }
        var table = LoadedTable(
            kind: .reference, name: "imd", header: ["lsoa", "lsoa_year", "rank", "decile", "population"])
        var ranked = 0
        var unranked = 0
        for (lsoa, area) in areas.sorted(by: { $0.key < $1.key }) {
            guard let rank = area.rank, let decile = area.decile else {
                unranked += 1
                continue
            }
            ranked += 1
            table.append([
                lsoa, String(year), String(rank), String(decile), area.population.map(String.init) ?? "",
            ])
        }
        table.version = year == 2011 ? "2019" : "2025"
        table.origin = ReferenceOrigin(
            asAt: year == 2011 ? "2019-09-26" : nil, licence: "OGL v3",
            source: files.map(\.name).joined(separator: ", "))
        if unranked > 0 { table.notes.append("\(unranked) areas left out: they have no rank") }
        if !areas.values.contains(where: { $0.population != nil }) {
            table.notes.append("no file has populations: that column is empty")
        }
        let expected = year == 2011 ? 32_844 : 33_755
        if ranked != expected {
            table.notes.append("\(ranked) areas: the whole index has \(expected)")
        }
        return table
    }

    /// - Returns: the year that the areas are of.
    private static func read(_ file: ReleaseFile, into areas: inout [String: Area]) throws -> Int {
        var columns: (lsoa: Int, rank: Int?, decile: Int?, population: Int?)?
        var year = 0
        var seen: Set<String> = []
        try file.records { line, fields in
            guard let columns else {
                let header = OutsideHeader(file, fields)
                year = header.find("lsoa", "code", "2021") != nil ? 2021 : 2011
                columns = (
                    try header.require(
                        header.find("lsoa", "code", String(year)) ?? header.find("lsoa", "code"),
                        "LSOA codes, such as 'LSOA code (2011)'"),
                    header.find("index of multiple deprivation", "rank"),
                    header.find("index of multiple deprivation", "decile"),
                    header.find("total population")
                )
                return
            }
            let record = OutsideRecord(file: file.name, line: line, fields: fields)
            let lsoa = record.text(columns.lsoa)
            guard !lsoa.isEmpty else { return }
            guard lsoa.count == 9, lsoa.hasPrefix("E01"),
                lsoa.utf8.dropFirst().allSatisfy({ (0x30...0x39).contains($0) })
            else { throw record.fault("'\(lsoa.prefix(16))' is no code of an English LSOA") }
            guard seen.insert(lsoa).inserted else { throw record.fault("\(lsoa) is there twice") }
            var area = areas[lsoa] ?? Area()
            if let place = columns.rank { area.rank = try record.number(place, "rank") ?? area.rank }
            if let place = columns.decile, let decile = try record.number(place, "decile") {
                guard (1...10).contains(decile) else { throw record.fault("\(decile) is no decile") }
                area.decile = decile
            }
            if let place = columns.population {
                area.population = try record.number(place, "population") ?? area.population
            }
            areas[lsoa] = area
        }
        guard columns != nil else { throw NodeError(.input, "\(file.name) is empty") }
        return year
    }
}
