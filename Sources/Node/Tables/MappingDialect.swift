internal import Core

/// How an expression of a mapping is written for the engine that maps the rows: DuckDB where tables are taken in,
/// PostgreSQL where they are shown as views. Both answer NULL for what cannot be converted; nothing raises an error.
///
/// PostgreSQL's functions are those of `MappingDialect.functions`.
enum MappingDialect: Sendable {
    case duckdb
    case postgresql

    func text(_ sql: String, of type: ColumnType) -> String {
        // DuckDB writes 1.0.
        self == .postgresql && type == .double ? "mapped.number_text(\(sql))" : "CAST(\(sql) AS VARCHAR)"
    }

    /// As double precision; the value itself if it is a number.
    func number(_ sql: String, of type: ColumnType) -> String {
        switch (self, type) {
        case (.duckdb, _): "TRY_CAST(\(sql) AS DOUBLE)"
        case (.postgresql, .text): "mapped.number(\(sql))"
        case (.postgresql, _): "CAST(\(sql) AS DOUBLE PRECISION)"
        }
    }

    func finite(_ number: String) -> String {
        self == .duckdb ? "CASE WHEN isfinite(\(number)) THEN \(number) END" : number
    }

    func whole(_ number: String, _ type: ColumnType) -> String {
        let name = MappingCompiler.sql(type)
        switch self {
        case .duckdb: return "CASE WHEN \(number) = floor(\(number)) THEN TRY_CAST(\(number) AS \(name)) END"
        case .postgresql:
            let most = type == .integer ? "2147483647" : "9223372036854774784"
            return "CASE WHEN \(number) = floor(\(number)) AND abs(\(number)) <= \(most) "
                + "THEN CAST(\(number) AS \(name)) END"
        }
    }

    /// Never IN: of a list of six DuckDB makes a join.
    func contains(_ list: [String], _ value: String) -> String {
        let all = list.joined(separator: ", ")
        guard self == .postgresql else { return "list_contains([\(all)], \(value))" }
        return list.isEmpty ? "false" : "(\(value) = ANY (ARRAY[\(all)]))"
    }

    func arithmetic(_ left: String, _ sign: String, _ right: String) -> String {
        guard self == .postgresql else { return "(\(left) \(sign) \(right))" }
        return "mapped.arithmetic(\(left), '\(sign)', \(right))"
    }

    func round(_ number: String) -> String {
        self == .duckdb ? "round(\(number))" : "CAST(round(CAST(\(number) AS numeric)) AS DOUBLE PRECISION)"
    }

    /// The first group of the first place that fits.
    func extract(_ text: String, _ pattern: String) -> String {
        self == .duckdb ? "regexp_extract(\(text), '\(pattern)', 1)" : "substring(\(text) FROM '\(pattern)')"
    }

    /// A text as a moment by the first of these formats of strptime that it has.
    func moment(_ text: String, _ formats: [String]) -> String {
        guard self == .postgresql else {
            return "try_strptime(\(text), [\(formats.map(SQLQuoting.literal).joined(separator: ", "))])"
        }
        let known = formats.compactMap(DateFormat.init)
        let patterns = known.map { SQLQuoting.literal($0.pattern) }.joined(separator: ", ")
        let parts = known.map { SQLQuoting.literal($0.parts) }.joined(separator: ", ")
        return "mapped.moment(\(text), ARRAY[\(patterns)], ARRAY[\(parts)])"
    }

    /// The day after this one: what is later is in the future in every time zone. A view asks each time that it is read.
    var tomorrow: String {
        self == .postgresql
            ? "CURRENT_DATE + 1" : "DATE '\(Civil.formatDate(Int(Clock.days(Clock.now)) + 1))'"
    }

    /// Whether all of a text fits.
    func matches(_ text: String, _ pattern: String) -> String {
        self == .duckdb ? "regexp_full_match(\(text), '\(pattern)')" : "\(text) ~ '^(\(pattern))$'"
    }

    /// Whether the text of a column is an NHS number, by `NHSNumber`'s rule: ten digits, the last by modulus 11 of the
    /// others.
    func isNumber(_ column: String) -> String {
        guard self == .duckdb else { return "mapped.is_nhs_number(\(column))" }
        let sum = (0..<9).map { "\(10 - $0) * TRY_CAST(substring(\(column), \($0 + 1), 1) AS INTEGER)" }
            .joined(separator: " + ")
        let last = "TRY_CAST(substring(\(column), 10, 1) AS INTEGER)"
        return "regexp_full_match(\(column), '[0-9]{10}') "
            + "AND coalesce((11 - (\(sum)) % 11) % 11 = \(last), false)"
    }

