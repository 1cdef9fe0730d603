# patients by sex
SELECT p.sex,
  count(*) AS n,
  count(DISTINCT p.person) AS people,
  avg(extract(year FROM p.birth_date)) AS year
FROM patient AS p
WHERE extract(year FROM p.birth_date) >= 1950.0
  AND p.sex IS NOT NULL
GROUP BY p.sex;

-- duckdb full
SELECT k0,
  count(*) AS people,
  CAST(coalesce(sum(record_key), 0) % 256 AS integer) AS ckey,
  CAST(coalesce(sum(n0), 0) AS bigint) AS a0_n,
  count(*) AS a0_c,
  CAST(coalesce(sum(record_key), 0) % 256 AS integer) AS a0_k,
  CASE WHEN count(*) >= 1 THEN 1e0 ELSE 0e0 END AS a0_m1,
  CASE WHEN count(*) >= 2 THEN 1e0 ELSE 0e0 END AS a0_m2,
  CAST(coalesce(sum(n1), 0) AS bigint) AS a1_n,
  count(*) AS a1_c,
  CAST(coalesce(sum(record_key), 0) % 256 AS integer) AS a1_k,
  CASE WHEN count(*) >= 1 THEN 1e0 ELSE 0e0 END AS a1_m1,
  CASE WHEN count(*) >= 2 THEN 1e0 ELSE 0e0 END AS a1_m2,
  CAST(coalesce(sum(n2), 0) AS bigint) AS a2_n,
  CAST(coalesce(sum(s2), 0) AS double) AS a2_s,
  count(*) FILTER (WHERE e2 > 0) AS a2_c,
  CAST(coalesce(sum(record_key) FILTER (WHERE e2 > 0), 0) % 256 AS integer) AS a2_k,
  coalesce(max(CAST(abs(s2) AS double), 2)[1], 0) AS a2_m1,
  coalesce(max(CAST(abs(s2) AS double), 2)[2], 0) AS a2_m2
FROM (
  SELECT person_id,
    k0,
    record_key,
    1 AS n0,
    1 AS n1,
    CASE WHEN CASE WHEN x2 < 1900.0e0 THEN 1900.0e0 WHEN x2 > 2026.0e0 THEN 2026.0e0 ELSE x2 END IS NOT NULL THEN 1 ELSE 0 END AS n2,
    CASE WHEN x2 < 1900.0e0 THEN 1900.0e0 WHEN x2 > 2026.0e0 THEN 2026.0e0 ELSE x2 END AS s2,
    CASE WHEN CASE WHEN x2 < 1900.0e0 THEN 1900.0e0 WHEN x2 > 2026.0e0 THEN 2026.0e0 ELSE x2 END IS NOT NULL AND CASE WHEN x2 < 1900.0e0 THEN 1900.0e0 WHEN x2 > 2026.0e0 THEN 2026.0e0 ELSE x2 END <> 1900.0e0 THEN 1 ELSE 0 END AS e2
  FROM (
    SELECT p.person_id,
      p.record_key,
      p.sex AS k0,
      CAST(date_part('year', p.birth_date) AS double) AS x2
    FROM snapshot_1.patient AS p
    WHERE p.allowed_national_data_opt_out
      AND NOT EXISTS (
      SELECT 1
      FROM snapshot_1.objections AS objections
      WHERE objections.person_id = p.person_id
    )
      AND CAST(date_part('year', p.birth_date) AS double) >= 1950.0e0
      AND p.sex IS NOT NULL
  ) AS r
) AS p
GROUP BY k0;

-- duckdb allowed
SELECT k0,
  count(*) AS people,
  CAST(coalesce(sum(record_key), 0) % 256 AS integer) AS ckey,
  CAST(coalesce(sum(n0), 0) AS bigint) AS a0_n,
  count(*) AS a0_c,
  CAST(coalesce(sum(record_key), 0) % 256 AS integer) AS a0_k,
  CASE WHEN count(*) >= 1 THEN 1e0 ELSE 0e0 END AS a0_m1,
  CASE WHEN count(*) >= 2 THEN 1e0 ELSE 0e0 END AS a0_m2,
  CAST(coalesce(sum(n1), 0) AS bigint) AS a1_n,
  count(*) AS a1_c,
  CAST(coalesce(sum(record_key), 0) % 256 AS integer) AS a1_k,
  CASE WHEN count(*) >= 1 THEN 1e0 ELSE 0e0 END AS a1_m1,
  CASE WHEN count(*) >= 2 THEN 1e0 ELSE 0e0 END AS a1_m2,
  CAST(coalesce(sum(n2), 0) AS bigint) AS a2_n,
  CAST(coalesce(sum(s2), 0) AS double) AS a2_s,
  count(*) FILTER (WHERE e2 > 0) AS a2_c,
  CAST(coalesce(sum(record_key) FILTER (WHERE e2 > 0), 0) % 256 AS integer) AS a2_k,
  coalesce(max(CAST(abs(s2) AS double), 2)[1], 0) AS a2_m1,
  coalesce(max(CAST(abs(s2) AS double), 2)[2], 0) AS a2_m2
FROM (
  SELECT person_id,
    k0,
    record_key,
    1 AS n0,
    1 AS n1,
    CASE WHEN CASE WHEN x2 < 1900.0e0 THEN 1900.0e0 WHEN x2 > 2026.0e0 THEN 2026.0e0 ELSE x2 END IS NOT NULL THEN 1 ELSE 0 END AS n2,
    CASE WHEN x2 < 1900.0e0 THEN 1900.0e0 WHEN x2 > 2026.0e0 THEN 2026.0e0 ELSE x2 END AS s2,
    CASE WHEN CASE WHEN x2 < 1900.0e0 THEN 1900.0e0 WHEN x2 > 2026.0e0 THEN 2026.0e0 ELSE x2 END IS NOT NULL AND CASE WHEN x2 < 1900.0e0 THEN 1900.0e0 WHEN x2 > 2026.0e0 THEN 2026.0e0 ELSE x2 END <> 1900.0e0 THEN 1 ELSE 0 END AS e2
  FROM (
    SELECT p.person_id,
      p.record_key,
      p.sex AS k0,
      CAST(date_part('year', p.birth_date) AS double) AS x2
    FROM snapshot_1.patient AS p
    WHERE p.allowed_national_data_opt_out
      AND CAST(date_part('year', p.birth_date) AS double) >= 1950.0e0
      AND p.sex IS NOT NULL
  ) AS r
) AS p
GROUP BY k0;

-- duckdb plain
SELECT k0,
  count(*) AS people,
  CAST(coalesce(sum(n0), 0) AS bigint) AS a0_n,
  CAST(coalesce(sum(n1), 0) AS bigint) AS a1_n,
  CAST(coalesce(sum(n2), 0) AS bigint) AS a2_n,
  CAST(coalesce(sum(s2), 0) AS double) AS a2_s
FROM (
  SELECT person_id,
    k0,
    1 AS n0,
    1 AS n1,
    CASE WHEN CASE WHEN abs(x2) < 1e150 THEN x2 END IS NOT NULL THEN 1 ELSE 0 END AS n2,
    CASE WHEN abs(x2) < 1e150 THEN x2 END AS s2,
    CASE WHEN CASE WHEN abs(x2) < 1e150 THEN x2 END IS NOT NULL AND CASE WHEN abs(x2) < 1e150 THEN x2 END <> 1900.0e0 THEN 1 ELSE 0 END AS e2
  FROM (
    SELECT p.person_id, p.sex AS k0, CAST(date_part('year', p.birth_date) AS double) AS x2
    FROM snapshot_1.patient AS p
    WHERE CAST(date_part('year', p.birth_date) AS double) >= 1950.0e0
      AND p.sex IS NOT NULL
  ) AS r
) AS p
GROUP BY k0;

-- duckdb cohort
SELECT k0, q.person, n1 > 0 AS d1
FROM (
  SELECT person_id,
    k0,
    1 AS n0,
    1 AS n1,
    CASE WHEN CASE WHEN abs(x2) < 1e150 THEN x2 END IS NOT NULL THEN 1 ELSE 0 END AS n2,
    CASE WHEN abs(x2) < 1e150 THEN x2 END AS s2,
    CASE WHEN CASE WHEN abs(x2) < 1e150 THEN x2 END IS NOT NULL AND CASE WHEN abs(x2) < 1e150 THEN x2 END <> 1900.0e0 THEN 1 ELSE 0 END AS e2
  FROM (
    SELECT p.person_id, p.sex AS k0, CAST(date_part('year', p.birth_date) AS double) AS x2
    FROM snapshot_1.patient AS p
    WHERE p.allowed_national_data_opt_out
      AND NOT EXISTS (
      SELECT 1
      FROM snapshot_1.objections AS objections
      WHERE objections.person_id = p.person_id
    )
      AND CAST(date_part('year', p.birth_date) AS double) >= 1950.0e0
      AND p.sex IS NOT NULL
  ) AS r
) AS p
JOIN snapshot_1.person AS q ON q.person_id = p.person_id;

-- postgresql full
SELECT k0,
  count(*) AS people,
  CAST(coalesce(sum(record_key), 0) % 256 AS integer) AS ckey,
  CAST(coalesce(sum(n0), 0) AS bigint) AS a0_n,
  count(*) AS a0_c,
  CAST(coalesce(sum(record_key), 0) % 256 AS integer) AS a0_k,
  CASE WHEN count(*) >= 1 THEN 1e0 ELSE 0e0 END AS a0_m1,
  CASE WHEN count(*) >= 2 THEN 1e0 ELSE 0e0 END AS a0_m2,
  CAST(coalesce(sum(n1), 0) AS bigint) AS a1_n,
  count(*) AS a1_c,
  CAST(coalesce(sum(record_key), 0) % 256 AS integer) AS a1_k,
  CASE WHEN count(*) >= 1 THEN 1e0 ELSE 0e0 END AS a1_m1,
  CASE WHEN count(*) >= 2 THEN 1e0 ELSE 0e0 END AS a1_m2,
  CAST(coalesce(sum(n2), 0) AS bigint) AS a2_n,
  CAST(coalesce(sum(s2), 0) AS double precision) AS a2_s,
  count(*) FILTER (WHERE e2 > 0) AS a2_c,
  CAST(coalesce(sum(record_key) FILTER (WHERE e2 > 0), 0) % 256 AS integer) AS a2_k,
  coalesce((array_agg(CAST(abs(s2) AS double precision) ORDER BY CAST(abs(s2) AS double precision) DESC NULLS LAST))[1], 0) AS a2_m1,
  coalesce((array_agg(CAST(abs(s2) AS double precision) ORDER BY CAST(abs(s2) AS double precision) DESC NULLS LAST))[2], 0) AS a2_m2
FROM (
  SELECT person_id,
    k0,
    record_key,
    1 AS n0,
    1 AS n1,
    CASE WHEN CASE WHEN x2 < CAST(1900.0 AS double precision) THEN CAST(1900.0 AS double precision) WHEN x2 > CAST(2026.0 AS double precision) THEN CAST(2026.0 AS double precision) ELSE x2 END IS NOT NULL THEN 1 ELSE 0 END AS n2,
    CASE WHEN x2 < CAST(1900.0 AS double precision) THEN CAST(1900.0 AS double precision) WHEN x2 > CAST(2026.0 AS double precision) THEN CAST(2026.0 AS double precision) ELSE x2 END AS s2,
    CASE WHEN CASE WHEN x2 < CAST(1900.0 AS double precision) THEN CAST(1900.0 AS double precision) WHEN x2 > CAST(2026.0 AS double precision) THEN CAST(2026.0 AS double precision) ELSE x2 END IS NOT NULL AND CASE WHEN x2 < CAST(1900.0 AS double precision) THEN CAST(1900.0 AS double precision) WHEN x2 > CAST(2026.0 AS double precision) THEN CAST(2026.0 AS double precision) ELSE x2 END <> CAST(1900.0 AS double precision) THEN 1 ELSE 0 END AS e2
  FROM (
    SELECT p.person_id, p.record_key, p.sex AS k0, date_part('year', p.birth_date) AS x2
    FROM snapshot_1.patient AS p
    WHERE p.allowed_national_data_opt_out
      AND NOT EXISTS (
      SELECT 1
      FROM snapshot_1.objections AS objections
      WHERE objections.person_id = p.person_id
    )
      AND date_part('year', p.birth_date) >= CAST(1950.0 AS double precision)
      AND p.sex IS NOT NULL
  ) AS r
) AS p
GROUP BY k0;

-- postgresql allowed
SELECT k0,
  count(*) AS people,
  CAST(coalesce(sum(record_key), 0) % 256 AS integer) AS ckey,
  CAST(coalesce(sum(n0), 0) AS bigint) AS a0_n,
  count(*) AS a0_c,
  CAST(coalesce(sum(record_key), 0) % 256 AS integer) AS a0_k,
  CASE WHEN count(*) >= 1 THEN 1e0 ELSE 0e0 END AS a0_m1,
  CASE WHEN count(*) >= 2 THEN 1e0 ELSE 0e0 END AS a0_m2,
  CAST(coalesce(sum(n1), 0) AS bigint) AS a1_n,
  count(*) AS a1_c,
  CAST(coalesce(sum(record_key), 0) % 256 AS integer) AS a1_k,
  CASE WHEN count(*) >= 1 THEN 1e0 ELSE 0e0 END AS a1_m1,
  CASE WHEN count(*) >= 2 THEN 1e0 ELSE 0e0 END AS a1_m2,
  CAST(coalesce(sum(n2), 0) AS bigint) AS a2_n,
  CAST(coalesce(sum(s2), 0) AS double precision) AS a2_s,
  count(*) FILTER (WHERE e2 > 0) AS a2_c,
  CAST(coalesce(sum(record_key) FILTER (WHERE e2 > 0), 0) % 256 AS integer) AS a2_k,
  coalesce((array_agg(CAST(abs(s2) AS double precision) ORDER BY CAST(abs(s2) AS double precision) DESC NULLS LAST))[1], 0) AS a2_m1,
  coalesce((array_agg(CAST(abs(s2) AS double precision) ORDER BY CAST(abs(s2) AS double precision) DESC NULLS LAST))[2], 0) AS a2_m2
FROM (
  SELECT person_id,
    k0,
    record_key,
    1 AS n0,
    1 AS n1,
    CASE WHEN CASE WHEN x2 < CAST(1900.0 AS double precision) THEN CAST(1900.0 AS double precision) WHEN x2 > CAST(2026.0 AS double precision) THEN CAST(2026.0 AS double precision) ELSE x2 END IS NOT NULL THEN 1 ELSE 0 END AS n2,
    CASE WHEN x2 < CAST(1900.0 AS double precision) THEN CAST(1900.0 AS double precision) WHEN x2 > CAST(2026.0 AS double precision) THEN CAST(2026.0 AS double precision) ELSE x2 END AS s2,
    CASE WHEN CASE WHEN x2 < CAST(1900.0 AS double precision) THEN CAST(1900.0 AS double precision) WHEN x2 > CAST(2026.0 AS double precision) THEN CAST(2026.0 AS double precision) ELSE x2 END IS NOT NULL AND CASE WHEN x2 < CAST(1900.0 AS double precision) THEN CAST(1900.0 AS double precision) WHEN x2 > CAST(2026.0 AS double precision) THEN CAST(2026.0 AS double precision) ELSE x2 END <> CAST(1900.0 AS double precision) THEN 1 ELSE 0 END AS e2
  FROM (
    SELECT p.person_id, p.record_key, p.sex AS k0, date_part('year', p.birth_date) AS x2
    FROM snapshot_1.patient AS p
    WHERE p.allowed_national_data_opt_out
      AND date_part('year', p.birth_date) >= CAST(1950.0 AS double precision)
      AND p.sex IS NOT NULL
  ) AS r
) AS p
GROUP BY k0;

-- postgresql plain
SELECT k0,
  count(*) AS people,
  CAST(coalesce(sum(n0), 0) AS bigint) AS a0_n,
  CAST(coalesce(sum(n1), 0) AS bigint) AS a1_n,
  CAST(coalesce(sum(n2), 0) AS bigint) AS a2_n,
  CAST(coalesce(sum(s2), 0) AS double precision) AS a2_s
FROM (
  SELECT person_id,
    k0,
    1 AS n0,
    1 AS n1,
    CASE WHEN CASE WHEN abs(x2) < 1e150 THEN x2 END IS NOT NULL THEN 1 ELSE 0 END AS n2,
    CASE WHEN abs(x2) < 1e150 THEN x2 END AS s2,
    CASE WHEN CASE WHEN abs(x2) < 1e150 THEN x2 END IS NOT NULL AND CASE WHEN abs(x2) < 1e150 THEN x2 END <> CAST(1900.0 AS double precision) THEN 1 ELSE 0 END AS e2
  FROM (
    SELECT p.person_id, p.sex AS k0, date_part('year', p.birth_date) AS x2
    FROM snapshot_1.patient AS p
    WHERE date_part('year', p.birth_date) >= CAST(1950.0 AS double precision)
      AND p.sex IS NOT NULL
  ) AS r
) AS p
GROUP BY k0;

