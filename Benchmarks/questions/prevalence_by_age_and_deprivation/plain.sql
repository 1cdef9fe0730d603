SELECT b.name, i.decile, count(DISTINCT p.person_id), count(DISTINCT c.person_id)
FROM patient p
JOIN reference.age_band b ON date_part('year', age(DATE '{today}', p.birth_date)) BETWEEN b.lo AND b.hi
JOIN reference.imd i ON i.lsoa = p.lsoa
LEFT JOIN condition c ON c.person_id = p.person_id AND c.code IN ('38341003', '59621000')
WHERE p.sex <> 'variant {variant}'
GROUP BY b.name, i.decile
