SELECT p.sex, i.decile, count(*) AS measurements, avg(o.value_quantity) AS mean
FROM observation o
JOIN patient p ON p.person = o.person
JOIN reference.imd i ON i.lsoa = p.lsoa
WHERE o.code = '60621009' AND o.value_unit = 'kg/m2' AND p.sex <> 'variant {variant}'
GROUP BY p.sex, i.decile
