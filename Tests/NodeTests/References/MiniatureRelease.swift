import Foundation

@testable import Node

/// Releases of terminologies in small, in the very layouts of the large ones.
enum MiniatureRelease {
    /// Of the international edition: concept, what it is a kind of, its name. All rows are of 2025-07-01.
    static let international: [(concept: Int, parent: Int?, name: String)] = [
        (138_875_005, nil, "SNOMED CT Concept (SNOMED RT+CTV3)"),
        (404_684_003, 138_875_005, "Clinical finding (finding)"),
        (38_341_003, 404_684_003, "Hypertensive disorder, systemic arterial (disorder)"),
        (59_621_000, 38_341_003, "Essential hypertension (disorder)"),
        (1_201_005, 59_621_000, "Benign essential hypertension (disorder)"),
        (73_211_009, 404_684_003, "Diabetes mellitus (disorder)"),
        (44_054_006, 73_211_009, "Diabetes mellitus type 2 (disorder)"),
    ]

    /// What the UK's module adds, of 2026-04-01: a kind of hypertension; that type 2 was a kind of diabetes ends there.
    static let british: [(concept: Int, parent: Int?, name: String)] = [
        (1_066_911_000_000_100, 38_341_003, "Hypertension of the United Kingdom (disorder)")
    ]

    private static let concepts = "id\teffectiveTime\tactive\tmoduleId\tdefinitionStatusId"
    private static let relationships =
        "id\teffectiveTime\tactive\tmoduleId\tsourceId\tdestinationId\trelationshipGroup\ttypeId\t"
        + "characteristicTypeId\tmodifierId"
    private static let descriptions =
        "id\teffectiveTime\tactive\tmoduleId\tconceptId\tlanguageCode\ttypeId\tterm\tcaseSignificanceId"

    /// A folder with both modules.
    /// - Parameter endsDiabetes: whether the UK's module takes type 2 from diabetes.
    static func snomed(at root: String, endsDiabetes: Bool = false) throws {
        try write(
            international, to: root + "/SnomedCT_InternationalRF2/Snapshot/Terminology", "INT_20250701",
            time: "20250701",
            extra: [
                // A concept that is no longer used, and a tie that is none of is-a.
                "Concept": ["999001\t20240101\t0\t900000000000207008\t900000000000074008"],
                "Relationship": [
                    "77001\t20250701\t1\t900000000000207008\t1201005\t404684003\t0\t363698007\t900000000000011006\t900000000000451002",
                    "77002\t20250701\t1\t900000000000207008\t999001\t404684003\t0\t116680003\t900000000000011006\t900000000000451002",
                ],
            ])
        // The tie of the last international concept: its identifier in the file below.
        let ended =
            "6\t20260401\t0\t999000011000000103\t44054006\t73211009\t0\t116680003\t900000000000011006\t900000000000451002"
        try write(
            british, to: root + "/SnomedCT_UKClinicalRF2/Snapshot/Terminology", "GB1000000_20260401",
            time: "20260401", from: 100, extra: endsDiabetes ? ["Relationship": [ended]] : [:])
    }

    private static func write(
        _ rows: [(concept: Int, parent: Int?, name: String)], to folder: String, _ suffix: String,
        time: String, from: Int = 0, extra: [String: [String]]
    ) throws {
        let module = "900000000000207008"
        var files = ["Concept": [concepts], "Relationship": [relationships], "Description": [descriptions]]
        for (place, row) in rows.enumerated() {
            let id = from + place
            files["Concept"]?.append("\(row.concept)\t\(time)\t1\t\(module)\t900000000000074008")
            if let parent = row.parent {
                files["Relationship"]?.append(
                    "\(id)\t\(time)\t1\t\(module)\t\(row.concept)\t\(parent)\t0\t116680003\t900000000000011006\t900000000000451002"
                )
            }
            files["Description"]?.append(
                "\(id)1\t\(time)\t1\t\(module)\t\(row.concept)\ten\t900000000000003001\t\(row.name)\t900000000000448009"
            )
            files["Description"]?.append(
                "\(id)2\t\(time)\t1\t\(module)\t\(row.concept)\ten\t900000000000013009\tA synonym\t900000000000448009"
            )
        }
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        for (kind, lines) in files {
            let language = kind == "Description" ? "-en" : ""
            let text = (lines + (extra[kind] ?? [])).map { $0 + "\r\n" }.joined()
            try Data(text.utf8).write(
                to: URL(filePath: "\(folder)/sct2_\(kind)_Snapshot\(language)_\(suffix).txt"))
        }
    }

    /// A dm+d release: one substance, two products, three actual ones, and a pack.
    static func medicines(at folder: String) throws {
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        func file(_ name: String, _ text: String) throws {
            let xml = "<?xml version=\"1.0\" encoding=\"utf-8\" ?>\n<!-- made by a test -->\n" + text
            try Data(xml.utf8).write(to: URL(filePath: "\(folder)/f_\(name)2_3040426.xml"))
        }
        try file(
            "vtm",
            "<VIRTUAL_THERAPEUTIC_MOIETIES><VTM><VTMID>777483005</VTMID><NM>Salbutamol</NM></VTM></VIRTUAL_THERAPEUTIC_MOIETIES>"
        )
        try file(
            "vmp",
            """
            <VIRTUAL_MED_PRODUCTS><VMPS>
            <VMP><VPID>39113611000001102</VPID><VTMID>777483005</VTMID><NM>Salbutamol 100micrograms/dose inhaler</NM></VMP>
            <VMP><VPID>42206511000001102</VPID><INVALID>1</INVALID><NM>Apple &amp; pear 5mg</NM></VMP>
            </VMPS><VIRTUAL_PRODUCT_INGREDIENT><VPI><VPID>39113611000001102</VPID><ISID>372897005</ISID></VPI></VIRTUAL_PRODUCT_INGREDIENT>
            </VIRTUAL_MED_PRODUCTS>
            """)
        try file(
            "amp",
            """
            <ACTUAL_MEDICINAL_PRODUCTS><AMPS>
            <AMP><APID>222311000001102</APID><VPID>39113611000001102</VPID><NM>Ventolin</NM><DESC>Ventolin Evohaler</DESC></AMP>
            <AMP><APID>3214311000001108</APID><VPID>39113611000001102</VPID><NM>Airomir</NM></AMP>
            </AMPS></ACTUAL_MEDICINAL_PRODUCTS>
            """)
    }

    /// Packs a folder by the tool that every machine of ours has.
    static func pack(_ folder: String, to archive: String) throws {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = ["python3", "-m", "zipfile", "-c", archive, folder]
        try process.run()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else {
            throw TestFailure(description: "python3 -m zipfile failed: apt-get install python3")
        }
    }
}
