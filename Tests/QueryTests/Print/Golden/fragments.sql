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
  people,
  ckey,
  a0_n,
  a0_c,
  a0_k,
  a0_m1,
  a0_m2,
  a1_n,
  a1_c,
  a1_k,
  a1_m1,
  a1_m2,
  CAST(total2_n AS bigint) AS a2_n,
  CAST(1900.0e0 * (total2_n) + total2_d - coalesce(list_sum(top2_d) - len(top2_d) * top2_d[-1], 0) AS double) AS a2_s,
  CAST(coalesce(1900.0e0 * 1 + top2_d[-1], 0) AS double) AS a2_m1,
  CAST(coalesce(1900.0e0 * 1 + top2_d[-1], 0) AS double) AS a2_m2,
  a2_c,
  a2_k
FROM (
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
    coalesce(sum(n2), 0) AS total2_n,
    coalesce(sum(greatest(CAST(coalesce(s2, 0) AS double) - 1900.0e0 * n2, 0e0)), 0) AS total2_d,
    max(greatest(CAST(coalesce(s2, 0) AS double) - 1900.0e0 * n2, 0e0), 10) AS top2_d,
    count(*) FILTER (WHERE e2 > 0) AS a2_c,
    CAST(coalesce(sum(record_key) FILTER (WHERE e2 > 0), 0) % 256 AS integer) AS a2_k
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
      SELECT t1.c1 AS person_id,
        t1.c4 AS record_key,
        t1.c2 AS k0,
        CAST(date_part('year', t1.c3) AS double) AS x2
      FROM (
        SELECT p.person_id AS c1,
          p.sex AS c2,
          p.birth_date AS c3,
          p.record_key AS c4,
          p.allowed_national_data_opt_out AS c5
        FROM snapshot_1.patient AS p
        WHERE p.restricted_1 IS NOT TRUE
      ) AS t1
      WHERE t1.c5
        AND NOT EXISTS (
        SELECT 1
        FROM snapshot_1.objections AS objections
        WHERE objections.person_id = t1.c1
      )
        AND CAST(date_part('year', t1.c3) AS double) >= 1950.0e0
        AND t1.c2 IS NOT NULL
    ) AS r
  ) AS p
  GROUP BY k0
) AS c;

-- duckdb allowed
SELECT k0,
  people,
  ckey,
  a0_n,
  a0_c,
  a0_k,
  a0_m1,
  a0_m2,
  a1_n,
  a1_c,
  a1_k,
  a1_m1,
  a1_m2,
  CAST(total2_n AS bigint) AS a2_n,
  CAST(1900.0e0 * (total2_n) + total2_d - coalesce(list_sum(top2_d) - len(top2_d) * top2_d[-1], 0) AS double) AS a2_s,
  CAST(coalesce(1900.0e0 * 1 + top2_d[-1], 0) AS double) AS a2_m1,
  CAST(coalesce(1900.0e0 * 1 + top2_d[-1], 0) AS double) AS a2_m2,
  a2_c,
  a2_k
FROM (
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
    coalesce(sum(n2), 0) AS total2_n,
    coalesce(sum(greatest(CAST(coalesce(s2, 0) AS double) - 1900.0e0 * n2, 0e0)), 0) AS total2_d,
    max(greatest(CAST(coalesce(s2, 0) AS double) - 1900.0e0 * n2, 0e0), 10) AS top2_d,
    count(*) FILTER (WHERE e2 > 0) AS a2_c,
    CAST(coalesce(sum(record_key) FILTER (WHERE e2 > 0), 0) % 256 AS integer) AS a2_k
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
  GROUP BY k0
) AS c;

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
SELECT k0, q.nhs_number, CASE WHEN q.nhs_number IS NULL THEN q.person END AS local_key
FROM (
  SELECT person_id,
    k0,
    1 AS n0,
    1 AS n1,
    CASE WHEN CASE WHEN abs(x2) < 1e150 THEN x2 END IS NOT NULL THEN 1 ELSE 0 END AS n2,
    CASE WHEN abs(x2) < 1e150 THEN x2 END AS s2,
    CASE WHEN CASE WHEN abs(x2) < 1e150 THEN x2 END IS NOT NULL AND CASE WHEN abs(x2) < 1e150 THEN x2 END <> 1900.0e0 THEN 1 ELSE 0 END AS e2
  FROM (
    SELECT t1.c1 AS person_id, t1.c2 AS k0, CAST(date_part('year', t1.c3) AS double) AS x2
    FROM (
      SELECT p.person_id AS c1, p.sex AS c2, p.birth_date AS c3, p.allowed_national_data_opt_out AS c4
      FROM snapshot_1.patient AS p
      WHERE p.restricted_1 IS NOT TRUE
    ) AS t1
    WHERE t1.c4
      AND NOT EXISTS (
      SELECT 1
      FROM snapshot_1.objections AS objections
      WHERE objections.person_id = t1.c1
    )
      AND CAST(date_part('year', t1.c3) AS double) >= 1950.0e0
      AND t1.c2 IS NOT NULL
  ) AS r
) AS p
JOIN snapshot_1.person AS q ON q.person_id = p.person_id;

-- postgresql full
SELECT k0,
  people,
  ckey,
  a0_n,
  a0_c,
  a0_k,
  a0_m1,
  a0_m2,
  a1_n,
  a1_c,
  a1_k,
  a1_m1,
  a1_m2,
  CAST(total2_n AS bigint) AS a2_n,
  CAST(CAST(1900.0 AS double precision) * (total2_n) + total2_d - coalesce((SELECT sum(v) FROM unnest(top2_d) AS v) - cardinality(top2_d) * top2_d[cardinality(top2_d)], 0) AS double precision) AS a2_s,
  CAST(coalesce(CAST(1900.0 AS double precision) * 1 + top2_d[cardinality(top2_d)], 0) AS double precision) AS a2_m1,
  CAST(coalesce(CAST(1900.0 AS double precision) * 1 + top2_d[cardinality(top2_d)], 0) AS double precision) AS a2_m2,
  a2_c,
  a2_k
FROM (
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
    coalesce(sum(n2), 0) AS total2_n,
    coalesce(sum(greatest(CAST(coalesce(s2, 0) AS double precision) - CAST(1900.0 AS double precision) * n2, 0e0)), 0) AS total2_d,
    (array_agg(greatest(CAST(coalesce(s2, 0) AS double precision) - CAST(1900.0 AS double precision) * n2, 0e0) ORDER BY greatest(CAST(coalesce(s2, 0) AS double precision) - CAST(1900.0 AS double precision) * n2, 0e0) DESC NULLS LAST))[1:10] AS top2_d,
    count(*) FILTER (WHERE e2 > 0) AS a2_c,
    CAST(coalesce(sum(record_key) FILTER (WHERE e2 > 0), 0) % 256 AS integer) AS a2_k
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
      SELECT t1.c1 AS person_id, t1.c4 AS record_key, t1.c2 AS k0, date_part('year', t1.c3) AS x2
      FROM (
        SELECT p.person_id AS c1,
          p.sex AS c2,
          p.birth_date AS c3,
          p.record_key AS c4,
          p.allowed_national_data_opt_out AS c5
        FROM snapshot_1.patient AS p
        WHERE p.restricted_1 IS NOT TRUE
      ) AS t1
      WHERE t1.c5
        AND NOT EXISTS (
        SELECT 1
        FROM snapshot_1.objections AS objections
        WHERE objections.person_id = t1.c1
      )
        AND date_part('year', t1.c3) >= CAST(1950.0 AS double precision)
        AND t1.c2 IS NOT NULL
    ) AS r
  ) AS p
  GROUP BY k0
) AS c;

-- postgresql allowed
SELECT k0,
  people,
  ckey,
  a0_n,
  a0_c,
  a0_k,
  a0_m1,
  a0_m2,
  a1_n,
  a1_c,
  a1_k,
  a1_m1,
  a1_m2,
  CAST(total2_n AS bigint) AS a2_n,
  CAST(CAST(1900.0 AS double precision) * (total2_n) + total2_d - coalesce((SELECT sum(v) FROM unnest(top2_d) AS v) - cardinality(top2_d) * top2_d[cardinality(top2_d)], 0) AS double precision) AS a2_s,
  CAST(coalesce(CAST(1900.0 AS double precision) * 1 + top2_d[cardinality(top2_d)], 0) AS double precision) AS a2_m1,
  CAST(coalesce(CAST(1900.0 AS double precision) * 1 + top2_d[cardinality(top2_d)], 0) AS double precision) AS a2_m2,
  a2_c,
  a2_k
FROM (
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
    coalesce(sum(n2), 0) AS total2_n,
    coalesce(sum(greatest(CAST(coalesce(s2, 0) AS double precision) - CAST(1900.0 AS double precision) * n2, 0e0)), 0) AS total2_d,
    (array_agg(greatest(CAST(coalesce(s2, 0) AS double precision) - CAST(1900.0 AS double precision) * n2, 0e0) ORDER BY greatest(CAST(coalesce(s2, 0) AS double precision) - CAST(1900.0 AS double precision) * n2, 0e0) DESC NULLS LAST))[1:10] AS top2_d,
    count(*) FILTER (WHERE e2 > 0) AS a2_c,
    CAST(coalesce(sum(record_key) FILTER (WHERE e2 > 0), 0) % 256 AS integer) AS a2_k
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
  GROUP BY k0
) AS c;

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
SELECT k0, q.nhs_number, CASE WHEN q.nhs_number IS NULL THEN q.person END AS local_key
FROM (
  SELECT person_id,
    k0,
    1 AS n0,
    1 AS n1,
    CASE WHEN CASE WHEN abs(x2) < 1e150 THEN x2 END IS NOT NULL THEN 1 ELSE 0 END AS n2,
    CASE WHEN abs(x2) < 1e150 THEN x2 END AS s2,
    CASE WHEN CASE WHEN abs(x2) < 1e150 THEN x2 END IS NOT NULL AND CASE WHEN abs(x2) < 1e150 THEN x2 END <> CAST(1900.0 AS double precision) THEN 1 ELSE 0 END AS e2
  FROM (
    SELECT t1.c1 AS person_id, t1.c2 AS k0, date_part('year', t1.c3) AS x2
    FROM (
      SELECT p.person_id AS c1, p.sex AS c2, p.birth_date AS c3, p.allowed_national_data_opt_out AS c4
      FROM snapshot_1.patient AS p
      WHERE p.restricted_1 IS NOT TRUE
    ) AS t1
    WHERE t1.c4
      AND NOT EXISTS (
      SELECT 1
      FROM snapshot_1.objections AS objections
      WHERE objections.person_id = t1.c1
    )
      AND date_part('year', t1.c3) >= CAST(1950.0 AS double precision)
      AND t1.c2 IS NOT NULL
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
  people,
  ckey,
  CAST(total0_n - coalesce(list_sum(top0_n) - len(top0_n) * top0_n[-1], 0) AS bigint) AS a0_n,
  CAST(coalesce(top0_n[-1], 0) AS double) AS a0_m1,
  CAST(coalesce(top0_n[-1], 0) AS double) AS a0_m2,
  CAST(coalesce(top0_n[-1], 0) AS double) AS a0_r,
  a0_c,
  a0_k,
  CAST(total1_n - coalesce(list_sum(top1_n) - len(top1_n) * top1_n[-1], 0) AS bigint) AS a1_n,
  CAST(40.0e0 * (total1_n - coalesce(list_sum(top1_n) - len(top1_n) * top1_n[-1], 0)) + total1_d - coalesce(list_sum(top1_d) - len(top1_d) * top1_d[-1], 0) AS double) AS a1_s,
  CAST(coalesce(40.0e0 * top1_n[-1] + top1_d[-1], 0) AS double) AS a1_m1,
  CAST(coalesce(40.0e0 * top1_n[-1] + top1_d[-1], 0) AS double) AS a1_m2,
  CAST(coalesce(top1_n[-1], 0) AS double) AS a1_r,
  CAST(coalesce(top1_d[-1], 0) AS double) AS a1_d,
  a1_c,
  a1_k,
  CAST(total2_n - coalesce(list_sum(top2_n) - len(top2_n) * top2_n[-1], 0) AS bigint) AS a2_n,
  CAST(40.0e0 * (total2_n - coalesce(list_sum(top2_n) - len(top2_n) * top2_n[-1], 0)) + total2_d - coalesce(list_sum(top2_d) - len(top2_d) * top2_d[-1], 0) AS double) AS a2_s,
  CAST(coalesce(40.0e0 * top2_n[-1] + top2_d[-1], 0) AS double) AS a2_m1,
  CAST(coalesce(40.0e0 * top2_n[-1] + top2_d[-1], 0) AS double) AS a2_m2,
  CAST(coalesce(top2_n[-1], 0) AS double) AS a2_r,
  CAST(coalesce(top2_d[-1], 0) AS double) AS a2_d,
  a2_c,
  a2_k,
  a3_n,
  a3_c,
  a3_k,
  a3_m1,
  a3_m2
FROM (
  SELECT k0,
    k1,
    k2,
    count(*) AS people,
    CAST(coalesce(sum(record_key), 0) % 256 AS integer) AS ckey,
    coalesce(sum(n0), 0) AS total0_n,
    max(n0, 10) AS top0_n,
    count(*) AS a0_c,
    CAST(coalesce(sum(record_key), 0) % 256 AS integer) AS a0_k,
    coalesce(sum(n1), 0) AS total1_n,
    max(n1, 10) AS top1_n,
    coalesce(sum(greatest(CAST(coalesce(s1, 0) AS double) - 40.0e0 * n1, 0e0)), 0) AS total1_d,
    max(greatest(CAST(coalesce(s1, 0) AS double) - 40.0e0 * n1, 0e0), 10) AS top1_d,
    count(*) FILTER (WHERE e1 > 0) AS a1_c,
    CAST(coalesce(sum(record_key) FILTER (WHERE e1 > 0), 0) % 256 AS integer) AS a1_k,
    coalesce(sum(n2), 0) AS total2_n,
    max(n2, 10) AS top2_n,
    coalesce(sum(greatest(CAST(coalesce(s2, 0) AS double) - 40.0e0 * n2, 0e0)), 0) AS total2_d,
    max(greatest(CAST(coalesce(s2, 0) AS double) - 40.0e0 * n2, 0e0), 10) AS top2_d,
    count(*) FILTER (WHERE e2 > 0) AS a2_c,
    CAST(coalesce(sum(record_key) FILTER (WHERE e2 > 0), 0) % 256 AS integer) AS a2_k,
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
      SELECT t1.c1 AS person_id,
        t1.c10 AS record_key,
        t1.c2 AS k0,
        t2.c5 AS k1,
        t2.c7 AS k2,
        t2.c6 AS x1,
        t2.c6 AS x2,
        t2.c6 > 140.0e0 AS f2,
        t3.c8 AS x3
      FROM (
        SELECT p.person_id AS c1,
          p.sex AS c2,
          p.birth_date AS c3,
          p.record_key AS c10,
          p.allowed_national_data_opt_out AS c11
        FROM snapshot_1.patient AS p
        WHERE p.restricted_1 IS NOT TRUE
      ) AS t1
        JOIN (
          SELECT o.person_id AS c4, o.code AS c5, o.value_quantity AS c6, CAST('RJ1' AS varchar) AS c7
          FROM snapshot_1.observation AS o
          WHERE o.restricted_1 IS NOT TRUE
        ) AS t2 ON t2.c4 = t1.c1
        LEFT JOIN (
          SELECT c.person_id AS c8, c.code AS c9
          FROM snapshot_1.condition AS c
          WHERE c.restricted_1 IS NOT TRUE
        ) AS t3 ON t3.c8 = t1.c1 AND t3.c9 IN (SELECT code FROM codelist.diabetes)
      WHERE t1.c11
        AND NOT EXISTS (
        SELECT 1
        FROM snapshot_1.objections AS objections
        WHERE objections.person_id = t1.c1
      )
    ) AS r
    GROUP BY person_id, k0, k1, k2
  ) AS p
  GROUP BY k0, k1, k2
) AS c;

-- duckdb allowed
SELECT k0,
  k1,
  k2,
  people,
  ckey,
  CAST(total0_n - coalesce(list_sum(top0_n) - len(top0_n) * top0_n[-1], 0) AS bigint) AS a0_n,
  CAST(coalesce(top0_n[-1], 0) AS double) AS a0_m1,
  CAST(coalesce(top0_n[-1], 0) AS double) AS a0_m2,
  CAST(coalesce(top0_n[-1], 0) AS double) AS a0_r,
  a0_c,
  a0_k,
  CAST(total1_n - coalesce(list_sum(top1_n) - len(top1_n) * top1_n[-1], 0) AS bigint) AS a1_n,
  CAST(40.0e0 * (total1_n - coalesce(list_sum(top1_n) - len(top1_n) * top1_n[-1], 0)) + total1_d - coalesce(list_sum(top1_d) - len(top1_d) * top1_d[-1], 0) AS double) AS a1_s,
  CAST(coalesce(40.0e0 * top1_n[-1] + top1_d[-1], 0) AS double) AS a1_m1,
  CAST(coalesce(40.0e0 * top1_n[-1] + top1_d[-1], 0) AS double) AS a1_m2,
  CAST(coalesce(top1_n[-1], 0) AS double) AS a1_r,
  CAST(coalesce(top1_d[-1], 0) AS double) AS a1_d,
  a1_c,
  a1_k,
  CAST(total2_n - coalesce(list_sum(top2_n) - len(top2_n) * top2_n[-1], 0) AS bigint) AS a2_n,
  CAST(40.0e0 * (total2_n - coalesce(list_sum(top2_n) - len(top2_n) * top2_n[-1], 0)) + total2_d - coalesce(list_sum(top2_d) - len(top2_d) * top2_d[-1], 0) AS double) AS a2_s,
  CAST(coalesce(40.0e0 * top2_n[-1] + top2_d[-1], 0) AS double) AS a2_m1,
  CAST(coalesce(40.0e0 * top2_n[-1] + top2_d[-1], 0) AS double) AS a2_m2,
  CAST(coalesce(top2_n[-1], 0) AS double) AS a2_r,
  CAST(coalesce(top2_d[-1], 0) AS double) AS a2_d,
  a2_c,
  a2_k,
  a3_n,
  a3_c,
  a3_k,
  a3_m1,
  a3_m2