-- postgresql cohort
SELECT k0, q.person, n1 > 0 AS d1
FROM (
  SELECT person_id,
    k0,
    1 AS n0,
    1 AS n1,
    CASE WHEN CASE WHEN abs(x2) < 1e150 THEN x2 END IS NOT NULL THEN 1 ELSE 0 END AS n2,
    CASE WHEN abs(x2) < 1e150 THEN x2 END AS s2,
    CASE WHEN CASE WHEN abs(x2) < 1e150 THEN x2 END IS NOT NULL AND CASE WHEN abs(x2) < 1e150 THEN x2 END <> CAST(1900.0 AS double precision) THEN 1 ELSE 0 END AS e2
  FROM (
    SELECT p.person_id, p.sex AS k0, date_part('year', p.birth_date) AS x2
    FROM snapshot_1.patient AS p
    WHERE p.allowed_national_data_opt_out
      AND NOT EXISTS (
      SELECT 1
      FROM snapshot_1.objections AS objections
      WHERE objections.person_id = p.person_id
    )
      AND date_part('year', p.birth_date) >= CAST(1950.0 AS double precision)
      AND p.sex IS NOT NULL
  ) AS r
) AS p
JOIN snapshot_1.person AS q ON q.person_id = p.person_id;

# observations
SELECT p.sex,
  o.code,
  o.site,
  count(*) AS n,
  avg(o.value_quantity) AS mean,
  sum(o.value_quantity) FILTER (WHERE o.value_quantity > CAST(140.0 AS double precision)) AS high,
  count(DISTINCT c.person) AS diabetic
FROM patient AS p
  JOIN observation AS o ON o.person = p.person
  LEFT JOIN condition AS c ON c.person = p.person AND in_codelist(c.code, 'diabetes')
GROUP BY p.sex, o.code, o.site;

-- duckdb full
SELECT k0,
  k1,
  k2,
  count(*) AS people,
  CAST(coalesce(sum(record_key), 0) % 256 AS integer) AS ckey,
  CAST(coalesce(sum(n0), 0) AS bigint) AS a0_n,
  count(*) AS a0_c,
  CAST(coalesce(sum(record_key), 0) % 256 AS integer) AS a0_k,
  coalesce(max(CAST(n0 AS double), 2)[1], 0) AS a0_m1,
  coalesce(max(CAST(n0 AS double), 2)[2], 0) AS a0_m2,
  CAST(coalesce(sum(n1), 0) AS bigint) AS a1_n,
  CAST(coalesce(sum(s1), 0) AS double) AS a1_s,
  count(*) FILTER (WHERE e1 > 0) AS a1_c,
  CAST(coalesce(sum(record_key) FILTER (WHERE e1 > 0), 0) % 256 AS integer) AS a1_k,
  coalesce(max(CAST(abs(s1) AS double), 2)[1], 0) AS a1_m1,
  coalesce(max(CAST(abs(s1) AS double), 2)[2], 0) AS a1_m2,
  CAST(coalesce(sum(n2), 0) AS bigint) AS a2_n,
  CAST(coalesce(sum(s2), 0) AS double) AS a2_s,
  count(*) FILTER (WHERE e2 > 0) AS a2_c,
  CAST(coalesce(sum(record_key) FILTER (WHERE e2 > 0), 0) % 256 AS integer) AS a2_k,
  coalesce(max(CAST(abs(s2) AS double), 2)[1], 0) AS a2_m1,
  coalesce(max(CAST(abs(s2) AS double), 2)[2], 0) AS a2_m2,
  CAST(coalesce(sum(n3), 0) AS bigint) AS a3_n,
  count(*) FILTER (WHERE n3 > 0) AS a3_c,
  CAST(coalesce(sum(record_key) FILTER (WHERE n3 > 0), 0) % 256 AS integer) AS a3_k,
  CASE WHEN count(*) FILTER (WHERE n3 > 0) >= 1 THEN 1e0 ELSE 0e0 END AS a3_m1,
  CASE WHEN count(*) FILTER (WHERE n3 > 0) >= 2 THEN 1e0 ELSE 0e0 END AS a3_m2
FROM (
  SELECT person_id,
    k0,
    k1,
    k2,
    min(record_key) AS record_key,
    count(*) AS n0,
    count(CASE WHEN x1 < 40.0e0 THEN 40.0e0 WHEN x1 > 300.0e0 THEN 300.0e0 ELSE x1 END) AS n1,
    sum(CASE WHEN x1 < 40.0e0 THEN 40.0e0 WHEN x1 > 300.0e0 THEN 300.0e0 ELSE x1 END) AS s1,
    count(*) FILTER (WHERE CASE WHEN x1 < 40.0e0 THEN 40.0e0 WHEN x1 > 300.0e0 THEN 300.0e0 ELSE x1 END <> 40.0e0) AS e1,
    count(CASE WHEN x2 < 40.0e0 THEN 40.0e0 WHEN x2 > 300.0e0 THEN 300.0e0 ELSE x2 END) FILTER (WHERE f2) AS n2,
    sum(CASE WHEN x2 < 40.0e0 THEN 40.0e0 WHEN x2 > 300.0e0 THEN 300.0e0 ELSE x2 END) FILTER (WHERE f2) AS s2,
    count(*) FILTER (WHERE CASE WHEN x2 < 40.0e0 THEN 40.0e0 WHEN x2 > 300.0e0 THEN 300.0e0 ELSE x2 END <> 40.0e0 AND f2) AS e2,
    CASE WHEN count(x3) > 0 THEN 1 ELSE 0 END AS n3
  FROM (
    SELECT p.person_id,
      p.record_key,
      p.sex AS k0,
      t1.c5 AS k1,
      t1.c7 AS k2,
      t1.c6 AS x1,
      t1.c6 AS x2,
      t1.c6 > 140.0e0 AS f2,
      c.person_id AS x3
    FROM snapshot_1.patient AS p
      JOIN (
        SELECT o.person_id AS c4, o.code AS c5, o.value_quantity AS c6, CAST('RJ1' AS varchar) AS c7
        FROM snapshot_1.observation AS o
        WHERE (o.code IN (SELECT code FROM codelist.restricted)) IS NOT TRUE
          AND (o.value_code IN (SELECT code FROM codelist.restricted)) IS NOT TRUE
      ) AS t1 ON t1.c4 = p.person_id
      LEFT JOIN snapshot_1.condition AS c ON c.person_id = p.person_id AND (c.code IN (SELECT code FROM codelist.restricted)) IS NOT TRUE AND c.code IN (SELECT code FROM codelist.diabetes)
    WHERE p.allowed_national_data_opt_out
      AND NOT EXISTS (
      SELECT 1
      FROM snapshot_1.objections AS objections
      WHERE objections.person_id = p.person_id
    )
  ) AS r
  GROUP BY person_id, k0, k1, k2
) AS p
GROUP BY k0, k1, k2;

-- duckdb allowed
SELECT k0,
  k1,
  k2,
  count(*) AS people,
  CAST(coalesce(sum(record_key), 0) % 256 AS integer) AS ckey,
  CAST(coalesce(sum(n0), 0) AS bigint) AS a0_n,
  count(*) AS a0_c,
  CAST(coalesce(sum(record_key), 0) % 256 AS integer) AS a0_k,
  coalesce(max(CAST(n0 AS double), 2)[1], 0) AS a0_m1,
  coalesce(max(CAST(n0 AS double), 2)[2], 0) AS a0_m2,
  CAST(coalesce(sum(n1), 0) AS bigint) AS a1_n,
  CAST(coalesce(sum(s1), 0) AS double) AS a1_s,
  count(*) FILTER (WHERE e1 > 0) AS a1_c,
  CAST(coalesce(sum(record_key) FILTER (WHERE e1 > 0), 0) % 256 AS integer) AS a1_k,
  coalesce(max(CAST(abs(s1) AS double), 2)[1], 0) AS a1_m1,
  coalesce(max(CAST(abs(s1) AS double), 2)[2], 0) AS a1_m2,
  CAST(coalesce(sum(n2), 0) AS bigint) AS a2_n,
  CAST(coalesce(sum(s2), 0) AS double) AS a2_s,
  count(*) FILTER (WHERE e2 > 0) AS a2_c,
  CAST(coalesce(sum(record_key) FILTER (WHERE e2 > 0), 0) % 256 AS integer) AS a2_k,
  coalesce(max(CAST(abs(s2) AS double), 2)[1], 0) AS a2_m1,
  coalesce(max(CAST(abs(s2) AS double), 2)[2], 0) AS a2_m2,
  CAST(coalesce(sum(n3), 0) AS bigint) AS a3_n,
  count(*) FILTER (WHERE n3 > 0) AS a3_c,
  CAST(coalesce(sum(record_key) FILTER (WHERE n3 > 0), 0) % 256 AS integer) AS a3_k,
  CASE WHEN count(*) FILTER (WHERE n3 > 0) >= 1 THEN 1e0 ELSE 0e0 END AS a3_m1,
  CASE WHEN count(*) FILTER (WHERE n3 > 0) >= 2 THEN 1e0 ELSE 0e0 END AS a3_m2
FROM (
  SELECT person_id,
    k0,
    k1,
    k2,
    min(record_key) AS record_key,
    count(*) AS n0,
    count(CASE WHEN x1 < 40.0e0 THEN 40.0e0 WHEN x1 > 300.0e0 THEN 300.0e0 ELSE x1 END) AS n1,
    sum(CASE WHEN x1 < 40.0e0 THEN 40.0e0 WHEN x1 > 300.0e0 THEN 300.0e0 ELSE x1 END) AS s1,
    count(*) FILTER (WHERE CASE WHEN x1 < 40.0e0 THEN 40.0e0 WHEN x1 > 300.0e0 THEN 300.0e0 ELSE x1 END <> 40.0e0) AS e1,
    count(CASE WHEN x2 < 40.0e0 THEN 40.0e0 WHEN x2 > 300.0e0 THEN 300.0e0 ELSE x2 END) FILTER (WHERE f2) AS n2,
    sum(CASE WHEN x2 < 40.0e0 THEN 40.0e0 WHEN x2 > 300.0e0 THEN 300.0e0 ELSE x2 END) FILTER (WHERE f2) AS s2,
    count(*) FILTER (WHERE CASE WHEN x2 < 40.0e0 THEN 40.0e0 WHEN x2 > 300.0e0 THEN 300.0e0 ELSE x2 END <> 40.0e0 AND f2) AS e2,
    CASE WHEN count(x3) > 0 THEN 1 ELSE 0 END AS n3
  FROM (
    SELECT p.person_id,
      p.record_key,
      p.sex AS k0,
      o.code AS k1,
      CAST('RJ1' AS varchar) AS k2,
      o.value_quantity AS x1,
      o.value_quantity AS x2,
      o.value_quantity > 140.0e0 AS f2,
      c.person_id AS x3
    FROM snapshot_1.patient AS p
      JOIN snapshot_1.observation AS o ON o.person_id = p.person_id
      LEFT JOIN snapshot_1.condition AS c ON c.person_id = p.person_id AND c.code IN (SELECT code FROM codelist.diabetes)
    WHERE p.allowed_national_data_opt_out
  ) AS r
  GROUP BY person_id, k0, k1, k2
) AS p
GROUP BY k0, k1, k2;

-- duckdb plain
SELECT k0,
  k1,
  k2,
  count(*) AS people,
  CAST(coalesce(sum(n0), 0) AS bigint) AS a0_n,
  CAST(coalesce(sum(n1), 0) AS bigint) AS a1_n,
  CAST(coalesce(sum(s1), 0) AS double) AS a1_s,
  CAST(coalesce(sum(n2), 0) AS bigint) AS a2_n,
  CAST(coalesce(sum(s2), 0) AS double) AS a2_s,
  CAST(coalesce(sum(n3), 0) AS bigint) AS a3_n
FROM (
  SELECT person_id,
    k0,
    k1,
    k2,
    count(*) AS n0,
    count(CASE WHEN abs(x1) < 1e150 THEN x1 END) AS n1,
    sum(CASE WHEN abs(x1) < 1e150 THEN x1 END) AS s1,
    count(*) FILTER (WHERE CASE WHEN abs(x1) < 1e150 THEN x1 END <> 40.0e0) AS e1,
    count(CASE WHEN abs(x2) < 1e150 THEN x2 END) FILTER (WHERE f2) AS n2,
    sum(CASE WHEN abs(x2) < 1e150 THEN x2 END) FILTER (WHERE f2) AS s2,
    count(*) FILTER (WHERE CASE WHEN abs(x2) < 1e150 THEN x2 END <> 40.0e0 AND f2) AS e2,
    CASE WHEN count(x3) > 0 THEN 1 ELSE 0 END AS n3
  FROM (
    SELECT p.person_id,
      p.sex AS k0,
      o.code AS k1,
      CAST('RJ1' AS varchar) AS k2,
      o.value_quantity AS x1,
      o.value_quantity AS x2,
      o.value_quantity > 140.0e0 AS f2,
      c.person_id AS x3
    FROM snapshot_1.patient AS p
      JOIN snapshot_1.observation AS o ON o.person_id = p.person_id
      LEFT JOIN snapshot_1.condition AS c ON c.person_id = p.person_id AND c.code IN (SELECT code FROM codelist.diabetes)
  ) AS r
  GROUP BY person_id, k0, k1, k2
) AS p
GROUP BY k0, k1, k2;

-- duckdb cohort
SELECT k0, k1, k2, q.person, n3 > 0 AS d3
FROM (
  SELECT person_id,
    k0,
    k1,
    k2,
    count(*) AS n0,
    count(CASE WHEN abs(x1) < 1e150 THEN x1 END) AS n1,
    sum(CASE WHEN abs(x1) < 1e150 THEN x1 END) AS s1,
    count(*) FILTER (WHERE CASE WHEN abs(x1) < 1e150 THEN x1 END <> 40.0e0) AS e1,
    count(CASE WHEN abs(x2) < 1e150 THEN x2 END) FILTER (WHERE f2) AS n2,
    sum(CASE WHEN abs(x2) < 1e150 THEN x2 END) FILTER (WHERE f2) AS s2,
    count(*) FILTER (WHERE CASE WHEN abs(x2) < 1e150 THEN x2 END <> 40.0e0 AND f2) AS e2,
    CASE WHEN count(x3) > 0 THEN 1 ELSE 0 END AS n3
  FROM (
    SELECT p.person_id,
      p.sex AS k0,
      t1.c5 AS k1,
      t1.c7 AS k2,
      t1.c6 AS x1,
      t1.c6 AS x2,
      t1.c6 > 140.0e0 AS f2,
      c.person_id AS x3
    FROM snapshot_1.patient AS p
      JOIN (
        SELECT o.person_id AS c4, o.code AS c5, o.value_quantity AS c6, CAST('RJ1' AS varchar) AS c7
        FROM snapshot_1.observation AS o
        WHERE (o.code IN (SELECT code FROM codelist.restricted)) IS NOT TRUE
          AND (o.value_code IN (SELECT code FROM codelist.restricted)) IS NOT TRUE
      ) AS t1 ON t1.c4 = p.person_id
      LEFT JOIN snapshot_1.condition AS c ON c.person_id = p.person_id AND (c.code IN (SELECT code FROM codelist.restricted)) IS NOT TRUE AND c.code IN (SELECT code FROM codelist.diabetes)
    WHERE p.allowed_national_data_opt_out
      AND NOT EXISTS (
      SELECT 1
      FROM snapshot_1.objections AS objections
      WHERE objections.person_id = p.person_id
    )
  ) AS r
  GROUP BY person_id, k0, k1, k2
) AS p
JOIN snapshot_1.person AS q ON q.person_id = p.person_id;

-- postgresql full
SELECT k0,
  k1,
  k2,
  count(*) AS people,
  CAST(coalesce(sum(record_key), 0) % 256 AS integer) AS ckey,
  CAST(coalesce(sum(n0), 0) AS bigint) AS a0_n,
  count(*) AS a0_c,
  CAST(coalesce(sum(record_key), 0) % 256 AS integer) AS a0_k,
  coalesce((array_agg(CAST(n0 AS double precision) ORDER BY CAST(n0 AS double precision) DESC NULLS LAST))[1], 0) AS a0_m1,
  coalesce((array_agg(CAST(n0 AS double precision) ORDER BY CAST(n0 AS double precision) DESC NULLS LAST))[2], 0) AS a0_m2,
  CAST(coalesce(sum(n1), 0) AS bigint) AS a1_n,
  CAST(coalesce(sum(s1), 0) AS double precision) AS a1_s,
  count(*) FILTER (WHERE e1 > 0) AS a1_c,
  CAST(coalesce(sum(record_key) FILTER (WHERE e1 > 0), 0) % 256 AS integer) AS a1_k,
  coalesce((array_agg(CAST(abs(s1) AS double precision) ORDER BY CAST(abs(s1) AS double precision) DESC NULLS LAST))[1], 0) AS a1_m1,
  coalesce((array_agg(CAST(abs(s1) AS double precision) ORDER BY CAST(abs(s1) AS double precision) DESC NULLS LAST))[2], 0) AS a1_m2,
  CAST(coalesce(sum(n2), 0) AS bigint) AS a2_n,
  CAST(coalesce(sum(s2), 0) AS double precision) AS a2_s,
  count(*) FILTER (WHERE e2 > 0) AS a2_c,
  CAST(coalesce(sum(record_key) FILTER (WHERE e2 > 0), 0) % 256 AS integer) AS a2_k,
  coalesce((array_agg(CAST(abs(s2) AS double precision) ORDER BY CAST(abs(s2) AS double precision) DESC NULLS LAST))[1], 0) AS a2_m1,
  coalesce((array_agg(CAST(abs(s2) AS double precision) ORDER BY CAST(abs(s2) AS double precision) DESC NULLS LAST))[2], 0) AS a2_m2,
  CAST(coalesce(sum(n3), 0) AS bigint) AS a3_n,
  count(*) FILTER (WHERE n3 > 0) AS a3_c,
  CAST(coalesce(sum(record_key) FILTER (WHERE n3 > 0), 0) % 256 AS integer) AS a3_k,
  CASE WHEN count(*) FILTER (WHERE n3 > 0) >= 1 THEN 1e0 ELSE 0e0 END AS a3_m1,
  CASE WHEN count(*) FILTER (WHERE n3 > 0) >= 2 THEN 1e0 ELSE 0e0 END AS a3_m2
