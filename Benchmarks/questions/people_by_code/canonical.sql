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
        SELECT condition.person_id, condition.record_key, condition.code AS k0
        FROM snapshot_1.condition AS condition
        WHERE condition.allowed_national_data_opt_out
          AND condition.code <> 'variant {variant}'
      ) AS r
    ) AS e
    WHERE is_last
  ) AS p
  GROUP BY k0
) AS c;
