#pragma once

#include <boost/describe.hpp>

#include <cstdint>
#include <string>
#include <vector>

namespace leat {

/// What a checkpoint keeps of a table beside how many rows were read: docs/formats/table_positions.md.
struct table_bookmark {
  std::int32_t version = 1;
  std::string table;             ///< as SQL names it, quoted, with its schema
  std::string condition;         ///< empty: all rows
  std::vector<std::string> key;  ///< columns
  std::vector<std::string> last; ///< their values in the last row that was read, as the server tells them; empty: none was
};
BOOST_DESCRIBE_STRUCT(table_bookmark, (), (version, table, condition, key, last))

[[nodiscard]] std::string to_text(const table_bookmark& mark);

/// @throws state_error when it is none.
[[nodiscard]] table_bookmark table_bookmark_from(const std::string& text);

/// Why a source that reads `now` cannot go on where `saved` was; empty: it can.
[[nodiscard]] std::string explain_other_reading(const table_bookmark& saved, const table_bookmark& now);

} // namespace leat
