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
  CAST(5.0e0 * (total1_n - coalesce(list_sum(top1_n) - len(top1_n) * top1_n[-1], 0)) + total1_d - coalesce(list_sum(top1_d) - len(top1_d) * top1_d[-1], 0) AS double) AS a1_s,
  CAST(coalesce(5.0e0 * top1_n[-1] + top1_d[-1], 0) AS double) AS a1_m1,
  CAST(coalesce(5.0e0 * top1_n[-1] + top1_d[-1], 0) AS double) AS a1_m2,
  CAST(coalesce(top1_n[-1], 0) AS double) AS a1_r,
  CAST(coalesce(top1_d[-1], 0) AS double) AS a1_d,
  a1_c,
  a1_k
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
    coalesce(sum(greatest(CAST(coalesce(s1, 0) AS double) - 5.0e0 * n1, 0e0)), 0) AS total1_d,
    max(greatest(CAST(coalesce(s1, 0) AS double) - 5.0e0 * n1, 0e0), 10) AS top1_d,
    count(*) FILTER (WHERE e1 > 0) AS a1_c,
    CAST(coalesce(sum(record_key) FILTER (WHERE e1 > 0), 0) % 256 AS integer) AS a1_k
  FROM (
    SELECT person_id,
      k0,
      k1,
      min(record_key) AS record_key,
      count(*) AS n0,
      count(CASE WHEN x1 < 5.0e0 THEN 5.0e0 WHEN x1 > 120.0e0 THEN 120.0e0 ELSE x1 END) AS n1,
      sum(CASE WHEN x1 < 5.0e0 THEN 5.0e0 WHEN x1 > 120.0e0 THEN 120.0e0 ELSE x1 END) AS s1,
      count(*) FILTER (WHERE CASE WHEN x1 < 5.0e0 THEN 5.0e0 WHEN x1 > 120.0e0 THEN 120.0e0 ELSE x1 END <> 5.0e0) AS e1
    FROM (
      SELECT o.person_id, o.record_key, p.sex AS k0, i.decile AS k1, o.value_quantity AS x1
      FROM snapshot_1.observation AS o
        JOIN snapshot_1.patient AS p ON p.person_id = o.person_id
        JOIN reference.imd AS i ON i.lsoa = p.lsoa
      WHERE o.allowed_national_data_opt_out
        AND o.code = '60621009'
        AND o.value_unit = 'kg/m2'
        AND p.sex <> 'variant {variant}'
    ) AS r
    GROUP BY person_id, k0, k1
  ) AS p
  GROUP BY k0, k1
) AS c;
