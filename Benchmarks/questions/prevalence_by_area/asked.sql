SELECT p.lsoa, count(DISTINCT p.person) AS people, count(DISTINCT c.person) AS cases
FROM patient p LEFT JOIN condition c ON c.person = p.person AND c.code = '38341003'
WHERE p.sex <> 'variant {variant}'
GROUP BY p.lsoa