FROM (
  SELECT person_id,
    k0,
    k1,
    k2,
    min(record_key) AS record_key,
    count(*) AS n0,
    count(CASE WHEN x1 < CAST(40.0 AS double precision) THEN CAST(40.0 AS double precision) WHEN x1 > CAST(300.0 AS double precision) THEN CAST(300.0 AS double precision) ELSE x1 END) AS n1,
    sum(CASE WHEN x1 < CAST(40.0 AS double precision) THEN CAST(40.0 AS double precision) WHEN x1 > CAST(300.0 AS double precision) THEN CAST(300.0 AS double precision) ELSE x1 END) AS s1,
    count(*) FILTER (WHERE CASE WHEN x1 < CAST(40.0 AS double precision) THEN CAST(40.0 AS double precision) WHEN x1 > CAST(300.0 AS double precision) THEN CAST(300.0 AS double precision) ELSE x1 END <> CAST(40.0 AS double precision)) AS e1,
    count(CASE WHEN x2 < CAST(40.0 AS double precision) THEN CAST(40.0 AS double precision) WHEN x2 > CAST(300.0 AS double precision) THEN CAST(300.0 AS double precision) ELSE x2 END) FILTER (WHERE f2) AS n2,
    sum(CASE WHEN x2 < CAST(40.0 AS double precision) THEN CAST(40.0 AS double precision) WHEN x2 > CAST(300.0 AS double precision) THEN CAST(300.0 AS double precision) ELSE x2 END) FILTER (WHERE f2) AS s2,
    count(*) FILTER (WHERE CASE WHEN x2 < CAST(40.0 AS double precision) THEN CAST(40.0 AS double precision) WHEN x2 > CAST(300.0 AS double precision) THEN CAST(300.0 AS double precision) ELSE x2 END <> CAST(40.0 AS double precision) AND f2) AS e2,
    CASE WHEN count(x3) > 0 THEN 1 ELSE 0 END AS n3
  FROM (
    SELECT p.person_id,
      p.record_key,
      p.sex AS k0,
      t1.c5 AS k1,
      t1.c7 AS k2,
      t1.c6 AS x1,
      t1.c6 AS x2,
      t1.c6 > CAST(140.0 AS double precision) AS f2,
      c.person_id AS x3
    FROM snapshot_1.patient AS p
      JOIN (
        SELECT o.person_id AS c4, o.code AS c5, o.value_quantity AS c6, CAST('RJ1' AS text) AS c7
        FROM snapshot_1.observation AS o
        WHERE (o.code IN (SELECT code FROM codelist.restricted)) IS NOT TRUE
          AND (o.value_code IN (SELECT code FROM codelist.restricted)) IS NOT TRUE
      ) AS t1 ON t1.c4 = p.person_id
      LEFT JOIN snapshot_1.condition AS c ON c.person_id = p.person_id AND (c.code IN (SELECT code FROM codelist.restricted)) IS NOT TRUE AND c.code IN (SELECT code FROM codelist.diabetes)
    WHERE p.allowed_national_data_opt_out
      AND NOT EXISTS (
      SELECT 1
      FROM snapshot_1.objections AS objections
      WHERE objections.person_id = p.person_id
    )
  ) AS r
  GROUP BY person_id, k0, k1, k2
) AS p
GROUP BY k0, k1, k2;

-- postgresql allowed
SELECT k0,
  k1,
  k2,
  count(*) AS people,
  CAST(coalesce(sum(record_key), 0) % 256 AS integer) AS ckey,
  CAST(coalesce(sum(n0), 0) AS bigint) AS a0_n,
  count(*) AS a0_c,
  CAST(coalesce(sum(record_key), 0) % 256 AS integer) AS a0_k,
  coalesce((array_agg(CAST(n0 AS double precision) ORDER BY CAST(n0 AS double precision) DESC NULLS LAST))[1], 0) AS a0_m1,
  coalesce((array_agg(CAST(n0 AS double precision) ORDER BY CAST(n0 AS double precision) DESC NULLS LAST))[2], 0) AS a0_m2,
  CAST(coalesce(sum(n1), 0) AS bigint) AS a1_n,
  CAST(coalesce(sum(s1), 0) AS double precision) AS a1_s,
  count(*) FILTER (WHERE e1 > 0) AS a1_c,
  CAST(coalesce(sum(record_key) FILTER (WHERE e1 > 0), 0) % 256 AS integer) AS a1_k,
  coalesce((array_agg(CAST(abs(s1) AS double precision) ORDER BY CAST(abs(s1) AS double precision) DESC NULLS LAST))[1], 0) AS a1_m1,
  coalesce((array_agg(CAST(abs(s1) AS double precision) ORDER BY CAST(abs(s1) AS double precision) DESC NULLS LAST))[2], 0) AS a1_m2,
  CAST(coalesce(sum(n2), 0) AS bigint) AS a2_n,
  CAST(coalesce(sum(s2), 0) AS double precision) AS a2_s,
  count(*) FILTER (WHERE e2 > 0) AS a2_c,
  CAST(coalesce(sum(record_key) FILTER (WHERE e2 > 0), 0) % 256 AS integer) AS a2_k,
  coalesce((array_agg(CAST(abs(s2) AS double precision) ORDER BY CAST(abs(s2) AS double precision) DESC NULLS LAST))[1], 0) AS a2_m1,
  coalesce((array_agg(CAST(abs(s2) AS double precision) ORDER BY CAST(abs(s2) AS double precision) DESC NULLS LAST))[2], 0) AS a2_m2,
  CAST(coalesce(sum(n3), 0) AS bigint) AS a3_n,
  count(*) FILTER (WHERE n3 > 0) AS a3_c,
  CAST(coalesce(sum(record_key) FILTER (WHERE n3 > 0), 0) % 256 AS integer) AS a3_k,
  CASE WHEN count(*) FILTER (WHERE n3 > 0) >= 1 THEN 1e0 ELSE 0e0 END AS a3_m1,
  CASE WHEN count(*) FILTER (WHERE n3 > 0) >= 2 THEN 1e0 ELSE 0e0 END AS a3_m2
FROM (
  SELECT person_id,
    k0,
    k1,
    k2,
    min(record_key) AS record_key,
    count(*) AS n0,
    count(CASE WHEN x1 < CAST(40.0 AS double precision) THEN CAST(40.0 AS double precision) WHEN x1 > CAST(300.0 AS double precision) THEN CAST(300.0 AS double precision) ELSE x1 END) AS n1,
    sum(CASE WHEN x1 < CAST(40.0 AS double precision) THEN CAST(40.0 AS double precision) WHEN x1 > CAST(300.0 AS double precision) THEN CAST(300.0 AS double precision) ELSE x1 END) AS s1,
    count(*) FILTER (WHERE CASE WHEN x1 < CAST(40.0 AS double precision) THEN CAST(40.0 AS double precision) WHEN x1 > CAST(300.0 AS double precision) THEN CAST(300.0 AS double precision) ELSE x1 END <> CAST(40.0 AS double precision)) AS e1,
    count(CASE WHEN x2 < CAST(40.0 AS double precision) THEN CAST(40.0 AS double precision) WHEN x2 > CAST(300.0 AS double precision) THEN CAST(300.0 AS double precision) ELSE x2 END) FILTER (WHERE f2) AS n2,
    sum(CASE WHEN x2 < CAST(40.0 AS double precision) THEN CAST(40.0 AS double precision) WHEN x2 > CAST(300.0 AS double precision) THEN CAST(300.0 AS double precision) ELSE x2 END) FILTER (WHERE f2) AS s2,
    count(*) FILTER (WHERE CASE WHEN x2 < CAST(40.0 AS double precision) THEN CAST(40.0 AS double precision) WHEN x2 > CAST(300.0 AS double precision) THEN CAST(300.0 AS double precision) ELSE x2 END <> CAST(40.0 AS double precision) AND f2) AS e2,
    CASE WHEN count(x3) > 0 THEN 1 ELSE 0 END AS n3
  FROM (
    SELECT p.person_id,
      p.record_key,
      p.sex AS k0,
      o.code AS k1,
      CAST('RJ1' AS text) AS k2,
      o.value_quantity AS x1,
      o.value_quantity AS x2,
      o.value_quantity > CAST(140.0 AS double precision) AS f2,
      c.person_id AS x3
    FROM snapshot_1.patient AS p
      JOIN snapshot_1.observation AS o ON o.person_id = p.person_id
      LEFT JOIN snapshot_1.condition AS c ON c.person_id = p.person_id AND c.code IN (SELECT code FROM codelist.diabetes)
    WHERE p.allowed_national_data_opt_out
  ) AS r
  GROUP BY person_id, k0, k1, k2
) AS p
GROUP BY k0, k1, k2;

-- postgresql plain
SELECT k0,
  k1,
  k2,
  count(*) AS people,
  CAST(coalesce(sum(n0), 0) AS bigint) AS a0_n,
  CAST(coalesce(sum(n1), 0) AS bigint) AS a1_n,
  CAST(coalesce(sum(s1), 0) AS double precision) AS a1_s,
  CAST(coalesce(sum(n2), 0) AS bigint) AS a2_n,
  CAST(coalesce(sum(s2), 0) AS double precision) AS a2_s,
  CAST(coalesce(sum(n3), 0) AS bigint) AS a3_n
FROM (
  SELECT person_id,
    k0,
    k1,
    k2,
    count(*) AS n0,
    count(CASE WHEN abs(x1) < 1e150 THEN x1 END) AS n1,
    sum(CASE WHEN abs(x1) < 1e150 THEN x1 END) AS s1,
    count(*) FILTER (WHERE CASE WHEN abs(x1) < 1e150 THEN x1 END <> CAST(40.0 AS double precision)) AS e1,
    count(CASE WHEN abs(x2) < 1e150 THEN x2 END) FILTER (WHERE f2) AS n2,
    sum(CASE WHEN abs(x2) < 1e150 THEN x2 END) FILTER (WHERE f2) AS s2,
    count(*) FILTER (WHERE CASE WHEN abs(x2) < 1e150 THEN x2 END <> CAST(40.0 AS double precision) AND f2) AS e2,
    CASE WHEN count(x3) > 0 THEN 1 ELSE 0 END AS n3
  FROM (
    SELECT p.person_id,
      p.sex AS k0,
      o.code AS k1,
      CAST('RJ1' AS text) AS k2,
      o.value_quantity AS x1,
      o.value_quantity AS x2,
      o.value_quantity > CAST(140.0 AS double precision) AS f2,
      c.person_id AS x3
    FROM snapshot_1.patient AS p
      JOIN snapshot_1.observation AS o ON o.person_id = p.person_id
      LEFT JOIN snapshot_1.condition AS c ON c.person_id = p.person_id AND c.code IN (SELECT code FROM codelist.diabetes)
  ) AS r
  GROUP BY person_id, k0, k1, k2
) AS p
GROUP BY k0, k1, k2;

-- postgresql cohort
SELECT k0, k1, k2, q.person, n3 > 0 AS d3
FROM (
  SELECT person_id,
    k0,
    k1,
    k2,
    count(*) AS n0,
    count(CASE WHEN abs(x1) < 1e150 THEN x1 END) AS n1,
    sum(CASE WHEN abs(x1) < 1e150 THEN x1 END) AS s1,
    count(*) FILTER (WHERE CASE WHEN abs(x1) < 1e150 THEN x1 END <> CAST(40.0 AS double precision)) AS e1,
    count(CASE WHEN abs(x2) < 1e150 THEN x2 END) FILTER (WHERE f2) AS n2,
    sum(CASE WHEN abs(x2) < 1e150 THEN x2 END) FILTER (WHERE f2) AS s2,
    count(*) FILTER (WHERE CASE WHEN abs(x2) < 1e150 THEN x2 END <> CAST(40.0 AS double precision) AND f2) AS e2,
    CASE WHEN count(x3) > 0 THEN 1 ELSE 0 END AS n3
  FROM (
    SELECT p.person_id,
      p.sex AS k0,
      t1.c5 AS k1,
      t1.c7 AS k2,
      t1.c6 AS x1,
      t1.c6 AS x2,
      t1.c6 > CAST(140.0 AS double precision) AS f2,
      c.person_id AS x3
    FROM snapshot_1.patient AS p
      JOIN (
        SELECT o.person_id AS c4, o.code AS c5, o.value_quantity AS c6, CAST('RJ1' AS text) AS c7
        FROM snapshot_1.observation AS o
        WHERE (o.code IN (SELECT code FROM codelist.restricted)) IS NOT TRUE
          AND (o.value_code IN (SELECT code FROM codelist.restricted)) IS NOT TRUE
      ) AS t1 ON t1.c4 = p.person_id
      LEFT JOIN snapshot_1.condition AS c ON c.person_id = p.person_id AND (c.code IN (SELECT code FROM codelist.restricted)) IS NOT TRUE AND c.code IN (SELECT code FROM codelist.diabetes)
    WHERE p.allowed_national_data_opt_out
      AND NOT EXISTS (
      SELECT 1
      FROM snapshot_1.objections AS objections
      WHERE objections.person_id = p.person_id
    )
  ) AS r
  GROUP BY person_id, k0, k1, k2
) AS p
JOIN snapshot_1.person AS q ON q.person_id = p.person_id;

# per person
SELECT count(*) AS people, sum(t1.n) AS events
FROM (
  SELECT count(*) AS n
  FROM condition AS c
  WHERE EXISTS (
    SELECT 1
    FROM observation AS o
    WHERE o.person = c.person
  )
  GROUP BY c.person
) AS t1;

-- duckdb full
SELECT count(*) AS people,
  CAST(coalesce(sum(record_key), 0) % 256 AS integer) AS ckey,
  CAST(coalesce(sum(n0), 0) AS bigint) AS a0_n,
  count(*) AS a0_c,
  CAST(coalesce(sum(record_key), 0) % 256 AS integer) AS a0_k,
  CASE WHEN count(*) >= 1 THEN 1e0 ELSE 0e0 END AS a0_m1,
  CASE WHEN count(*) >= 2 THEN 1e0 ELSE 0e0 END AS a0_m2,
  CAST(coalesce(sum(n1), 0) AS bigint) AS a1_n,
  CAST(coalesce(sum(s1), 0) AS double) AS a1_s,
  count(*) FILTER (WHERE e1 > 0) AS a1_c,
  CAST(coalesce(sum(record_key) FILTER (WHERE e1 > 0), 0) % 256 AS integer) AS a1_k,
  coalesce(max(CAST(abs(s1) AS double), 2)[1], 0) AS a1_m1,
  coalesce(max(CAST(abs(s1) AS double), 2)[2], 0) AS a1_m2
FROM (
  SELECT person_id,
    record_key,
    1 AS n0,
    CASE WHEN CASE WHEN x1 < 1 THEN 1 WHEN x1 > 50 THEN 50 ELSE x1 END IS NOT NULL THEN 1 ELSE 0 END AS n1,
    CASE WHEN x1 < 1 THEN 1 WHEN x1 > 50 THEN 50 ELSE x1 END AS s1,
    CASE WHEN CASE WHEN x1 < 1 THEN 1 WHEN x1 > 50 THEN 50 ELSE x1 END IS NOT NULL AND CASE WHEN x1 < 1 THEN 1 WHEN x1 > 50 THEN 50 ELSE x1 END <> 1 THEN 1 ELSE 0 END AS e1
  FROM (
    SELECT t3.c11 AS person_id, t3.c12 AS record_key, t3.c6 AS x1
    FROM (
      SELECT count(*) AS c6, t1.c1 AS c11, min(t1.c7) AS c12
      FROM (
        SELECT c.person_id AS c1,
          c.onset_date AS c2,
          c.record_key AS c7,
          c.allowed_national_data_opt_out AS c8
        FROM snapshot_1.condition AS c
        WHERE (c.code IN (SELECT code FROM codelist.restricted)) IS NOT TRUE
      ) AS t1
      WHERE t1.c8
        AND NOT EXISTS (
        SELECT 1
        FROM snapshot_1.objections AS objections
        WHERE objections.person_id = t1.c1
      )
        AND EXISTS (
        SELECT 1
        FROM (
          SELECT o.person_id AS c3
          FROM snapshot_1.observation AS o
          WHERE (o.code IN (SELECT code FROM codelist.restricted)) IS NOT TRUE
            AND (o.value_code IN (SELECT code FROM codelist.restricted)) IS NOT TRUE
        ) AS t2
        WHERE t2.c3 = t1.c1
      )
      GROUP BY t1.c1
    ) AS t3
  ) AS r
) AS p;

-- duckdb allowed
SELECT count(*) AS people,
  CAST(coalesce(sum(record_key), 0) % 256 AS integer) AS ckey,
  CAST(coalesce(sum(n0), 0) AS bigint) AS a0_n,
  count(*) AS a0_c,
  CAST(coalesce(sum(record_key), 0) % 256 AS integer) AS a0_k,
  CASE WHEN count(*) >= 1 THEN 1e0 ELSE 0e0 END AS a0_m1,
  CASE WHEN count(*) >= 2 THEN 1e0 ELSE 0e0 END AS a0_m2,
  CAST(coalesce(sum(n1), 0) AS bigint) AS a1_n,
  CAST(coalesce(sum(s1), 0) AS double) AS a1_s,
  count(*) FILTER (WHERE e1 > 0) AS a1_c,
  CAST(coalesce(sum(record_key) FILTER (WHERE e1 > 0), 0) % 256 AS integer) AS a1_k,
  coalesce(max(CAST(abs(s1) AS double), 2)[1], 0) AS a1_m1,
  coalesce(max(CAST(abs(s1) AS double), 2)[2], 0) AS a1_m2
