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
    record_key,
    1 AS n0
  FROM (
    SELECT patient.person_id, patient.record_key, patient.sex AS k0
    FROM snapshot_1.patient AS patient
    WHERE patient.allowed_national_data_opt_out
      AND patient.sex <> 'variant {variant}'
  ) AS r
) AS p
GROUP BY k0;
