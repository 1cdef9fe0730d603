extension QualityReport {
    /// Every number of the report, one a row: what two reports have in common can be joined.
    package var measures: (columns: [String], rows: [[String]]) {
        var list = MeasureList()
        for finding in findings {
            list.add(
                "finding", finding.dataset ?? "", finding.column ?? "", finding.severity.rawValue,
                [(finding.words, finding.rows)])
        }
        list.add(
            "people", "", "", "",
            [
                ("people", people.people), ("with number", people.withNumber),
                ("without number", people.withoutNumber), ("several ids", people.withSeveralIdentifiers),
                ("several birth dates", people.withSeveralBirthDates),
                ("without patient record", people.withoutPatientRecord), ("renumbered", people.renumbered),
            ])
        for dataset in datasets {
            list.addRows(dataset)
            list.addCodes(dataset)
        }
        for codelist in codelists {
            for code in codelist.entries {
                list.add(
                    "codelist", codelist.name, "", code.code, [("rows", code.rows), ("people", code.people)])
            }
        }
        for set in quarantine {
            list.add("quarantine", set.dataset ?? "", "", set.reason, [("records", set.records)])
        }
        for set in degraded ?? [] {
            list.add("degraded", set.dataset, "", set.mark, [("records", set.records)])
        }
        for line in identity ?? [] { list.add("identity", "patient", "", line.what, [("count", line.count)]) }
        return (["kind", "dataset", "column", "item", "measure", "value"], list.rows)
    }
}

private struct MeasureList {
    private(set) var rows: [[String]] = []

    mutating func add(
        _ kind: String, _ dataset: String, _ column: String, _ item: String, _ measures: [(String, Int?)]
    ) {
        for (name, value) in measures {
            guard let value else { continue }
            rows.append([kind, dataset, column, item, name, String(value)])
        }
    }

    mutating func addRows(_ dataset: DatasetQuality) {
        let name = dataset.name
        add(
            "dataset", name, "", "",
            [
                ("rows", dataset.rows), ("people", dataset.people), ("without number", dataset.withoutNumber),
                ("implausibly old", dataset.implausiblyOld),
            ])
        for column in dataset.columns {
            add("column", name, column.name, "", [("filled", column.filled), ("outside", column.outside)])
        }
        for date in dataset.dates {
            add(
                "date", name, date.column, "",
                [
                    ("before birth", date.beforeBirth), ("after death", date.afterDeath),
                    ("future", date.inFuture), ("before 1900", date.before1900),
                ])
        }
        for span in dataset.spans {
            add("date", name, span.end, span.start, [("reversed", span.reversed)])
        }
        for month in dataset.months {
            add("month", name, dataset.eventColumn ?? "", month.month, [("rows", month.rows)])
        }
    }

    mutating func addCodes(_ dataset: DatasetQuality) {
        let name = dataset.name
        for field in dataset.codes {
            add(
                "codes", name, field.column, "",
                [
                    ("values", field.values), ("distinct", field.distinct),
                    ("without system", field.withoutSystem), ("malformed", field.malformed),
                    ("not shown", field.notShownValues),
                ])
            for system in field.systems {
                add("system", name, field.column, system.system ?? "", [("values", system.rows)])
            }
            for code in field.top {
                add(
                    "code", name, field.column, "\(code.system ?? "")|\(code.code)",
                    [("values", code.rows), ("people", code.people)])
            }
        }
        for unit in dataset.measurements?.unknown ?? [] {
            add(
                "unit", name, "value_unit", "\(unit.system ?? "")|\(unit.code)|\(unit.unit ?? "(not shown)")",
                [("rows", unit.rows), ("people", unit.people)])
        }
    }
}
