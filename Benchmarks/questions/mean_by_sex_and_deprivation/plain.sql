SELECT p.sex, i.decile, count(*), sum(o.value_quantity), count(o.value_quantity)
FROM observation o
JOIN patient p ON p.person_id = o.person_id
JOIN reference.imd i ON i.lsoa = p.lsoa
WHERE o.code = '60621009' AND o.value_unit = 'kg/m2' AND p.sex <> 'variant {variant}'
GROUP BY p.sex, i.decile
