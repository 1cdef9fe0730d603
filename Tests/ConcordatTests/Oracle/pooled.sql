-- The three sites' NDJSON in one DuckDB, flattened by hand: every table has `site`, and one person at one site
-- is (site, person). Written against FHIR R4, and not against the program's ViewDefinitions or its reader.
-- $DATA is the folder that holds RJ1, RYJ and RAX; $SCHEMAS is the project's folder of that name.

-- Distance in whole years, as PostgreSQL's age() counts them: towards zero, if the first day is the earlier too.
CREATE MACRO month_and_day(d) AS month(d) * 100 + day(d);
CREATE MACRO whole_years(a, b) AS
  CASE WHEN a >= b THEN year(a) - year(b) - CASE WHEN month_and_day(a) < month_and_day(b) THEN 1 ELSE 0 END
    ELSE year(a) - year(b) + CASE WHEN month_and_day(b) < month_and_day(a) THEN 1 ELSE 0 END END;

-- The coding of the first or else the second system, else the first coding, of a CodeableConcept.
CREATE MACRO preferred(concept, first_choice, second_choice) AS (
  SELECT {'code': json_extract_string(coding, '$.code'), 'system': json_extract_string(coding, '$.system')}
  FROM (SELECT unnest(CAST(json_extract(concept, '$.coding') AS JSON[])) AS coding,
          generate_subscripts(CAST(json_extract(concept, '$.coding') AS JSON[]), 1) AS place)
  ORDER BY CASE json_extract_string(coding, '$.system') WHEN first_choice THEN 1 WHEN second_choice THEN 2 ELSE 3 END,
    place LIMIT 1);

-- The day that is written, and the moment in UTC.
CREATE MACRO written_day(text) AS CAST(left(text, 10) AS DATE);
CREATE MACRO moment(text) AS CAST(text AS TIMESTAMP);

CREATE MACRO resources(type) AS TABLE
  SELECT site, j FROM (
    SELECT 'RJ1' AS site, json AS j FROM read_ndjson_objects('$DATA/RJ1/' || type || '.ndjson')
    UNION ALL SELECT 'RYJ', json FROM read_ndjson_objects('$DATA/RYJ/' || type || '.ndjson')
    UNION ALL SELECT 'RAX', json FROM read_ndjson_objects('$DATA/RAX/' || type || '.ndjson'));

CREATE TABLE patient AS
SELECT site, j ->> '$.id' AS id,
  [i.value FOR i IN from_json(j -> '$.identifier', '[{"system":"VARCHAR","value":"VARCHAR"}]')
    IF i.system = 'https://fhir.nhs.uk/Id/nhs-number'][1] AS person,
  written_day(j ->> '$.birthDate') AS birth_date,
  j ->> '$.gender' AS sex,
  [e.valueCodeableConcept.coding[1].code FOR e IN from_json(j -> '$.extension',
      '[{"url":"VARCHAR","valueCodeableConcept":{"coding":[{"code":"VARCHAR"}]}}]')
    IF e.url = 'https://fhir.hl7.org.uk/StructureDefinition/Extension-UKCore-EthnicCategory'][1] AS ethnic_category,
  [e.valueCode FOR e IN from_json(j -> '$.address[0].extension', '[{"url":"VARCHAR","valueCode":"VARCHAR"}]')
    IF e.url = 'urn:concordat:lsoa'][1] AS lsoa,
  CASE WHEN (j ->> '$.generalPractitioner[0].identifier.system') = 'https://fhir.nhs.uk/Id/ods-organization-code'
    THEN j ->> '$.generalPractitioner[0].identifier.value' END AS practice,
  (j ->> '$.deceasedDateTime') IS NOT NULL OR coalesce((j ->> '$.deceasedBoolean') = 'true', false) AS deceased,
  written_day(j ->> '$.deceasedDateTime') AS deceased_date
FROM resources('Patient');

-- Who a reference means, at the site where it stands.
CREATE TABLE subject AS SELECT site, 'Patient/' || id AS reference, person FROM patient;

CREATE TABLE condition AS
SELECT r.site, s.person, c.code, c.system AS code_system,
  j ->> '$.category[0].coding[0].code' AS category,
  j ->> '$.clinicalStatus.coding[0].code' AS clinical_status,
  j ->> '$.verificationStatus.coding[0].code' AS verification_status,
  written_day(coalesce(j ->> '$.onsetDateTime', j ->> '$.onsetPeriod.start')) AS onset_date,
  written_day(coalesce(j ->> '$.abatementDateTime', j ->> '$.abatementPeriod.start')) AS abatement_date,
  written_day(j ->> '$.recordedDate') AS recorded_date,
  replace(j ->> '$.encounter.reference', 'Encounter/', '') AS encounter_id
FROM (SELECT site, j, preferred(j -> '$.code', 'http://snomed.info/sct',
        'http://hl7.org/fhir/sid/icd-10') AS c FROM resources('Condition')) r
JOIN subject s ON s.site = r.site AND s.reference = (r.j ->> '$.subject.reference');

-- An observation and its components, each a row; the resource's own row keeps its own value, if any.
CREATE TABLE observation_part AS
SELECT site, j ->> '$.id' AS id, j, j AS part FROM resources('Observation')
UNION ALL
SELECT site, j ->> '$.id', j, unnest(CAST(j -> '$.component' AS JSON[]))
FROM resources('Observation') WHERE (j -> '$.component') IS NOT NULL;

