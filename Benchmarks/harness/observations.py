"""Patients and Observations of a set size, made from the seed of `random`."""
import json
import pathlib
import random
import uuid

BYTES = 785
CODES = [
    ("60621009", "Body mass index", "kg/m2", 18, 40), ("27113001", "Body weight", "kg", 45, 120),
    ("50373000", "Body height measure", "cm", 145, 195), ("271649006", "Systolic blood pressure", "mm[Hg]", 95, 175),
    ("43396009", "Haemoglobin A1c level", "mmol/mol", 25, 95), ("364075005", "Heart rate", "/min", 48, 120)]


def check_digit(nine: str) -> int | None:
    """Of an NHS number, modulus 11."""
    digit = 11 - sum(int(d) * w for d, w in zip(nine, range(10, 1, -1))) % 11
    return None if digit == 10 else digit % 11


def write_patients(path: pathlib.Path, count: int) -> list[str]:
    ids, number = [], 999_000_000
    with open(path, "w") as file:
        while len(ids) < count:
            number += 1
            digit = check_digit(str(number))
            if digit is None:
                continue
            ids.append(f"p-{number}")
            file.write(json.dumps({
                "resourceType": "Patient", "id": ids[-1], "gender": random.choice(["female", "male"]),
                "birthDate": f"{random.randint(1930, 2020)}-{random.randint(1, 12):02}-15",
                "identifier": [{"system": "https://fhir.nhs.uk/Id/nhs-number", "value": f"{number}{digit}"}],
            }, separators=(",", ":")) + "\n")
    return ids


def write_observations(path: pathlib.Path, count: int, patients: list[str]) -> None:
    with open(path, "w") as file:
        for _ in range(count):
            code, name, unit, low, high = random.choice(CODES)
            day = f"{random.randint(2010, 2025)}-{random.randint(1, 12):02}-{random.randint(1, 28):02}"
            document = {
                "resourceType": "Observation", "id": str(uuid.UUID(int=random.getrandbits(128))),
                "meta": {"versionId": "1", "lastUpdated": f"{day}T12:30:00.000+00:00"}, "status": "final",
                "category": [{"coding": [{
                    "system": "http://terminology.hl7.org/CodeSystem/observation-category",
                    "code": "vital-signs", "display": "Vital Signs"}]}],
                "code": {"coding": [{"system": "http://snomed.info/sct", "code": code, "display": name}],
                         "text": name},
                "subject": {"reference": f"Patient/{random.choice(patients)}"},
                "encounter": {"reference": f"Encounter/{random.getrandbits(48):012x}"},
                "effectiveDateTime": f"{day}T{random.randint(8, 18):02}:{random.randint(0, 59):02}:00+00:00",
                "valueQuantity": {
                    "value": round(random.uniform(low, high), 1), "unit": unit,
                    "system": "http://unitsofmeasure.org", "code": unit},
                "note": [{"text": ""}]}
            text = json.dumps(document, separators=(",", ":"))
            # Padded to the size of the Observations that the other figures are about.
            document["note"][0]["text"] = "x" * max(0, BYTES - 1 - len(text))
            file.write(json.dumps(document, separators=(",", ":")) + "\n")
