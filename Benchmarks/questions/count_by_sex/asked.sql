SELECT sex, count(*) AS people FROM patient WHERE sex <> 'variant {variant}' GROUP BY sex
