#pragma once

// XXH3 of libxxhash, compiled into its callers: the hash of an eight-byte key is a handful of instructions, and runs once
// per record. A build for debugging leaves out the hints to inline: compilers that optimize little refuse some of them.
#define XXH_INLINE_ALL
#ifndef NDEBUG
#define XXH_NO_INLINE_HINTS 1
#endif
#include <xxhash.h> // IWYU pragma: export