CREATE TABLE observation AS
SELECT o.site, s.person, o.id, o.c.code AS code, o.c.system AS code_system,
  j ->> '$.category[0].coding[0].code' AS category, j ->> '$.status' AS status,
  CAST(part ->> '$.valueQuantity.value' AS DOUBLE) AS value_quantity,
  part ->> '$.valueQuantity.comparator' AS value_comparator,
  coalesce(part ->> '$.valueQuantity.code', part ->> '$.valueQuantity.unit') AS value_unit,
  preferred(part -> '$.valueCodeableConcept', 'http://snomed.info/sct', 'http://loinc.org').code AS value_code,
  moment(coalesce(j ->> '$.effectiveDateTime', j ->> '$.effectivePeriod.start')) AS effective_at,
  replace(j ->> '$.encounter.reference', 'Encounter/', '') AS encounter_id
FROM (SELECT *, preferred(part -> '$.code', 'http://snomed.info/sct', 'http://loinc.org') AS c
      FROM observation_part) o
JOIN subject s ON s.site = o.site AND s.reference = (o.j ->> '$.subject.reference');

-- A measurement outside its bounds is set aside, whole resource and all (data-model.md).
CREATE TABLE bound AS SELECT * FROM read_csv('$SCHEMAS/bounds.csv', all_varchar = true);
CREATE TABLE set_aside AS
SELECT DISTINCT o.site, o.id FROM observation o
JOIN bound b ON b.system = o.code_system AND b.code = o.code AND b.unit = o.value_unit
WHERE o.value_quantity < CAST(b.lower AS DOUBLE) OR o.value_quantity > CAST(b.upper AS DOUBLE);
DELETE FROM observation WHERE (site, id) IN (SELECT site, id FROM set_aside);
DROP TABLE observation_part;

CREATE TABLE encounter AS
SELECT r.site, s.person, j ->> '$.id' AS encounter_id, j ->> '$.class.code' AS class,
  preferred(j -> '$.type[0]', 'http://snomed.info/sct', '').code AS type_code,
  j ->> '$.status' AS status, moment(j ->> '$.period.start') AS start_at, moment(j ->> '$.period.end') AS end_at
FROM resources('Encounter') r
JOIN subject s ON s.site = r.site AND s.reference = (r.j ->> '$.subject.reference');

CREATE TABLE medication_request AS
SELECT r.site, s.person, c.code, c.system AS code_system, j ->> '$.status' AS status, j ->> '$.intent' AS intent,
  written_day(j ->> '$.authoredOn') AS authored_on
FROM (SELECT site, j, preferred(j -> '$.medicationCodeableConcept', 'https://dmd.nhs.uk',
        'http://snomed.info/sct') AS c FROM resources('MedicationRequest')) r
JOIN subject s ON s.site = r.site AND s.reference = (r.j ->> '$.subject.reference');

CREATE TABLE procedure AS
SELECT r.site, s.person, c.code, j ->> '$.status' AS status,
  moment(coalesce(j ->> '$.performedDateTime', j ->> '$.performedPeriod.start')) AS performed_start,
  moment(coalesce(j ->> '$.performedDateTime', j ->> '$.performedPeriod.end')) AS performed_end
FROM (SELECT site, j, preferred(j -> '$.code', 'http://snomed.info/sct', '') AS c
      FROM resources('Procedure')) r
JOIN subject s ON s.site = r.site AND s.reference = (r.j ->> '$.subject.reference');

CREATE TABLE immunization AS
SELECT r.site, s.person, c.code, j ->> '$.status' AS status, moment(j ->> '$.occurrenceDateTime') AS occurrence_at
FROM (SELECT site, j, preferred(j -> '$.vaccineCode', 'http://snomed.info/sct', '') AS c
      FROM resources('Immunization')) r
JOIN subject s ON s.site = r.site AND s.reference = (r.j ->> '$.patient.reference');

CREATE TABLE diagnostic_report AS
SELECT r.site, s.person, c.code, c.system AS code_system, j ->> '$.status' AS status, moment(j ->> '$.issued') AS issued_at
FROM (SELECT site, j, preferred(j -> '$.code', 'http://snomed.info/sct', 'http://loinc.org') AS c
      FROM resources('DiagnosticReport')) r
JOIN subject s ON s.site = r.site AND s.reference = (r.j ->> '$.subject.reference');

CREATE TABLE allergy_intolerance AS
SELECT r.site, s.person, c.code, j ->> '$.clinicalStatus.coding[0].code' AS clinical_status,
  written_day(j ->> '$.recordedDate') AS recorded_date
FROM (SELECT site, j, preferred(j -> '$.code', 'http://snomed.info/sct', '') AS c
      FROM resources('AllergyIntolerance')) r
JOIN subject s ON s.site = r.site AND s.reference = (r.j ->> '$.patient.reference');

CREATE TABLE age_band AS
SELECT "name:text" AS name, CAST("lo:integer" AS INTEGER) AS lo, CAST("hi:integer" AS INTEGER) AS hi
FROM read_csv('$SCHEMAS/reference/age_band@ESP2013.csv', all_varchar = true);
CREATE TABLE diabetes AS SELECT * FROM read_csv('$SCHEMAS/codelists/diabetes@1.csv', all_varchar = true);
CREATE TABLE hypertension AS SELECT * FROM read_csv('$SCHEMAS/codelists/hypertension@1.csv', all_varchar = true);
CREATE TABLE asthma AS SELECT * FROM read_csv('$SCHEMAS/codelists/asthma@1.csv', all_varchar = true);
