import Catalog
import Core

/// The law's refusals, in one place: each says what it forbids and what to write instead.
extension SQLFault {
    static func secondPerson(at position: Int?) -> SQLFault {
        SQLFault(
            .insufficientPrivilege, "tables about people may only be joined person to person",
            hint: "Join them with JOIN … USING (person); in EXISTS and IN compare person with person too.",
            position: position)
    }

    static func gating(at position: Int?) -> SQLFault {
        SQLFault(
            .insufficientPrivilege, "a sub-query about other people may not decide which rows count",
            hint: "Compare person in the sub-query with person outside: WHERE EXISTS (SELECT 1 FROM … c "
                + "WHERE c.person = p.person AND …).", position: position)
    }

    static func overPeople(at position: Int?) -> SQLFault {
        SQLFault(
            .insufficientPrivilege, "a sub-query that aggregates over people is a query of its own",
            hint: "Run it first and write its answer as a number, or give it GROUP BY person and join it "
                + "with USING (person).", position: position)
    }

    static func identifier(_ lineage: Lineage, at position: Int?) -> SQLFault {
        lineage.kind == .person
            ? SQLFault(
                .insufficientPrivilege,
                "person may only be joined, grouped per person in a sub-query, or counted",
                hint:
                    "Write JOIN … USING (person), or count(DISTINCT person); a condition belongs in FILTER.",
                position: position)
            : SQLFault(
                .insufficientPrivilege, "\(lineage.column) identifies a record and may only be joined",
                hint: "Compare it with the same identifier of another table, or leave it out.",
                position: position)
    }

    static func exactDate(_ lineage: Lineage, at position: Int?) -> SQLFault {
        let months = lineage.kind == .date(.month)
        return SQLFault(
            .insufficientPrivilege,
            "\(lineage.column) may only be used by its year\(months ? " or month" : "")",
            hint: "Write date_part('year', \(lineage.column)), or whole years of age: "
                + "date_part('year', age(DATE '2025-12-31', \(lineage.column))).", position: position)
    }

    static func ageReference(at position: Int?) -> SQLFault {
        SQLFault(
            .insufficientPrivilege,
            "an age is taken today, at an event, or on the first or last day of a month",
            hint: "Write age(birth_date), age(onset_date, birth_date) or age(DATE '2025-12-31', birth_date).",
            position: position)
    }

    static func wholeYears(at position: Int?) -> SQLFault {
        SQLFault(
            .insufficientPrivilege, "an age may only be used in whole years",
            hint: "Write date_part('year', age(birth_date)).", position: position)
    }

    static func area(_ lineage: Lineage, at position: Int?) -> SQLFault {
        SQLFault(
            .insufficientPrivilege,
            "\(lineage.column) may only be a group key, joined or looked up in a codelist",
            hint: "GROUP BY \(lineage.column), write in_codelist(\(lineage.column), 'name'), or join a "
                + "reference table and compare what it says of the area.", position: position)
    }

    /// For a value of restricted lineage in a place that has no rule for it.
    static func restricted(_ lineage: Lineage, at position: Int?) -> SQLFault {
        switch lineage.kind {
        case .person, .identifier: identifier(lineage, at: position)
        case .date: exactDate(lineage, at: position)
        case .age: wholeYears(at: position)
        case .area: area(lineage, at: position)
        case .free, .event: SQLFault(.internalError, "a free value was refused", position: position)
        }
    }

    static func notPersonLocal(_ what: String, hint: String, at position: Int?) -> SQLFault {
        SQLFault(
            .insufficientPrivilege, "\(what) mixes the rows of several people", hint: hint, position: position
        )
    }
}