FROM (
  SELECT person_id,
    record_key,
    1 AS n0,
    CASE WHEN CASE WHEN x1 < 1 THEN 1 WHEN x1 > 50 THEN 50 ELSE x1 END IS NOT NULL THEN 1 ELSE 0 END AS n1,
    CASE WHEN x1 < 1 THEN 1 WHEN x1 > 50 THEN 50 ELSE x1 END AS s1,
    CASE WHEN CASE WHEN x1 < 1 THEN 1 WHEN x1 > 50 THEN 50 ELSE x1 END IS NOT NULL AND CASE WHEN x1 < 1 THEN 1 WHEN x1 > 50 THEN 50 ELSE x1 END <> 1 THEN 1 ELSE 0 END AS e1
  FROM (
    SELECT t1.c10 AS person_id, t1.c11 AS record_key, t1.c6 AS x1
    FROM (
      SELECT count(*) AS c6, c.person_id AS c10, min(c.record_key) AS c11
      FROM snapshot_1.condition AS c
      WHERE c.allowed_national_data_opt_out
        AND EXISTS (
        SELECT 1
        FROM snapshot_1.observation AS o
        WHERE o.person_id = c.person_id
      )
      GROUP BY c.person_id
    ) AS t1
  ) AS r
) AS p;

-- duckdb plain
SELECT count(*) AS people,
  CAST(coalesce(sum(n0), 0) AS bigint) AS a0_n,
  CAST(coalesce(sum(n1), 0) AS bigint) AS a1_n,
  CAST(coalesce(sum(s1), 0) AS double) AS a1_s
FROM (
  SELECT person_id,
    1 AS n0,
    CASE WHEN x1 IS NOT NULL THEN 1 ELSE 0 END AS n1,
    x1 AS s1,
    CASE WHEN x1 IS NOT NULL AND x1 <> 1 THEN 1 ELSE 0 END AS e1
  FROM (
    SELECT t1.c7 AS person_id, t1.c6 AS x1
    FROM (
      SELECT count(*) AS c6, c.person_id AS c7
      FROM snapshot_1.condition AS c
      WHERE EXISTS (
        SELECT 1
        FROM snapshot_1.observation AS o
        WHERE o.person_id = c.person_id
      )
      GROUP BY c.person_id
    ) AS t1
  ) AS r
) AS p;

-- duckdb cohort
SELECT q.person
FROM (
  SELECT person_id,
    1 AS n0,
    CASE WHEN x1 IS NOT NULL THEN 1 ELSE 0 END AS n1,
    x1 AS s1,
    CASE WHEN x1 IS NOT NULL AND x1 <> 1 THEN 1 ELSE 0 END AS e1
  FROM (
    SELECT t3.c9 AS person_id, t3.c6 AS x1
    FROM (
      SELECT count(*) AS c6, t1.c1 AS c9
      FROM (
        SELECT c.person_id AS c1, c.onset_date AS c2, c.allowed_national_data_opt_out AS c7
        FROM snapshot_1.condition AS c
        WHERE (c.code IN (SELECT code FROM codelist.restricted)) IS NOT TRUE
      ) AS t1
      WHERE t1.c7
        AND NOT EXISTS (
        SELECT 1
        FROM snapshot_1.objections AS objections
        WHERE objections.person_id = t1.c1
      )
        AND EXISTS (
        SELECT 1
        FROM (
          SELECT o.person_id AS c3
          FROM snapshot_1.observation AS o
          WHERE (o.code IN (SELECT code FROM codelist.restricted)) IS NOT TRUE
            AND (o.value_code IN (SELECT code FROM codelist.restricted)) IS NOT TRUE
        ) AS t2
        WHERE t2.c3 = t1.c1
      )
      GROUP BY t1.c1
    ) AS t3
  ) AS r
) AS p
JOIN snapshot_1.person AS q ON q.person_id = p.person_id;

-- postgresql full
SELECT count(*) AS people,
  CAST(coalesce(sum(record_key), 0) % 256 AS integer) AS ckey,
  CAST(coalesce(sum(n0), 0) AS bigint) AS a0_n,
  count(*) AS a0_c,
  CAST(coalesce(sum(record_key), 0) % 256 AS integer) AS a0_k,
  CASE WHEN count(*) >= 1 THEN 1e0 ELSE 0e0 END AS a0_m1,
  CASE WHEN count(*) >= 2 THEN 1e0 ELSE 0e0 END AS a0_m2,
  CAST(coalesce(sum(n1), 0) AS bigint) AS a1_n,
  CAST(coalesce(sum(s1), 0) AS double precision) AS a1_s,
  count(*) FILTER (WHERE e1 > 0) AS a1_c,
  CAST(coalesce(sum(record_key) FILTER (WHERE e1 > 0), 0) % 256 AS integer) AS a1_k,
  coalesce((array_agg(CAST(abs(s1) AS double precision) ORDER BY CAST(abs(s1) AS double precision) DESC NULLS LAST))[1], 0) AS a1_m1,
  coalesce((array_agg(CAST(abs(s1) AS double precision) ORDER BY CAST(abs(s1) AS double precision) DESC NULLS LAST))[2], 0) AS a1_m2
FROM (
  SELECT person_id,
    record_key,
    1 AS n0,
    CASE WHEN CASE WHEN x1 < 1 THEN 1 WHEN x1 > 50 THEN 50 ELSE x1 END IS NOT NULL THEN 1 ELSE 0 END AS n1,
    CASE WHEN x1 < 1 THEN 1 WHEN x1 > 50 THEN 50 ELSE x1 END AS s1,
    CASE WHEN CASE WHEN x1 < 1 THEN 1 WHEN x1 > 50 THEN 50 ELSE x1 END IS NOT NULL AND CASE WHEN x1 < 1 THEN 1 WHEN x1 > 50 THEN 50 ELSE x1 END <> 1 THEN 1 ELSE 0 END AS e1
  FROM (
    SELECT t3.c11 AS person_id, t3.c12 AS record_key, t3.c6 AS x1
    FROM (
      SELECT count(*) AS c6, t1.c1 AS c11, min(t1.c7) AS c12
      FROM (
        SELECT c.person_id AS c1,
          c.onset_date AS c2,
          c.record_key AS c7,
          c.allowed_national_data_opt_out AS c8
        FROM snapshot_1.condition AS c
        WHERE (c.code IN (SELECT code FROM codelist.restricted)) IS NOT TRUE
      ) AS t1
      WHERE t1.c8
        AND NOT EXISTS (
        SELECT 1
        FROM snapshot_1.objections AS objections
        WHERE objections.person_id = t1.c1
      )
        AND EXISTS (
        SELECT 1
        FROM (
          SELECT o.person_id AS c3
          FROM snapshot_1.observation AS o
          WHERE (o.code IN (SELECT code FROM codelist.restricted)) IS NOT TRUE
            AND (o.value_code IN (SELECT code FROM codelist.restricted)) IS NOT TRUE
        ) AS t2
        WHERE t2.c3 = t1.c1
      )
      GROUP BY t1.c1
    ) AS t3
  ) AS r
) AS p;

-- postgresql allowed
SELECT count(*) AS people,
  CAST(coalesce(sum(record_key), 0) % 256 AS integer) AS ckey,
  CAST(coalesce(sum(n0), 0) AS bigint) AS a0_n,
  count(*) AS a0_c,
  CAST(coalesce(sum(record_key), 0) % 256 AS integer) AS a0_k,
  CASE WHEN count(*) >= 1 THEN 1e0 ELSE 0e0 END AS a0_m1,
  CASE WHEN count(*) >= 2 THEN 1e0 ELSE 0e0 END AS a0_m2,
  CAST(coalesce(sum(n1), 0) AS bigint) AS a1_n,
  CAST(coalesce(sum(s1), 0) AS double precision) AS a1_s,
  count(*) FILTER (WHERE e1 > 0) AS a1_c,
  CAST(coalesce(sum(record_key) FILTER (WHERE e1 > 0), 0) % 256 AS integer) AS a1_k,
  coalesce((array_agg(CAST(abs(s1) AS double precision) ORDER BY CAST(abs(s1) AS double precision) DESC NULLS LAST))[1], 0) AS a1_m1,
  coalesce((array_agg(CAST(abs(s1) AS double precision) ORDER BY CAST(abs(s1) AS double precision) DESC NULLS LAST))[2], 0) AS a1_m2
FROM (
  SELECT person_id,
    record_key,
    1 AS n0,
    CASE WHEN CASE WHEN x1 < 1 THEN 1 WHEN x1 > 50 THEN 50 ELSE x1 END IS NOT NULL THEN 1 ELSE 0 END AS n1,
    CASE WHEN x1 < 1 THEN 1 WHEN x1 > 50 THEN 50 ELSE x1 END AS s1,
    CASE WHEN CASE WHEN x1 < 1 THEN 1 WHEN x1 > 50 THEN 50 ELSE x1 END IS NOT NULL AND CASE WHEN x1 < 1 THEN 1 WHEN x1 > 50 THEN 50 ELSE x1 END <> 1 THEN 1 ELSE 0 END AS e1
  FROM (
    SELECT t1.c10 AS person_id, t1.c11 AS record_key, t1.c6 AS x1
    FROM (
      SELECT count(*) AS c6, c.person_id AS c10, min(c.record_key) AS c11
      FROM snapshot_1.condition AS c
      WHERE c.allowed_national_data_opt_out
        AND EXISTS (
        SELECT 1
        FROM snapshot_1.observation AS o
        WHERE o.person_id = c.person_id
      )
      GROUP BY c.person_id
    ) AS t1
  ) AS r
) AS p;

-- postgresql plain
SELECT count(*) AS people,
  CAST(coalesce(sum(n0), 0) AS bigint) AS a0_n,
  CAST(coalesce(sum(n1), 0) AS bigint) AS a1_n,
  CAST(coalesce(sum(s1), 0) AS double precision) AS a1_s
FROM (
  SELECT person_id,
    1 AS n0,
    CASE WHEN x1 IS NOT NULL THEN 1 ELSE 0 END AS n1,
    x1 AS s1,
    CASE WHEN x1 IS NOT NULL AND x1 <> 1 THEN 1 ELSE 0 END AS e1
  FROM (
    SELECT t1.c7 AS person_id, t1.c6 AS x1
    FROM (
      SELECT count(*) AS c6, c.person_id AS c7
      FROM snapshot_1.condition AS c
      WHERE EXISTS (
        SELECT 1
        FROM snapshot_1.observation AS o
        WHERE o.person_id = c.person_id
      )
      GROUP BY c.person_id
    ) AS t1
  ) AS r
) AS p;

-- postgresql cohort
SELECT q.person
FROM (
  SELECT person_id,
    1 AS n0,
    CASE WHEN x1 IS NOT NULL THEN 1 ELSE 0 END AS n1,
    x1 AS s1,
    CASE WHEN x1 IS NOT NULL AND x1 <> 1 THEN 1 ELSE 0 END AS e1
  FROM (
    SELECT t3.c9 AS person_id, t3.c6 AS x1
    FROM (
      SELECT count(*) AS c6, t1.c1 AS c9
      FROM (
        SELECT c.person_id AS c1, c.onset_date AS c2, c.allowed_national_data_opt_out AS c7
        FROM snapshot_1.condition AS c
        WHERE (c.code IN (SELECT code FROM codelist.restricted)) IS NOT TRUE
      ) AS t1
      WHERE t1.c7
        AND NOT EXISTS (
        SELECT 1
        FROM snapshot_1.objections AS objections
        WHERE objections.person_id = t1.c1
      )
        AND EXISTS (
        SELECT 1
        FROM (
          SELECT o.person_id AS c3
          FROM snapshot_1.observation AS o
          WHERE (o.code IN (SELECT code FROM codelist.restricted)) IS NOT TRUE
            AND (o.value_code IN (SELECT code FROM codelist.restricted)) IS NOT TRUE
        ) AS t2
        WHERE t2.c3 = t1.c1
      )
      GROUP BY t1.c1
    ) AS t3
  ) AS r
) AS p
JOIN snapshot_1.person AS q ON q.person_id = p.person_id;

# count only
SELECT count(*) AS n
FROM condition;

-- duckdb full
SELECT count(*) AS people,
  CAST(coalesce(sum(record_key), 0) % 256 AS integer) AS ckey,
  CAST(coalesce(sum(n0), 0) AS bigint) AS a0_n,
  count(*) AS a0_c,
  CAST(coalesce(sum(record_key), 0) % 256 AS integer) AS a0_k,
  coalesce(max(CAST(n0 AS double), 2)[1], 0) AS a0_m1,
  coalesce(max(CAST(n0 AS double), 2)[2], 0) AS a0_m2
FROM (
  SELECT person_id,
    min(record_key) AS record_key,
    count(*) AS n0
  FROM (
    SELECT t1.c1 AS person_id, t1.c2 AS record_key
    FROM (
      SELECT condition.person_id AS c1,
        condition.record_key AS c2,
        condition.allowed_national_data_opt_out AS c3
      FROM snapshot_1.condition AS condition
      WHERE (condition.code IN (SELECT code FROM codelist.restricted)) IS NOT TRUE
    ) AS t1
    WHERE t1.c3
      AND NOT EXISTS (
      SELECT 1
      FROM snapshot_1.objections AS objections
      WHERE objections.person_id = t1.c1
    )
  ) AS r
  GROUP BY person_id
) AS p;

-- duckdb allowed
SELECT count(*) AS people,
  CAST(coalesce(sum(record_key), 0) % 256 AS integer) AS ckey,
  CAST(coalesce(sum(n0), 0) AS bigint) AS a0_n,
  count(*) AS a0_c,
  CAST(coalesce(sum(record_key), 0) % 256 AS integer) AS a0_k,
  coalesce(max(CAST(n0 AS double), 2)[1], 0) AS a0_m1,
  coalesce(max(CAST(n0 AS double), 2)[2], 0) AS a0_m2
FROM (
  SELECT person_id,
    min(record_key) AS record_key,
    count(*) AS n0
  FROM (
    SELECT condition.person_id, condition.record_key
    FROM snapshot_1.condition AS condition
    WHERE condition.allowed_national_data_opt_out
  ) AS r
  GROUP BY person_id
) AS p;

-- duckdb plain
SELECT count(*) AS people,
  CAST(coalesce(sum(n0), 0) AS bigint) AS a0_n
FROM (
  SELECT person_id,
    count(*) AS n0
  FROM (
    SELECT condition.person_id
    FROM snapshot_1.condition AS condition
  ) AS r
  GROUP BY person_id
) AS p;

-- duckdb cohort
SELECT q.person
FROM (
  SELECT person_id,
    count(*) AS n0
  FROM (
    SELECT t1.c1 AS person_id
    FROM (
      SELECT condition.person_id AS c1, condition.allowed_national_data_opt_out AS c2
      FROM snapshot_1.condition AS condition
      WHERE (condition.code IN (SELECT code FROM codelist.restricted)) IS NOT TRUE
    ) AS t1
    WHERE t1.c2
      AND NOT EXISTS (
      SELECT 1
      FROM snapshot_1.objections AS objections
      WHERE objections.person_id = t1.c1
    )
  ) AS r
  GROUP BY person_id
) AS p
JOIN snapshot_1.person AS q ON q.person_id = p.person_id;

-- postgresql full
SELECT count(*) AS people,
  CAST(coalesce(sum(record_key), 0) % 256 AS integer) AS ckey,
  CAST(coalesce(sum(n0), 0) AS bigint) AS a0_n,
  count(*) AS a0_c,
  CAST(coalesce(sum(record_key), 0) % 256 AS integer) AS a0_k,
  coalesce((array_agg(CAST(n0 AS double precision) ORDER BY CAST(n0 AS double precision) DESC NULLS LAST))[1], 0) AS a0_m1,
  coalesce((array_agg(CAST(n0 AS double precision) ORDER BY CAST(n0 AS double precision) DESC NULLS LAST))[2], 0) AS a0_m2
FROM (
  SELECT person_id,
    min(record_key) AS record_key,
    count(*) AS n0
  FROM (
    SELECT t1.c1 AS person_id, t1.c2 AS record_key
    FROM (
      SELECT condition.person_id AS c1,
        condition.record_key AS c2,
        condition.allowed_national_data_opt_out AS c3
      FROM snapshot_1.condition AS condition
      WHERE (condition.code IN (SELECT code FROM codelist.restricted)) IS NOT TRUE
    ) AS t1
    WHERE t1.c3
      AND NOT EXISTS (
      SELECT 1
      FROM snapshot_1.objections AS objections
      WHERE objections.person_id = t1.c1
    )
  ) AS r
  GROUP BY person_id
) AS p;

-- postgresql allowed
SELECT count(*) AS people,
  CAST(coalesce(sum(record_key), 0) % 256 AS integer) AS ckey,
  CAST(coalesce(sum(n0), 0) AS bigint) AS a0_n,
  count(*) AS a0_c,
  CAST(coalesce(sum(record_key), 0) % 256 AS integer) AS a0_k,
  coalesce((array_agg(CAST(n0 AS double precision) ORDER BY CAST(n0 AS double precision) DESC NULLS LAST))[1], 0) AS a0_m1,
  coalesce((array_agg(CAST(n0 AS double precision) ORDER BY CAST(n0 AS double precision) DESC NULLS LAST))[2], 0) AS a0_m2
