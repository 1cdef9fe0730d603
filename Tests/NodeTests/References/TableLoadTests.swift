import Catalog
import Core
import Foundation
import Testing

@testable import Node

/// Reference tables from the files in which they are published.
@Suite struct TableLoadTests {
    /// The rows that come of files, each of which is given by name and text.
    private func rows(
        _ files: [(name: String, text: String)], _ load: ([ReleaseFile]) throws -> LoadedTable
    ) throws -> (rows: [[String]], table: LoadedTable) {
        let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
        defer { try? FileManager.default.removeItem(at: folder) }
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        for file in files { try Data(file.text.utf8).write(to: folder.appending(path: file.name)) }
        let table = try load(files.map { ReleaseFile(path: folder.appending(path: $0.name).path) })
        return (try CSVReader.records(table.csv).map(\.fields), table)
    }

    @Test func deprivationOf2019() throws {
        let ranks =
            "\u{FEFF}LSOA code (2011),LSOA name (2011),Index of Multiple Deprivation (IMD) Rank,Index of Multiple Deprivation (IMD) Decile\r\n"
            + "E01000002,B,\"30,379\",10\r\nE01000001,A,\"29,199\",9\r\n"
        let people =
            "LSOA code (2011),Total population: mid 2015 (excluding prisoners),Dependent Children aged 0-15: mid 2015\n"
            + "E01000001,\"1,296\",175\nE01000002,\"1,156\",182\n"
        let found = try rows([("File_1.csv", ranks), ("File_6.csv", people)], DeprivationLoader.read)
        #expect(
            found.rows == [
                ["lsoa", "lsoa_year", "rank", "decile", "population"],
                ["E01000001", "2011", "29199", "9", "1296"], ["E01000002", "2011", "30379", "10", "1156"],
            ])
        #expect(found.table.version == "2019")
        #expect(found.table.notes == ["2 areas: the whole index has 32844"])
    }

    @Test func deprivationOf2025InOneFile() throws {
        let text =
            "LSOA code (2021),LSOA name (2021),Local Authority District code (2024),Local Authority District name (2024),"
            + "Index of Multiple Deprivation (IMD) Score,Index of Multiple Deprivation (IMD) Rank (where 1 is most deprived),"
            + "Index of Multiple Deprivation (IMD) Decile (where 1 is most deprived 10% of LSOAs),Income Score (rate),"
            + "Income Rank (where 1 is most deprived),Total population: mid 2022\n"
            + "E01035716,A,E06000001,Hartlepool,60.1,12,1,0.2,99,1834\n"
        let found = try rows([("File_7_IoD2025.csv", text)], DeprivationLoader.read)
        #expect(found.rows.last == ["E01035716", "2021", "12", "1", "1834"])
        #expect(found.table.version == "2025")
    }

    struct Fault: Sendable {
        let text: String
        let says: String
    }

    @Test(arguments: [
        Fault(
            text: "a,b\n1,2\n",
            says: "f.csv: line 1: has no column for LSOA codes, such as 'LSOA code (2011)'"),
        Fault(
            text:
                "LSOA code (2011),Index of Multiple Deprivation Rank,Index of Multiple Deprivation Decile\nW01000001,1,1\n",
            says: "f.csv: line 2: 'W01000001' is no code of an English LSOA"),
        Fault(
            text:
                "LSOA code (2011),Index of Multiple Deprivation Rank,Index of Multiple Deprivation Decile\nE01000001,1,11\n",
            says: "f.csv: line 2: 11 is no decile"),
        Fault(
            text:
                "LSOA code (2011),Index of Multiple Deprivation Rank,Index of Multiple Deprivation Decile\nE01000001,x,1\n",
            says: "f.csv: line 2: 'x' is no rank"),
        Fault(
            text: "LSOA code (2011),Index of Multiple Deprivation Rank,Index of Multiple Deprivation Decile\n"
                + "E01000001,1,1\nE01000001,2,1\n", says: "f.csv: line 3: E01000001 is there twice"),
        Fault(
            text: "LSOA code (2011),Total population\nE01000001,5\n",
            says: "no file has ranks: name File 7, or File 1 (and File 6 for populations)"),
    ])
    func faultsOfDeprivation(fault: Fault) {
        do {
            _ = try rows([("f.csv", fault.text)], DeprivationLoader.read)
            Issue.record("was taken")
        } catch {
            #expect("\(error)" == fault.says)
        }
    }

    /// A line of ODS's own 27 fields.
    private func standard(_ fields: [Int: String]) -> String {
        (1...27).map { fields[$0] ?? "" }.joined(separator: ",") + "\n"
    }

    @Test func organisationsOfSeveralFilesAreOneTree() throws {
        let found = try rows(
            [
                (
                    "epraccur.csv",
                    standard([
                        1: "A81001", 2: "THE DENSHAM SURGERY", 3: "Y63", 4: "QHM", 11: "19740401", 13: "A",
                        15: "16C", 26: "4",
                    ])
                        + standard([
                            1: "A81634", 2: "A COST CENTRE", 4: "QHM", 11: "20010401", 12: "20200331",
                            15: "16C", 26: "1",
                        ])
                ),
                (
                    "pcn_core_partners.csv",
                    "Partner Organisation Code,Partner Name,Practice Parent Sub ICB Loc Code,PCN Code,PCN Name,PCN Parent Sub ICB Loc Code\n"
                        + "A81001,THE DENSHAM SURGERY,16C,U71620,STOCKTON PCN,16C\n"
                ),
                ("icbs.csv", "ods_code,gss_code,name\nQHM,E54000050,\"NHS NORTH EAST, AND MORE\"\n"),
                (
                    "nhs_england_regions.csv",
                    "NHS_ENGLAND_REGION_ONS_CODE,NHS_ENGLAND_REGION_CODE,NHS_ENGLAND_REGION_NAME\nE40000012,Y63,North East and Yorkshire\n"
                ),
                (
                    "icb_local_authorities.csv",
                    "NHS England Region,NHS England Region Code,ODS ICB Code,ICB Name,Sub ICB Locations (formerly CCGs),ODS Sub ICB Code,NHS Trusts,ODS Trust Code\n"
                        + "North East and Yorkshire,Y63,QHM,NHS NORTH EAST,TEES VALLEY,16C,North Tees,RVW\n"
                ),
                (
                    "etr.csv",
                    standard([1: "RVW", 2: "NORTH TEES NHS FT", 3: "Y63", 4: "QHM", 11: "20071201"])
                ),
            ], OrganisationLoader.read)
        #expect(
            found.rows == [
                ["code", "name", "role", "parent", "start", "end"],
                ["16C", "TEES VALLEY", "sub-icb", "QHM", "", ""],
                ["A81001", "THE DENSHAM SURGERY", "practice", "U71620", "1974-04-01", ""],
                ["A81634", "A COST CENTRE", "other", "16C", "2001-04-01", "2020-03-31"],
                ["QHM", "NHS NORTH EAST, AND MORE", "icb", "Y63", "", ""],
                ["RVW", "North Tees", "trust", "QHM", "2007-12-01", ""],
                ["U71620", "STOCKTON PCN", "pcn", "16C", "", ""],
                ["Y63", "North East and Yorkshire", "region", "", "", ""],
            ])
    }

    @Test func populationsBySingleYearAndByFive() throws {
        let single = "EXTRACT_DATE,CCG_CODE,ONS_CCG_CODE,ORG_CODE,POSTCODE,SEX,AGE,NUMBER_OF_PATIENTS\n"
        let found = try rows(
            [
                (
                    "gp-reg-pat-prac-sing-age-male.csv",
                    single + "01APR2026,16C,E38000247,A81001,TS18 1HU,MALE,ALL,2005\n"
                        + "01APR2026,16C,E38000247,A81001,TS18 1HU,MALE,0,17\n01APR2026,16C,E38000247,A81001,TS18 1HU,MALE,95+,3\n"
                ),
                (
                    "gp-reg-pat-prac-sing-age-female.csv",
                    single + "01APR2026,16C,E38000247,A81001,TS18 1HU,FEMALE,0,21\n"
                ),
            ], PracticePopulationLoader.read)
        #expect(
            found.rows == [
                ["practice", "sex", "age", "people"], ["A81001", "female", "0", "21"],
                ["A81001", "male", "0", "17"], ["A81001", "male", "95", "3"],
            ])
        #expect(found.table.version == "2026-04")
        #expect(found.table.origin.asAt == "2026-04-01")
        let five = try rows(
            [
                (
                    "gp-reg-pat-prac-quin-age.csv",
                    "PUBLICATION,EXTRACT_DATE,ORG_TYPE,ORG_CODE,ONS_CODE,POSTCODE,SEX,AGE_GROUP_5,NUMBER_OF_PATIENTS\n"
                        + "GP_PRAC_PAT_LIST,01APR2026,ICB,QHM,E54000050,,FEMALE,0_4,99\n"
                        + "GP_PRAC_PAT_LIST,01APR2026,GP,A81001,,TS18 1HU,ALL,ALL,4097\n"
                        + "GP_PRAC_PAT_LIST,01APR2026,GP,A81001,,TS18 1HU,FEMALE,5_9,110\n"
                )
            ], PracticePopulationLoader.read)
        #expect(five.rows.dropFirst() == [["A81001", "female", "5", "110"]])
        #expect(five.table.notes.count == 2)
    }

    @Test func listsInTheirLayouts() throws {
        func list(_ text: String) throws -> (rows: [[String]], table: LoadedTable) {
            try rows([("list.csv", text)]) { try CodelistLoader.read($0[0], name: "x").table }
        }
        let plain = try list("code,term\n 1 ,\"A, b\"\n2,B\n1,A again\n")
        #expect(plain.rows == [["code", "term"], ["1", "A, b"], ["2", "B"]])
        #expect(plain.table.notes == ["1 repeated codes taken once: 1"])
        #expect(try list("snomedcode,name,other\n5,Five,x\n").rows == [["code", "term"], ["5", "Five"]])
        #expect(
            try list("Code,Term,code_system\nI10,Hypertension,http://hl7.org/fhir/sid/icd-10\n").rows.last
                == ["I10", "Hypertension", "http://hl7.org/fhir/sid/icd-10"])
        for (text, says) in [
            ("code,term\n,Nothing\n", "list.csv: line 2: has no code: take the line out, or fill it"),
            (
                "code,term\n1.06691E+15,Rounded\n",
                "list.csv: line 2: '1.06691E+15' was rounded by a spreadsheet: export the list as text again"
            ),
            ("a,b\n1,2\n", "list.csv: line 1: has no column for codes: call it 'code'"),
            ("code,term\n", "list.csv has no code"),
        ] {
            do {
                _ = try list(text)
                Issue.record("was taken: \(text)")
            } catch {
                #expect("\(error)" == says)
            }
        }
    }

    @Test(arguments: [
        ("2026-04-01", "2026-04-01"), ("20260401", "2026-04-01"), ("01APR2026", "2026-04-01"),
        ("1-Apr-2026", "2026-04-01"), ("01/04/2026", "2026-04-01"), ("31/02/2026", nil), ("April", nil),
        ("", nil),
    ])
    func daysAsTheyAreWritten(text: String, iso: String?) {
        #expect(OutsideDate.iso(text) == iso)
    }

    /// The published index itself, and lists of OpenCodelists as they are downloaded.
    @Test(.enabled(if: OutsideData.isHere, "CONCORDAT_OUTSIDE_DATA names no data"))
    func whatIsPublishedIsTaken() throws {
        func files(_ folder: String, _ suffix: String) throws -> [ReleaseFile] {
            try ReleaseFiles([OutsideData.path("reference/" + folder)]).named { $0.hasSuffix(suffix) }
        }
        let imd = try DeprivationLoader.read(
            ["1_-_IMD2019_Index_of_Multiple_Deprivation", "6_-_IoD2019_Population_Denominators"].map {
                ReleaseFile(path: OutsideData.path("reference/imd/File_\($0).csv.gz"))
            })
        let rows = try CSVReader.records(imd.csv).map(\.fields)
        #expect(rows.count == 32_845)
        #expect(rows[1] == ["E01000001", "2011", "29199", "9", "1296"])
        #expect(imd.notes.isEmpty)
        let ods = try OrganisationLoader.read(try files("ods", ".csv"))
        let organisations = try CSVReader.records(ods.csv).map(\.fields)
        #expect(organisations.count { $0[2] == "trust" } == 242)
        #expect(organisations.count { $0[2] == "icb" } == 42)
        let lists = try files("codelists", ".csv")
        #expect(lists.count > 20)
        for list in lists { #expect(try CodelistLoader.read(list, name: "x").codes > 0, "\(list.name)") }
    }
}
