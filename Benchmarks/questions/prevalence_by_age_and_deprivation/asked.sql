SELECT b.name AS age_band, i.decile, count(DISTINCT p.person) AS people, count(DISTINCT c.person) AS cases
FROM patient p
JOIN reference.age_band b ON date_part('year', age(p.birth_date)) BETWEEN b.lo AND b.hi
JOIN reference.imd i ON i.lsoa = p.lsoa
LEFT JOIN condition c ON c.person = p.person AND c.code IN ('38341003', '59621000')
WHERE p.sex <> 'variant {variant}'
GROUP BY b.name, i.decile
