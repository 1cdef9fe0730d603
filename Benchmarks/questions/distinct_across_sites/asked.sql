SELECT sex, count(DISTINCT person) AS people FROM patient WHERE sex <> 'variant {variant}' GROUP BY sex
