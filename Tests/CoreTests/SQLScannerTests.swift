import Core
import Testing

@Suite struct SQLScannerTests {
    @Test(
        arguments: [
            ("", []), (" ; ;\n-- ;\n/* ; /* ; */ ; */", []), ("SELECT 1", ["SELECT 1"]),
            ("SELECT ';'; SHOW x;", ["SELECT ';'", " SHOW x"]),
            ("a \"b;c\" ; d 'it''s;' ; e", ["a \"b;c\" ", " d 'it''s;' ", " e"]),
            ("SELECT $$;$$, $t$;$$;$t$; b", ["SELECT $$;$$, $t$;$$;$t$", " b"]),
            (#"SELECT E'\';', '\'; b"#, [#"SELECT E'\';', '\'"#, " b"]),
            ("SELECT 'open ; b", ["SELECT 'open ; b"]),
        ] as [(String, [String])])
    func statementsEndAtTheirSemicolons(_ sql: String, _ expected: [String]) {
        #expect(SQLScanner.statements(sql).map(\.text) == expected)
    }

    @Test func offsetsCountCharacters() {
        #expect(SQLScanner.statements("SELECT 'é😀'; b").map(\.offset) == [0, 12])
    }

    @Test func tokensAreFoldedAsPostgreSQLFoldsThem() {
        let tokens = SQLScanner.tokens("SeLeCt \"A\"\"b\", 'x''y', 1.5e-3, $12::INT -- end")
        #expect(tokens.map(\.text) == ["select", "A\"b", ",", "x'y", ",", "1.5e-3", ",", "12", "::", "int"])
        #expect(tokens.map(\.kind)[7] == .parameter)
        #expect(SQLScanner.tokens("a$1 $1").map(\.kind) == [.word, .parameter])
    }

    /// Whatever the bytes, it ends, and its tokens lie in order.
    @Test func nothingTrapsIt() {
        var state: UInt64 = 1
        let letters = Array("'\"$;-/*a1\\E \n(é.")
        for seed in 0..<2_000 {
            var sql = ""
            for _ in 0..<30 {
                state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                sql.append(letters[Int(state >> 33) % letters.count])
            }
            let tokens = SQLScanner.tokens(sql)
            let isOrdered = zip(tokens, tokens.dropFirst()).allSatisfy {
                $0.range.upperBound <= $1.range.lowerBound
            }
            #expect(
                isOrdered && tokens.allSatisfy { $0.range.upperBound <= sql.utf8.count },
                "seed \(seed): \(sql)")
        }
    }
}
