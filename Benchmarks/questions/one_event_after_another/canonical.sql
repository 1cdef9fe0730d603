SELECT k0,
  count(*) AS people,
  CAST(coalesce(sum(record_key), 0) % 256 AS integer) AS ckey,
  CAST(coalesce(sum(n0), 0) AS bigint) AS a0_n,
  count(*) AS a0_c,
  CAST(coalesce(sum(record_key), 0) % 256 AS integer) AS a0_k,
  CASE WHEN count(*) >= 1 THEN 1e0 ELSE 0e0 END AS a0_m1,
  CASE WHEN count(*) >= 2 THEN 1e0 ELSE 0e0 END AS a0_m2
FROM (
  SELECT person_id,
    k0,
    min(record_key) AS record_key,
    1 AS n0
  FROM (
    SELECT p.person_id, p.record_key, p.sex AS k0
    FROM snapshot_1.patient AS p
      JOIN snapshot_1.condition AS c ON c.person_id = p.person_id AND c.code = '38341003'
      JOIN snapshot_1.encounter AS e ON e.person_id = p.person_id AND CAST(e.start_at AS date) >= c.onset_date AND CAST(e.start_at AS date) <= c.onset_date + 90
    WHERE p.allowed_national_data_opt_out
      AND p.sex <> 'variant {variant}'
  ) AS r
  GROUP BY person_id, k0
) AS p
GROUP BY k0;
