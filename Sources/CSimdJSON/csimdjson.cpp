#include "csimdjson.h"

#include <cstring>
#include <new>
#include <simdjson.h>
#include <zlib.h>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

struct csimdjson_parser {
    simdjson::dom::parser parser;
};

size_t csimdjson_padding(void) { return simdjson::SIMDJSON_PADDING; }

csimdjson_parser *csimdjson_new(size_t capacity, size_t max_depth) {
    auto *made = new (std::nothrow) csimdjson_parser();
    if (made == nullptr) return nullptr;
    if (made->parser.allocate(capacity, max_depth) != simdjson::SUCCESS) {
        delete made;
        return nullptr;
    }
    return made;
}

void csimdjson_free(csimdjson_parser *parser) { delete parser; }

int csimdjson_parse(csimdjson_parser *parser, const uint8_t *json, size_t length, const uint64_t **tape,
                    const uint8_t **strings) {
    switch (parser->parser.parse(json, length, false).error()) {
    case simdjson::SUCCESS:
        *tape = parser->parser.doc.tape.get();
        *strings = parser->parser.doc.string_buf.get();
        return CSIMDJSON_OK;
    case simdjson::DEPTH_ERROR:
        return CSIMDJSON_TOO_DEEP;
    case simdjson::CAPACITY:
    case simdjson::MEMALLOC:
        return CSIMDJSON_TOO_LARGE;
    case simdjson::UTF8_ERROR:
        return CSIMDJSON_NOT_UTF8;
    default:
        return CSIMDJSON_INVALID;
    }
}

const uint8_t *cmemory_find(const uint8_t *bytes, uint8_t byte, size_t length) {
    return static_cast<const uint8_t *>(memchr(bytes, byte, length));
}

void *cgzip_open(const char *path) {
    // Without waiting: a pipe that nobody writes to would never open.
    int descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (descriptor < 0) return nullptr;
    struct stat facts;
    gzFile file = nullptr;
    if (fstat(descriptor, &facts) == 0 && S_ISREG(facts.st_mode)) file = gzdopen(descriptor, "rb");
    if (file == nullptr) {
        close(descriptor);
        return nullptr;
    }
    gzbuffer(file, 1u << 18);
    return file;
}

long cgzip_read(void *file, void *buffer, unsigned length) {
    gzFile stream = static_cast<gzFile>(file);
    int read = gzread(stream, buffer, length);
    if (read > 0) return read;
    // A stream that is cut off reads as an end of file: only the error tells.
    int code = Z_OK;
    gzerror(stream, &code);
    return read == 0 && code == Z_OK ? 0 : -1;
}

long cgzip_offset(void *file) { return gzoffset(static_cast<gzFile>(file)); }

void cgzip_close(void *file) { gzclose_r(static_cast<gzFile>(file)); }
