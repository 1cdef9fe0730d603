SELECT code, count(*) AS records, count(DISTINCT person) AS people
FROM condition WHERE code <> 'variant {variant}' GROUP BY code
