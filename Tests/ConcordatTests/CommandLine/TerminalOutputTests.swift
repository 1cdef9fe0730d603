import Testing

@testable import concordat

@Suite("Command line: what a terminal shows") struct TerminalOutputTests {
    private let table = TextTable(
        columns: ["id", "what was asked", "people"],
        rows: [
            ["1", "how many people have diabetes, by practice and by sex", "12345"],
            ["2", "SELECT-without-any-place-to-break-it", "withheld"],
        ])

    @Test func aTableIsAsWideAsItHasToBe() {
        #expect(
            table.text(width: nil) == """
                id  what was asked                                           people
                --  -----------------------------------------------------  --------
                 1  how many people have diabetes, by practice and by sex     12345
                 2  SELECT-without-any-place-to-break-it                   withheld

                """)
    }

    @Test func aTableFitsATerminalAndLosesNothing() {
        #expect(
            table.text(width: 40) == """
                id  what was asked                people
                --  --------------------------  --------
                 1  how many people have           12345
                    diabetes, by practice and
                    by sex
                 2  SELECT-without-any-place-t  withheld
                    o-break-it

                """)
        // What cannot be narrower stays whole: numbers, and eight characters of a text.
        #expect(table.text(width: 5).contains("withheld\n"))
        for width in 25...70 {
            let lines = table.text(width: width).split(separator: "\n")
            #expect(lines.allSatisfy { $0.count <= width })
        }
    }

    @Test func progressTellsRateAndTimeLeft() {
        #expect(
            ProgressWords.line("ingesting", 250_000_000, of: 1_000_000_000, unit: "bytes", seconds: 2)
                == "ingesting [######..................] 25 % 250 MB 125 MB/s 6 s left")
        #expect(
            ProgressWords.line("ingesting", 40_000, of: 0, unit: "rows", seconds: 4)
                == "ingesting 40000 rows 10000 rows/s")
        #expect(
            ProgressWords.line("asking", 1, of: 3, unit: "of 3 sites", seconds: 0.2)
                == "asking [########................] 33 % of 3 sites")
        #expect(
            ProgressWords.line("fetching files", 1, of: 50, unit: "12 MB", seconds: 100)
                == "fetching files [........................] 2 % 12 MB")
        #expect(
            ProgressWords.line("counting", 1, of: 40, unit: "", seconds: 100).hasSuffix("2 % 1 h 5 min left"))
    }
}
