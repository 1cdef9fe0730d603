SELECT p.sex, count(DISTINCT p.person_id)
FROM patient p
JOIN condition c ON c.person_id = p.person_id AND c.code = '38341003'
JOIN encounter e ON e.person_id = p.person_id AND CAST(e.start_at AS date) BETWEEN c.onset_date AND c.onset_date + 90
WHERE p.sex <> 'variant {variant}'
GROUP BY p.sex