FROM (
  SELECT k0,
    k1,
    k2,
    count(*) AS people,
    CAST(coalesce(sum(record_key), 0) % 256 AS integer) AS ckey,
    coalesce(sum(n0), 0) AS total0_n,
    max(n0, 10) AS top0_n,
    count(*) AS a0_c,
    CAST(coalesce(sum(record_key), 0) % 256 AS integer) AS a0_k,
    coalesce(sum(n1), 0) AS total1_n,
    max(n1, 10) AS top1_n,
    coalesce(sum(greatest(CAST(coalesce(s1, 0) AS double) - 40.0e0 * n1, 0e0)), 0) AS total1_d,
    max(greatest(CAST(coalesce(s1, 0) AS double) - 40.0e0 * n1, 0e0), 10) AS top1_d,
    count(*) FILTER (WHERE e1 > 0) AS a1_c,
    CAST(coalesce(sum(record_key) FILTER (WHERE e1 > 0), 0) % 256 AS integer) AS a1_k,
    coalesce(sum(n2), 0) AS total2_n,
    max(n2, 10) AS top2_n,
    coalesce(sum(greatest(CAST(coalesce(s2, 0) AS double) - 40.0e0 * n2, 0e0)), 0) AS total2_d,
    max(greatest(CAST(coalesce(s2, 0) AS double) - 40.0e0 * n2, 0e0), 10) AS top2_d,
    count(*) FILTER (WHERE e2 > 0) AS a2_c,
    CAST(coalesce(sum(record_key) FILTER (WHERE e2 > 0), 0) % 256 AS integer) AS a2_k,
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
  GROUP BY k0, k1, k2
) AS c;

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
SELECT k0, k1, k2, q.nhs_number, CASE WHEN q.nhs_number IS NULL THEN q.person END AS local_key, n3 > 0 AS d3
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
    SELECT t1.c1 AS person_id,
      t1.c2 AS k0,
      t2.c5 AS k1,
      t2.c7 AS k2,
      t2.c6 AS x1,
      t2.c6 AS x2,
      t2.c6 > 140.0e0 AS f2,
      t3.c8 AS x3
    FROM (
      SELECT p.person_id AS c1, p.sex AS c2, p.birth_date AS c3, p.allowed_national_data_opt_out AS c10
      FROM snapshot_1.patient AS p
      WHERE p.restricted_1 IS NOT TRUE
    ) AS t1
      JOIN (
        SELECT o.person_id AS c4, o.code AS c5, o.value_quantity AS c6, CAST('RJ1' AS varchar) AS c7
        FROM snapshot_1.observation AS o
        WHERE o.restricted_1 IS NOT TRUE
      ) AS t2 ON t2.c4 = t1.c1
      LEFT JOIN (
        SELECT c.person_id AS c8, c.code AS c9
        FROM snapshot_1.condition AS c
        WHERE c.restricted_1 IS NOT TRUE
      ) AS t3 ON t3.c8 = t1.c1 AND t3.c9 IN (SELECT code FROM codelist.diabetes)
    WHERE t1.c10
      AND NOT EXISTS (
      SELECT 1
      FROM snapshot_1.objections AS objections
      WHERE objections.person_id = t1.c1
    )
  ) AS r
  GROUP BY person_id, k0, k1, k2
) AS p
JOIN snapshot_1.person AS q ON q.person_id = p.person_id;

-- postgresql full
SELECT k0,
  k1,
  k2,
  people,
  ckey,
  CAST(total0_n - coalesce((SELECT sum(v) FROM unnest(top0_n) AS v) - cardinality(top0_n) * top0_n[cardinality(top0_n)], 0) AS bigint) AS a0_n,
  CAST(coalesce(top0_n[cardinality(top0_n)], 0) AS double precision) AS a0_m1,
  CAST(coalesce(top0_n[cardinality(top0_n)], 0) AS double precision) AS a0_m2,
  CAST(coalesce(top0_n[cardinality(top0_n)], 0) AS double precision) AS a0_r,
  a0_c,
  a0_k,
  CAST(total1_n - coalesce((SELECT sum(v) FROM unnest(top1_n) AS v) - cardinality(top1_n) * top1_n[cardinality(top1_n)], 0) AS bigint) AS a1_n,
  CAST(CAST(40.0 AS double precision) * (total1_n - coalesce((SELECT sum(v) FROM unnest(top1_n) AS v) - cardinality(top1_n) * top1_n[cardinality(top1_n)], 0)) + total1_d - coalesce((SELECT sum(v) FROM unnest(top1_d) AS v) - cardinality(top1_d) * top1_d[cardinality(top1_d)], 0) AS double precision) AS a1_s,
  CAST(coalesce(CAST(40.0 AS double precision) * top1_n[cardinality(top1_n)] + top1_d[cardinality(top1_d)], 0) AS double precision) AS a1_m1,
  CAST(coalesce(CAST(40.0 AS double precision) * top1_n[cardinality(top1_n)] + top1_d[cardinality(top1_d)], 0) AS double precision) AS a1_m2,
  CAST(coalesce(top1_n[cardinality(top1_n)], 0) AS double precision) AS a1_r,
  CAST(coalesce(top1_d[cardinality(top1_d)], 0) AS double precision) AS a1_d,
  a1_c,
  a1_k,
  CAST(total2_n - coalesce((SELECT sum(v) FROM unnest(top2_n) AS v) - cardinality(top2_n) * top2_n[cardinality(top2_n)], 0) AS bigint) AS a2_n,
  CAST(CAST(40.0 AS double precision) * (total2_n - coalesce((SELECT sum(v) FROM unnest(top2_n) AS v) - cardinality(top2_n) * top2_n[cardinality(top2_n)], 0)) + total2_d - coalesce((SELECT sum(v) FROM unnest(top2_d) AS v) - cardinality(top2_d) * top2_d[cardinality(top2_d)], 0) AS double precision) AS a2_s,
  CAST(coalesce(CAST(40.0 AS double precision) * top2_n[cardinality(top2_n)] + top2_d[cardinality(top2_d)], 0) AS double precision) AS a2_m1,
  CAST(coalesce(CAST(40.0 AS double precision) * top2_n[cardinality(top2_n)] + top2_d[cardinality(top2_d)], 0) AS double precision) AS a2_m2,
  CAST(coalesce(top2_n[cardinality(top2_n)], 0) AS double precision) AS a2_r,
  CAST(coalesce(top2_d[cardinality(top2_d)], 0) AS double precision) AS a2_d,
  a2_c,
  a2_k,
  a3_n,
  a3_c,
  a3_k,
  a3_m1,
  a3_m2
FROM (
  SELECT k0,
    k1,
    k2,
    count(*) AS people,
    CAST(coalesce(sum(record_key), 0) % 256 AS integer) AS ckey,
    coalesce(sum(n0), 0) AS total0_n,
    (array_agg(n0 ORDER BY n0 DESC NULLS LAST))[1:10] AS top0_n,
    count(*) AS a0_c,
    CAST(coalesce(sum(record_key), 0) % 256 AS integer) AS a0_k,
    coalesce(sum(n1), 0) AS total1_n,
    (array_agg(n1 ORDER BY n1 DESC NULLS LAST))[1:10] AS top1_n,
    coalesce(sum(greatest(CAST(coalesce(s1, 0) AS double precision) - CAST(40.0 AS double precision) * n1, 0e0)), 0) AS total1_d,
    (array_agg(greatest(CAST(coalesce(s1, 0) AS double precision) - CAST(40.0 AS double precision) * n1, 0e0) ORDER BY greatest(CAST(coalesce(s1, 0) AS double precision) - CAST(40.0 AS double precision) * n1, 0e0) DESC NULLS LAST))[1:10] AS top1_d,
    count(*) FILTER (WHERE e1 > 0) AS a1_c,
    CAST(coalesce(sum(record_key) FILTER (WHERE e1 > 0), 0) % 256 AS integer) AS a1_k,
    coalesce(sum(n2), 0) AS total2_n,
    (array_agg(n2 ORDER BY n2 DESC NULLS LAST))[1:10] AS top2_n,
    coalesce(sum(greatest(CAST(coalesce(s2, 0) AS double precision) - CAST(40.0 AS double precision) * n2, 0e0)), 0) AS total2_d,
    (array_agg(greatest(CAST(coalesce(s2, 0) AS double precision) - CAST(40.0 AS double precision) * n2, 0e0) ORDER BY greatest(CAST(coalesce(s2, 0) AS double precision) - CAST(40.0 AS double precision) * n2, 0e0) DESC NULLS LAST))[1:10] AS top2_d,
    count(*) FILTER (WHERE e2 > 0) AS a2_c,
    CAST(coalesce(sum(record_key) FILTER (WHERE e2 > 0), 0) % 256 AS integer) AS a2_k,
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
      SELECT t1.c1 AS person_id,
        t1.c10 AS record_key,
        t1.c2 AS k0,
        t2.c5 AS k1,
        t2.c7 AS k2,
        t2.c6 AS x1,
        t2.c6 AS x2,
        t2.c6 > CAST(140.0 AS double precision) AS f2,
        t3.c8 AS x3
      FROM (
        SELECT p.person_id AS c1,
          p.sex AS c2,
          p.birth_date AS c3,
          p.record_key AS c10,
          p.allowed_national_data_opt_out AS c11
        FROM snapshot_1.patient AS p
        WHERE p.restricted_1 IS NOT TRUE
      ) AS t1
        JOIN (
          SELECT o.person_id AS c4, o.code AS c5, o.value_quantity AS c6, CAST('RJ1' AS text) AS c7
          FROM snapshot_1.observation AS o
          WHERE o.restricted_1 IS NOT TRUE
        ) AS t2 ON t2.c4 = t1.c1
        LEFT JOIN (
          SELECT c.person_id AS c8, c.code AS c9
          FROM snapshot_1.condition AS c
          WHERE c.restricted_1 IS NOT TRUE
        ) AS t3 ON t3.c8 = t1.c1 AND t3.c9 IN (SELECT code FROM codelist.diabetes)
      WHERE t1.c11
        AND NOT EXISTS (
        SELECT 1
        FROM snapshot_1.objections AS objections
        WHERE objections.person_id = t1.c1
      )
    ) AS r
    GROUP BY person_id, k0, k1, k2
  ) AS p
  GROUP BY k0, k1, k2
) AS c;

-- postgresql allowed
SELECT k0,
  k1,
  k2,
  people,
  ckey,
  CAST(total0_n - coalesce((SELECT sum(v) FROM unnest(top0_n) AS v) - cardinality(top0_n) * top0_n[cardinality(top0_n)], 0) AS bigint) AS a0_n,
  CAST(coalesce(top0_n[cardinality(top0_n)], 0) AS double precision) AS a0_m1,
  CAST(coalesce(top0_n[cardinality(top0_n)], 0) AS double precision) AS a0_m2,
  CAST(coalesce(top0_n[cardinality(top0_n)], 0) AS double precision) AS a0_r,
  a0_c,
  a0_k,
  CAST(total1_n - coalesce((SELECT sum(v) FROM unnest(top1_n) AS v) - cardinality(top1_n) * top1_n[cardinality(top1_n)], 0) AS bigint) AS a1_n,
  CAST(CAST(40.0 AS double precision) * (total1_n - coalesce((SELECT sum(v) FROM unnest(top1_n) AS v) - cardinality(top1_n) * top1_n[cardinality(top1_n)], 0)) + total1_d - coalesce((SELECT sum(v) FROM unnest(top1_d) AS v) - cardinality(top1_d) * top1_d[cardinality(top1_d)], 0) AS double precision) AS a1_s,
  CAST(coalesce(CAST(40.0 AS double precision) * top1_n[cardinality(top1_n)] + top1_d[cardinality(top1_d)], 0) AS double precision) AS a1_m1,
  CAST(coalesce(CAST(40.0 AS double precision) * top1_n[cardinality(top1_n)] + top1_d[cardinality(top1_d)], 0) AS double precision) AS a1_m2,
  CAST(coalesce(top1_n[cardinality(top1_n)], 0) AS double precision) AS a1_r,
  CAST(coalesce(top1_d[cardinality(top1_d)], 0) AS double precision) AS a1_d,
  a1_c,
  a1_k,
  CAST(total2_n - coalesce((SELECT sum(v) FROM unnest(top2_n) AS v) - cardinality(top2_n) * top2_n[cardinality(top2_n)], 0) AS bigint) AS a2_n,
  CAST(CAST(40.0 AS double precision) * (total2_n - coalesce((SELECT sum(v) FROM unnest(top2_n) AS v) - cardinality(top2_n) * top2_n[cardinality(top2_n)], 0)) + total2_d - coalesce((SELECT sum(v) FROM unnest(top2_d) AS v) - cardinality(top2_d) * top2_d[cardinality(top2_d)], 0) AS double precision) AS a2_s,
  CAST(coalesce(CAST(40.0 AS double precision) * top2_n[cardinality(top2_n)] + top2_d[cardinality(top2_d)], 0) AS double precision) AS a2_m1,
  CAST(coalesce(CAST(40.0 AS double precision) * top2_n[cardinality(top2_n)] + top2_d[cardinality(top2_d)], 0) AS double precision) AS a2_m2,
  CAST(coalesce(top2_n[cardinality(top2_n)], 0) AS double precision) AS a2_r,
  CAST(coalesce(top2_d[cardinality(top2_d)], 0) AS double precision) AS a2_d,
  a2_c,
  a2_k,
  a3_n,
  a3_c,
  a3_k,
  a3_m1,
  a3_m2
FROM (
  SELECT k0,
    k1,
    k2,
    count(*) AS people,
    CAST(coalesce(sum(record_key), 0) % 256 AS integer) AS ckey,
    coalesce(sum(n0), 0) AS total0_n,
    (array_agg(n0 ORDER BY n0 DESC NULLS LAST))[1:10] AS top0_n,
    count(*) AS a0_c,
    CAST(coalesce(sum(record_key), 0) % 256 AS integer) AS a0_k,
    coalesce(sum(n1), 0) AS total1_n,
    (array_agg(n1 ORDER BY n1 DESC NULLS LAST))[1:10] AS top1_n,
    coalesce(sum(greatest(CAST(coalesce(s1, 0) AS double precision) - CAST(40.0 AS double precision) * n1, 0e0)), 0) AS total1_d,
    (array_agg(greatest(CAST(coalesce(s1, 0) AS double precision) - CAST(40.0 AS double precision) * n1, 0e0) ORDER BY greatest(CAST(coalesce(s1, 0) AS double precision) - CAST(40.0 AS double precision) * n1, 0e0) DESC NULLS LAST))[1:10] AS top1_d,
    count(*) FILTER (WHERE e1 > 0) AS a1_c,
    CAST(coalesce(sum(record_key) FILTER (WHERE e1 > 0), 0) % 256 AS integer) AS a1_k,
    coalesce(sum(n2), 0) AS total2_n,
    (array_agg(n2 ORDER BY n2 DESC NULLS LAST))[1:10] AS top2_n,
    coalesce(sum(greatest(CAST(coalesce(s2, 0) AS double precision) - CAST(40.0 AS double precision) * n2, 0e0)), 0) AS total2_d,
    (array_agg(greatest(CAST(coalesce(s2, 0) AS double precision) - CAST(40.0 AS double precision) * n2, 0e0) ORDER BY greatest(CAST(coalesce(s2, 0) AS double precision) - CAST(40.0 AS double precision) * n2, 0e0) DESC NULLS LAST))[1:10] AS top2_d,
    count(*) FILTER (WHERE e2 > 0) AS a2_c,
    CAST(coalesce(sum(record_key) FILTER (WHERE e2 > 0), 0) % 256 AS integer) AS a2_k,
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
  GROUP BY k0, k1, k2
) AS c;

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
SELECT k0, k1, k2, q.nhs_number, CASE WHEN q.nhs_number IS NULL THEN q.person END AS local_key, n3 > 0 AS d3
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
    SELECT t1.c1 AS person_id,
      t1.c2 AS k0,
      t2.c5 AS k1,
      t2.c7 AS k2,
      t2.c6 AS x1,
      t2.c6 AS x2,
      t2.c6 > CAST(140.0 AS double precision) AS f2,
      t3.c8 AS x3
    FROM (
      SELECT p.person_id AS c1, p.sex AS c2, p.birth_date AS c3, p.allowed_national_data_opt_out AS c10
      FROM snapshot_1.patient AS p
      WHERE p.restricted_1 IS NOT TRUE
    ) AS t1
      JOIN (
        SELECT o.person_id AS c4, o.code AS c5, o.value_quantity AS c6, CAST('RJ1' AS text) AS c7
        FROM snapshot_1.observation AS o
        WHERE o.restricted_1 IS NOT TRUE
      ) AS t2 ON t2.c4 = t1.c1
      LEFT JOIN (
        SELECT c.person_id AS c8, c.code AS c9
        FROM snapshot_1.condition AS c
        WHERE c.restricted_1 IS NOT TRUE
      ) AS t3 ON t3.c8 = t1.c1 AND t3.c9 IN (SELECT code FROM codelist.diabetes)
    WHERE t1.c10
      AND NOT EXISTS (
      SELECT 1
      FROM snapshot_1.objections AS objections
      WHERE objections.person_id = t1.c1
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
SELECT people,
  ckey,
  a0_n,
  a0_c,
  a0_k,
  a0_m1,
  a0_m2,
  CAST(total1_n AS bigint) AS a1_n,
  CAST(1.0e0 * (total1_n) + total1_d - coalesce(list_sum(top1_d) - len(top1_d) * top1_d[-1], 0) AS double) AS a1_s,
  CAST(coalesce(1.0e0 * 1 + top1_d[-1], 0) AS double) AS a1_m1,
  CAST(coalesce(1.0e0 * 1 + top1_d[-1], 0) AS double) AS a1_m2,
  a1_c,
  a1_k
FROM (
  SELECT count(*) AS people,
    CAST(coalesce(sum(record_key), 0) % 256 AS integer) AS ckey,
    CAST(coalesce(sum(n0), 0) AS bigint) AS a0_n,
    count(*) AS a0_c,
    CAST(coalesce(sum(record_key), 0) % 256 AS integer) AS a0_k,
    CASE WHEN count(*) >= 1 THEN 1e0 ELSE 0e0 END AS a0_m1,
    CASE WHEN count(*) >= 2 THEN 1e0 ELSE 0e0 END AS a0_m2,
    coalesce(sum(n1), 0) AS total1_n,
    coalesce(sum(greatest(CAST(coalesce(s1, 0) AS double) - 1.0e0 * n1, 0e0)), 0) AS total1_d,
    max(greatest(CAST(coalesce(s1, 0) AS double) - 1.0e0 * n1, 0e0), 10) AS top1_d,
    count(*) FILTER (WHERE e1 > 0) AS a1_c,
    CAST(coalesce(sum(record_key) FILTER (WHERE e1 > 0), 0) % 256 AS integer) AS a1_k
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
          WHERE c.restricted_1 IS NOT TRUE
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
            WHERE o.restricted_1 IS NOT TRUE
          ) AS t2
          WHERE t2.c3 = t1.c1
        )
        GROUP BY t1.c1
      ) AS t3
    ) AS r
  ) AS p
) AS c;

