#pragma once
// simdjson's DOM parser and zlib's transparent gzip reader, behind plain C.

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct csimdjson_parser csimdjson_parser;

/// What a parse ended with.
enum csimdjson_status {
    CSIMDJSON_OK = 0,
    CSIMDJSON_INVALID = 1,
    CSIMDJSON_TOO_DEEP = 2,
    CSIMDJSON_TOO_LARGE = 3,
    CSIMDJSON_NOT_UTF8 = 4,
};

/// Bytes that must be readable after the end of what is parsed.
size_t csimdjson_padding(void);

/// NULL when out of memory.
csimdjson_parser *csimdjson_new(size_t capacity, size_t max_depth);
void csimdjson_free(csimdjson_parser *parser);

/// Parses one document. On success `tape` and `strings` are simdjson's tape (doc/tape.md) and string buffer:
/// they
/// belong to the parser and are valid until the next parse.
int csimdjson_parse(csimdjson_parser *parser, const uint8_t *json, size_t length, const uint64_t **tape,
                    const uint8_t **strings);

/// The first `byte` in `length` bytes, or NULL.
const uint8_t *cmemory_find(const uint8_t *bytes, uint8_t byte, size_t length);

/// Opens a plain or gzip file for reading; NULL when it cannot be.
void *cgzip_open(const char *path);
/// Bytes read, 0 at the end, -1 when the file is damaged, cut off or unreadable.
long cgzip_read(void *file, void *buffer, unsigned length);
/// Bytes of the file (as stored) consumed so far.
long cgzip_offset(void *file);
void cgzip_close(void *file);

#ifdef __cplusplus
}
#endif
