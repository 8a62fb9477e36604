#pragma once

#include <leat/base/bytes.hpp>
#include <leat/base/encoded/encoded_type.hpp>

#include <cstdint>

namespace leat {

// What can be done with an encoded value whose type is known as data only. All of it throws `state_error` when the bytes are
// of another type or damaged, and for values that lie more than `max_nesting` deep in one another.
//
// Where an opaque value ends knows only the program that has its type. For a type that was read from text, all that follows
// is taken for it.

/// How deep values may lie in one another.
inline constexpr unsigned max_nesting = 1'000;

/// Reads a value, and checks it.
void read_past(const encoded_type& type, byte_reader& from);

/// Writes the value that is made by default, `T{}`: with the default member initializers of records where the program has
/// the type, otherwise zeros, empty containers and first alternatives.
void write_default(const encoded_type& type, byte_writer& to);

/// Of an unsigned number: one that fits.
[[nodiscard]] std::uint64_t unsigned_value(const encoded_type& type, byte_reader& from);

/// Of a signed number: one that fits.
[[nodiscard]] std::int64_t signed_value(const encoded_type& type, byte_reader& from);

/// Of an enumeration, as its `enumerators` have it.
[[nodiscard]] std::int64_t enumerator_value(const encoded_type& type, byte_reader& from);

/// The type of the alternative that a variant has, of which the index is read.
[[nodiscard]] std::size_t alternative_value(const encoded_type& type, byte_reader& from);

/// Counts how deep a walk through a value is, for as long as it lives.
class nesting {
public:
  explicit nesting(unsigned& depth);
  ~nesting() { --depth_; }
  nesting(const nesting&) = delete;
  nesting& operator=(const nesting&) = delete;

private:
  unsigned& depth_;
};

} // namespace leat
