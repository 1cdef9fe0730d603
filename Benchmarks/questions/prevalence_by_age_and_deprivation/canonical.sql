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
    min(record_key) AS record_key,
    1 AS n0,
    CASE WHEN count(x1) > 0 THEN 1 ELSE 0 END AS n1
  FROM (
    SELECT p.person_id, p.record_key, b.name AS k0, i.decile AS k1, c.person_id AS x1
    FROM snapshot_1.patient AS p
      JOIN reference.age_band AS b ON CAST(date_part('year', age(CAST(DATE '{today}' AS timestamp), CAST(p.birth_date AS timestamp))) AS double) >= CAST(b.lo AS double) AND CAST(date_part('year', age(CAST(DATE '{today}' AS timestamp), CAST(p.birth_date AS timestamp))) AS double) <= CAST(b.hi AS double)
      JOIN reference.imd AS i ON i.lsoa = p.lsoa
      LEFT JOIN snapshot_1.condition AS c ON c.person_id = p.person_id AND c.code IN ('38341003', '59621000')
    WHERE p.allowed_national_data_opt_out
      AND p.sex <> 'variant {variant}'
  ) AS r
  GROUP BY person_id, k0, k1
) AS p
GROUP BY k0, k1;
