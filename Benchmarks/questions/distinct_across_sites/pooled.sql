SELECT sex, count(DISTINCT person) FROM patient WHERE sex <> 'variant {variant}' GROUP BY sex
