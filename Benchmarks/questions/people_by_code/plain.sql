SELECT code, count(*), count(DISTINCT person_id)
FROM condition WHERE code <> 'variant {variant}' GROUP BY code
