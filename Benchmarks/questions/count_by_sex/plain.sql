SELECT sex, count(*) FROM patient WHERE sex <> 'variant {variant}' GROUP BY sex