-- duckdb allowed
SELECT people,
  ckey,
  a0_n,
  a0_c,
  a0_k,
  a0_m1,
  a0_m2,
  CAST(total1_n AS bigint) AS a1_n,
  CAST(1.0e0 * (total1_n) + total1_d - coalesce(list_sum(top1_d) - len(top1_d) * top1_d[-1], 0) AS double) AS a1_s,
  CAST(coalesce(1.0e0 * 1 + top1_d[-1], 0) AS double) AS a1_m1,
  CAST(coalesce(1.0e0 * 1 + top1_d[-1], 0) AS double) AS a1_m2,
  a1_c,
  a1_k
FROM (
  SELECT count(*) AS people,
    CAST(coalesce(sum(record_key), 0) % 256 AS integer) AS ckey,
    CAST(coalesce(sum(n0), 0) AS bigint) AS a0_n,
    count(*) AS a0_c,
    CAST(coalesce(sum(record_key), 0) % 256 AS integer) AS a0_k,
    CASE WHEN count(*) >= 1 THEN 1e0 ELSE 0e0 END AS a0_m1,
    CASE WHEN count(*) >= 2 THEN 1e0 ELSE 0e0 END AS a0_m2,
    coalesce(sum(n1), 0) AS total1_n,
    coalesce(sum(greatest(CAST(coalesce(s1, 0) AS double) - 1.0e0 * n1, 0e0)), 0) AS total1_d,
    max(greatest(CAST(coalesce(s1, 0) AS double) - 1.0e0 * n1, 0e0), 10) AS top1_d,
    count(*) FILTER (WHERE e1 > 0) AS a1_c,
    CAST(coalesce(sum(record_key) FILTER (WHERE e1 > 0), 0) % 256 AS integer) AS a1_k
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
  ) AS p
) AS c;

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
SELECT q.nhs_number, CASE WHEN q.nhs_number IS NULL THEN q.person END AS local_key
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
        WHERE c.restricted_1 IS NOT TRUE
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
          WHERE o.restricted_1 IS NOT TRUE
        ) AS t2
        WHERE t2.c3 = t1.c1
      )
      GROUP BY t1.c1
    ) AS t3
  ) AS r
) AS p
JOIN snapshot_1.person AS q ON q.person_id = p.person_id;

-- postgresql full
SELECT people,
  ckey,
  a0_n,
  a0_c,
  a0_k,
  a0_m1,
  a0_m2,
  CAST(total1_n AS bigint) AS a1_n,
  CAST(CAST(1.0 AS double precision) * (total1_n) + total1_d - coalesce((SELECT sum(v) FROM unnest(top1_d) AS v) - cardinality(top1_d) * top1_d[cardinality(top1_d)], 0) AS double precision) AS a1_s,
  CAST(coalesce(CAST(1.0 AS double precision) * 1 + top1_d[cardinality(top1_d)], 0) AS double precision) AS a1_m1,
  CAST(coalesce(CAST(1.0 AS double precision) * 1 + top1_d[cardinality(top1_d)], 0) AS double precision) AS a1_m2,
  a1_c,
  a1_k
FROM (
  SELECT count(*) AS people,
    CAST(coalesce(sum(record_key), 0) % 256 AS integer) AS ckey,
    CAST(coalesce(sum(n0), 0) AS bigint) AS a0_n,
    count(*) AS a0_c,
    CAST(coalesce(sum(record_key), 0) % 256 AS integer) AS a0_k,
    CASE WHEN count(*) >= 1 THEN 1e0 ELSE 0e0 END AS a0_m1,
    CASE WHEN count(*) >= 2 THEN 1e0 ELSE 0e0 END AS a0_m2,
    coalesce(sum(n1), 0) AS total1_n,
    coalesce(sum(greatest(CAST(coalesce(s1, 0) AS double precision) - CAST(1.0 AS double precision) * n1, 0e0)), 0) AS total1_d,
    (array_agg(greatest(CAST(coalesce(s1, 0) AS double precision) - CAST(1.0 AS double precision) * n1, 0e0) ORDER BY greatest(CAST(coalesce(s1, 0) AS double precision) - CAST(1.0 AS double precision) * n1, 0e0) DESC NULLS LAST))[1:10] AS top1_d,
    count(*) FILTER (WHERE e1 > 0) AS a1_c,
    CAST(coalesce(sum(record_key) FILTER (WHERE e1 > 0), 0) % 256 AS integer) AS a1_k
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
          WHERE c.restricted_1 IS NOT TRUE
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
            WHERE o.restricted_1 IS NOT TRUE
          ) AS t2
          WHERE t2.c3 = t1.c1
        )
        GROUP BY t1.c1
      ) AS t3
    ) AS r
  ) AS p
) AS c;

-- postgresql allowed
SELECT people,
  ckey,
  a0_n,
  a0_c,
  a0_k,
  a0_m1,
  a0_m2,
  CAST(total1_n AS bigint) AS a1_n,
  CAST(CAST(1.0 AS double precision) * (total1_n) + total1_d - coalesce((SELECT sum(v) FROM unnest(top1_d) AS v) - cardinality(top1_d) * top1_d[cardinality(top1_d)], 0) AS double precision) AS a1_s,
  CAST(coalesce(CAST(1.0 AS double precision) * 1 + top1_d[cardinality(top1_d)], 0) AS double precision) AS a1_m1,
  CAST(coalesce(CAST(1.0 AS double precision) * 1 + top1_d[cardinality(top1_d)], 0) AS double precision) AS a1_m2,
  a1_c,
  a1_k
FROM (
  SELECT count(*) AS people,
    CAST(coalesce(sum(record_key), 0) % 256 AS integer) AS ckey,
    CAST(coalesce(sum(n0), 0) AS bigint) AS a0_n,
    count(*) AS a0_c,
    CAST(coalesce(sum(record_key), 0) % 256 AS integer) AS a0_k,
    CASE WHEN count(*) >= 1 THEN 1e0 ELSE 0e0 END AS a0_m1,
    CASE WHEN count(*) >= 2 THEN 1e0 ELSE 0e0 END AS a0_m2,
    coalesce(sum(n1), 0) AS total1_n,
    coalesce(sum(greatest(CAST(coalesce(s1, 0) AS double precision) - CAST(1.0 AS double precision) * n1, 0e0)), 0) AS total1_d,
    (array_agg(greatest(CAST(coalesce(s1, 0) AS double precision) - CAST(1.0 AS double precision) * n1, 0e0) ORDER BY greatest(CAST(coalesce(s1, 0) AS double precision) - CAST(1.0 AS double precision) * n1, 0e0) DESC NULLS LAST))[1:10] AS top1_d,
    count(*) FILTER (WHERE e1 > 0) AS a1_c,
    CAST(coalesce(sum(record_key) FILTER (WHERE e1 > 0), 0) % 256 AS integer) AS a1_k
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
  ) AS p
) AS c;

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
SELECT q.nhs_number, CASE WHEN q.nhs_number IS NULL THEN q.person END AS local_key
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
        WHERE c.restricted_1 IS NOT TRUE
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
          WHERE o.restricted_1 IS NOT TRUE
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
SELECT people,
  ckey,
  CAST(total0_n - coalesce(list_sum(top0_n) - len(top0_n) * top0_n[-1], 0) AS bigint) AS a0_n,
  CAST(coalesce(top0_n[-1], 0) AS double) AS a0_m1,
  CAST(coalesce(top0_n[-1], 0) AS double) AS a0_m2,
  CAST(coalesce(top0_n[-1], 0) AS double) AS a0_r,
  a0_c,
  a0_k
FROM (
  SELECT count(*) AS people,
    CAST(coalesce(sum(record_key), 0) % 256 AS integer) AS ckey,
    coalesce(sum(n0), 0) AS total0_n,
    max(n0, 10) AS top0_n,
    count(*) AS a0_c,
    CAST(coalesce(sum(record_key), 0) % 256 AS integer) AS a0_k
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
        WHERE condition.restricted_1 IS NOT TRUE
      ) AS t1
      WHERE t1.c3
        AND NOT EXISTS (
        SELECT 1
        FROM snapshot_1.objections AS objections
        WHERE objections.person_id = t1.c1
      )
    ) AS r
    GROUP BY person_id
  ) AS p
) AS c;

-- duckdb allowed
SELECT people,
  ckey,
  CAST(total0_n - coalesce(list_sum(top0_n) - len(top0_n) * top0_n[-1], 0) AS bigint) AS a0_n,
  CAST(coalesce(top0_n[-1], 0) AS double) AS a0_m1,
  CAST(coalesce(top0_n[-1], 0) AS double) AS a0_m2,
  CAST(coalesce(top0_n[-1], 0) AS double) AS a0_r,
  a0_c,
  a0_k
FROM (
  SELECT count(*) AS people,
    CAST(coalesce(sum(record_key), 0) % 256 AS integer) AS ckey,
    coalesce(sum(n0), 0) AS total0_n,
    max(n0, 10) AS top0_n,
    count(*) AS a0_c,
    CAST(coalesce(sum(record_key), 0) % 256 AS integer) AS a0_k
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
  ) AS p
) AS c;

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
SELECT q.nhs_number, CASE WHEN q.nhs_number IS NULL THEN q.person END AS local_key
FROM (
  SELECT person_id,
    count(*) AS n0
  FROM (
    SELECT t1.c1 AS person_id
    FROM (
      SELECT condition.person_id AS c1, condition.allowed_national_data_opt_out AS c2
      FROM snapshot_1.condition AS condition
      WHERE condition.restricted_1 IS NOT TRUE
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
SELECT people,
  ckey,
  CAST(total0_n - coalesce((SELECT sum(v) FROM unnest(top0_n) AS v) - cardinality(top0_n) * top0_n[cardinality(top0_n)], 0) AS bigint) AS a0_n,
  CAST(coalesce(top0_n[cardinality(top0_n)], 0) AS double precision) AS a0_m1,
  CAST(coalesce(top0_n[cardinality(top0_n)], 0) AS double precision) AS a0_m2,
  CAST(coalesce(top0_n[cardinality(top0_n)], 0) AS double precision) AS a0_r,
  a0_c,
  a0_k
FROM (
  SELECT count(*) AS people,
    CAST(coalesce(sum(record_key), 0) % 256 AS integer) AS ckey,
    coalesce(sum(n0), 0) AS total0_n,
    (array_agg(n0 ORDER BY n0 DESC NULLS LAST))[1:10] AS top0_n,
    count(*) AS a0_c,
    CAST(coalesce(sum(record_key), 0) % 256 AS integer) AS a0_k
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
        WHERE condition.restricted_1 IS NOT TRUE
      ) AS t1
      WHERE t1.c3
        AND NOT EXISTS (
        SELECT 1
        FROM snapshot_1.objections AS objections
        WHERE objections.person_id = t1.c1
      )
    ) AS r
    GROUP BY person_id
  ) AS p
) AS c;

-- postgresql allowed
SELECT people,
  ckey,
  CAST(total0_n - coalesce((SELECT sum(v) FROM unnest(top0_n) AS v) - cardinality(top0_n) * top0_n[cardinality(top0_n)], 0) AS bigint) AS a0_n,
  CAST(coalesce(top0_n[cardinality(top0_n)], 0) AS double precision) AS a0_m1,
  CAST(coalesce(top0_n[cardinality(top0_n)], 0) AS double precision) AS a0_m2,
  CAST(coalesce(top0_n[cardinality(top0_n)], 0) AS double precision) AS a0_r,
  a0_c,
  a0_k
