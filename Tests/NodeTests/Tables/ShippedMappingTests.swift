import Core
import Foundation
import TestSupport
import Testing
import Warehouse

@testable import Node

/// Every mapping of `Schemas/mappings` over a small file of its own.
@Suite struct ShippedMappingTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let mapping: String
        let csv: String
        let dataset: String
        let columns: String
        let rows: [[String]]
        var replaces = false
        var reasons: [String: Int] = [:]
        var testDescription: String { mapping }
    }

    private static let first = TableText.number(1)
    private static let second = TableText.number(2)

    static let cases: [Case] = [
        Case(
            mapping: "ecds",
            csv: """
                EC_Ident,NHS_Number,NHS_Number_Status_Indicator,Local_Patient_Identifier,Arrival_Date,Arrival_Time,\
                EC_Departure_Date,EC_Departure_Time,EC_Department_Type,EC_Acuity_SNOMED_CT,\
                EC_Chief_Complaint_SNOMED_CT,EC_Discharge_Status_SNOMED_CT
                1,\(first),01,A,2026-04-30,23:50:00,01/05/2026,0210,1,1064891000000107,29857009,1077021000000100
                2,,,B,2026-04-30,9:61,,,1,,,
                3,,,B,2026-04-30,,,,7,,,
                4,,,B,2026-04-30,10:00,2026-04-30,09:00,02,,,

                """,
            dataset: "emergency_attendance",
            columns: "arrived_at, departed_at, department_type, chief_complaint, disposal",
            rows: [["2026-04-30+1430", "2026-05-01+130", "01", "29857009", "1077021000000100"]],
            reasons: ["impossible-time": 1, "unmapped-code": 1, "departed-before-arrival": 1]),
        Case(
            mapping: "hes-outpatient",
            csv: """
                attendkey,newnhsno,nhsnoind,lopatid,apptdate,attended,tretspef,procodet
                1,\(first),1,A,2026-04-30,5,100,RJ1
                2,\(first),1,A,30/04/2026,3,100,RJ1
                3,\(first),1,A,2026-04-30,0,100,RJ1

                """,
            dataset: "outpatient", columns: "appointment_at, attended, treatment_function, provider",
            rows: [
                ["2026-04-30", "boolean(true)", "100", "RJ1"],
                ["2026-04-30", "boolean(false)", "100", "RJ1"],
                ["2026-04-30", "-", "100", "RJ1"],
            ]),
        Case(
            mapping: "wlmds",
            csv: """
                Organisation_Identifier_Code_Of_Provider,Patient_Pathway_Identifier,NHS_Number,Local_Patient_Identifier,\
                Referral_To_Treatment_Period_Start_Date,Referral_To_Treatment_Period_End_Date,Week_Ending_Date,\
                Activity_Treatment_Function_Code,Priority_Type_Code,Waiting_List_Type
                RJ1,P1,\(first),A,2026-01-05,,2026-04-05,110,1,ORTT
                RJ1,P1,\(first),A,2026-01-05,2026-04-08,2026-04-12,110,1,ORTT
                RJ1,P2,,B,2026-02-01,2026-01-31,2026-04-12,110,2,IRTT

                """,
            dataset: "waiting", columns: "clock_start, clock_stop, treatment_function, priority, list_type",
            rows: [["2026-01-05", "2026-04-08", "110", "1", "ORTT"]], reasons: ["stopped-before-start": 1]),
        Case(
            mapping: "deaths",
            csv: """
                DEC_CONF_NHS_NUMBER,REG_DATE,REG_DATE_OF_DEATH,S_UNDERLYING_COD_ICD10,S_COD_CODE_1,S_COD_CODE_2
                \(first),20260415,20260410,I219,I219,E119
                \(second),20260415,20260230,I219,,

                """,
            dataset: "death",
            columns: "date_of_death, underlying_cause, contributory_causes, registered_date",
            rows: [["2026-04-10", "I21.9", "I21.9 E11.9", "2026-04-15"]], replaces: true,
            reasons: ["impossible-date": 1]),
        Case(
            mapping: "gp-registrations",
            csv: """
                NHS_NUMBER,GENERAL_MEDICAL_PRACTICE_CODE,START_DATE,END_DATE,PERSON_BIRTH_DATE,PERSON_STATED_GENDER_CODE,\
                ETHNIC_CATEGORY,LSOA
                \(first),a81001,2020-01-01,2024-12-31,1960-05-01,2,A,E01000001
                \(first),A81002,2025-01-01,,1960-05-01,2,A,E01000002
                \(second),A81002,2025-01-01,,1960-05-01,7,A,E01000002

                """,
            dataset: "registration", columns: "practice, start_date, end_date",
            rows: [["A81001", "2020-01-01", "2024-12-31"], ["A81002", "2025-01-01", "-"]],
            reasons: ["unmapped-code": 1]),
        Case(
            mapping: "omop-person",
            csv: """
                person_id,gender_concept_id,year_of_birth,month_of_birth,day_of_birth,person_source_value
                1,8507,1950,7,4,\(first)
                2,8532,1951,,,

                """,
            dataset: "patient", columns: "birth_date, sex",
            rows: [["1950-07-04", "male"], ["1951-01-01", "female"]]),
        Case(
            mapping: "omop-visit",
            csv: """
                visit_occurrence_id,person_id,visit_concept_id,visit_start_date,visit_start_datetime,visit_end_date,\
                visit_end_datetime,visit_source_value
                7,1,9201,2026-04-01,2026-04-01 10:30:00,2026-04-03,,x

                """,
            dataset: "encounter", columns: "encounter_id, class, type_code, start_at, end_at",
            rows: [["omop/7", "IMP", "x", "2026-04-01+630", "2026-04-03"]]),
        Case(
            mapping: "omop-condition",
            csv: """
                condition_occurrence_id,person_id,condition_source_value,condition_start_date,condition_end_date,\
                visit_occurrence_id
                1,1,44054006,2020-02-03,,7

                """,
            dataset: "condition", columns: "code, code_system, onset_date, abatement_date, encounter_id",
            rows: [["44054006", "http://snomed.info/sct", "2020-02-03", "-", "omop/7"]]),
        Case(
            mapping: "omop-measurement",
            csv: """
                measurement_id,person_id,measurement_source_value,measurement_date,measurement_datetime,\
                operator_concept_id,value_as_number,unit_source_value,visit_occurrence_id
                1,1,8480-6,2026-04-01,,4171756,120.5,mm[Hg],
                2,1,8480-6,2026-04-01,,,1200,mm[Hg],
                3,1,8480-6,2026-04-01,,,NaN,mm[Hg],

                """,
            dataset: "observation",
            columns: "code, code_system, value_quantity, value_comparator, value_unit",
            rows: [["8480-6", "http://loinc.org", "120.5", "<", "mm[Hg]"]],
            reasons: ["out-of-bounds": 1, "not-a-number": 1]),
        Case(
            mapping: "omop-drug",
            csv: """
                drug_exposure_id,person_id,drug_source_value,drug_exposure_start_date,drug_exposure_start_datetime,\
                visit_occurrence_id
                1,1,317249006,2026-04-01,,

                """,
            dataset: "medication_request", columns: "code, code_system, authored_on",
            rows: [["317249006", "https://dmd.nhs.uk", "2026-04-01"]]),
        Case(
            mapping: "omop-procedure",
            csv: """
                procedure_occurrence_id,person_id,procedure_source_value,procedure_date,procedure_datetime,\
                procedure_end_date,procedure_end_datetime,visit_occurrence_id
                1,1,K45.1,2026-04-01,,,,7

                """,
            dataset: "procedure", columns: "code, performed_start, performed_end, encounter_id",
            rows: [["K45.1", "2026-04-01", "-", "omop/7"]]),
    ]

    @Test(arguments: cases)
    func fillsItsDataset(of test: Case) async throws {
        try await IngestSite.with(.duckdb) { node, folder in
            let path = "\(folder)/\(test.mapping).csv"
            try IngestSite.write(test.csv, to: path)
            let report = try await node.tables(test.mapping, [path], replace: test.replaces ? "" : nil)
            #expect(report.addsUp)
            #expect(report.files[0].reasons == test.reasons)
            #expect(try await node.held(test.columns, test.dataset) == test.rows)
            let again = try await node.tables(test.mapping, [path], replace: test.replaces ? "" : nil)
            #expect(again.files[0].new == 0 && again.files[0].replaced == 0)
            #expect(try await node.held(test.columns, test.dataset) == test.rows)
        }
    }

    @Test func noMappingIsWithoutItsCase() throws {
        let shipped = try MappingLibrary(folders: [NodeHome.shared.root + "Schemas/mappings"]).names()
        #expect(Set(shipped) == Set(Self.cases.map(\.mapping)).union(["hes-apc"]))
    }

    /// The same person by number in one table and by the source's id in another.
    @Test func peopleOfOMOPAreOneInAllItsTables() async throws {
        try await IngestSite.with(.duckdb) { node, folder in
            for name in ["omop-person", "omop-condition"] {
                let test = try #require(Self.cases.first { $0.mapping == name })
                try IngestSite.write(test.csv, to: "\(folder)/\(name).csv")
                _ = try await node.tables(name, ["\(folder)/\(name).csv"])
            }
            let people = try await node.rows(
                """
                SELECT p.person FROM live.condition c JOIN live.person p ON p.person_id = c.person_id
                """)
            #expect(people == [[.text(Self.first)]])
        }
    }

    @Test func parquetLatin1AndGzipAreReadAlike() async throws {
        try await IngestSite.with(.duckdb) { node, folder in
            let test = try #require(Self.cases.first { $0.mapping == "gp-registrations" })
            let csv = folder + "/a.csv"
            try IngestSite.write(test.csv, to: csv)
            let maker = try await DuckDBEngine(path: nil)
            for (name, options) in [
                ("b.parquet", "FORMAT parquet"), ("c.csv.gz", "FORMAT csv, COMPRESSION gzip"),
            ] {
                try await maker.withSession {
                    try await $0.execute(
                        "COPY (SELECT * FROM read_csv('\(csv)', all_varchar = true)) TO '\(folder)/\(name)' (\(options))"
                    )
                }
            }
            // Columns with types of their own, as a warehouse writes them.
            try await maker.withSession {
                try await $0.execute(
                    """
                    COPY (SELECT * REPLACE (CAST(START_DATE AS DATE) AS START_DATE, CAST(NHS_NUMBER AS BIGINT) AS NHS_NUMBER)
                    FROM read_csv('\(csv)', all_varchar = true)) TO '\(folder)/d.parquet' (FORMAT parquet)
                    """)
            }
            await maker.close()
            _ = try await node.tables("gp-registrations", [csv])
            for name in ["b.parquet", "c.csv.gz", "d.parquet"] {
                let report = try await node.tables("gp-registrations", ["\(folder)/\(name)"])
                #expect(report.files.map(\.unchanged) == [2], "\(name)")
                #expect(report.files.map(\.reasons) == [["unmapped-code": 1]], "\(name)")
            }
            let own = folder + "/own.yaml"
            try IngestSite.write(
                """
                mapping: own
                title: In Latin-1, with semicolons
                source: {delimiter: ";", encoding: latin-1, dates: ["%d.%m.%Y"]}
                key: ['"Nr."']
                person: {nhs_number: Nummer}
                rows:
                  - dataset: registration
                    columns: {practice: "\\"Praxis Ort\\"", start_date: Beginn}
                """, to: own)
            let latin = Data(
                "Nr.;Nummer;Praxis Ort;Beginn\r\n1;\(Self.first);Zur M\u{FC}hle;01.02.2020\r\n".unicodeScalars
                    .map { UInt8($0.value) })
            try latin.write(to: URL(filePath: folder + "/latin.csv"))
            _ = try await node.tables(own, [folder + "/latin.csv"])
            #expect(
                try await node.rows("SELECT practice FROM live.registration WHERE resource_id LIKE 'own/%'")
                    == [[.text("Zur M\u{FC}hle")]])
        }
    }
}