    /// Made once in a warehouse that has views.
    static let functions = """
        CREATE OR REPLACE FUNCTION mapped.number(t text) RETURNS double precision
        LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $f$
        BEGIN
          IF t !~ '^[+-]?([0-9]+[.]?[0-9]*|[.][0-9]+)([eE][+-]?[0-9]{1,5})?$' THEN RETURN NULL; END IF;
          RETURN CAST(t AS double precision);
        EXCEPTION WHEN numeric_value_out_of_range THEN RETURN NULL;
        END $f$;
        CREATE OR REPLACE FUNCTION mapped.number_text(n double precision) RETURNS text
        LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $f$
          SELECT CASE WHEN n = floor(n) AND abs(n) < 1e15 THEN CAST(n AS text) || '.0' ELSE CAST(n AS text) END
        $f$;
        CREATE OR REPLACE FUNCTION mapped.arithmetic(a double precision, sign text, b double precision)
        RETURNS double precision LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $f$
        BEGIN
          RETURN CASE sign WHEN '+' THEN a + b WHEN '-' THEN a - b WHEN '*' THEN a * b ELSE a / nullif(b, 0) END;
        EXCEPTION WHEN numeric_value_out_of_range THEN RETURN NULL;
        END $f$;
        CREATE OR REPLACE FUNCTION mapped.moment(t text, patterns text[], parts text[]) RETURNS timestamp
        LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $f$
        DECLARE
          found text[]; y int; m int; d int; h int; n int; s double precision; part text;
        BEGIN
          FOR i IN 1 .. coalesce(array_length(patterns, 1), 0) LOOP
            found := regexp_match(t, patterns[i]);
            CONTINUE WHEN found IS NULL;
            y := 1900; m := 1; d := 1; h := 0; n := 0; s := 0;
            FOR j IN 1 .. length(parts[i]) LOOP
              part := substr(parts[i], j, 1);
              CASE part
                WHEN 'Y' THEN y := CAST(found[j] AS int);
                WHEN 'y' THEN y := CAST(found[j] AS int); y := y + CASE WHEN y < 69 THEN 2000 ELSE 1900 END;
                WHEN 'm' THEN m := CAST(found[j] AS int);
                WHEN 'd' THEN d := CAST(found[j] AS int);
                WHEN 'H' THEN h := CAST(found[j] AS int);
                WHEN 'M' THEN n := CAST(found[j] AS int);
                WHEN 'S' THEN s := s + CAST(found[j] AS int);
                ELSE s := s + CAST('0.' || found[j] AS double precision);
              END CASE;
            END LOOP;
            CONTINUE WHEN y < 1 OR m NOT BETWEEN 1 AND 12 OR d < 1 OR h > 23 OR n > 59 OR s >= 60;
            CONTINUE WHEN d > extract(day FROM make_date(y, m, 1) + interval '1 month' - interval '1 day');
            RETURN make_timestamp(y, m, d, h, n, s);
          END LOOP;
          RETURN NULL;
        END $f$;
        CREATE OR REPLACE FUNCTION mapped.is_nhs_number(t text) RETURNS boolean
        LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $f$
        DECLARE total int := 0;
        BEGIN
          IF t !~ '^[0-9]{10}$' THEN RETURN false; END IF;
          FOR i IN 1 .. 9 LOOP total := total + (11 - i) * CAST(substr(t, i, 1) AS int); END LOOP;
          RETURN (11 - total % 11) % 11 = CAST(substr(t, 10, 1) AS int);
        END $f$;
        """
}

/// A format of strptime as a pattern of PostgreSQL and the parts that its groups stand for.
struct DateFormat {
    let pattern: String
    /// `Y`, `y`, `m`, `d`, `H`, `M`, `S`, `f`.
    let parts: String

    /// nil for a format with anything but numbers of these kinds.
    init?(_ format: String) {
        var (pattern, parts) = ("^", "")
        var rest = Substring(format)
        while let first = rest.popFirst() {
            guard first == "%" else {
                pattern += first.isLetter || first.isNumber || first == " " ? String(first) : "[\(first)]"
                if "^]\\[".contains(first) { return nil }
                continue
            }
            if rest.first == "-" { rest = rest.dropFirst() }
            switch rest.popFirst() {
            case "Y": (pattern, parts) = (pattern + "([0-9]{4})", parts + "Y")
            case "f": (pattern, parts) = (pattern + "([0-9]{1,9})", parts + "f")
            case let part? where "ymdHMS".contains(part):
                // Where another number follows at once, both digits are this one's.
                let digits = rest.first == "%" ? "{2}" : "{1,2}"
                (pattern, parts) = (pattern + "([0-9]\(digits))", parts + String(part))
            default: return nil
            }
        }
        (self.pattern, self.parts) = (pattern + "$", parts)
    }
}