FROM (
  SELECT count(*) AS people,
    CAST(coalesce(sum(record_key), 0) % 256 AS integer) AS ckey,
    coalesce(sum(n0), 0) AS total0_n,
    (array_agg(n0 ORDER BY n0 DESC NULLS LAST))[1:10] AS top0_n,
    count(*) AS a0_c,
    CAST(coalesce(sum(record_key), 0) % 256 AS integer) AS a0_k
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
  ) AS p
) AS c;

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
SELECT q.nhs_number, CASE WHEN q.nhs_number IS NULL THEN q.person END AS local_key
FROM (
  SELECT person_id,
    count(*) AS n0
  FROM (
    SELECT t1.c1 AS person_id
    FROM (
      SELECT condition.person_id AS c1, condition.allowed_national_data_opt_out AS c2
      FROM snapshot_1.condition AS condition
      WHERE condition.restricted_1 IS NOT TRUE
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
  people,
  ckey,
  CAST(total0_n - coalesce(list_sum(top0_n) - len(top0_n) * top0_n[-1], 0) AS bigint) AS a0_n,
  CAST(coalesce(top0_n[-1], 0) AS double) AS a0_m1,
  CAST(coalesce(top0_n[-1], 0) AS double) AS a0_m2,
  CAST(coalesce(top0_n[-1], 0) AS double) AS a0_r,
  a0_c,
  a0_k,
  a1_n,
  a1_c,
  a1_k,
  a1_m1,
  a1_m2
FROM (
  SELECT k0,
    count(*) AS people,
    CAST(coalesce(sum(record_key), 0) % 256 AS integer) AS ckey,
    coalesce(sum(n0), 0) AS total0_n,
    max(n0, 10) AS top0_n,
    count(*) AS a0_c,
    CAST(coalesce(sum(record_key), 0) % 256 AS integer) AS a0_k,
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
      SELECT t1.c1 AS person_id, t1.c4 AS record_key, t1.c2 AS k0
      FROM (
        SELECT c.person_id AS c1,
          c.code AS c2,
          c.onset_date AS c3,
          c.record_key AS c4,
          c.allowed_national_data_opt_out AS c5
        FROM snapshot_1.condition AS c
        WHERE c.restricted_1 IS NOT TRUE
      ) AS t1
      WHERE t1.c5
        AND NOT EXISTS (
        SELECT 1
        FROM snapshot_1.objections AS objections
        WHERE objections.person_id = t1.c1
      )
    ) AS r
    GROUP BY person_id, k0
  ) AS p
  GROUP BY k0
) AS c;

-- duckdb allowed
SELECT k0,
  people,
  misplaced,
  ckey,
  CAST(total0_n - coalesce(list_sum(top0_n) - len(top0_n) * top0_n[-1], 0) AS bigint) AS a0_n,
  CAST(coalesce(top0_n[-1], 0) AS double) AS a0_m1,
  CAST(coalesce(top0_n[-1], 0) AS double) AS a0_m2,
  CAST(coalesce(top0_n[-1], 0) AS double) AS a0_r,
  a0_c,
  a0_k,
  a1_n,
  a1_c,
  a1_k,
  a1_m1,
  a1_m2
FROM (
  SELECT k0,
    count(*) AS people,
    count(*) FILTER (WHERE NOT in_order) AS misplaced,
    CAST(coalesce(sum(record_key), 0) % 256 AS integer) AS ckey,
    coalesce(sum(n0), 0) AS total0_n,
    max(n0, 10) AS top0_n,
    count(*) AS a0_c,
    CAST(coalesce(sum(record_key), 0) % 256 AS integer) AS a0_k,
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
  GROUP BY k0
) AS c;

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
SELECT k0, q.nhs_number, CASE WHEN q.nhs_number IS NULL THEN q.person END AS local_key
FROM (
  SELECT person_id,
    k0,
    count(*) AS n0,
    1 AS n1
  FROM (
    SELECT t1.c1 AS person_id, t1.c2 AS k0
    FROM (
      SELECT c.person_id AS c1, c.code AS c2, c.onset_date AS c3, c.allowed_national_data_opt_out AS c4
      FROM snapshot_1.condition AS c
      WHERE c.restricted_1 IS NOT TRUE
    ) AS t1
    WHERE t1.c4
      AND NOT EXISTS (
      SELECT 1
      FROM snapshot_1.objections AS objections
      WHERE objections.person_id = t1.c1
    )
  ) AS r
  GROUP BY person_id, k0
) AS p
JOIN snapshot_1.person AS q ON q.person_id = p.person_id;

-- postgresql full
SELECT k0,
  people,
  ckey,
  CAST(total0_n - coalesce((SELECT sum(v) FROM unnest(top0_n) AS v) - cardinality(top0_n) * top0_n[cardinality(top0_n)], 0) AS bigint) AS a0_n,
  CAST(coalesce(top0_n[cardinality(top0_n)], 0) AS double precision) AS a0_m1,
  CAST(coalesce(top0_n[cardinality(top0_n)], 0) AS double precision) AS a0_m2,
  CAST(coalesce(top0_n[cardinality(top0_n)], 0) AS double precision) AS a0_r,
  a0_c,
  a0_k,
  a1_n,
  a1_c,
  a1_k,
  a1_m1,
  a1_m2
FROM (
  SELECT k0,
    count(*) AS people,
    CAST(coalesce(sum(record_key), 0) % 256 AS integer) AS ckey,
    coalesce(sum(n0), 0) AS total0_n,
    (array_agg(n0 ORDER BY n0 DESC NULLS LAST))[1:10] AS top0_n,
    count(*) AS a0_c,
    CAST(coalesce(sum(record_key), 0) % 256 AS integer) AS a0_k,
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
      SELECT t1.c1 AS person_id, t1.c4 AS record_key, t1.c2 AS k0
      FROM (
        SELECT c.person_id AS c1,
          c.code AS c2,
          c.onset_date AS c3,
          c.record_key AS c4,
          c.allowed_national_data_opt_out AS c5
        FROM snapshot_1.condition AS c
        WHERE c.restricted_1 IS NOT TRUE
      ) AS t1
      WHERE t1.c5
        AND NOT EXISTS (
        SELECT 1
        FROM snapshot_1.objections AS objections
        WHERE objections.person_id = t1.c1
      )
    ) AS r
    GROUP BY person_id, k0
  ) AS p
  GROUP BY k0
) AS c;

-- postgresql allowed
SELECT k0,
  people,
  ckey,
  CAST(total0_n - coalesce((SELECT sum(v) FROM unnest(top0_n) AS v) - cardinality(top0_n) * top0_n[cardinality(top0_n)], 0) AS bigint) AS a0_n,
  CAST(coalesce(top0_n[cardinality(top0_n)], 0) AS double precision) AS a0_m1,
  CAST(coalesce(top0_n[cardinality(top0_n)], 0) AS double precision) AS a0_m2,
  CAST(coalesce(top0_n[cardinality(top0_n)], 0) AS double precision) AS a0_r,
  a0_c,
  a0_k,
  a1_n,
  a1_c,
  a1_k,
  a1_m1,
  a1_m2
