# ratio, flags at - 3 -
SELECT f0.c10 AS c1000000,
  list_transform([{'x0': CAST(f0.c11 AS double), 'x1': CAST(f0.c12 AS double)}], lambda v: CASE WHEN v.x1 = 0 THEN error('22012: division by zero') ELSE v.x0 / (v.x1) END)[1] AS c1000001,
  f0.c10 AS c1000002,
  list_transform([{'x0': CAST(f0.c11 AS double), 'x1': CAST(f0.c12 AS double)}], lambda v: CASE WHEN v.x1 = 0 THEN error('22012: division by zero') ELSE v.x0 / (v.x1) END)[1] IS NULL AND (f0.w11 IS NOT FALSE OR f0.w12 IS NOT FALSE) IS NOT FALSE AS w1000001
FROM release_0 AS f0
WHERE f0.c11 > CAST(10 AS bigint)
ORDER BY list_transform([{'x0': CAST(f0.c11 AS double), 'x1': CAST(f0.c12 AS double)}], lambda v: CASE WHEN v.x1 = 0 THEN error('22012: division by zero') ELSE v.x0 / (v.x1) END)[1] DESC NULLS FIRST
LIMIT 5
OFFSET 1;

# total, flags at 1
SELECT t1.c30 AS c1000000, t1.c30 IS NULL AND t1.w30 IS NOT FALSE AS w1000000
FROM (
  SELECT CASE WHEN bool_or(f0.w11 IS NOT FALSE) IS TRUE THEN CAST(NULL AS double) ELSE CAST(sum(f0.c11) AS double) END AS c30,
    bool_or(f0.w11 IS NOT FALSE) IS TRUE AS w30
  FROM release_0 AS f0
) AS t1;

# ranked, flags at - 3 4
SELECT t1.c10 AS c1000000,
  t1.c40 AS c1000001,
  t1.c41 AS c1000002,
  t1.c40 IS NULL AND t1.w40 IS NOT FALSE AS w1000001,
  t1.c41 IS NULL AND t1.w41 IS NOT FALSE AS w1000002
FROM (
  SELECT f0.c10,
    f0.c11,
    f0.c12,
    f0.c13,
    f0.w11,
    f0.w12,
    f0.w13,
    CASE WHEN bool_or(f0.w11 IS NOT FALSE) OVER () IS TRUE THEN CAST(NULL AS bigint) ELSE rank() OVER (ORDER BY f0.c11 NULLS LAST) END AS c40,
    CASE WHEN bool_or(f0.w11 IS NOT FALSE) OVER (ORDER BY f0.c10 NULLS LAST) IS TRUE THEN CAST(NULL AS double) ELSE CAST(sum(f0.c11) OVER (ORDER BY f0.c10 NULLS LAST) AS double) END AS c41,
    bool_or(f0.w11 IS NOT FALSE) OVER () IS TRUE AS w40,
    bool_or(f0.w11 IS NOT FALSE) OVER (ORDER BY f0.c10 NULLS LAST) IS TRUE AS w41
  FROM release_0 AS f0
) AS t1;

# union, flags at 2 3
SELECT t3.c60 AS c1000000,
  t3.c61 AS c1000001,
  t3.c60 IS NULL AND bool_or(t3.w60 IS NOT FALSE) IS NOT FALSE AS w1000000,
  t3.c61 IS NULL AND bool_or(t3.w61 IS NOT FALSE) IS NOT FALSE AS w1000001
FROM (
  (
    SELECT t1.c50 AS c60, t1.c51 AS c61, false AS w60, t1.w51 IS NOT FALSE AS w61
    FROM (
      SELECT f0.c10 AS c50, f0.c11 AS c51, f0.w11 IS NOT FALSE AS w51
      FROM release_0 AS f0
    ) AS t1
  )
  UNION ALL
  (
    SELECT t2.c52 AS c60, t2.c53 AS c61, false AS w60, t2.w53 IS NOT FALSE AS w61
    FROM (
      SELECT f0_2.c10 AS c52, f0_2.c12 AS c53, f0_2.w12 IS NOT FALSE AS w53
      FROM release_0 AS f0_2
    ) AS t2
  )
) AS t3
GROUP BY t3.c60, t3.c61
ORDER BY t3.c60 NULLS LAST, t3.c61 NULLS LAST;

# union all, flags at 2 3
SELECT t3.c60 AS c1000000,
  t3.c61 AS c1000001,
  t3.c60 IS NULL AND t3.w60 IS NOT FALSE AS w1000000,
  t3.c61 IS NULL AND t3.w61 IS NOT FALSE AS w1000001
FROM (
  (
    SELECT t1.c50 AS c60, t1.c51 AS c61, false AS w60, t1.w51 IS NOT FALSE AS w61
    FROM (
      SELECT f0.c10 AS c50, f0.c11 AS c51, f0.w11 IS NOT FALSE AS w51
      FROM release_0 AS f0
    ) AS t1
  )
  UNION ALL
  (
    SELECT t2.c52 AS c60, t2.c53 AS c61, false AS w60, t2.w53 IS NOT FALSE AS w61
    FROM (
      SELECT f0_2.c10 AS c52, f0_2.c12 AS c53, f0_2.w12 IS NOT FALSE AS w53
      FROM release_0 AS f0_2
    ) AS t2
  )
  ORDER BY c60 NULLS LAST, c61 NULLS LAST
) AS t3
ORDER BY t3.c60 NULLS LAST, t3.c61 NULLS LAST;

# except, flags at - 2
SELECT t3.c60 AS c1000000,
  t3.c61 AS c1000001,
  t3.c61 IS NULL AND (t3.c61 IS NULL) IS NOT FALSE AS w1000001
FROM (
  (
    SELECT t1.c50 AS c60, t1.c51 AS c61
    FROM (
      SELECT f0.c10 AS c50, f0.c11 AS c51, f0.w11 IS NOT FALSE AS w51
      FROM release_0 AS f0
    ) AS t1
  )
  EXCEPT
  (
    SELECT t2.c52 AS c60, t2.c53 AS c61
    FROM (
      SELECT f0_2.c10 AS c52, f0_2.c12 AS c53, f0_2.w12 IS NOT FALSE AS w53
      FROM release_0 AS f0_2
    ) AS t2
  )
) AS t3
ORDER BY t3.c60 NULLS LAST, t3.c61 NULLS LAST;

# distinct, flags at 1
SELECT t1.c71 AS c1000000,
  t1.c71 IS NULL AND bool_or(t1.w71 IS NOT FALSE) IS NOT FALSE AS w1000000
FROM (
  SELECT f0.c10 AS c70, f0.c11 AS c71, f0.w11 IS NOT FALSE AS w71
  FROM release_0 AS f0
) AS t1
GROUP BY t1.c70, t1.c71;

