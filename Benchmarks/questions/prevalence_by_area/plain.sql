SELECT p.lsoa, count(DISTINCT p.person_id), count(DISTINCT c.person_id)
FROM patient p LEFT JOIN condition c ON c.person_id = p.person_id AND c.code = '38341003'
WHERE p.sex <> 'variant {variant}'
GROUP BY p.lsoa
