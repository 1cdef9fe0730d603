SELECT p.sex, q.person
FROM patient p JOIN person q ON q.person_id = p.person_id WHERE p.sex <> 'variant {variant}'
