#pragma once

#include <leat/messages/batch.hpp>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace leat {

/// What is done with the rows that records become.
enum class row_action : std::uint8_t {
  insert, ///< a row whose key is there already is refused
  upsert, ///< and there it is overwritten
};

/// Says which records of a batch stand for rows that are to be removed. One virtual call a batch; made by the typed API. Any thread.
class removal_test {
public:
  virtual ~removal_test() = default;

  /// Appends one entry for each record of `records`, from index `from` on: 0, or 1 for a removal.
  virtual void removals(const batch_base& records, std::size_t from, std::vector<char>& to) const = 0;
};

/// What a user wants of a table.
struct row_options {
  std::string table; ///< as the user names it: "orders", "shop.orders"
  row_action action = row_action::insert;
  std::vector<std::string> columns{}; ///< fields that are written; empty: all
  std::vector<std::string> key{};
  std::vector<std::string> update{};             ///< empty: all that are written but the key
  std::string version{};                         ///< empty: none
  std::shared_ptr<const removal_test> removes{}; ///< null: no record does
};

} // namespace leat