FROM (
  SELECT k0,
    count(*) AS people,
    CAST(coalesce(sum(record_key), 0) % 256 AS integer) AS ckey,
    coalesce(sum(n0), 0) AS total0_n,
    (array_agg(n0 ORDER BY n0 DESC NULLS LAST))[1:10] AS top0_n,
    count(*) AS a0_c,
    CAST(coalesce(sum(record_key), 0) % 256 AS integer) AS a0_k,
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
  GROUP BY k0
) AS c;

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
SELECT k0, q.nhs_number, CASE WHEN q.nhs_number IS NULL THEN q.person END AS local_key
FROM (
  SELECT person_id,
    k0,
    count(*) AS n0,
    1 AS n1
  FROM (
    SELECT t1.c1 AS person_id, t1.c2 AS k0
    FROM (
      SELECT c.person_id AS c1, c.code AS c2, c.onset_date AS c3, c.allowed_national_data_opt_out AS c4
      FROM snapshot_1.condition AS c
      WHERE c.restricted_1 IS NOT TRUE
    ) AS t1
    WHERE t1.c4
      AND NOT EXISTS (
      SELECT 1
      FROM snapshot_1.objections AS objections
      WHERE objections.person_id = t1.c1
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
  people,
  ckey,
  CAST(total0_n - coalesce(list_sum(top0_n) - len(top0_n) * top0_n[-1], 0) AS bigint) AS a0_n,
  CAST(coalesce(top0_n[-1], 0) AS double) AS a0_m1,
  CAST(coalesce(top0_n[-1], 0) AS double) AS a0_m2,
  CAST(coalesce(top0_n[-1], 0) AS double) AS a0_r,
  a0_c,
  a0_k,
  CAST(total1_n - coalesce(list_sum(top1_n) - len(top1_n) * top1_n[-1], 0) AS bigint) AS a1_n,
  CAST(coalesce(top1_n[-1], 0) AS double) AS a1_m1,
  CAST(coalesce(top1_n[-1], 0) AS double) AS a1_m2,
  CAST(coalesce(top1_n[-1], 0) AS double) AS a1_r,
  a1_c,
  a1_k,
  a2_n,
  a2_c,
  a2_k,
  a2_m1,
  a2_m2
FROM (
  SELECT k0,
    k1,
    count(*) AS people,
    CAST(coalesce(sum(record_key), 0) % 256 AS integer) AS ckey,
    coalesce(sum(n0), 0) AS total0_n,
    max(n0, 10) AS top0_n,
    count(*) AS a0_c,
    CAST(coalesce(sum(record_key), 0) % 256 AS integer) AS a0_k,
    coalesce(sum(n1), 0) AS total1_n,
    max(n1, 10) AS top1_n,
    count(*) FILTER (WHERE n1 > 0) AS a1_c,
    CAST(coalesce(sum(record_key) FILTER (WHERE n1 > 0), 0) % 256 AS integer) AS a1_k,
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
        WHERE o.restricted_1 IS NOT TRUE
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
  GROUP BY k0, k1
) AS c;

-- duckdb allowed
SELECT k0,
  k1,
  people,
  misplaced,
  ckey,
  CAST(total0_n - coalesce(list_sum(top0_n) - len(top0_n) * top0_n[-1], 0) AS bigint) AS a0_n,
  CAST(coalesce(top0_n[-1], 0) AS double) AS a0_m1,
  CAST(coalesce(top0_n[-1], 0) AS double) AS a0_m2,
  CAST(coalesce(top0_n[-1], 0) AS double) AS a0_r,
  a0_c,
  a0_k,
  CAST(total1_n - coalesce(list_sum(top1_n) - len(top1_n) * top1_n[-1], 0) AS bigint) AS a1_n,
  CAST(coalesce(top1_n[-1], 0) AS double) AS a1_m1,
  CAST(coalesce(top1_n[-1], 0) AS double) AS a1_m2,
  CAST(coalesce(top1_n[-1], 0) AS double) AS a1_r,
  a1_c,
  a1_k,
  a2_n,
  a2_c,
  a2_k,
  a2_m1,
  a2_m2
FROM (
  SELECT k0,
    k1,
    count(*) AS people,
    count(*) FILTER (WHERE NOT in_order) AS misplaced,
    CAST(coalesce(sum(record_key), 0) % 256 AS integer) AS ckey,
    coalesce(sum(n0), 0) AS total0_n,
    max(n0, 10) AS top0_n,
    count(*) AS a0_c,
    CAST(coalesce(sum(record_key), 0) % 256 AS integer) AS a0_k,
    coalesce(sum(n1), 0) AS total1_n,
    max(n1, 10) AS top1_n,
    count(*) FILTER (WHERE n1 > 0) AS a1_c,
    CAST(coalesce(sum(record_key) FILTER (WHERE n1 > 0), 0) % 256 AS integer) AS a1_k,
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
  GROUP BY k0, k1
) AS c;

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
SELECT k0, k1, q.nhs_number, CASE WHEN q.nhs_number IS NULL THEN q.person END AS local_key, n2 > 0 AS d2
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
      WHERE o.restricted_1 IS NOT TRUE
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
  people,
  ckey,
  CAST(total0_n - coalesce((SELECT sum(v) FROM unnest(top0_n) AS v) - cardinality(top0_n) * top0_n[cardinality(top0_n)], 0) AS bigint) AS a0_n,
  CAST(coalesce(top0_n[cardinality(top0_n)], 0) AS double precision) AS a0_m1,
  CAST(coalesce(top0_n[cardinality(top0_n)], 0) AS double precision) AS a0_m2,
  CAST(coalesce(top0_n[cardinality(top0_n)], 0) AS double precision) AS a0_r,
  a0_c,
  a0_k,
  CAST(total1_n - coalesce((SELECT sum(v) FROM unnest(top1_n) AS v) - cardinality(top1_n) * top1_n[cardinality(top1_n)], 0) AS bigint) AS a1_n,
  CAST(coalesce(top1_n[cardinality(top1_n)], 0) AS double precision) AS a1_m1,
  CAST(coalesce(top1_n[cardinality(top1_n)], 0) AS double precision) AS a1_m2,
  CAST(coalesce(top1_n[cardinality(top1_n)], 0) AS double precision) AS a1_r,
  a1_c,
  a1_k,
  a2_n,
  a2_c,
  a2_k,
  a2_m1,
  a2_m2
FROM (
  SELECT k0,
    k1,
    count(*) AS people,
    CAST(coalesce(sum(record_key), 0) % 256 AS integer) AS ckey,
    coalesce(sum(n0), 0) AS total0_n,
    (array_agg(n0 ORDER BY n0 DESC NULLS LAST))[1:10] AS top0_n,
    count(*) AS a0_c,
    CAST(coalesce(sum(record_key), 0) % 256 AS integer) AS a0_k,
    coalesce(sum(n1), 0) AS total1_n,
    (array_agg(n1 ORDER BY n1 DESC NULLS LAST))[1:10] AS top1_n,
    count(*) FILTER (WHERE n1 > 0) AS a1_c,
    CAST(coalesce(sum(record_key) FILTER (WHERE n1 > 0), 0) % 256 AS integer) AS a1_k,
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
        WHERE o.restricted_1 IS NOT TRUE
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
  GROUP BY k0, k1
) AS c;

-- postgresql allowed
SELECT k0,
  k1,
  people,
  ckey,
  CAST(total0_n - coalesce((SELECT sum(v) FROM unnest(top0_n) AS v) - cardinality(top0_n) * top0_n[cardinality(top0_n)], 0) AS bigint) AS a0_n,
  CAST(coalesce(top0_n[cardinality(top0_n)], 0) AS double precision) AS a0_m1,
  CAST(coalesce(top0_n[cardinality(top0_n)], 0) AS double precision) AS a0_m2,
  CAST(coalesce(top0_n[cardinality(top0_n)], 0) AS double precision) AS a0_r,
  a0_c,
  a0_k,
  CAST(total1_n - coalesce((SELECT sum(v) FROM unnest(top1_n) AS v) - cardinality(top1_n) * top1_n[cardinality(top1_n)], 0) AS bigint) AS a1_n,
  CAST(coalesce(top1_n[cardinality(top1_n)], 0) AS double precision) AS a1_m1,
  CAST(coalesce(top1_n[cardinality(top1_n)], 0) AS double precision) AS a1_m2,
  CAST(coalesce(top1_n[cardinality(top1_n)], 0) AS double precision) AS a1_r,
  a1_c,
  a1_k,
  a2_n,
  a2_c,
  a2_k,
  a2_m1,
  a2_m2
FROM (
  SELECT k0,
    k1,
    count(*) AS people,
    CAST(coalesce(sum(record_key), 0) % 256 AS integer) AS ckey,
    coalesce(sum(n0), 0) AS total0_n,
    (array_agg(n0 ORDER BY n0 DESC NULLS LAST))[1:10] AS top0_n,
    count(*) AS a0_c,
    CAST(coalesce(sum(record_key), 0) % 256 AS integer) AS a0_k,
    coalesce(sum(n1), 0) AS total1_n,
    (array_agg(n1 ORDER BY n1 DESC NULLS LAST))[1:10] AS top1_n,
    count(*) FILTER (WHERE n1 > 0) AS a1_c,
    CAST(coalesce(sum(record_key) FILTER (WHERE n1 > 0), 0) % 256 AS integer) AS a1_k,
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
  GROUP BY k0, k1
) AS c;

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
SELECT k0, k1, q.nhs_number, CASE WHEN q.nhs_number IS NULL THEN q.person END AS local_key, n2 > 0 AS d2
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
      WHERE o.restricted_1 IS NOT TRUE
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
  people,
  ckey,
  CAST(total0_n - coalesce(list_sum(top0_n) - len(top0_n) * top0_n[-1], 0) AS bigint) AS a0_n,
  CAST(coalesce(top0_n[-1], 0) AS double) AS a0_m1,
  CAST(coalesce(top0_n[-1], 0) AS double) AS a0_m2,
  CAST(coalesce(top0_n[-1], 0) AS double) AS a0_r,
  a0_c,
  a0_k,
  CAST(total1_n - coalesce(list_sum(top1_n) - len(top1_n) * top1_n[-1], 0) AS bigint) AS a1_n,
  CAST(40.0e0 * (total1_n - coalesce(list_sum(top1_n) - len(top1_n) * top1_n[-1], 0)) + total1_d - coalesce(list_sum(top1_d) - len(top1_d) * top1_d[-1], 0) AS double) AS a1_s,
  CAST(coalesce(40.0e0 * top1_n[-1] + top1_d[-1], 0) AS double) AS a1_m1,
  CAST(coalesce(40.0e0 * top1_n[-1] + top1_d[-1], 0) AS double) AS a1_m2,
  CAST(coalesce(top1_n[-1], 0) AS double) AS a1_r,
  CAST(coalesce(top1_d[-1], 0) AS double) AS a1_d,
  a1_c,
  a1_k
FROM (
  SELECT k0,
    count(*) AS people,
    CAST(coalesce(sum(record_key), 0) % 256 AS integer) AS ckey,
    coalesce(sum(n0), 0) AS total0_n,
    max(n0, 10) AS top0_n,
    count(*) FILTER (WHERE n0 > 0) AS a0_c,
    CAST(coalesce(sum(record_key) FILTER (WHERE n0 > 0), 0) % 256 AS integer) AS a0_k,
    coalesce(sum(n1), 0) AS total1_n,
    max(n1, 10) AS top1_n,
    coalesce(sum(greatest(CAST(coalesce(s1, 0) AS double) - 40.0e0 * n1, 0e0)), 0) AS total1_d,
    max(greatest(CAST(coalesce(s1, 0) AS double) - 40.0e0 * n1, 0e0), 10) AS top1_d,
    count(*) FILTER (WHERE e1 > 0) AS a1_c,
    CAST(coalesce(sum(record_key) FILTER (WHERE e1 > 0), 0) % 256 AS integer) AS a1_k
  FROM (
    SELECT person_id,
      k0,
      min(record_key) AS record_key,
      count(x0) AS n0,
      count(CASE WHEN x1 < 40.0e0 THEN 40.0e0 WHEN x1 > 300.0e0 THEN 300.0e0 ELSE x1 END) AS n1,
      sum(CASE WHEN x1 < 40.0e0 THEN 40.0e0 WHEN x1 > 300.0e0 THEN 300.0e0 ELSE x1 END) AS s1,
      count(*) FILTER (WHERE CASE WHEN x1 < 40.0e0 THEN 40.0e0 WHEN x1 > 300.0e0 THEN 300.0e0 ELSE x1 END <> 40.0e0) AS e1
    FROM (
      SELECT t1.c4 AS person_id, t1.c11 AS record_key, t1.c5 AS k0, t2.c10 AS x0, t2.c10 AS x1
      FROM (
        SELECT p.person_id AS c4,
          p.sex AS c5,
          p.birth_date AS c6,
          p.record_key AS c11,
          p.allowed_national_data_opt_out AS c12
        FROM snapshot_1.patient AS p
        WHERE p.restricted_1 IS NOT TRUE
      ) AS t1
        JOIN (
          SELECT o.person_id AS c7, o.code AS c8, o.effective_at AS c9, o.value_quantity AS c10
          FROM snapshot_1.observation AS o
          WHERE o.restricted_1 IS NOT TRUE
        ) AS t2 ON t2.c7 = t1.c4
      WHERE t1.c12
        AND NOT EXISTS (
        SELECT 1
        FROM snapshot_1.objections AS objections
        WHERE objections.person_id = t1.c4
      )
        AND t2.c8 = 'bp'
    ) AS r
    GROUP BY person_id, k0
  ) AS p
  GROUP BY k0
) AS c;

-- duckdb allowed
SELECT k0,
  people,
  ckey,
  CAST(total0_n - coalesce(list_sum(top0_n) - len(top0_n) * top0_n[-1], 0) AS bigint) AS a0_n,
  CAST(coalesce(top0_n[-1], 0) AS double) AS a0_m1,
  CAST(coalesce(top0_n[-1], 0) AS double) AS a0_m2,
  CAST(coalesce(top0_n[-1], 0) AS double) AS a0_r,
  a0_c,
  a0_k,
  CAST(total1_n - coalesce(list_sum(top1_n) - len(top1_n) * top1_n[-1], 0) AS bigint) AS a1_n,
  CAST(40.0e0 * (total1_n - coalesce(list_sum(top1_n) - len(top1_n) * top1_n[-1], 0)) + total1_d - coalesce(list_sum(top1_d) - len(top1_d) * top1_d[-1], 0) AS double) AS a1_s,
  CAST(coalesce(40.0e0 * top1_n[-1] + top1_d[-1], 0) AS double) AS a1_m1,
  CAST(coalesce(40.0e0 * top1_n[-1] + top1_d[-1], 0) AS double) AS a1_m2,
  CAST(coalesce(top1_n[-1], 0) AS double) AS a1_r,
  CAST(coalesce(top1_d[-1], 0) AS double) AS a1_d,
  a1_c,
  a1_k
FROM (
  SELECT k0,
    count(*) AS people,
    CAST(coalesce(sum(record_key), 0) % 256 AS integer) AS ckey,
    coalesce(sum(n0), 0) AS total0_n,
    max(n0, 10) AS top0_n,
    count(*) FILTER (WHERE n0 > 0) AS a0_c,
    CAST(coalesce(sum(record_key) FILTER (WHERE n0 > 0), 0) % 256 AS integer) AS a0_k,
    coalesce(sum(n1), 0) AS total1_n,
    max(n1, 10) AS top1_n,
    coalesce(sum(greatest(CAST(coalesce(s1, 0) AS double) - 40.0e0 * n1, 0e0)), 0) AS total1_d,
    max(greatest(CAST(coalesce(s1, 0) AS double) - 40.0e0 * n1, 0e0), 10) AS top1_d,
    count(*) FILTER (WHERE e1 > 0) AS a1_c,
    CAST(coalesce(sum(record_key) FILTER (WHERE e1 > 0), 0) % 256 AS integer) AS a1_k
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
  GROUP BY k0
) AS c;

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
SELECT k0, q.nhs_number, CASE WHEN q.nhs_number IS NULL THEN q.person END AS local_key
FROM (
  SELECT person_id,
    k0,
    count(x0) AS n0,
    count(CASE WHEN abs(x1) < 1e150 THEN x1 END) AS n1,
    sum(CASE WHEN abs(x1) < 1e150 THEN x1 END) AS s1,
    count(*) FILTER (WHERE CASE WHEN abs(x1) < 1e150 THEN x1 END <> 40.0e0) AS e1
  FROM (
    SELECT t1.c4 AS person_id, t1.c5 AS k0, t2.c10 AS x0, t2.c10 AS x1
    FROM (
      SELECT p.person_id AS c4, p.sex AS c5, p.birth_date AS c6, p.allowed_national_data_opt_out AS c11
      FROM snapshot_1.patient AS p
      WHERE p.restricted_1 IS NOT TRUE
    ) AS t1
      JOIN (
        SELECT o.person_id AS c7, o.code AS c8, o.effective_at AS c9, o.value_quantity AS c10
        FROM snapshot_1.observation AS o
        WHERE o.restricted_1 IS NOT TRUE
      ) AS t2 ON t2.c7 = t1.c4
    WHERE t1.c11
      AND NOT EXISTS (
      SELECT 1
      FROM snapshot_1.objections AS objections
      WHERE objections.person_id = t1.c4
    )
      AND t2.c8 = 'bp'
  ) AS r
  GROUP BY person_id, k0
) AS p
JOIN snapshot_1.person AS q ON q.person_id = p.person_id;

-- postgresql full
SELECT k0,
  people,
  ckey,
  CAST(total0_n - coalesce((SELECT sum(v) FROM unnest(top0_n) AS v) - cardinality(top0_n) * top0_n[cardinality(top0_n)], 0) AS bigint) AS a0_n,
  CAST(coalesce(top0_n[cardinality(top0_n)], 0) AS double precision) AS a0_m1,
  CAST(coalesce(top0_n[cardinality(top0_n)], 0) AS double precision) AS a0_m2,
  CAST(coalesce(top0_n[cardinality(top0_n)], 0) AS double precision) AS a0_r,
  a0_c,
  a0_k,
  CAST(total1_n - coalesce((SELECT sum(v) FROM unnest(top1_n) AS v) - cardinality(top1_n) * top1_n[cardinality(top1_n)], 0) AS bigint) AS a1_n,
  CAST(CAST(40.0 AS double precision) * (total1_n - coalesce((SELECT sum(v) FROM unnest(top1_n) AS v) - cardinality(top1_n) * top1_n[cardinality(top1_n)], 0)) + total1_d - coalesce((SELECT sum(v) FROM unnest(top1_d) AS v) - cardinality(top1_d) * top1_d[cardinality(top1_d)], 0) AS double precision) AS a1_s,
  CAST(coalesce(CAST(40.0 AS double precision) * top1_n[cardinality(top1_n)] + top1_d[cardinality(top1_d)], 0) AS double precision) AS a1_m1,
  CAST(coalesce(CAST(40.0 AS double precision) * top1_n[cardinality(top1_n)] + top1_d[cardinality(top1_d)], 0) AS double precision) AS a1_m2,
  CAST(coalesce(top1_n[cardinality(top1_n)], 0) AS double precision) AS a1_r,
  CAST(coalesce(top1_d[cardinality(top1_d)], 0) AS double precision) AS a1_d,
  a1_c,
  a1_k
FROM (
  SELECT k0,
    count(*) AS people,
    CAST(coalesce(sum(record_key), 0) % 256 AS integer) AS ckey,
    coalesce(sum(n0), 0) AS total0_n,
    (array_agg(n0 ORDER BY n0 DESC NULLS LAST))[1:10] AS top0_n,
    count(*) FILTER (WHERE n0 > 0) AS a0_c,
    CAST(coalesce(sum(record_key) FILTER (WHERE n0 > 0), 0) % 256 AS integer) AS a0_k,
    coalesce(sum(n1), 0) AS total1_n,
    (array_agg(n1 ORDER BY n1 DESC NULLS LAST))[1:10] AS top1_n,
    coalesce(sum(greatest(CAST(coalesce(s1, 0) AS double precision) - CAST(40.0 AS double precision) * n1, 0e0)), 0) AS total1_d,
    (array_agg(greatest(CAST(coalesce(s1, 0) AS double precision) - CAST(40.0 AS double precision) * n1, 0e0) ORDER BY greatest(CAST(coalesce(s1, 0) AS double precision) - CAST(40.0 AS double precision) * n1, 0e0) DESC NULLS LAST))[1:10] AS top1_d,
    count(*) FILTER (WHERE e1 > 0) AS a1_c,
    CAST(coalesce(sum(record_key) FILTER (WHERE e1 > 0), 0) % 256 AS integer) AS a1_k
  FROM (
    SELECT person_id,
      k0,
      min(record_key) AS record_key,
      count(x0) AS n0,
      count(CASE WHEN x1 < CAST(40.0 AS double precision) THEN CAST(40.0 AS double precision) WHEN x1 > CAST(300.0 AS double precision) THEN CAST(300.0 AS double precision) ELSE x1 END) AS n1,
      sum(CASE WHEN x1 < CAST(40.0 AS double precision) THEN CAST(40.0 AS double precision) WHEN x1 > CAST(300.0 AS double precision) THEN CAST(300.0 AS double precision) ELSE x1 END) AS s1,
      count(*) FILTER (WHERE CASE WHEN x1 < CAST(40.0 AS double precision) THEN CAST(40.0 AS double precision) WHEN x1 > CAST(300.0 AS double precision) THEN CAST(300.0 AS double precision) ELSE x1 END <> CAST(40.0 AS double precision)) AS e1
    FROM (
      SELECT t1.c4 AS person_id, t1.c11 AS record_key, t1.c5 AS k0, t2.c10 AS x0, t2.c10 AS x1
      FROM (
        SELECT p.person_id AS c4,
          p.sex AS c5,
          p.birth_date AS c6,
          p.record_key AS c11,
          p.allowed_national_data_opt_out AS c12
        FROM snapshot_1.patient AS p
        WHERE p.restricted_1 IS NOT TRUE
      ) AS t1
        JOIN (
          SELECT o.person_id AS c7, o.code AS c8, o.effective_at AS c9, o.value_quantity AS c10
          FROM snapshot_1.observation AS o
          WHERE o.restricted_1 IS NOT TRUE
        ) AS t2 ON t2.c7 = t1.c4
      WHERE t1.c12
        AND NOT EXISTS (
        SELECT 1
        FROM snapshot_1.objections AS objections
        WHERE objections.person_id = t1.c4
      )
        AND t2.c8 = 'bp'
    ) AS r
    GROUP BY person_id, k0
  ) AS p
  GROUP BY k0
) AS c;

-- postgresql allowed
SELECT k0,
  people,
  ckey,
  CAST(total0_n - coalesce((SELECT sum(v) FROM unnest(top0_n) AS v) - cardinality(top0_n) * top0_n[cardinality(top0_n)], 0) AS bigint) AS a0_n,
  CAST(coalesce(top0_n[cardinality(top0_n)], 0) AS double precision) AS a0_m1,
  CAST(coalesce(top0_n[cardinality(top0_n)], 0) AS double precision) AS a0_m2,
  CAST(coalesce(top0_n[cardinality(top0_n)], 0) AS double precision) AS a0_r,
  a0_c,
  a0_k,
  CAST(total1_n - coalesce((SELECT sum(v) FROM unnest(top1_n) AS v) - cardinality(top1_n) * top1_n[cardinality(top1_n)], 0) AS bigint) AS a1_n,
  CAST(CAST(40.0 AS double precision) * (total1_n - coalesce((SELECT sum(v) FROM unnest(top1_n) AS v) - cardinality(top1_n) * top1_n[cardinality(top1_n)], 0)) + total1_d - coalesce((SELECT sum(v) FROM unnest(top1_d) AS v) - cardinality(top1_d) * top1_d[cardinality(top1_d)], 0) AS double precision) AS a1_s,
  CAST(coalesce(CAST(40.0 AS double precision) * top1_n[cardinality(top1_n)] + top1_d[cardinality(top1_d)], 0) AS double precision) AS a1_m1,
  CAST(coalesce(CAST(40.0 AS double precision) * top1_n[cardinality(top1_n)] + top1_d[cardinality(top1_d)], 0) AS double precision) AS a1_m2,
  CAST(coalesce(top1_n[cardinality(top1_n)], 0) AS double precision) AS a1_r,
  CAST(coalesce(top1_d[cardinality(top1_d)], 0) AS double precision) AS a1_d,
  a1_c,
  a1_k
FROM (
  SELECT k0,
    count(*) AS people,
    CAST(coalesce(sum(record_key), 0) % 256 AS integer) AS ckey,
    coalesce(sum(n0), 0) AS total0_n,
    (array_agg(n0 ORDER BY n0 DESC NULLS LAST))[1:10] AS top0_n,
    count(*) FILTER (WHERE n0 > 0) AS a0_c,
    CAST(coalesce(sum(record_key) FILTER (WHERE n0 > 0), 0) % 256 AS integer) AS a0_k,
    coalesce(sum(n1), 0) AS total1_n,
    (array_agg(n1 ORDER BY n1 DESC NULLS LAST))[1:10] AS top1_n,
    coalesce(sum(greatest(CAST(coalesce(s1, 0) AS double precision) - CAST(40.0 AS double precision) * n1, 0e0)), 0) AS total1_d,
    (array_agg(greatest(CAST(coalesce(s1, 0) AS double precision) - CAST(40.0 AS double precision) * n1, 0e0) ORDER BY greatest(CAST(coalesce(s1, 0) AS double precision) - CAST(40.0 AS double precision) * n1, 0e0) DESC NULLS LAST))[1:10] AS top1_d,
    count(*) FILTER (WHERE e1 > 0) AS a1_c,
    CAST(coalesce(sum(record_key) FILTER (WHERE e1 > 0), 0) % 256 AS integer) AS a1_k
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
  GROUP BY k0
) AS c;

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
SELECT k0, q.nhs_number, CASE WHEN q.nhs_number IS NULL THEN q.person END AS local_key
FROM (
  SELECT person_id,
    k0,
    count(x0) AS n0,
    count(CASE WHEN abs(x1) < 1e150 THEN x1 END) AS n1,
    sum(CASE WHEN abs(x1) < 1e150 THEN x1 END) AS s1,
    count(*) FILTER (WHERE CASE WHEN abs(x1) < 1e150 THEN x1 END <> CAST(40.0 AS double precision)) AS e1
  FROM (
    SELECT t1.c4 AS person_id, t1.c5 AS k0, t2.c10 AS x0, t2.c10 AS x1
    FROM (
      SELECT p.person_id AS c4, p.sex AS c5, p.birth_date AS c6, p.allowed_national_data_opt_out AS c11
      FROM snapshot_1.patient AS p
      WHERE p.restricted_1 IS NOT TRUE
    ) AS t1
      JOIN (
        SELECT o.person_id AS c7, o.code AS c8, o.effective_at AS c9, o.value_quantity AS c10
        FROM snapshot_1.observation AS o
        WHERE o.restricted_1 IS NOT TRUE
      ) AS t2 ON t2.c7 = t1.c4
    WHERE t1.c11
      AND NOT EXISTS (
      SELECT 1
      FROM snapshot_1.objections AS objections
      WHERE objections.person_id = t1.c4
    )
      AND t2.c8 = 'bp'
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
    SELECT t1.c4 AS person_id,
      t1.c12 AS record_key,
      CAST(date_trunc('decade', CAST(t1.c6 AS timestamp)) AS timestamp) AS k0,
      t1.c5 AS k1,
      t3.c11 AS x1
    FROM (
      SELECT p.person_id AS c4,
        p.sex AS c5,
        p.birth_date AS c6,
        p.record_key AS c12,
        p.allowed_national_data_opt_out AS c13
      FROM snapshot_1.patient AS p
      WHERE p.restricted_1 IS NOT TRUE
    ) AS t1
      LEFT JOIN (
        SELECT DISTINCT t2.c1 AS c11
        FROM (
          SELECT c.person_id AS c1, c.code AS c2, c.onset_date AS c3
          FROM snapshot_1.condition AS c
          WHERE c.restricted_1 IS NOT TRUE
        ) AS t2
        WHERE t2.c2 = 'd1'
      ) AS t3 ON t3.c11 = t1.c4
    WHERE t1.c13
      AND NOT EXISTS (
      SELECT 1
      FROM snapshot_1.objections AS objections
      WHERE objections.person_id = t1.c4
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
SELECT k0, k1, q.nhs_number, CASE WHEN q.nhs_number IS NULL THEN q.person END AS local_key
FROM (
  SELECT person_id,
    k0,
    k1,
    1 AS n0,
    CASE WHEN x1 IS NOT NULL THEN 1 ELSE 0 END AS n1
  FROM (
    SELECT t1.c4 AS person_id,
      CAST(date_trunc('decade', CAST(t1.c6 AS timestamp)) AS timestamp) AS k0,
      t1.c5 AS k1,
      t3.c11 AS x1
    FROM (
      SELECT p.person_id AS c4, p.sex AS c5, p.birth_date AS c6, p.allowed_national_data_opt_out AS c12
      FROM snapshot_1.patient AS p
      WHERE p.restricted_1 IS NOT TRUE
    ) AS t1
      LEFT JOIN (
        SELECT DISTINCT t2.c1 AS c11
        FROM (
          SELECT c.person_id AS c1, c.code AS c2, c.onset_date AS c3
          FROM snapshot_1.condition AS c
          WHERE c.restricted_1 IS NOT TRUE
        ) AS t2
        WHERE t2.c2 = 'd1'
      ) AS t3 ON t3.c11 = t1.c4
    WHERE t1.c12
      AND NOT EXISTS (
      SELECT 1
      FROM snapshot_1.objections AS objections
      WHERE objections.person_id = t1.c4
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
    SELECT t1.c4 AS person_id,
      t1.c12 AS record_key,
      CAST(date_trunc('decade', CAST(t1.c6 AS timestamp)) AS timestamp) AS k0,
      t1.c5 AS k1,
      t3.c11 AS x1
    FROM (
      SELECT p.person_id AS c4,
        p.sex AS c5,
        p.birth_date AS c6,
        p.record_key AS c12,
        p.allowed_national_data_opt_out AS c13
      FROM snapshot_1.patient AS p
      WHERE p.restricted_1 IS NOT TRUE
    ) AS t1
      LEFT JOIN (
        SELECT DISTINCT t2.c1 AS c11
        FROM (
          SELECT c.person_id AS c1, c.code AS c2, c.onset_date AS c3
          FROM snapshot_1.condition AS c
          WHERE c.restricted_1 IS NOT TRUE
        ) AS t2
        WHERE t2.c2 = 'd1'
      ) AS t3 ON t3.c11 = t1.c4
    WHERE t1.c13
      AND NOT EXISTS (
      SELECT 1
      FROM snapshot_1.objections AS objections
      WHERE objections.person_id = t1.c4
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
SELECT k0, k1, q.nhs_number, CASE WHEN q.nhs_number IS NULL THEN q.person END AS local_key
FROM (
  SELECT person_id,
    k0,
    k1,
    1 AS n0,
    CASE WHEN x1 IS NOT NULL THEN 1 ELSE 0 END AS n1
  FROM (
    SELECT t1.c4 AS person_id,
      CAST(date_trunc('decade', CAST(t1.c6 AS timestamp)) AS timestamp) AS k0,
      t1.c5 AS k1,
      t3.c11 AS x1
    FROM (
      SELECT p.person_id AS c4, p.sex AS c5, p.birth_date AS c6, p.allowed_national_data_opt_out AS c12
      FROM snapshot_1.patient AS p
      WHERE p.restricted_1 IS NOT TRUE
    ) AS t1
      LEFT JOIN (
        SELECT DISTINCT t2.c1 AS c11
        FROM (
          SELECT c.person_id AS c1, c.code AS c2, c.onset_date AS c3
          FROM snapshot_1.condition AS c
          WHERE c.restricted_1 IS NOT TRUE
        ) AS t2
        WHERE t2.c2 = 'd1'
      ) AS t3 ON t3.c11 = t1.c4
    WHERE t1.c12
      AND NOT EXISTS (
      SELECT 1
      FROM snapshot_1.objections AS objections
      WHERE objections.person_id = t1.c4
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
SELECT people,
  ckey,
  CAST(total0_n - coalesce(list_sum(top0_n) - len(top0_n) * top0_n[-1], 0) AS bigint) AS a0_n,
  CAST(coalesce(top0_n[-1], 0) AS double) AS a0_m1,
  CAST(coalesce(top0_n[-1], 0) AS double) AS a0_m2,
  CAST(coalesce(top0_n[-1], 0) AS double) AS a0_r,
  a0_c,
  a0_k
FROM (
  SELECT count(*) AS people,
    CAST(coalesce(sum(record_key), 0) % 256 AS integer) AS ckey,
    coalesce(sum(n0), 0) AS total0_n,
    max(n0, 10) AS top0_n,
    count(*) AS a0_c,
    CAST(coalesce(sum(record_key), 0) % 256 AS integer) AS a0_k
  FROM (
    SELECT person_id,
      count(*) AS n0
    FROM (
      SELECT t4.c12 AS person_id
      FROM (
        (
          SELECT t2.c11 AS c12
          FROM (
            SELECT t1.c1 AS c11, t1.c13 AS c16
            FROM (
              SELECT c.person_id AS c1,
                c.code AS c2,
                c.onset_date AS c3,
                c.record_key AS c13,
                c.allowed_national_data_opt_out AS c14
              FROM snapshot_1.condition AS c
              WHERE c.restricted_1 IS NOT TRUE
            ) AS t1
            WHERE t1.c14
              AND NOT EXISTS (
              SELECT 1
              FROM snapshot_1.objections AS objections
              WHERE objections.person_id = t1.c1
            )
          ) AS t2
        )
        UNION
        (
          SELECT t3.c7 AS c12
          FROM (
            SELECT o.person_id AS c7, o.record_key AS c17, o.allowed_national_data_opt_out AS c18
            FROM snapshot_1.observation AS o
            WHERE o.restricted_1 IS NOT TRUE
          ) AS t3
          WHERE t3.c18
            AND NOT EXISTS (
            SELECT 1
            FROM snapshot_1.objections AS objections_2
            WHERE objections_2.person_id = t3.c7
          )
        )
      ) AS t4
    ) AS r
    GROUP BY person_id
  ) AS p
  JOIN snapshot_1.person AS q ON q.person_id = p.person_id
) AS c;

-- duckdb allowed
SELECT people,
  ckey,
  CAST(total0_n - coalesce(list_sum(top0_n) - len(top0_n) * top0_n[-1], 0) AS bigint) AS a0_n,
  CAST(coalesce(top0_n[-1], 0) AS double) AS a0_m1,
  CAST(coalesce(top0_n[-1], 0) AS double) AS a0_m2,
  CAST(coalesce(top0_n[-1], 0) AS double) AS a0_r,
  a0_c,
  a0_k
FROM (
  SELECT count(*) AS people,
    CAST(coalesce(sum(record_key), 0) % 256 AS integer) AS ckey,
    coalesce(sum(n0), 0) AS total0_n,
    max(n0, 10) AS top0_n,
    count(*) AS a0_c,
    CAST(coalesce(sum(record_key), 0) % 256 AS integer) AS a0_k
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
  JOIN snapshot_1.person AS q ON q.person_id = p.person_id
) AS c;

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
SELECT q.nhs_number, CASE WHEN q.nhs_number IS NULL THEN q.person END AS local_key
FROM (
  SELECT person_id,
    count(*) AS n0
  FROM (
    SELECT t3.c12 AS person_id
    FROM (
      (
        SELECT t1.c1 AS c12
        FROM (
          SELECT c.person_id AS c1,
            c.code AS c2,
            c.onset_date AS c3,
            c.allowed_national_data_opt_out AS c13
          FROM snapshot_1.condition AS c
          WHERE c.restricted_1 IS NOT TRUE
        ) AS t1
        WHERE t1.c13
          AND NOT EXISTS (
          SELECT 1
          FROM snapshot_1.objections AS objections
          WHERE objections.person_id = t1.c1
        )
      )
      UNION
      (
        SELECT t2.c7 AS c12
        FROM (
          SELECT o.person_id AS c7, o.allowed_national_data_opt_out AS c15
          FROM snapshot_1.observation AS o
          WHERE o.restricted_1 IS NOT TRUE
        ) AS t2
        WHERE t2.c15
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

-- postgresql full
SELECT people,
  ckey,
  CAST(total0_n - coalesce((SELECT sum(v) FROM unnest(top0_n) AS v) - cardinality(top0_n) * top0_n[cardinality(top0_n)], 0) AS bigint) AS a0_n,
  CAST(coalesce(top0_n[cardinality(top0_n)], 0) AS double precision) AS a0_m1,
  CAST(coalesce(top0_n[cardinality(top0_n)], 0) AS double precision) AS a0_m2,
  CAST(coalesce(top0_n[cardinality(top0_n)], 0) AS double precision) AS a0_r,
  a0_c,
  a0_k
FROM (
  SELECT count(*) AS people,
    CAST(coalesce(sum(record_key), 0) % 256 AS integer) AS ckey,
    coalesce(sum(n0), 0) AS total0_n,
    (array_agg(n0 ORDER BY n0 DESC NULLS LAST))[1:10] AS top0_n,
    count(*) AS a0_c,
    CAST(coalesce(sum(record_key), 0) % 256 AS integer) AS a0_k
  FROM (
    SELECT person_id,
      count(*) AS n0
    FROM (
      SELECT t4.c12 AS person_id
      FROM (
        (
          SELECT t2.c11 AS c12
          FROM (
            SELECT t1.c1 AS c11, t1.c13 AS c16
            FROM (
              SELECT c.person_id AS c1,
                c.code AS c2,
                c.onset_date AS c3,
                c.record_key AS c13,
                c.allowed_national_data_opt_out AS c14
              FROM snapshot_1.condition AS c
              WHERE c.restricted_1 IS NOT TRUE
            ) AS t1
            WHERE t1.c14
              AND NOT EXISTS (
              SELECT 1
              FROM snapshot_1.objections AS objections
              WHERE objections.person_id = t1.c1
            )
          ) AS t2
        )
        UNION
        (
          SELECT t3.c7 AS c12
          FROM (
            SELECT o.person_id AS c7, o.record_key AS c17, o.allowed_national_data_opt_out AS c18
            FROM snapshot_1.observation AS o
            WHERE o.restricted_1 IS NOT TRUE
          ) AS t3
          WHERE t3.c18
            AND NOT EXISTS (
            SELECT 1
            FROM snapshot_1.objections AS objections_2
            WHERE objections_2.person_id = t3.c7
          )
        )
      ) AS t4
    ) AS r
    GROUP BY person_id
  ) AS p
  JOIN snapshot_1.person AS q ON q.person_id = p.person_id
) AS c;

-- postgresql allowed
SELECT people,
  ckey,
  CAST(total0_n - coalesce((SELECT sum(v) FROM unnest(top0_n) AS v) - cardinality(top0_n) * top0_n[cardinality(top0_n)], 0) AS bigint) AS a0_n,
  CAST(coalesce(top0_n[cardinality(top0_n)], 0) AS double precision) AS a0_m1,
  CAST(coalesce(top0_n[cardinality(top0_n)], 0) AS double precision) AS a0_m2,
  CAST(coalesce(top0_n[cardinality(top0_n)], 0) AS double precision) AS a0_r,
  a0_c,
  a0_k
FROM (
  SELECT count(*) AS people,
    CAST(coalesce(sum(record_key), 0) % 256 AS integer) AS ckey,
    coalesce(sum(n0), 0) AS total0_n,
    (array_agg(n0 ORDER BY n0 DESC NULLS LAST))[1:10] AS top0_n,
    count(*) AS a0_c,
    CAST(coalesce(sum(record_key), 0) % 256 AS integer) AS a0_k
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
  JOIN snapshot_1.person AS q ON q.person_id = p.person_id
) AS c;

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
SELECT q.nhs_number, CASE WHEN q.nhs_number IS NULL THEN q.person END AS local_key
FROM (
  SELECT person_id,
    count(*) AS n0
  FROM (
    SELECT t3.c12 AS person_id
    FROM (
      (
        SELECT t1.c1 AS c12
        FROM (
          SELECT c.person_id AS c1,
            c.code AS c2,
            c.onset_date AS c3,
            c.allowed_national_data_opt_out AS c13
          FROM snapshot_1.condition AS c
          WHERE c.restricted_1 IS NOT TRUE
        ) AS t1
        WHERE t1.c13
          AND NOT EXISTS (
          SELECT 1
          FROM snapshot_1.objections AS objections
          WHERE objections.person_id = t1.c1
        )
      )
      UNION
      (
        SELECT t2.c7 AS c12
        FROM (
          SELECT o.person_id AS c7, o.allowed_national_data_opt_out AS c15
          FROM snapshot_1.observation AS o
          WHERE o.restricted_1 IS NOT TRUE
        ) AS t2
        WHERE t2.c15
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

# rows repeated by a diagnosis
SELECT p.sex, count(*) AS n, sum(b.lo) AS low, sum(-b.lo) AS less
FROM patient AS p
  LEFT JOIN condition AS c ON c.person = p.person
  JOIN reference.age_band AS b ON b.lo = 0 OR c.code IS NOT NULL
GROUP BY p.sex;

-- duckdb full
SELECT k0,
  people,
  ckey,
  CAST(total0_n - coalesce(list_sum(top0_n) - len(top0_n) * top0_n[-1], 0) AS bigint) AS a0_n,
  CAST(coalesce(top0_n[-1], 0) AS double) AS a0_m1,
  CAST(coalesce(top0_n[-1], 0) AS double) AS a0_m2,
  CAST(coalesce(top0_n[-1], 0) AS double) AS a0_r,
  a0_c,
  a0_k,
  CAST(total1_n - coalesce(list_sum(top1_n) - len(top1_n) * top1_n[-1], 0) AS bigint) AS a1_n,
  CAST(total1_d - coalesce(list_sum(top1_d) - len(top1_d) * top1_d[-1], 0) AS double) AS a1_s,
  CAST(coalesce(top1_d[-1], 0) AS double) AS a1_m1,
  CAST(coalesce(top1_d[-1], 0) AS double) AS a1_m2,
  CAST(coalesce(top1_n[-1], 0) AS double) AS a1_r,
  CAST(coalesce(top1_d[-1], 0) AS double) AS a1_d,
  a1_c,
  a1_k,
  CAST(total2_n - coalesce(list_sum(top2_n) - len(top2_n) * top2_n[-1], 0) AS bigint) AS a2_n,
  CAST((-90.0e0) * (total2_n - coalesce(list_sum(top2_n) - len(top2_n) * top2_n[-1], 0)) + total2_d - coalesce(list_sum(top2_d) - len(top2_d) * top2_d[-1], 0) AS double) AS a2_s,
  CAST(coalesce(top2_z[-1], 0) AS double) AS a2_m1,
  CAST(coalesce(top2_z[-1], 0) AS double) AS a2_m2,
  CAST(coalesce(top2_n[-1], 0) AS double) AS a2_r,
  CAST(coalesce(top2_d[-1], 0) AS double) AS a2_d,
  a2_c,
  a2_k
FROM (
  SELECT k0,
    count(*) AS people,
    CAST(coalesce(sum(record_key), 0) % 256 AS integer) AS ckey,
    coalesce(sum(n0), 0) AS total0_n,
    max(n0, 10) AS top0_n,
    count(*) AS a0_c,
    CAST(coalesce(sum(record_key), 0) % 256 AS integer) AS a0_k,
    coalesce(sum(n1), 0) AS total1_n,
    max(n1, 10) AS top1_n,
    coalesce(sum(greatest(CAST(coalesce(s1, 0) AS double), 0e0)), 0) AS total1_d,
    max(greatest(CAST(coalesce(s1, 0) AS double), 0e0), 10) AS top1_d,
    count(*) FILTER (WHERE s1 <> 0) AS a1_c,
    CAST(coalesce(sum(record_key) FILTER (WHERE s1 <> 0), 0) % 256 AS integer) AS a1_k,
    coalesce(sum(n2), 0) AS total2_n,
    max(n2, 10) AS top2_n,
    coalesce(sum(greatest(CAST(coalesce(s2, 0) AS double) - (-90.0e0) * n2, 0e0)), 0) AS total2_d,
    max(greatest(CAST(coalesce(s2, 0) AS double) - (-90.0e0) * n2, 0e0), 10) AS top2_d,
    max(abs(CAST(coalesce(s2, 0) AS double)), 10) AS top2_z,
    count(*) FILTER (WHERE e2 > 0) AS a2_c,
    CAST(coalesce(sum(record_key) FILTER (WHERE e2 > 0), 0) % 256 AS integer) AS a2_k
  FROM (
    SELECT person_id,
      k0,
      min(record_key) AS record_key,
      count(*) AS n0,
      count(CASE WHEN x1 < 0 THEN 0 WHEN x1 > 90 THEN 90 ELSE x1 END) AS n1,
      sum(CASE WHEN x1 < 0 THEN 0 WHEN x1 > 90 THEN 90 ELSE x1 END) AS s1,
      count(CASE WHEN x2 < (-90) THEN (-90) WHEN x2 > 0 THEN 0 ELSE x2 END) AS n2,
      sum(CASE WHEN x2 < (-90) THEN (-90) WHEN x2 > 0 THEN 0 ELSE x2 END) AS s2,
      count(*) FILTER (WHERE CASE WHEN x2 < (-90) THEN (-90) WHEN x2 > 0 THEN 0 ELSE x2 END <> (-90)) AS e2
    FROM (
      SELECT t1.c4 AS person_id,
        t1.c12 AS record_key,
        t1.c5 AS k0,
        b.lo AS x1,
        TRY_CAST(-CAST(b.lo AS bigint) AS integer) AS x2
      FROM (
        SELECT p.person_id AS c4,
          p.sex AS c5,
          p.birth_date AS c6,
          p.record_key AS c12,
          p.allowed_national_data_opt_out AS c13
        FROM snapshot_1.patient AS p
        WHERE p.restricted_1 IS NOT TRUE
      ) AS t1
        LEFT JOIN (
          SELECT c.person_id AS c1, c.code AS c2, c.onset_date AS c3
          FROM snapshot_1.condition AS c
          WHERE c.restricted_1 IS NOT TRUE
        ) AS t2 ON t2.c1 = t1.c4
        JOIN reference.age_band AS b ON b.lo = 0 OR t2.c2 IS NOT NULL
      WHERE t1.c13
        AND NOT EXISTS (
        SELECT 1
        FROM snapshot_1.objections AS objections
        WHERE objections.person_id = t1.c4
      )
    ) AS r
    GROUP BY person_id, k0
  ) AS p
  GROUP BY k0
) AS c;

-- duckdb allowed
SELECT k0,
  people,
  ckey,
  CAST(total0_n - coalesce(list_sum(top0_n) - len(top0_n) * top0_n[-1], 0) AS bigint) AS a0_n,
  CAST(coalesce(top0_n[-1], 0) AS double) AS a0_m1,
  CAST(coalesce(top0_n[-1], 0) AS double) AS a0_m2,
  CAST(coalesce(top0_n[-1], 0) AS double) AS a0_r,
  a0_c,
  a0_k,
  CAST(total1_n - coalesce(list_sum(top1_n) - len(top1_n) * top1_n[-1], 0) AS bigint) AS a1_n,
  CAST(total1_d - coalesce(list_sum(top1_d) - len(top1_d) * top1_d[-1], 0) AS double) AS a1_s,
  CAST(coalesce(top1_d[-1], 0) AS double) AS a1_m1,
  CAST(coalesce(top1_d[-1], 0) AS double) AS a1_m2,
  CAST(coalesce(top1_n[-1], 0) AS double) AS a1_r,
  CAST(coalesce(top1_d[-1], 0) AS double) AS a1_d,
  a1_c,
  a1_k,
  CAST(total2_n - coalesce(list_sum(top2_n) - len(top2_n) * top2_n[-1], 0) AS bigint) AS a2_n,
  CAST((-90.0e0) * (total2_n - coalesce(list_sum(top2_n) - len(top2_n) * top2_n[-1], 0)) + total2_d - coalesce(list_sum(top2_d) - len(top2_d) * top2_d[-1], 0) AS double) AS a2_s,
  CAST(coalesce(top2_z[-1], 0) AS double) AS a2_m1,
  CAST(coalesce(top2_z[-1], 0) AS double) AS a2_m2,
  CAST(coalesce(top2_n[-1], 0) AS double) AS a2_r,
  CAST(coalesce(top2_d[-1], 0) AS double) AS a2_d,
  a2_c,
  a2_k
FROM (
  SELECT k0,
    count(*) AS people,
    CAST(coalesce(sum(record_key), 0) % 256 AS integer) AS ckey,
    coalesce(sum(n0), 0) AS total0_n,
    max(n0, 10) AS top0_n,
    count(*) AS a0_c,
    CAST(coalesce(sum(record_key), 0) % 256 AS integer) AS a0_k,
    coalesce(sum(n1), 0) AS total1_n,
    max(n1, 10) AS top1_n,
    coalesce(sum(greatest(CAST(coalesce(s1, 0) AS double), 0e0)), 0) AS total1_d,
    max(greatest(CAST(coalesce(s1, 0) AS double), 0e0), 10) AS top1_d,
    count(*) FILTER (WHERE s1 <> 0) AS a1_c,
    CAST(coalesce(sum(record_key) FILTER (WHERE s1 <> 0), 0) % 256 AS integer) AS a1_k,
    coalesce(sum(n2), 0) AS total2_n,
    max(n2, 10) AS top2_n,
    coalesce(sum(greatest(CAST(coalesce(s2, 0) AS double) - (-90.0e0) * n2, 0e0)), 0) AS total2_d,
    max(greatest(CAST(coalesce(s2, 0) AS double) - (-90.0e0) * n2, 0e0), 10) AS top2_d,
    max(abs(CAST(coalesce(s2, 0) AS double)), 10) AS top2_z,
    count(*) FILTER (WHERE e2 > 0) AS a2_c,
    CAST(coalesce(sum(record_key) FILTER (WHERE e2 > 0), 0) % 256 AS integer) AS a2_k
  FROM (
    SELECT person_id,
      k0,
      min(record_key) AS record_key,
      count(*) AS n0,
      count(CASE WHEN x1 < 0 THEN 0 WHEN x1 > 90 THEN 90 ELSE x1 END) AS n1,
      sum(CASE WHEN x1 < 0 THEN 0 WHEN x1 > 90 THEN 90 ELSE x1 END) AS s1,
      count(CASE WHEN x2 < (-90) THEN (-90) WHEN x2 > 0 THEN 0 ELSE x2 END) AS n2,
      sum(CASE WHEN x2 < (-90) THEN (-90) WHEN x2 > 0 THEN 0 ELSE x2 END) AS s2,
      count(*) FILTER (WHERE CASE WHEN x2 < (-90) THEN (-90) WHEN x2 > 0 THEN 0 ELSE x2 END <> (-90)) AS e2
    FROM (
      SELECT p.person_id,
        p.record_key,
        p.sex AS k0,
        b.lo AS x1,
        TRY_CAST(-CAST(b.lo AS bigint) AS integer) AS x2
      FROM snapshot_1.patient AS p
        LEFT JOIN snapshot_1.condition AS c ON c.person_id = p.person_id
        JOIN reference.age_band AS b ON b.lo = 0 OR c.code IS NOT NULL
      WHERE p.allowed_national_data_opt_out
    ) AS r
    GROUP BY person_id, k0
  ) AS p
  GROUP BY k0
) AS c;

-- duckdb plain
SELECT k0,
  count(*) AS people,
  CAST(coalesce(sum(n0), 0) AS bigint) AS a0_n,
  CAST(coalesce(sum(n1), 0) AS bigint) AS a1_n,
  CAST(coalesce(sum(s1), 0) AS double) AS a1_s,
  CAST(coalesce(sum(n2), 0) AS bigint) AS a2_n,
  CAST(coalesce(sum(s2), 0) AS double) AS a2_s
FROM (
  SELECT person_id,
    k0,
    count(*) AS n0,
    count(x1) AS n1,
    sum(x1) AS s1,
    count(x2) AS n2,
    sum(x2) AS s2,
    count(*) FILTER (WHERE x2 <> (-90)) AS e2
  FROM (
    SELECT p.person_id, p.sex AS k0, b.lo AS x1, TRY_CAST(-CAST(b.lo AS bigint) AS integer) AS x2
    FROM snapshot_1.patient AS p
      LEFT JOIN snapshot_1.condition AS c ON c.person_id = p.person_id
      JOIN reference.age_band AS b ON b.lo = 0 OR c.code IS NOT NULL
  ) AS r
  GROUP BY person_id, k0
) AS p
GROUP BY k0;

-- duckdb cohort
SELECT k0, q.nhs_number, CASE WHEN q.nhs_number IS NULL THEN q.person END AS local_key
FROM (
  SELECT person_id,
    k0,
    count(*) AS n0,
    count(x1) AS n1,
    sum(x1) AS s1,
    count(x2) AS n2,
    sum(x2) AS s2,
    count(*) FILTER (WHERE x2 <> (-90)) AS e2
  FROM (
    SELECT t1.c4 AS person_id,
      t1.c5 AS k0,
      b.lo AS x1,
      TRY_CAST(-CAST(b.lo AS bigint) AS integer) AS x2
    FROM (
      SELECT p.person_id AS c4, p.sex AS c5, p.birth_date AS c6, p.allowed_national_data_opt_out AS c12
      FROM snapshot_1.patient AS p
      WHERE p.restricted_1 IS NOT TRUE
    ) AS t1
      LEFT JOIN (
        SELECT c.person_id AS c1, c.code AS c2, c.onset_date AS c3
        FROM snapshot_1.condition AS c
        WHERE c.restricted_1 IS NOT TRUE
      ) AS t2 ON t2.c1 = t1.c4
      JOIN reference.age_band AS b ON b.lo = 0 OR t2.c2 IS NOT NULL
    WHERE t1.c12
      AND NOT EXISTS (
      SELECT 1
      FROM snapshot_1.objections AS objections
      WHERE objections.person_id = t1.c4
    )
  ) AS r
  GROUP BY person_id, k0
) AS p
JOIN snapshot_1.person AS q ON q.person_id = p.person_id;

-- postgresql full
SELECT k0,
  people,
  ckey,
  CAST(total0_n - coalesce((SELECT sum(v) FROM unnest(top0_n) AS v) - cardinality(top0_n) * top0_n[cardinality(top0_n)], 0) AS bigint) AS a0_n,
  CAST(coalesce(top0_n[cardinality(top0_n)], 0) AS double precision) AS a0_m1,
  CAST(coalesce(top0_n[cardinality(top0_n)], 0) AS double precision) AS a0_m2,
  CAST(coalesce(top0_n[cardinality(top0_n)], 0) AS double precision) AS a0_r,
  a0_c,
  a0_k,
  CAST(total1_n - coalesce((SELECT sum(v) FROM unnest(top1_n) AS v) - cardinality(top1_n) * top1_n[cardinality(top1_n)], 0) AS bigint) AS a1_n,
  CAST(total1_d - coalesce((SELECT sum(v) FROM unnest(top1_d) AS v) - cardinality(top1_d) * top1_d[cardinality(top1_d)], 0) AS double precision) AS a1_s,
  CAST(coalesce(top1_d[cardinality(top1_d)], 0) AS double precision) AS a1_m1,
  CAST(coalesce(top1_d[cardinality(top1_d)], 0) AS double precision) AS a1_m2,
  CAST(coalesce(top1_n[cardinality(top1_n)], 0) AS double precision) AS a1_r,
  CAST(coalesce(top1_d[cardinality(top1_d)], 0) AS double precision) AS a1_d,
  a1_c,
  a1_k,
  CAST(total2_n - coalesce((SELECT sum(v) FROM unnest(top2_n) AS v) - cardinality(top2_n) * top2_n[cardinality(top2_n)], 0) AS bigint) AS a2_n,
  CAST(CAST(-90.0 AS double precision) * (total2_n - coalesce((SELECT sum(v) FROM unnest(top2_n) AS v) - cardinality(top2_n) * top2_n[cardinality(top2_n)], 0)) + total2_d - coalesce((SELECT sum(v) FROM unnest(top2_d) AS v) - cardinality(top2_d) * top2_d[cardinality(top2_d)], 0) AS double precision) AS a2_s,
  CAST(coalesce(top2_z[cardinality(top2_z)], 0) AS double precision) AS a2_m1,
  CAST(coalesce(top2_z[cardinality(top2_z)], 0) AS double precision) AS a2_m2,
  CAST(coalesce(top2_n[cardinality(top2_n)], 0) AS double precision) AS a2_r,
  CAST(coalesce(top2_d[cardinality(top2_d)], 0) AS double precision) AS a2_d,
  a2_c,
  a2_k
FROM (
  SELECT k0,
    count(*) AS people,
    CAST(coalesce(sum(record_key), 0) % 256 AS integer) AS ckey,
    coalesce(sum(n0), 0) AS total0_n,
    (array_agg(n0 ORDER BY n0 DESC NULLS LAST))[1:10] AS top0_n,
    count(*) AS a0_c,
    CAST(coalesce(sum(record_key), 0) % 256 AS integer) AS a0_k,
    coalesce(sum(n1), 0) AS total1_n,
    (array_agg(n1 ORDER BY n1 DESC NULLS LAST))[1:10] AS top1_n,
    coalesce(sum(greatest(CAST(coalesce(s1, 0) AS double precision), 0e0)), 0) AS total1_d,
    (array_agg(greatest(CAST(coalesce(s1, 0) AS double precision), 0e0) ORDER BY greatest(CAST(coalesce(s1, 0) AS double precision), 0e0) DESC NULLS LAST))[1:10] AS top1_d,
    count(*) FILTER (WHERE s1 <> 0) AS a1_c,
    CAST(coalesce(sum(record_key) FILTER (WHERE s1 <> 0), 0) % 256 AS integer) AS a1_k,
    coalesce(sum(n2), 0) AS total2_n,
    (array_agg(n2 ORDER BY n2 DESC NULLS LAST))[1:10] AS top2_n,
    coalesce(sum(greatest(CAST(coalesce(s2, 0) AS double precision) - CAST(-90.0 AS double precision) * n2, 0e0)), 0) AS total2_d,
    (array_agg(greatest(CAST(coalesce(s2, 0) AS double precision) - CAST(-90.0 AS double precision) * n2, 0e0) ORDER BY greatest(CAST(coalesce(s2, 0) AS double precision) - CAST(-90.0 AS double precision) * n2, 0e0) DESC NULLS LAST))[1:10] AS top2_d,
    (array_agg(abs(CAST(coalesce(s2, 0) AS double precision)) ORDER BY abs(CAST(coalesce(s2, 0) AS double precision)) DESC NULLS LAST))[1:10] AS top2_z,
    count(*) FILTER (WHERE e2 > 0) AS a2_c,
    CAST(coalesce(sum(record_key) FILTER (WHERE e2 > 0), 0) % 256 AS integer) AS a2_k
  FROM (
    SELECT person_id,
      k0,
      min(record_key) AS record_key,
      count(*) AS n0,
      count(CASE WHEN x1 < 0 THEN 0 WHEN x1 > 90 THEN 90 ELSE x1 END) AS n1,
      sum(CASE WHEN x1 < 0 THEN 0 WHEN x1 > 90 THEN 90 ELSE x1 END) AS s1,
      count(CASE WHEN x2 < (-90) THEN (-90) WHEN x2 > 0 THEN 0 ELSE x2 END) AS n2,
      sum(CASE WHEN x2 < (-90) THEN (-90) WHEN x2 > 0 THEN 0 ELSE x2 END) AS s2,
      count(*) FILTER (WHERE CASE WHEN x2 < (-90) THEN (-90) WHEN x2 > 0 THEN 0 ELSE x2 END <> (-90)) AS e2
    FROM (
      SELECT t1.c4 AS person_id,
        t1.c12 AS record_key,
        t1.c5 AS k0,
        b.lo AS x1,
        CASE WHEN -CAST(b.lo AS bigint) BETWEEN -2147483648 AND 2147483647 THEN CAST(-CAST(b.lo AS bigint) AS integer) END AS x2
      FROM (
        SELECT p.person_id AS c4,
          p.sex AS c5,
          p.birth_date AS c6,
          p.record_key AS c12,
          p.allowed_national_data_opt_out AS c13
        FROM snapshot_1.patient AS p
        WHERE p.restricted_1 IS NOT TRUE
      ) AS t1
        LEFT JOIN (
          SELECT c.person_id AS c1, c.code AS c2, c.onset_date AS c3
          FROM snapshot_1.condition AS c
          WHERE c.restricted_1 IS NOT TRUE
        ) AS t2 ON t2.c1 = t1.c4
        JOIN reference.age_band AS b ON b.lo = 0 OR t2.c2 IS NOT NULL
      WHERE t1.c13
        AND NOT EXISTS (
        SELECT 1
        FROM snapshot_1.objections AS objections
        WHERE objections.person_id = t1.c4
      )
    ) AS r
    GROUP BY person_id, k0
  ) AS p
  GROUP BY k0
) AS c;

-- postgresql allowed
SELECT k0,
  people,
  ckey,
  CAST(total0_n - coalesce((SELECT sum(v) FROM unnest(top0_n) AS v) - cardinality(top0_n) * top0_n[cardinality(top0_n)], 0) AS bigint) AS a0_n,
  CAST(coalesce(top0_n[cardinality(top0_n)], 0) AS double precision) AS a0_m1,
  CAST(coalesce(top0_n[cardinality(top0_n)], 0) AS double precision) AS a0_m2,
  CAST(coalesce(top0_n[cardinality(top0_n)], 0) AS double precision) AS a0_r,
  a0_c,
  a0_k,
  CAST(total1_n - coalesce((SELECT sum(v) FROM unnest(top1_n) AS v) - cardinality(top1_n) * top1_n[cardinality(top1_n)], 0) AS bigint) AS a1_n,
  CAST(total1_d - coalesce((SELECT sum(v) FROM unnest(top1_d) AS v) - cardinality(top1_d) * top1_d[cardinality(top1_d)], 0) AS double precision) AS a1_s,
  CAST(coalesce(top1_d[cardinality(top1_d)], 0) AS double precision) AS a1_m1,
  CAST(coalesce(top1_d[cardinality(top1_d)], 0) AS double precision) AS a1_m2,
  CAST(coalesce(top1_n[cardinality(top1_n)], 0) AS double precision) AS a1_r,
  CAST(coalesce(top1_d[cardinality(top1_d)], 0) AS double precision) AS a1_d,
  a1_c,
  a1_k,
  CAST(total2_n - coalesce((SELECT sum(v) FROM unnest(top2_n) AS v) - cardinality(top2_n) * top2_n[cardinality(top2_n)], 0) AS bigint) AS a2_n,
  CAST(CAST(-90.0 AS double precision) * (total2_n - coalesce((SELECT sum(v) FROM unnest(top2_n) AS v) - cardinality(top2_n) * top2_n[cardinality(top2_n)], 0)) + total2_d - coalesce((SELECT sum(v) FROM unnest(top2_d) AS v) - cardinality(top2_d) * top2_d[cardinality(top2_d)], 0) AS double precision) AS a2_s,
  CAST(coalesce(top2_z[cardinality(top2_z)], 0) AS double precision) AS a2_m1,
  CAST(coalesce(top2_z[cardinality(top2_z)], 0) AS double precision) AS a2_m2,
  CAST(coalesce(top2_n[cardinality(top2_n)], 0) AS double precision) AS a2_r,
  CAST(coalesce(top2_d[cardinality(top2_d)], 0) AS double precision) AS a2_d,
  a2_c,
  a2_k
FROM (
  SELECT k0,
    count(*) AS people,
    CAST(coalesce(sum(record_key), 0) % 256 AS integer) AS ckey,
    coalesce(sum(n0), 0) AS total0_n,
    (array_agg(n0 ORDER BY n0 DESC NULLS LAST))[1:10] AS top0_n,
    count(*) AS a0_c,
    CAST(coalesce(sum(record_key), 0) % 256 AS integer) AS a0_k,
    coalesce(sum(n1), 0) AS total1_n,
    (array_agg(n1 ORDER BY n1 DESC NULLS LAST))[1:10] AS top1_n,
    coalesce(sum(greatest(CAST(coalesce(s1, 0) AS double precision), 0e0)), 0) AS total1_d,
    (array_agg(greatest(CAST(coalesce(s1, 0) AS double precision), 0e0) ORDER BY greatest(CAST(coalesce(s1, 0) AS double precision), 0e0) DESC NULLS LAST))[1:10] AS top1_d,
    count(*) FILTER (WHERE s1 <> 0) AS a1_c,
    CAST(coalesce(sum(record_key) FILTER (WHERE s1 <> 0), 0) % 256 AS integer) AS a1_k,
    coalesce(sum(n2), 0) AS total2_n,
    (array_agg(n2 ORDER BY n2 DESC NULLS LAST))[1:10] AS top2_n,
    coalesce(sum(greatest(CAST(coalesce(s2, 0) AS double precision) - CAST(-90.0 AS double precision) * n2, 0e0)), 0) AS total2_d,
    (array_agg(greatest(CAST(coalesce(s2, 0) AS double precision) - CAST(-90.0 AS double precision) * n2, 0e0) ORDER BY greatest(CAST(coalesce(s2, 0) AS double precision) - CAST(-90.0 AS double precision) * n2, 0e0) DESC NULLS LAST))[1:10] AS top2_d,
    (array_agg(abs(CAST(coalesce(s2, 0) AS double precision)) ORDER BY abs(CAST(coalesce(s2, 0) AS double precision)) DESC NULLS LAST))[1:10] AS top2_z,
    count(*) FILTER (WHERE e2 > 0) AS a2_c,
    CAST(coalesce(sum(record_key) FILTER (WHERE e2 > 0), 0) % 256 AS integer) AS a2_k
  FROM (
    SELECT person_id,
      k0,
      min(record_key) AS record_key,
      count(*) AS n0,
      count(CASE WHEN x1 < 0 THEN 0 WHEN x1 > 90 THEN 90 ELSE x1 END) AS n1,
      sum(CASE WHEN x1 < 0 THEN 0 WHEN x1 > 90 THEN 90 ELSE x1 END) AS s1,
      count(CASE WHEN x2 < (-90) THEN (-90) WHEN x2 > 0 THEN 0 ELSE x2 END) AS n2,
      sum(CASE WHEN x2 < (-90) THEN (-90) WHEN x2 > 0 THEN 0 ELSE x2 END) AS s2,
      count(*) FILTER (WHERE CASE WHEN x2 < (-90) THEN (-90) WHEN x2 > 0 THEN 0 ELSE x2 END <> (-90)) AS e2
    FROM (
      SELECT p.person_id,
        p.record_key,
        p.sex AS k0,
        b.lo AS x1,
        CASE WHEN -CAST(b.lo AS bigint) BETWEEN -2147483648 AND 2147483647 THEN CAST(-CAST(b.lo AS bigint) AS integer) END AS x2
      FROM snapshot_1.patient AS p
        LEFT JOIN snapshot_1.condition AS c ON c.person_id = p.person_id
        JOIN reference.age_band AS b ON b.lo = 0 OR c.code IS NOT NULL
      WHERE p.allowed_national_data_opt_out
    ) AS r
    GROUP BY person_id, k0
  ) AS p
  GROUP BY k0
) AS c;

-- postgresql plain
SELECT k0,
  count(*) AS people,
  CAST(coalesce(sum(n0), 0) AS bigint) AS a0_n,
  CAST(coalesce(sum(n1), 0) AS bigint) AS a1_n,
  CAST(coalesce(sum(s1), 0) AS double precision) AS a1_s,
  CAST(coalesce(sum(n2), 0) AS bigint) AS a2_n,
  CAST(coalesce(sum(s2), 0) AS double precision) AS a2_s
FROM (
  SELECT person_id,
    k0,
    count(*) AS n0,
    count(x1) AS n1,
    sum(x1) AS s1,
    count(x2) AS n2,
    sum(x2) AS s2,
    count(*) FILTER (WHERE x2 <> (-90)) AS e2
  FROM (
    SELECT p.person_id,
      p.sex AS k0,
      b.lo AS x1,
      CASE WHEN -CAST(b.lo AS bigint) BETWEEN -2147483648 AND 2147483647 THEN CAST(-CAST(b.lo AS bigint) AS integer) END AS x2
    FROM snapshot_1.patient AS p
      LEFT JOIN snapshot_1.condition AS c ON c.person_id = p.person_id
      JOIN reference.age_band AS b ON b.lo = 0 OR c.code IS NOT NULL
  ) AS r
  GROUP BY person_id, k0
) AS p
GROUP BY k0;

-- postgresql cohort
SELECT k0, q.nhs_number, CASE WHEN q.nhs_number IS NULL THEN q.person END AS local_key
FROM (
  SELECT person_id,
    k0,
    count(*) AS n0,
    count(x1) AS n1,
    sum(x1) AS s1,
    count(x2) AS n2,
    sum(x2) AS s2,
    count(*) FILTER (WHERE x2 <> (-90)) AS e2
  FROM (
    SELECT t1.c4 AS person_id,
      t1.c5 AS k0,
      b.lo AS x1,
      CASE WHEN -CAST(b.lo AS bigint) BETWEEN -2147483648 AND 2147483647 THEN CAST(-CAST(b.lo AS bigint) AS integer) END AS x2
    FROM (
      SELECT p.person_id AS c4, p.sex AS c5, p.birth_date AS c6, p.allowed_national_data_opt_out AS c12
      FROM snapshot_1.patient AS p
      WHERE p.restricted_1 IS NOT TRUE
    ) AS t1
      LEFT JOIN (
        SELECT c.person_id AS c1, c.code AS c2, c.onset_date AS c3
        FROM snapshot_1.condition AS c
        WHERE c.restricted_1 IS NOT TRUE
      ) AS t2 ON t2.c1 = t1.c4
      JOIN reference.age_band AS b ON b.lo = 0 OR t2.c2 IS NOT NULL
    WHERE t1.c12
      AND NOT EXISTS (
      SELECT 1
      FROM snapshot_1.objections AS objections
      WHERE objections.person_id = t1.c4
    )
  ) AS r
  GROUP BY person_id, k0
) AS p
JOIN snapshot_1.person AS q ON q.person_id = p.person_id;

# a left join for some of the left side
SELECT p.sex, count(c.code) AS n
FROM patient AS p
  LEFT JOIN condition AS c ON c.person = p.person AND p.sex IS NOT NULL
GROUP BY p.sex;

-- duckdb full
SELECT k0,
  people,
  ckey,
  CAST(total0_n - coalesce(list_sum(top0_n) - len(top0_n) * top0_n[-1], 0) AS bigint) AS a0_n,
  CAST(coalesce(top0_n[-1], 0) AS double) AS a0_m1,
  CAST(coalesce(top0_n[-1], 0) AS double) AS a0_m2,
  CAST(coalesce(top0_n[-1], 0) AS double) AS a0_r,
  a0_c,
  a0_k
FROM (
  SELECT k0,
    count(*) AS people,
    CAST(coalesce(sum(record_key), 0) % 256 AS integer) AS ckey,
    coalesce(sum(n0), 0) AS total0_n,
    max(n0, 10) AS top0_n,
    count(*) FILTER (WHERE n0 > 0) AS a0_c,
    CAST(coalesce(sum(record_key) FILTER (WHERE n0 > 0), 0) % 256 AS integer) AS a0_k
  FROM (
    SELECT person_id,
      k0,
      min(record_key) AS record_key,
      count(x0) AS n0
    FROM (
      SELECT t1.c4 AS person_id, t1.c7 AS record_key, t1.c5 AS k0, t3.c2 AS x0
      FROM (
        SELECT p.person_id AS c4,
          p.sex AS c5,
          p.birth_date AS c6,
          p.record_key AS c7,
          p.allowed_national_data_opt_out AS c8
        FROM snapshot_1.patient AS p
        WHERE p.restricted_1 IS NOT TRUE
      ) AS t1
        LEFT JOIN LATERAL (
        SELECT t2.c1, t2.c2, t2.c3
        FROM (
          SELECT c.person_id AS c1, c.code AS c2, c.onset_date AS c3
          FROM snapshot_1.condition AS c
          WHERE c.restricted_1 IS NOT TRUE
        ) AS t2
        WHERE t2.c1 = t1.c4
          AND t1.c5 IS NOT NULL
      ) AS t3 ON true
      WHERE t1.c8
        AND NOT EXISTS (
        SELECT 1
        FROM snapshot_1.objections AS objections
        WHERE objections.person_id = t1.c4
      )
    ) AS r
    GROUP BY person_id, k0
  ) AS p
  GROUP BY k0
) AS c;

-- duckdb allowed
SELECT k0,
  people,
  ckey,
  CAST(total0_n - coalesce(list_sum(top0_n) - len(top0_n) * top0_n[-1], 0) AS bigint) AS a0_n,
  CAST(coalesce(top0_n[-1], 0) AS double) AS a0_m1,
  CAST(coalesce(top0_n[-1], 0) AS double) AS a0_m2,
  CAST(coalesce(top0_n[-1], 0) AS double) AS a0_r,
  a0_c,
  a0_k
FROM (
  SELECT k0,
    count(*) AS people,
    CAST(coalesce(sum(record_key), 0) % 256 AS integer) AS ckey,
    coalesce(sum(n0), 0) AS total0_n,
    max(n0, 10) AS top0_n,
    count(*) FILTER (WHERE n0 > 0) AS a0_c,
    CAST(coalesce(sum(record_key) FILTER (WHERE n0 > 0), 0) % 256 AS integer) AS a0_k
  FROM (
    SELECT person_id,
      k0,
      min(record_key) AS record_key,
      count(x0) AS n0
    FROM (
      SELECT p.person_id, p.record_key, p.sex AS k0, t1.c2 AS x0
      FROM snapshot_1.patient AS p
        LEFT JOIN LATERAL (
        SELECT c.person_id AS c1, c.code AS c2, c.onset_date AS c3
        FROM snapshot_1.condition AS c
        WHERE c.person_id = p.person_id
          AND p.sex IS NOT NULL
      ) AS t1 ON true
      WHERE p.allowed_national_data_opt_out
    ) AS r
    GROUP BY person_id, k0
  ) AS p
  GROUP BY k0
) AS c;

-- duckdb plain
SELECT k0,
  count(*) AS people,
  CAST(coalesce(sum(n0), 0) AS bigint) AS a0_n
FROM (
  SELECT person_id,
    k0,
    count(x0) AS n0
  FROM (
    SELECT p.person_id, p.sex AS k0, t1.c2 AS x0
    FROM snapshot_1.patient AS p
      LEFT JOIN LATERAL (
      SELECT c.person_id AS c1, c.code AS c2, c.onset_date AS c3
      FROM snapshot_1.condition AS c
      WHERE c.person_id = p.person_id
        AND p.sex IS NOT NULL
    ) AS t1 ON true
  ) AS r
  GROUP BY person_id, k0
) AS p
GROUP BY k0;

-- duckdb cohort
SELECT k0, q.nhs_number, CASE WHEN q.nhs_number IS NULL THEN q.person END AS local_key
FROM (
  SELECT person_id,
    k0,
    count(x0) AS n0
  FROM (
    SELECT t1.c4 AS person_id, t1.c5 AS k0, t3.c2 AS x0
    FROM (
      SELECT p.person_id AS c4, p.sex AS c5, p.birth_date AS c6, p.allowed_national_data_opt_out AS c7
      FROM snapshot_1.patient AS p
      WHERE p.restricted_1 IS NOT TRUE
    ) AS t1
      LEFT JOIN LATERAL (
      SELECT t2.c1, t2.c2, t2.c3
      FROM (
        SELECT c.person_id AS c1, c.code AS c2, c.onset_date AS c3
        FROM snapshot_1.condition AS c
        WHERE c.restricted_1 IS NOT TRUE
      ) AS t2
      WHERE t2.c1 = t1.c4
        AND t1.c5 IS NOT NULL
    ) AS t3 ON true
    WHERE t1.c7
      AND NOT EXISTS (
      SELECT 1
      FROM snapshot_1.objections AS objections
      WHERE objections.person_id = t1.c4
    )
  ) AS r
  GROUP BY person_id, k0
) AS p
JOIN snapshot_1.person AS q ON q.person_id = p.person_id;

-- postgresql full
SELECT k0,
  people,
  ckey,
  CAST(total0_n - coalesce((SELECT sum(v) FROM unnest(top0_n) AS v) - cardinality(top0_n) * top0_n[cardinality(top0_n)], 0) AS bigint) AS a0_n,
  CAST(coalesce(top0_n[cardinality(top0_n)], 0) AS double precision) AS a0_m1,
  CAST(coalesce(top0_n[cardinality(top0_n)], 0) AS double precision) AS a0_m2,
  CAST(coalesce(top0_n[cardinality(top0_n)], 0) AS double precision) AS a0_r,
  a0_c,
  a0_k
FROM (
  SELECT k0,
    count(*) AS people,
    CAST(coalesce(sum(record_key), 0) % 256 AS integer) AS ckey,
    coalesce(sum(n0), 0) AS total0_n,
    (array_agg(n0 ORDER BY n0 DESC NULLS LAST))[1:10] AS top0_n,
    count(*) FILTER (WHERE n0 > 0) AS a0_c,
    CAST(coalesce(sum(record_key) FILTER (WHERE n0 > 0), 0) % 256 AS integer) AS a0_k
  FROM (
    SELECT person_id,
      k0,
      min(record_key) AS record_key,
      count(x0) AS n0
    FROM (
      SELECT t1.c4 AS person_id, t1.c7 AS record_key, t1.c5 AS k0, t2.c2 AS x0
      FROM (
        SELECT p.person_id AS c4,
          p.sex AS c5,
          p.birth_date AS c6,
          p.record_key AS c7,
          p.allowed_national_data_opt_out AS c8
        FROM snapshot_1.patient AS p
        WHERE p.restricted_1 IS NOT TRUE
      ) AS t1
        LEFT JOIN (
          SELECT c.person_id AS c1, c.code AS c2, c.onset_date AS c3
          FROM snapshot_1.condition AS c
          WHERE c.restricted_1 IS NOT TRUE
        ) AS t2 ON t2.c1 = t1.c4 AND t1.c5 IS NOT NULL
      WHERE t1.c8
        AND NOT EXISTS (
        SELECT 1
        FROM snapshot_1.objections AS objections
        WHERE objections.person_id = t1.c4
      )
    ) AS r
    GROUP BY person_id, k0
  ) AS p
  GROUP BY k0
) AS c;

-- postgresql allowed
SELECT k0,
  people,
  ckey,
  CAST(total0_n - coalesce((SELECT sum(v) FROM unnest(top0_n) AS v) - cardinality(top0_n) * top0_n[cardinality(top0_n)], 0) AS bigint) AS a0_n,
  CAST(coalesce(top0_n[cardinality(top0_n)], 0) AS double precision) AS a0_m1,
  CAST(coalesce(top0_n[cardinality(top0_n)], 0) AS double precision) AS a0_m2,
  CAST(coalesce(top0_n[cardinality(top0_n)], 0) AS double precision) AS a0_r,
  a0_c,
  a0_k
FROM (
  SELECT k0,
    count(*) AS people,
    CAST(coalesce(sum(record_key), 0) % 256 AS integer) AS ckey,
    coalesce(sum(n0), 0) AS total0_n,
    (array_agg(n0 ORDER BY n0 DESC NULLS LAST))[1:10] AS top0_n,
    count(*) FILTER (WHERE n0 > 0) AS a0_c,
    CAST(coalesce(sum(record_key) FILTER (WHERE n0 > 0), 0) % 256 AS integer) AS a0_k
  FROM (
    SELECT person_id,
      k0,
      min(record_key) AS record_key,
      count(x0) AS n0
    FROM (
      SELECT p.person_id, p.record_key, p.sex AS k0, c.code AS x0
      FROM snapshot_1.patient AS p
        LEFT JOIN snapshot_1.condition AS c ON c.person_id = p.person_id AND p.sex IS NOT NULL
      WHERE p.allowed_national_data_opt_out
    ) AS r
    GROUP BY person_id, k0
  ) AS p
  GROUP BY k0
) AS c;

-- postgresql plain
SELECT k0,
  count(*) AS people,
  CAST(coalesce(sum(n0), 0) AS bigint) AS a0_n
FROM (
  SELECT person_id,
    k0,
    count(x0) AS n0
  FROM (
    SELECT p.person_id, p.sex AS k0, c.code AS x0
    FROM snapshot_1.patient AS p
      LEFT JOIN snapshot_1.condition AS c ON c.person_id = p.person_id AND p.sex IS NOT NULL
  ) AS r
  GROUP BY person_id, k0
) AS p
GROUP BY k0;

-- postgresql cohort
SELECT k0, q.nhs_number, CASE WHEN q.nhs_number IS NULL THEN q.person END AS local_key
FROM (
  SELECT person_id,
    k0,
    count(x0) AS n0
  FROM (
    SELECT t1.c4 AS person_id, t1.c5 AS k0, t2.c2 AS x0
    FROM (
      SELECT p.person_id AS c4, p.sex AS c5, p.birth_date AS c6, p.allowed_national_data_opt_out AS c7
      FROM snapshot_1.patient AS p
      WHERE p.restricted_1 IS NOT TRUE
    ) AS t1
      LEFT JOIN (
        SELECT c.person_id AS c1, c.code AS c2, c.onset_date AS c3
        FROM snapshot_1.condition AS c
        WHERE c.restricted_1 IS NOT TRUE
      ) AS t2 ON t2.c1 = t1.c4 AND t1.c5 IS NOT NULL
    WHERE t1.c7
      AND NOT EXISTS (
      SELECT 1
      FROM snapshot_1.objections AS objections
      WHERE objections.person_id = t1.c4
    )
  ) AS r
  GROUP BY person_id, k0
) AS p
JOIN snapshot_1.person AS q ON q.person_id = p.person_id;

