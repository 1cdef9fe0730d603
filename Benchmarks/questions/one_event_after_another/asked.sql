SELECT p.sex, count(DISTINCT p.person) AS people
FROM patient p
JOIN condition c ON c.person = p.person AND c.code = '38341003'
JOIN encounter e ON e.person = p.person AND CAST(e.start_at AS date) BETWEEN c.onset_date AND c.onset_date + 90
WHERE p.sex <> 'variant {variant}'
GROUP BY p.sex