FROM (
  SELECT person_id,
    min(record_key) AS record_key,
    count(*) AS n0
  FROM (
    SELECT condition.person_id, condition.record_key
    FROM snapshot_1.condition AS condition
    WHERE condition.allowed_national_data_opt_out
  ) AS r
  GROUP BY person_id
) AS p;

-- postgresql plain
SELECT count(*) AS people,
  CAST(coalesce(sum(n0), 0) AS bigint) AS a0_n
FROM (
  SELECT person_id,
    count(*) AS n0
  FROM (
    SELECT condition.person_id
    FROM snapshot_1.condition AS condition
  ) AS r
  GROUP BY person_id
) AS p;

-- postgresql cohort
SELECT q.person
FROM (
  SELECT person_id,
    count(*) AS n0
  FROM (
    SELECT t1.c1 AS person_id
    FROM (
      SELECT condition.person_id AS c1, condition.allowed_national_data_opt_out AS c2
      FROM snapshot_1.condition AS condition
      WHERE (condition.code IN (SELECT code FROM codelist.restricted)) IS NOT TRUE
    ) AS t1
    WHERE t1.c2
      AND NOT EXISTS (
      SELECT 1
      FROM snapshot_1.objections AS objections
      WHERE objections.person_id = t1.c1
    )
  ) AS r
  GROUP BY person_id
) AS p
JOIN snapshot_1.person AS q ON q.person_id = p.person_id;

# conditions by code
SELECT c.code, count(*) AS n, count(DISTINCT c.person) AS people
FROM condition AS c
GROUP BY c.code;

-- duckdb full
SELECT k0,
  count(*) AS people,
  CAST(coalesce(sum(record_key), 0) % 256 AS integer) AS ckey,
  CAST(coalesce(sum(n0), 0) AS bigint) AS a0_n,
  count(*) AS a0_c,
  CAST(coalesce(sum(record_key), 0) % 256 AS integer) AS a0_k,
  coalesce(max(CAST(n0 AS double), 2)[1], 0) AS a0_m1,
  coalesce(max(CAST(n0 AS double), 2)[2], 0) AS a0_m2,
  CAST(coalesce(sum(n1), 0) AS bigint) AS a1_n,
  count(*) AS a1_c,
  CAST(coalesce(sum(record_key), 0) % 256 AS integer) AS a1_k,
  CASE WHEN count(*) >= 1 THEN 1e0 ELSE 0e0 END AS a1_m1,
  CASE WHEN count(*) >= 2 THEN 1e0 ELSE 0e0 END AS a1_m2
FROM (
  SELECT person_id,
    k0,
    min(record_key) AS record_key,
    count(*) AS n0,
    1 AS n1
  FROM (
    SELECT c.person_id, c.record_key, c.code AS k0
    FROM snapshot_1.condition AS c
    WHERE (c.code IN (SELECT code FROM codelist.restricted)) IS NOT TRUE
      AND c.allowed_national_data_opt_out
      AND NOT EXISTS (
      SELECT 1
      FROM snapshot_1.objections AS objections
      WHERE objections.person_id = c.person_id
    )
  ) AS r
  GROUP BY person_id, k0
) AS p
GROUP BY k0;

-- duckdb allowed
SELECT k0,
  count(*) AS people,
  count(*) FILTER (WHERE NOT in_order) AS misplaced,
  CAST(coalesce(sum(record_key), 0) % 256 AS integer) AS ckey,
  CAST(coalesce(sum(n0), 0) AS bigint) AS a0_n,
  count(*) AS a0_c,
  CAST(coalesce(sum(record_key), 0) % 256 AS integer) AS a0_k,
  coalesce(max(CAST(n0 AS double), 2)[1], 0) AS a0_m1,
  coalesce(max(CAST(n0 AS double), 2)[2], 0) AS a0_m2,
  CAST(coalesce(sum(n1), 0) AS bigint) AS a1_n,
  count(*) AS a1_c,
  CAST(coalesce(sum(record_key), 0) % 256 AS integer) AS a1_k,
  CASE WHEN count(*) >= 1 THEN 1e0 ELSE 0e0 END AS a1_m1,
  CASE WHEN count(*) >= 2 THEN 1e0 ELSE 0e0 END AS a1_m2
FROM (
  SELECT person_id,
    record_key,
    k0,
    n0 - lag(n0, 1, 0) OVER () AS n0,
    1 AS n1,
    coalesce(CASE WHEN lag(person_id) OVER () IS NULL THEN true WHEN k0 IS NOT DISTINCT FROM lag(k0) OVER () THEN person_id > lag(person_id) OVER () ELSE coalesce(k0 > lag(k0) OVER (), k0 IS NULL) END, false) AS in_order
  FROM (
    SELECT person_id,
      record_key,
      k0,
      row_number() OVER () AS n0,
      person_id IS DISTINCT FROM lead(person_id) OVER () OR k0 IS DISTINCT FROM lead(k0) OVER () AS is_last
    FROM (
      SELECT c.person_id, c.record_key, c.code AS k0
      FROM snapshot_1.condition AS c
      WHERE c.allowed_national_data_opt_out
    ) AS r
  ) AS e
  WHERE is_last
) AS p
GROUP BY k0;

-- duckdb plain
SELECT k0,
  count(*) AS people,
  count(*) FILTER (WHERE NOT in_order) AS misplaced,
  CAST(coalesce(sum(n0), 0) AS bigint) AS a0_n,
  CAST(coalesce(sum(n1), 0) AS bigint) AS a1_n
FROM (
  SELECT person_id,
    k0,
    n0 - lag(n0, 1, 0) OVER () AS n0,
    1 AS n1,
    coalesce(CASE WHEN lag(person_id) OVER () IS NULL THEN true WHEN k0 IS NOT DISTINCT FROM lag(k0) OVER () THEN person_id > lag(person_id) OVER () ELSE coalesce(k0 > lag(k0) OVER (), k0 IS NULL) END, false) AS in_order
  FROM (
    SELECT person_id,
      k0,
      row_number() OVER () AS n0,
      person_id IS DISTINCT FROM lead(person_id) OVER () OR k0 IS DISTINCT FROM lead(k0) OVER () AS is_last
    FROM (
      SELECT c.person_id, c.code AS k0
      FROM snapshot_1.condition AS c
    ) AS r
  ) AS e
  WHERE is_last
) AS p
GROUP BY k0;

-- duckdb cohort
SELECT k0, q.person, n1 > 0 AS d1
FROM (
  SELECT person_id,
    k0,
    count(*) AS n0,
    1 AS n1
  FROM (
    SELECT c.person_id, c.code AS k0
    FROM snapshot_1.condition AS c
    WHERE (c.code IN (SELECT code FROM codelist.restricted)) IS NOT TRUE
      AND c.allowed_national_data_opt_out
      AND NOT EXISTS (
      SELECT 1
      FROM snapshot_1.objections AS objections
      WHERE objections.person_id = c.person_id
    )
  ) AS r
  GROUP BY person_id, k0
) AS p
JOIN snapshot_1.person AS q ON q.person_id = p.person_id;

-- postgresql full
SELECT k0,
  count(*) AS people,
  CAST(coalesce(sum(record_key), 0) % 256 AS integer) AS ckey,
  CAST(coalesce(sum(n0), 0) AS bigint) AS a0_n,
  count(*) AS a0_c,
  CAST(coalesce(sum(record_key), 0) % 256 AS integer) AS a0_k,
  coalesce((array_agg(CAST(n0 AS double precision) ORDER BY CAST(n0 AS double precision) DESC NULLS LAST))[1], 0) AS a0_m1,
  coalesce((array_agg(CAST(n0 AS double precision) ORDER BY CAST(n0 AS double precision) DESC NULLS LAST))[2], 0) AS a0_m2,
  CAST(coalesce(sum(n1), 0) AS bigint) AS a1_n,
  count(*) AS a1_c,
  CAST(coalesce(sum(record_key), 0) % 256 AS integer) AS a1_k,
  CASE WHEN count(*) >= 1 THEN 1e0 ELSE 0e0 END AS a1_m1,
  CASE WHEN count(*) >= 2 THEN 1e0 ELSE 0e0 END AS a1_m2
FROM (
  SELECT person_id,
    k0,
    min(record_key) AS record_key,
    count(*) AS n0,
    1 AS n1
  FROM (
    SELECT c.person_id, c.record_key, c.code AS k0
    FROM snapshot_1.condition AS c
    WHERE (c.code IN (SELECT code FROM codelist.restricted)) IS NOT TRUE
      AND c.allowed_national_data_opt_out
      AND NOT EXISTS (
      SELECT 1
      FROM snapshot_1.objections AS objections
      WHERE objections.person_id = c.person_id
    )
  ) AS r
  GROUP BY person_id, k0
) AS p
GROUP BY k0;

-- postgresql allowed
SELECT k0,
  count(*) AS people,
  CAST(coalesce(sum(record_key), 0) % 256 AS integer) AS ckey,
  CAST(coalesce(sum(n0), 0) AS bigint) AS a0_n,
  count(*) AS a0_c,
  CAST(coalesce(sum(record_key), 0) % 256 AS integer) AS a0_k,
  coalesce((array_agg(CAST(n0 AS double precision) ORDER BY CAST(n0 AS double precision) DESC NULLS LAST))[1], 0) AS a0_m1,
  coalesce((array_agg(CAST(n0 AS double precision) ORDER BY CAST(n0 AS double precision) DESC NULLS LAST))[2], 0) AS a0_m2,
  CAST(coalesce(sum(n1), 0) AS bigint) AS a1_n,
  count(*) AS a1_c,
  CAST(coalesce(sum(record_key), 0) % 256 AS integer) AS a1_k,
  CASE WHEN count(*) >= 1 THEN 1e0 ELSE 0e0 END AS a1_m1,
  CASE WHEN count(*) >= 2 THEN 1e0 ELSE 0e0 END AS a1_m2
FROM (
  SELECT person_id,
    k0,
    min(record_key) AS record_key,
    count(*) AS n0,
    1 AS n1
  FROM (
    SELECT c.person_id, c.record_key, c.code AS k0
    FROM snapshot_1.condition AS c
    WHERE c.allowed_national_data_opt_out
  ) AS r
  GROUP BY person_id, k0
) AS p
GROUP BY k0;

-- postgresql plain
SELECT k0,
  count(*) AS people,
  CAST(coalesce(sum(n0), 0) AS bigint) AS a0_n,
  CAST(coalesce(sum(n1), 0) AS bigint) AS a1_n
FROM (
  SELECT person_id,
    k0,
    count(*) AS n0,
    1 AS n1
  FROM (
    SELECT c.person_id, c.code AS k0
    FROM snapshot_1.condition AS c
  ) AS r
  GROUP BY person_id, k0
) AS p
GROUP BY k0;

-- postgresql cohort
SELECT k0, q.person, n1 > 0 AS d1
FROM (
  SELECT person_id,
    k0,
    count(*) AS n0,
    1 AS n1
  FROM (
    SELECT c.person_id, c.code AS k0
    FROM snapshot_1.condition AS c
    WHERE (c.code IN (SELECT code FROM codelist.restricted)) IS NOT TRUE
      AND c.allowed_national_data_opt_out
      AND NOT EXISTS (
      SELECT 1
      FROM snapshot_1.objections AS objections
      WHERE objections.person_id = c.person_id
    )
  ) AS r
  GROUP BY person_id, k0
) AS p
JOIN snapshot_1.person AS q ON q.person_id = p.person_id;

# observations by year and code
SELECT extract(year FROM o.effective_at) AS year,
  o.code,
  count(*) AS n,
  count(o.value_quantity) AS "values",
  count(DISTINCT o.person) FILTER (WHERE o.value_quantity > CAST(140.0 AS double precision)) AS high
FROM observation AS o
WHERE o.effective_at > TIMESTAMP '2011-01-01 00:00:00'
GROUP BY extract(year FROM o.effective_at), o.code;

-- duckdb full
SELECT k0,
  k1,
  count(*) AS people,
  CAST(coalesce(sum(record_key), 0) % 256 AS integer) AS ckey,
  CAST(coalesce(sum(n0), 0) AS bigint) AS a0_n,
  count(*) AS a0_c,
  CAST(coalesce(sum(record_key), 0) % 256 AS integer) AS a0_k,
  coalesce(max(CAST(n0 AS double), 2)[1], 0) AS a0_m1,
  coalesce(max(CAST(n0 AS double), 2)[2], 0) AS a0_m2,
  CAST(coalesce(sum(n1), 0) AS bigint) AS a1_n,
  count(*) FILTER (WHERE n1 > 0) AS a1_c,
  CAST(coalesce(sum(record_key) FILTER (WHERE n1 > 0), 0) % 256 AS integer) AS a1_k,
  coalesce(max(CAST(n1 AS double), 2)[1], 0) AS a1_m1,
  coalesce(max(CAST(n1 AS double), 2)[2], 0) AS a1_m2,
  CAST(coalesce(sum(n2), 0) AS bigint) AS a2_n,
  count(*) FILTER (WHERE n2 > 0) AS a2_c,
  CAST(coalesce(sum(record_key) FILTER (WHERE n2 > 0), 0) % 256 AS integer) AS a2_k,
  CASE WHEN count(*) FILTER (WHERE n2 > 0) >= 1 THEN 1e0 ELSE 0e0 END AS a2_m1,
  CASE WHEN count(*) FILTER (WHERE n2 > 0) >= 2 THEN 1e0 ELSE 0e0 END AS a2_m2
FROM (
  SELECT person_id,
    k0,
    k1,
    min(record_key) AS record_key,
    count(*) AS n0,
    count(x1) AS n1,
    CASE WHEN count(x2) FILTER (WHERE f2) > 0 THEN 1 ELSE 0 END AS n2
  FROM (
    SELECT t1.c7 AS person_id,
      t1.c11 AS record_key,
      CAST(date_part('year', t1.c9) AS double) AS k0,
      t1.c8 AS k1,
      t1.c10 AS x1,
      t1.c7 AS x2,
      t1.c10 > 140.0e0 AS f2
    FROM (
      SELECT o.person_id AS c7,
        o.code AS c8,
        o.effective_at AS c9,
        o.value_quantity AS c10,
        o.record_key AS c11,
        o.allowed_national_data_opt_out AS c12
      FROM snapshot_1.observation AS o
      WHERE (o.code IN (SELECT code FROM codelist.restricted)) IS NOT TRUE
        AND (o.value_code IN (SELECT code FROM codelist.restricted)) IS NOT TRUE
    ) AS t1
    WHERE t1.c12
      AND NOT EXISTS (
      SELECT 1
      FROM snapshot_1.objections AS objections
      WHERE objections.person_id = t1.c7
    )
      AND t1.c9 > TIMESTAMP '2011-01-01 00:00:00'
  ) AS r
  GROUP BY person_id, k0, k1
) AS p
GROUP BY k0, k1;

-- duckdb allowed
SELECT k0,
  k1,
  count(*) AS people,
  count(*) FILTER (WHERE NOT in_order) AS misplaced,
  CAST(coalesce(sum(record_key), 0) % 256 AS integer) AS ckey,
  CAST(coalesce(sum(n0), 0) AS bigint) AS a0_n,
  count(*) AS a0_c,
  CAST(coalesce(sum(record_key), 0) % 256 AS integer) AS a0_k,
  coalesce(max(CAST(n0 AS double), 2)[1], 0) AS a0_m1,
  coalesce(max(CAST(n0 AS double), 2)[2], 0) AS a0_m2,
  CAST(coalesce(sum(n1), 0) AS bigint) AS a1_n,
  count(*) FILTER (WHERE n1 > 0) AS a1_c,
  CAST(coalesce(sum(record_key) FILTER (WHERE n1 > 0), 0) % 256 AS integer) AS a1_k,
  coalesce(max(CAST(n1 AS double), 2)[1], 0) AS a1_m1,
  coalesce(max(CAST(n1 AS double), 2)[2], 0) AS a1_m2,
  CAST(coalesce(sum(n2), 0) AS bigint) AS a2_n,
  count(*) FILTER (WHERE n2 > 0) AS a2_c,
  CAST(coalesce(sum(record_key) FILTER (WHERE n2 > 0), 0) % 256 AS integer) AS a2_k,
  CASE WHEN count(*) FILTER (WHERE n2 > 0) >= 1 THEN 1e0 ELSE 0e0 END AS a2_m1,
  CASE WHEN count(*) FILTER (WHERE n2 > 0) >= 2 THEN 1e0 ELSE 0e0 END AS a2_m2
