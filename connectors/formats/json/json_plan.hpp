#pragma once

#include <leat/base/schema.hpp>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace leat::json_plan {

/// A field name as it stands in a document, quotes included, made for one comparison without branches with the bytes where
/// the field is expected.
class quoted_name {
public:
  /// Names of more than 30 bytes, and those that JSON may spell in several ways, never match: they are looked up.
  explicit quoted_name(std::string_view name);

  /// Reads 32 bytes from `at` on.
  [[nodiscard]] bool matches(const char* at) const noexcept {
    std::uint64_t difference = 0;
    for (std::size_t i = 0; i < words; ++i) {
      std::uint64_t there;
      std::memcpy(&there, at + i * sizeof there, sizeof there);
      difference |= (there & mask_[i]) ^ name_[i];
    }
    return difference == 0;
  }

private:
  static constexpr std::size_t words = 4;

  std::uint64_t name_[words] = {1}; // what no mask of zeros matches
  std::uint64_t mask_[words] = {};
};

struct record_plan;

/// How values of one type are read.
struct value_plan {
  const field_type* type = nullptr;
  std::unique_ptr<value_plan> element; ///< of optionals and lists
  std::unique_ptr<record_plan> record;
};

/// How one field is read.
struct field_plan {
  explicit field_plan(const field& of) : described{of}, name{of.name} {}

  const field& described;
  quoted_name name;
  value_plan value;
};

/// How records of one schema are read. One record of a schema never contains another one, so `seen` serves one record at a
/// time.
struct record_plan {
  explicit record_plan(const schema& of);

  /// The place of the field with this name; `fields.size()` when there is none.
  [[nodiscard]] std::size_t find(std::string_view name) const noexcept;

  const schema& of;
  std::vector<field_plan> fields;
  std::vector<std::size_t> by_name; ///< places, in the order of the fields' names
  std::vector<std::uint8_t> seen;   ///< which fields the present record has had so far
};

} // namespace leat::json_plan
