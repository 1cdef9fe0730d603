// The FHIR room.