FROM (
  SELECT person_id,
    record_key,
    k0,
    k1,
    n0 - lag(n0, 1, 0) OVER () AS n0,
    n1 - lag(n1, 1, 0) OVER () AS n1,
    CASE WHEN n2 - lag(n2, 1, 0) OVER () > 0 THEN 1 ELSE 0 END AS n2,
    coalesce(CASE WHEN lag(person_id) OVER () IS NULL THEN true WHEN k1 IS NOT DISTINCT FROM lag(k1) OVER () THEN person_id > lag(person_id) OVER () OR person_id = lag(person_id) OVER () AND coalesce(k0 > lag(k0) OVER (), k0 IS NULL AND lag(k0) OVER () IS NOT NULL) ELSE coalesce(k1 > lag(k1) OVER (), k1 IS NULL) END, false) AS in_order
  FROM (
    SELECT person_id,
      record_key,
      k0,
      k1,
      row_number() OVER () AS n0,
      count(CASE WHEN x1 IS NOT NULL THEN 1 END) OVER (ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS n1,
      count(CASE WHEN f2 AND x2 IS NOT NULL THEN 1 END) OVER (ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS n2,
      person_id IS DISTINCT FROM lead(person_id) OVER () OR k0 IS DISTINCT FROM lead(k0) OVER () OR k1 IS DISTINCT FROM lead(k1) OVER () AS is_last
    FROM (
      SELECT o.person_id,
        o.record_key,
        CAST(date_part('year', o.effective_at) AS double) AS k0,
        o.code AS k1,
        o.value_quantity AS x1,
        o.person_id AS x2,
        o.value_quantity > 140.0e0 AS f2
      FROM snapshot_1.observation AS o
      WHERE o.allowed_national_data_opt_out
        AND o.effective_at > TIMESTAMP '2011-01-01 00:00:00'
    ) AS r
  ) AS e
  WHERE is_last
) AS p
GROUP BY k0, k1;

-- duckdb plain
SELECT k0,
  k1,
  count(*) AS people,
  count(*) FILTER (WHERE NOT in_order) AS misplaced,
  CAST(coalesce(sum(n0), 0) AS bigint) AS a0_n,
  CAST(coalesce(sum(n1), 0) AS bigint) AS a1_n,
  CAST(coalesce(sum(n2), 0) AS bigint) AS a2_n
FROM (
  SELECT person_id,
    k0,
    k1,
    n0 - lag(n0, 1, 0) OVER () AS n0,
    n1 - lag(n1, 1, 0) OVER () AS n1,
    CASE WHEN n2 - lag(n2, 1, 0) OVER () > 0 THEN 1 ELSE 0 END AS n2,
    coalesce(CASE WHEN lag(person_id) OVER () IS NULL THEN true WHEN k1 IS NOT DISTINCT FROM lag(k1) OVER () THEN person_id > lag(person_id) OVER () OR person_id = lag(person_id) OVER () AND coalesce(k0 > lag(k0) OVER (), k0 IS NULL AND lag(k0) OVER () IS NOT NULL) ELSE coalesce(k1 > lag(k1) OVER (), k1 IS NULL) END, false) AS in_order
  FROM (
    SELECT person_id,
      k0,
      k1,
      row_number() OVER () AS n0,
      count(CASE WHEN x1 IS NOT NULL THEN 1 END) OVER (ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS n1,
      count(CASE WHEN f2 AND x2 IS NOT NULL THEN 1 END) OVER (ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS n2,
      person_id IS DISTINCT FROM lead(person_id) OVER () OR k0 IS DISTINCT FROM lead(k0) OVER () OR k1 IS DISTINCT FROM lead(k1) OVER () AS is_last
    FROM (
      SELECT o.person_id,
        CAST(date_part('year', o.effective_at) AS double) AS k0,
        o.code AS k1,
        o.value_quantity AS x1,
        o.person_id AS x2,
        o.value_quantity > 140.0e0 AS f2
      FROM snapshot_1.observation AS o
      WHERE o.effective_at > TIMESTAMP '2011-01-01 00:00:00'
    ) AS r
  ) AS e
  WHERE is_last
) AS p
GROUP BY k0, k1;

-- duckdb cohort
SELECT k0, k1, q.person, n2 > 0 AS d2
FROM (
  SELECT person_id,
    k0,
    k1,
    count(*) AS n0,
    count(x1) AS n1,
    CASE WHEN count(x2) FILTER (WHERE f2) > 0 THEN 1 ELSE 0 END AS n2
  FROM (
    SELECT t1.c7 AS person_id,
      CAST(date_part('year', t1.c9) AS double) AS k0,
      t1.c8 AS k1,
      t1.c10 AS x1,
      t1.c7 AS x2,
      t1.c10 > 140.0e0 AS f2
    FROM (
      SELECT o.person_id AS c7,
        o.code AS c8,
        o.effective_at AS c9,
        o.value_quantity AS c10,
        o.allowed_national_data_opt_out AS c11
      FROM snapshot_1.observation AS o
      WHERE (o.code IN (SELECT code FROM codelist.restricted)) IS NOT TRUE
        AND (o.value_code IN (SELECT code FROM codelist.restricted)) IS NOT TRUE
    ) AS t1
    WHERE t1.c11
      AND NOT EXISTS (
      SELECT 1
      FROM snapshot_1.objections AS objections
      WHERE objections.person_id = t1.c7
    )
      AND t1.c9 > TIMESTAMP '2011-01-01 00:00:00'
  ) AS r
  GROUP BY person_id, k0, k1
) AS p
JOIN snapshot_1.person AS q ON q.person_id = p.person_id;

-- postgresql full
SELECT k0,
  k1,
  count(*) AS people,
  CAST(coalesce(sum(record_key), 0) % 256 AS integer) AS ckey,
  CAST(coalesce(sum(n0), 0) AS bigint) AS a0_n,
  count(*) AS a0_c,
  CAST(coalesce(sum(record_key), 0) % 256 AS integer) AS a0_k,
  coalesce((array_agg(CAST(n0 AS double precision) ORDER BY CAST(n0 AS double precision) DESC NULLS LAST))[1], 0) AS a0_m1,
  coalesce((array_agg(CAST(n0 AS double precision) ORDER BY CAST(n0 AS double precision) DESC NULLS LAST))[2], 0) AS a0_m2,
  CAST(coalesce(sum(n1), 0) AS bigint) AS a1_n,
  count(*) FILTER (WHERE n1 > 0) AS a1_c,
  CAST(coalesce(sum(record_key) FILTER (WHERE n1 > 0), 0) % 256 AS integer) AS a1_k,
  coalesce((array_agg(CAST(n1 AS double precision) ORDER BY CAST(n1 AS double precision) DESC NULLS LAST))[1], 0) AS a1_m1,
  coalesce((array_agg(CAST(n1 AS double precision) ORDER BY CAST(n1 AS double precision) DESC NULLS LAST))[2], 0) AS a1_m2,
  CAST(coalesce(sum(n2), 0) AS bigint) AS a2_n,
  count(*) FILTER (WHERE n2 > 0) AS a2_c,
  CAST(coalesce(sum(record_key) FILTER (WHERE n2 > 0), 0) % 256 AS integer) AS a2_k,
  CASE WHEN count(*) FILTER (WHERE n2 > 0) >= 1 THEN 1e0 ELSE 0e0 END AS a2_m1,
  CASE WHEN count(*) FILTER (WHERE n2 > 0) >= 2 THEN 1e0 ELSE 0e0 END AS a2_m2
FROM (
  SELECT person_id,
    k0,
    k1,
    min(record_key) AS record_key,
    count(*) AS n0,
    count(x1) AS n1,
    CASE WHEN count(x2) FILTER (WHERE f2) > 0 THEN 1 ELSE 0 END AS n2
  FROM (
    SELECT t1.c7 AS person_id,
      t1.c11 AS record_key,
      date_part('year', t1.c9) AS k0,
      t1.c8 AS k1,
      t1.c10 AS x1,
      t1.c7 AS x2,
      t1.c10 > CAST(140.0 AS double precision) AS f2
    FROM (
      SELECT o.person_id AS c7,
        o.code AS c8,
        o.effective_at AS c9,
        o.value_quantity AS c10,
        o.record_key AS c11,
        o.allowed_national_data_opt_out AS c12
      FROM snapshot_1.observation AS o
      WHERE (o.code IN (SELECT code FROM codelist.restricted)) IS NOT TRUE
        AND (o.value_code IN (SELECT code FROM codelist.restricted)) IS NOT TRUE
    ) AS t1
    WHERE t1.c12
      AND NOT EXISTS (
      SELECT 1
      FROM snapshot_1.objections AS objections
      WHERE objections.person_id = t1.c7
    )
      AND t1.c9 > TIMESTAMP '2011-01-01 00:00:00'
  ) AS r
  GROUP BY person_id, k0, k1
) AS p
GROUP BY k0, k1;

-- postgresql allowed
SELECT k0,
  k1,
  count(*) AS people,
  CAST(coalesce(sum(record_key), 0) % 256 AS integer) AS ckey,
  CAST(coalesce(sum(n0), 0) AS bigint) AS a0_n,
  count(*) AS a0_c,
  CAST(coalesce(sum(record_key), 0) % 256 AS integer) AS a0_k,
  coalesce((array_agg(CAST(n0 AS double precision) ORDER BY CAST(n0 AS double precision) DESC NULLS LAST))[1], 0) AS a0_m1,
  coalesce((array_agg(CAST(n0 AS double precision) ORDER BY CAST(n0 AS double precision) DESC NULLS LAST))[2], 0) AS a0_m2,
  CAST(coalesce(sum(n1), 0) AS bigint) AS a1_n,
  count(*) FILTER (WHERE n1 > 0) AS a1_c,
  CAST(coalesce(sum(record_key) FILTER (WHERE n1 > 0), 0) % 256 AS integer) AS a1_k,
  coalesce((array_agg(CAST(n1 AS double precision) ORDER BY CAST(n1 AS double precision) DESC NULLS LAST))[1], 0) AS a1_m1,
  coalesce((array_agg(CAST(n1 AS double precision) ORDER BY CAST(n1 AS double precision) DESC NULLS LAST))[2], 0) AS a1_m2,
  CAST(coalesce(sum(n2), 0) AS bigint) AS a2_n,
  count(*) FILTER (WHERE n2 > 0) AS a2_c,
  CAST(coalesce(sum(record_key) FILTER (WHERE n2 > 0), 0) % 256 AS integer) AS a2_k,
  CASE WHEN count(*) FILTER (WHERE n2 > 0) >= 1 THEN 1e0 ELSE 0e0 END AS a2_m1,
  CASE WHEN count(*) FILTER (WHERE n2 > 0) >= 2 THEN 1e0 ELSE 0e0 END AS a2_m2
FROM (
  SELECT person_id,
    k0,
    k1,
    min(record_key) AS record_key,
    count(*) AS n0,
    count(x1) AS n1,
    CASE WHEN count(x2) FILTER (WHERE f2) > 0 THEN 1 ELSE 0 END AS n2
  FROM (
    SELECT o.person_id,
      o.record_key,
      date_part('year', o.effective_at) AS k0,
      o.code AS k1,
      o.value_quantity AS x1,
      o.person_id AS x2,
      o.value_quantity > CAST(140.0 AS double precision) AS f2
    FROM snapshot_1.observation AS o
    WHERE o.allowed_national_data_opt_out
      AND o.effective_at > TIMESTAMP '2011-01-01 00:00:00'
  ) AS r
  GROUP BY person_id, k0, k1
) AS p
GROUP BY k0, k1;

-- postgresql plain
SELECT k0,
  k1,
  count(*) AS people,
  CAST(coalesce(sum(n0), 0) AS bigint) AS a0_n,
  CAST(coalesce(sum(n1), 0) AS bigint) AS a1_n,
  CAST(coalesce(sum(n2), 0) AS bigint) AS a2_n
FROM (
  SELECT person_id,
    k0,
    k1,
    count(*) AS n0,
    count(x1) AS n1,
    CASE WHEN count(x2) FILTER (WHERE f2) > 0 THEN 1 ELSE 0 END AS n2
  FROM (
    SELECT o.person_id,
      date_part('year', o.effective_at) AS k0,
      o.code AS k1,
      o.value_quantity AS x1,
      o.person_id AS x2,
      o.value_quantity > CAST(140.0 AS double precision) AS f2
    FROM snapshot_1.observation AS o
    WHERE o.effective_at > TIMESTAMP '2011-01-01 00:00:00'
  ) AS r
  GROUP BY person_id, k0, k1
) AS p
GROUP BY k0, k1;

-- postgresql cohort
SELECT k0, k1, q.person, n2 > 0 AS d2
FROM (
  SELECT person_id,
    k0,
    k1,
    count(*) AS n0,
    count(x1) AS n1,
    CASE WHEN count(x2) FILTER (WHERE f2) > 0 THEN 1 ELSE 0 END AS n2
  FROM (
    SELECT t1.c7 AS person_id,
      date_part('year', t1.c9) AS k0,
      t1.c8 AS k1,
      t1.c10 AS x1,
      t1.c7 AS x2,
      t1.c10 > CAST(140.0 AS double precision) AS f2
    FROM (
      SELECT o.person_id AS c7,
        o.code AS c8,
        o.effective_at AS c9,
        o.value_quantity AS c10,
        o.allowed_national_data_opt_out AS c11
      FROM snapshot_1.observation AS o
      WHERE (o.code IN (SELECT code FROM codelist.restricted)) IS NOT TRUE
        AND (o.value_code IN (SELECT code FROM codelist.restricted)) IS NOT TRUE
    ) AS t1
    WHERE t1.c11
      AND NOT EXISTS (
      SELECT 1
      FROM snapshot_1.objections AS objections
      WHERE objections.person_id = t1.c7
    )
      AND t1.c9 > TIMESTAMP '2011-01-01 00:00:00'
  ) AS r
  GROUP BY person_id, k0, k1
) AS p
JOIN snapshot_1.person AS q ON q.person_id = p.person_id;

# value by sex
SELECT p.sex, count(o.value_quantity) AS n, sum(o.value_quantity) AS sum
FROM patient AS p
  JOIN observation AS o ON o.person = p.person
WHERE o.code = 'bp'
GROUP BY p.sex;

-- duckdb full
SELECT k0,
  count(*) AS people,
  CAST(coalesce(sum(record_key), 0) % 256 AS integer) AS ckey,
  CAST(coalesce(sum(n0), 0) AS bigint) AS a0_n,
  count(*) FILTER (WHERE n0 > 0) AS a0_c,
  CAST(coalesce(sum(record_key) FILTER (WHERE n0 > 0), 0) % 256 AS integer) AS a0_k,
  coalesce(max(CAST(n0 AS double), 2)[1], 0) AS a0_m1,
  coalesce(max(CAST(n0 AS double), 2)[2], 0) AS a0_m2,
  CAST(coalesce(sum(n1), 0) AS bigint) AS a1_n,
  CAST(coalesce(sum(s1), 0) AS double) AS a1_s,
  count(*) FILTER (WHERE e1 > 0) AS a1_c,
  CAST(coalesce(sum(record_key) FILTER (WHERE e1 > 0), 0) % 256 AS integer) AS a1_k,
  coalesce(max(CAST(abs(s1) AS double), 2)[1], 0) AS a1_m1,
  coalesce(max(CAST(abs(s1) AS double), 2)[2], 0) AS a1_m2
FROM (
  SELECT person_id,
    k0,
    min(record_key) AS record_key,
    count(x0) AS n0,
    count(CASE WHEN x1 < 40.0e0 THEN 40.0e0 WHEN x1 > 300.0e0 THEN 300.0e0 ELSE x1 END) AS n1,
    sum(CASE WHEN x1 < 40.0e0 THEN 40.0e0 WHEN x1 > 300.0e0 THEN 300.0e0 ELSE x1 END) AS s1,
    count(*) FILTER (WHERE CASE WHEN x1 < 40.0e0 THEN 40.0e0 WHEN x1 > 300.0e0 THEN 300.0e0 ELSE x1 END <> 40.0e0) AS e1
  FROM (
    SELECT p.person_id, p.record_key, p.sex AS k0, t1.c10 AS x0, t1.c10 AS x1
    FROM snapshot_1.patient AS p
      JOIN (
        SELECT o.person_id AS c7, o.code AS c8, o.effective_at AS c9, o.value_quantity AS c10
        FROM snapshot_1.observation AS o
        WHERE (o.code IN (SELECT code FROM codelist.restricted)) IS NOT TRUE
          AND (o.value_code IN (SELECT code FROM codelist.restricted)) IS NOT TRUE
      ) AS t1 ON t1.c7 = p.person_id
    WHERE p.allowed_national_data_opt_out
      AND NOT EXISTS (
      SELECT 1
      FROM snapshot_1.objections AS objections
      WHERE objections.person_id = p.person_id
    )
      AND t1.c8 = 'bp'
  ) AS r
  GROUP BY person_id, k0
) AS p
GROUP BY k0;

-- duckdb allowed
SELECT k0,
  count(*) AS people,
  CAST(coalesce(sum(record_key), 0) % 256 AS integer) AS ckey,
  CAST(coalesce(sum(n0), 0) AS bigint) AS a0_n,
  count(*) FILTER (WHERE n0 > 0) AS a0_c,
  CAST(coalesce(sum(record_key) FILTER (WHERE n0 > 0), 0) % 256 AS integer) AS a0_k,
  coalesce(max(CAST(n0 AS double), 2)[1], 0) AS a0_m1,
  coalesce(max(CAST(n0 AS double), 2)[2], 0) AS a0_m2,
  CAST(coalesce(sum(n1), 0) AS bigint) AS a1_n,
  CAST(coalesce(sum(s1), 0) AS double) AS a1_s,
  count(*) FILTER (WHERE e1 > 0) AS a1_c,
  CAST(coalesce(sum(record_key) FILTER (WHERE e1 > 0), 0) % 256 AS integer) AS a1_k,
  coalesce(max(CAST(abs(s1) AS double), 2)[1], 0) AS a1_m1,
  coalesce(max(CAST(abs(s1) AS double), 2)[2], 0) AS a1_m2
FROM (
  SELECT person_id,
    k0,
    min(record_key) AS record_key,
    count(x0) AS n0,
    count(CASE WHEN x1 < 40.0e0 THEN 40.0e0 WHEN x1 > 300.0e0 THEN 300.0e0 ELSE x1 END) AS n1,
    sum(CASE WHEN x1 < 40.0e0 THEN 40.0e0 WHEN x1 > 300.0e0 THEN 300.0e0 ELSE x1 END) AS s1,
    count(*) FILTER (WHERE CASE WHEN x1 < 40.0e0 THEN 40.0e0 WHEN x1 > 300.0e0 THEN 300.0e0 ELSE x1 END <> 40.0e0) AS e1
  FROM (
    SELECT p.person_id, p.record_key, p.sex AS k0, o.value_quantity AS x0, o.value_quantity AS x1
    FROM snapshot_1.patient AS p
      JOIN snapshot_1.observation AS o ON o.person_id = p.person_id
    WHERE p.allowed_national_data_opt_out
      AND o.code = 'bp'
  ) AS r
  GROUP BY person_id, k0
) AS p
GROUP BY k0;

-- duckdb plain
SELECT k0,
  count(*) AS people,
  CAST(coalesce(sum(n0), 0) AS bigint) AS a0_n,
  CAST(coalesce(sum(n1), 0) AS bigint) AS a1_n,
  CAST(coalesce(sum(s1), 0) AS double) AS a1_s
FROM (
  SELECT person_id,
    k0,
    count(x0) AS n0,
    count(CASE WHEN abs(x1) < 1e150 THEN x1 END) AS n1,
    sum(CASE WHEN abs(x1) < 1e150 THEN x1 END) AS s1,
    count(*) FILTER (WHERE CASE WHEN abs(x1) < 1e150 THEN x1 END <> 40.0e0) AS e1
  FROM (
    SELECT p.person_id, p.sex AS k0, o.value_quantity AS x0, o.value_quantity AS x1
    FROM snapshot_1.patient AS p
      JOIN snapshot_1.observation AS o ON o.person_id = p.person_id
    WHERE o.code = 'bp'
  ) AS r
  GROUP BY person_id, k0
) AS p
GROUP BY k0;

-- duckdb cohort
SELECT k0, q.person
FROM (
  SELECT person_id,
    k0,
    count(x0) AS n0,
    count(CASE WHEN abs(x1) < 1e150 THEN x1 END) AS n1,
    sum(CASE WHEN abs(x1) < 1e150 THEN x1 END) AS s1,
    count(*) FILTER (WHERE CASE WHEN abs(x1) < 1e150 THEN x1 END <> 40.0e0) AS e1
  FROM (
    SELECT p.person_id, p.sex AS k0, t1.c10 AS x0, t1.c10 AS x1
    FROM snapshot_1.patient AS p
      JOIN (
        SELECT o.person_id AS c7, o.code AS c8, o.effective_at AS c9, o.value_quantity AS c10
        FROM snapshot_1.observation AS o
        WHERE (o.code IN (SELECT code FROM codelist.restricted)) IS NOT TRUE
          AND (o.value_code IN (SELECT code FROM codelist.restricted)) IS NOT TRUE
      ) AS t1 ON t1.c7 = p.person_id
    WHERE p.allowed_national_data_opt_out
      AND NOT EXISTS (
      SELECT 1
      FROM snapshot_1.objections AS objections
      WHERE objections.person_id = p.person_id
    )
      AND t1.c8 = 'bp'
  ) AS r
  GROUP BY person_id, k0
) AS p
JOIN snapshot_1.person AS q ON q.person_id = p.person_id;

-- postgresql full
SELECT k0,
  count(*) AS people,
  CAST(coalesce(sum(record_key), 0) % 256 AS integer) AS ckey,
  CAST(coalesce(sum(n0), 0) AS bigint) AS a0_n,
  count(*) FILTER (WHERE n0 > 0) AS a0_c,
  CAST(coalesce(sum(record_key) FILTER (WHERE n0 > 0), 0) % 256 AS integer) AS a0_k,
  coalesce((array_agg(CAST(n0 AS double precision) ORDER BY CAST(n0 AS double precision) DESC NULLS LAST))[1], 0) AS a0_m1,
  coalesce((array_agg(CAST(n0 AS double precision) ORDER BY CAST(n0 AS double precision) DESC NULLS LAST))[2], 0) AS a0_m2,
  CAST(coalesce(sum(n1), 0) AS bigint) AS a1_n,
  CAST(coalesce(sum(s1), 0) AS double precision) AS a1_s,
  count(*) FILTER (WHERE e1 > 0) AS a1_c,
  CAST(coalesce(sum(record_key) FILTER (WHERE e1 > 0), 0) % 256 AS integer) AS a1_k,
  coalesce((array_agg(CAST(abs(s1) AS double precision) ORDER BY CAST(abs(s1) AS double precision) DESC NULLS LAST))[1], 0) AS a1_m1,
  coalesce((array_agg(CAST(abs(s1) AS double precision) ORDER BY CAST(abs(s1) AS double precision) DESC NULLS LAST))[2], 0) AS a1_m2
FROM (
  SELECT person_id,
    k0,
    min(record_key) AS record_key,
    count(x0) AS n0,
    count(CASE WHEN x1 < CAST(40.0 AS double precision) THEN CAST(40.0 AS double precision) WHEN x1 > CAST(300.0 AS double precision) THEN CAST(300.0 AS double precision) ELSE x1 END) AS n1,
    sum(CASE WHEN x1 < CAST(40.0 AS double precision) THEN CAST(40.0 AS double precision) WHEN x1 > CAST(300.0 AS double precision) THEN CAST(300.0 AS double precision) ELSE x1 END) AS s1,
    count(*) FILTER (WHERE CASE WHEN x1 < CAST(40.0 AS double precision) THEN CAST(40.0 AS double precision) WHEN x1 > CAST(300.0 AS double precision) THEN CAST(300.0 AS double precision) ELSE x1 END <> CAST(40.0 AS double precision)) AS e1
  FROM (
    SELECT p.person_id, p.record_key, p.sex AS k0, t1.c10 AS x0, t1.c10 AS x1
    FROM snapshot_1.patient AS p
      JOIN (
        SELECT o.person_id AS c7, o.code AS c8, o.effective_at AS c9, o.value_quantity AS c10
        FROM snapshot_1.observation AS o
        WHERE (o.code IN (SELECT code FROM codelist.restricted)) IS NOT TRUE
          AND (o.value_code IN (SELECT code FROM codelist.restricted)) IS NOT TRUE
      ) AS t1 ON t1.c7 = p.person_id
    WHERE p.allowed_national_data_opt_out
      AND NOT EXISTS (
      SELECT 1
      FROM snapshot_1.objections AS objections
      WHERE objections.person_id = p.person_id
    )
      AND t1.c8 = 'bp'
  ) AS r
  GROUP BY person_id, k0
) AS p
GROUP BY k0;

-- postgresql allowed
SELECT k0,
  count(*) AS people,
  CAST(coalesce(sum(record_key), 0) % 256 AS integer) AS ckey,
  CAST(coalesce(sum(n0), 0) AS bigint) AS a0_n,
  count(*) FILTER (WHERE n0 > 0) AS a0_c,
  CAST(coalesce(sum(record_key) FILTER (WHERE n0 > 0), 0) % 256 AS integer) AS a0_k,
  coalesce((array_agg(CAST(n0 AS double precision) ORDER BY CAST(n0 AS double precision) DESC NULLS LAST))[1], 0) AS a0_m1,
  coalesce((array_agg(CAST(n0 AS double precision) ORDER BY CAST(n0 AS double precision) DESC NULLS LAST))[2], 0) AS a0_m2,
  CAST(coalesce(sum(n1), 0) AS bigint) AS a1_n,
  CAST(coalesce(sum(s1), 0) AS double precision) AS a1_s,
  count(*) FILTER (WHERE e1 > 0) AS a1_c,
  CAST(coalesce(sum(record_key) FILTER (WHERE e1 > 0), 0) % 256 AS integer) AS a1_k,
  coalesce((array_agg(CAST(abs(s1) AS double precision) ORDER BY CAST(abs(s1) AS double precision) DESC NULLS LAST))[1], 0) AS a1_m1,
  coalesce((array_agg(CAST(abs(s1) AS double precision) ORDER BY CAST(abs(s1) AS double precision) DESC NULLS LAST))[2], 0) AS a1_m2
FROM (
  SELECT person_id,
    k0,
    min(record_key) AS record_key,
    count(x0) AS n0,
    count(CASE WHEN x1 < CAST(40.0 AS double precision) THEN CAST(40.0 AS double precision) WHEN x1 > CAST(300.0 AS double precision) THEN CAST(300.0 AS double precision) ELSE x1 END) AS n1,
    sum(CASE WHEN x1 < CAST(40.0 AS double precision) THEN CAST(40.0 AS double precision) WHEN x1 > CAST(300.0 AS double precision) THEN CAST(300.0 AS double precision) ELSE x1 END) AS s1,
    count(*) FILTER (WHERE CASE WHEN x1 < CAST(40.0 AS double precision) THEN CAST(40.0 AS double precision) WHEN x1 > CAST(300.0 AS double precision) THEN CAST(300.0 AS double precision) ELSE x1 END <> CAST(40.0 AS double precision)) AS e1
  FROM (
    SELECT p.person_id, p.record_key, p.sex AS k0, o.value_quantity AS x0, o.value_quantity AS x1
    FROM snapshot_1.patient AS p
      JOIN snapshot_1.observation AS o ON o.person_id = p.person_id
    WHERE p.allowed_national_data_opt_out
      AND o.code = 'bp'
  ) AS r
  GROUP BY person_id, k0
) AS p
GROUP BY k0;

-- postgresql plain
SELECT k0,
  count(*) AS people,
  CAST(coalesce(sum(n0), 0) AS bigint) AS a0_n,
  CAST(coalesce(sum(n1), 0) AS bigint) AS a1_n,
  CAST(coalesce(sum(s1), 0) AS double precision) AS a1_s
FROM (
  SELECT person_id,
    k0,
    count(x0) AS n0,
    count(CASE WHEN abs(x1) < 1e150 THEN x1 END) AS n1,
    sum(CASE WHEN abs(x1) < 1e150 THEN x1 END) AS s1,
    count(*) FILTER (WHERE CASE WHEN abs(x1) < 1e150 THEN x1 END <> CAST(40.0 AS double precision)) AS e1
  FROM (
    SELECT p.person_id, p.sex AS k0, o.value_quantity AS x0, o.value_quantity AS x1
    FROM snapshot_1.patient AS p
      JOIN snapshot_1.observation AS o ON o.person_id = p.person_id
    WHERE o.code = 'bp'
  ) AS r
  GROUP BY person_id, k0
) AS p
GROUP BY k0;

-- postgresql cohort
SELECT k0, q.person
FROM (
  SELECT person_id,
    k0,
    count(x0) AS n0,
    count(CASE WHEN abs(x1) < 1e150 THEN x1 END) AS n1,
    sum(CASE WHEN abs(x1) < 1e150 THEN x1 END) AS s1,
    count(*) FILTER (WHERE CASE WHEN abs(x1) < 1e150 THEN x1 END <> CAST(40.0 AS double precision)) AS e1
  FROM (
    SELECT p.person_id, p.sex AS k0, t1.c10 AS x0, t1.c10 AS x1
    FROM snapshot_1.patient AS p
      JOIN (
        SELECT o.person_id AS c7, o.code AS c8, o.effective_at AS c9, o.value_quantity AS c10
        FROM snapshot_1.observation AS o
        WHERE (o.code IN (SELECT code FROM codelist.restricted)) IS NOT TRUE
          AND (o.value_code IN (SELECT code FROM codelist.restricted)) IS NOT TRUE
      ) AS t1 ON t1.c7 = p.person_id
    WHERE p.allowed_national_data_opt_out
      AND NOT EXISTS (
      SELECT 1
      FROM snapshot_1.objections AS objections
      WHERE objections.person_id = p.person_id
    )
      AND t1.c8 = 'bp'
  ) AS r
  GROUP BY person_id, k0
) AS p
JOIN snapshot_1.person AS q ON q.person_id = p.person_id;

# prevalence
SELECT date_trunc('decade', p.birth_date) AS decade,
  p.sex,
  count(*) AS people,
  count(t1.person) AS "with"
FROM patient AS p
  LEFT JOIN (
    SELECT DISTINCT c.person
    FROM condition AS c
    WHERE c.code = 'd1'
  ) AS t1 ON t1.person = p.person
GROUP BY date_trunc('decade', p.birth_date), p.sex;

-- duckdb full
SELECT k0,
  k1,
  count(*) AS people,
  CAST(coalesce(sum(record_key), 0) % 256 AS integer) AS ckey,
  CAST(coalesce(sum(n0), 0) AS bigint) AS a0_n,
  count(*) AS a0_c,
  CAST(coalesce(sum(record_key), 0) % 256 AS integer) AS a0_k,
  CASE WHEN count(*) >= 1 THEN 1e0 ELSE 0e0 END AS a0_m1,
  CASE WHEN count(*) >= 2 THEN 1e0 ELSE 0e0 END AS a0_m2,
  CAST(coalesce(sum(n1), 0) AS bigint) AS a1_n,
  count(*) FILTER (WHERE n1 > 0) AS a1_c,
  CAST(coalesce(sum(record_key) FILTER (WHERE n1 > 0), 0) % 256 AS integer) AS a1_k,
  CASE WHEN count(*) FILTER (WHERE n1 > 0) >= 1 THEN 1e0 ELSE 0e0 END AS a1_m1,
  CASE WHEN count(*) FILTER (WHERE n1 > 0) >= 2 THEN 1e0 ELSE 0e0 END AS a1_m2
FROM (
  SELECT person_id,
    k0,
    k1,
    record_key,
    1 AS n0,
    CASE WHEN x1 IS NOT NULL THEN 1 ELSE 0 END AS n1
  FROM (
    SELECT p.person_id,
      p.record_key,
      CAST(date_trunc('decade', CAST(p.birth_date AS timestamp)) AS timestamp) AS k0,
      p.sex AS k1,
      t1.c11 AS x1
    FROM snapshot_1.patient AS p
      LEFT JOIN (
        SELECT DISTINCT c.person_id AS c11
        FROM snapshot_1.condition AS c
        WHERE (c.code IN (SELECT code FROM codelist.restricted)) IS NOT TRUE
          AND c.code = 'd1'
      ) AS t1 ON t1.c11 = p.person_id
    WHERE p.allowed_national_data_opt_out
      AND NOT EXISTS (
      SELECT 1
      FROM snapshot_1.objections AS objections
      WHERE objections.person_id = p.person_id
    )
  ) AS r
) AS p
GROUP BY k0, k1;

-- duckdb allowed
SELECT k0,
  k1,
  count(*) AS people,
  CAST(coalesce(sum(record_key), 0) % 256 AS integer) AS ckey,
  CAST(coalesce(sum(n0), 0) AS bigint) AS a0_n,
  count(*) AS a0_c,
  CAST(coalesce(sum(record_key), 0) % 256 AS integer) AS a0_k,
  CASE WHEN count(*) >= 1 THEN 1e0 ELSE 0e0 END AS a0_m1,
  CASE WHEN count(*) >= 2 THEN 1e0 ELSE 0e0 END AS a0_m2,
  CAST(coalesce(sum(n1), 0) AS bigint) AS a1_n,
  count(*) FILTER (WHERE n1 > 0) AS a1_c,
  CAST(coalesce(sum(record_key) FILTER (WHERE n1 > 0), 0) % 256 AS integer) AS a1_k,
  CASE WHEN count(*) FILTER (WHERE n1 > 0) >= 1 THEN 1e0 ELSE 0e0 END AS a1_m1,
  CASE WHEN count(*) FILTER (WHERE n1 > 0) >= 2 THEN 1e0 ELSE 0e0 END AS a1_m2
FROM (
  SELECT person_id,
    k0,
    k1,
    record_key,
    1 AS n0,
    CASE WHEN x1 IS NOT NULL THEN 1 ELSE 0 END AS n1
  FROM (
    SELECT p.person_id,
      p.record_key,
      CAST(date_trunc('decade', CAST(p.birth_date AS timestamp)) AS timestamp) AS k0,
      p.sex AS k1,
      t1.c11 AS x1
    FROM snapshot_1.patient AS p
      LEFT JOIN (
        SELECT DISTINCT c.person_id AS c11
        FROM snapshot_1.condition AS c
        WHERE c.code = 'd1'
      ) AS t1 ON t1.c11 = p.person_id
    WHERE p.allowed_national_data_opt_out
  ) AS r
) AS p
GROUP BY k0, k1;

-- duckdb plain
SELECT k0,
  k1,
  count(*) AS people,
  CAST(coalesce(sum(n0), 0) AS bigint) AS a0_n,
  CAST(coalesce(sum(n1), 0) AS bigint) AS a1_n
FROM (
  SELECT person_id,
    k0,
    k1,
    1 AS n0,
    CASE WHEN x1 IS NOT NULL THEN 1 ELSE 0 END AS n1
  FROM (
    SELECT p.person_id,
      CAST(date_trunc('decade', CAST(p.birth_date AS timestamp)) AS timestamp) AS k0,
      p.sex AS k1,
      t1.c11 AS x1
    FROM snapshot_1.patient AS p
      LEFT JOIN (
        SELECT DISTINCT c.person_id AS c11
        FROM snapshot_1.condition AS c
        WHERE c.code = 'd1'
      ) AS t1 ON t1.c11 = p.person_id
  ) AS r
) AS p
GROUP BY k0, k1;

-- duckdb cohort
SELECT k0, k1, q.person
FROM (
  SELECT person_id,
    k0,
    k1,
    1 AS n0,
    CASE WHEN x1 IS NOT NULL THEN 1 ELSE 0 END AS n1
  FROM (
    SELECT p.person_id,
      CAST(date_trunc('decade', CAST(p.birth_date AS timestamp)) AS timestamp) AS k0,
      p.sex AS k1,
      t1.c11 AS x1
    FROM snapshot_1.patient AS p
      LEFT JOIN (
        SELECT DISTINCT c.person_id AS c11
        FROM snapshot_1.condition AS c
        WHERE (c.code IN (SELECT code FROM codelist.restricted)) IS NOT TRUE
          AND c.code = 'd1'
      ) AS t1 ON t1.c11 = p.person_id
    WHERE p.allowed_national_data_opt_out
      AND NOT EXISTS (
      SELECT 1
      FROM snapshot_1.objections AS objections
      WHERE objections.person_id = p.person_id
    )
  ) AS r
) AS p
JOIN snapshot_1.person AS q ON q.person_id = p.person_id;

-- postgresql full
SELECT k0,
  k1,
  count(*) AS people,
  CAST(coalesce(sum(record_key), 0) % 256 AS integer) AS ckey,
  CAST(coalesce(sum(n0), 0) AS bigint) AS a0_n,
  count(*) AS a0_c,
  CAST(coalesce(sum(record_key), 0) % 256 AS integer) AS a0_k,
  CASE WHEN count(*) >= 1 THEN 1e0 ELSE 0e0 END AS a0_m1,
  CASE WHEN count(*) >= 2 THEN 1e0 ELSE 0e0 END AS a0_m2,
  CAST(coalesce(sum(n1), 0) AS bigint) AS a1_n,
  count(*) FILTER (WHERE n1 > 0) AS a1_c,
  CAST(coalesce(sum(record_key) FILTER (WHERE n1 > 0), 0) % 256 AS integer) AS a1_k,
  CASE WHEN count(*) FILTER (WHERE n1 > 0) >= 1 THEN 1e0 ELSE 0e0 END AS a1_m1,
  CASE WHEN count(*) FILTER (WHERE n1 > 0) >= 2 THEN 1e0 ELSE 0e0 END AS a1_m2
FROM (
  SELECT person_id,
    k0,
    k1,
    record_key,
    1 AS n0,
    CASE WHEN x1 IS NOT NULL THEN 1 ELSE 0 END AS n1
  FROM (
    SELECT p.person_id,
      p.record_key,
      CAST(date_trunc('decade', CAST(p.birth_date AS timestamp)) AS timestamp) AS k0,
      p.sex AS k1,
      t1.c11 AS x1
    FROM snapshot_1.patient AS p
      LEFT JOIN (
        SELECT DISTINCT c.person_id AS c11
        FROM snapshot_1.condition AS c
        WHERE (c.code IN (SELECT code FROM codelist.restricted)) IS NOT TRUE
          AND c.code = 'd1'
      ) AS t1 ON t1.c11 = p.person_id
    WHERE p.allowed_national_data_opt_out
      AND NOT EXISTS (
      SELECT 1
      FROM snapshot_1.objections AS objections
      WHERE objections.person_id = p.person_id
    )
  ) AS r
) AS p
GROUP BY k0, k1;

-- postgresql allowed
SELECT k0,
  k1,
  count(*) AS people,
  CAST(coalesce(sum(record_key), 0) % 256 AS integer) AS ckey,
  CAST(coalesce(sum(n0), 0) AS bigint) AS a0_n,
  count(*) AS a0_c,
  CAST(coalesce(sum(record_key), 0) % 256 AS integer) AS a0_k,
  CASE WHEN count(*) >= 1 THEN 1e0 ELSE 0e0 END AS a0_m1,
  CASE WHEN count(*) >= 2 THEN 1e0 ELSE 0e0 END AS a0_m2,
  CAST(coalesce(sum(n1), 0) AS bigint) AS a1_n,
  count(*) FILTER (WHERE n1 > 0) AS a1_c,
  CAST(coalesce(sum(record_key) FILTER (WHERE n1 > 0), 0) % 256 AS integer) AS a1_k,
  CASE WHEN count(*) FILTER (WHERE n1 > 0) >= 1 THEN 1e0 ELSE 0e0 END AS a1_m1,
  CASE WHEN count(*) FILTER (WHERE n1 > 0) >= 2 THEN 1e0 ELSE 0e0 END AS a1_m2
FROM (
  SELECT person_id,
    k0,
    k1,
    record_key,
    1 AS n0,
    CASE WHEN x1 IS NOT NULL THEN 1 ELSE 0 END AS n1
  FROM (
    SELECT p.person_id,
      p.record_key,
      CAST(date_trunc('decade', CAST(p.birth_date AS timestamp)) AS timestamp) AS k0,
      p.sex AS k1,
      t1.c11 AS x1
    FROM snapshot_1.patient AS p
      LEFT JOIN (
        SELECT DISTINCT c.person_id AS c11
        FROM snapshot_1.condition AS c
        WHERE c.code = 'd1'
      ) AS t1 ON t1.c11 = p.person_id
    WHERE p.allowed_national_data_opt_out
  ) AS r
) AS p
GROUP BY k0, k1;

-- postgresql plain
SELECT k0,
  k1,
  count(*) AS people,
  CAST(coalesce(sum(n0), 0) AS bigint) AS a0_n,
  CAST(coalesce(sum(n1), 0) AS bigint) AS a1_n
FROM (
  SELECT person_id,
    k0,
    k1,
    1 AS n0,
    CASE WHEN x1 IS NOT NULL THEN 1 ELSE 0 END AS n1
  FROM (
    SELECT p.person_id,
      CAST(date_trunc('decade', CAST(p.birth_date AS timestamp)) AS timestamp) AS k0,
      p.sex AS k1,
      t1.c11 AS x1
    FROM snapshot_1.patient AS p
      LEFT JOIN (
        SELECT DISTINCT c.person_id AS c11
        FROM snapshot_1.condition AS c
        WHERE c.code = 'd1'
      ) AS t1 ON t1.c11 = p.person_id
  ) AS r
) AS p
GROUP BY k0, k1;

-- postgresql cohort
SELECT k0, k1, q.person
FROM (
  SELECT person_id,
    k0,
    k1,
    1 AS n0,
    CASE WHEN x1 IS NOT NULL THEN 1 ELSE 0 END AS n1
  FROM (
    SELECT p.person_id,
      CAST(date_trunc('decade', CAST(p.birth_date AS timestamp)) AS timestamp) AS k0,
      p.sex AS k1,
      t1.c11 AS x1
    FROM snapshot_1.patient AS p
      LEFT JOIN (
        SELECT DISTINCT c.person_id AS c11
        FROM snapshot_1.condition AS c
        WHERE (c.code IN (SELECT code FROM codelist.restricted)) IS NOT TRUE
          AND c.code = 'd1'
      ) AS t1 ON t1.c11 = p.person_id
    WHERE p.allowed_national_data_opt_out
      AND NOT EXISTS (
      SELECT 1
      FROM snapshot_1.objections AS objections
      WHERE objections.person_id = p.person_id
    )
  ) AS r
) AS p
JOIN snapshot_1.person AS q ON q.person_id = p.person_id;

# either dataset
SELECT count(*) AS n
FROM (
  (
    SELECT c.person
    FROM condition AS c
  )
  UNION
  (
    SELECT o.person
    FROM observation AS o
  )
) AS t1;

-- duckdb full
SELECT count(*) AS people,
  CAST(coalesce(sum(record_key), 0) % 256 AS integer) AS ckey,
  CAST(coalesce(sum(n0), 0) AS bigint) AS a0_n,
  count(*) AS a0_c,
  CAST(coalesce(sum(record_key), 0) % 256 AS integer) AS a0_k,
  coalesce(max(CAST(n0 AS double), 2)[1], 0) AS a0_m1,
  coalesce(max(CAST(n0 AS double), 2)[2], 0) AS a0_m2
FROM (
  SELECT person_id,
    count(*) AS n0
  FROM (
    SELECT t3.c12 AS person_id
    FROM (
      (
        SELECT t1.c11 AS c12
        FROM (
          SELECT c.person_id AS c11, c.record_key AS c16
          FROM snapshot_1.condition AS c
          WHERE (c.code IN (SELECT code FROM codelist.restricted)) IS NOT TRUE
            AND c.allowed_national_data_opt_out
            AND NOT EXISTS (
            SELECT 1
            FROM snapshot_1.objections AS objections
            WHERE objections.person_id = c.person_id
          )
        ) AS t1
      )
      UNION
      (
        SELECT t2.c7 AS c12
        FROM (
          SELECT o.person_id AS c7, o.record_key AS c17, o.allowed_national_data_opt_out AS c18
          FROM snapshot_1.observation AS o
          WHERE (o.code IN (SELECT code FROM codelist.restricted)) IS NOT TRUE
            AND (o.value_code IN (SELECT code FROM codelist.restricted)) IS NOT TRUE
        ) AS t2
        WHERE t2.c18
          AND NOT EXISTS (
          SELECT 1
          FROM snapshot_1.objections AS objections_2
          WHERE objections_2.person_id = t2.c7
        )
      )
    ) AS t3
  ) AS r
  GROUP BY person_id
) AS p
JOIN snapshot_1.person AS q ON q.person_id = p.person_id;

-- duckdb allowed
SELECT count(*) AS people,
  CAST(coalesce(sum(record_key), 0) % 256 AS integer) AS ckey,
  CAST(coalesce(sum(n0), 0) AS bigint) AS a0_n,
  count(*) AS a0_c,
  CAST(coalesce(sum(record_key), 0) % 256 AS integer) AS a0_k,
  coalesce(max(CAST(n0 AS double), 2)[1], 0) AS a0_m1,
  coalesce(max(CAST(n0 AS double), 2)[2], 0) AS a0_m2
FROM (
  SELECT person_id,
    count(*) AS n0
  FROM (
    SELECT t2.c12 AS person_id
    FROM (
      (
        SELECT t1.c11 AS c12
        FROM (
          SELECT c.person_id AS c11, c.record_key AS c15
          FROM snapshot_1.condition AS c
          WHERE c.allowed_national_data_opt_out
        ) AS t1
      )
      UNION
      (
        SELECT o.person_id AS c12
        FROM snapshot_1.observation AS o
        WHERE o.allowed_national_data_opt_out
      )
    ) AS t2
  ) AS r
  GROUP BY person_id
) AS p
JOIN snapshot_1.person AS q ON q.person_id = p.person_id;

-- duckdb plain
SELECT count(*) AS people,
  CAST(coalesce(sum(n0), 0) AS bigint) AS a0_n
FROM (
  SELECT person_id,
    count(*) AS n0
  FROM (
    SELECT t1.c12 AS person_id
    FROM (
      (
        SELECT c.person_id AS c12
        FROM snapshot_1.condition AS c
      )
      UNION
      (
        SELECT o.person_id AS c12
        FROM snapshot_1.observation AS o
      )
    ) AS t1
  ) AS r
  GROUP BY person_id
) AS p;

-- duckdb cohort
SELECT q.person
FROM (
  SELECT person_id,
    count(*) AS n0
  FROM (
    SELECT t2.c12 AS person_id
    FROM (
      (
        SELECT c.person_id AS c12
        FROM snapshot_1.condition AS c
        WHERE (c.code IN (SELECT code FROM codelist.restricted)) IS NOT TRUE
          AND c.allowed_national_data_opt_out
          AND NOT EXISTS (
          SELECT 1
          FROM snapshot_1.objections AS objections
          WHERE objections.person_id = c.person_id
        )
      )
      UNION
      (
        SELECT t1.c7 AS c12
        FROM (
          SELECT o.person_id AS c7, o.allowed_national_data_opt_out AS c15
          FROM snapshot_1.observation AS o
          WHERE (o.code IN (SELECT code FROM codelist.restricted)) IS NOT TRUE
            AND (o.value_code IN (SELECT code FROM codelist.restricted)) IS NOT TRUE
        ) AS t1
        WHERE t1.c15
          AND NOT EXISTS (
          SELECT 1
          FROM snapshot_1.objections AS objections_2
          WHERE objections_2.person_id = t1.c7
        )
      )
    ) AS t2
  ) AS r
  GROUP BY person_id
) AS p
JOIN snapshot_1.person AS q ON q.person_id = p.person_id;

-- postgresql full
SELECT count(*) AS people,
  CAST(coalesce(sum(record_key), 0) % 256 AS integer) AS ckey,
  CAST(coalesce(sum(n0), 0) AS bigint) AS a0_n,
  count(*) AS a0_c,
  CAST(coalesce(sum(record_key), 0) % 256 AS integer) AS a0_k,
  coalesce((array_agg(CAST(n0 AS double precision) ORDER BY CAST(n0 AS double precision) DESC NULLS LAST))[1], 0) AS a0_m1,
  coalesce((array_agg(CAST(n0 AS double precision) ORDER BY CAST(n0 AS double precision) DESC NULLS LAST))[2], 0) AS a0_m2
FROM (
  SELECT person_id,
    count(*) AS n0
  FROM (
    SELECT t3.c12 AS person_id
    FROM (
      (
        SELECT t1.c11 AS c12
        FROM (
          SELECT c.person_id AS c11, c.record_key AS c16
          FROM snapshot_1.condition AS c
          WHERE (c.code IN (SELECT code FROM codelist.restricted)) IS NOT TRUE
            AND c.allowed_national_data_opt_out
            AND NOT EXISTS (
            SELECT 1
            FROM snapshot_1.objections AS objections
            WHERE objections.person_id = c.person_id
          )
        ) AS t1
      )
      UNION
      (
        SELECT t2.c7 AS c12
        FROM (
          SELECT o.person_id AS c7, o.record_key AS c17, o.allowed_national_data_opt_out AS c18
          FROM snapshot_1.observation AS o
          WHERE (o.code IN (SELECT code FROM codelist.restricted)) IS NOT TRUE
            AND (o.value_code IN (SELECT code FROM codelist.restricted)) IS NOT TRUE
        ) AS t2
        WHERE t2.c18
          AND NOT EXISTS (
          SELECT 1
          FROM snapshot_1.objections AS objections_2
          WHERE objections_2.person_id = t2.c7
        )
      )
    ) AS t3
  ) AS r
  GROUP BY person_id
) AS p
JOIN snapshot_1.person AS q ON q.person_id = p.person_id;

-- postgresql allowed
SELECT count(*) AS people,
  CAST(coalesce(sum(record_key), 0) % 256 AS integer) AS ckey,
  CAST(coalesce(sum(n0), 0) AS bigint) AS a0_n,
  count(*) AS a0_c,
  CAST(coalesce(sum(record_key), 0) % 256 AS integer) AS a0_k,
  coalesce((array_agg(CAST(n0 AS double precision) ORDER BY CAST(n0 AS double precision) DESC NULLS LAST))[1], 0) AS a0_m1,
  coalesce((array_agg(CAST(n0 AS double precision) ORDER BY CAST(n0 AS double precision) DESC NULLS LAST))[2], 0) AS a0_m2
FROM (
  SELECT person_id,
    count(*) AS n0
  FROM (
    SELECT t2.c12 AS person_id
    FROM (
      (
        SELECT t1.c11 AS c12
        FROM (
          SELECT c.person_id AS c11, c.record_key AS c15
          FROM snapshot_1.condition AS c
          WHERE c.allowed_national_data_opt_out
        ) AS t1
      )
      UNION
      (
        SELECT o.person_id AS c12
        FROM snapshot_1.observation AS o
        WHERE o.allowed_national_data_opt_out
      )
    ) AS t2
  ) AS r
  GROUP BY person_id
) AS p
JOIN snapshot_1.person AS q ON q.person_id = p.person_id;

-- postgresql plain
SELECT count(*) AS people,
  CAST(coalesce(sum(n0), 0) AS bigint) AS a0_n
FROM (
  SELECT person_id,
    count(*) AS n0
  FROM (
    SELECT t1.c12 AS person_id
    FROM (
      (
        SELECT c.person_id AS c12
        FROM snapshot_1.condition AS c
      )
      UNION
      (
        SELECT o.person_id AS c12
        FROM snapshot_1.observation AS o
      )
    ) AS t1
  ) AS r
  GROUP BY person_id
) AS p;

-- postgresql cohort
SELECT q.person
FROM (
  SELECT person_id,
    count(*) AS n0
  FROM (
    SELECT t2.c12 AS person_id
    FROM (
      (
        SELECT c.person_id AS c12
        FROM snapshot_1.condition AS c
        WHERE (c.code IN (SELECT code FROM codelist.restricted)) IS NOT TRUE
          AND c.allowed_national_data_opt_out
          AND NOT EXISTS (
          SELECT 1
          FROM snapshot_1.objections AS objections
          WHERE objections.person_id = c.person_id
        )
      )
      UNION
      (
        SELECT t1.c7 AS c12
        FROM (
          SELECT o.person_id AS c7, o.allowed_national_data_opt_out AS c15
          FROM snapshot_1.observation AS o
          WHERE (o.code IN (SELECT code FROM codelist.restricted)) IS NOT TRUE
            AND (o.value_code IN (SELECT code FROM codelist.restricted)) IS NOT TRUE
        ) AS t1
        WHERE t1.c15
          AND NOT EXISTS (
          SELECT 1
          FROM snapshot_1.objections AS objections_2
          WHERE objections_2.person_id = t1.c7
        )
      )
    ) AS t2
  ) AS r
  GROUP BY person_id
) AS p
JOIN snapshot_1.person AS q ON q.person_id = p.person_id;

